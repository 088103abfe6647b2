//! Laws of flows and their time: the past decides, pauses do not count, ends are final.

use std::time::Duration;

use jiff::civil::{Weekday, date, time};
use lienthong_core::SignedDuration;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    format!("{text}+07:00").parse().unwrap()
}

fn office() -> Calendar {
    Calendar {
        days: vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday],
        hours: vec![(time(7, 30, 0, 0), time(11, 30, 0, 0)), (time(13, 0, 0, 0), time(17, 0, 0, 0))],
        holidays: [date(2026, 1, 1)].into(),
        also: [date(2026, 1, 10)].into(),
    }
}

fn step(name: &str, after: &[&str], within: Option<&str>) -> StepSpec {
    StepSpec {
        name: name.to_owned(),
        line: 1,
        completed_by: Vec::new(),
        after: after.iter().map(|name| (*name).to_owned()).collect(),
        within: within.map(|text| text.parse().unwrap()),
        who_acts: "the land office".to_owned(),
        repeats: false,
    }
}

/// slip → notice → payment → result; the notice may come again, and the payment with it.
fn flow() -> FlowSpec {
    let on = MatchSpec { operation: "portal.x".parse().unwrap(), on: On::Accepted, when: None };
    FlowSpec {
        name: "land".to_owned(),
        summary: String::new(),
        file: "flows/land.yaml".to_owned(),
        line: 1,
        begins: vec![on.clone()],
        steps: vec![
            step("slip", &[], Some("2wd")),
            StepSpec { repeats: true, ..step("notice", &["slip"], Some("3d")) },
            StepSpec { repeats: true, ..step("payment", &["notice"], None) },
            step("result", &["payment"], Some("16wh")),
        ],
        pauses: vec![on.clone()],
        resumes: vec![on.clone()],
        ends: vec![EndSpec { name: "withdrawn".to_owned(), on }],
        calendar: Some(Arc::new(office())),
    }
}

fn standing(marks: &[(&str, Role)], now: &str) -> Standing {
    let marks: Vec<Mark> = marks.iter().map(|(text, role)| Mark { at: at(text), role: *role }).collect();
    fold(&flow(), &marks, at(now)).unwrap()
}

fn states(standing: &Standing) -> Vec<StepState> {
    standing.steps.iter().map(|step| step.state).collect()
}

use Role::{Begins, Completes, Ends, Pauses, Resumes};
use StepState::{Ahead, Done, Late, Paused, Skipped, Waiting};

#[test]
fn working_time_skips_nights_weekends_and_holidays_and_counts_exchanged_days() {
    let office = office();
    let after = |from: &str, hours: u64| office.after(at(from), Duration::from_secs(hours * 3600)).to_string();
    assert_eq!(office.a_day(), Duration::from_secs(8 * 3600));
    // Wednesday the 31st at 16:00: an hour that day, New Year's Day off, the rest on Friday.
    assert_eq!(after("2025-12-31T16:00:00", 3), at("2026-01-02T09:30:00").to_string());
    assert_eq!(after("2026-01-03T12:00:00", 1), at("2026-01-05T08:30:00").to_string());
    // Saturday the 10th is worked.
    assert_eq!(after("2026-01-09T17:00:00", 8), at("2026-01-10T17:00:00").to_string());
    assert_eq!(after("2026-01-05T11:00:00", 1), at("2026-01-05T13:30:00").to_string());
}

#[test]
fn a_length_is_read_in_its_unit_and_nothing_else() {
    assert_eq!("2wd".parse(), Ok(Within::WorkingDays(2)));
    assert_eq!("16wh".parse(), Ok(Within::WorkingHours(16)));
    assert_eq!("30m".parse(), Ok(Within::Clock(Duration::from_secs(1800))));
    for bad in ["", "2", "0d", "2 wd", "-1d", "2ww", "99999999999h"] {
        assert!(bad.parse::<Within>().is_err(), "{bad}");
    }
}

#[test]
fn each_step_waits_for_those_before_it_and_is_late_after_its_time() {
    let begun = [("2026-01-05T08:00:00", Begins)];
    let now = standing(&begun, "2026-01-05T09:00:00");
    let (since, due) = (at("2026-01-05T08:00:00"), at("2026-01-07T08:00:00"));
    assert_eq!(states(&now), [Waiting { since, due: Some(due) }, Ahead, Ahead, Ahead]);
    assert_eq!(states(&standing(&begun, "2026-01-07T08:00:01"))[0], Late { since, due });
    let slip = [begun[0], ("2026-01-08T10:00:00", Completes(0))];
    let now = standing(&slip, "2026-01-09T08:00:00");
    let since = at("2026-01-08T10:00:00");
    assert_eq!(states(&now)[..2], [Done { at: since }, Waiting { since, due: Some(at("2026-01-11T10:00:00")) }]);
    assert_eq!((now.ended, now.steps[1].who_acts.as_str()), (None, "the land office"));
}

#[test]
fn time_stands_still_in_a_pause() {
    let marks =
        [("2026-01-05T08:00:00", Begins), ("2026-01-05T09:00:00", Completes(0)), ("2026-01-06T09:00:00", Pauses)];
    let since = at("2026-01-05T09:00:00");
    let paused = standing(&marks, "2026-03-01T08:00:00");
    assert_eq!((states(&paused)[1], paused.paused_since), (Paused { since }, Some(at("2026-01-06T09:00:00"))));
    let resumed = [marks[0], marks[1], marks[2], ("2026-02-06T09:00:00", Resumes)];
    // One of three days had passed.
    let due = at("2026-02-08T09:00:00");
    assert_eq!(states(&standing(&resumed, "2026-02-07T00:00:00"))[1], Waiting { since, due: Some(due) });
    assert_eq!(states(&standing(&resumed, "2026-02-08T09:00:01"))[1], Late { since, due });
}

#[test]
fn what_was_late_before_a_pause_stays_late_in_it() {
    let marks = [("2026-01-05T08:00:00", Begins), ("2026-01-08T08:00:00", Pauses)];
    assert!(matches!(states(&standing(&marks, "2026-01-09T08:00:00"))[0], Late { .. }));
}

#[test]
fn a_step_that_repeats_opens_what_comes_after_it_again() {
    let round = [
        ("2026-01-05T08:00:00", Begins),
        ("2026-01-05T09:00:00", Completes(0)),
        ("2026-01-05T10:00:00", Completes(1)),
        ("2026-01-05T11:00:00", Completes(2)),
    ];
    let again = [round[0], round[1], round[2], round[3], ("2026-01-06T10:00:00", Completes(1))];
    let now = standing(&again, "2026-01-06T11:00:00");
    let since = at("2026-01-06T10:00:00");
    assert_eq!(states(&now)[1..3], [Done { at: since }, Waiting { since, due: None }]);
    assert_eq!(now.steps[1].times, 2);
    assert_eq!(states(&standing(&round, "2026-01-06T11:00:00"))[2], Done { at: at("2026-01-05T11:00:00") });
}

#[test]
fn a_flow_that_went_on_without_a_step_does_not_wait_for_it() {
    let marks = [("2026-01-05T08:00:00", Begins), ("2026-01-05T10:00:00", Completes(2))];
    let now = standing(&marks, "2026-02-05T08:00:00");
    assert_eq!(states(&now)[..3], [Skipped, Skipped, Done { at: at("2026-01-05T10:00:00") }]);
    let done = [marks[0], marks[1], ("2026-01-06T10:00:00", Completes(3))];
    let now = standing(&done, "2026-02-05T08:00:00");
    assert_eq!(now.ended, Some(Ended { at: at("2026-01-06T10:00:00"), by: None }));
}

#[test]
fn an_early_end_is_final_until_it_begins_anew() {
    let marks =
        [("2026-01-05T08:00:00", Begins), ("2026-01-06T08:00:00", Ends(0)), ("2026-01-07T08:00:00", Completes(0))];
    let now = standing(&marks, "2026-02-05T08:00:00");
    assert_eq!(now.ended, Some(Ended { at: at("2026-01-06T08:00:00"), by: Some("withdrawn".to_owned()) }));
    assert_eq!(states(&now), [Skipped; 4]);
    let anew = [marks[0], marks[1], ("2026-01-08T08:00:00", Begins)];
    let now = standing(&anew, "2026-01-08T09:00:00");
    assert_eq!((now.began_at, now.ended), (at("2026-01-08T08:00:00"), None));
}

#[test]
fn nothing_stands_before_the_beginning() {
    let mark = Mark { at: at("2026-01-05T08:00:00"), role: Completes(0) };
    assert_eq!(fold(&flow(), &[mark], at("2026-02-05T08:00:00")), None);
}

fn marks() -> impl Strategy<Value = Vec<Mark>> {
    let role = prop_oneof![Just(Begins), (0_usize..4).prop_map(Completes), Just(Pauses), Just(Resumes), Just(Ends(0)),];
    prop::collection::vec((0_i64..60 * 24, role), 0..14).prop_map(|mut marks| {
        marks.sort_by_key(|(hour, _)| *hour);
        let start = at("2026-01-05T08:00:00");
        marks.into_iter().map(|(hour, role)| Mark { at: start + SignedDuration::from_hours(hour), role }).collect()
    })
}

proptest! {
    #[test]
    fn time_alone_only_makes_what_waits_late(marks in marks(), hours in 0_i64..2000, more in 0_i64..2000) {
        let last = marks.last().map_or(at("2026-01-05T08:00:00"), |mark| mark.at);
        let (first, later) = (last + SignedDuration::from_hours(hours), last + SignedDuration::from_hours(hours + more));
        if let (Some(before), Some(after)) = (fold(&flow(), &marks, first), fold(&flow(), &marks, later)) {
            for (before, after) in states(&before).into_iter().zip(states(&after)) {
                match (before, after) {
                    (Waiting { since, due: Some(due) }, Late { since: same, due: same_due }) => {
                        prop_assert_eq!((since, due), (same, same_due));
                        prop_assert!(due < later && due >= first);
                    }
                    (before, after) => prop_assert_eq!(before, after),
                }
            }
        }
    }

    #[test]
    fn an_ended_flow_expects_nothing_and_a_paused_one_is_in_no_hurry(marks in marks(), hours in 0_i64..5000) {
        let now = at("2026-01-05T08:00:00") + SignedDuration::from_hours(hours);
        if let Some(standing) = fold(&flow(), &marks, now) {
            for state in states(&standing) {
                if standing.ended.is_some() {
                    let over = matches!(state, Done { .. } | Skipped);
                    prop_assert!(over);
                }
                if let (Some(paused), Late { due, .. }) = (standing.paused_since, state) {
                    prop_assert!(due <= paused);
                }
                let waits = matches!(state, Waiting { .. });
                prop_assert!(!(waits && standing.paused_since.is_some()));
            }
        }
    }

    #[test]
    fn the_future_does_not_count(marks in marks(), cut in 0_i64..60 * 24) {
        let now = at("2026-01-05T08:00:00") + SignedDuration::from_hours(cut);
        let past: Vec<Mark> = marks.iter().copied().filter(|mark| mark.at <= now).collect();
        prop_assert_eq!(fold(&flow(), &marks, now), fold(&flow(), &past, now));
    }

    #[test]
    fn working_time_forth_and_back(hours in 0_i64..2000, working in 1_u64..400) {
        let office = office();
        let from = at("2026-01-05T08:00:00") + SignedDuration::from_hours(hours);
        let length = Duration::from_secs(working * 900);
        prop_assert_eq!(office.between(from, office.after(from, length)), length);
    }
}
