//! Who goes first: live before bulk, small clients beside big ones, what is due before what is not.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{Class, ClientId, SignedDuration, StateName};

use super::rig::{Message, Rig, message, portal_id, start_of_time};
use crate::config::{BulkPolicy, ClientPolicy, RatePolicy, SystemPolicy};

fn one_at_a_time() -> SystemPolicy {
    SystemPolicy { concurrency: NonZeroU32::MIN, ..SystemPolicy::default() }
}

fn many(client: &'static str, count: usize) -> Vec<Message> {
    (0..count).map(|n| Message { client, ..message(format!("{client}-{n}")) }).collect()
}

/// Submits while nothing is sent, so that order is decided by the dispatcher alone.
async fn submit_paused(rig: &Rig, messages: Vec<Message>) {
    rig.dispatcher.set_paused(&portal_id(), true, None);
    rig.submit_all(messages).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    rig.dispatcher.set_paused(&portal_id(), false, None);
}

#[tokio::test(start_paused = true)]
async fn a_slow_client_beside_a_flooding_one_waits_for_its_turn_only() {
    let rig = Rig::start(one_at_a_time()).await;
    rig.submit_all(many("flooding", 5_000)).await;
    rig.until("the flood is on its way", |rig| rig.portal.count() > 100).await;
    let before = rig.portal.count();
    let slow = rig.submit(Message { client: "slow", ..message("slow-1") }).await;
    rig.until_state(slow, StateName::Delivered).await;
    let waited = rig.portal.count() - before;
    assert!(waited <= 6, "{waited} of the flood went before it");
}

#[tokio::test(start_paused = true)]
async fn clients_share_by_weight() {
    let rig = Rig::start(one_at_a_time()).await;
    let mut config = super::rig::configuration(one_at_a_time(), rig.config.load().adapters[&portal_id()].clone());
    let heavy = ClientPolicy { weight: NonZeroU32::new(3).unwrap(), ..ClientPolicy::default() };
    config.clients.insert(ClientId::new("heavy").unwrap(), heavy);
    rig.config.store(Arc::new(config));
    rig.dispatcher.reloaded();
    submit_paused(&rig, [many("heavy", 400), many("light", 400)].concat()).await;
    rig.until("both on their way", |rig| rig.portal.count() >= 200).await;
    let heavy = rig.portal.keys()[..200].iter().filter(|key| key.starts_with("heavy")).count();
    assert!((145..=155).contains(&heavy), "{heavy} of 200");
}

#[tokio::test(start_paused = true)]
async fn bulk_goes_when_no_live_traffic_is_ready() {
    let rig = Rig::start(one_at_a_time()).await;
    let bulk = (0..200).map(|n| Message { class: Class::Bulk, ..message(format!("bulk-{n}")) });
    submit_paused(&rig, bulk.chain(many("one-stop", 100)).collect()).await;
    rig.until_delivered(300).await;
    let keys = rig.portal.keys();
    assert!(keys[..100].iter().all(|key| key.starts_with("one-stop")));
    assert!(keys[100..].iter().all(|key| key.starts_with("bulk")));
}

#[tokio::test(start_paused = true)]
async fn bulk_keeps_to_its_hours_and_its_hourly_rate() {
    use jiff::civil::time;
    let bulk = BulkPolicy {
        window: Some((time(20, 0, 0, 0), time(22, 0, 0, 0))),
        per_hour: Some(NonZeroU32::new(100).unwrap()),
    };
    let rig = Rig::start(SystemPolicy { bulk, ..SystemPolicy::default() }).await;
    let bulk = (0..1000).map(|n| Message { class: Class::Bulk, ..message(format!("bulk-{n}")) });
    rig.submit_all(bulk.collect()).await;
    tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
    let seen = rig.seen();
    let (opens, closes) = (Duration::from_secs(12 * 3600), Duration::from_secs(14 * 3600 + 2));
    assert!(seen.iter().all(|seen| (opens..closes).contains(&seen.at)));
    assert!((198..=202).contains(&seen.len()), "{} in two hours", seen.len());
}

#[tokio::test(start_paused = true)]
async fn what_is_due_goes_first_and_a_date_in_the_past_stops_nothing() {
    let rig = Rig::start(one_at_a_time()).await;
    let due = |key: &str, hours: i64| {
        let at = start_of_time().saturating_add(SignedDuration::from_hours(hours)).unwrap();
        Message { due_at: Some(at), ..message(key) }
    };
    let messages = vec![message("no-date"), due("in-two-days", 48), due("tomorrow", 20), due("last-week", -168)];
    submit_paused(&rig, messages).await;
    rig.until_delivered(4).await;
    assert_eq!(rig.portal.keys(), ["last-week", "tomorrow", "no-date", "in-two-days"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_due_goes_first_also_from_a_backlog_on_disk() {
    let rig = Rig::start(SystemPolicy { window: 32, ..one_at_a_time() }).await;
    let urgent = start_of_time().saturating_add(SignedDuration::from_hours(-1)).unwrap();
    let mut messages = many("one-stop", 500);
    messages.extend((0..64).map(|n| Message { due_at: Some(urgent), ..message(format!("urgent-{n}")) }));
    submit_paused(&rig, messages).await;
    rig.until_delivered(564).await;
    let last = rig.portal.keys().iter().rposition(|key| key.starts_with("urgent")).unwrap();
    assert!(last < 120, "the last urgent one went as number {last}");
}

#[tokio::test(start_paused = true)]
async fn the_rate_and_the_concurrency_are_kept() {
    let rate = Some(RatePolicy { per_second: 50.0, burst: NonZeroU32::new(5).unwrap() });
    let policy = SystemPolicy { rate, concurrency: NonZeroU32::new(3).unwrap(), ..SystemPolicy::default() };
    let rig = Rig::start(policy).await;
    rig.submit_all(many("one-stop", 500)).await;
    rig.until_delivered(500).await;
    assert!(rig.portal.busiest() <= 3);
    let mut per_second: HashMap<u64, usize> = HashMap::new();
    for seen in rig.seen() {
        *per_second.entry(seen.at.as_secs()).or_default() += 1;
    }
    assert!(per_second.values().all(|count| *count <= 55), "{per_second:?}");
    let took = rig.seen().last().unwrap().at;
    assert!(took < Duration::from_secs(11), "{took:?}");
}
