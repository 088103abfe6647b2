//! From a read request to what happens on its connection: proof, message, ledger, slips, faults; it must not touch a socket.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use serde_json::Value;

use super::answers::{self, Stamp};
use super::control;
use super::faults::Fault;
use super::ledger::Found;
use super::message::{self, Header, Message, Question};
use super::options::Proof;
use super::report::add;
use super::soap::{self, Dialect, Request};
use super::state::{Shared, State, now};
use super::token::Wanted;

/// A request as it came, read whole within the limit.
pub(super) struct Received {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) body: Bytes,
}

/// A whole HTTP answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) retry_after: Option<u32>,
    pub(super) body: Bytes,
}

/// What happens on the connection.
pub(super) enum End {
    Answer(Answer),
    Reset,
    Close,
}

const XML: &str = "text/xml; charset=utf-8";
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n";
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Cổng GIP</title></head><body><p>Not Found</p></body></html>\n";
const MAINTENANCE: &str = "<!DOCTYPE html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Thông báo</title></head>\n<body><h2>Hệ thống đang bảo trì</h2></body></html>\n";

impl Answer {
    pub(super) fn json(status: u16, value: &Value) -> Self {
        let body = Bytes::from(value.to_string());
        Self { status, content_type: "application/json; charset=utf-8", retry_after: None, body }
    }

    pub(super) fn xml(status: u16, text: String) -> Self {
        Self { status, content_type: XML, retry_after: None, body: Bytes::from(text) }
    }

    pub(super) fn page(status: u16, html: &'static str) -> Self {
        let body = Bytes::from_static(html.as_bytes());
        Self { status, content_type: "text/html; charset=utf-8", retry_after: None, body }
    }
}

/// Decides what a request gets.
pub(super) async fn handle(shared: Arc<Shared>, received: Received) -> End {
    if received.path.starts_with(control::ROOT) {
        return End::Answer(control::answer(&shared, &received));
    }
    shared.requests.fetch_add(1, Ordering::Relaxed);
    if let Some(page) = maintenance_page(&mut shared.state.lock()) {
        return End::Answer(page);
    }
    if received.method != Method::POST {
        return End::Answer(refused(&mut shared.state.lock(), "bad-method", Answer::page(405, PAGE)));
    }
    let request = match soap::request(&received.body) {
        Ok(request) => request,
        Err(problem) => {
            let answer = Answer::xml(500, soap::fault("S:Client", problem));
            return End::Answer(refused(&mut shared.state.lock(), &format!("bad-soap: {problem}"), answer));
        }
    };
    if let Err(problem) = proven(&shared, &request).await {
        let answer = Answer::xml(500, soap::fault("wsse:FailedAuthentication", &shared.options.texts.unauthenticated));
        return End::Answer(refused(&mut shared.state.lock(), problem, answer));
    }
    let (delay, end) = perform(&shared, &request);
    tokio::time::sleep(delay).await;
    end
}

fn maintenance_page(state: &mut State) -> Option<Answer> {
    let status = state.maintenance()?;
    add(&mut state.tally.answers, "maintenance");
    Some(Answer::page(status, MAINTENANCE))
}

fn refused(state: &mut State, reason: &str, answer: Answer) -> Answer {
    add(&mut state.tally.answers, "refused");
    add(&mut state.tally.refusals, reason);
    answer
}

/// Whether the caller proves itself. A nonce is used up here, whatever comes after.
async fn proven(shared: &Arc<Shared>, request: &Request) -> Result<(), &'static str> {
    match &shared.options.proof {
        Proof::Digest { username, password } => {
            let wanted = Wanted {
                username,
                password,
                tolerance: shared.options.clock_tolerance,
                now: now(),
                remembered: shared.options.remembered,
            };
            shared.state.lock().nonces.check(request.security.as_ref(), wanted)
        }
        Proof::Signed { .. } => {
            let (shared, message) = (Arc::clone(shared), request.message.clone());
            // Another program runs meanwhile.
            let verify = move || shared.verifier.as_ref().map_or(Ok(()), |verifier| verifier.verify(&message));
            tokio::task::spawn_blocking(verify).await.unwrap_or(Err("the verification broke off"))
        }
    }
}

fn perform(shared: &Shared, request: &Request) -> (Duration, End) {
    let message = message::read(&request.message, &shared.options.texts);
    let mut state = shared.state.lock();
    state.turn += 1;
    let kind = message.as_ref().map_or("unreadable", |message| message.question.kind());
    let fault = state.faults.next(kind);
    let none = Header::default();
    let to = message.as_ref().map_or(&none, |message| &message.header);
    let stamp = Stamp { to, now: now(), turn: state.turn };
    if let Some(fault) = fault.filter(|fault| !fault.comes_after()) {
        add(&mut state.tally.answers, fault.name());
        return before(shared, request.dialect, fault, stamp);
    }
    let (name, data) = match &message {
        Err(problem) => {
            add(&mut state.tally.refusals, problem);
            ("refused", answers::error(stamp, &shared.options.texts.bad_request, problem))
        }
        Ok(message) => answered(shared, &mut state, &request.message, message, stamp),
    };
    add(&mut state.tally.answers, fault.map_or(name, |fault| fault.name()));
    let data = if fault == Some(Fault::OtherType) { answers::other_type(stamp) } else { data };
    after(shared, request.dialect, fault, &data, stamp.turn)
}

fn answered(
    shared: &Shared,
    state: &mut State,
    text: &str,
    message: &Message,
    stamp: Stamp<'_>,
) -> (&'static str, String) {
    let (options, texts) = (&shared.options, &shared.options.texts);
    add(&mut state.tally.kinds, message.question.kind());
    state.note_id(&message.header.message_id, options.remembered);
    match &message.question {
        Question::Taxpayer { tax_code } => {
            let found = shared.taxpayers.find(tax_code);
            let name = if found.is_some() { "found" } else { "not-found" };
            (name, answers::taxpayer(stamp, texts, options.not_found, found))
        }
        Question::Ledger { dossier, owner } => match state.ledger.find(dossier, owner) {
            Found::Debts(debts) => {
                let words = "Tồn tại mã hồ sơ và số CMND/CCCD và có còn nợ thuế đất";
                ("found", answers::ledger(stamp, ("01", words), &debts))
            }
            Found::NothingOwed => {
                let words = "Tồn tại mã hồ sơ và số CMND/CCCD và không còn nợ thuế đất";
                ("nothing-owed", answers::ledger(stamp, (&texts.nothing_owed, words), &[]))
            }
            Found::Unknown => {
                let words = "Không tồn tại mã hồ sơ hoặc số CMND/CCCD";
                ("not-found", answers::ledger(stamp, (&texts.no_dossier, words), &[]))
            }
        },
        Question::Slip { dossier: None } => {
            add(&mut state.tally.refusals, "missing: dossier code");
            ("refused", answers::error(stamp, &texts.bad_request, "Không xác định được mã hồ sơ"))
        }
        Question::Slip { dossier: Some(dossier) } => {
            let new = state.slips.take(text, Some(dossier.clone()));
            if new && options.slips_make_debts && state.ledger.of(dossier).is_empty() {
                state.ledger.assess(dossier, options.seed);
            }
            ("taken", answers::slip(stamp, texts, dossier))
        }
    }
}

/// What a call gets that nothing is done about.
fn before(shared: &Shared, dialect: Dialect, fault: Fault, stamp: Stamp<'_>) -> (Duration, End) {
    let now = |answer: Answer| (Duration::ZERO, End::Answer(answer));
    match fault {
        Fault::ResetBeforeStore => (Duration::ZERO, End::Reset),
        Fault::BadGatewayBeforeStore => now(Answer::page(502, BAD_GATEWAY)),
        Fault::HtmlPage => now(Answer::page(200, PAGE)),
        Fault::SoapFault => now(Answer::xml(500, soap::fault("S:Server", "Internal Error"))),
        Fault::ErrorHeader => {
            let data = answers::error(stamp, &shared.options.texts.bad_request, "Lỗi hệ thống, vui lòng thử lại sau");
            now(Answer::xml(200, soap::answer(dialect, shared.options.wrapping, stamp.turn, &data)))
        }
        Fault::Throttled { retry_after } => {
            now(Answer { retry_after: Some(retry_after), ..Answer::page(429, "Too Many Requests") })
        }
        Fault::Unauthenticated => {
            let words = &shared.options.texts.unauthenticated;
            now(Answer::xml(500, soap::fault("wsse:FailedAuthentication", words)))
        }
        // Begun at once when commanded; none of the rest comes before the answer.
        Fault::Outage { .. }
        | Fault::Maintenance { .. }
        | Fault::Slow { .. }
        | Fault::ResetAfterStore
        | Fault::AnswerLost { .. }
        | Fault::BadGatewayAfterStore
        | Fault::TruncatedBody
        | Fault::TruncatedData
        | Fault::EmptyBody
        | Fault::OtherType => now(Answer::page(502, BAD_GATEWAY)),
    }
}

/// The answer, or what the fault makes of it.
fn after(shared: &Shared, dialect: Dialect, fault: Option<Fault>, data: &str, turn: u64) -> (Duration, End) {
    let wrapped = |data: &str| Answer::xml(200, soap::answer(dialect, shared.options.wrapping, turn, data));
    let answer = wrapped(data);
    let now = |answer: Answer| (Duration::ZERO, End::Answer(answer));
    let Some(fault) = fault else { return now(answer) };
    match fault {
        Fault::Slow { millis } => (Duration::from_millis(millis), End::Answer(answer)),
        Fault::ResetAfterStore => (Duration::ZERO, End::Reset),
        Fault::AnswerLost { hold_millis } => (Duration::from_millis(hold_millis), End::Close),
        Fault::BadGatewayAfterStore => now(Answer::page(502, BAD_GATEWAY)),
        Fault::TruncatedBody => {
            let body = answer.body.slice(..answer.body.len() * 2 / 3);
            now(Answer { body, ..answer })
        }
        Fault::TruncatedData => now(wrapped(&half(data))),
        Fault::EmptyBody => now(Answer { body: Bytes::new(), ..answer }),
        Fault::OtherType
        | Fault::ResetBeforeStore
        | Fault::BadGatewayBeforeStore
        | Fault::HtmlPage
        | Fault::SoapFault
        | Fault::ErrorHeader
        | Fault::Throttled { .. }
        | Fault::Unauthenticated
        | Fault::Outage { .. }
        | Fault::Maintenance { .. } => now(answer),
    }
}

/// The first half, by characters.
fn half(data: &str) -> String {
    data.chars().take(data.chars().count() / 2).collect()
}
