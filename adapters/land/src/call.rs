//! What each operation does in one attempt: one request, one effect. Retrying is the engine's.

use lienthong_core::secret::Personal;
use lienthong_core::{Body, CallContext, Fault, FaultKind, FieldProblem, text};
use lienthong_kit::input;
use serde_json::Value;

use crate::Land;
use crate::map::answer::{Verdict, Writing};
use crate::map::{json, link, lists, outgoing};
use crate::model::{
    Applicant, CheckCounterparts, CounterpartCheck, DossierSent, FetchFile, FetchedFile, ListKind, ListReceived,
    NewDossier, NoInput, Outcome, ResultReturned, Supplement, WrongDossier,
};
use crate::operations::Asked;

impl Land {
    /// What no schema can say: code rule, area codes, base64 and sizes, where a link leads.
    pub(crate) fn check_input(&self, asked: Asked, given: &Value) -> Result<(), Fault> {
        match asked {
            Asked::ReceiveDossier => {
                let given: NewDossier = input::read_value(given)?;
                outgoing::receive(&self.rules, &given).map(drop)
            }
            Asked::SupplementDossier => {
                let given: Supplement = input::read_value(given)?;
                outgoing::supplement(&self.rules, &given).map(drop)
            }
            Asked::ReturnResult => {
                let given: ResultReturned = input::read_value(given)?;
                outgoing::returned(&self.rules, &given).map(drop)
            }
            Asked::ReportWrongDossier => {
                let given: WrongDossier = input::read_value(given)?;
                outgoing::wrong(&self.rules, &given).map(drop)
            }
            Asked::FetchFile => {
                let FetchFile { link, code: _, name: _ } = input::read_value(given)?;
                self.place(&link).map(drop)
            }
            Asked::List(_) => input::read_value::<NoInput>(given).map(drop),
            Asked::CheckCounterparts => input::read_value::<CheckCounterparts>(given).map(drop),
        }
    }

    pub(crate) async fn perform(&self, cx: &CallContext, asked: Asked, body: &Body) -> Result<Body, Fault> {
        match asked {
            Asked::ReceiveDossier => self.receive_dossier(cx, body).await,
            Asked::SupplementDossier => {
                let given: Supplement = input::read(body)?;
                let wire = outgoing::supplement(&self.rules, &given)?;
                let note = given.note.as_ref().map_or("", |Personal(note)| note);
                sent(self.client.write(cx, Writing::Supplement, &given.code, &wire, &[note]).await?)
            }
            Asked::ReturnResult => {
                let given: ResultReturned = input::read(body)?;
                let wire = outgoing::returned(&self.rules, &given)?;
                sent(self.client.write(cx, Writing::Return, &given.code, &wire, &[]).await?)
            }
            Asked::ReportWrongDossier => {
                let given: WrongDossier = input::read(body)?;
                let wire = outgoing::wrong(&self.rules, &given)?;
                let Personal(content) = &given.content;
                sent(self.client.write(cx, Writing::Wrong, &given.code, &wire, &[content]).await?)
            }
            Asked::FetchFile => self.fetch_file(cx, body).await,
            Asked::List(kind) => {
                let NoInput {} = input::read(body)?;
                json(&self.list(cx, kind).await?)
            }
            Asked::CheckCounterparts => {
                let CheckCounterparts { list, codes } = input::read(body)?;
                let ListReceived { list, taken_at: _, entries } = self.list(cx, list).await?;
                let missing = lists::missing_counterparts(&entries, codes.iter().map(String::as_str));
                json(&CounterpartCheck { list, known: entries.len(), missing })
            }
        }
    }

    async fn receive_dossier(&self, cx: &CallContext, body: &Body) -> Result<Body, Fault> {
        let given: NewDossier = input::read(body)?;
        let wire = outgoing::receive(&self.rules, &given)?;
        let Applicant { name: Personal(name), identity_number, address, phone, email } = &given.applicant;
        let mut hidden = vec![name.as_str()];
        for field in [identity_number, address, phone, email, &given.asset_address] {
            hidden.extend(field.as_ref().map(|Personal(text)| text.as_str()));
        }
        let outcome = self.client.write(cx, Writing::Receive, &given.code, &wire, &hidden).await;
        sent(outcome.map_err(|fault| named(fault, &given))?)
    }

    /// A whole list as it stands now.
    pub(crate) async fn list(&self, cx: &CallContext, kind: ListKind) -> Result<ListReceived, Fault> {
        let entries = self
            .client
            .list(cx, kind)
            .await?
            .ok_or_else(|| Fault::of(FaultKind::Mapping, format!("no list of {} is configured", kind.name())))?;
        Ok(ListReceived { list: kind, taken_at: cx.clock.now(), entries })
    }

    async fn fetch_file(&self, cx: &CallContext, body: &Body) -> Result<Body, Fault> {
        let FetchFile { link, code: _, name } = input::read(body)?;
        let place = self.place(&link)?;
        let (limit, authorized) =
            self.config_files().map(|files| (files.max_bytes, files.authorized)).ok_or_else(no_files)?;
        let found = self.client.fetch(cx, place, authorized, limit, self.files.as_ref()).await?;
        let said = name.map(|Personal(name)| name).or(found.name);
        json(&FetchedFile {
            sha256: found.stored.sha256,
            bytes: found.stored.bytes,
            media_type: found.media_type,
            name: Personal(link::plain_name(said.as_deref().unwrap_or_default())),
        })
    }

    fn place(&self, link: &str) -> Result<link::Place, Fault> {
        let files = self.config_files().ok_or_else(no_files)?;
        link::resolve(link, &files.base, &files.origins).map_err(|problem| {
            Fault::of(FaultKind::Invalid, format!("the file's link {problem}"))
                .with_problem(FieldProblem::new("/link", problem))
        })
    }
}

/// From this many digits on, a number may be a person's.
const PERSONAL_DIGITS: usize = 9;

/// A fault about an account or procedure names it, so that each is a cause of its own and is found in the table.
fn named(mut fault: Fault, given: &NewDossier) -> Fault {
    for problem in &mut fault.problems {
        let code = match problem.pointer.as_str() {
            outgoing::OFFICER => &given.received_by,
            outgoing::PROCEDURE => &given.process.code,
            _other_field => continue,
        };
        if code.bytes().filter(u8::is_ascii_digit).count() < PERSONAL_DIGITS {
            problem.value_class = Some(text::excerpt(code, 40));
        }
    }
    fault
}

fn no_files() -> Fault {
    Fault::of(FaultKind::Mapping, "no place to fetch files from is configured; see files")
}

fn sent(verdict: Verdict) -> Result<Body, Fault> {
    let (outcome, message) = match verdict {
        Verdict::Done { message } => (Outcome::Done, message),
        Verdict::AlreadySo { message } => (Outcome::AlreadySo, message),
    };
    json(&DossierSent { outcome, message: Personal(message) })
}
