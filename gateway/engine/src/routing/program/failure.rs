//! A program that failed on a message, as a mapping fault: file, line, function and field, never the value. It runs nothing.

use lienthong_core::fault::normalised;
use lienthong_core::text::excerpt;
use lienthong_core::{Fault, FaultCode, FaultKind, FieldProblem};
use vrl::compiler::runtime::Terminate;
use vrl::compiler::{ExpressionError, Program};
use vrl::diagnostic::Span;
use vrl::path::{OwnedSegment, OwnedTargetPath, PathPrefix, parse_target_path};
use vrl::value::Value;

use super::{ProgramSource, STEPS, Stop, argument, diagnose};
use crate::routing::functions::Told;
use crate::routing::value::{Unread, Unwritable, class_of, escaped};

/// Longest piece of program or message in a fault's detail, in characters.
const SHOWN: usize = 160;

pub(super) fn not_an_object(source: &ProgramSource, class: &str) -> Fault {
    let problem = FieldProblem::new("", "a program needs an object").of_class(class);
    mapping(source, 0, &format!("the body is {class}, not an object"), problem)
}

pub(super) fn not_boolean(source: &ProgramSource, class: &str) -> Fault {
    let problem = FieldProblem::new("", "the route's condition gave neither true nor false").of_class(class);
    mapping(source, 0, &format!("the condition gave {class}"), problem)
}

pub(super) fn not_json(source: &ProgramSource, media_type: &str) -> Fault {
    let problem = FieldProblem::new("", "a program needs JSON").of_class(media_type);
    mapping(source, 0, &format!("the body is {media_type}"), problem)
}

pub(super) fn unreadable(source: &ProgramSource, unread: Unread) -> Fault {
    match unread {
        Unread::Syntax(why) => {
            mapping(source, 0, &why, FieldProblem::new("", "cannot be read as JSON").of_class("text"))
        }
        Unread::Inexact(pointer) => {
            let problem = FieldProblem::new(&pointer, "is a number no transform can keep exactly").of_class("number");
            mapping(source, 0, &format!("the number at `{pointer}` would be changed by rounding"), problem)
        }
    }
}

pub(super) fn unwritable(source: &ProgramSource, unwritable: Unwritable) -> Fault {
    let Unwritable { pointer, problem, class } = unwritable;
    let detail = format!("the result {problem} at `{pointer}`");
    mapping(source, 0, &detail, FieldProblem::new(pointer, format!("after the transform, {problem}")).of_class(class))
}

/// What stopped a program. `received` is the body before the program touched it.
pub(super) fn fault(source: &ProgramSource, program: &Program, stop: &Stop, received: &Value) -> Fault {
    match stop {
        Stop::Panicked => mapping(source, 0, "a function of the program panicked", whole("panicked on this message")),
        Stop::Ended(Terminate::Interrupted) => {
            let detail = format!("the program took more than {STEPS} steps");
            mapping(source, 0, &detail, whole("took too long on this message"))
        }
        Stop::Ended(Terminate::Abort(error) | Terminate::Error(error)) => {
            let span = span(error);
            let expression = span.and_then(|span| source.text.get(span.range())).unwrap_or("");
            let offset = span.map_or(0, Span::start);
            if let Some(told) = Told::from_error(error) {
                return own(source, program, &told, (expression, offset), received);
            }
            let (detail, problem) = told(error, expression, &source.text);
            let before = source.text.get(..offset).unwrap_or_default();
            let problem = match field(expression, program, received, before) {
                Some((pointer, class)) => FieldProblem::new(pointer, problem).of_class(class),
                None => FieldProblem::new("", problem),
            };
            mapping(source, offset, &detail, problem)
        }
    }
}

/// What a function of ours told. A code without a row has a fault code of its own, so that operators find what their tables lack.
fn own(source: &ProgramSource, program: &Program, told: &Told, call: (&str, usize), received: &Value) -> Fault {
    let Told { argument: (keyword, place), problem, class, table } = told;
    let (expression, offset) = call;
    let blamed = argument::of_call(expression, keyword, *place);
    let before = source.text.get(..offset).unwrap_or_default();
    let blamed = argument::traced(blamed, before);
    let pointer = field(&blamed, program, received, before).map(|(pointer, _)| pointer).unwrap_or_default();
    let field_problem =
        FieldProblem { pointer, problem: problem.clone(), value_class: class.clone(), table: table.clone() };
    let shown = excerpt(expression, SHOWN);
    let fault = mapping(source, offset, &format!("`{shown}` failed: `{keyword}` {problem}"), field_problem);
    match table {
        Some(_) => Fault { code: FaultCode::CodeUnmapped, public: FaultCode::CodeUnmapped.public(), ..fault },
        None => fault,
    }
}

fn whole(problem: &str) -> FieldProblem {
    FieldProblem::new("", format!("the program {problem}"))
}

fn mapping(source: &ProgramSource, offset: usize, detail: &str, problem: FieldProblem) -> Fault {
    let (line, column) = diagnose::position(source, offset);
    Fault::of(FaultKind::Mapping, format!("{}:{line}:{column}: {detail}", source.file)).with_problem(problem)
}

fn span(error: &ExpressionError) -> Option<Span> {
    match error {
        ExpressionError::Abort { span, .. }
        | ExpressionError::Return { span, .. }
        | ExpressionError::Break { span }
        | ExpressionError::Fallible { span }
        | ExpressionError::Missing { span, .. } => Some(*span),
        ExpressionError::Error { labels, .. } => labels.first().map(|label| label.span),
        ExpressionError::Interrupted => None,
    }
}

/// The detail for the log and the field problem's text. An author's own words are shown when they stand in the program as they are;
/// of a library's message only what comes before any value it may repeat.
fn told(error: &ExpressionError, expression: &str, program: &str) -> (String, String) {
    let shown = excerpt(expression, SHOWN);
    let is_written =
        |words: &&str| program.contains(&format!("\"{words}\"")) || program.contains(&format!("s'{words}'"));
    match error {
        ExpressionError::Abort { message, .. } => match message.as_deref().filter(is_written) {
            Some(words) => {
                let words = excerpt(words, SHOWN);
                (format!("aborted: {words}"), format!("refused by the program: {words}"))
            }
            None => ("aborted".to_owned(), "refused by the program".to_owned()),
        },
        ExpressionError::Error { message, .. } => {
            let why = excerpt(&normalised(first_clause(without_calls(message))), SHOWN);
            let function: String = expression.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            (format!("`{shown}` failed: {why}"), format!("the program cannot use it ({function})"))
        }
        ExpressionError::Interrupted
        | ExpressionError::Return { .. }
        | ExpressionError::Break { .. }
        | ExpressionError::Fallible { .. }
        | ExpressionError::Missing { .. } => (format!("`{shown}` failed"), "the program failed".to_owned()),
    }
}

/// VRL puts `function call error for "f" at (1:2): ` before each message; the position says it better.
fn without_calls(message: &str) -> &str {
    let mut rest = message;
    while let Some((_, after)) = rest.strip_prefix("function call error for ").and_then(|text| text.split_once("): ")) {
        rest = after;
    }
    rest
}

/// Libraries put values in quotes, after a colon, or on lines of their own.
fn first_clause(message: &str) -> &str {
    let clause = message.split(['"', '\'', '`', ':', '\n', '<', '{', '[', '(']).next().unwrap_or_default();
    if clause.trim().is_empty() { "an error of the library" } else { clause.trim() }
}

/// The pointer and class of the first field of the received body an expression names; `None` when the program makes that field itself.
fn field(expression: &str, program: &Program, received: &Value, before: &str) -> Option<(String, String)> {
    let path = first_path(expression)?;
    if path.prefix != PathPrefix::Event || path.path.is_root() {
        return None;
    }
    let made = program.info().target_assignments.iter();
    // What a later statement assigns (`.status = lookup!(…, .status, …)`) is still the received one here.
    let is_made = |assigned: &OwnedTargetPath| match assigned.path.is_root() && assigned.prefix == PathPrefix::Event {
        true => argument::replaced(before),
        false => {
            let overlaps = assigned.can_start_with(&path) || path.can_start_with(assigned);
            overlaps && argument::assigned(before, &assigned.to_string())
        }
    };
    if made.into_iter().any(is_made) {
        return None;
    }
    let class = received.get(&path.path).map_or("missing", class_of);
    Some((pointer(&path)?, class.to_owned()))
}

fn pointer(path: &OwnedTargetPath) -> Option<String> {
    let mut pointer = String::new();
    for segment in &path.path.segments {
        pointer.push('/');
        match segment {
            OwnedSegment::Field(name) => pointer.push_str(&escaped(name)),
            OwnedSegment::Index(index) => pointer.push_str(&usize::try_from(*index).ok()?.to_string()),
        }
    }
    Some(pointer)
}

/// The first `.path` of an expression outside its quoted texts.
fn first_path(expression: &str) -> Option<OwnedTargetPath> {
    let mut quote: Option<char> = None;
    let mut previous = ' ';
    for (at, c) in expression.char_indices() {
        match quote {
            Some(end) if c == end && previous != '\\' => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '.' && !continues_value(previous) => {
                let rest = expression.get(at..)?;
                let end = rest.find(|c: char| !continues_path(c)).unwrap_or(rest.len());
                return parse_target_path(rest.get(..end)?.trim_end_matches('.')).ok();
            }
            None => {}
        }
        previous = c;
    }
    None
}

/// A dot after these belongs to a number, a variable or a result, not to the body.
fn continues_value(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | ']' | ')' | '}' | '%')
}

fn continues_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '.' | '[' | ']')
}
