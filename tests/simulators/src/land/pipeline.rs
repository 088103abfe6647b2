//! From a read request to what happens on its connection: token, message, list, file, faults; it must not touch a socket.

use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::answers::{self, Answer, Outcome};
use super::control;
use super::dossiers::Office;
use super::faults::{Fault, Sort};
use super::files;
use super::message::{self, Verb};
use super::options::{Dialect, Entry, LandOptions};
use super::report::add;
use super::state::{Shared, State, now};
use crate::net::request::{Query, Received};

/// What happens on the connection.
pub(super) enum End {
    Answer(Box<Answer>),
    Reset,
    Close,
}

impl From<Answer> for End {
    fn from(answer: Answer) -> Self {
        Self::Answer(Box::new(answer))
    }
}

/// What is asked, by its path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Write(&'static str, Verb),
    List(&'static str),
    File,
}

impl Call {
    fn of(dialect: Dialect, received: &Received) -> Option<Self> {
        let last = received.path.rsplit('/').next().unwrap_or_default();
        if received.method == Method::POST {
            return Verb::of(dialect, last).map(|(name, verb)| Self::Write(name, verb));
        }
        if received.method != Method::GET {
            return None;
        }
        if received.path.contains(files::ROOT) {
            return Some(Self::File);
        }
        let lists = ["GetDanhMucNguoiDung", "GetDanhMucThuTuc", "GetDanhMucTrangThai"];
        lists.into_iter().find(|name| name.eq_ignore_ascii_case(last)).map(Self::List)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Write(name, _) | Self::List(name) => name,
            Self::File => "files",
        }
    }

    fn sort(self) -> Sort {
        match self {
            Self::Write(_, Verb::Receive) => Sort::Receive,
            Self::Write(_, Verb::Supplement | Verb::Return | Verb::Wrong) => Sort::Write,
            Self::List(_) => Sort::List,
            Self::File => Sort::File,
        }
    }
}

/// Decides what a request gets.
pub(super) async fn handle(shared: &Shared, received: &Received) -> End {
    if received.path.starts_with(control::ROOT) {
        return control::answer(shared, received).await.into();
    }
    shared.requests.fetch_add(1, Ordering::Relaxed);
    let (delay, end) = decide(shared, received);
    tokio::time::sleep(delay).await;
    end
}

fn decide(shared: &Shared, received: &Received) -> (Duration, End) {
    let at_once = |answer: Answer| (Duration::ZERO, answer.into());
    let options = &shared.options;
    let mut guard = shared.state.lock();
    let state = &mut *guard;
    if let Some(status) = state.maintenance() {
        add(&mut state.tally.answers, "maintenance");
        return at_once(Answer::maintenance(status));
    }
    if options.dialect == Dialect::Ilis && received.method == Method::POST && received.path.ends_with("/token") {
        return at_once(state.token(options, received));
    }
    let Some(call) = Call::of(options.dialect, received) else {
        add(&mut state.tally.answers, "not-found");
        return at_once(Answer::plain(404, "Not Found"));
    };
    if !state.is_known(options, call, received) {
        add(&mut state.tally.answers, "unauthorized");
        return at_once(Answer::unauthorized());
    }
    add(&mut state.tally.calls, call.name());
    let fault = state.faults.next(call.sort(), call.name());
    match fault {
        Some(Fault::Outage { millis }) => shared.begin_outage(millis),
        Some(Fault::Maintenance { millis, status }) => {
            state.begin_maintenance(millis, status);
            return at_once(Answer::maintenance(status));
        }
        Some(_) | None => {}
    }
    let fault = fault.filter(|fault| fault.name() != "outage");
    if let Some(end) = fault.and_then(|fault| state.before(fault, options, received)) {
        return (Duration::ZERO, end);
    }
    let (answer, woken) = state.answered(options, call, received);
    drop(guard);
    if let Some(code) = woken {
        shared.wake(&code);
    }
    match fault {
        Some(fault) => after(fault, answer),
        None => at_once(answer),
    }
}

impl State {
    fn token(&mut self, options: &LandOptions, received: &Received) -> Answer {
        add(&mut self.tally.calls, "token");
        let form = Query::parse(&String::from_utf8_lossy(&received.body));
        match self.tokens.grant(&options.account, &form, Instant::now()) {
            Ok(token) => Answer::json(200, &token),
            Err(error) => {
                add(&mut self.tally.refusals, &format!("token: {error}"));
                Answer::json(400, &json!({ "error": error }))
            }
        }
    }

    /// VBDLIS is seen without authentication; iLIS's files need no token either.
    fn is_known(&self, options: &LandOptions, call: Call, received: &Received) -> bool {
        match (options.dialect, call) {
            (Dialect::Vbdlis, _) | (Dialect::Ilis, Call::File) => true,
            (Dialect::Ilis, Call::Write(..) | Call::List(_)) => {
                received.bearer.as_deref().is_some_and(|token| self.tokens.is_valid(token, Instant::now()))
            }
        }
    }

    /// What a call gets that nothing is done about; `None`: it is processed first.
    fn before(&mut self, fault: Fault, options: &LandOptions, received: &Received) -> Option<End> {
        let refused = |words: &str| Answer::outcome(&Outcome::Refused(words.to_owned()), &time());
        let envelope = |status: u16, said: (Value, Value), words: &str| {
            Answer::json(status, &answers::status(json!(0), said, &time(), words)).into()
        };
        add(&mut self.tally.answers, fault.name());
        Some(match fault {
            Fault::ResetBeforeStore => End::Reset,
            Fault::BadGatewayBeforeStore => Answer::bad_gateway().into(),
            Fault::HtmlPage => Answer::login_page().into(),
            Fault::ServerError => envelope(500, (json!(false), json!(500)), "Lỗi hệ thống"),
            Fault::Throttled { retry_after } => Answer::throttled(retry_after).into(),
            Fault::ThrottledText => refused(&options.texts.throttled).into(),
            Fault::TokenExpired if options.dialect == Dialect::Ilis => {
                received.bearer.iter().for_each(|token| self.tokens.end(token));
                Answer::unauthorized().into()
            }
            Fault::FileExists => refused("Tập tin đã tồn tại").into(),
            Fault::OtherExists => refused("Số biên nhận H99.99-250101-0001 đã tồn tại").into(),
            Fault::NotSuccessfulWithCode200 => envelope(200, (json!(true), json!(200)), "Cập nhật không thành công"),
            // A VBDLIS office has no tokens to end.
            Fault::TokenExpired
            | Fault::Slow { .. }
            | Fault::ResetAfterStore
            | Fault::AnswerLost { .. }
            | Fault::BadGatewayAfterStore
            | Fault::AlreadyExists
            | Fault::ContradictingData
            | Fault::TextsForTypes
            | Fault::TruncatedBody
            | Fault::EmptyBody
            | Fault::PartialList
            | Fault::Outage { .. }
            | Fault::Maintenance { .. } => return None,
        })
    }

    /// The answer, and the dossier that may go on.
    fn answered(&mut self, options: &LandOptions, call: Call, received: &Received) -> (Answer, Option<String>) {
        match call {
            Call::File => {
                add(&mut self.tally.answers, "file");
                (files::answer(&received.path, &options.elsewhere), None)
            }
            Call::List(name) => (self.list(options, name, &received.query), None),
            Call::Write(_, verb) => match message::read(options.dialect, verb, &received.body) {
                Ok(message) => {
                    let code = message.code.clone();
                    let office = Office { options, officers: &self.officers, has_tax: self.tax.is_some() };
                    let outcome = self.dossiers.decide(message, office);
                    let done = outcome == Outcome::Done;
                    add(&mut self.tally.answers, if done { "done" } else { "refused" });
                    (Answer::outcome(&outcome, &time()), done.then_some(code))
                }
                Err(refusal) => {
                    add(&mut self.tally.answers, "refused");
                    add(&mut self.tally.refusals, &refusal.reason);
                    (Answer::outcome(&Outcome::Refused(refusal.words), &time()), None)
                }
            },
        }
    }

    /// The shape of a list's answer is not public: rows in `data`, the envelope around them.
    fn list(&mut self, options: &LandOptions, name: &str, query: &Query) -> Answer {
        if query.get("SecurityCode") != Some(options.security_code.as_str()) {
            add(&mut self.tally.answers, "refused");
            add(&mut self.tally.refusals, "wrong-code: SecurityCode");
            return Answer::outcome(&Outcome::Refused(options.texts.wrong_code.clone()), &time());
        }
        add(&mut self.tally.answers, "list");
        let rows = |entries: &[Entry], code: &str, name: &str| -> Value {
            entries.iter().map(|entry| json!({ code: entry.code, name: entry.name })).collect()
        };
        let data = match name {
            "GetDanhMucNguoiDung" => rows(&self.officers, "TenDangNhap", "HoTen"),
            "GetDanhMucThuTuc" => rows(&options.procedures, "MaThuTuc", "TenThuTuc"),
            _statuses => rows(&options.statuses, "MaTrangThai", "TenTrangThai"),
        };
        Answer::json(200, &answers::status(data, (json!(true), json!(200)), &time(), "Thành công"))
    }
}

/// The answer, or what the fault makes of it.
fn after(fault: Fault, answer: Answer) -> (Duration, End) {
    let at_once = |answer: Answer| (Duration::ZERO, answer.into());
    let said = |data: Value, said: (Value, Value), words: &str| {
        at_once(Answer::json(200, &answers::status(data, said, &time(), words)))
    };
    match fault {
        Fault::Slow { millis } => (Duration::from_millis(millis), answer.into()),
        Fault::ResetAfterStore => (Duration::ZERO, End::Reset),
        Fault::AnswerLost { hold_millis } => (Duration::from_millis(hold_millis), End::Close),
        Fault::BadGatewayAfterStore => at_once(Answer::bad_gateway()),
        Fault::AlreadyExists => said(json!(0), (json!(false), json!(400)), "Số biên nhận đã tồn tại"),
        Fault::ContradictingData => said(json!(0), (json!(true), json!(200)), ""),
        Fault::TextsForTypes => at_once(answer.with_texts()),
        Fault::TruncatedBody => at_once(answer.cut()),
        Fault::EmptyBody => at_once(answer.emptied()),
        Fault::PartialList => at_once(answer.with_half_of_its_rows()),
        Fault::ResetBeforeStore
        | Fault::BadGatewayBeforeStore
        | Fault::HtmlPage
        | Fault::ServerError
        | Fault::Throttled { .. }
        | Fault::ThrottledText
        | Fault::TokenExpired
        | Fault::FileExists
        | Fault::OtherExists
        | Fault::NotSuccessfulWithCode200
        | Fault::Outage { .. }
        | Fault::Maintenance { .. } => at_once(answer),
    }
}

/// As answers carry it.
fn time() -> String {
    now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
