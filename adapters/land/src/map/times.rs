//! The land office's times: ISO 8601, in UTC unless configured otherwise; a zone that is written counts. It reads no clock.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use lienthong_core::Timestamp;

use crate::config::Zone;

/// Asia/Ho_Chi_Minh has been UTC+7 without summer time since 1975; a fixed offset needs no zone files.
const HERE: Offset = Offset::constant(7);

/// `2025-01-15T01:30:00Z`, or `2025-01-15T08:30:00` in local time; whole seconds. `None` for years the form cannot write.
pub(crate) fn written(at: Timestamp, zone: Zone) -> Option<String> {
    let (offset, mark) = match zone {
        Zone::Utc => (Offset::UTC, "Z"),
        Zone::Local => (HERE, ""),
    };
    let time = offset.to_datetime(at);
    (1..=9999).contains(&time.year()).then(|| format!("{}{mark}", time.strftime("%Y-%m-%dT%H:%M:%S")))
}

/// What came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// Blank, or .NET's zero (`0001-01-01T00:00:00`), which stands for none.
    Nothing,
    At(Timestamp),
    /// A text that is no time.
    Unreadable,
}

/// Reads a time; one without zone means `zone`.
pub(crate) fn read(text: &str, zone: Zone) -> Read {
    let text = text.trim();
    if text.is_empty() || text.starts_with("0001-01-01") {
        return Read::Nothing;
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Read::At(at);
    }
    let offset = match zone {
        Zone::Utc => Offset::UTC,
        Zone::Local => HERE,
    };
    // A day alone is no time: midnight in UTC would be seven in the morning here.
    let has_time = text.contains(['T', 't', ' ']);
    let time = if has_time { text.parse::<DateTime>().ok() } else { None };
    match time.and_then(|time| offset.to_timestamp(time).ok()) {
        Some(at) => Read::At(at),
        None => Read::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_utc_both_ways_and_seven_hours_behind_the_clock_on_the_wall() {
        let on_the_wall = at("2025-01-15T08:30:00+07:00");
        assert_eq!(written(on_the_wall, Zone::Utc).as_deref(), Some("2025-01-15T01:30:00Z"));
        assert_eq!(read("2025-01-15T01:30:00Z", Zone::Utc), Read::At(on_the_wall));
        assert_eq!(read("2025-01-15T01:30:00", Zone::Utc), Read::At(on_the_wall), "without zone it is UTC as well");
        let next_day = at("2025-06-30T17:00:00Z");
        assert_eq!(written(next_day, Zone::Local).as_deref(), Some("2025-07-01T00:00:00"));
        assert_eq!(read("2025-07-01T00:00:00", Zone::Local), Read::At(next_day));
    }

    #[test]
    fn a_written_zone_counts_whatever_is_configured() {
        for zone in [Zone::Utc, Zone::Local] {
            assert_eq!(read("2025-01-15T08:30:00+07:00", zone), Read::At(at("2025-01-15T01:30:00Z")));
            assert_eq!(read("2025-01-15T01:30:00.1234567Z", zone), Read::At(at("2025-01-15T01:30:00.1234567Z")));
        }
    }

    #[test]
    fn the_zero_of_net_is_no_time_and_a_bad_date_is_never_a_date() {
        assert_eq!(read("0001-01-01T00:00:00", Zone::Utc), Read::Nothing);
        assert_eq!(read("0001-01-01T00:00:00Z", Zone::Utc), Read::Nothing);
        assert_eq!(read(" ", Zone::Utc), Read::Nothing);
        for bad in ["2025-02-30T00:00:00Z", "2014/02/30", "2025-01-15", "hôm qua", "2025-01-15T25:00:00"] {
            assert_eq!(read(bad, Zone::Utc), Read::Unreadable, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_time_survives_its_own_text(second in -62_100_000_000i64..253_402_200_000) {
            let at = Timestamp::from_second(second).unwrap();
            for zone in [Zone::Utc, Zone::Local] {
                prop_assert_eq!(read(&written(at, zone).unwrap(), zone), Read::At(at));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _read = (read(&text, Zone::Utc), read(&text, Zone::Local));
        }
    }
}
