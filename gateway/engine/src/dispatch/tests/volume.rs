//! Backlogs far larger than memory: the window stays bounded, nothing is left behind.

use std::time::Duration;

use lienthong_core::{ClientId, StateName};

use super::journal::FakeJournal;
use super::rig::{Rig, acceptance, message, portal_id, start_of_time};
use super::store::Supply;
use crate::config::SystemPolicy;

#[tokio::test(start_paused = true)]
async fn a_backlog_of_a_million_never_has_more_in_memory_than_the_window() {
    const READ: u64 = 50_000;
    let journal = FakeJournal::new(Duration::from_millis(1));
    {
        let mut store = journal.store.lock();
        store.forgets = true;
        let mut n = 0;
        store.supply = Some(Supply {
            system: portal_id(),
            client: ClientId::new("one-stop").unwrap(),
            left: 1_000_000,
            make: Box::new(move || {
                n += 1;
                acceptance(&message(format!("{n}")), start_of_time())
            }),
        });
    }
    let policy = SystemPolicy { concurrency: 64.try_into().unwrap(), window: 256, ..SystemPolicy::default() };
    let rig = Rig::with_journal(policy, journal).await;
    let delivered = |rig: &Rig| rig.journal.store.lock().finals.get(&StateName::Delivered).copied().unwrap_or(0);
    rig.until("a good part is delivered", |rig| delivered(rig) >= READ).await;
    let store = rig.journal.store.lock();
    assert!(store.most_skipped <= 256 + 64 + 256, "{} in memory", store.most_skipped);
    assert!(store.supply.as_ref().unwrap().left > 900_000);
}

#[tokio::test(start_paused = true)]
async fn many_clients_with_more_than_fits_are_all_served_to_the_end() {
    let rig = Rig::start(SystemPolicy { window: 8, ..SystemPolicy::default() }).await;
    let clients: Vec<&'static str> = (0..20).map(|n| &*Box::leak(format!("client-{n}").into_boxed_str())).collect();
    let one = |n: usize| super::rig::Message { client: clients[n % 20], ..message(format!("{n}")) };
    rig.submit_all((0..4000).map(one).collect()).await;
    rig.until_delivered(4000).await;
}

#[tokio::test(start_paused = true)]
async fn heads_that_nobody_offered_are_found() {
    use lienthong_journal::{Command, Journal};
    let rig = Rig::start(SystemPolicy::default()).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let one = |n: usize| {
        let message = super::rig::Message { client: "forgotten", ..message(format!("{n}")) };
        Command::Accept(Box::new(rig.acceptance(&message)))
    };
    rig.journal.commit((0..2000).map(one).collect()).await.unwrap();
    rig.until_delivered(2000).await;
}
