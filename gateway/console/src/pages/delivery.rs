//! Releasing or giving up one delivery. It may have to be confirmed, and meets the delivery its operator saw.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use http::StatusCode;
use lienthong_core::{DeliveryId, FaultCode, Role};
use lienthong_engine::service::OperatorAct;
use lienthong_journal::DeliveryRecord;
use maud::{Markup, html};

use super::parts::{acting, again, exchange_link, exchange_path, fault, reason, state};
use crate::form::{Fields, Form, bad};
use crate::guard::{Visit, see};
use crate::layout::fault_text;
use crate::refused::{Answer, Refused, no_such_page};
use crate::text::{Words, fill};
use crate::{Console, layout};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/deliveries/{id}/{verb}", get(ask).post(act))
}

/// The path of what can be done with a delivery.
pub(super) fn path(id: DeliveryId, verb: &str) -> String {
    format!("/console/deliveries/{id}/{verb}")
}

/// The delivery a path names.
pub(super) fn named(text: &str) -> Result<DeliveryId, Refused> {
    text.parse().map_err(|_| bad("delivery"))
}

/// What is done to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Release,
    Discard,
}

impl Verb {
    fn of(text: &str) -> Result<Self, Refused> {
        match text {
            "release" => Ok(Self::Release),
            "discard" => Ok(Self::Discard),
            _unknown => Err(no_such_page()),
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Discard => "discard",
        }
    }

    /// Title, what it does, button, what is to be ticked.
    fn told(self, words: &Words) -> [&'static str; 4] {
        let (single, errors) = (&words.single, &words.errors);
        match self {
            Self::Release => [single.release_title, single.release_says, errors.release, errors.confirmed],
            Self::Discard => [single.discard_title, single.discard_says, errors.discard, errors.sure],
        }
    }
}

/// A form that was not carried out: what was typed, why not, the status that says so.
struct Told {
    typed: Fields,
    notice: Markup,
    status: StatusCode,
    /// Whether the service asks for a confirmation.
    confirm: bool,
}

async fn ask(State(console): State<Console>, visit: Visit, Path((id, verb)): Path<(String, String)>) -> Answer {
    visit.require(Role::Operator)?;
    let told = Told { typed: Fields::default(), notice: html! {}, status: StatusCode::OK, confirm: false };
    asking(&console, &visit, named(&id)?, Verb::of(&verb)?, &told).await
}

async fn act(
    State(console): State<Console>,
    visit: Visit,
    Path((id, verb)): Path<(String, String)>,
    form: Form,
) -> Answer {
    visit.require(Role::Operator)?;
    let (id, verb) = (named(&id)?, Verb::of(&verb)?);
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(typed) => {
            let notice = again(visit.words(), true);
            let confirm = typed.ticked("confirmed");
            return asking(&console, &visit, id, verb, &Told { typed, notice, status: StatusCode::OK, confirm }).await;
        }
    };
    if verb == Verb::Discard && !fields.ticked("confirmed") {
        let notice = html! { p.notice role="alert" { (visit.words().errors.unsure) } };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return asking(&console, &visit, id, verb, &Told { typed: fields, notice, status, confirm: true }).await;
    }
    match done(&console, &visit, id, verb, &fields).await {
        Ok(()) => Ok(see(&exchange_path(id.exchange))),
        Err(Refused(why)) => {
            let status = StatusCode::from_u16(why.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
            let confirm = why.code == FaultCode::ConfirmationNeeded || fields.ticked("confirmed");
            let notice = html! {
                (changed(&console, &visit, id, &fields).await?)
                (fault_text(visit.language, &why))
                @if why.code == FaultCode::ConfirmationNeeded { p.notice role="alert" { (visit.words().single.confirm) } }
            };
            asking(&console, &visit, id, verb, &Told { typed: fields, notice, status, confirm }).await
        }
    }
}

/// That it is not the delivery its operator saw, where it is not.
async fn changed(console: &Console, visit: &Visit, id: DeliveryId, fields: &Fields) -> Result<Markup, Refused> {
    let (words, delivery) = (visit.words(), found(console, id).await?);
    let now = words.state(delivery.state.name());
    let is_other = fields.get("version") != delivery.version.to_string();
    Ok(html! { @if is_other { p.notice role="alert" { (fill(words.single.changed, &[("state", &now)])) } } })
}

async fn done(console: &Console, visit: &Visit, id: DeliveryId, verb: Verb, fields: &Fields) -> Result<(), Refused> {
    let seen: u32 = fields.parsed("version")?.ok_or_else(|| bad("version"))?;
    let reason = match verb {
        Verb::Release => fields.note("reason")?,
        Verb::Discard => Some(fields.reason()?),
    };
    let act = OperatorAct { operator: visit.user.name.clone(), reason, confirmed: fields.ticked("confirmed") };
    match verb {
        Verb::Release => console.service().release_seen(&act, id, seen).await?,
        Verb::Discard => console.service().discard_seen(&act, id, seen).await?,
    };
    Ok(())
}

async fn found(console: &Console, id: DeliveryId) -> Result<DeliveryRecord, Refused> {
    let detail = console.service().exchange(id.exchange).await?;
    let delivery = detail.record.deliveries.into_iter().find(|delivery| delivery.id == id);
    delivery.ok_or_else(no_such_page)
}

async fn asking(console: &Console, visit: &Visit, id: DeliveryId, verb: Verb, told: &Told) -> Answer {
    let (words, delivery) = (visit.words(), found(console, id).await?);
    let [title, says, button, tick] = verb.told(words);
    let back = exchange_path(id.exchange);
    let fields = html! {
        input type="hidden" name="version" value=(delivery.version);
        (reason(words, told.typed.get("reason"), verb == Verb::Discard))
        // A confirmation is asked for where the service needs one: ticked by habit it would protect nobody.
        @if verb == Verb::Discard || told.confirm {
            label.tick { input type="checkbox" name="confirmed" value="yes" required checked[told.typed.ticked("confirmed")]; (tick) }
        }
    };
    let content = html! {
        (told.notice)
        (about(visit, &delivery))
        p { (says) }
        (acting(visit, &path(id, verb.path()), button, &back, &fields))
    };
    let mut page = layout::page(visit, title, &content);
    *page.status_mut() = told.status;
    Ok(page)
}

fn about(visit: &Visit, delivery: &DeliveryRecord) -> Markup {
    let words = visit.words();
    html! {
        table.facts { tbody {
            tr { th scope="row" { (words.common.exchange) } td { (exchange_link(delivery.id.exchange)) } }
            tr { th scope="row" { (words.common.system) } td { (delivery.system) } }
            tr { th scope="row" { (words.common.operation) } td { (delivery.operation) } }
            tr { th scope="row" { (words.common.state) } td { (state(words, delivery.state.name())) } }
            @if let Some(why) = &delivery.fault { tr { th scope="row" { (words.errors.cause) } td { (fault(visit, why)) } } }
        } }
    }
}
