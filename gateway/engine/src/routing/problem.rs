//! What is wrong with a route, where, and what to do.

use std::fmt;

/// One problem found while routes are built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteProblem {
    /// As given in [`super::ProgramSource`] or the route's own position.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, where known; within a program, of the program's own line without its indentation in the file.
    pub column: Option<usize>,
    pub problem: String,
    pub remedy: String,
}

impl fmt::Display for RouteProblem {
    /// `file:line:column: problem (remedy)`, the way editors find places.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        write!(f, ": {} ({})", self.problem, self.remedy)
    }
}
