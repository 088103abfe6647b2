//! Lists handed over as files: a form that brings them, and the run that compares them. It reads no row.

use std::path::Path;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect};
use http::StatusCode;
use lienthong_core::{Fault, FaultCode, FieldProblem, Role};
use lienthong_engine::reconcile::parts::Parts;
use lienthong_engine::reconcile::{Side, Spec};
use lienthong_engine::service::{ListGiven, OperatorAct, RunAsked};
use maud::{Markup, html};

use super::super::parts::again;
use super::{LISTS, PATH, listed};
use crate::Console;
use crate::form::{Fields, Form};
use crate::guard::Visit;
use crate::layout::{fault_text, once, token};
use crate::refused::{Answer, Refused};
use crate::text::fill;
use crate::upload::{Expected, Files, MEBIBYTES};

/// Each side's list, named as the side.
pub(in crate::pages) const FILES: Expected = Expected { fields: &["here", "there"], role: Role::Operator };
const ENDINGS: &str = ".csv,.txt,.json,.jsonl,.ndjson";

/// The files come last: what stands before them says whose form it is.
pub(super) fn form(visit: &Visit, specs: &[Arc<Spec>], typed: &Fields) -> Markup {
    let words = &visit.words().reconciliation;
    html! {
        h2 { (words.upload) }
        form.filters method="post" action=(LISTS) enctype="multipart/form-data" {
            (token(visit))
            (once(visit))
            label { (words.name) select name="name" { @for spec in specs { option value=(spec.name) selected[spec.name == typed.get("name")] { (spec.name) } } } }
            label { (words.from) input type="date" name="from" value=(typed.get("from")); }
            label { (words.to) input type="date" name="to" value=(typed.get("to")); }
            label { (words.list_here) input type="file" name="here" accept=(ENDINGS) required; }
            @if specs.iter().any(|spec| spec.there.is_some()) {
                label { (words.list_there) input type="file" name="there" accept=(ENDINGS); }
            }
            button type="submit" { (words.compare) }
        }
        p.quiet { (fill(words.upload_says, &[("most", &MEBIBYTES)])) }
    }
}

pub(super) async fn take(State(console): State<Console>, visit: Visit, files: Files, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => {
            let notice =
                html! { (again(visit.words(), true)) p.notice { (visit.words().reconciliation.choose_again) } };
            return listed(&console, &visit, &fields, &notice).await;
        }
    };
    match compared(&console, &visit, &fields, &files).await {
        Ok(path) => Ok(Redirect::to(&path).into_response()),
        Err(Refused(fault)) => told(&console, &visit, &fields, &fault).await,
    }
}

async fn compared(console: &Console, visit: &Visit, fields: &Fields, files: &Files) -> Result<String, Refused> {
    let mut lists = Vec::new();
    for side in [Side::Here, Side::There] {
        if let Some(chosen) = files.of(side.as_str()) {
            let lines = Parts::are_lines(Path::new(&chosen.name));
            lists.push(ListGiven { side, parts: Parts::of(Box::new(chosen.content()?), lines) });
        }
    }
    if files.of(Side::Here.as_str()).is_none() {
        let code = FaultCode::BadParameter;
        let problem = FieldProblem::new(Side::Here.as_str(), "is required");
        return Err(Fault::new(code.kind(), code, "no list of the province was chosen").with_problem(problem).into());
    }
    let act = OperatorAct { operator: visit.user.name.clone(), reason: None, confirmed: false };
    let (from, to) = (fields.parsed("from")?, fields.parsed("to")?);
    let asked = RunAsked { name: fields.get("name").to_owned(), from, to, from_files: false };
    let view = console.service().reconcile_lists(&act, asked, lists).await?;
    Ok(format!("{PATH}/{}", view.id))
}

/// The form again with what is wrong with its lists, line by line.
async fn told(console: &Console, visit: &Visit, fields: &Fields, fault: &Fault) -> Answer {
    let notice = html! {
        (fault_text(visit.language, fault))
        p.notice { (visit.words().reconciliation.choose_again) }
    };
    let mut response = listed(console, visit, fields, &notice).await?;
    *response.status_mut() = StatusCode::from_u16(fault.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Ok(response)
}
