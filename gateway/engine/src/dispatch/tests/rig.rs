//! One dispatcher with its fake journal, portal and clock, and the ways tests submit and wait. It asserts nothing itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use lienthong_core::delivery::OnParked;
use lienthong_core::exchange::{AuthenticatedBy, Source};
use lienthong_core::{
    Adapter, BusinessKey, Class, ClientId, Clock, ConfigVersion, DeliveryId, DeliveryState, ExchangeId, ExchangeMeta,
    Fault, FaultKind, OperationName, OrderKey, RouteName, StateName, SystemId, Timestamp,
};
use lienthong_journal::{Acceptance, BodyInput, Command, Committed, DeliveryRecord, Journal, Lane, NewDelivery, Noted};
use uuid::Uuid;

use super::journal::FakeJournal;
use super::portal::{Does, Portal, PortalAdapter, Seen};
use crate::clock::RuntimeClock;
use crate::config::{ClientPolicy, Configuration, SystemPolicy};
use crate::dispatch::{Dispatcher, GateState};
use crate::routing::{Catalogue, RouteTable};

/// Longer than any test may take, in the test's own time.
const PATIENCE: Duration = Duration::from_secs(48 * 3600);

static NEXT: AtomicU64 = AtomicU64::new(1);

pub(super) struct Rig {
    pub(super) journal: Arc<FakeJournal>,
    pub(super) portal: Arc<Portal>,
    pub(super) clock: Arc<RuntimeClock>,
    pub(super) config: Arc<ArcSwap<Configuration>>,
    pub(super) dispatcher: Dispatcher,
}

/// What is submitted; the rest is the same in all tests.
#[derive(Clone)]
pub(in crate::dispatch) struct Message {
    pub(in crate::dispatch) key: String,
    pub(in crate::dispatch) operation: &'static str,
    pub(in crate::dispatch) client: &'static str,
    pub(in crate::dispatch) class: Class,
    pub(in crate::dispatch) due_at: Option<Timestamp>,
    pub(in crate::dispatch) expires_at: Option<Timestamp>,
    pub(in crate::dispatch) not_before: Option<Timestamp>,
    pub(in crate::dispatch) on_parked: OnParked,
    pub(in crate::dispatch) body: Bytes,
}

pub(in crate::dispatch) fn message(key: impl Into<String>) -> Message {
    Message {
        key: key.into(),
        operation: "portal.sync-dossier",
        client: "one-stop",
        class: Class::Live,
        due_at: None,
        expires_at: None,
        not_before: None,
        on_parked: OnParked::Hold,
        body: Bytes::from_static(b"{}"),
    }
}

pub(super) fn start_of_time() -> Timestamp {
    "2026-03-02T08:00:00+07:00".parse().unwrap()
}

pub(super) fn portal_id() -> SystemId {
    SystemId::new("portal").unwrap()
}

pub(super) fn fails(kind: FaultKind, sent: bool) -> Does {
    Does::Fails { fault: Fault::of(kind, "test"), sent }
}

pub(super) fn configuration(policy: SystemPolicy, adapter: Arc<dyn Adapter>) -> Configuration {
    Configuration {
        version: ConfigVersion::new("v1").unwrap(),
        systems: BTreeMap::from([(portal_id(), policy)]),
        clients: HashMap::from([(ClientId::new("one-stop").unwrap(), ClientPolicy::default())]),
        adapters: HashMap::from([(portal_id(), adapter)]),
        inbound: HashMap::new(),
        pollers: Vec::new(),
        catalogue: Catalogue::default(),
        tables: Arc::default(),
        routes: RouteTable::default(),
        flows: crate::flow::Flows::default(),
        paces: Arc::default(),
        reconciliations: crate::reconcile::Reconciliations::default(),
        reports: crate::report::Reports::default(),
        digests: crate::terms::Digests::default(),
        watch: crate::config::Watch::default(),
        approval: crate::config::Approval::default(),
    }
}

impl Rig {
    pub(super) async fn start(policy: SystemPolicy) -> Self {
        Self::with_journal(policy, FakeJournal::new(Duration::from_millis(1))).await
    }

    /// As after a restart, on what the journal holds.
    pub(super) async fn with_journal(policy: SystemPolicy, journal: Arc<FakeJournal>) -> Self {
        let clock = Arc::new(RuntimeClock::starting_at(start_of_time()));
        Self::at_clock(policy, journal, clock).await
    }

    pub(super) async fn at_clock(policy: SystemPolicy, journal: Arc<FakeJournal>, clock: Arc<RuntimeClock>) -> Self {
        let portal = Portal::new("portal", Arc::clone(&clock) as Arc<dyn Clock>, Duration::from_millis(5));
        let config = configuration(policy, Arc::new(PortalAdapter(Arc::clone(&portal))));
        let config = Arc::new(ArcSwap::from_pointee(config));
        let dispatcher = Dispatcher::start_with(
            Arc::clone(&journal) as Arc<dyn Journal>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::clone(&config),
            || 0.999,
        )
        .await
        .unwrap();
        Self { journal, portal, clock, config, dispatcher }
    }

    pub(super) fn acceptance(&self, message: &Message) -> Acceptance {
        acceptance(message, self.clock.now())
    }

    pub(super) async fn submit(&self, message: Message) -> DeliveryId {
        self.submit_all(vec![message]).await[0]
    }

    /// Accepted in one batch and offered, as the service does.
    pub(super) async fn submit_all(&self, messages: Vec<Message>) -> Vec<DeliveryId> {
        let batch = messages.iter().map(|message| Command::Accept(Box::new(self.acceptance(message)))).collect();
        let mut ids = Vec::new();
        let mut ready = Vec::new();
        for result in self.journal.commit(batch).await.unwrap() {
            let Ok(Committed::Accepted { exchange, heads, .. }) = result else { panic!("not accepted") };
            ids.push(DeliveryId { exchange, index: 0 });
            ready.extend(heads);
        }
        self.dispatcher.offer(ready);
        ids
    }

    pub(super) fn record(&self, id: DeliveryId) -> DeliveryRecord {
        self.journal.store.lock().deliveries[&id].delivery.clone()
    }

    pub(super) fn state(&self, id: DeliveryId) -> StateName {
        self.record(id).state.name()
    }

    pub(super) fn count(&self, state: StateName) -> usize {
        self.journal.store.lock().count(state)
    }

    pub(super) fn gate(&self) -> GateState {
        self.dispatcher.gate(&portal_id()).unwrap().state
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.portal.seen.lock().clone()
    }

    /// Lets the test's time run until the condition holds.
    pub(super) async fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let began = tokio::time::Instant::now();
        while !condition(self) {
            assert!(began.elapsed() < PATIENCE, "never: {what}");
            // As exact as what has passed asks for.
            let step = began.elapsed() / 50;
            tokio::time::sleep(step.clamp(Duration::from_millis(10), Duration::from_secs(5))).await;
        }
    }

    pub(super) async fn until_state(&self, id: DeliveryId, state: StateName) {
        self.until(state.as_str(), |rig| rig.state(id) == state).await;
    }

    pub(super) async fn until_delivered(&self, count: usize) {
        let delivered = |rig: &Self| {
            let store = rig.journal.store.lock();
            store.finals.get(&StateName::Delivered).copied().unwrap_or_default()
        };
        let count = u64::try_from(count).unwrap();
        self.until("delivered", |rig| delivered(rig) >= count).await;
    }
}

pub(in crate::dispatch) fn acceptance(message: &Message, now: Timestamp) -> Acceptance {
    let client = ClientId::new(message.client).unwrap();
    let key = BusinessKey::new(&message.key).unwrap();
    let body = BodyInput::New { content_type: lienthong_core::ContentType::Json, bytes: message.body.clone() };
    let state = match message.not_before {
        Some(until) => DeliveryState::Waiting { until },
        None => DeliveryState::Queued,
    };
    let lane = Lane { key: OrderKey::from(key.clone()), on_parked: message.on_parked, supersede: false };
    let delivery = NewDelivery {
        system: portal_id(),
        operation: OperationName::new(message.operation).unwrap(),
        route: RouteName::new("to-portal").unwrap(),
        client: client.clone(),
        lane: Some(lane),
        state,
        body: Some(body.clone()),
        fault: None,
        attempt: None,
    };
    Acceptance {
        exchange: meta(message, client, key, now),
        body,
        idempotency: None,
        deliveries: vec![delivery],
        noted: Noted::default(),
        also: Vec::new(),
    }
}

pub(super) fn meta(message: &Message, client: ClientId, key: BusinessKey, now: Timestamp) -> ExchangeMeta {
    ExchangeMeta {
        id: ExchangeId(Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))),
        client: client.clone(),
        authenticated_by: AuthenticatedBy::ApiKey,
        source: Source::Client(client),
        operation: OperationName::new(message.operation).unwrap(),
        key,
        aliases: Vec::new(),
        purpose: None,
        on_behalf_of: None,
        due_at: message.due_at,
        expires_at: message.expires_at,
        not_before: message.not_before,
        class: message.class,
        trace: None,
        callback: None,
        link: None,
        descent: None,
        call: false,
        config: ConfigVersion::new("v1").unwrap(),
        received_at: now,
    }
}
