//! VRL's diagnostics as problems of a configuration file: line, column, what is wrong, what to do. It compiles nothing.

use vrl::compiler::codes::{ExprCode, WarningCode};
use vrl::diagnostic::{Diagnostic, DiagnosticList, Label, Note, Span};

use super::ProgramSource;
use crate::routing::functions;
use crate::routing::problem::RouteProblem;

/// A problem at a byte of the program; the remedy is left to the caller.
pub(super) fn at(source: &ProgramSource, offset: usize, problem: String) -> RouteProblem {
    let (line, column) = position(source, offset);
    RouteProblem { file: source.file.clone(), line, column: Some(column), problem, remedy: String::new() }
}

/// The line in the file and the column in the program's line, both from 1.
pub(super) fn position(source: &ProgramSource, offset: usize) -> (usize, usize) {
    let before = source.text.char_indices().take_while(|(at, _)| *at < offset).map(|(_, c)| c);
    let start = (source.line, 1);
    before.fold(start, |(line, column), c| if c == '\n' { (line + 1, 1) } else { (line, column + 1) })
}

/// What keeps a program from compiling, in the order of the program.
pub(super) fn errors(source: &ProgramSource, diagnostics: &DiagnosticList) -> Vec<RouteProblem> {
    in_order(diagnostics.iter().filter(|diagnostic| diagnostic.is_problem()).map(|error| of(source, error)))
}

/// Code that does nothing. VRL's other warnings leave the result right.
pub(super) fn unused(source: &ProgramSource, warnings: &DiagnosticList) -> Vec<RouteProblem> {
    let is_unused = |warning: &&Diagnostic| warning.code == WarningCode::UnusedCode as usize;
    let is_real = |warning: &&Diagnostic| !is_variable_named_again(source, warning);
    in_order(warnings.iter().filter(is_unused).filter(is_real).map(|warning| {
        let mut problem = at(source, start(warning), warning.message.clone());
        problem.remedy =
            "use the result, remove the expression, or assign it to a name that begins with `_`".to_owned();
        problem
    }))
}

/// VRL does not look into the message of an `abort` for uses of a variable: only one that is named nowhere else is surely unused.
fn is_variable_named_again(source: &ProgramSource, warning: &Diagnostic) -> bool {
    let Some(name) = warning.message.strip_prefix("unused variable `").and_then(|rest| rest.strip_suffix('`')) else {
        return false;
    };
    let words = source.text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| *word == name).count() > 1
}

fn in_order(problems: impl Iterator<Item = RouteProblem>) -> Vec<RouteProblem> {
    let mut problems: Vec<_> = problems.collect();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems.dedup();
    problems
}

fn of(source: &ProgramSource, error: &Diagnostic) -> RouteProblem {
    if error.code == ExprCode::UndefinedFunction as usize
        && let Some(label) = primary(error)
        && let Some(problem) = refused_function(source, label.span)
    {
        return problem;
    }
    if let Some(own) = own_refusal(source, error) {
        return own;
    }
    let what = match primary(error) {
        Some(label) if label.message != error.message => format!("{}: {}", error.message, label.message),
        Some(_) | None => error.message.clone(),
    };
    let mut problem = at(source, start(error), format!("{what} (VRL E{:03})", error.code));
    problem.remedy = remedy(error);
    problem
}

/// A call that one of our own functions refused when compiled: its words stand behind VRL's.
fn own_refusal(source: &ProgramSource, error: &Diagnostic) -> Option<RouteProblem> {
    let own = error.message.split_once(functions::REFUSED_CALL)?.1;
    let mut problem = at(source, start(error), own.trim().to_owned());
    problem.remedy = remedy(error);
    Some(problem)
}

fn refused_function(source: &ProgramSource, span: Span) -> Option<RouteProblem> {
    let name = source.text.get(span.range())?.trim_end_matches('!');
    let (why, instead) = functions::refusal(name)?;
    let mut problem = at(source, span.start(), format!("`{name}` is not offered to routes: it {why}"));
    problem.remedy = instead.to_owned();
    Some(problem)
}

fn primary(diagnostic: &Diagnostic) -> Option<&Label> {
    diagnostic.labels.iter().find(|label| label.primary).or(diagnostic.labels.first())
}

fn start(diagnostic: &Diagnostic) -> usize {
    primary(diagnostic).map_or(0, |label| label.span.start())
}

/// VRL's own advice where it gives any.
fn remedy(error: &Diagnostic) -> String {
    if error.code == ExprCode::FallibleExpression as usize || error.code == ExprCode::FallibleAssignment as usize {
        return "say what happens on failure: a default (`… ?? null`), the error (`x, err = …`), or a mapping fault (`f!(…)`)"
            .to_owned();
    }
    let labels = error.labels.iter().filter(|label| !label.primary).map(|label| label.message.clone());
    let advice: Vec<String> = labels.chain(error.notes.iter().filter_map(advice)).collect();
    if advice.is_empty() { "correct the program".to_owned() } else { advice.join("; ") }
}

fn advice(note: &Note) -> Option<String> {
    match note {
        Note::Hint(text) | Note::Example(text) | Note::Basic(text) | Note::UserErrorMessage(text) => {
            let text = text.trim();
            (!text.is_empty()).then(|| text.to_owned())
        }
        Note::CoerceValue => Some("coerce the value to the required type".to_owned()),
        Note::SeeFunctionDocs(_)
        | Note::SeeErrorDocs
        | Note::SeeCodeDocs(_)
        | Note::SeeLangDocs
        | Note::SeeFunctionCharacteristicsDocs
        | Note::SeeRepl
        | Note::SeeDocs(..) => None,
    }
}
