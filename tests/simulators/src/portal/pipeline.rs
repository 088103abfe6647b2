//! From a read request to what happens on its connection: maintenance, faults, the service, the answer; it must not touch a socket.

use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use super::answers::{Answer, JSON, Refusal, Reply};
use super::call::{Call, Credentials, Incoming};
use super::faults::Fault;
use super::services::session_expired;
use super::state::{Shared, State};
use super::{control, files, lgsp, raw};
use crate::net::request::Received;

/// What happens on the connection, after a delay.
pub(super) struct Deed {
    pub(super) delay: Duration,
    pub(super) end: End,
}

pub(super) enum End {
    Answer(Answer),
    /// The connection is reset.
    Reset,
    /// The connection closes without an answer.
    Close,
}

impl From<Answer> for Deed {
    fn from(answer: Answer) -> Self {
        Self { delay: Duration::ZERO, end: End::Answer(answer) }
    }
}

/// Decides what a request gets. A login counts as running until the deed is done.
pub(super) async fn handle(shared: &Shared, received: Received) -> End {
    if received.path.starts_with(control::ROOT) {
        return End::Answer(control::answer(shared, &received));
    }
    shared.counters.requests.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let login = received.path.ends_with("/mapi/login");
    let _running = login.then(|| shared.counters.login());
    let unreachable = unreachable_file(shared, &received).await;
    let deed = decide(shared, &received, unreachable);
    tokio::time::sleep(deed.delay).await;
    deed.end
}

/// The refusal of a dossier with a link that cannot be fetched, where this portal fetches.
async fn unreachable_file(shared: &Shared, received: &Received) -> Option<Refusal> {
    if !shared.options.fetches_files {
        return None;
    }
    match understand(shared, received) {
        Understood::Call(Incoming { call: Call::SyncDossiers { data, .. }, .. }) => {
            let link = files::first_unreachable(&data).await?;
            Some(Refusal::unreachable_file(&shared.options.texts.unreachable_file, &link))
        }
        Understood::Call(_) | Understood::Refused(_) | Understood::Answer(..) => None,
    }
}

fn decide(shared: &Shared, received: &Received, unreachable: Option<Refusal>) -> Deed {
    if let Some(page) = maintenance_page(&mut shared.state.lock()) {
        return page.into();
    }
    let understood = understand(shared, received);
    let mut state = shared.state.lock();
    match understood {
        Understood::Call(incoming) => match unreachable {
            Some(refusal) => state.refuse(&refusal).into(),
            None => perform(shared, &mut state, &incoming),
        },
        Understood::Refused(refusal) => state.refuse(&refusal).into(),
        Understood::Answer(reason, answer) => {
            state.tally.answer("refused");
            state.tally.refusal(reason);
            answer.into()
        }
    }
}

fn maintenance_page(state: &mut State) -> Option<Answer> {
    let status = state.maintenance()?;
    state.tally.answer("maintenance");
    Some(Answer::maintenance(status))
}

enum Understood {
    Call(Incoming),
    Refused(Refusal),
    /// Not in the portal's envelope: why, and the whole answer.
    Answer(&'static str, Answer),
}

fn understand(shared: &Shared, received: &Received) -> Understood {
    let path = received.path.as_str();
    let login = path.ends_with("/mapi/login");
    if login || path.ends_with("/mapi/g") {
        return understand_raw(shared, received, login);
    }
    match lgsp::endpoint(path) {
        Some(endpoint) => understand_lgsp(shared, received, endpoint),
        None => Understood::Answer("not-found", Answer::plain(404, "not found")),
    }
}

fn understand_raw(shared: &Shared, received: &Received, login: bool) -> Understood {
    if received.method != Method::POST {
        return Understood::Answer("bad-method", Answer::plain(405, "method not allowed"));
    }
    let wanted = shared.options.dstcode.as_deref();
    if wanted.is_some() && wanted != received.dstcode.as_deref() {
        return Understood::Answer("bad-dstcode", Answer::plain(400, "missing or unknown dstcode"));
    }
    let parsed = if login { raw::login(&received.body) } else { raw::call(&received.body) };
    match parsed {
        Ok(incoming) => Understood::Call(incoming),
        Err(refusal) => Understood::Refused(refusal),
    }
}

fn understand_lgsp(shared: &Shared, received: &Received, endpoint: &str) -> Understood {
    if shared.options.bearer.is_some() && shared.options.bearer != received.bearer {
        return Understood::Answer("bad-token", Answer::bad_token());
    }
    let prefixes = &shared.options.org_prefixes;
    match lgsp::call(endpoint, &received.query, &received.body, prefixes) {
        Some(Ok(call)) => Understood::Call(Incoming { call, credentials: Credentials::Bearer }),
        Some(Err(refusal)) => Understood::Refused(refusal),
        None => Understood::Answer("not-found", Answer::plain(404, "not found")),
    }
}

fn perform(shared: &Shared, state: &mut State, incoming: &Incoming) -> Deed {
    state.tally.service(incoming.call.service());
    let fault = state.faults.next(&incoming.call.facts());
    let fault = match fault {
        Some(Fault::Outage { millis }) => {
            shared.begin_outage(millis);
            None
        }
        other => other,
    };
    if let Some(deed) = fault.and_then(|fault| state.hit_before(shared, fault, incoming)) {
        return deed;
    }
    let outcome = state.perform(&shared.options, incoming, shared.at_ms());
    let accepted = outcome.is_ok();
    let reply = match outcome {
        Ok(reply) => reply,
        Err(refusal) => {
            state.tally.refusal(refusal.reason);
            refusal.reply()
        }
    };
    let plain = if accepted { "success" } else { "refused" };
    state.tally.answer(fault.map_or(plain, |fault| fault.name()));
    match fault {
        Some(fault) => state.hit_after(fault, reply, accepted, incoming),
        None => Answer::json(200, &reply.into_value()).into(),
    }
}

impl State {
    fn refuse(&mut self, refusal: &Refusal) -> Answer {
        self.tally.answer("refused");
        self.tally.refusal(refusal.reason);
        Answer::json(200, &refusal.reply().into_value())
    }

    /// Faults that come before anything is stored. `None`: the call is processed.
    fn hit_before(&mut self, shared: &Shared, fault: Fault, incoming: &Incoming) -> Option<Deed> {
        let deed: Deed = match fault {
            Fault::ResetBeforeStore => Deed { delay: Duration::ZERO, end: End::Reset },
            Fault::BadGatewayBeforeStore => Answer::bad_gateway().into(),
            Fault::Throttled { retry_after } => Answer::throttled(retry_after).into(),
            Fault::ThrottledText => {
                let texts = &shared.options.texts;
                let reply = Reply::new(texts.throttled_code.as_str().into(), &texts.throttled);
                Answer::json(200, &reply.into_value()).into()
            }
            Fault::SessionExpired => self.expire(shared, &incoming.credentials).into(),
            Fault::NotSuccessfulWithCodeZero => {
                let reply = self.ok(&[not_successful(&incoming.call)]);
                Answer::json(200, &reply.into_value()).into()
            }
            Fault::Maintenance { millis, status } => {
                self.begin_maintenance(millis, status);
                Answer::maintenance(status).into()
            }
            Fault::Slow { .. }
            | Fault::ResetAfterStore
            | Fault::BadGatewayAfterStore
            | Fault::AnswerLost { .. }
            | Fault::AlreadyExists
            | Fault::ObjectCode
            | Fault::NumericMessage
            | Fault::ArrayMessage
            | Fault::TruncatedBody
            | Fault::EmptyBody
            | Fault::PartialList
            | Fault::Outage { .. } => return None,
        };
        self.tally.answer(fault.name());
        Some(deed)
    }

    fn expire(&mut self, shared: &Shared, who: &Credentials) -> Answer {
        match who {
            Credentials::Session { session, .. } => {
                self.sessions.end(session);
                Answer::json(200, &session_expired(&shared.options).reply().into_value())
            }
            Credentials::Bearer | Credentials::None => Answer::bad_token(),
        }
    }

    /// Faults that come after the call was processed (and stored, when it was accepted).
    fn hit_after(&mut self, fault: Fault, mut reply: Reply, accepted: bool, incoming: &Incoming) -> Deed {
        let mut delay = Duration::ZERO;
        match fault {
            Fault::ResetAfterStore => return Deed { delay, end: End::Reset },
            Fault::AnswerLost { hold_millis } => {
                return Deed { delay: Duration::from_millis(hold_millis), end: End::Close };
            }
            Fault::BadGatewayAfterStore => return Answer::bad_gateway().into(),
            Fault::TruncatedBody => return truncated(reply).into(),
            Fault::EmptyBody => return empty().into(),
            Fault::Slow { millis } => delay = Duration::from_millis(millis),
            Fault::AlreadyExists if accepted => {
                self.turn += 1;
                let code = incoming.call.facts().dossiers.first().copied().unwrap_or_default();
                reply = Refusal::already_exists(code, self.turn).reply();
            }
            Fault::ObjectCode => reply.code = json!({"value": reply.code}),
            Fault::NumericMessage => reply.message = Value::from(1),
            Fault::ArrayMessage => reply.message = json!([reply.message]),
            Fault::PartialList => halve(&mut reply),
            Fault::AlreadyExists
            | Fault::ResetBeforeStore
            | Fault::BadGatewayBeforeStore
            | Fault::SessionExpired
            | Fault::Throttled { .. }
            | Fault::ThrottledText
            | Fault::NotSuccessfulWithCodeZero
            | Fault::Outage { .. }
            | Fault::Maintenance { .. } => {}
        }
        Deed { delay, end: End::Answer(Answer::json(200, &reply.into_value())) }
    }
}

/// "Không thành công" contains "thành công": the words an answer must not be taken for success by.
fn not_successful(call: &Call) -> &'static str {
    match call {
        Call::SyncDossiers { updating: false, .. } => "Đồng bộ không thành công",
        Call::SyncDossiers { updating: true, .. } => "Cập nhật không thành công",
        Call::SyncSteps { .. } => "Cập nhật tiến độ không thành công",
        Call::SyncStatus { .. } => "Đồng bộ trạng thái không thành công",
        Call::Login { .. }
        | Call::FindDossier { .. }
        | Call::ListProcedures
        | Call::GetProcedure { .. }
        | Call::ListAgencies
        | Call::ListFields => "Không thành công",
    }
}

/// Cut where the code is already readable: what a hasty reader takes for an answer.
fn truncated(reply: Reply) -> Answer {
    let whole = Bytes::from(reply.into_value().to_string());
    let body = whole.slice(..whole.len() * 2 / 3);
    Answer { status: 200, content_type: JSON, retry_after: None, body }
}

fn empty() -> Answer {
    Answer { status: 200, content_type: JSON, retry_after: None, body: Bytes::new() }
}

fn halve(reply: &mut Reply) {
    if let Some(Value::Array(items)) = reply.result.as_mut() {
        items.truncate(items.len() / 2);
    }
}
