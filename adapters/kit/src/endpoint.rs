//! Dated end points: hosts, owners and codes change by decree, and the one in use follows from the time. It opens none.

use std::collections::BTreeSet;

use lienthong_core::{Fault, FaultKind, Timestamp, text};

use crate::config::Problems;

/// One end point with the time it is valid.
#[derive(Debug, Clone)]
pub struct Endpoint<T> {
    pub name: String,
    /// First instant of validity; `None`: always was.
    pub from: Option<Timestamp>,
    /// First instant after validity; `None`: until further notice.
    pub until: Option<Timestamp>,
    pub value: T,
}

impl<T> Endpoint<T> {
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

/// End points of one system, side by side.
#[derive(Debug, Clone)]
pub struct Dated<T> {
    all: Vec<Endpoint<T>>,
    active: Option<usize>,
}

impl<T> Dated<T> {
    /// `active` names the end point to use whatever the dates say; a name nobody has is none (see [`check_active`]).
    pub fn new(all: Vec<Endpoint<T>>, active: Option<&str>) -> Self {
        let active = active.and_then(|name| all.iter().position(|one| one.name == name));
        Self { all, active }
    }

    /// The active one, or of those within their dates the latest begun.
    ///
    /// # Errors
    /// `unreachable`, which spends nothing, when none is valid: a date in the configuration is wrong or out of date.
    pub fn at(&self, now: Timestamp) -> Result<&Endpoint<T>, Fault> {
        if let Some(active) = self.active.and_then(|place| self.all.get(place)) {
            return Ok(active);
        }
        self.all.iter().filter(|endpoint| endpoint.is_valid(now)).max_by_key(|endpoint| endpoint.from).ok_or_else(
            || {
                let detail = "no configured end point is valid now; check endpoints' from and until";
                Fault::of(FaultKind::Unreachable, detail)
            },
        )
    }

    pub fn iter(&self) -> impl Iterator<Item = &Endpoint<T>> {
        self.all.iter()
    }
}

/// What configuration says of an end point's name and dates.
#[derive(Debug, Clone, Copy)]
pub struct Dates<'a> {
    pub name: &'a str,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// Problems of the list below `/endpoints`, in its order.
pub fn check_list<'a>(endpoints: impl Iterator<Item = Dates<'a>>, found: &mut Problems) {
    let mut names = BTreeSet::new();
    for (place, Dates { name, from, until }) in endpoints.enumerate() {
        let at = format!("/endpoints/{place}");
        if name.trim().is_empty() {
            found.push((format!("{at}/name"), "is empty".into()));
        }
        if !names.insert(name) {
            found.push((format!("{at}/name"), "is used by another end point too".into()));
        }
        if let (Some(from), Some(until)) = (from, until)
            && from >= until
        {
            found.push((format!("{at}/until"), "must be later than from".into()));
        }
    }
    if names.is_empty() {
        found.push(("/endpoints".into(), "needs at least one end point".into()));
    }
}

/// Whether `/active` names one of them.
pub fn check_active<'a>(active: Option<&str>, mut names: impl Iterator<Item = &'a str>, found: &mut Problems) {
    if let Some(active) = active.filter(|active| !names.any(|name| name == *active)) {
        found.push(("/active".into(), format!("names no end point: {}", text::excerpt(active, 60))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn endpoint(name: &str, from: Option<&str>, until: Option<&str>) -> Endpoint<()> {
        Endpoint { name: name.into(), from: from.map(at), until: until.map(at), value: () }
    }

    fn side_by_side() -> Vec<Endpoint<()>> {
        vec![
            endpoint("old", None, Some("2026-07-01T00:00:00Z")),
            endpoint("new", Some("2026-06-01T00:00:00Z"), Some("2027-01-01T00:00:00Z")),
        ]
    }

    #[test]
    fn the_latest_begun_of_those_within_their_dates_is_used() {
        let dated = Dated::new(side_by_side(), None);
        assert_eq!(dated.at(at("2026-05-31T23:59:59Z")).unwrap().name, "old");
        assert_eq!(dated.at(at("2026-06-01T00:00:00Z")).unwrap().name, "new");
        let fault = dated.at(at("2027-01-01T00:00:00Z")).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unreachable);
    }

    #[test]
    fn an_active_end_point_is_used_whatever_the_dates_say() {
        let dated = Dated::new(side_by_side(), Some("old"));
        assert_eq!(dated.at(at("2030-01-01T00:00:00Z")).unwrap().name, "old");
    }

    #[test]
    fn problems_of_a_list_point_at_their_places() {
        let mut found = Problems::new();
        let dates = |name, from: &str, until: &str| Dates { name, from: Some(at(from)), until: Some(at(until)) };
        let list = [
            dates("a", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
            dates("a", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"),
        ];
        check_list(list.into_iter(), &mut found);
        check_list(std::iter::empty(), &mut found);
        check_active(Some("b"), ["a"].into_iter(), &mut found);
        let pointers: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, ["/endpoints/1/name", "/endpoints/1/until", "/endpoints", "/active"]);
    }
}
