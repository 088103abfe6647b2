//! From a request to what happens on its connection: maintenance, faults, the call, the answer; it must not know what a permit is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming as Body;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use hyper::{Request, Response, StatusCode};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::answers::{Answer, Dialect};
use super::api::{self, Call};
use super::faults::{Fault, Faults};
use super::options::MinistryOptions;
use super::store::Store;
use super::tokens::Tokens;
use super::{control, legacy};
use crate::net::listener::Host;
use crate::net::request::{Received, Unread};
use crate::net::wire::{self, NoAnswer, Reset};

/// Longest outage or maintenance.
const MAX_PERIOD_MILLIS: u64 = 24 * 3600 * 1000;

/// What the simulator received, answered and stored so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Requests to the ministry, control calls left out.
    pub requests: u64,
    /// Tokens given.
    pub tokens: u64,
    /// Tokens given while another was still valid: wasted ones.
    pub tokens_while_valid: u64,
    /// Commanded faults that no call has met yet.
    pub faults_waiting: u64,
    /// Understood calls by name.
    pub calls: BTreeMap<String, u64>,
    /// Answers: `success`, `refused`, or the name of the fault the call met.
    pub answers: BTreeMap<String, u64>,
    /// Permits registered, and how many of them are cancelled.
    pub permits: usize,
    pub cancelled: usize,
    /// Applications whose id was known already.
    pub duplicates: u64,
}

pub(super) struct Shared {
    options: MinistryOptions,
    requests: AtomicU64,
    pub(super) state: Mutex<State>,
    outage: mpsc::Sender<Duration>,
}

pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) tokens: Tokens,
    pub(super) store: Store,
    report: Report,
    maintenance: Option<Instant>,
}

/// What happens on the connection, after a delay.
struct Deed {
    delay: Duration,
    end: End,
}

enum End {
    Answer(Answer),
    /// Half of it is sent.
    Half(Answer),
    Reset,
    Close,
}

impl From<Answer> for Deed {
    fn from(answer: Answer) -> Self {
        Self { delay: Duration::ZERO, end: End::Answer(answer) }
    }
}

impl Shared {
    pub(super) fn new(options: MinistryOptions, outage: mpsc::Sender<Duration>) -> Self {
        let state = State {
            faults: Faults::new(options.profile, options.seed),
            tokens: Tokens::new(options.token_ttl, options.seed),
            store: Store::new(options.permits),
            report: Report::default(),
            maintenance: None,
        };
        Self { options, requests: AtomicU64::new(0), state: Mutex::new(state), outage }
    }

    pub(super) fn inject(&self, fault: Fault, times: u32) -> bool {
        match fault {
            Fault::Outage { millis } => {
                self.begin_outage(millis);
                true
            }
            Fault::Maintenance { millis } => {
                self.state.lock().begin_maintenance(millis);
                true
            }
            Fault::Slow { .. }
            | Fault::ResetBefore
            | Fault::ResetAfter
            | Fault::BadGatewayBefore
            | Fault::BadGatewayAfter
            | Fault::InternalError
            | Fault::TokenExpired
            | Fault::Throttled { .. }
            | Fault::AnswerLost { .. }
            | Fault::NotSuccessfulWithCodeZero
            | Fault::ObjectCode
            | Fault::TruncatedBody
            | Fault::EmptyBody
            | Fault::PageWithSuccess => self.state.lock().faults.command(fault, times),
        }
    }

    fn begin_outage(&self, millis: u64) {
        if self.outage.try_send(Duration::from_millis(millis.min(MAX_PERIOD_MILLIS))).is_err() {
            tracing::debug!("an outage is already waiting");
        }
    }

    pub(super) fn report(&self) -> Report {
        let state = self.state.lock();
        let (permits, cancelled) = state.store.totals();
        Report {
            requests: self.requests.load(Ordering::Relaxed),
            faults_waiting: state.faults.waiting(),
            permits,
            cancelled,
            ..state.report.clone()
        }
    }

    async fn handle(&self, received: Received) -> End {
        if received.path.starts_with(control::ROOT) {
            return End::Answer(control::answer(self, &received));
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let deed = self.decide(&received);
        tokio::time::sleep(deed.delay).await;
        deed.end
    }

    fn decide(&self, received: &Received) -> Deed {
        let mut state = self.state.lock();
        let state = &mut *state;
        if state.maintenance.is_some_and(|ends| Instant::now() < ends) {
            state.report.count("maintenance");
            return Answer::page(503, "Hệ thống đang bảo trì").into();
        }
        if received.path == "/oauth/token" {
            return state.token(&self.options, received).into();
        }
        let (dialect, call) = match received.path.split_once("/v2/").or_else(|| received.path.split_once("/v1/")) {
            Some((_, path)) if received.path.contains("/v2/") => (Dialect::Json, api::understand(received, path)),
            Some((_, path)) => (Dialect::Legacy, legacy::understand(received, path)),
            None => (Dialect::Json, None),
        };
        let Some(call) = call else { return Answer::page(404, "Not Found").into() };
        match state.faults.next(call.is_write()) {
            Some(Fault::Outage { millis }) => {
                self.begin_outage(millis);
                state.answer(&self.options, received, dialect, call).into()
            }
            Some(fault) => state.hit(fault, &self.options, received, (dialect, call)),
            None => state.answer(&self.options, received, dialect, call).into(),
        }
    }
}

impl State {
    fn begin_maintenance(&mut self, millis: u64) {
        self.maintenance = Some(Instant::now() + Duration::from_millis(millis.min(MAX_PERIOD_MILLIS)));
    }

    fn token(&mut self, options: &MinistryOptions, received: &Received) -> Answer {
        let wasted = self.tokens.any_valid(Instant::now());
        let answer = api::token(options, &mut self.tokens, received);
        if answer.status == 200 {
            self.report.tokens += 1;
            self.report.tokens_while_valid += u64::from(wasted);
        }
        answer
    }

    fn is_known(&self, options: &MinistryOptions, received: &Received, dialect: Dialect) -> bool {
        match dialect {
            Dialect::Json => {
                received.bearer.as_deref().is_some_and(|token| self.tokens.is_valid(token, Instant::now()))
            }
            Dialect::Legacy => {
                received.headers.get("x-api-key").is_some_and(|key| key.as_bytes() == options.api_key.as_bytes())
            }
        }
    }

    /// Processes a call.
    fn answer(&mut self, options: &MinistryOptions, received: &Received, dialect: Dialect, call: Call) -> Answer {
        if !matches!(call, Call::Health) && !self.is_known(options, received, dialect) {
            self.report.count("refused");
            return Answer::bad_token();
        }
        *self.report.calls.entry(call.name().to_owned()).or_default() += 1;
        let outcome = call.perform(&mut self.store);
        if matches!(outcome, super::answers::Outcome::Duplicate(_)) {
            self.report.duplicates += 1;
        }
        self.report.count(if outcome.is_success() { "success" } else { "refused" });
        outcome.said(dialect)
    }

    fn hit(&mut self, fault: Fault, options: &MinistryOptions, received: &Received, asked: (Dialect, Call)) -> Deed {
        let (dialect, call) = asked;
        self.report.count(fault.name());
        let now = |end: End| Deed { delay: Duration::ZERO, end };
        match fault {
            Fault::ResetBefore => return now(End::Reset),
            Fault::BadGatewayBefore => return Answer::page(502, "502 Bad Gateway").into(),
            Fault::InternalError => return Answer::json(500, &serde_json::json!({ "error": "internal" })).into(),
            Fault::Throttled { retry_after } => return Answer::throttled(retry_after).into(),
            Fault::NotSuccessfulWithCodeZero => return Answer::not_successful(dialect).into(),
            Fault::Maintenance { millis } => {
                self.begin_maintenance(millis);
                return Answer::page(503, "Hệ thống đang bảo trì").into();
            }
            Fault::TokenExpired => {
                received.bearer.iter().for_each(|token| self.tokens.end(token));
                return Answer::bad_token().into();
            }
            Fault::Slow { .. }
            | Fault::ResetAfter
            | Fault::BadGatewayAfter
            | Fault::AnswerLost { .. }
            | Fault::ObjectCode
            | Fault::TruncatedBody
            | Fault::EmptyBody
            | Fault::PageWithSuccess
            | Fault::Outage { .. } => {}
        }
        let answer = self.answer(options, received, dialect, call);
        match fault {
            Fault::Slow { millis } => Deed { delay: Duration::from_millis(millis), end: End::Answer(answer) },
            Fault::AnswerLost { hold_millis } => Deed { delay: Duration::from_millis(hold_millis), end: End::Close },
            Fault::ResetAfter => now(End::Reset),
            Fault::BadGatewayAfter => Answer::page(502, "502 Bad Gateway").into(),
            Fault::PageWithSuccess => Answer::page(200, "Đăng nhập").into(),
            Fault::ObjectCode => answer.with_object_code().into(),
            Fault::EmptyBody => Answer { body: Bytes::new(), ..answer }.into(),
            Fault::TruncatedBody => now(End::Half(answer)),
            Fault::ResetBefore
            | Fault::BadGatewayBefore
            | Fault::InternalError
            | Fault::Throttled { .. }
            | Fault::NotSuccessfulWithCodeZero
            | Fault::Maintenance { .. }
            | Fault::TokenExpired
            | Fault::Outage { .. } => answer.into(),
        }
    }
}

impl Report {
    fn count(&mut self, answer: &str) {
        *self.answers.entry(answer.to_owned()).or_default() += 1;
    }
}

impl Host for Shared {
    fn outage_begins(&self) {
        self.state.lock().report.count("outage");
    }

    fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        drain: watch::Receiver<u64>,
    ) -> impl Future<Output = ()> + Send + 'static {
        wire::serve(stream, drain, move |reset, request| respond(Arc::clone(&self), reset, request))
    }
}

async fn respond(shared: Arc<Shared>, reset: Reset, request: Request<Body>) -> Result<Response<Full<Bytes>>, NoAnswer> {
    let received = match Received::read(request, shared.options.body).await {
        Ok(received) => received,
        Err(Unread::TooLarge) => return Ok(response(Answer::page(413, "Payload Too Large"))),
        Err(Unread::Broken) => return Err(NoAnswer),
    };
    match shared.handle(received).await {
        End::Answer(answer) => Ok(response(answer)),
        End::Half(answer) => Ok(half(answer)),
        End::Close => Err(NoAnswer),
        End::Reset => Err(reset.now()),
    }
}

/// Valid HTTP that holds half a document: what a broken proxy passes on.
fn half(mut answer: Answer) -> Response<Full<Bytes>> {
    let middle = answer.body.len() / 2;
    answer.body.truncate(middle);
    response(answer)
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let Answer { status, content_type, retry_after, location, body } = answer;
    let mut response = Response::new(Full::<Bytes>::from(body.clone()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(location) = location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        headers.insert(LOCATION, location);
    }
    response
}
