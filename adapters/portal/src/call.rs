//! What each operation does in one attempt: at most two requests and one effect. Retrying is the engine's.

use std::borrow::Cow;

use lienthong_core::secret::Personal;
use lienthong_core::text::excerpt;
use lienthong_core::{AttemptContext, Body, CallContext, Fault, FaultKind, Lookup};
use lienthong_kit::hidden::Hidden;
use lienthong_kit::words::Said;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Portal;
use crate::map::answer::{Answer, CodeSays, Verdict};
use crate::map::check::Found;
use crate::map::{catalogue, dossier, input, json, links, work};
use crate::model::{
    Accepted, Agencies, Dossier, DossierQuery, DossierSynced, Fields, FoundDossier, NoInput, ProcedureInput,
    ProcedureOutput, Procedures, Progress, Status, StatusUpdate, SyncAction,
};
use crate::operations::Asked;
use crate::wire;
use crate::wire::request::Request;

impl Portal {
    /// What no schema can say: code rule, lengths after NFC, identity numbers, times the portal can write.
    pub(crate) fn check_input(&self, asked: Asked, input: &Value) -> Result<(), Fault> {
        match asked {
            Asked::SyncDossier => {
                let given: Dossier = input::read_value(input)?;
                dossier::to_wire(&self.rules, &given).map(drop)
            }
            Asked::SyncProgress => work::check_steps(&self.rules, &input::read_value(input)?),
            Asked::SyncStatus => {
                let given: StatusUpdate = input::read_value(input)?;
                work::status_to_wire(&self.rules, &given).map(drop)
            }
            Asked::FindDossier => {
                let DossierQuery { code } = input::read_value(input)?;
                self.check_code(&code)
            }
            Asked::GetProcedure => input::read_value::<ProcedureInput>(input).map(drop),
            Asked::ListProcedures | Asked::ListAgencies | Asked::ListFields => {
                input::read_value::<NoInput>(input).map(drop)
            }
        }
    }

    fn check_code(&self, code: &str) -> Result<(), Fault> {
        let mut found = Found::default();
        found.code(&self.rules, "/code", code);
        found.settle(())
    }

    pub(crate) async fn perform(&self, cx: &CallContext, asked: Asked, body: &Body) -> Result<Body, Fault> {
        match asked {
            Asked::SyncDossier => self.sync_dossier(cx, body).await,
            Asked::SyncProgress => self.sync_progress(cx, body).await,
            Asked::SyncStatus => self.sync_status(cx, body).await,
            Asked::FindDossier => self.find_dossier(cx, body).await,
            Asked::GetProcedure => self.get_procedure(cx, body).await,
            Asked::ListProcedures => {
                let to = |procedures| Procedures { procedures };
                self.list(cx, body, Request::Procedures, catalogue::summary, to).await
            }
            Asked::ListAgencies => {
                let to = |agencies| Agencies { agencies };
                self.list(cx, body, Request::Agencies, catalogue::agency, to).await
            }
            Asked::ListFields => {
                let to = |fields| Fields { fields };
                self.list(cx, body, Request::Fields, catalogue::field, to).await
            }
        }
    }

    /// One effect: insert, and update when it exists; the other way round for a dossier known to exist.
    async fn sync_dossier(&self, cx: &CallContext, body: &Body) -> Result<Body, Fault> {
        let given: Dossier = input::read(body)?;
        let data = dossier::to_wire(&self.rules, &given)?;
        let hidden = hidden_of(&data);
        let hidden: Vec<&str> = hidden.iter().map(AsRef::as_ref).collect();
        let (message, action) = if self.known.contains(&given.code) {
            self.update_or_insert(cx, &data, &hidden).await?
        } else {
            self.insert_or_update(cx, &data, &hidden).await?
        };
        let sent = self.rules.sent(given.status);
        json(&DossierSynced { action, sent_status: (sent != given.status).then_some(sent), message: Personal(message) })
    }

    async fn insert_or_update(
        &self,
        cx: &CallContext,
        data: &wire::dossier::Dossier<'_>,
        hidden: Hidden<'_>,
    ) -> Result<(String, SyncAction), Fault> {
        match self.write_dossier(cx, data, false, hidden).await? {
            Verdict::Done { message } => Ok((message, SyncAction::Inserted)),
            Verdict::NotFound { words } => Err(words),
            Verdict::Exists { words: first } => match self.write_dossier(cx, data, true, hidden).await? {
                Verdict::Done { message } => Ok((message, SyncAction::Updated)),
                Verdict::Exists { words } | Verdict::NotFound { words } => Err(contradicted(first, &words)),
            },
        }
    }

    async fn update_or_insert(
        &self,
        cx: &CallContext,
        data: &wire::dossier::Dossier<'_>,
        hidden: Hidden<'_>,
    ) -> Result<(String, SyncAction), Fault> {
        match self.write_dossier(cx, data, true, hidden).await? {
            Verdict::Done { message } => Ok((message, SyncAction::Updated)),
            Verdict::Exists { words } => Err(words),
            Verdict::NotFound { words: first } => match self.write_dossier(cx, data, false, hidden).await? {
                Verdict::Done { message } => Ok((message, SyncAction::Inserted)),
                Verdict::Exists { words } | Verdict::NotFound { words } => Err(contradicted(first, &words)),
            },
        }
    }

    /// One request of a snapshot; what it shows about the dossier's existence is remembered.
    async fn write_dossier(
        &self,
        cx: &CallContext,
        data: &wire::dossier::Dossier<'_>,
        updating: bool,
        hidden: Hidden<'_>,
    ) -> Result<Verdict, Fault> {
        let request = Request::Dossier { data, updating };
        let verdict = self.write(cx, request, hidden).await?;
        match &verdict {
            Verdict::Done { .. } | Verdict::Exists { .. } => self.known.insert(&data.ma_ho_so),
            Verdict::NotFound { .. } => self.known.remove(&data.ma_ho_so),
        }
        Ok(verdict)
    }

    /// One request that writes; a refusal that concerns a link names it.
    async fn write(&self, cx: &CallContext, request: Request<'_>, hidden: Hidden<'_>) -> Result<Verdict, Fault> {
        let judged = |answer: &Answer<'_>, hidden: Hidden<'_>| {
            self.judge.write(answer, hidden).map_err(|fault| links::blamed(fault, &answer.message, request))
        };
        self.client.ask(cx, request, hidden, judged).await
    }

    async fn sync_progress(&self, cx: &CallContext, body: &Body) -> Result<Body, Fault> {
        let given: Progress = input::read(body)?;
        let steps = work::steps_to_wire(&self.rules, &given)?;
        let hidden: Vec<&str> = steps.iter().map(|step| step.nguoi_xu_ly.as_ref()).collect();
        self.write_once(cx, Request::Progress(&steps), &hidden).await
    }

    async fn sync_status(&self, cx: &CallContext, body: &Body) -> Result<Body, Fault> {
        let given: StatusUpdate = input::read(body)?;
        let data = work::status_to_wire(&self.rules, &given)?;
        self.write_once(cx, Request::Status(&data), &[data.ma_doi_tuong.as_ref()]).await
    }

    /// A write that has no other way round: "exists" and "does not exist" are the portal's refusals.
    async fn write_once(&self, cx: &CallContext, request: Request<'_>, hidden: Hidden<'_>) -> Result<Body, Fault> {
        match self.write(cx, request, hidden).await? {
            Verdict::Done { message } => json(&Accepted { message: Personal(message) }),
            Verdict::Exists { words } | Verdict::NotFound { words } => Err(words),
        }
    }

    async fn find_dossier(&self, cx: &CallContext, body: &Body) -> Result<Body, Fault> {
        let given: DossierQuery = input::read(body)?;
        self.check_code(&given.code)?;
        let told =
            self.client.ask(cx, Request::Find { code: &given.code }, &[], |answer, hidden| self.told(answer, hidden));
        let rows = told.await?;
        let status = match rows.as_deref() {
            // Several rows of one code tell no status.
            Some([row]) => wire::answer::told_status(row).and_then(Status::of_number),
            Some([] | [_, _, ..]) | None => None,
        };
        json(&FoundDossier { code: given.code, exists: rows.is_some(), status })
    }

    /// Existence, told by rows in the result or by the portal's words; anything else tells nothing.
    async fn exists(&self, cx: &CallContext, code: &str) -> Result<bool, Fault> {
        let asking = self.client.ask(cx, Request::Find { code }, &[], |answer, hidden| self.told(answer, hidden));
        asking.await.map(|rows| rows.is_some())
    }

    /// The rows of a dossier that exists; `None` where there is no such dossier.
    fn told(&self, answer: &Answer<'_>, hidden: Hidden<'_>) -> Result<Option<Vec<Value>>, Fault> {
        if self.judge.said(answer) == Said::NotFound {
            return Ok(None);
        }
        if self.judge.said(answer) == Said::Exists && answer.says == CodeSays::Zero && answer.result.is_none() {
            return Ok(Some(Vec::new()));
        }
        self.judge.rows(answer, hidden).map(|rows: Vec<Value>| (!rows.is_empty()).then_some(rows))
    }

    async fn get_procedure(&self, cx: &CallContext, body: &Body) -> Result<Body, Fault> {
        let ProcedureInput { code } = input::read(body)?;
        let request = Request::Procedure { code: &code };
        let mut rows: Vec<wire::catalogue::Procedure> =
            self.client.ask(cx, request, &[], |answer, hidden| self.judge.rows(answer, hidden)).await?;
        let Some(row) = rows.pop() else {
            return Err(Fault::of(FaultKind::NotFound, "the portal answers with no procedure"));
        };
        match (catalogue::procedure(row), rows.is_empty()) {
            (Some(procedure), true) if procedure.code == code.trim() => json(&ProcedureOutput { procedure }),
            (Some(_), true) => Err(Fault::of(FaultKind::Unintelligible, "the portal answers with another procedure")),
            (_, false) => Err(Fault::of(FaultKind::Unintelligible, "the portal answers with several procedures")),
            (None, true) => {
                Err(Fault::of(FaultKind::Unintelligible, "the portal answers with a procedure without code"))
            }
        }
    }

    async fn list<W: DeserializeOwned, M, O: Serialize>(
        &self,
        cx: &CallContext,
        body: &Body,
        request: Request<'_>,
        map: fn(W) -> Option<M>,
        output: fn(Vec<M>) -> O,
    ) -> Result<Body, Fault> {
        let NoInput {} = input::read(body)?;
        let rows: Vec<W> = self.client.ask(cx, request, &[], |answer, hidden| self.judge.rows(answer, hidden)).await?;
        let mapped: Option<Vec<M>> = rows.into_iter().map(map).collect();
        match mapped {
            Some(mapped) => json(&output(mapped)),
            None => Err(Fault::of(FaultKind::Unintelligible, "a row of the portal's list has no code")),
        }
    }

    pub(crate) async fn look_up(
        &self,
        cx: &CallContext,
        asked: Asked,
        attempt: &AttemptContext,
    ) -> Result<Lookup, Fault> {
        match asked {
            Asked::SyncDossier => {}
            Asked::SyncProgress
            | Asked::SyncStatus
            | Asked::FindDossier
            | Asked::ListProcedures
            | Asked::GetProcedure
            | Asked::ListAgencies
            | Asked::ListFields => return Ok(Lookup::Unknown),
        }
        let Some(settle) = self.settle.filter(|settle| attempt.age >= *settle) else { return Ok(Lookup::Unknown) };
        tracing::debug!(reference = %attempt.reference, ?settle, "asking whether the dossier exists");
        let given: Dossier = input::read(&attempt.sent)?;
        match self.exists(cx, &given.code).await? {
            true => Ok(Lookup::Unknown),
            false => Ok(Lookup::NotDone),
        }
    }

    pub(crate) async fn probe_once(&self, cx: &CallContext) -> Result<(), Fault> {
        match self.client.probe_request(cx)? {
            None => self.client.knock(cx).await,
            Some(request) => {
                self.client.ask(cx, request, &[], |answer, hidden| self.judge.readable(answer, hidden)).await
            }
        }
    }
}

/// The personal data of a dossier, which no fault may repeat.
fn hidden_of<'a>(data: &'a wire::dossier::Dossier<'_>) -> Vec<&'a str> {
    let owner = &data.owner;
    let one =
        [&owner.chu_ho_so, &owner.ma_doi_tuong, &owner.email, &owner.fax, &owner.so_dien_thoai, &data.thong_tin_tra];
    let mut all: Vec<&str> = one.into_iter().map(Cow::as_ref).collect();
    all.extend(owner.so_giay_to_chu_ho_so.as_deref());
    all.extend(owner.dinh_danh_chs.iter().map(|identity| identity.so_dinh_danh.as_ref()));
    all
}

/// The portal said "exists" and "does not exist" of one dossier: the first words are the reason, the second are kept beside them.
fn contradicted(first: Fault, second: &Fault) -> Fault {
    let also = second.system_text.as_deref().map(|words| excerpt(words, 200)).unwrap_or_default();
    let code = second.system_code.as_deref().unwrap_or("none");
    Fault { detail: format!("{}; asked the other way round it answers (code {code}) {also}", first.detail), ..first }
}
