//! Problems of operations: names, requests, answers, lookups. It compiles no program.

use std::collections::BTreeSet;

use lienthong_core::{OperationName, SystemId, limits};
use lienthong_kit::config::Problems;
use serde_json::Value;

use super::{check_header_name, check_rules, is_header_text, is_pointer, under};
use crate::config::{
    AnswerConfig, AnswerForm, BodyConfig, BodyForm, EffectName, LookupConfig, MethodName, OperationConfig,
    RequestConfig, RestConfig, RuleConfig, Then,
};
use crate::template::Template;

/// Most operations of one system.
const OPERATIONS: usize = 500;

impl RestConfig {
    pub(super) fn check_operations(&self, found: &mut Problems) {
        if self.operations.is_empty() {
            found.push(("/operations".into(), "needs at least one operation".into()));
        }
        if self.operations.len() > OPERATIONS {
            found.push(("/operations".into(), format!("holds more than {OPERATIONS}; describe two systems")));
        }
        let mut names = BTreeSet::new();
        for (place, operation) in self.operations.iter().enumerate() {
            let at = format!("/operations/{place}");
            if !names.insert(operation.name.as_str()) {
                found.push((format!("{at}/name"), "is used by another operation too".into()));
            }
            check(operation, &self.outcomes, &at, found);
        }
    }
}

fn check(operation: &OperationConfig, shared: &[RuleConfig], at: &str, found: &mut Problems) {
    let OperationConfig {
        name,
        summary,
        effect,
        snapshot,
        request,
        answer,
        outcomes,
        lookup,
        input,
        output,
        example,
        key_field,
        personal,
        body_limit,
    } = operation;
    let named = SystemId::new("s").ok().and_then(|system| crate::operation::name_of(&system, name).ok());
    if named.as_ref().map(OperationName::as_str).is_none() {
        found.push((format!("{at}/name"), "is no name; write verb-noun in lower case, such as find-permit".into()));
    }
    if summary.trim().is_empty() || !summary.trim_end().ends_with('.') {
        found.push((format!("{at}/summary"), "must be one sentence that ends with a full stop".into()));
    }
    if *snapshot && *effect != EffectName::Upsert {
        found.push((format!("{at}/snapshot"), "is for upserts: only a state can be superseded by a newer one".into()));
    }
    check_request(request, &format!("{at}/request"), found);
    check_answer(answer, &format!("{at}/answer"), found);
    check_rules(outcomes, &format!("{at}/outcomes"), found);
    if !outcomes.iter().chain(shared).any(|rule| rule.then == Then::Success) {
        let problem = "has no rule for success, nor has the system: nothing would ever be delivered";
        found.push((format!("{at}/outcomes"), problem.into()));
    }
    if let Some(lookup) = lookup {
        check_lookup(lookup, *effect, &format!("{at}/lookup"), found);
    }
    for (name, schema) in [("input", input), ("output", output)] {
        if !matches!(schema, Value::Object(_) | Value::Bool(_)) {
            found.push((format!("{at}/{name}"), "is no JSON Schema; write `type: object` and `properties:`".into()));
        }
    }
    if !example.is_object() {
        found.push((format!("{at}/example"), "must be an object: the input of an operation".into()));
    }
    check_pointers(key_field.as_ref(), personal, example, at, found);
    if *body_limit == 0 || *body_limit > limits::BODY_BYTES {
        found.push((format!("{at}/body_limit"), format!("must be 1 to {} bytes", limits::BODY_BYTES)));
    }
}

fn check_pointers(key: Option<&String>, personal: &[String], example: &Value, at: &str, found: &mut Problems) {
    if let Some(key) = key {
        let problem = match example.pointer(key) {
            _ if !is_pointer(key) => Some("is no JSON pointer; write /code"),
            Some(Value::String(_)) => None,
            Some(_) | None => Some("must lead to a text of the example"),
        };
        found.extend(problem.map(|problem| (format!("{at}/key_field"), problem.to_owned())));
    }
    for (place, pointer) in personal.iter().enumerate() {
        if !is_pointer(pointer) || pointer.is_empty() {
            found.push((
                format!("{at}/personal/{place}"),
                "is no JSON pointer; write /owner/name or /owners/*/name".into(),
            ));
        }
    }
}

fn check_request(request: &RequestConfig, at: &str, found: &mut Problems) {
    let RequestConfig { method, path, query, headers, body, map } = request;
    match path.parse::<Template>() {
        Err(problem) => found.push((format!("{at}/path"), problem)),
        Ok(template) => {
            let literal: String = template.literals().collect();
            if literal.contains(['?', '#']) {
                found.push((format!("{at}/path"), "must hold no query or fragment; use `query`".into()));
            }
            if literal.split('/').any(|segment| matches!(segment, "." | "..")) || literal.contains("://") {
                found.push((format!("{at}/path"), "must stay below the base address".into()));
            }
        }
    }
    for (section, texts) in [("query", query), ("headers", headers)] {
        for (name, text) in texts {
            if let Err(problem) = text.parse::<Template>() {
                found.push((under(&format!("{at}/{section}"), name), problem));
            }
        }
    }
    for name in headers.keys() {
        check_header_name(name, &under(&format!("{at}/headers"), name), found);
    }
    match (method, body) {
        (MethodName::Get | MethodName::Head, Some(_)) => {
            found.push((format!("{at}/body"), "cannot go with GET or HEAD; use another method, or `query`".into()));
        }
        (MethodName::Get | MethodName::Head, None) => {}
        (MethodName::Post | MethodName::Put | MethodName::Patch | MethodName::Delete, _) => {}
    }
    match body {
        Some(body) => check_body(body, &format!("{at}/body"), found),
        None if map.as_ref().is_some_and(|map| map.contains(".body")) => {
            found.push((format!("{at}/map"), "leaves a body that nobody sends; add `body`".into()));
        }
        None => {}
    }
}

fn check_body(body: &BodyConfig, at: &str, found: &mut Problems) {
    let BodyConfig { form, content_type, xml, files } = body;
    let mut note = |below: &str, problem: &str| found.push((format!("{at}/{below}"), problem.to_owned()));
    match (form, xml) {
        (BodyForm::Xml, None) => note("xml", "is missing: `root` names the outermost element"),
        (BodyForm::Xml, Some(xml)) if xml.root.trim().is_empty() => note("xml/root", "is empty"),
        (BodyForm::Json | BodyForm::Form | BodyForm::Multipart, Some(_)) => note("xml", "is for `as: xml` only"),
        (BodyForm::Xml, Some(_)) | (BodyForm::Json | BodyForm::Form | BodyForm::Multipart, None) => {}
    }
    let multipart = *form == BodyForm::Multipart;
    if !multipart && !files.is_empty() {
        note("files", "is for `as: multipart` only");
    }
    match content_type {
        Some(_) if multipart => {
            note("content_type", "is written by the adapter itself, with the boundary of the parts")
        }
        Some(text) if !is_header_text(text) => note("content_type", "cannot stand in a header"),
        Some(_) | None => {}
    }
}

fn check_answer(answer: &AnswerConfig, at: &str, found: &mut Problems) {
    let AnswerConfig { form, lists, may_be_empty: _, headers, limit, map: _ } = answer;
    match form {
        AnswerForm::Xml => {}
        AnswerForm::Json | AnswerForm::Text if lists.is_empty() => {}
        AnswerForm::Json | AnswerForm::Text => {
            found.push((format!("{at}/lists"), "is for `as: xml` only: JSON says itself what is a list".into()));
        }
    }
    for (place, name) in headers.iter().enumerate() {
        if name.parse::<http::HeaderName>().is_err() || name.chars().any(char::is_uppercase) {
            found.push((format!("{at}/headers/{place}"), "is no name of a header in lower case".into()));
        }
    }
    if *limit == 0 || *limit > limits::ANSWER_BYTES {
        found.push((format!("{at}/limit"), format!("must be 1 to {} bytes", limits::ANSWER_BYTES)));
    }
}

fn check_lookup(lookup: &LookupConfig, effect: EffectName, at: &str, found: &mut Problems) {
    let LookupConfig { request, answer, status, settle: _, decide: _ } = lookup;
    if effect != EffectName::Once {
        let problem = "is never asked: a read or an upsert of unknown outcome is sent again; remove it";
        found.push((at.to_owned(), problem.into()));
    }
    check_request(request, &format!("{at}/request"), found);
    check_answer(answer, &format!("{at}/answer"), found);
    if status.is_empty() {
        found.push((format!("{at}/status"), "needs at least one status".into()));
    }
}
