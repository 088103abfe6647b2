//! Programs of the mapping language as adapters see them: compiled when an adapter is built, pure when they run. It knows no language.

use std::sync::Arc;

use serde_json::Value;

use crate::fault::Fault;

/// A program's text and where it stands, for problems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramText {
    /// What it is for, as a person would find it: `operations/find-permit/request`.
    pub place: String,
    pub text: String,
}

/// Compiles programs; the engine implements it over the language of routes, so that a system described by configuration alone maps
/// its messages with the same words, functions and code tables.
pub trait Compiler: Send + Sync {
    /// A program that leaves its result in the event. The texts say what is wrong and where; all problems at once.
    fn compile(&self, text: &ProgramText) -> Result<Arc<dyn Program>, Vec<String>>;
}

/// A compiled program: no I/O, no clock, no unbounded loop.
pub trait Program: Send + Sync {
    /// The event after the program. A failure is a `mapping` fault that names the place and the field, never a value.
    fn run(&self, event: Value) -> Result<Value, Fault>;
}

/// Compiles nothing and says so: where no system is described by programs.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPrograms;

impl Compiler for NoPrograms {
    fn compile(&self, text: &ProgramText) -> Result<Arc<dyn Program>, Vec<String>> {
        Err(vec![format!("{}: this program compiles no programs", text.place)])
    }
}
