//! The envelope of a submission. Its body stays raw: it is stored as received and parsed once, by the service.

use std::borrow::Cow;

use bytes::Bytes;
use lienthong_core::exchange::TraceContext;
use lienthong_core::{BusinessKey, Class, Fault, FaultCode, FieldProblem, OperationName, Timestamp, limits};
use lienthong_engine::service::Submission;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::http::body::{self, note};
use crate::http::params::bad;

/// A message to be accepted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Envelope<'a> {
    /// What is asked: `system.verb-noun`.
    #[serde(borrow)]
    #[schema(value_type = String, example = "portal.sync-dossier")]
    operation: Cow<'a, str>,
    /// What finds and groups exchanges: the dossier code in most cases.
    #[serde(borrow)]
    #[schema(value_type = String, max_length = 128, example = "000.00.14.H56-250115-0007")]
    key: Cow<'a, str>,
    /// The operation's input, as its schema says.
    #[serde(borrow)]
    #[schema(value_type = Object)]
    body: &'a RawValue,
    /// Why, for the record.
    #[serde(default)]
    #[schema(max_length = 500)]
    purpose: Option<String>,
    /// Who the client acts for.
    #[serde(default)]
    #[schema(value_type = Option<super::OnBehalfOf>)]
    on_behalf_of: Option<lienthong_core::OnBehalfOf>,
    /// The date promised to the citizen; sets priority and alarms, and may be past.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// What is not sent by then is parked.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Nothing is sent before.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    not_before: Option<Timestamp>,
    /// Other names that lead to the same key.
    #[serde(default)]
    #[schema(max_items = 16)]
    aliases: Vec<String>,
    #[serde(default)]
    #[schema(value_type = Option<super::ClassName>)]
    class: Class,
    /// The address that is told of this message's outcomes instead of the client's own: one its configuration allows.
    #[serde(default)]
    #[schema(value_type = Option<Callback>)]
    callback: Option<Callback>,
}

/// Where a message's outcomes are told: an address, or an object that holds it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Callback {
    Url(String),
    Object(CallbackObject),
}

/// An address to be told of outcomes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackObject {
    #[schema(example = "https://one-stop.example/outcomes")]
    url: String,
}

impl From<Callback> for String {
    fn from(callback: Callback) -> Self {
        match callback {
            Callback::Url(url) | Callback::Object(CallbackObject { url }) => url,
        }
    }
}

/// Reads an envelope out of `bytes`; the body is a slice of them, not a copy.
pub(crate) fn submission(
    bytes: &Bytes,
    idempotency_key: Option<String>,
    trace: TraceContext,
) -> Result<Submission, Fault> {
    let Envelope {
        operation,
        key,
        body,
        purpose,
        on_behalf_of,
        due_at,
        expires_at,
        not_before,
        aliases,
        class,
        callback,
    } = body::parsed(bytes)?;
    Ok(Submission {
        operation: operation_name(&operation)?,
        key: BusinessKey::new(&key).map_err(|problem| bad("/key", problem))?,
        body: bytes.slice_ref(body.get().as_bytes()),
        purpose: note("/purpose", purpose)?,
        on_behalf_of: on_behalf_of.map(behalf).transpose()?,
        due_at,
        expires_at,
        not_before,
        aliases: self::aliases(&aliases)?,
        class,
        idempotency_key,
        callback: callback.map(String::from),
        trace: Some(trace),
    })
}

/// A name that is no operation's name is an operation that does not exist.
fn operation_name(text: &str) -> Result<OperationName, Fault> {
    OperationName::new(text).map_err(|problem| {
        Fault::new(FaultCode::UnknownOperation.kind(), FaultCode::UnknownOperation, "not an operation's name")
            .with_problem(FieldProblem::new("/operation", problem.to_string()))
    })
}

fn behalf(behalf: lienthong_core::OnBehalfOf) -> Result<lienthong_core::OnBehalfOf, Fault> {
    let lienthong_core::OnBehalfOf { unit, officer } = behalf;
    let (unit, officer) = (note("/on_behalf_of/unit", unit)?, note("/on_behalf_of/officer", officer)?);
    Ok(lienthong_core::OnBehalfOf { unit, officer })
}

fn aliases(texts: &[String]) -> Result<Vec<BusinessKey>, Fault> {
    if texts.len() > limits::ALIASES {
        return Err(bad("/aliases", format!("has more than {} entries", limits::ALIASES)));
    }
    let alias = |(place, text): (usize, &String)| {
        BusinessKey::new(text).map_err(|problem| bad(&format!("/aliases/{place}"), problem))
    };
    texts.iter().enumerate().map(alias).collect()
}

#[cfg(test)]
mod tests;
