//! How a function of ours is offered to VRL: what it takes, what it checks when compiled, what it does. It knows none of them.

use std::fmt;
use std::sync::Arc;

use vrl::compiler::function::{Compiled, FunctionCompileContext, Parameter};
use vrl::compiler::state::TypeState;
use vrl::compiler::{Context, Expression, Function, FunctionExpression, Resolved, TypeDef};
use vrl::diagnostic::{DiagnosticMessage, Label, Note, Span};
use vrl::prelude::{ArgumentList, Example};
use vrl::value::Value;

use super::told::Told;
use crate::tables::Tables;

/// What a call does with its arguments, in the order of the parameters; one that was left out is null.
pub(super) type Run = Arc<dyn Fn(&[Value]) -> Result<Value, Told> + Send + Sync>;

/// A call that was checked.
pub(super) struct Prepared {
    pub(super) returns: TypeDef,
    pub(super) run: Run,
}

impl Prepared {
    pub(super) fn new(returns: TypeDef, run: impl Fn(&[Value]) -> Result<Value, Told> + Send + Sync + 'static) -> Self {
        Self { returns, run: Arc::new(run) }
    }
}

/// Why a call cannot be compiled: what is wrong, what to write instead.
pub(super) type Refused = (String, String);

/// Checks one call. The second argument holds the value of each parameter that is known when compiling.
pub(super) type Prepare = fn(&Arc<Tables>, &[Option<Value>]) -> Result<Prepared, Refused>;

/// A function of ours.
#[derive(Clone)]
pub(super) struct Own {
    pub(super) name: &'static str,
    pub(super) usage: &'static str,
    pub(super) parameters: &'static [Parameter],
    /// What it may return, as VRL's bits.
    pub(super) returns: u16,
    pub(super) prepare: Prepare,
}

/// One of them with the tables of a configuration.
pub(super) struct Offered {
    pub(super) own: &'static Own,
    pub(super) tables: Arc<Tables>,
}

impl fmt::Debug for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.own.name)
    }
}

impl Function for Offered {
    fn identifier(&self) -> &'static str {
        self.own.name
    }

    fn summary(&self) -> &'static str {
        self.own.usage
    }

    fn usage(&self) -> &'static str {
        self.own.usage
    }

    fn category(&self) -> &'static str {
        "Lienthong"
    }

    fn return_kind(&self) -> u16 {
        self.own.returns
    }

    /// The examples stand in `docs/mapping.md`, where a test runs them.
    fn examples(&self) -> &'static [Example] {
        &[]
    }

    fn parameters(&self) -> &'static [Parameter] {
        self.own.parameters
    }

    fn compile(&self, state: &TypeState, context: &mut FunctionCompileContext, arguments: ArgumentList) -> Compiled {
        let keywords = || self.own.parameters.iter().map(|parameter| parameter.keyword);
        let known: Vec<Option<Value>> =
            keywords().map(|keyword| arguments.optional_literal(keyword, state).ok().flatten()).collect();
        match (self.own.prepare)(&self.tables, &known) {
            Ok(Prepared { returns, run }) => {
                let arguments = keywords().map(|keyword| arguments.optional(keyword)).collect();
                Ok(Call { arguments, returns, run }.as_expr())
            }
            Err((problem, remedy)) => Err(Box::new(NotCompiled { problem, remedy, span: context.span() })),
        }
    }
}

/// A compiled call.
#[derive(Clone)]
struct Call {
    arguments: Vec<Option<Box<dyn Expression>>>,
    returns: TypeDef,
    run: Run,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("arguments", &self.arguments).finish_non_exhaustive()
    }
}

impl FunctionExpression for Call {
    fn resolve(&self, context: &mut Context) -> Resolved {
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            values.push(argument.as_ref().map_or(Ok(Value::Null), |expression| expression.resolve(context))?);
        }
        (self.run)(&values).map_err(|told| told.error())
    }

    fn type_def(&self, _state: &TypeState) -> TypeDef {
        self.returns.clone()
    }
}

/// A call that is wrong whatever the message.
#[derive(Debug)]
struct NotCompiled {
    problem: String,
    remedy: String,
    span: Span,
}

/// Outside the numbers VRL uses for its own.
const NOT_COMPILED: usize = 950;
/// How VRL introduces the words of a call that was refused.
pub(in crate::routing) const REFUSED_CALL: &str = "error[E950]";

impl std::error::Error for NotCompiled {}

impl fmt::Display for NotCompiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl DiagnosticMessage for NotCompiled {
    fn code(&self) -> usize {
        NOT_COMPILED
    }

    fn labels(&self) -> Vec<Label> {
        vec![Label::primary(self.problem.clone(), self.span)]
    }

    fn notes(&self) -> Vec<Note> {
        vec![Note::Hint(self.remedy.clone())]
    }
}
