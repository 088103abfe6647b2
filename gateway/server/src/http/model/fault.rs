//! Faults in the public JSON. The target's own words and our inner chain may hold personal data: only operators see them.

use lienthong_core::fault::PublicText;
use lienthong_core::{Fault, fault};
use serde::Serialize;
use utoipa::ToSchema;

use super::names::{FaultKindName, OriginName};
use crate::config;
use crate::security::{Identity, Role};

/// How much of a fault a caller is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Insight {
    Public,
    /// Also the target's own words and our inner chain.
    Operator,
}

impl Insight {
    pub fn of(identity: &Identity) -> Self {
        if identity.has(Role::Operator) { Self::Operator } else { Self::Public }
    }
}

/// One field a message got wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// An RFC 6901 pointer into the body; `?name` for a query parameter, `{name}` for a path parameter, a bare name for a header; empty for the whole body.
    #[schema(example = "/due_at")]
    pub pointer: String,
    /// What is wrong, without the value.
    pub problem: String,
    /// The class of the offending value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_class: Option<String>,
    /// The code table a look-up failed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
}

impl From<&fault::FieldProblem> for FieldProblem {
    fn from(problem: &fault::FieldProblem) -> Self {
        let fault::FieldProblem { pointer, problem, value_class, table } = problem.clone();
        Self { pointer, problem, value_class, table }
    }
}

/// Why something failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownFault {
    pub kind: FaultKindName,
    /// The stable code.
    #[schema(example = "LT-REJECTED")]
    pub code: &'static str,
    pub origin: OriginName,
    pub text_vi: String,
    pub text_en: String,
    /// The target system's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_code: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub field_problems: Vec<FieldProblem>,
    /// The target system's own words; for operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_text: Option<String>,
    /// The gateway's inner chain; for operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal: Option<String>,
}

impl ShownFault {
    pub fn of(fault: &Fault, insight: Insight) -> Self {
        let Fault { kind, code, system_code, system_text, problems, public, retry_after: _, detail } = fault;
        let PublicText { vi, en } = public;
        let inside = |text: &String| (insight == Insight::Operator && !text.is_empty()).then(|| text.clone());
        Self {
            kind: (*kind).into(),
            code: code.as_str(),
            origin: kind.origin().into(),
            text_vi: vi.clone(),
            text_en: en.clone(),
            system_code: system_code.clone(),
            field_problems: problems.iter().map(FieldProblem::from).collect(),
            system_text: system_text.as_ref().and_then(inside),
            internal: inside(detail),
        }
    }
}

/// One problem of a configuration that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConfigurationProblem {
    /// Relative to the configuration folder.
    pub file: String,
    /// From 1; 0 when the whole file is meant.
    pub line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl From<&config::Problem> for ConfigurationProblem {
    fn from(problem: &config::Problem) -> Self {
        let config::Problem { file, line, column, problem, remedy } = problem.clone();
        Self { file, line, column, problem, remedy }
    }
}

#[cfg(test)]
mod tests {
    use lienthong_core::FaultKind;

    use super::*;

    #[test]
    fn only_operators_see_the_targets_words_and_our_chain() {
        let fault = Fault::of(FaultKind::Rejected, "inner chain").with_system_answer(None, Some("their words"));
        let public = serde_json::to_string(&ShownFault::of(&fault, Insight::Public)).unwrap();
        assert!(!public.contains("inner chain") && !public.contains("their words"));
        let operator = serde_json::to_string(&ShownFault::of(&fault, Insight::Operator)).unwrap();
        assert!(operator.contains("inner chain") && operator.contains("their words"));
    }
}
