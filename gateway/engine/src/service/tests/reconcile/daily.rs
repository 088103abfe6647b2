//! The runs of every day on the clock: at their time, once a day, over restarts; and the end of one whose file never comes.

use super::*;
use crate::reconcile::DailySpec;

const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

/// At nine in Vietnam; the worlds begin at eight.
fn daily() -> Spec {
    let daily = DailySpec {
        at: jiff::civil::time(9, 0, 0, 0),
        file: "list-{day}.csv".to_owned(),
        there: None,
        days: 2,
        wait: 3 * HOUR,
    };
    Spec { daily: Some(daily), ..spec() }
}

impl World {
    /// The days of every run there is after a look for what is due.
    async fn due(&self) -> Vec<String> {
        self.service.begin_due_reconciliations().await.unwrap();
        let views = self.service.reconciliations().await.unwrap();
        assert!(views.iter().all(|view| view.run.by == "gateway" && view.run.from_files), "{views:?}");
        views.iter().map(|view| format!("{}/{}", view.run.from, view.run.to)).collect()
    }
}

#[tokio::test]
async fn a_daily_run_begins_at_its_time_once_a_day_and_over_restarts() {
    let world = world_of(daily()).await;
    let (first, second) = ("2025-01-13/2025-01-14", "2025-01-14/2025-01-15");
    assert!(world.due().await.is_empty());
    world.clock.advance(59 * MINUTE);
    assert!(world.due().await.is_empty(), "not before its time");
    world.clock.advance(MINUTE);
    assert_eq!(world.due().await, [first]);
    assert_eq!(world.due().await, [first], "once");
    world.clock.advance(12 * HOUR);
    let world = world.restarted(routes()).await;
    world.reconcile(daily());
    assert_eq!(world.due().await, [first], "once, over a restart too");
    world.clock.advance(11 * HOUR + 58 * MINUTE);
    assert_eq!(world.due().await, [first], "the next day not before its time");
    world.clock.advance(3 * MINUTE);
    assert_eq!(world.due().await, [first, second]);
    // Away at its time, and for more than a day.
    let world = world.restarted(routes()).await;
    world.clock.advance(36 * HOUR);
    world.reconcile(daily());
    let third = "2025-01-15/2025-01-16";
    assert_eq!(world.due().await, [first, second, third], "late, for the day before");
    // Away from its time until after midnight.
    world.clock.advance(35 * HOUR);
    assert_eq!(world.due().await, [first, second, third, "2025-01-16/2025-01-17"], "late, for the day it was due for");
    world.clock.advance(HOUR);
    assert_eq!(world.due().await.len(), 5, "and on time again");
}

#[tokio::test]
async fn a_run_whose_file_never_comes_waits_as_long_as_configured_and_says_who_must_act() {
    let world = world_of(daily()).await;
    world.clock.advance(HOUR);
    world.due().await;
    let view = world.service.reconciliations().await.unwrap().pop().unwrap();
    world.clock.advance(2 * HOUR + 59 * MINUTE);
    assert!(!world.service.has_waited(&view.run, 3 * HOUR));
    let world = world.restarted(routes()).await;
    world.clock.advance(2 * MINUTE);
    assert!(world.service.has_waited(&view.run, 3 * HOUR), "it waits no longer because of a restart");
    world.service.end_without_file(&view.id, "/exports/list.csv", "the list is not there").await.unwrap();
    let view = world.service.a_reconciliation(&view.id).await.unwrap();
    assert_eq!((view.run.phase, view.run.missing.as_deref()), (Phase::Failed, Some("/exports/list.csv")));
    assert!(view.run.because.unwrap().contains("the province's system has to write it"));
    // Another look, or a person who stopped it, changes nothing.
    world.service.end_without_file(&view.id, "/exports/other.csv", "the list is not there").await.unwrap();
    assert_eq!(world.service.a_reconciliation(&view.id).await.unwrap().version, view.version);
}

#[tokio::test]
async fn a_run_that_ends_without_its_file_keeps_no_rows_of_a_list_it_had_taken() {
    let world = world_of(daily()).await;
    world.clock.advance(HOUR);
    for end in ["missing", "half"] {
        world.clock.advance(24 * HOUR);
        world.due().await;
        let view = world.service.reconciliations().await.unwrap().pop().unwrap();
        let view = world.hand(&view, Side::Here, 1, "H56.14-250115-0001,9,\n").await;
        assert_eq!((view.run.here.rows, pieces(&world).await), (1, 1));
        match end {
            "missing" => {
                world.service.end_without_file(&view.id, "/exports/there.csv", "it is not there").await.unwrap()
            }
            _half => world.service.end_with_half_a_file(&view.id, "it is still being written").await.unwrap(),
        }
        let view = world.service.a_reconciliation(&view.id).await.unwrap();
        assert_eq!(
            (view.run.phase, view.run.missing.is_some(), pieces(&world).await),
            (Phase::Failed, end == "missing", 0)
        );
    }
}
