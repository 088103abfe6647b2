//! The integers that stand for enums in rows. They never change meaning; a new variant takes a new number.

use lienthong_core::delivery::OnParked;
use lienthong_core::{Class, ContentType, StateName, Timestamp, Verify};

use super::fail::{Fail, corrupt};
use crate::record::EventKind;

/// Microseconds since 1970: what rows hold. Anything finer is cut.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

pub(super) fn instant(micros: i64) -> Result<Timestamp, Fail> {
    Timestamp::from_microsecond(micros).map_err(|_| corrupt("a time", micros))
}

pub(super) fn state_code(state: StateName) -> i64 {
    match state {
        StateName::Queued => 0,
        StateName::Waiting => 1,
        StateName::InFlight => 2,
        StateName::Verifying => 3,
        StateName::Delivered => 4,
        StateName::Parked => 5,
        StateName::Cancelled => 6,
        StateName::Discarded => 7,
        StateName::Superseded => 8,
    }
}

pub(super) fn state(code: i64) -> Result<StateName, Fail> {
    StateName::ALL.into_iter().find(|name| state_code(*name) == code).ok_or_else(|| corrupt("a state", code))
}

pub(super) fn class_code(class: Class) -> i64 {
    match class {
        Class::Live => 0,
        Class::Bulk => 1,
    }
}

pub(super) fn class(code: i64) -> Result<Class, Fail> {
    match code {
        0 => Ok(Class::Live),
        1 => Ok(Class::Bulk),
        other => Err(corrupt("a class", other)),
    }
}

pub(super) fn verify_code(how: Verify) -> i64 {
    match how {
        Verify::Repeat => 0,
        Verify::Lookup => 1,
    }
}

pub(super) fn verify(code: i64) -> Result<Verify, Fail> {
    match code {
        0 => Ok(Verify::Repeat),
        1 => Ok(Verify::Lookup),
        other => Err(corrupt("a way to verify", other)),
    }
}

pub(super) fn on_parked_code(choice: OnParked) -> i64 {
    match choice {
        OnParked::Hold => 0,
        OnParked::Skip => 1,
    }
}

pub(super) fn on_parked(code: i64) -> Result<OnParked, Fail> {
    match code {
        0 => Ok(OnParked::Hold),
        1 => Ok(OnParked::Skip),
        other => Err(corrupt("a choice of what parking does", other)),
    }
}

pub(super) fn content_type_code(content_type: ContentType) -> i64 {
    match content_type {
        ContentType::Json => 1,
        ContentType::Xml => 2,
        ContentType::Text => 3,
        ContentType::Binary => 4,
    }
}

pub(super) fn content_type(code: i64) -> Result<ContentType, Fail> {
    match code {
        1 => Ok(ContentType::Json),
        2 => Ok(ContentType::Xml),
        3 => Ok(ContentType::Text),
        4 => Ok(ContentType::Binary),
        other => Err(corrupt("a content type", other)),
    }
}

const EVENT_KINDS: [EventKind; 17] = [
    EventKind::Accepted,
    EventKind::Admitted,
    EventKind::Delivered,
    EventKind::Waiting,
    EventKind::Verifying,
    EventKind::Parked,
    EventKind::Released,
    EventKind::Discarded,
    EventKind::Cancelled,
    EventKind::Superseded,
    EventKind::InboxLeased,
    EventKind::GateChanged,
    EventKind::SystemSet,
    EventKind::ConfigurationLoaded,
    EventKind::Recognised,
    EventKind::MemoChanged,
    EventKind::Amended,
];

pub(super) fn event_kind_code(kind: EventKind) -> i64 {
    match kind {
        EventKind::Accepted => 1,
        EventKind::Admitted => 2,
        EventKind::Delivered => 3,
        EventKind::Waiting => 4,
        EventKind::Verifying => 5,
        EventKind::Parked => 6,
        EventKind::Released => 7,
        EventKind::Discarded => 8,
        EventKind::Cancelled => 9,
        EventKind::Superseded => 10,
        EventKind::InboxLeased => 11,
        EventKind::GateChanged => 12,
        EventKind::SystemSet => 13,
        EventKind::ConfigurationLoaded => 14,
        EventKind::Recognised => 15,
        EventKind::MemoChanged => 16,
        EventKind::Amended => 17,
    }
}

pub(super) fn event_kind(code: i64) -> Result<EventKind, Fail> {
    EVENT_KINDS.into_iter().find(|kind| event_kind_code(*kind) == code).ok_or_else(|| corrupt("an event kind", code))
}

/// A column that holds a count or an ordinal.
pub(super) fn count32(value: i64) -> Result<u32, Fail> {
    u32::try_from(value).map_err(|_| corrupt("a count", value))
}

pub(super) fn count64(value: i64) -> Result<u64, Fail> {
    u64::try_from(value).map_err(|_| corrupt("a count", value))
}

/// A length as rows hold it.
pub(super) fn length(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back() {
        for name in StateName::ALL {
            assert_eq!(state(state_code(name)).unwrap(), name);
        }
        for kind in EVENT_KINDS {
            assert_eq!(event_kind(event_kind_code(kind)).unwrap(), kind);
        }
        for kind in [ContentType::Json, ContentType::Xml, ContentType::Text, ContentType::Binary] {
            assert_eq!(content_type(content_type_code(kind)).unwrap(), kind);
        }
        assert!(state(99).is_err() && class(9).is_err() && verify(9).is_err() && on_parked(9).is_err());
    }
}
