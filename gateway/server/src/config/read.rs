//! Reads a tree into a type and reports every problem of it at once, where serde alone stops at the first. It knows no file format.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::de::deserialize;
use super::failure::{Failure, What};
use super::shapes::Shapes;
use super::suggest::nearest;
use super::tree::{Kind, Node, Place};

/// More than these are cut off: the file is of another kind then.
const MOST: usize = 100;

/// What is wrong with a value, before a file is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadProblem {
    pub(crate) place: Place,
    pub(crate) problem: String,
    pub(crate) remedy: String,
}

/// Reads `node` as a `T`. Unknown keys are reported and left out, so that the rest can still be checked; anything else that is
/// wrong leaves no value.
///
/// Serde gives up at the first problem of a value. So each problem is noted, the value that has it is marked and moved behind
/// its siblings, and the reading begins again, until nothing new is found.
pub(crate) fn read<T: DeserializeOwned + JsonSchema>(node: &Node) -> (Option<T>, Vec<ReadProblem>) {
    let mut tree = node.clone();
    let shapes = Shapes::of::<T>();
    let mut problems = Vec::new();
    while problems.len() < MOST {
        let failure = match deserialize::<T>(&tree, &shapes) {
            Ok(value) => return (Some(value), problems),
            Err(failure) => failure,
        };
        note(&failure, &tree, &shapes, &mut problems);
        if !repair(&mut tree, &failure) {
            break;
        }
    }
    (None, problems)
}

fn note(failure: &Failure, tree: &Node, shapes: &Shapes, problems: &mut Vec<ReadProblem>) {
    let place = failure.place.unwrap_or(tree.place);
    let mut push = |place, problem: String, remedy: String| problems.push(ReadProblem { place, problem, remedy });
    match &failure.what {
        What::Known => {}
        What::UnknownKey { key, known } => {
            push(place, format!("`{key}` is not known here"), advice(key, known, "keys"));
        }
        What::UnknownVariant { given, known } => {
            push(
                place,
                format!("{}`{given}` is not one of the choices", named(failure)),
                advice(given, known, "choices"),
            );
        }
        What::Missing { keys } => {
            for key in keys {
                let meaning = failure.shape.and_then(|shape| shapes.describe(shape, key));
                let remedy = meaning.map_or_else(|| format!("add `{key}:`"), |text| format!("add `{key}:` — {text}"));
                push(place, format!("`{key}` is missing"), remedy);
            }
        }
        What::Value(text) => {
            let meaning =
                failure.shape.zip(failure.key.as_deref()).and_then(|(shape, key)| shapes.describe(shape, key));
            push(place, format!("{}{text}", named(failure)), meaning.unwrap_or("correct the value").to_owned());
        }
    }
}

fn named(failure: &Failure) -> String {
    failure.key.as_deref().map_or_else(String::new, |key| format!("`{key}`: "))
}

fn advice(given: &str, known: &[&str], what: &str) -> String {
    match nearest(given, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "remove it: nothing is expected here".to_owned(),
        None => format!("the {what} here are {}", known.join(", ")),
    }
}

/// Takes what failed out of the way. False when nothing is left to be looked at.
fn repair(tree: &mut Node, failure: &Failure) -> bool {
    if let What::UnknownKey { key, .. } = &failure.what {
        let Some(Node { kind: Kind::Map(entries), .. }) = descend(tree, &failure.path) else { return false };
        let before = entries.len();
        entries.retain(|entry| entry.key != *key);
        return entries.len() < before;
    }
    // A value already known as bad stands behind its siblings, so all of them were fine: its parent is what is bad now.
    let mut path = failure.path.as_slice();
    if failure.what == What::Known {
        let Some((_, parent)) = path.split_last() else { return false };
        path = parent;
    }
    let Some((last, parent)) = path.split_last() else { return false };
    let Some(parent) = descend(tree, parent) else { return false };
    match &mut parent.kind {
        Kind::Map(entries) if *last < entries.len() => {
            let mut entry = entries.remove(*last);
            entry.value.bad = true;
            entries.push(entry);
            true
        }
        Kind::List(items) if *last < items.len() => {
            let mut item = items.remove(*last);
            item.bad = true;
            items.push(item);
            true
        }
        Kind::Null | Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => false,
    }
}

fn descend<'n>(tree: &'n mut Node, path: &[usize]) -> Option<&'n mut Node> {
    path.iter().try_fold(tree, |node, step| match &mut node.kind {
        Kind::Map(entries) => entries.get_mut(*step).map(|entry| &mut entry.value),
        Kind::List(items) => items.get_mut(*step),
        Kind::Null | Kind::Scalar(_) => None,
    })
}

#[cfg(test)]
mod tests;
