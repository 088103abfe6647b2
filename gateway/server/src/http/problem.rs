//! Every refusal as an RFC 9457 problem document: one function from a fault. The fault's inside never leaves here; it goes to the log.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use lienthong_core::{Fault, FaultCode, FaultKind};
use serde::Serialize;

use super::model::{ConfigurationProblem, FieldProblem};
use crate::config;

/// What RFC 9457 documents are sent as.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// An error as callers see it (RFC 9457).
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Where the code is explained: `/docs/faults#lt-…`.
    #[schema(example = "/docs/faults#lt-bad-parameter")]
    pub r#type: String,
    /// What the code means, the same for every occurrence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong this time, in English.
    pub detail: String,
    /// The same in Vietnamese.
    pub detail_vi: String,
    /// The stable code; clients may switch on it.
    #[schema(example = "LT-BAD-PARAMETER")]
    pub code: String,
    /// The kind of fault, which decides whether sending again can help.
    #[schema(example = "invalid")]
    pub fault: String,
    /// The target system's own code, where the target refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_code: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub field_problems: Vec<FieldProblem>,
    /// The W3C trace id of the request: what to tell the gateway's operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Seconds to wait before sending again, as in `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Why the gateway is not ready.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// What is wrong with a configuration that was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configuration_problems: Vec<ConfigurationProblem>,
}

impl Problem {
    /// The public side of a fault.
    pub fn of(fault: &Fault, trace_id: Option<&str>) -> Self {
        let code = fault.code.as_str();
        Self {
            r#type: format!("/docs/faults#{}", code.to_ascii_lowercase()),
            title: fault.code.public().en,
            status: fault.http_status(),
            detail: detail(fault),
            detail_vi: fault.public.vi.clone(),
            code: code.to_owned(),
            fault: fault.kind.as_str().to_owned(),
            system_code: fault.system_code.clone(),
            field_problems: fault.problems.iter().map(FieldProblem::from).collect(),
            trace_id: trace_id.map(str::to_owned),
            retry_after: retry_after(fault),
            reasons: Vec::new(),
            configuration_problems: Vec::new(),
        }
    }
}

/// The public text, with the first field named so that a person sees at once what to mend.
fn detail(fault: &Fault) -> String {
    match fault.problems.as_slice() {
        [] => fault.public.en.clone(),
        [only] => format!("{} {}: {}.", fault.public.en, place(&only.pointer), only.problem),
        [first, rest @ ..] => {
            format!("{} {}: {}; and {} more.", fault.public.en, place(&first.pointer), first.problem, rest.len())
        }
    }
}

fn place(pointer: &str) -> &str {
    if pointer.is_empty() { "The body" } else { pointer }
}

/// Whole seconds, at least one.
fn retry_after(fault: &Fault) -> Option<u64> {
    fault.retry_after.map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).map(|seconds| seconds.max(1))
}

/// A request refused: the fault, and what only some refusals carry. Handlers answer it; [`super::front`] renders it once the trace is known.
#[derive(Debug, Clone)]
pub(crate) struct Refusal(Arc<Refused>);

#[derive(Debug)]
struct Refused {
    fault: Fault,
    reasons: Vec<String>,
    configuration: Vec<config::Problem>,
}

impl Refusal {
    /// A configuration that was not taken, with everything wrong with it.
    pub(crate) fn of_configuration(problems: Vec<config::Problem>) -> Self {
        let detail = format!("the new configuration has {} problems", problems.len());
        let fault = Fault::new(FaultKind::Conflict, FaultCode::ConfigurationRefused, detail);
        Self(Arc::new(Refused { fault, reasons: Vec::new(), configuration: problems }))
    }

    /// Why we are not ready; the fault is the gravest of the reasons.
    pub(crate) fn not_ready(fault: Fault, reasons: Vec<String>) -> Self {
        Self(Arc::new(Refused { fault, reasons, configuration: Vec::new() }))
    }

    pub(crate) fn fault(&self) -> &Fault {
        &self.0.fault
    }

    /// The whole answer.
    pub(crate) fn render(&self, trace_id: Option<&str>) -> Response {
        let mut problem = Problem::of(&self.0.fault, trace_id);
        problem.reasons.clone_from(&self.0.reasons);
        problem.configuration_problems = self.0.configuration.iter().map(ConfigurationProblem::from).collect();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        headers(response.headers_mut(), &problem, self.0.fault.code);
        response
    }
}

fn headers(headers: &mut HeaderMap, problem: &Problem, code: FaultCode) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static("en, vi"));
    if let Some(seconds) = problem.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if code == FaultCode::NoCredentials {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"lienthong\""));
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self(Arc::new(Refused { fault, reasons: Vec::new(), configuration: Vec::new() }))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.fault().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_code_has_a_document_with_a_status_that_fits() {
        for code in FaultCode::all() {
            let problem = Problem::of(&Fault::new(code.kind(), code, "inside"), Some("t"));
            assert!((400..600).contains(&problem.status), "{}", problem.code);
            assert!(problem.r#type.starts_with("/docs/faults#lt-") && !problem.title.is_empty());
            assert!(!serde_json::to_string(&problem).unwrap().contains("inside"), "the inside stays inside");
        }
    }

    #[test]
    fn the_detail_names_the_first_field_and_counts_the_rest() {
        let fault = Fault::of(FaultKind::Invalid, "")
            .with_problem(lienthong_core::FieldProblem::new("/key", "is empty"))
            .with_problem(lienthong_core::FieldProblem::new("/due_at", "is no date"));
        let problem = Problem::of(&fault, None);
        assert!(problem.detail.ends_with("/key: is empty; and 1 more."), "{}", problem.detail);
        assert_eq!(problem.field_problems.len(), 2);
    }

    #[test]
    fn a_wait_is_told_in_whole_seconds_rounded_up() {
        let wait = |wait| retry_after(&Fault::of(FaultKind::Throttled, "").with_retry_after(wait));
        assert_eq!(wait(Duration::from_millis(200)), Some(1));
        assert_eq!(wait(Duration::from_millis(2100)), Some(3));
        assert_eq!(wait(Duration::ZERO), Some(1));
    }

    #[test]
    fn missing_credentials_are_asked_for_and_the_targets_code_is_shown() {
        let refused = Refusal::from(Fault::new(FaultKind::Unauthenticated, FaultCode::NoCredentials, ""));
        let response = refused.render(Some("t"));
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer realm=\"lienthong\"");
        let target = Fault::of(FaultKind::Rejected, "").with_system_answer(Some("-3".into()), Some("words of theirs"));
        let shown = serde_json::to_string(&Problem::of(&target, None)).unwrap();
        assert!(shown.contains("\"-3\"") && !shown.contains("words of theirs"));
    }
}
