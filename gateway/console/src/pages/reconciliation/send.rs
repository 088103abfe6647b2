//! Sending differences: a page that asks for the reason, then back to the run. What was chosen is named in the address, so nothing is lost when a session ends.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use lienthong_core::Role;
use lienthong_engine::reconcile::run::Wanted;
use lienthong_engine::service::{OperatorAct, RunView};
use maud::{Markup, html};

use super::super::parts::{acting, again, number, reason};
use super::{PATH, title, wanted};
use crate::form::{Fields, Form, Query, bad};
use crate::guard::Visit;
use crate::refused::{Answer, Refused};
use crate::text::fill;
use crate::{Console, layout};

/// The conditions that travel with the form.
const CONDITIONS: [&str; 7] = ["aspect", "newer", "why", "unit", "procedure", "status", "key"];
/// Most rows chosen on one page.
const CHOSEN: usize = 500;

pub(super) async fn ask(
    State(console): State<Console>,
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query,
) -> Answer {
    visit.require(Role::Operator)?;
    let view = console.service().a_reconciliation(&id).await?;
    // Places come one parameter a row from the list, and joined from a form that is shown again.
    let chosen: Vec<&str> = asked.values("place").flat_map(|text| text.split(',')).collect();
    let places = places(&chosen.join(","))?;
    asking(&visit, &console, &view, &asked, &places, &html! {}).await
}

pub(super) async fn send(State(console): State<Console>, visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => {
            let view = console.service().a_reconciliation(&id).await?;
            let places = places(fields.get("places"))?;
            return asking(&visit, &console, &view, &fields, &places, &again(visit.words(), true)).await;
        }
    };
    let act = OperatorAct {
        operator: visit.user.name.clone(),
        reason: Some(fields.reason()?),
        confirmed: fields.ticked("confirmed"),
    };
    let chosen = Wanted { places: places(fields.get("places"))?, ..wanted(&fields)? };
    console.service().send_differences(&act, &id, chosen).await?;
    Ok(Redirect::to(&format!("{PATH}/{id}")).into_response())
}

async fn asking(
    visit: &Visit,
    console: &Console,
    view: &RunView,
    typed: &Fields,
    places: &[u32],
    notice: &Markup,
) -> Result<Response, Refused> {
    let words = visit.words();
    let chosen = match places.len() {
        0 => how_many(console, view, &wanted(typed)?).await?,
        some => number(some as u64),
    };
    let joined = places.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let back = format!("{PATH}/{}", view.id);
    let fields = html! {
        input type="hidden" name="places" value=(joined);
        @for name in CONDITIONS { @if let Some(value) = typed.some(name) { input type="hidden" name=(name) value=(value); } }
        (reason(words, typed.get("reason"), true))
        label.tick { input type="checkbox" name="confirmed" value="yes" checked[typed.ticked("confirmed")]; (words.reconciliation.confirm) }
    };
    let content = html! {
        (notice)
        p { (fill(words.reconciliation.send_says, &[("count", &chosen)])) }
        (acting(visit, &format!("{back}/send"), words.reconciliation.send_title, &back, &fields))
    };
    Ok(layout::page(visit, title(words), &content))
}

/// How many differences fit; a page's worth is counted, more is told as such.
async fn how_many(console: &Console, view: &RunView, wanted: &Wanted) -> Result<String, Refused> {
    let page = console.service().differences(&view.id, wanted, None, CHOSEN).await?;
    let count = number(page.found.len() as u64);
    Ok(if page.next.is_some() { format!("{count}+") } else { count })
}

fn places(text: &str) -> Result<Vec<u32>, Refused> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let places: Result<Vec<u32>, _> = parts.take(CHOSEN).map(str::parse).collect();
    places.map_err(|_| bad("place"))
}
