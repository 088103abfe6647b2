//! What people add to an error group: who has it, notes, what fixed it before; and the forms for that. An act meets the case its operator saw.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::post;
use lienthong_core::{FaultCode, Fingerprint, Role, Timestamp};
use lienthong_engine::desk::CaseState;
use lienthong_engine::service::{CASE_REACH, CaseReach, CaseView, OperatorAct};
use maud::{Markup, html};

use super::group::{Told, named, path_of, whole};
use super::growth::growth;
use super::parts::number;
use crate::form::{Fields, Form, bad};
use crate::guard::{Visit, see};
use crate::layout::{fault_text, once, token};
use crate::refused::{Answer, Refused};
use crate::shown::{cell, shown};
use crate::text::fill;
use crate::{Console, time};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/errors/{group}/case", post(act))
}

/// What is done to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Deed {
    Acknowledge,
    /// To somebody; `None` gives it back.
    Assign(Option<String>),
    Note(String),
    Resolve(String),
}

impl Deed {
    fn of(visit: &Visit, fields: &Fields) -> Result<Self, Refused> {
        match fields.get("deed") {
            "acknowledge" => Ok(Self::Acknowledge),
            "assign" => Ok(Self::Assign(Some(fields.note("owner")?.unwrap_or_else(|| visit.user.name.clone())))),
            "mine" => Ok(Self::Assign(Some(visit.user.name.clone()))),
            "back" => Ok(Self::Assign(None)),
            "note" => Ok(Self::Note(fields.note("text")?.unwrap_or_default())),
            "resolve" => Ok(Self::Resolve(fields.note("how")?.unwrap_or_default())),
            _unknown => Err(bad("deed")),
        }
    }

    /// Whether the case is as it would be: then the same form was sent before, and is done.
    fn is_done(&self, visit: &Visit, view: &CaseView) -> bool {
        let who = &visit.user.name;
        match self {
            Self::Acknowledge => matches!(view.state, CaseState::Acknowledged | CaseState::Assigned),
            Self::Assign(owner) => view.case.owner == *owner,
            Self::Note(text) => view.case.notes.last().is_some_and(|note| note.who == *who && note.text == *text),
            Self::Resolve(how) => view.case.fixes.last().is_some_and(|fix| fix.who == *who && fix.how == *how),
        }
    }
}

async fn act(State(console): State<Console>, visit: Visit, Path(group): Path<String>, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let id = named(&group)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => {
            let told = Told::again(visit.words(), fields);
            return whole(&console, &visit, &id, &Fields::default(), &told).await;
        }
    };
    match done(&console, &visit, &id, &fields).await {
        Ok(()) => Ok(see(&path_of(&id))),
        Err(Refused(fault)) => {
            let notice = match fault.code {
                FaultCode::WrongState => {
                    html! { p.notice role="alert" { (visit.words().case.changed) } (fault_text(visit.language, &fault)) }
                }
                _other => fault_text(visit.language, &fault),
            };
            let told = Told { typed: fields, notice, status: fault.http_status() };
            whole(&console, &visit, &id, &Fields::default(), &told).await
        }
    }
}

async fn done(console: &Console, visit: &Visit, id: &Fingerprint, fields: &Fields) -> Result<(), Refused> {
    let (deed, service) = (Deed::of(visit, fields)?, console.service());
    let seen = Some(fields.parsed::<u32>("version")?.unwrap_or_default());
    let reason = match &deed {
        Deed::Resolve(how) => Some(how.clone()),
        Deed::Acknowledge | Deed::Assign(_) | Deed::Note(_) => None,
    };
    let act = OperatorAct { operator: visit.user.name.clone(), reason, confirmed: false };
    let result = match &deed {
        Deed::Acknowledge => service.acknowledge_case(&act, id, seen).await,
        Deed::Assign(owner) => service.assign_case(&act, id, seen, owner.clone()).await,
        Deed::Note(text) => service.annotate_case(&act, id, seen, text).await,
        Deed::Resolve(_) => service.resolve_case(&act, id, seen).await,
    };
    match result {
        Ok(_) => Ok(()),
        Err(fault) if fault.code == FaultCode::WrongState => {
            let (view, _) = service.case(id).await?;
            if deed.is_done(visit, &view) { Ok(()) } else { Err(fault.into()) }
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Whom it concerns, its growth, what fixed it before, what was noted.
pub(super) fn about(visit: &Visit, now: Timestamp, view: &CaseView, reach: &CaseReach) -> Markup {
    let words = visit.words();
    let case = &words.case;
    html! {
        h2 { (case.reach) }
        table.facts { tbody {
            tr { th scope="row" { (case.keys) } td { (number(reach.keys)) } }
            tr { th scope="row" { (words.common.client) } td { ul.plain { @for (client, count) in &reach.clients { li { (client) ": " (number(*count)) } } } } }
            tr { th scope="row" { (case.overdue) } td { @if reach.overdue > 0 { strong.bad { (number(reach.overdue)) } } @else { "0" } } }
            tr { th scope="row" { (case.at_risk) } td { @if reach.at_risk > 0 { strong.warn { (number(reach.at_risk)) } } @else { "0" } } }
            @if let Some(next) = reach.next_due { tr { th scope="row" { (case.next_due) } td { (time::moment(next)) } } }
        } }
        @if reach.truncated { p.quiet { (fill(case.first_only, &[("count", &number(CASE_REACH as u64))])) } }
        h2 { (case.growth) }
        (growth(words, now, &reach.trend))
        @if !view.case.fixes.is_empty() {
            h2 { (case.fixes) }
            (remarks(visit, case.resolve_how, view.case.fixes.iter().rev().map(|fix| (fix.at, fix.who.as_str(), fix.how.as_str()))))
        }
        h2 { (case.notes) }
        @if view.case.notes.is_empty() { p { (case.no_notes) } } @else {
            (remarks(visit, case.notes, view.case.notes.iter().rev().map(|note| (note.at, note.who.as_str(), note.text.as_str()))))
        }
    }
}

/// What somebody wrote, the newest first.
fn remarks<'a>(visit: &Visit, head: &str, remarks: impl Iterator<Item = (Timestamp, &'a str, &'a str)>) -> Markup {
    let case = &visit.words().case;
    html! {
        table { thead { tr { th scope="col" { (case.when) } th scope="col" { (case.who) } th scope="col" { (head) } } }
            tbody { @for (at, who, text) in remarks { tr { td { (time::moment(at)) } td { (cell(who)) } td.words { (shown(text)) } } } }
        }
    }
}

/// The forms, apart from what is renewed while somebody types. The version is renewed with what it is the version of.
pub(super) fn forms(visit: &Visit, view: &CaseView, typed: &Fields) -> Markup {
    let case = &visit.words().case;
    let action = format!("{}/case", path_of(&view.group.fingerprint));
    let begun = |part: &str| {
        html! {
            (token(visit)) (once(visit))
            span id={ "case-version-" (part) } data-live hidden { input type="hidden" name="version" value=(view.version); }
        }
    };
    let open = view.group.parked > 0 || view.group.waiting > 0;
    html! {
        section.acts-on {
            h2 { (case.acts) }
            div.side {
                form.act method="post" action=(action) {
                    (begun("seen"))
                    p.buttons {
                        @if matches!(view.state, CaseState::New | CaseState::Reopened) { button type="submit" name="deed" value="acknowledge" { (case.acknowledge) } }
                        @if view.case.owner.as_deref() != Some(&visit.user.name) { button type="submit" name="deed" value="mine" { (case.assign_me) } }
                        @if view.case.owner.is_some() { button type="submit" name="deed" value="back" { (case.give_back) } }
                    }
                }
                form.act method="post" action=(action) {
                    (begun("assign"))
                    label { (case.assign_to) input name="owner" value=(typed.get("owner")) maxlength="500" required autocomplete="off"; }
                    p.buttons { button type="submit" name="deed" value="assign" { (case.assign) } }
                }
                form.act method="post" action=(action) {
                    (begun("note"))
                    label { (case.note_text) textarea name="text" rows="2" maxlength="500" required { "\n" (typed.get("text")) } }
                    p.buttons { button type="submit" name="deed" value="note" { (case.note) } }
                }
                @if !open || typed.some("how").is_some() {
                    form.act method="post" action=(action) {
                        (begun("resolve"))
                        label { (case.resolve_how) textarea name="how" rows="2" maxlength="500" required { "\n" (typed.get("how")) } }
                        p.buttons { button type="submit" name="deed" value="resolve" { (case.resolve) } }
                    }
                }
            }
        }
    }
}
