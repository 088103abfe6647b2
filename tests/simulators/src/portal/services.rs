//! What each service of the portal does once a call is understood and no fault hit it; it must not know faults or HTTP.

use std::collections::HashSet;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::answers::{Refusal, Reply};
use super::call::{Call, Credentials, Incoming};
use super::catalogue;
use super::checks::{self, Checked, MAX_STEPS};
use super::history::WriteKind;
use super::options::PortalOptions;
use super::state::State;
use super::store::{Accepted, Known};

type Outcome = Result<Reply, Refusal>;
type Check = for<'a> fn(&'a Value, &[String]) -> Result<Checked<'a>, Refusal>;

const INSERTED: &[&str] = &["Thành công", "Đồng bộ thành công"];
const UPDATED: &[&str] = &["Cập nhật thành công", "Thành công", "Đồng bộ thành công"];
const STEPPED: &[&str] = &["Cập nhật thành công", "Thành công"];
/// Reads are seen with an empty message.
const FOUND: &[&str] = &["", "Thành công"];

impl State {
    /// Performs one call. Writes are all or nothing within a request.
    pub(super) fn perform(&mut self, options: &PortalOptions, incoming: &Incoming, at_ms: u64) -> Outcome {
        self.authorise(options, &incoming.credentials)?;
        match &incoming.call {
            Call::Login { username, password } => self.log_in(options, username, password),
            Call::SyncDossiers { updating, data } => self.sync(options, *updating, data, at_ms),
            Call::SyncSteps { data } => self.progress(options, data, at_ms),
            Call::SyncStatus { data } => self.status_push(options, data, at_ms),
            Call::FindDossier { code } => Ok(self.find(code)),
            Call::ListProcedures => Ok(self.found(catalogue::procedures())),
            Call::GetProcedure { code } => Ok(self.found(catalogue::procedure(options, code))),
            Call::ListAgencies => Ok(self.found(catalogue::agencies(options))),
            Call::ListFields => Ok(self.found(catalogue::fields())),
        }
    }

    fn authorise(&self, options: &PortalOptions, who: &Credentials) -> Result<(), Refusal> {
        let Credentials::Session { session, unit } = who else {
            return Ok(());
        };
        if !self.sessions.is_valid(session, Instant::now()) {
            return Err(session_expired(options));
        }
        if *unit == options.organisation {
            Ok(())
        } else {
            Err(Refusal::other("foreign-unit", "-1", "Mã đơn vị không hợp lệ"))
        }
    }

    fn log_in(&mut self, options: &PortalOptions, username: &str, password: &str) -> Outcome {
        if username != options.username || password != options.password {
            let text = options.texts.login_refused.as_str();
            return Err(Refusal::other("login-refused", "-1", text));
        }
        let now = Instant::now();
        if self.sessions.count(now) > 0 {
            self.tally.logins_while_valid += 1;
        }
        let session = self.sessions.open(now);
        Ok(Reply { session: Some(session), ..self.ok(&[""]) })
    }

    fn sync(&mut self, options: &PortalOptions, updating: bool, data: &[Value], at_ms: u64) -> Outcome {
        let records = check_all(checks::dossier, data, &options.org_prefixes)?;
        if updating {
            self.all_known(&records)?;
        } else {
            self.none_known(&records)?;
        }
        let (kind, words) = if updating { (WriteKind::Update, UPDATED) } else { (WriteKind::Insert, INSERTED) };
        self.keep(kind, &records, data, at_ms);
        Ok(self.written(words))
    }

    fn progress(&mut self, options: &PortalOptions, data: &[Value], at_ms: u64) -> Outcome {
        if data.len() > MAX_STEPS {
            return Err(Refusal::too_many_steps(MAX_STEPS));
        }
        let records = check_all(checks::step, data, &options.org_prefixes)?;
        self.all_known(&records)?;
        self.keep(WriteKind::Progress, &records, data, at_ms);
        Ok(self.written(STEPPED))
    }

    /// The dossier came from the portal itself, so that ours need not have been sent before.
    fn status_push(&mut self, options: &PortalOptions, data: &Value, at_ms: u64) -> Outcome {
        let record = checks::status_push(data, &options.org_prefixes)?;
        self.keep(WriteKind::Status, &[record], std::slice::from_ref(data), at_ms);
        Ok(self.written(STEPPED))
    }

    /// A client is seen to take an empty `result` for "no such dossier".
    fn find(&mut self, code: &str) -> Reply {
        let result = match self.store.status(code) {
            Some(status) => json!([{"MaHoSo": code, "TrangThaiHoSo": status.to_string()}]),
            None => json!([]),
        };
        self.found(result)
    }

    fn all_known(&self, records: &[Checked<'_>]) -> Result<(), Refusal> {
        let missing = records.iter().find(|record| self.store.knows(record.code) == Known::No);
        missing.map_or(Ok(()), |record| Err(Refusal::unknown_dossier(record.code)))
    }

    fn none_known(&mut self, records: &[Checked<'_>]) -> Result<(), Refusal> {
        let mut seen = HashSet::new();
        let repeated =
            records.iter().find(|record| self.store.knows(record.code) == Known::Yes || !seen.insert(record.code));
        let Some(record) = repeated else {
            return Ok(());
        };
        self.turn += 1;
        Err(Refusal::already_exists(record.code, self.turn))
    }

    fn keep(&mut self, kind: WriteKind, records: &[Checked<'_>], data: &[Value], at_ms: u64) {
        for (record, content) in records.iter().zip(data) {
            let write = Accepted { code: record.code, kind, status: record.status, content };
            self.store.accept(&write, at_ms);
        }
    }

    fn written(&mut self, words: &[&str]) -> Reply {
        let reply = self.ok(words);
        let result = self.turn.is_multiple_of(2).then(|| json!([]));
        Reply { result, ..reply }
    }

    fn found(&mut self, result: Value) -> Reply {
        Reply { result: Some(result), ..self.ok(FOUND) }
    }

    /// Success: code and words take turns through the spellings that are seen.
    pub(super) fn ok(&mut self, words: &[&str]) -> Reply {
        self.turn += 1;
        let words_turn = usize::try_from(self.turn / 3).unwrap_or_default();
        let message = words_turn.checked_rem(words.len()).and_then(|at| words.get(at));
        let code = match self.turn % 3 {
            0 => Value::from(0),
            1 => Value::from("0"),
            _ => Value::from("00"),
        };
        Reply::new(code, message.copied().unwrap_or_default())
    }
}

pub(super) fn session_expired(options: &PortalOptions) -> Refusal {
    let texts = &options.texts;
    Refusal::other("session-expired", &texts.session_expired_code, texts.session_expired.as_str())
}

fn check_all<'a>(check: Check, data: &'a [Value], prefixes: &[String]) -> Result<Vec<Checked<'a>>, Refusal> {
    data.iter().map(|record| check(record, prefixes)).collect()
}
