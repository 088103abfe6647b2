//! What a route does besides sending on, as its file says it. It compiles no program.

use lienthong_core::OperationName;
use lienthong_engine::routing::{AwaitSpec, EnrichSpec, OnNotFound, Patterns, ProgramSource, RecogniseSpec, SplitSpec};
use schemars::JsonSchema;
use serde::Deserialize;

use super::routes::{ProgramModel, RouteModel};
use super::types::Span;

/// What must come before a message.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AwaitModel {
    /// Any of these, with the same key: pushed or made (then its acceptance counts), or sent by us (then its delivery does).
    #[schemars(with = "Vec<String>")]
    pub(crate) any_of: Vec<OperationName>,
    /// How long it waits at most.
    pub(crate) within: Span,
}

/// What fills a message in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnrichModel {
    /// A read operation.
    #[schemars(with = "String")]
    pub(crate) operation: OperationName,
    /// A VRL predicate over the message: whether it is needed; always when left out.
    #[serde(default)]
    pub(crate) when: Option<ProgramModel>,
    /// A VRL program that leaves the read operation's input in `.`.
    pub(crate) input: ProgramModel,
    /// A JSON pointer: where the answer is put.
    pub(crate) into: String,
    /// What becomes of the message when the answer is that there is nothing: `park`, or `continue` as it was.
    #[serde(default)]
    pub(crate) on_not_found: NotFoundModel,
}

/// What becomes of a message whose subject is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NotFoundModel {
    #[default]
    Park,
    Continue,
}

/// How a message is split.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SplitModel {
    /// A JSON pointer to the list, in what the transform leaves.
    pub(crate) items: String,
    /// A VRL program that makes the declared message of `{item, index, message}`, where `message` is all but the list.
    pub(crate) each: ProgramModel,
}

/// How copies are recognised.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecogniseModel {
    /// A VRL program over the declared message that gives a text or a list: the same for every copy and version.
    pub(crate) by: ProgramModel,
    /// A VRL program that gives what makes two of them copies; the whole message when left out. Where it gives null, the message
    /// says nothing that could differ: it is a copy of whatever is known under its identity.
    #[serde(default)]
    pub(crate) content: Option<ProgramModel>,
    /// How long one is recognised.
    pub(crate) within: Span,
}

/// The engine's form of a route's patterns; `program` finds the text of the program that stands at a place of the route. What
/// cannot be found has been reported, and is left out.
pub(crate) fn patterns(
    route: &RouteModel,
    mut program: impl FnMut(&str, Option<&ProgramModel>) -> Option<ProgramSource>,
) -> Patterns {
    let enrich = route.enrich.as_ref().and_then(|model| {
        let EnrichModel { operation, when, input, into, on_not_found } = model;
        Some(EnrichSpec {
            operation: operation.clone(),
            when: program("enrich/when", when.as_ref()),
            input: program("enrich/input", Some(input))?,
            into: into.clone(),
            on_not_found: match on_not_found {
                NotFoundModel::Park => OnNotFound::Park,
                NotFoundModel::Continue => OnNotFound::Continue,
            },
        })
    });
    let split = route.split.as_ref().and_then(|SplitModel { items, each }| {
        Some(SplitSpec { items: items.clone(), each: program("split/each", Some(each))? })
    });
    let recognise = route.recognise.as_ref().and_then(|RecogniseModel { by, content, within }| {
        Some(RecogniseSpec {
            by: program("recognise/by", Some(by))?,
            content: program("recognise/content", content.as_ref()),
            within: within.0,
        })
    });
    let awaits = route.awaits.as_ref();
    let awaits = awaits.map(|AwaitModel { any_of, within }| AwaitSpec { any_of: any_of.clone(), within: within.0 });
    Patterns { awaits, enrich, split, recognise, tap: route.tap }
}
