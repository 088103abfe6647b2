//! Amending one parked delivery: its content opened for a reason, edited beside its schema, its changes seen, then sent or proposed. Nothing typed is lost.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::StatusCode;
use lienthong_core::{DeliveryId, Fault, FaultCode, Role};
use lienthong_engine::service::{Amended, Amendment, AmendmentTrial, Content, Editable, Edited, OperatorAct, Revealed};
use maud::{Markup, html};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::delivery::{named, path};
use super::parts::{acting, again, exchange_path, reason};
use super::previewed::differing;
use crate::form::{Fields, Form};
use crate::guard::{Visit, see};
use crate::layout::{fault_text, once, token};
use crate::refused::{Answer, Refused};
use crate::shown::{cell, shown};
use crate::text::fill;
use crate::{Console, layout};

/// Larger contents do not fit a form, whatever their letters.
const EDITED_BYTES: usize = 32 * 1024;
/// Fields of a schema shown, and how deep they lie.
const FIELDS: usize = 200;
const DEPTH: usize = 4;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/deliveries/{id}/amend", get(ask).post(act))
}

/// What comes of a form.
struct Told {
    typed: Fields,
    notice: Markup,
    status: StatusCode,
    trial: Option<AmendmentTrial>,
    /// Whether the service asks for a confirmation.
    confirm: bool,
}

impl Told {
    fn new(typed: Fields) -> Self {
        Self { typed, notice: html! {}, status: StatusCode::OK, trial: None, confirm: false }
    }
}

async fn ask(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    visit.require(Role::Operator)?;
    let id = named(&id)?;
    let editable = console.service().editable(id).await?;
    Ok(asking(&visit, &editable, &Fields::default(), &html! {}))
}

async fn act(State(console): State<Console>, visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let id = named(&id)?;
    let typed = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => return kept(&console, &visit, id, fields).await,
    };
    if typed.some("body").is_none() {
        return opened(&console, &visit, id, typed).await;
    }
    match carried_out(&console, &visit, id, &typed).await {
        Ok(Some(trial)) => {
            let confirm = trial.confirmation.is_some();
            let told = Told { trial: Some(trial), confirm, ..Told::new(typed) };
            edited(&console, &visit, id, told).await
        }
        Ok(None) => Ok(see(&exchange_path(id.exchange))),
        Err(Refused(why)) => {
            let status = StatusCode::from_u16(why.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
            let confirm = why.code == FaultCode::ConfirmationNeeded || typed.ticked("confirmed");
            let notice = html! {
                p.notice role="alert" { (visit.words().amend.nothing_done) }
                (fault_text(visit.language, &why))
            };
            edited(&console, &visit, id, Told { notice, status, confirm, ..Told::new(typed) }).await
        }
    }
}

/// What was typed before a login, shown again and not carried out.
async fn kept(console: &Console, visit: &Visit, id: DeliveryId, typed: Fields) -> Answer {
    let notice = again(visit.words(), true);
    if typed.some("body").is_none() {
        let editable = console.service().editable(id).await?;
        return Ok(asking(visit, &editable, &typed, &notice));
    }
    edited(console, visit, id, Told { notice, ..Told::new(typed) }).await
}

/// The content, once there is a reason to see it.
async fn opened(console: &Console, visit: &Visit, id: DeliveryId, typed: Fields) -> Answer {
    let reason = typed.reason()?;
    let editable = console.service().editable(id).await?;
    if editable.content.bytes.len() > EDITED_BYTES {
        return Ok(asking(
            visit,
            &editable,
            &typed,
            &html! { p.notice role="alert" { (visit.words().amend.too_large) } },
        ));
    }
    let act = OperatorAct { operator: visit.user.name.clone(), reason: Some(reason), confirmed: false };
    console.service().reveal(&act, &[Revealed::Content(id)]).await?;
    let text = pretty(&editable.content.bytes);
    let typed = typed.with("body", &text).with("version", &editable.delivery.version.to_string());
    let notice = html! {};
    Ok(page(visit, &editable, &Told { notice, ..Told::new(typed) }))
}

/// As a person reads it; what is no JSON as it is.
fn pretty(bytes: &[u8]) -> String {
    let read: Option<Value> = serde_json::from_slice(bytes).ok();
    let text = read.and_then(|value| serde_json::to_string_pretty(&value).ok());
    text.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A trial where that was asked for, or where what is to be sent is not what was seen; nothing when it was sent or proposed.
async fn carried_out(
    console: &Console,
    visit: &Visit,
    id: DeliveryId,
    typed: &Fields,
) -> Result<Option<AmendmentTrial>, Refused> {
    let body = typed.get("body").replace("\r\n", "\n");
    let content = Bytes::from(body.clone());
    let confirmed = typed.ticked("confirmed");
    let act = OperatorAct { operator: visit.user.name.clone(), reason: typed.note("reason")?, confirmed };
    if typed.get("do") != "send" || typed.get("tried") != digest(&body) {
        let reveal = typed.ticked("reveal");
        return Ok(Some(console.service().try_amendment(&act, id, Content::New(content), reveal).await?));
    }
    let act = OperatorAct { reason: Some(typed.reason()?), ..act };
    let amendment = Amendment { content, seen: typed.parsed("version")? };
    match console.service().amend(&act, id, amendment).await? {
        Amended::Sent(_) | Amended::Proposed(_) => Ok(None),
    }
}

async fn edited(console: &Console, visit: &Visit, id: DeliveryId, told: Told) -> Answer {
    // What moved meanwhile has nothing to be edited any more: the words are shown all the same.
    match console.service().editable(id).await {
        Ok(editable) => Ok(page(visit, &editable, &told)),
        Err(fault) => Ok(lost(visit, id, &told, &fault)),
    }
}

/// What was typed, where it can no longer be used.
fn lost(visit: &Visit, id: DeliveryId, told: &Told, fault: &Fault) -> Response {
    let words = visit.words();
    let content = html! {
        (told.notice)
        (fault_text(visit.language, fault))
        label { (words.amend.content) textarea.code rows="20" readonly { "\n" (told.typed.get("body")) } }
        label { (words.common.reason) textarea rows="3" readonly { "\n" (told.typed.get("reason")) } }
        p { a href=(exchange_path(id.exchange)) { (words.common.back) } }
    };
    let mut page = layout::page(visit, words.amend.title, &content);
    *page.status_mut() = StatusCode::from_u16(fault.http_status()).unwrap_or(StatusCode::CONFLICT);
    page
}

/// What will be edited, and why it is to be seen.
fn asking(visit: &Visit, editable: &Editable, typed: &Fields, notice: &Markup) -> Response {
    let words = visit.words();
    let id = editable.delivery.id;
    let fields = reason(words, typed.get("reason"), true);
    let content = html! {
        (notice)
        (says(visit, editable))
        p { (words.amend.open_says) }
        (acting(visit, &path(id, "amend"), words.amend.edit, &exchange_path(id.exchange), &fields))
    };
    layout::page(visit, words.amend.title, &content)
}

fn says(visit: &Visit, editable: &Editable) -> Markup {
    let words = visit.words();
    let what = match editable.edited {
        Edited::Received => words.amend.received,
        Edited::Own => words.amend.own,
    };
    html! {
        p { (editable.delivery.system) " · " (editable.operation) " · " (shown(editable.exchange.key.as_str())) }
        p { (what) }
        @if !editable.others.is_empty() { p { (words.amend.others) } }
        p { (words.amend.unmarked) }
        @if editable.second_person { p { strong { (words.amend.two) } } }
        @if let Some(why) = &editable.confirmation { p.notice { (shown(visit.language.public(why))) } }
        @for open in editable.proposals.iter().filter(|open| !open.stale) {
            p.notice { a href={ (path(open.delivery, "amendments")) "/" (open.number) } { (fill(words.amend.proposal, &[("number", &open.number)])) } " · " (cell(&open.by)) }
        }
    }
}

fn page(visit: &Visit, editable: &Editable, told: &Told) -> Response {
    let words = visit.words();
    let id = editable.delivery.id;
    let body = told.typed.get("body").replace("\r\n", "\n");
    let tried = told.trial.is_some();
    let outdated = tried && told.typed.get("do") == "send";
    let send = if editable.second_person { words.amend.propose } else { words.amend.send };
    let content = html! {
        (told.notice)
        @if outdated { p.notice role="alert" { (words.amend.changed_since) } }
        (says(visit, editable))
        @if let Some(trial) = &told.trial {
            section.compared id="compared" {
                (differing(words, &trial.difference))
                @if let Some(why) = &trial.confirmation { p.notice { (shown(visit.language.public(why))) } }
            }
        }
        form.act method="post" action=(path(id, "amend")) {
            (token(visit))
            (once(visit))
            // What a press of the return key means: to look first.
            button type="submit" name="do" value="try" hidden tabindex="-1" { (words.amend.attempt) }
            input type="hidden" name="version" value=(told.typed.get("version"));
            @if tried { input type="hidden" name="tried" value=(digest(&body)); }
            label { (words.amend.content) textarea.code name="body" rows="20" spellcheck="false" required { "\n" (body) } }
            (reason(words, told.typed.get("reason"), true))
            label.tick { input type="checkbox" name="reveal" value="yes" checked[told.typed.ticked("reveal")]; (words.amend.reveal) }
            @if told.confirm {
                label.tick { input type="checkbox" name="confirmed" value="yes" checked[told.typed.ticked("confirmed")]; (words.amend.confirmed) }
            }
            p.buttons {
                button type="submit" name="do" value="try" { (words.amend.attempt) }
                @if tried { button.main type="submit" name="do" value="send" { (send) } }
                a href=(exchange_path(id.exchange)) { (words.common.cancel) }
            }
        }
        @if let Some(spec) = &editable.spec { (help(visit, &spec.input)) }
    };
    let mut page = layout::page(visit, words.amend.title, &content);
    *page.status_mut() = told.status;
    page
}

/// One field of a schema.
struct Field {
    pointer: String,
    kind: String,
    required: bool,
    says: String,
}

fn help(visit: &Visit, schema: &Value) -> Markup {
    let words = &visit.words().amend;
    let mut fields = Vec::new();
    gather(schema, schema, &mut String::new(), &mut fields);
    html! {
        details { summary { (words.help) }
            div.wide tabindex="0" role="region" aria-label=(words.help) { table {
                thead { tr { @for head in [words.field, words.kind, words.required, words.says] { th scope="col" { (head) } } } }
                tbody { @for field in &fields { tr {
                    th.code scope="row" { (cell(&field.pointer)) }
                    td { (cell(&field.kind)) }
                    td { @if field.required { "✓" } }
                    td { (cell(&field.says)) }
                } } }
            } }
        }
    }
}

/// Every field with its place, as deep as people read.
fn gather(root: &Value, schema: &Value, place: &mut String, found: &mut Vec<Field>) {
    let schema = resolved(root, schema);
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    for (name, of) in properties {
        if found.len() == FIELDS || place.matches('/').count() >= DEPTH {
            return;
        }
        let length = place.len();
        place.push('/');
        place.push_str(name);
        let of = resolved(root, of);
        let says = text(of, "description");
        found.push(Field {
            pointer: place.clone(),
            kind: kind_of(of),
            required: required.contains(&name.as_str()),
            says: if says.is_empty() { text(of, "title") } else { says },
        });
        gather(root, of, place, found);
        if let Some(items) = of.get("items") {
            place.push_str("/*");
            gather(root, items, place, found);
        }
        place.truncate(length);
    }
}

/// What a reference within the schema leads to; one step, so that circles end.
fn resolved<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let reference = schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
    reference.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

/// The type, or the values there are.
fn kind_of(schema: &Value) -> String {
    let words = |values: &Vec<Value>| {
        let texts: Vec<String> = values.iter().map(|one| one.as_str().map_or(one.to_string(), str::to_owned)).collect();
        texts.join(" | ")
    };
    match (schema.get("enum").and_then(Value::as_array), schema.get("type")) {
        (Some(values), _) => words(values),
        (None, Some(Value::Array(types))) => words(types),
        (None, Some(one)) => one.as_str().unwrap_or_default().to_owned(),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod unit {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schemas_fields_are_told_with_type_and_whether_they_must_be_there() {
        let schema = json!({
            "required": ["code"], "$defs": {"owner": {"properties": {"name": {"type": "string", "description": "As in the papers."}}}},
            "properties": {
                "code": {"type": "string"}, "owner": {"$ref": "#/$defs/owner"}, "status": {"enum": ["new", 2]},
                "fees": {"type": "array", "items": {"properties": {"n": {"type": ["integer", "null"]}}}}
            }
        });
        let mut fields = Vec::new();
        gather(&schema, &schema, &mut String::new(), &mut fields);
        let told: Vec<_> =
            fields.iter().map(|field| (field.pointer.as_str(), field.kind.as_str(), field.required)).collect();
        let expected = [
            ("/code", "string", true),
            ("/fees", "array", false),
            ("/fees/*/n", "integer | null", false),
            ("/owner", "", false),
            ("/owner/name", "string", false),
            ("/status", "new | 2", false),
        ];
        assert_eq!(told.len(), expected.len());
        assert!(expected.iter().all(|one| told.contains(one)), "{told:?}");
        assert!(fields.iter().any(|field| field.says == "As in the papers."));
    }
}
