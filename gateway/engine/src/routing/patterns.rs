//! What a route does besides sending on: waiting for what must come first, filling in, splitting, recognising copies, tapping. It stores and sends nothing.

mod digest;
mod enrich;
mod split;

use std::time::Duration;

use lienthong_core::OperationName;

use super::problem::RouteProblem;
use super::program::{Predicate, ProgramSource, Programs, Shaped, Told};

pub use split::{Child, Row};

/// The patterns of a route as configured.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    pub awaits: Option<AwaitSpec>,
    pub enrich: Option<EnrichSpec>,
    /// Only to a declared message.
    pub split: Option<SplitSpec>,
    /// Only to a declared message.
    pub recognise: Option<RecogniseSpec>,
    /// What it takes is a copy, as an exchange of its own, that never concerns the original.
    pub tap: bool,
}

/// A message waits until one of these was accepted (pushes, declared messages) or delivered (what we send), with the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitSpec {
    pub any_of: Vec<OperationName>,
    /// Afterwards it is parked as `LT-AWAITED-MISSING`.
    pub within: Duration,
}

/// A read operation whose answer is put into the message before it goes on.
#[derive(Debug, Clone)]
pub struct EnrichSpec {
    pub operation: OperationName,
    /// Whether it is needed; always when absent.
    pub when: Option<ProgramSource>,
    /// Leaves the read operation's input in `.`.
    pub input: ProgramSource,
    /// An RFC 6901 pointer into the message; objects on the way are made.
    pub into: String,
    pub on_not_found: OnNotFound,
}

/// What becomes of a message whose subject the read operation does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnNotFound {
    #[default]
    Park,
    /// It goes on as it was.
    Continue,
}

/// One message of each element.
#[derive(Debug, Clone)]
pub struct SplitSpec {
    /// An RFC 6901 pointer to the list in what the transform made.
    pub items: String,
    /// Makes the message in `.` from `{item, index, message}`, where `message` is the rest.
    pub each: ProgramSource,
}

/// Copies that come by several ways become one message; other content under the same identity is a new version.
#[derive(Debug, Clone)]
pub struct RecogniseSpec {
    /// Gives a text or list from the message: the same for every copy and version.
    pub by: ProgramSource,
    /// Gives any value: the same for every copy; the whole message when absent. `null` tells nothing that could differ: such a
    /// message is a copy of whatever is known under its identity, and the first version where nothing is.
    pub content: Option<ProgramSource>,
    pub within: Duration,
}

/// The patterns with their programs compiled.
#[derive(Default)]
pub(super) struct Compiled {
    pub(super) enrich: Option<Enrich>,
    pub(super) each: Option<Shaped>,
    pub(super) recognise: Option<Recognise>,
}

pub(super) struct Enrich {
    pub(super) when: Option<Predicate>,
    pub(super) input: Shaped,
    pub(super) schema: Option<super::catalogue::InputSchema>,
}

pub(super) struct Recognise {
    pub(super) by: Told,
    pub(super) content: Option<Told>,
}

impl Compiled {
    /// Compiles every program of the patterns; all problems at once.
    pub(super) fn of(
        patterns: &Patterns,
        programs: &Programs,
        catalogue: &super::Catalogue,
    ) -> Result<Self, Vec<RouteProblem>> {
        let mut problems = Vec::new();
        let mut keep = |errors: Vec<RouteProblem>| problems.extend(errors);
        let mut compiled = Self::default();
        if let Some(EnrichSpec { operation, when, input, into: _, on_not_found: _ }) = &patterns.enrich {
            let when = when.as_ref().map(|source| programs.predicate(source)).transpose().map_err(&mut keep);
            let input = programs.shaped(input).map_err(&mut keep);
            let schema = catalogue.get(operation).map(super::Entry::input);
            compiled.enrich = when.ok().zip(input.ok()).map(|(when, input)| Enrich { when, input, schema });
        }
        if let Some(split) = &patterns.split {
            compiled.each = programs.shaped(&split.each).map_err(&mut keep).ok();
        }
        if let Some(RecogniseSpec { by, content, within: _ }) = &patterns.recognise {
            let by = programs.told(by).map_err(&mut keep);
            let content = content.as_ref().map(|source| programs.told(source)).transpose().map_err(&mut keep);
            compiled.recognise = by.ok().zip(content.ok()).map(|(by, content)| Recognise { by, content });
        }
        if problems.is_empty() { Ok(compiled) } else { Err(problems) }
    }
}
