//! Programs for those who know no exchange (adapters, imports): the core's compiler over the language of routes. It adds no function.

use std::sync::Arc;

use lienthong_core::Fault;
use lienthong_core::program::{Compiler, Program, ProgramText};
use serde_json::Value;

use super::{ProgramSource, Programs, Transform};
use crate::routing::problem::RouteProblem;

impl Programs {
    /// A program that belongs to no exchange, from a file of the configuration; its problems stand where it does.
    pub fn freestanding(&self, source: &ProgramSource) -> Result<Arc<dyn Program>, Vec<RouteProblem>> {
        Ok(Arc::new(Standalone(self.standalone(source)?)))
    }
}

impl Compiler for Programs {
    fn compile(&self, text: &ProgramText) -> Result<Arc<dyn Program>, Vec<String>> {
        let source = ProgramSource { file: text.place.clone(), line: 1, text: text.text.clone() };
        match self.standalone(&source) {
            Ok(transform) => Ok(Arc::new(Standalone(transform))),
            Err(problems) => Err(problems.iter().map(ToString::to_string).collect()),
        }
    }
}

struct Standalone(Transform);

impl Program for Standalone {
    fn run(&self, event: Value) -> Result<Value, Fault> {
        let Self(transform) = self;
        transform.change(&event)
    }
}
