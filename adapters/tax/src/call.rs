//! What each operation does in one attempt: one request, one effect. Retrying is the engine's.

use std::sync::Arc;

use lienthong_core::secret::Personal;
use lienthong_core::{Body, CallContext, Fault, FaultKind, Timestamp};
use lienthong_formats::tax_code::TaxCode;
use lienthong_formats::xml::{self, Element, Limits};
use lienthong_kit::input;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::Tax;
use crate::config::{LedgerConfig, SlipRowConfig, TaxpayerConfig};
use crate::fault::unread;
use crate::map::check::{Found, same_dossier};
use crate::map::{header, json, ledger, slip, taxpayer};
use crate::model::{Answered, FindLandLedger, FindTaxpayer, ObligationSubmitted, SubmitLandObligation};
use crate::operations::Asked;
use crate::signature::verify;
use crate::wire::answer::{Answer, AnswerHeader, Row};
use crate::wire::request::{Inside, Row as Question};

impl Tax {
    /// What no schema can say: checksums, code rules, and whether a slip is signed as it must be.
    pub(crate) fn check_input(&self, asked: Asked, given: &Value) -> Result<(), Fault> {
        match asked {
            Asked::FindTaxpayer => tax_code(&input::read_value(given)?).map(drop),
            Asked::FindLandLedger => checked_ledger(&input::read_value(given)?),
            Asked::SubmitLandObligation => {
                let given: SubmitLandObligation = input::read_value(given)?;
                let text = self.slip_text(&given)?;
                self.verify_slip(&text, &given.dossier_code, self.clock.now())
            }
        }
    }

    pub(crate) async fn perform(&self, cx: &CallContext, asked: Asked, body: &Body) -> Result<Body, Fault> {
        match asked {
            Asked::FindTaxpayer => {
                let code = tax_code(&input::read(body)?)?;
                self.find_taxpayer(cx, &code).await
            }
            Asked::FindLandLedger => {
                let given: FindLandLedger = input::read(body)?;
                checked_ledger(&given)?;
                self.find_land_ledger(cx, &given).await
            }
            Asked::SubmitLandObligation => self.submit_land_obligation(cx, input::read(body)?).await,
        }
    }

    async fn find_taxpayer(&self, cx: &CallContext, code: &TaxCode) -> Result<Body, Fault> {
        let TaxpayerConfig { r#type, name, tran_code, answer_types, empty_answer, branch_hyphen: _ } =
            &self.config.taxpayer;
        let (written, digits) = (self.client.written(code), code.digits());
        let question = [("MST", written.as_str())];
        let row = Question { inside: Inside::Question(&question), kind: r#type, name };
        let answer = self.client.ask(cx, &row, tran_code.as_deref(), &[&written, &digits]).await?;
        let (answered, row) = self.parts(answer, answer_types)?;
        let info = row.taxpayers().map_err(|error| unread(&error))?.ok_or_else(|| nothing_of("a taxpayer"))?;
        json(&taxpayer::found(info, code, *empty_answer, answered)?)
    }

    async fn find_land_ledger(&self, cx: &CallContext, given: &FindLandLedger) -> Result<Body, Fault> {
        let config = self.config.ledger.as_ref().ok_or_else(|| not_configured("ledger"))?;
        let LedgerConfig { r#type, name, tran_code, dossier_element, owner_element, answer_types, .. } = config;
        let FindLandLedger { dossier_code, owner_number: Personal(owner) } = given;
        let question = [(dossier_element.as_str(), dossier_code.as_str()), (owner_element.as_str(), owner.as_str())];
        let row = Question { inside: Inside::Question(&question), kind: r#type, name };
        let answer = self.client.ask(cx, &row, tran_code.as_deref(), &[owner]).await?;
        let (answered, row) = self.parts(answer, answer_types)?;
        let found = row.ledger().map_err(|error| unread(&error))?.ok_or_else(|| nothing_of("a ledger"))?;
        json(&ledger::found(found, dossier_code, config, answered)?)
    }

    async fn submit_land_obligation(&self, cx: &CallContext, given: SubmitLandObligation) -> Result<Body, Fault> {
        let config = self.config.slip.as_ref().ok_or_else(|| not_configured("slip"))?;
        let text = Arc::new(self.slip_text(&given)?);
        self.verify_apart(Arc::clone(&text), given.dossier_code.clone(), cx.clock.now()).await?;
        let SubmitLandObligation { dossier_code, slip: Personal(encoded) } = given;
        let hidden = texts_of(&text, &dossier_code);
        let mut hidden: Vec<&str> = hidden.iter().map(String::as_str).collect();
        hidden.push(&encoded);
        let answer = match &config.row {
            None => self.client.exchange(cx, &text, &hidden).await?,
            Some(SlipRowConfig { r#type, name, tran_code, element }) => {
                let row = Question { inside: Inside::Document(element, &text), kind: r#type, name };
                self.client.ask(cx, &row, tran_code.as_deref(), &hidden).await?
            }
        };
        let (answered, row) = self.parts(answer, &config.answer.types)?;
        let named = row.text("MA_HS").map_err(|error| unread(&error))?;
        if !named.is_empty() && !same_dossier(&named, &dossier_code) {
            return Err(Fault::of(FaultKind::Unintelligible, "the answer is about another dossier"));
        }
        let judged = slip::judge(&row, &config.answer, &self.client.judge.words, &hidden);
        let slip::Taken { state, words } = judged.map_err(|error| unread(&error))??;
        let slip_sha256 = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let message = words.map(Personal);
        json(&ObligationSubmitted { dossier_code, slip_sha256, state_code: state, message, answer: answered })
    }

    /// A question whose answer shows that the gateway serves us, or a knock at its door.
    pub(crate) async fn knock(&self, cx: &CallContext) -> Result<(), Fault> {
        let Some(Ok(code)) = self.config.probe_tax_code.as_deref().map(TaxCode::parse) else {
            return self.client.knock(cx).await;
        };
        match self.find_taxpayer(cx, &code).await {
            Err(fault) if !is_about_the_code(fault.kind) => Err(fault),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn slip_text(&self, given: &SubmitLandObligation) -> Result<String, Fault> {
        let config = self.config.slip.as_ref().ok_or_else(|| not_configured("slip"))?;
        let SubmitLandObligation { dossier_code, slip: Personal(encoded) } = given;
        let mut found = Found::default();
        found.dossier_code("/dossier_code", dossier_code);
        found.settle(Some(()))?;
        slip::text(encoded, config)
    }

    fn verify_slip(&self, text: &str, dossier: &str, now: Timestamp) -> Result<(), Fault> {
        verify(text, dossier, &self.slips, now).map_err(|problem| slip::refused(problem.to_string()))
    }

    /// As [`Self::verify_slip`], where it takes no time from other calls.
    async fn verify_apart(&self, text: Arc<String>, dossier: String, now: Timestamp) -> Result<(), Fault> {
        let rules = Arc::clone(&self.slips);
        let verified = tokio::task::spawn_blocking(move || verify(&text, &dossier, &rules, now)).await;
        match verified {
            Ok(outcome) => outcome.map_err(|problem| slip::refused(problem.to_string())),
            Err(_) => Err(Fault::of(FaultKind::Internal, "the verification of a slip broke off")),
        }
    }

    /// The answer's row, when its type is one that is believed.
    fn parts(&self, answer: Answer, types: &[String]) -> Result<(Answered, Row), Fault> {
        let Answer { header: AnswerHeader { message_id, send_date, .. }, row } = answer;
        let row = row.ok_or_else(|| nothing_of("a row"))?;
        if !types.is_empty() && !types.iter().any(|kind| kind.trim() == row.kind) {
            let detail = "the answer is of another type than was asked for";
            return Err(Fault::of(FaultKind::Unintelligible, detail).with_system_answer(Some(row.kind), None));
        }
        let message_id = Some(message_id).filter(|id| !id.is_empty());
        Ok((Answered { message_id, sent_on: header::sent_on(self.config.header.answer_date, &send_date) }, row))
    }
}

fn tax_code(given: &FindTaxpayer) -> Result<TaxCode, Fault> {
    let FindTaxpayer { tax_code: Personal(text) } = given;
    let mut found = Found::default();
    let code = found.tax_code("/tax_code", text);
    found.settle(code)
}

fn checked_ledger(given: &FindLandLedger) -> Result<(), Fault> {
    let FindLandLedger { dossier_code, owner_number: Personal(owner) } = given;
    let mut found = Found::default();
    found.dossier_code("/dossier_code", dossier_code);
    found.owner_number("/owner_number", owner);
    found.settle(Some(()))
}

/// Whether the gateway served us and only did not like what was asked.
fn is_about_the_code(kind: FaultKind) -> bool {
    match kind {
        FaultKind::Rejected | FaultKind::Conflict | FaultKind::NotFound => true,
        FaultKind::Unreachable
        | FaultKind::Timeout
        | FaultKind::Interrupted
        | FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::Unauthenticated
        | FaultKind::Forbidden
        | FaultKind::Unintelligible
        | FaultKind::Mapping
        | FaultKind::Invalid
        | FaultKind::Expired
        | FaultKind::Internal => false,
    }
}

fn nothing_of(what: &str) -> Fault {
    Fault::of(FaultKind::Unintelligible, format!("the answer holds nothing of {what}"))
}

fn not_configured(section: &str) -> Fault {
    Fault::of(FaultKind::Mapping, format!("how this is asked is not configured; see {section}"))
}

/// Most texts of a slip that are kept out of faults.
const TEXTS: usize = 2000;

/// What a slip says, for an answer may repeat it: every text but the dossier's code.
fn texts_of(slip: &str, dossier: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(root) = xml::read(slip.as_bytes(), &Limits::CARRIER) {
        collect(&root, dossier, &mut found);
    }
    found
}

fn collect(element: &Element, dossier: &str, found: &mut Vec<String>) {
    let attributes = element.attributes.iter().map(|attribute| attribute.value.as_str());
    for text in attributes.chain([element.text.as_str()]) {
        let text = text.trim();
        if !text.is_empty() && text != dossier && text.len() <= 500 && found.len() < TEXTS {
            found.push(text.to_owned());
        }
    }
    element.children.iter().for_each(|child| collect(child, dossier, found));
}
