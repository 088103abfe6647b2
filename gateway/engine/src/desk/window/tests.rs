//! Windows over midnight, over one another and over their ends, in Vietnam's time.

use jiff::civil::time;

use super::*;

fn at(text: &str) -> Timestamp {
    // 2 March 2026 is a Monday.
    format!("2026-03-{text}:00+07:00").parse().unwrap()
}

fn once(from: &str, until: &str) -> When {
    When::Once { from: at(from), until: at(until) }
}

fn nights(days: &[Day]) -> When {
    When::Weekly { days: days.to_vec(), from: time(22, 0, 0, 0), until: time(5, 0, 0, 0) }
}

fn kept(when: When, reason: &str) -> Window {
    Window {
        system: "portal".parse().unwrap(),
        when,
        reason: reason.to_owned(),
        by: "lan".to_owned(),
        at: at("01T08:00"),
    }
}

#[test]
fn a_night_belongs_to_the_day_it_begins_on() {
    let mondays = nights(&[Day::Mon]);
    for (now, opens) in [
        ("02T21:59", Some(("02T22:00", "03T05:00"))),
        ("03T04:59", Some(("02T22:00", "03T05:00"))),
        ("03T05:00", Some(("09T22:00", "10T05:00"))),
    ] {
        assert_eq!(mondays.opening(at(now)), opens.map(|(from, until)| (at(from), at(until))), "{now}");
    }
    // Sunday evening in Greenwich is Monday morning here.
    assert_eq!(nights(&[Day::Sun]).open_until("2026-03-01T18:00:00Z".parse().unwrap()), Some(at("02T05:00")));
}

#[test]
fn a_single_window_is_open_once() {
    let window = once("02T10:00", "02T11:00");
    assert_eq!(window.open_until(at("02T09:59")), None);
    assert_eq!(window.open_until(at("02T10:00")), Some(at("02T11:00")));
    assert_eq!((window.open_until(at("02T11:00")), window.opening(at("02T11:00"))), (None, None));
}

#[test]
fn windows_that_overlap_or_follow_are_one() {
    let configured = [MaintenanceWindow::Daily { from: time(22, 0, 0, 0), until: time(23, 0, 0, 0) }];
    let windows = [kept(once("02T22:30", "02T23:30"), "long"), kept(once("02T23:30", "03T01:00"), "longer")];
    let found = open(&configured, &windows, at("02T22:10")).unwrap();
    assert_eq!((found.until, found.reason), (at("03T01:00"), None));
    let found = open(&configured, &windows, at("02T22:40")).unwrap();
    assert_eq!(found.reason.as_deref(), Some("long"), "an operator's word stands first");
    assert_eq!(open(&configured, &windows, at("03T01:00")), None);
    assert_eq!(open(&configured, &[], at("02T22:10")).unwrap().until, at("02T23:00"));
}

#[test]
fn windows_without_end_end_somewhere_and_empty_ones_never_open() {
    let always = kept(When::Weekly { days: Day::ALL.to_vec(), from: time(0, 0, 0, 0), until: time(23, 59, 0, 0) }, "a");
    let rest = kept(When::Weekly { days: Day::ALL.to_vec(), from: time(23, 59, 0, 0), until: time(0, 0, 0, 0) }, "b");
    assert!(open(&[], &[always, rest], at("02T12:00")).unwrap().until > at("20T00:00"));
    let empty = [MaintenanceWindow::Daily { from: time(8, 0, 0, 0), until: time(8, 0, 0, 0) }];
    assert_eq!(open(&empty, &[], at("02T08:00")), None);
}

#[test]
fn a_window_is_read_as_people_write_it() {
    let days = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let read = |names: &[&str], from, until| When::read(&days(names), from, until);
    assert_eq!(read(&["mon"], "22:00", "05:00"), Ok(nights(&[Day::Mon])));
    assert_eq!(read(&[], "2026-03-02T10:00", "2026-03-02T04:00:00Z"), Ok(once("02T10:00", "02T11:00")));
    for (names, from, until, field) in [
        (&["monday"][..], "22:00", "05:00", "/days"),
        (&["mon"], "25:00", "05:00", "/from"),
        (&["mon"], "22:00", "", "/until"),
        (&[], "22:00", "2026-03-02T10:00", "/from"),
    ] {
        assert_eq!(read(names, from, until).unwrap_err().0, field);
    }
}

#[test]
fn what_makes_no_sense_is_told_by_its_field() {
    let now = at("02T12:00");
    let field = |when: When| when.problem(now).map(|(field, _)| field);
    assert_eq!(field(once("02T13:00", "02T13:00")), Some("/until"));
    assert_eq!(field(once("01T13:00", "02T12:00")), Some("/until"));
    assert_eq!(field(When::Once { from: now, until: at("31T13:00").saturating_add(LONGEST).unwrap() }), Some("/until"));
    assert_eq!(field(nights(&[])), Some("/days"));
    let same = When::Weekly { days: vec![Day::Mon], from: time(1, 0, 0, 0), until: time(1, 0, 0, 0) };
    assert_eq!(field(same), Some("/until"));
    assert_eq!(field(once("02T11:00", "02T13:00")), None);
    assert_eq!(field(nights(&[Day::Mon])), None);
}
