//! Collects problems of all files, and reads values of a file into them. It checks nothing by itself.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::Problem;
use super::read::{ReadProblem, read};
use super::tree::{Node, Place, parse};

/// Every problem found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn note(&mut self, file: &str, place: Place, problem: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Problem {
            file: file.to_owned(),
            line: place.line,
            column: (place.column > 0).then_some(place.column),
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    pub(crate) fn add(&mut self, file: &str, found: Vec<ReadProblem>) {
        for ReadProblem { place, problem, remedy } in found {
            self.note(file, place, problem, remedy);
        }
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// The tree of a file, if it is YAML.
    pub(crate) fn tree(&mut self, file: &str, text: &str) -> Option<Node> {
        let (tree, found) = parse(text);
        for problem in found {
            self.note(file, problem.place, problem.problem, problem.remedy);
        }
        tree
    }

    /// The value a node stands for, if it can be read.
    pub(crate) fn value<T: DeserializeOwned + JsonSchema>(&mut self, file: &str, node: &Node) -> Option<T> {
        let (value, found) = read(node);
        self.add(file, found);
        value
    }

    /// Sorted by file and line, each once.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        self.0.sort_by(|a, b| (&a.file, a.line, a.column, &a.problem).cmp(&(&b.file, b.line, b.column, &b.problem)));
        self.0.dedup();
        self.0
    }
}
