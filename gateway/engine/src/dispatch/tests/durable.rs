//! The dispatcher on the real journal and the real clock: what the fake assumes of the journal holds.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use lienthong_core::{Body, BusinessKey, ClientId, Clock, DeliveryId, FaultKind, OperationName, RouteName, StateName};
use lienthong_journal::sqlite::{SqliteJournal, SqliteOptions};
use lienthong_journal::{Command, Committed, Journal};

use super::portal::{Does, Portal, PortalAdapter};
use super::rig::{Message, acceptance, configuration, fails, message, meta, portal_id};
use crate::clock::SystemClock;
use crate::config::SystemPolicy;
use crate::dispatch::{Dispatcher, PlannedCall};

struct World {
    journal: Arc<SqliteJournal>,
    portal: Arc<Portal>,
    clock: Arc<SystemClock>,
    dispatcher: Dispatcher,
    _folder: tempfile::TempDir,
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SystemClock::new());
    let options = SqliteOptions::new(folder.path(), Arc::clone(&clock) as Arc<dyn Clock>);
    let journal = Arc::new(SqliteJournal::open(options).unwrap());
    let portal = Portal::new("portal", Arc::clone(&clock) as Arc<dyn Clock>, Duration::ZERO);
    let mut policy = SystemPolicy { window: 64, concurrency: 32.try_into().unwrap(), ..SystemPolicy::default() };
    policy.retry.first = Duration::from_millis(20);
    policy.gate.probe_first = Duration::from_millis(20);
    let config = configuration(policy, Arc::new(PortalAdapter(Arc::clone(&portal))));
    let dispatcher = Dispatcher::start(
        Arc::clone(&journal) as Arc<dyn Journal>,
        Arc::clone(&clock) as Arc<dyn Clock>,
        Arc::new(ArcSwap::from_pointee(config)),
    )
    .await
    .unwrap();
    World { journal, portal, clock, dispatcher, _folder: folder }
}

impl World {
    async fn submit(&self, messages: Vec<Message>) -> Vec<DeliveryId> {
        let now = self.clock.now();
        let batch = messages.iter().map(|message| Command::Accept(Box::new(acceptance(message, now)))).collect();
        let mut ids = Vec::new();
        for result in self.journal.commit(batch).await.unwrap() {
            let Ok(Committed::Accepted { exchange, heads, .. }) = result else { panic!("not accepted") };
            ids.push(DeliveryId { exchange, index: 0 });
            self.dispatcher.offer(heads);
        }
        ids
    }

    async fn settle(&self, id: DeliveryId) -> StateName {
        let mut settled = self.dispatcher.settled(id.exchange);
        loop {
            let state = self.journal.delivery(id).await.unwrap().unwrap().delivery.state.name();
            if state.is_final() || state == StateName::Parked {
                return state;
            }
            let woken = tokio::time::timeout(Duration::from_secs(60), settled.changed()).await;
            assert!(woken.is_ok(), "{id} is still {}", state.as_str());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lanes_faults_and_repeats_on_the_real_journal() {
    const LANES: usize = 100;
    const EACH: usize = 10;
    let world = world().await;
    let mut n = 0;
    world.portal.does(move |_| {
        n += 1;
        match n % 37 {
            0 => fails(FaultKind::Interrupted, true),
            1 => fails(FaultKind::Unavailable, false),
            _ => Does::Answers,
        }
    });
    let one = |n: usize| Message { body: (n / LANES).to_string().into(), ..message(format!("lane-{}", n % LANES)) };
    let mut ids = Vec::new();
    for batch in (0..LANES * EACH).collect::<Vec<_>>().chunks(50) {
        ids.extend(world.submit(batch.iter().map(|n| one(*n)).collect()).await);
    }
    for id in ids {
        assert_eq!(world.settle(id).await, StateName::Delivered);
    }
    let mut places = std::collections::HashMap::<String, Vec<usize>>::new();
    for seen in world.portal.seen.lock().iter() {
        let place = std::str::from_utf8(&seen.body).unwrap().parse().unwrap();
        let places = places.entry(seen.key.clone()).or_default();
        if places.last() != Some(&place) {
            places.push(place);
        }
    }
    assert!(places.values().all(|places| *places == (0..EACH).collect::<Vec<_>>()));
    assert!(world.dispatcher.drain(Duration::from_secs(10)).await);
    assert!(world.journal.in_doubt(10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_on_the_real_journal_are_recorded_to_their_end() {
    let world = world().await;
    let mut n = 0;
    world.portal.does(move |_| {
        n += 1;
        match n {
            2 => fails(FaultKind::Unauthenticated, false),
            4 => fails(FaultKind::NotFound, true),
            _ => Does::Answers,
        }
    });
    let mut ends = Vec::new();
    for key in ["plain", "expired-session", "not-found"] {
        let message = Message { operation: "portal.find-dossier", ..message(key) };
        let client = ClientId::new("one-stop").unwrap();
        let mut meta = meta(&message, client, BusinessKey::new(key).unwrap(), world.clock.now());
        meta.call = true;
        let id = DeliveryId { exchange: meta.id, index: 0 };
        let call = PlannedCall {
            noted: lienthong_journal::Noted::default(),
            meta,
            route: RouteName::new("to-portal").unwrap(),
            system: portal_id(),
            operation: OperationName::new("portal.find-dossier").unwrap(),
            received: Body::json("{}"),
            body: Body::json("{}"),
            timeout: None,
        };
        let answered = world.dispatcher.call(call).await.is_ok();
        ends.push((answered, world.settle(id).await, world.journal.attempts(id).await.unwrap().len()));
    }
    let expected = [(true, StateName::Delivered, 1), (true, StateName::Delivered, 2), (false, StateName::Discarded, 1)];
    assert_eq!(ends, expected);
    assert!(world.dispatcher.drain(Duration::from_secs(10)).await);
    assert!(world.journal.in_doubt(10).await.unwrap().is_empty());
}
