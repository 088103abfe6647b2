//! Ages, dates and drains: what is counted where, and what nobody can tell.

use lienthong_core::SignedDuration;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn waits(state: StateName, class: Class, received: i64, due: Option<i64>) -> OpenDelivery {
    let lead = SignedDuration::from_hours(24);
    let received_at = at(received);
    let due = due.map(at);
    let rank = due.unwrap_or(received_at.saturating_add(lead).unwrap());
    OpenDelivery { system: "portal".parse().unwrap(), class, state, due, rank, received_at, stood: Vec::new() }
}

fn standing(rows: Vec<OpenDelivery>, outages: &[(Timestamp, Timestamp)]) -> SystemBacklog {
    let near = at(4 * 3600);
    let of = |_: &SystemId| Clockwork { outages, calendar: None, now: at(0), near };
    let open = OpenDeliveries { rows, truncated: false };
    Standing::of(open, at(0), of).systems.into_values().next().map(Arc::unwrap_or_clone).unwrap_or_default()
}

#[test]
fn a_backlog_is_told_by_age_and_by_date() {
    use StateName::{Parked, Queued, Waiting};
    let backlog = standing(
        vec![
            waits(Queued, Class::Live, -5, Some(9_000)),
            waits(Queued, Class::Live, -1_200, None),
            waits(Waiting, Class::Live, -90_000, Some(-60)),
            waits(Parked, Class::Live, -9_000_000, Some(60)),
            waits(Queued, Class::Bulk, -5, Some(90_000)),
        ],
        &[],
    );
    assert_eq!(backlog.ages, [2, 1, 0, 0, 1, 1]);
    assert_eq!(backlog.oldest, Some(at(-9_000_000)));
    assert_eq!((backlog.overdue, backlog.near, backlog.later, backlog.undated), (1, 2, 1, 1));
    assert_eq!((backlog.parked_at_risk, backlog.bulk), (1, 1));
    // By date, bulk last; what is overdue or undated holds its place.
    assert_eq!(backlog.queue, [None, Some(at(9_000)), None, Some(at(90_000))]);
}

#[test]
fn a_date_is_no_more_overdue_than_the_outage_allows() {
    let down = [(at(-120), at(0))];
    let backlog = standing(vec![waits(StateName::Queued, Class::Live, -600, Some(-60))], &down);
    assert_eq!((backlog.overdue, backlog.near), (0, 1));
    assert_eq!(backlog.queue, [Some(at(60))]);
}

#[test]
fn dates_that_pass_before_their_turn_are_missed() {
    let rows = (0..100).map(|n| waits(StateName::Queued, Class::Live, -5, Some(10 + n))).collect();
    let backlog = standing(rows, &[]);
    assert_eq!(backlog.will_miss(at(0), 10.0), 0);
    // One a second: the nth goes at n + 1 and is due at 10 + n.
    assert_eq!(backlog.will_miss(at(0), 1.0), 0);
    // Half as fast: those from the tenth on come too late.
    assert_eq!(backlog.will_miss(at(0), 0.5), 91);
    assert_eq!(backlog.will_miss(at(0), 1e-9), 100);
}

#[test]
fn a_drain_is_told_only_where_it_can_be() {
    let rates = |came, went| Some(Rates { came, went, over: Duration::from_secs(600) });
    assert_eq!(drain(0, None, at(0)), Drain::Nothing);
    assert_eq!(drain(5, None, at(0)), Drain::Unknown(Why::NotMeasured));
    assert_eq!(drain(5, rates(1.0, 0.0), at(0)), Drain::Unknown(Why::NothingGoes));
    assert_eq!(drain(100, rates(0.5, 1.5), at(0)), Drain::At(at(100)));
    assert_eq!(drain(100, rates(1.5, 1.5), at(0)), Drain::Never);
    assert_eq!(drain(u64::MAX, rates(0.0, 0.001), at(0)), Drain::Never);
}
