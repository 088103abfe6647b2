//! What a body got wrong, field by field, in words that never repeat a value. It compiles no schema.

use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind as Kind};
use jsonschema::{JsonType, Validator};
use lienthong_core::text::excerpt;
use lienthong_core::{FieldProblem, limits};
use serde_json::Value;

use crate::routing::class_of;
use crate::routing::value::escaped;

/// Longest pointer told, in characters: an unknown field's name is the sender's.
const POINTER_CHARS: usize = 256;
/// Longest list of allowed values or pattern told, in characters.
const ALLOWED_CHARS: usize = 300;
/// How far alternatives within alternatives are followed.
const DEPTH: usize = 4;
/// Largest body, in values, of which every breach is told: the validator makes all its errors before we take the first of them, and
/// a body of megabytes could be wrong in millions of places.
const VALUES: usize = 20_000;

/// At most `limits::FIELD_PROBLEMS`, of a very large body the first alone; empty when the body passes.
pub(super) fn of(schema: &Validator, body: &Value) -> Vec<FieldProblem> {
    if schema.is_valid(body) {
        return Vec::new();
    }
    if values_left(body, VALUES).is_none() {
        return schema.validate(body).err().map(|error| told(&error, DEPTH)).unwrap_or_default();
    }
    let mut found: Vec<FieldProblem> = Vec::new();
    for error in schema.iter_errors(body) {
        for problem in told(&error, DEPTH) {
            if found.len() == limits::FIELD_PROBLEMS {
                return found;
            }
            if !found.contains(&problem) {
                found.push(problem);
            }
        }
    }
    found
}

/// What is left of a budget of values; `None` when the body has more.
fn values_left(body: &Value, budget: usize) -> Option<usize> {
    let left = budget.checked_sub(1)?;
    match body {
        Value::Array(items) => items.iter().try_fold(left, |left, item| values_left(item, left)),
        Value::Object(fields) => fields.values().try_fold(left, |left, field| values_left(field, left)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(left),
    }
}

fn told(error: &ValidationError<'_>, depth: usize) -> Vec<FieldProblem> {
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![problem(&under(error, name), "is required", "missing")]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let unknown = |name: &String| problem(&under(error, name), "is not a known field", "unknown field");
            unexpected.iter().take(limits::FIELD_PROBLEMS).map(unknown).collect()
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => alternatives(error, context, depth),
        other => vec![problem(error.instance_path().as_str(), &words(other), class_of(error.instance()))],
    }
}

/// Of several forms, the one the sender meant: the only one that fails deeper than at its own door.
fn alternatives(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    depth: usize,
) -> Vec<FieldProblem> {
    let here = error.instance_path().as_str();
    let meant = |errors: &&Vec<ValidationError<'static>>| !errors.iter().any(|inner| is_another_form(inner, here));
    let mut candidates = context.iter().filter(meant);
    if let (Some(errors), None, Some(depth)) = (candidates.next(), candidates.next(), depth.checked_sub(1)) {
        return errors.iter().flat_map(|inner| told(inner, depth)).collect();
    }
    vec![problem(here, &doors(context, here), class_of(error.instance()))]
}

/// Whether the alternative is of another type, or says by a constant (its own or of a field) that it is another variant.
fn is_another_form(inner: &ValidationError<'_>, here: &str) -> bool {
    let at = inner.instance_path().as_str();
    let is_field = || at.strip_prefix(here).is_some_and(|rest| rest.matches('/').count() <= 1);
    (matches!(inner.kind(), Kind::Type { .. }) && at == here)
        || (matches!(inner.kind(), Kind::Constant { .. }) && is_field())
}

/// What the alternatives ask for at their own doors, where each asks for one thing: `must be "a" or "b"`, `must be object or null`.
fn doors(context: &[Vec<ValidationError<'static>>], here: &str) -> String {
    let door = |errors: &Vec<ValidationError<'static>>| match errors.as_slice() {
        [only] if only.instance_path().as_str() == here => {
            words(only.kind()).strip_prefix("must be ").map(str::to_owned)
        }
        [] | [_] | [_, _, ..] => None,
    };
    match context.iter().map(door).collect::<Option<Vec<String>>>() {
        Some(doors) if !doors.is_empty() => format!("must be {}", excerpt(&doors.join(" or "), ALLOWED_CHARS)),
        Some(_) | None => "matches none of the allowed forms".to_owned(),
    }
}

fn under(error: &ValidationError<'_>, name: &str) -> String {
    format!("{}/{}", error.instance_path().as_str(), escaped(name))
}

fn problem(pointer: &str, what: &str, class: &str) -> FieldProblem {
    FieldProblem::new(excerpt(pointer, POINTER_CHARS), what).of_class(class)
}

/// What the schema asks for, from the schema's side alone.
fn words(kind: &Kind) -> String {
    match kind {
        Kind::Type { kind } => format!("must be {}", types(kind)),
        Kind::Enum { options } => format!("must be one of {}", shown(options)),
        Kind::Constant { expected_value } => format!("must be {}", shown(expected_value)),
        Kind::Format { format } => format!("is not a valid {format}"),
        Kind::Pattern { pattern } => format!("must match the pattern {}", excerpt(pattern, ALLOWED_CHARS)),
        Kind::MaxLength { limit } => format!("is longer than {limit} characters"),
        Kind::MinLength { limit } => format!("is shorter than {limit} characters"),
        Kind::Maximum { limit } => format!("is more than {limit}"),
        Kind::Minimum { limit } => format!("is less than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Kind::MaxItems { limit } => format!("has more than {limit} items"),
        Kind::AdditionalItems { limit } => format!("has more than {limit} items"),
        Kind::MinItems { limit } => format!("has fewer than {limit} items"),
        Kind::MaxProperties { limit } => format!("has more than {limit} fields"),
        Kind::MinProperties { limit } => format!("has fewer than {limit} fields"),
        Kind::UniqueItems => "has the same item twice".to_owned(),
        Kind::Contains => "lacks a required item".to_owned(),
        Kind::FalseSchema => "is not allowed".to_owned(),
        Kind::Not { .. } => "has a form that is not allowed".to_owned(),
        Kind::PropertyNames { .. } => "has a field whose name is not allowed".to_owned(),
        Kind::UnevaluatedItems { .. } => "has items that are not allowed".to_owned(),
        Kind::OneOfMultipleValid { .. } => "matches more than one of the allowed forms".to_owned(),
        Kind::ContentEncoding { content_encoding } => format!("is not valid {content_encoding}"),
        Kind::ContentMediaType { content_media_type } => format!("is not valid {content_media_type}"),
        Kind::FromUtf8 { .. } => "is not UTF-8 text".to_owned(),
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => "is too complex to check".to_owned(),
        Kind::Referencing(_) => "cannot be checked: the schema refers to something unknown".to_owned(),
        Kind::Custom { keyword, .. } => format!("breaks the rule {keyword}"),
        Kind::Required { .. } => "lacks a required field".to_owned(),
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } => "has an unknown field".to_owned(),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => "matches none of the allowed forms".to_owned(),
    }
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => one.as_str().to_owned(),
        TypeKind::Multiple(set) => set.iter().map(JsonType::as_str).collect::<Vec<_>>().join(" or "),
    }
}

fn shown(allowed: &Value) -> String {
    match allowed {
        Value::Array(options) => {
            let list: Vec<String> = options.iter().map(Value::to_string).collect();
            excerpt(&list.join(", "), ALLOWED_CHARS)
        }
        other => excerpt(&other.to_string(), ALLOWED_CHARS),
    }
}
