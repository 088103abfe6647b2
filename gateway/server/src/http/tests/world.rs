//! What the tests of the ports share: clients, one system, a journal in a temporary folder, and the router over them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use lienthong_console::{Console, SessionKey, Sessions};
use lienthong_core::delivery::OnParked;
use lienthong_core::{Adapter, ClientId, Clock, ConfigVersion, Inbound, RetryPolicy};
use lienthong_engine::clock::SystemClock;
use lienthong_engine::dispatch::Dispatcher;
use lienthong_engine::routing::{Catalogue, OrderKeySpec, RouteSource, RouteSpec, RouteTable, RouteTarget};
use lienthong_engine::service::Service;
use lienthong_engine::tables::{TableSpec, TableText, Tables};
use lienthong_engine::terms::Digests;
use lienthong_engine::{ClientPolicy, Configuration, SystemPolicy};
use lienthong_journal::files::{FileFolder, FileOptions};
use lienthong_journal::sqlite::{SettableDisk, SqliteJournal, SqliteOptions};
use lienthong_journal::{ExchangeFilter, Journal};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::system::{Portal, Pushes};
use crate::config::Problem;
use crate::http::router;
use crate::security::{ClientDirectory, ClientEntry, OperationPattern, Role, hash_key};
use crate::state::{AppState, Doors, Reload, RequestLimits};

pub(crate) const CODE: &str = "H56.14-250115-0007";
const ROOM: u64 = 1 << 40;

/// Keys of the clients; each is its client's name. `one-stop` and `land-office` may ask everything of the portal, `reader` may only find
/// dossiers, the others have the role of their name.
pub(crate) const ONE_STOP: &str = "one-stop";
pub(crate) const LAND: &str = "land-office";
pub(crate) const READER: &str = "reader";
pub(crate) const VIEWER: &str = "viewer";
pub(crate) const OPERATOR: &str = "operator";
pub(crate) const APPROVER: &str = "approver";
pub(crate) const ADMINISTRATOR: &str = "administrator";

pub(crate) struct World {
    pub(crate) state: AppState,
    pub(crate) portal: Arc<Portal>,
    pub(crate) disk: Arc<SettableDisk>,
    pub(crate) reload: Arc<FakeReload>,
    router: Router,
    _folder: tempfile::TempDir,
}

/// What a reload answers next.
#[derive(Default)]
pub(crate) struct FakeReload(pub(crate) Mutex<Vec<Problem>>);

#[async_trait]
impl Reload for FakeReload {
    async fn reload(&self) -> Result<ConfigVersion, Vec<Problem>> {
        let problems = std::mem::take(&mut *self.0.lock());
        if problems.is_empty() { Ok(ConfigVersion::new("v2").unwrap()) } else { Err(problems) }
    }
}

pub(crate) fn limits() -> RequestLimits {
    RequestLimits {
        body_bytes: 64 * 1024,
        concurrent_requests: 64,
        bytes_in_flight: 1024 * 1024,
        read_timeout: Duration::from_secs(5),
        event_streams: 4,
        file_downloads: 2,
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(limits()).await
    }

    pub(crate) async fn with(limits: RequestLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let disk = Arc::new(SettableDisk::new(ROOM));
        let mut options = SqliteOptions::new(folder.path().join("journal"), Arc::clone(&clock));
        options.disk = Arc::clone(&disk) as _;
        options.reserve_bytes = 0;
        let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::open(options).unwrap());
        let mut kept = FileOptions::new(folder.path().join("journal"), Arc::clone(&clock));
        kept.disk = Arc::clone(&disk) as _;
        let files = FileFolder::new(kept);
        files.prepare().await.unwrap();
        let portal = Arc::new(Portal::default());
        let config = Arc::new(ArcSwap::from_pointee(configuration(&portal)));
        let dispatcher =
            Dispatcher::start(Arc::clone(&journal), Arc::clone(&clock), Arc::clone(&config)).await.unwrap();
        let service = Service::new(Arc::clone(&journal), dispatcher, Arc::clone(&clock), config);
        let reload = Arc::new(FakeReload::default());
        let console = console(&service, &journal, &clock, folder.path());
        let state = AppState {
            service,
            journal,
            files,
            clock,
            directory: Arc::new(ArcSwap::from_pointee(directory())),
            facades: Arc::default(),
            console,
            doors: Arc::new(Doors::new(&limits)),
            limits: Arc::new(limits),
            reload: Arc::clone(&reload) as _,
            metrics: Arc::new(|| "# metrics\n".to_owned()),
            stopping: CancellationToken::new(),
        };
        Self { router: router(state.clone()), state, portal, disk, reload, _folder: folder }
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, key: &str, path: &str) -> Answer {
        Answer::of(self.send(get(key, path)).await).await
    }

    pub(crate) async fn post(&self, key: &str, path: &str, body: &Value) -> Answer {
        Answer::of(self.send(post(key, path, body)).await).await
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        Answer::of(self.send(request).await).await
    }

    /// Submits a dossier of `one-stop` and answers the exchange's id.
    pub(crate) async fn submitted(&self, code: &str) -> String {
        let answer = self.ask(submission(ONE_STOP, code, code)).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.json);
        answer.json["id"].as_str().unwrap().to_owned()
    }

    /// The exchange once its state is this one.
    pub(crate) async fn until(&self, id: &str, state: &str) -> Value {
        until(async || {
            let answer = self.get(VIEWER, &format!("/v1/exchanges/{id}")).await;
            (answer.json["state"] == state).then_some(answer.json)
        })
        .await
    }

    /// How many exchanges the journal holds.
    pub(crate) async fn kept(&self) -> usize {
        self.state.journal.exchanges(ExchangeFilter::default(), None, 500).await.unwrap().rows.len()
    }
}

/// An answer read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) bytes: bytes::Bytes,
    /// Null when it is not JSON.
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { status: parts.status, headers: parts.headers, bytes, json }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts that it is a whole problem document of this status and code; answers it.
    pub(crate) fn problem(&self, status: u16, code: &str) -> &Value {
        let problem = &self.json;
        assert_eq!(self.status.as_u16(), status, "{problem}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["type"], format!("/docs/faults#{}", code.to_lowercase()));
        for field in ["title", "detail", "detail_vi", "fault"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field} of {problem}");
        }
        assert_eq!(problem["trace_id"].as_str().map(str::len), Some(32), "{problem}");
        problem
    }

    /// The same, and the field it names first.
    pub(crate) fn names(&self, status: u16, code: &str, pointer: &str) -> &Value {
        let problem = self.problem(status, code);
        assert_eq!(problem["field_problems"][0]["pointer"], pointer, "{problem}");
        assert!(problem["field_problems"][0]["problem"].as_str().is_some_and(|text| !text.is_empty()));
        problem
    }
}

/// Asks until there is an answer; a test that never gets one fails after a generous time.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> T {
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

pub(crate) fn get(key: &str, path: &str) -> Request<Body> {
    Request::get(path).header("authorization", format!("Bearer {key}")).body(Body::empty()).unwrap()
}

pub(crate) fn post(key: &str, path: &str, body: &Value) -> Request<Body> {
    Request::post(path)
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json")
        .body(if body.is_null() { Body::empty() } else { Body::from(body.to_string()) })
        .unwrap()
}

pub(crate) fn envelope(code: &str) -> Value {
    json!({"operation": "portal.sync-dossier", "key": code, "body": {"code": code, "status": 4}})
}

/// A good submission; `idempotency` makes it one of its own.
pub(crate) fn submission(key: &str, code: &str, idempotency: &str) -> Request<Body> {
    submitting(key, idempotency, &envelope(code))
}

pub(crate) fn submitting(key: &str, idempotency: &str, envelope: &Value) -> Request<Body> {
    let mut request = post(key, "/v1/exchanges", envelope);
    request.headers_mut().insert("idempotency-key", idempotency.parse().unwrap());
    request
}

/// The operators' pages, with nobody who may log in.
fn console(service: &Service, journal: &Arc<dyn Journal>, clock: &Arc<dyn Clock>, folder: &std::path::Path) -> Console {
    let hour = Duration::from_secs(3600);
    let sessions = Sessions { idle: hour, longest: hour, secure: false };
    Console::new(lienthong_console::Parts {
        service: service.clone(),
        journal: Arc::clone(journal),
        clock: Arc::clone(clock),
        users: Arc::default(),
        sessions: Arc::new(ArcSwap::from_pointee(sessions)),
        key: SessionKey::random().unwrap(),
        folder: folder.to_owned(),
        stopping: CancellationToken::new(),
    })
}

fn directory() -> ClientDirectory {
    let portal = || vec![OperationPattern::System("portal".parse().unwrap())];
    let mut disabled = entry("disabled", portal(), &[]);
    disabled.enabled = false;
    ClientDirectory::new([
        entry(ONE_STOP, portal(), &[]),
        entry(LAND, portal(), &[]),
        entry(READER, vec![OperationPattern::One("portal.find-dossier".parse().unwrap())], &[]),
        entry(VIEWER, Vec::new(), &[Role::Viewer]),
        entry(OPERATOR, Vec::new(), &[Role::Operator]),
        entry(APPROVER, Vec::new(), &[Role::Approver]),
        entry(ADMINISTRATOR, Vec::new(), &[Role::Administrator]),
        disabled,
    ])
}

fn entry(name: &str, operations: Vec<OperationPattern>, roles: &[Role]) -> ClientEntry {
    ClientEntry {
        id: name.parse().unwrap(),
        key_hashes: vec![hash_key(name)],
        certificates: Vec::new(),
        operations,
        roles: roles.iter().copied().collect::<BTreeSet<_>>(),
        enabled: true,
    }
}

fn route(operation: &str, from: RouteSource, to: RouteTarget) -> RouteSpec {
    RouteSpec {
        name: operation.parse().unwrap(),
        file: "routes.yaml".to_owned(),
        line: 1,
        enabled: true,
        from,
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
        patterns: lienthong_engine::routing::Patterns::default(),
    }
}

fn configuration(portal: &Arc<Portal>) -> Configuration {
    let pushes = Arc::new(Pushes::default());
    let catalogue = Catalogue::build(portal.operations(), pushes.operations()).unwrap();
    let straight =
        |operation: &str| route(operation, RouteSource::AnyClient, RouteTarget::Operation(operation.parse().unwrap()));
    let inbox = RouteTarget::Inbox(ONE_STOP.parse().unwrap());
    let notices = route("portal.notify-tax", RouteSource::System(portal.system().clone()), inbox);
    let routes = vec![straight("portal.sync-dossier"), straight("portal.find-dossier"), notices];
    let routes = RouteTable::compile(routes, &catalogue).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let retry = RetryPolicy { budget: 2, first: Duration::from_millis(1), longest: Duration::from_millis(2) };
    let clients = [ONE_STOP, LAND, READER, VIEWER, OPERATOR, APPROVER, ADMINISTRATOR];
    let client = |name: &&str| (name.parse::<ClientId>().unwrap(), ClientPolicy::default());
    Configuration {
        digests: Digests::new(Some(&"a key of no use but in this very world".into())).unwrap(),
        approval: lienthong_engine::config::Approval::default(),
        version: ConfigVersion::new("v1").unwrap(),
        systems: BTreeMap::from([(portal.system().clone(), SystemPolicy { retry, ..SystemPolicy::default() })]),
        clients: clients.iter().map(client).collect::<HashMap<_, _>>(),
        adapters: HashMap::from([(portal.system().clone(), Arc::clone(portal) as Arc<dyn Adapter>)]),
        pollers: Vec::new(),
        inbound: HashMap::from([(portal.system().clone(), pushes as Arc<dyn Inbound>)]),
        catalogue,
        tables: tables(),
        routes,
        flows: lienthong_engine::flow::Flows::default(),
        watch: lienthong_engine::config::Watch::default(),
        paces: Arc::default(),
        reconciliations: lienthong_engine::reconcile::Reconciliations::default(),
        reports: lienthong_engine::report::Reports::default(),
    }
}

/// One table, whose codes may be people's.
fn tables() -> Arc<Tables> {
    let spec = TableSpec {
        name: "statuses".to_owned(),
        key: vec!["word".to_owned()],
        values: vec!["number".to_owned()],
        personal: vec!["word".to_owned()],
        ..TableSpec::default()
    };
    let text = TableText { file: "tables/statuses.csv".to_owned(), text: "word,number\nreceived,2\n".to_owned() };
    Arc::new(Tables::build([(spec, text)]).unwrap())
}
