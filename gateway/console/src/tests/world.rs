//! What the tests of the pages share: one system made of memory, a journal in a temporary folder, users of every role, and a browser of sorts.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use axum::Router;
use bytes::Bytes;
use http::StatusCode;
use lienthong_core::delivery::OnParked;
use lienthong_core::exchange::AuthenticatedBy;
use lienthong_core::{
    Adapter, AttemptContext, CallContext, Class, Clock, ConfigVersion, Effect, ExchangeId, Fault, FaultKind, Lookup,
    OperationName, OperationSpec, RetryPolicy, Role, StateName, SystemId, Timestamp,
};
use lienthong_engine::clock::SystemClock;
use lienthong_engine::dispatch::Dispatcher;
use lienthong_engine::flow::{FlowSpec, Flows, MatchSpec, On, StepSpec};
use lienthong_engine::routing::{
    Catalogue, OrderKeySpec, Patterns, Programs, RouteSource, RouteSpec, RouteTable, RouteTarget,
};
use lienthong_engine::service::{Caller, Service, Submission};
use lienthong_engine::{ClientPolicy, Configuration, SystemPolicy};
use lienthong_journal::sqlite::{SqliteJournal, SqliteOptions};
use lienthong_journal::{GroupFilter, Journal};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub(super) use super::browser::{Browser, Page};
use crate::{Console, Language, Parts, SessionKey, Sessions, User, Users, router};

pub(super) const KEY: &str = "H56.14-250115-0007";
pub(super) const PASSWORD: &str = "một mật khẩu dài";
const OPERATION: &str = "portal.sync-dossier";

/// The wall clock moved forward by a test; everything else is the machine's.
pub(super) struct Shifted {
    inner: SystemClock,
    seconds: AtomicI64,
}

impl Clock for Shifted {
    fn now(&self) -> Timestamp {
        self.inner.now() + lienthong_core::SignedDuration::from_secs(self.seconds.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic()
    }
}

/// An external system that answers well or as a test says.
pub(super) struct Portal {
    name: SystemId,
    operations: Vec<OperationSpec>,
    pub(super) next: Mutex<VecDeque<Fault>>,
}

impl Portal {
    fn new() -> Self {
        let operation = OperationSpec {
            name: OPERATION.parse().unwrap(),
            summary: "An operation of the tests.".into(),
            effect: Effect::Upsert,
            snapshot: false,
            lookup: None,
            input: json!({"type": "object"}),
            output: json!({"type": "object"}),
            example: json!({"code": KEY}),
            key_field: Some("/code".into()),
            personal: Vec::new(),
            body_limit: 10 * 1024 * 1024,
            splits: false,
        };
        Self { name: "portal".parse().unwrap(), operations: vec![operation], next: Mutex::default() }
    }
}

#[async_trait]
impl Adapter for Portal {
    fn system(&self) -> &SystemId {
        &self.name
    }

    fn operations(&self) -> &[OperationSpec] {
        &self.operations
    }

    async fn call(
        &self,
        cx: &CallContext,
        _: &OperationName,
        _: &lienthong_core::Body,
    ) -> Result<lienthong_core::Body, Fault> {
        cx.mark_sent();
        match self.next.lock().pop_front() {
            None => Ok(lienthong_core::Body::json("{\"found\":true}")),
            Some(fault) => Err(fault),
        }
    }

    async fn lookup(&self, _: &CallContext, _: &OperationName, _: &AttemptContext) -> Result<Lookup, Fault> {
        Ok(Lookup::Unknown)
    }

    async fn probe(&self, _: &CallContext) -> Result<(), Fault> {
        self.next.lock().pop_front().map_or(Ok(()), Err)
    }
}

pub(super) struct World {
    pub(super) service: Service,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) config: Arc<ArcSwap<Configuration>>,
    pub(super) portal: Arc<Portal>,
    pub(super) clock: Arc<Shifted>,
    pub(super) users: Arc<ArcSwap<Users>>,
    pub(super) console: Console,
    router: Router,
    /// Ends what runs releases.
    releases: CancellationToken,
    _folder: tempfile::TempDir,
}

fn user(name: &str, roles: &[Role], hash: &str) -> User {
    User {
        name: name.to_owned(),
        display: format!("Ông {name}"),
        password: hash.to_owned().into(),
        roles: roles.iter().copied().collect::<BTreeSet<_>>(),
        language: Language::Vi,
    }
}

/// `viewer`, `operator` and `administrator`, all with one password.
fn users() -> Users {
    let hash = crate::users::hash(PASSWORD).unwrap();
    Users::new([
        user("viewer", &[Role::Viewer], &hash),
        user("operator", &[Role::Operator], &hash),
        user("approver", &[Role::Approver], &hash),
        user("administrator", &[Role::Administrator], &hash),
    ])
}

pub(super) fn route() -> RouteSpec {
    RouteSpec {
        name: "dossiers".parse().unwrap(),
        file: "routes.yaml".to_owned(),
        line: 1,
        enabled: true,
        from: RouteSource::AnyClient,
        operations: vec![OPERATION.parse().unwrap()],
        when: None,
        transform: None,
        to: RouteTarget::Operation(OPERATION.parse().unwrap()),
        order_key: OrderKeySpec::BusinessKey,
        class: None,
        retry: None,
        on_parked: OnParked::Hold,
        supersede: false,
        stop: false,
        patterns: Patterns::default(),
    }
}

pub(super) fn configuration(portal: &Arc<Portal>) -> Configuration {
    let catalogue = Catalogue::build(portal.operations(), &[]).unwrap();
    let retry = RetryPolicy { budget: 1, first: Duration::from_millis(1), longest: Duration::from_millis(2) };
    Configuration {
        approval: lienthong_engine::config::Approval::default(),
        version: ConfigVersion::new("v1").unwrap(),
        systems: BTreeMap::from([(portal.name.clone(), SystemPolicy { retry, ..SystemPolicy::default() })]),
        clients: HashMap::from([("one-stop".parse().unwrap(), ClientPolicy::default())]),
        adapters: HashMap::from([(portal.name.clone(), Arc::clone(portal) as Arc<dyn Adapter>)]),
        pollers: Vec::new(),
        inbound: HashMap::new(),
        routes: RouteTable::compile(vec![route()], &catalogue).unwrap_or_else(|problems| panic!("{problems:#?}")),
        catalogue,
        tables: Arc::default(),
        flows: lienthong_engine::flow::Flows::default(),
        paces: Arc::default(),
        reconciliations: lienthong_engine::reconcile::Reconciliations::default(),
        reports: lienthong_engine::report::Reports::default(),
        digests: lienthong_engine::terms::Digests::default(),
        watch: lienthong_engine::config::Watch::default(),
    }
}

/// A flow whose one step is late a second after a dossier came.
fn flowing(mut configuration: Configuration) -> Configuration {
    let on = |on: On| MatchSpec { operation: OPERATION.parse().unwrap(), on, when: None };
    let step = StepSpec {
        name: "result".to_owned(),
        line: 1,
        completed_by: vec![MatchSpec { when: None, ..on(On::Delivered) }],
        after: Vec::new(),
        within: Some("1m".parse().unwrap()),
        who_acts: "the land office".to_owned(),
        repeats: false,
    };
    let flow = FlowSpec {
        name: "land".to_owned(),
        summary: "Hồ sơ đất đai".to_owned(),
        file: "land.yaml".to_owned(),
        line: 1,
        begins: vec![on(On::Accepted)],
        steps: vec![StepSpec { name: "payment".to_owned(), within: None, ..step.clone() }, step],
        pauses: Vec::new(),
        resumes: Vec::new(),
        ends: Vec::new(),
        calendar: None,
    };
    let flows = Flows::compile(vec![flow], &configuration.catalogue, &Programs::new());
    configuration.flows = flows.unwrap_or_else(|problems| panic!("{problems:#?}"));
    configuration.with_gateway()
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(|configuration| configuration).await
    }

    /// With a flow over dossiers.
    pub(super) async fn flowing() -> Self {
        Self::with(flowing).await
    }

    /// With a reconciliation of dossiers, at work.
    pub(super) async fn reconciling() -> Self {
        let world = Self::with(super::reconciliations::reconciling).await;
        tokio::spawn(lienthong_engine::reconciler::run(world.service.clone(), world.releases.clone()));
        world
    }

    async fn with(changed: fn(Configuration) -> Configuration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Shifted { inner: SystemClock::new(), seconds: AtomicI64::new(0) });
        let injected: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let mut options = SqliteOptions::new(folder.path().join("journal"), Arc::clone(&injected));
        options.reserve_bytes = 0;
        let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::open(options).unwrap());
        let portal = Arc::new(Portal::new());
        let config = Arc::new(ArcSwap::from_pointee(changed(configuration(&portal))));
        let dispatcher =
            Dispatcher::start(Arc::clone(&journal), Arc::clone(&injected), Arc::clone(&config)).await.unwrap();
        let service = Service::new(Arc::clone(&journal), dispatcher, Arc::clone(&injected), Arc::clone(&config));
        let users = Arc::new(ArcSwap::from_pointee(users()));
        let sessions =
            Sessions { idle: Duration::from_secs(1800), longest: Duration::from_secs(36_000), secure: false };
        let console = Console::new(Parts {
            service: service.clone(),
            journal: Arc::clone(&journal),
            clock: injected,
            users: Arc::clone(&users),
            sessions: Arc::new(ArcSwap::from_pointee(sessions)),
            key: SessionKey::random().unwrap(),
            folder: folder.path().to_owned(),
            stopping: CancellationToken::new(),
        });
        let releases = CancellationToken::new();
        tokio::spawn(lienthong_engine::release::run(service.clone(), releases.clone()));
        let router = router(console.clone());
        Self { service, journal, config, portal, clock, users, console, router, releases, _folder: folder }
    }

    /// From now on amendments take two persons.
    pub(super) fn by_two(&self) {
        let approval =
            lienthong_engine::config::Approval { amend: std::collections::HashSet::from([OPERATION.parse().unwrap()]) };
        self.reconfigure(|configuration| Configuration { approval, ..configuration });
    }

    /// Swaps the configuration for a changed one, as a reload does.
    pub(super) fn reconfigure(&self, change: impl FnOnce(Configuration) -> Configuration) {
        self.config.store(Arc::new(change(configuration(&self.portal))));
    }

    pub(super) fn pass(&self, seconds: i64) {
        self.clock.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    /// A browser that is nobody yet.
    pub(super) fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new(), token: String::new() }
    }

    /// A browser in which somebody has logged in.
    pub(super) async fn as_user(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let page = browser.log_in(name, PASSWORD).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        browser.get("/console/settings").await;
        browser
    }

    pub(super) async fn submit(&self, body: &Value) -> ExchangeId {
        self.submit_of(KEY, body).await
    }

    async fn submit_of(&self, key: &str, body: &Value) -> ExchangeId {
        let caller = Caller { client: "one-stop".parse().unwrap(), authenticated_by: AuthenticatedBy::ApiKey };
        let submission = Submission {
            operation: OPERATION.parse().unwrap(),
            key: key.parse().unwrap(),
            body: Bytes::from(body.to_string()),
            purpose: None,
            on_behalf_of: None,
            due_at: None,
            expires_at: None,
            not_before: None,
            aliases: Vec::new(),
            class: Class::Live,
            idempotency_key: Some(body.to_string().chars().take(100).collect()),
            callback: None,
            trace: None,
        };
        self.service.submit(&caller, submission).await.unwrap().id
    }

    /// Submits something the portal refuses; the group it is parked in.
    pub(super) async fn parked(&self, fault: Fault) -> (ExchangeId, String) {
        let id = self.parked_of(KEY, fault).await;
        let groups = self.service.groups(GroupFilter::default(), None, 10).await.unwrap().rows;
        (id, groups[0].fingerprint.to_string())
    }

    /// Parks a message of another dossier, so that it stands behind nobody.
    pub(super) async fn another_parked(&self, fault: Fault, number: u32) -> ExchangeId {
        self.parked_of(&format!("H56.14-250115-{number:04}"), fault).await
    }

    async fn parked_of(&self, key: &str, fault: Fault) -> ExchangeId {
        self.portal.next.lock().push_back(fault);
        let id = self.submit_of(key, &json!({"code": key, "owner": "NGUYỄN VĂN MẪU"})).await;
        until(async || {
            let detail = self.service.exchange(id).await.unwrap();
            detail.record.deliveries.iter().any(|one| one.state.name() == StateName::Parked).then_some(())
        })
        .await;
        id
    }

    /// Releases that begin from now on send nothing.
    pub(super) fn hold_releases(&self) {
        self.releases.cancel();
    }

    pub(super) async fn state(&self, id: ExchangeId) -> StateName {
        self.service.exchange(id).await.unwrap().record.deliveries[0].state.name()
    }
}

pub(super) fn rejected() -> Fault {
    Fault::of(FaultKind::Rejected, "the portal refused the data")
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
