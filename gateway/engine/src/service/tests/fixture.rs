//! What the tests of the service share: a world of one province, one portal and one journal in a temporary folder. It is no part of the program.

mod clock;
mod configured;
mod portal;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use lienthong_core::delivery::{ExchangeState, OnParked};
use lienthong_core::exchange::AuthenticatedBy;
use lienthong_core::{Class, Clock, DeliveryId, ExchangeId, Fault, FaultCode, Poller, StateName, SystemId};
use lienthong_journal::sqlite::{Hooks, SettableDisk, SqliteJournal, SqliteOptions};
use lienthong_journal::{ExchangeFilter, ExchangeRecord, Journal};
use serde_json::{Value, json};

pub(super) use clock::HandClock;
use configured::{configuration, with_flows};
pub(super) use portal::{Behaviour, Portal, Pushes};

use crate::config::{ClientPolicy, Configuration};
use crate::dispatch::Dispatcher;
use crate::flow::FlowSpec;
use crate::routing::{OrderKeySpec, Patterns, ProgramSource, RouteSource, RouteSpec, RouteTarget};
use crate::service::{Caller, ExchangeDetail, OperatorAct, Service, Submission};
use crate::tables::Tables;

pub(super) const CODE: &str = "H56.14-250115-0007";
const ROOM: u64 = 1 << 40;

pub(super) struct World {
    pub(super) service: Service,
    pub(super) journal: Arc<SqliteJournal>,
    pub(super) clock: Arc<HandClock>,
    pub(super) portal: Arc<Portal>,
    pub(super) population: Arc<Portal>,
    pub(super) config: Arc<ArcSwap<Configuration>>,
    pub(super) disk: Arc<SettableDisk>,
    flows: Vec<FlowSpec>,
    folder: Arc<tempfile::TempDir>,
}

impl World {
    /// A world with these routes and the standard clients.
    pub(super) async fn with(routes: Vec<RouteSpec>) -> Self {
        Self::made(routes, Hooks::default(), |_| {}).await
    }

    /// Dossiers, steps, questions to the portal; notices from it to the province's inbox.
    pub(super) async fn new() -> Self {
        Self::with(routes()).await
    }

    pub(super) async fn made(routes: Vec<RouteSpec>, hooks: Hooks, adjust: impl FnOnce(&mut SqliteOptions)) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let (clock, portal) = (Arc::new(HandClock::new()), Arc::new(Portal::default()));
        Self::on(folder, (clock, portal, Arc::new(Portal::population())), (routes, Vec::new()), hooks, adjust).await
    }

    /// A world with flows.
    pub(super) async fn flowing(routes: Vec<RouteSpec>, flows: Vec<FlowSpec>) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let (clock, portal) = (Arc::new(HandClock::new()), Arc::new(Portal::default()));
        let around = (clock, portal, Arc::new(Portal::population()));
        Self::on(folder, around, (routes, flows), Hooks::default(), |_| {}).await
    }

    /// As [`World::restarted`], with the standard routes and these flows.
    pub(super) async fn flow_from_now(mut self, flows: Vec<FlowSpec>) -> Self {
        self.flows = flows;
        self.restarted(routes()).await
    }

    /// The process ends and begins again, on the same folder and among the same systems.
    pub(super) async fn restarted(self, routes: Vec<RouteSpec>) -> Self {
        let Self { journal, clock, portal, population, flows, folder, .. } = self;
        journal.close().await;
        Self::on(folder, (clock, portal, population), (routes, flows), Hooks::default(), |_| {}).await
    }

    async fn on(
        folder: Arc<tempfile::TempDir>,
        (clock, portal, population): (Arc<HandClock>, Arc<Portal>, Arc<Portal>),
        (routes, flows): (Vec<RouteSpec>, Vec<FlowSpec>),
        hooks: Hooks,
        adjust: impl FnOnce(&mut SqliteOptions),
    ) -> Self {
        let disk = Arc::new(SettableDisk::new(ROOM));
        let mut options = SqliteOptions::new(folder.path().join("journal"), Arc::clone(&clock) as Arc<dyn Clock>);
        options.disk = Arc::clone(&disk) as _;
        options.reserve_bytes = 0;
        options.hooks = hooks;
        adjust(&mut options);
        let journal = Arc::new(SqliteJournal::open(options).unwrap());
        let config =
            Arc::new(ArcSwap::from_pointee(with_flows(configuration("v1", routes, &portal, &population), &flows)));
        let shared = Arc::clone(&journal) as Arc<dyn Journal>;
        let clock_of = Arc::clone(&clock) as Arc<dyn Clock>;
        let dispatcher =
            Dispatcher::start(Arc::clone(&shared), Arc::clone(&clock_of), Arc::clone(&config)).await.unwrap();
        let service = Service::new(shared, dispatcher, clock_of, Arc::clone(&config));
        Self { service, journal, clock, portal, population, config, disk, flows, folder }
    }

    /// Swaps the routes as a reload does.
    pub(super) async fn reload(&self, version: &str, routes: Vec<RouteSpec>) -> u64 {
        self.config.store(Arc::new(configuration(version, routes, &self.portal, &self.population)));
        self.service.reloaded().await.unwrap()
    }

    /// Swaps routes and code tables as a reload does.
    pub(super) async fn reload_with(&self, version: &str, routes: Vec<RouteSpec>, tables: Arc<Tables>) -> u64 {
        let next = configured::with_tables(version, routes, tables, &self.portal, &self.population);
        self.config.store(Arc::new(next));
        self.service.reloaded().await.unwrap()
    }

    /// Changes one client's policy.
    pub(super) fn limit_client(&self, policy: ClientPolicy) {
        self.changed(|next| drop(next.clients.insert(province().client, policy)));
    }

    /// The standard configuration with one change.
    pub(super) fn changed(&self, change: impl FnOnce(&mut Configuration)) {
        let mut next = configuration("v1", routes(), &self.portal, &self.population);
        change(&mut next);
        self.config.store(Arc::new(next));
    }

    /// These are test keys.
    pub(super) fn drill_with(&self, keys: &[&str]) {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self.changed(|next| next.watch.test_keys = crate::drill::TestKeys(keys));
    }

    /// Rules of alerts beside everything else.
    pub(super) fn alert(&self, alerting: crate::alert::Alerting) {
        let mut next = configuration("v1", routes(), &self.portal, &self.population);
        next.watch.alerting = Arc::new(alerting);
        self.config.store(Arc::new(next));
    }

    /// One poller beside everything else.
    pub(super) fn poll(&self, poller: Arc<dyn Poller>) {
        let mut next = configuration("v1", routes(), &self.portal, &self.population);
        next.pollers.push(poller);
        self.config.store(Arc::new(next));
    }

    /// One reconciliation beside everything else.
    pub(super) fn reconcile(&self, spec: crate::reconcile::Spec) {
        let mut next = configuration("v1", routes(), &self.portal, &self.population);
        next.reconciliations = crate::reconcile::Reconciliations(Arc::new([Arc::new(spec)]));
        self.config.store(Arc::new(next));
    }

    /// What reports tell units by.
    pub(super) fn report_by(&self, reports: crate::report::Reports) {
        self.changed(|next| next.reports = reports);
    }

    /// A configuration without any system.
    pub(super) fn leave_nothing_configured(&self) {
        let mut next = configuration("v0", Vec::new(), &self.portal, &self.population);
        next.systems.clear();
        self.config.store(Arc::new(next));
    }

    /// Nothing is sent to the portal until it is resumed.
    pub(super) async fn hold(&self) {
        self.service.pause(&operator(), Some(&system())).await.unwrap();
    }

    pub(super) async fn flow(&self) {
        self.service.resume(&operator(), Some(&system())).await.unwrap();
    }

    /// Declares how long a client may be silent.
    pub(super) fn declare_silence(
        &self,
        client: &lienthong_core::ClientId,
        policy: crate::desk::silence::SilencePolicy,
    ) {
        let mut next = configuration("v1", routes(), &self.portal, &self.population);
        next.watch.silences = Arc::new([(client.clone(), policy)].into());
        self.config.store(Arc::new(next));
    }

    /// Where the journal lies.
    pub(super) fn folder(&self) -> std::path::PathBuf {
        self.folder.path().join("journal")
    }

    /// How many exchanges the journal holds.
    pub(super) async fn kept(&self) -> usize {
        self.journal.exchanges(ExchangeFilter::default(), None, 500).await.unwrap().rows.len()
    }

    /// Everything of a key, oldest first.
    pub(super) async fn of_key(&self, key: &str) -> Vec<ExchangeRecord> {
        let key = Some(key.parse().unwrap());
        let filter = ExchangeFilter { key, oldest_first: true, ..ExchangeFilter::default() };
        self.journal.exchanges(filter, None, 500).await.unwrap().rows
    }

    /// The exchanges of a key once they are as wanted.
    pub(super) async fn once(&self, key: &str, wanted: impl Fn(&[ExchangeRecord]) -> bool) -> Vec<ExchangeRecord> {
        until(async || {
            let records = self.of_key(key).await;
            wanted(&records).then_some(records)
        })
        .await
    }

    /// The exchange once its state is this one.
    pub(super) async fn until(&self, id: ExchangeId, state: ExchangeState) -> ExchangeDetail {
        until(async || {
            let detail = self.service.exchange(id).await.unwrap();
            (detail.state == state).then_some(detail)
        })
        .await
    }

    /// Submits a dossier and waits until it is parked with this fault.
    pub(super) async fn parked(&self, submission: Submission, fault: Fault) -> DeliveryId {
        self.portal.next(Behaviour::Refuses(fault));
        let receipt = self.service.submit(&province(), submission).await.unwrap();
        let detail = self.until(receipt.id, ExchangeState::Attention).await;
        detail.record.deliveries[0].id
    }

    pub(super) async fn states(&self, id: ExchangeId) -> Vec<StateName> {
        let detail = self.service.exchange(id).await.unwrap();
        detail.record.deliveries.iter().map(|delivery| delivery.state.name()).collect()
    }
}

/// Asks until there is an answer; a test that never gets one fails after a generous time.
pub(super) async fn until<T, F: Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking).await.expect("the state awaited never came")
}

pub(super) fn province() -> Caller {
    Caller { client: "one-stop".parse().unwrap(), authenticated_by: AuthenticatedBy::ApiKey }
}

pub(super) fn operator() -> OperatorAct {
    OperatorAct { operator: "lan".to_owned(), reason: Some("repaired at the source".to_owned()), confirmed: false }
}

pub(super) fn system() -> SystemId {
    "portal".parse().unwrap()
}

pub(super) fn dossier(code: &str, key: &str) -> Submission {
    submission("portal.sync-dossier", code, &json!({"code": code, "status": 4}), key)
}

pub(super) fn submission(operation: &str, code: &str, body: &Value, key: &str) -> Submission {
    Submission {
        operation: operation.parse().unwrap(),
        key: code.parse().unwrap(),
        body: Bytes::from(serde_json::to_vec(body).unwrap()),
        purpose: None,
        on_behalf_of: None,
        due_at: None,
        expires_at: None,
        not_before: None,
        aliases: Vec::new(),
        class: Class::Live,
        idempotency_key: Some(key.to_owned()),
        callback: None,
        trace: None,
    }
}

pub(super) fn refused(result: Result<impl std::fmt::Debug, Fault>, code: FaultCode) -> Fault {
    let fault = result.unwrap_err();
    assert_eq!(fault.code, code, "{fault}");
    assert_eq!(fault.kind, code.kind());
    fault
}

pub(super) fn route(name: &str, operation: &str, to: RouteTarget) -> RouteSpec {
    RouteSpec {
        name: name.parse().unwrap(),
        file: "routes.yaml".to_owned(),
        line: 1,
        enabled: true,
        from: RouteSource::AnyClient,
        operations: vec![operation.parse().unwrap()],
        when: None,
        transform: None,
        to,
        order_key: OrderKeySpec::BusinessKey,
        class: None,
        retry: None,
        on_parked: OnParked::Hold,
        supersede: false,
        stop: false,
        patterns: Patterns::default(),
    }
}

pub(super) fn straight(operation: &str) -> RouteSpec {
    let name = operation.replace('.', "-");
    route(&name, operation, RouteTarget::Operation(operation.parse().unwrap()))
}

pub(super) fn notices() -> RouteSpec {
    RouteSpec {
        from: RouteSource::System(system()),
        ..route("notices", "portal.notify-tax", RouteTarget::Inbox(province().client))
    }
}

pub(super) fn routes() -> Vec<RouteSpec> {
    let mut routes: Vec<RouteSpec> =
        ["portal.sync-dossier", "portal.sync-steps", "portal.find-dossier", "portal.list-fields"].map(straight).into();
    routes.push(notices());
    routes
}

pub(super) fn program(text: &str) -> Option<ProgramSource> {
    Some(ProgramSource { file: "routes.yaml".to_owned(), line: 2, text: text.to_owned() })
}
