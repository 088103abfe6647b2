//! Minutes and hours: what is counted where, what a restart adds, and what is not known.

use lienthong_core::SignedDuration;
use lienthong_journal::Measure;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn portal() -> SystemId {
    "portal".parse().unwrap()
}

fn kept(vitals: &Vitals, now: Timestamp) -> Vec<Measure> {
    vitals.take_changed(now)
}

#[test]
fn attempts_are_counted_by_what_they_say_of_the_system() {
    let vitals = Vitals::default();
    for ended in [Ended::Answered, Ended::Answered, Ended::Refused, Ended::Failed] {
        vitals.attempt(&portal(), ended, Duration::from_millis(20), at(0));
    }
    vitals.attempt(&portal(), Ended::Answered, Duration::from_secs(9), at(-1_200));
    let recent = vitals.recent(&portal(), at(60));
    assert_eq!((recent.answered, recent.refused, recent.failed), (3, 1, 1), "a clock set back goes on in its minute");
    assert_eq!(recent.last_success, Some(at(0)));
    assert_eq!(vitals.recent(&portal(), at(3_600)).answered, 0);
    assert_eq!(recent.usual_p95, None);
}

#[test]
fn arrivals_and_departures_are_told_from_the_backlog_and_what_left_it() {
    let vitals = Vitals::default();
    vitals.sampled(&portal(), 100, false, at(0));
    assert_eq!(vitals.recent(&portal(), at(10)).rates, None, "one sample is no rate");
    (0..120).for_each(|_| vitals.left(&portal()));
    vitals.sampled(&portal(), 40, false, at(60));
    let rates = vitals.recent(&portal(), at(60)).rates.unwrap();
    assert_eq!((rates.came, rates.went, rates.over), (1.0, 2.0, Duration::from_secs(60)));
    // Thirty were cancelled, which nobody told.
    vitals.sampled(&portal(), 10, false, at(120));
    let rates = vitals.recent(&portal(), at(120)).rates.unwrap();
    assert_eq!((rates.came, rates.went), (0.5, 1.25));
}

#[test]
fn a_minute_is_down_only_if_it_was_whenever_it_was_looked_at() {
    let vitals = Vitals::default();
    // 1_800_000_000 is a whole hour.
    for (seconds, down) in [(0, true), (30, false), (60, true), (70, true), (120, true), (180, false)] {
        vitals.sampled(&portal(), 0, down, at(seconds));
    }
    assert_eq!(vitals.outages(&portal()), [(at(60), at(180))]);
    let downs: Vec<_> = vitals.minutes(&portal()).iter().map(|minute| minute.down).collect();
    assert_eq!(downs, [Some(false), Some(true), Some(true), Some(false)]);
}

#[test]
fn what_was_kept_is_added_to_after_a_restart() {
    let before = Vitals::default();
    before.attempt(&portal(), Ended::Answered, Duration::from_millis(20), at(5));
    before.sampled(&portal(), 3, true, at(5));
    before.came_from(&"one-stop".parse().unwrap(), at(5));
    let written = kept(&before, at(10));
    assert_eq!(written.len(), 2);
    assert!(kept(&before, at(10)).is_empty(), "written once");
    before.put_back(&written);
    assert_eq!(kept(&before, at(10)), written, "and again when that failed");

    let after = Vitals::default();
    let of = |subject: &str| written.iter().filter(|row| row.subject == subject).cloned().collect::<Vec<_>>();
    after.restore_system(&portal(), &of("system/portal"));
    after.restore_client(&"one-stop".parse().unwrap(), &of("client/one-stop"));
    assert_eq!(after.recent(&portal(), at(20)).last_success, Some(at(5)));
    assert_eq!(after.outages(&portal()), [(at(0), at(60))]);
    after.attempt(&portal(), Ended::Failed, Duration::from_millis(20), at(20));
    after.came_from(&"one-stop".parse().unwrap(), at(20));
    let again = kept(&after, at(30));
    let hour =
        again.iter().find(|row| row.subject == "system/portal").map(|row| Hour::read(&row.text).unwrap()).unwrap();
    assert_eq!((hour.answered, hour.failed, hour.attempts()), (1, 1, 2));
    let client = again.iter().find(|row| row.subject == "client/one-stop").unwrap();
    assert_eq!(ClientHour::read(&client.text), Some(ClientHour { messages: 2, last: Some(at(20)) }));
}

#[test]
fn what_is_usual_comes_from_enough_of_earlier_hours() {
    let vitals = Vitals::default();
    (0..199).for_each(|_| vitals.attempt(&portal(), Ended::Answered, Duration::from_millis(100), at(0)));
    assert_eq!(vitals.recent(&portal(), at(3_600)).usual_p95, None);
    vitals.attempt(&portal(), Ended::Answered, Duration::from_millis(100), at(3_000));
    assert_eq!(vitals.recent(&portal(), at(3_650)).usual_p95, None, "told once an hour");
    let usual = vitals.recent(&portal(), at(7_200)).usual_p95.unwrap();
    assert!(usual >= Duration::from_millis(100) && usual < Duration::from_millis(113), "{usual:?}");
}

#[test]
fn hours_older_than_are_kept_are_forgotten() {
    let vitals = Vitals::default();
    vitals.attempt(&portal(), Ended::Answered, Duration::from_millis(20), at(0));
    vitals.came_from(&"one-stop".parse().unwrap(), at(0));
    let later = at(0).saturating_add(SignedDuration::from_hours(24 * (KEPT_DAYS + 1))).unwrap();
    kept(&vitals, later);
    assert!(vitals.outages(&portal()).is_empty());
    assert!(vitals.client_hours(&"one-stop".parse().unwrap()).is_empty());
}
