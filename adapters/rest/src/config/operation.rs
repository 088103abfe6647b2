//! One operation as configuration: what it is called, the request it makes, how the answer is read. It compiles and sends nothing.

use std::collections::BTreeMap;

use lienthong_core::{Effect, limits};
use lienthong_kit::config::Wait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rules::{RuleConfig, StatusPattern};

/// What can be asked of the system.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationConfig {
    /// Verb and noun: `find-permit` of system `permits` is asked for as `permits.find-permit`.
    pub name: String,
    /// One sentence: what it does.
    pub summary: String,
    /// What happens when the same content is sent twice. Everything the gateway promises rests on its being true.
    pub effect: EffectName,
    /// Only the newest state matters: a route may supersede older unsent ones.
    #[serde(default)]
    pub snapshot: bool,
    pub request: RequestConfig,
    #[serde(default)]
    pub answer: AnswerConfig,
    /// What answers mean; see also the system's own `outcomes`, which follow these.
    #[serde(default)]
    pub outcomes: Vec<RuleConfig>,
    /// How an unknown outcome is settled; without it a person settles what must not happen twice.
    #[serde(default)]
    pub lookup: Option<LookupConfig>,
    /// JSON Schema (2020-12) of the input.
    pub input: Value,
    /// JSON Schema (2020-12) of the output; anything when left out.
    #[serde(default = "anything")]
    pub output: Value,
    /// An input that passes its schema, with synthetic people. Every request is tried with it when the configuration is loaded.
    pub example: Value,
    /// JSON pointer of the input field that must equal the exchange's key.
    #[serde(default)]
    pub key_field: Option<String>,
    /// JSON pointers (with `*` for any element) of personal data in input and output.
    #[serde(default)]
    pub personal: Vec<String>,
    /// Largest input, in bytes.
    #[serde(default = "one_mebibyte")]
    pub body_limit: usize,
}

/// A request made from an operation's input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestConfig {
    #[serde(default)]
    pub method: MethodName,
    /// Below the base address. `{.code}` is the input's `code`, percent-encoded; `{reference}` (of this attempt), `{delivery}` (the same in
    /// every attempt), `{key}`, `{purpose}`, `{unit}` and `{officer}` are the call's.
    pub path: String,
    /// Query parameters; one whose single placeholder has no value is left out, a list is repeated.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Headers; one whose single placeholder has no value is left out.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What is sent; nothing when left out.
    #[serde(default)]
    pub body: Option<BodyConfig>,
    /// VRL over `.input` and `.call` (`reference`, `delivery`, `key`, `purpose`, `unit`, `officer`, `at`) that leaves what is sent in `.body`;
    /// the input as it is when left out. Placeholders see `.input` as it leaves it.
    #[serde(default)]
    pub map: Option<String>,
}

/// How a body is written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyConfig {
    #[serde(default, rename = "as")]
    pub form: BodyForm,
    /// Another `Content-Type` than the form's own; not for multipart.
    #[serde(default)]
    pub content_type: Option<String>,
    /// For `xml`: its outermost element.
    #[serde(default)]
    pub xml: Option<XmlConfig>,
    /// For `multipart`: fields that are files, each an object (or a list of them) `{name, type, content}` with `content` in base64.
    #[serde(default)]
    pub files: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyForm {
    #[default]
    Json,
    Xml,
    /// `application/x-www-form-urlencoded`: texts, numbers and lists of them.
    Form,
    /// `multipart/form-data`.
    Multipart,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct XmlConfig {
    pub root: String,
    /// Default namespace of the whole.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Names of elements in the order they are written; others follow. For systems that validate against a sequence.
    #[serde(default)]
    pub order: Vec<String>,
}

/// How an answer is read.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerConfig {
    #[serde(rename = "as")]
    pub form: AnswerForm,
    /// For `xml`: elements that are lists even when there is one of them or none, as paths from the document's element: `List/Permit`.
    pub lists: Vec<String>,
    /// Whether an answer without a body may mean anything (`null` then stands for it). 204 and 205 never have one.
    pub may_be_empty: bool,
    /// Names of headers that programs may see in `.headers`, in lower case.
    pub headers: Vec<String>,
    /// Largest answer, in bytes; a longer one is an unknown outcome.
    pub limit: usize,
    /// VRL over `.status`, `.headers`, `.body` and `.input` that leaves the output in `.output`; the body as it is when left out.
    pub map: Option<String>,
}

impl Default for AnswerConfig {
    fn default() -> Self {
        let limit = one_mebibyte();
        Self { form: AnswerForm::Json, lists: Vec::new(), may_be_empty: false, headers: Vec::new(), limit, map: None }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerForm {
    #[default]
    Json,
    Xml,
    /// UTF-8 text; a page of HTML is never taken for it.
    Text,
}

/// Asks whether an earlier request happened.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupConfig {
    /// Its input is the unsettled request's own; `{reference}` is the unsettled attempt's reference.
    pub request: RequestConfig,
    #[serde(default)]
    pub answer: AnswerConfig,
    /// Statuses whose answers `decide` judges; others tell nothing.
    #[serde(default = "found_or_not")]
    pub status: Vec<StatusPattern>,
    /// How long after sending the system may still be working: "not done" counts only after this.
    pub settle: Wait,
    /// VRL over `.status`, `.headers`, `.body` and `.input` that leaves `done`, `not_done` or `unknown` in `.decision`, and with `done` the output in
    /// `.output`. `done` only when the answer shows *this* content, not an earlier one.
    pub decide: String,
}

/// Wire names of effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EffectName {
    /// Changes nothing at the target.
    Read,
    /// Sending the same content again does no harm.
    Upsert,
    /// Must not happen twice.
    Once,
}

impl From<EffectName> for Effect {
    fn from(name: EffectName) -> Self {
        match name {
            EffectName::Read => Self::Read,
            EffectName::Upsert => Self::Upsert,
            EffectName::Once => Self::Once,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum MethodName {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

impl From<MethodName> for http::Method {
    fn from(name: MethodName) -> Self {
        match name {
            MethodName::Get => Self::GET,
            MethodName::Head => Self::HEAD,
            MethodName::Post => Self::POST,
            MethodName::Put => Self::PUT,
            MethodName::Patch => Self::PATCH,
            MethodName::Delete => Self::DELETE,
        }
    }
}

fn anything() -> Value {
    json!(true)
}

fn one_mebibyte() -> usize {
    (limits::ANSWER_BYTES).min(1024 * 1024)
}

fn found_or_not() -> Vec<StatusPattern> {
    vec![StatusPattern::One(200), StatusPattern::One(404)]
}
