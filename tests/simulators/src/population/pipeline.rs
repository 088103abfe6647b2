//! From a read request to what happens on its connection: proof, rules, registry, faults; it must not touch a socket.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use hyper::{HeaderMap, Method};
use serde_json::{Map, Value, json};

use super::answers::answer;
use super::auth::{self, Proof};
use super::faults::{Facts, Fault};
use super::report::add;
use super::request::{self, Breach, Query};
use super::state::{Shared, State, wall_millis};
use super::{control, soap};

/// A request as it came, read whole within the limit.
pub(super) struct Received {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
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
const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n";
const LOGIN_PAGE: &str =
    "<!DOCTYPE html>\n<html><head><title>Trục liên thông</title></head><body><form></form></body></html>\n";
const MAINTENANCE: &str = "<!DOCTYPE html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Thông báo</title></head>\n<body><h2>Hệ thống đang bảo trì</h2></body></html>\n";

impl Answer {
    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self { status, content_type: JSON, retry_after: None, body: Bytes::from(value.to_string()) }
    }

    fn xml(status: u16, text: String) -> Self {
        Self { status, content_type: XML, retry_after: None, body: Bytes::from(text) }
    }

    pub(super) fn page(status: u16, html: &'static str) -> Self {
        Self { status, content_type: HTML, retry_after: None, body: Bytes::from_static(html.as_bytes()) }
    }
}

/// In which form a caller asks, and so is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Soap,
    Wrapper,
}

/// Decides what a request gets.
pub(super) async fn handle(shared: &Shared, received: Received) -> End {
    if received.path.starts_with(control::ROOT) {
        return End::Answer(control::answer(shared, &received));
    }
    shared.requests.fetch_add(1, Ordering::Relaxed);
    let asks_token = received.path.ends_with("/token");
    let _running = asks_token.then(|| shared.token_running());
    if let Some(page) = maintenance_page(&mut shared.state.lock()) {
        return End::Answer(page);
    }
    if received.method != Method::POST {
        return End::Answer(refused(&mut shared.state.lock(), "bad-method", Answer::page(405, LOGIN_PAGE)));
    }
    let (delay, end) = if asks_token { token(shared, &received) } else { call(shared, &received) };
    tokio::time::sleep(delay).await;
    end
}

fn maintenance_page(state: &mut State) -> Option<Answer> {
    let status = state.maintenance()?;
    add(&mut state.tally.answers, "maintenance");
    Some(Answer::page(status, MAINTENANCE))
}

fn token(shared: &Shared, received: &Received) -> (Duration, End) {
    let mut state = shared.state.lock();
    add(&mut state.tally.services, "token");
    let fault = state.faults.next(Facts { service: "token", with_token: false });
    let (name, answer) = match auth::token(&shared.options, &received.headers, &received.body) {
        Ok(()) => ("token", Answer::json(200, &state.tokens.give())),
        Err(reason) => {
            add(&mut state.tally.refusals, reason);
            ("refused", Answer::json(401, &json!({"error": "invalid_client"})))
        }
    };
    spoil(&mut state, fault, Form::Wrapper, name, answer)
}

fn call(shared: &Shared, received: &Received) -> (Duration, End) {
    let form = match received.body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Form::Wrapper,
        Some(_) | None => Form::Soap,
    };
    let understood = understand(shared, received, form);
    let mut state = shared.state.lock();
    let service = understood.as_ref().map_or("unknown", |(query, _)| query.asked.name());
    let token = auth::bearer(&received.headers);
    let fault = state.faults.next(Facts { service, with_token: token.is_some() });
    if fault == Some(Fault::TokenExpired) {
        state.tokens.end(token.unwrap_or_default());
        add(&mut state.tally.answers, "token-expired");
        return (Duration::ZERO, End::Answer(unauthenticated(shared, form)));
    }
    let (name, answer) = match understood {
        Err(refusal) => {
            add(&mut state.tally.refusals, &refusal.0);
            ("refused", refusal.1)
        }
        Ok((query, proof)) => look_up(shared, &mut state, &query, proof, form),
    };
    spoil(&mut state, fault, form, name, answer)
}

type Refusal = Box<(String, Answer)>;

fn understand(shared: &Shared, received: &Received, form: Form) -> Result<(Query, Proof), Refusal> {
    let options = &shared.options;
    let proof = {
        let state = shared.state.lock();
        match form {
            Form::Soap => auth::soap(options, &state.tokens, &received.headers, &received.path, wall_millis()),
            Form::Wrapper => auth::wrapper(options, &state.tokens, &received.headers),
        }
    };
    let proof = proof.map_err(|reason| Box::new((reason.to_owned(), unauthenticated(shared, form))))?;
    let malformed = |reason: String| Box::new((reason, told(shared, form, &options.texts.malformed)));
    let content = auth::header(&received.headers, "content-type").unwrap_or_default();
    let wanted: &[&str] = match form {
        Form::Soap => &["application/xml", "text/xml"],
        Form::Wrapper => &["application/json"],
    };
    if !wanted.iter().any(|wanted| content.starts_with(wanted)) {
        return Err(malformed("bad-content-type".to_owned()));
    }
    let query = match form {
        Form::Soap => soap::operation(&received.body)
            .map_err(|problem| malformed(format!("bad-soap: {problem}")))
            .map(|operation| request::soap(options, &operation))?,
        Form::Wrapper => serde_json::from_slice::<Map<String, Value>>(&received.body)
            .map_err(|_| malformed("bad-json".to_owned()))
            .map(|fields| request::wrapper(options, &fields))?,
    };
    let query = query.map_err(|Breach { rule, element }| malformed(format!("{rule}: {element}")))?;
    if !options.procedures.is_empty() && !options.procedures.contains(&query.procedure) {
        let answer = told(shared, form, &options.texts.not_permitted);
        return Err(Box::new(("procedure-not-permitted".to_owned(), answer)));
    }
    Ok((query, proof))
}

fn look_up(shared: &Shared, state: &mut State, query: &Query, proof: Proof, form: Form) -> (&'static str, Answer) {
    let options = &shared.options;
    add(&mut state.tally.services, query.asked.name());
    add(&mut state.tally.proofs, proof.name());
    add(&mut state.tally.purposes, &query.procedure);
    add(&mut state.tally.officers, &query.officer);
    if !state.first_use(&query.request_id, options.remembered_ids) {
        add(&mut state.tally.refusals, "duplicate: MaYeuCau");
        return ("refused", told(shared, form, &options.texts.duplicate));
    }
    state.turn += 1;
    let said = answer(&shared.registry, options.strict_names, query, state.turn);
    let whole = soap::envelope(&said.xml);
    let answer = match form {
        Form::Soap => Answer::xml(200, whole),
        // The code is a text in one province and a number in another.
        Form::Wrapper if state.turn.is_multiple_of(2) => Answer::json(200, &json!({"error_code": 0, "message": whole})),
        Form::Wrapper => Answer::json(200, &json!({"error_code": "0", "message": whole})),
    };
    (if said.found { "found" } else { "not-found" }, answer)
}

fn unauthenticated(shared: &Shared, form: Form) -> Answer {
    match form {
        Form::Soap => Answer::xml(401, soap::fault("Client", &shared.options.texts.unauthenticated)),
        Form::Wrapper => {
            let fault = json!({"fault": {"code": 900_901, "message": "Invalid Credentials"}});
            Answer::json(401, &fault)
        }
    }
}

/// A refusal in the caller's form.
fn told(shared: &Shared, form: Form, words: &str) -> Answer {
    let code = &shared.options.texts.wrapper_refused_code;
    match form {
        Form::Soap => Answer::xml(500, soap::fault("Client", words)),
        Form::Wrapper => Answer::json(200, &json!({"error_code": code, "message": words})),
    }
}

fn refused(state: &mut State, reason: &str, answer: Answer) -> Answer {
    add(&mut state.tally.answers, "refused");
    add(&mut state.tally.refusals, reason);
    answer
}

/// The answer, or what the fault makes of it.
fn spoil(state: &mut State, fault: Option<Fault>, form: Form, name: &str, answer: Answer) -> (Duration, End) {
    add(&mut state.tally.answers, fault.map_or(name, |fault| fault.name()));
    let Some(fault) = fault else { return (Duration::ZERO, End::Answer(answer)) };
    let now = |answer: Answer| (Duration::ZERO, End::Answer(answer));
    match fault {
        Fault::Slow { millis } => (Duration::from_millis(millis), End::Answer(answer)),
        Fault::Reset => (Duration::ZERO, End::Reset),
        Fault::AnswerLost { hold_millis } => (Duration::from_millis(hold_millis), End::Close),
        Fault::BadGateway => now(Answer::page(502, BAD_GATEWAY)),
        Fault::HtmlPage => match form {
            Form::Soap => now(Answer::page(200, LOGIN_PAGE)),
            Form::Wrapper => now(Answer::json(200, &json!({"error_code": "0", "message": LOGIN_PAGE}))),
        },
        Fault::SoapFault => {
            let words = soap::fault("Server", "Internal Error");
            match form {
                Form::Soap => now(Answer::xml(500, words)),
                Form::Wrapper => now(Answer::json(200, &json!({"error_code": "0", "message": words}))),
            }
        }
        Fault::TruncatedBody => {
            let body = answer.body.slice(..answer.body.len() * 2 / 3);
            now(Answer { body, ..answer })
        }
        Fault::EmptyBody => now(Answer { body: Bytes::new(), status: 200, ..answer }),
        Fault::Throttled { retry_after } => {
            let answer = Answer::json(429, &json!({"message": "Too Many Requests"}));
            now(Answer { retry_after: Some(retry_after), ..answer })
        }
        // Met before an answer is made.
        Fault::TokenExpired | Fault::Outage { .. } | Fault::Maintenance { .. } => now(answer),
    }
}
