//! VRL programs: predicates and transforms, compiled when loaded, with no I/O, no clock and no unbounded loop.

mod argument;
mod diagnose;
mod event;
mod failure;
mod standalone;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use lienthong_core::{Body, ContentType, ExchangeMeta, Fault, FaultKind};
use serde_json::Value as Json;
use vrl::compiler::runtime::{Runtime, Terminate};
use vrl::compiler::state::ExternalEnv;
use vrl::compiler::{CompileConfig, Function, Program, TargetValueRef, TimeZone, compile_with_external};
use vrl::path::{OwnedTargetPath, PathPrefix};
use vrl::prelude::ObjectMap;
use vrl::value::{Secrets, Value};

use self::event::{BodyReads, MetaReads};
use super::problem::RouteProblem;
use super::{functions, value};
use crate::tables::Tables;

/// Longest program, in bytes.
const PROGRAM_BYTES: usize = 64 * 1024;
/// Most expressions one run may evaluate: far above any mapping, far below a busy loop that starves a thread.
const STEPS: u32 = 1_000_000;
/// Where dates without a zone are read and written.
const ZONE: &str = "Asia/Ho_Chi_Minh";

/// A program's text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramSource {
    pub file: String,
    /// The line of `file` the text begins on, from 1.
    pub line: usize,
    pub text: String,
}

/// Compiles programs. The event `.` is the message's body, an object; `%exchange` is read-only and tells `id`, `client`, `operation`,
/// `key`, `purpose`, `unit`, `officer`, `due_at`, `received_at`, `class` and, of a message recognised among versions, `version`.
///
/// What VRL reports as unused code is a problem, because a result nobody takes is a mapping that does not happen; a name that begins
/// with `_` says it is meant. VRL's other warnings (a deprecated function, a default that is never needed) leave the result right and are not reported.
pub struct Programs {
    functions: Vec<Box<dyn Function>>,
    zone: TimeZone,
}

/// A compiled condition over body and exchange.
pub(crate) struct Predicate(Compiled);

/// A compiled change of the body.
pub(super) struct Transform(Compiled);

/// A compiled program that makes a value of an event.
pub(super) struct Shaped(Compiled);

/// A compiled program that changes nothing and tells a value.
pub(super) struct Told(Compiled);

struct Compiled {
    program: Program,
    source: ProgramSource,
    zone: TimeZone,
    meta: MetaReads,
    body: BodyReads,
}

impl Default for Programs {
    fn default() -> Self {
        Self::new()
    }
}

impl Programs {
    /// Without code tables.
    pub fn new() -> Self {
        Self::over(&Arc::default())
    }

    /// With the code tables programs may look into.
    pub fn over(tables: &Arc<Tables>) -> Self {
        Self { functions: functions::offered(tables), zone: TimeZone::parse(ZONE).unwrap_or_default() }
    }

    /// A program that changes nothing and is true or false.
    pub(crate) fn predicate(&self, source: &ProgramSource) -> Result<Predicate, Vec<RouteProblem>> {
        let mut config = CompileConfig::default();
        config.set_read_only();
        let compiled = self.compile(source, config)?;
        let result = compiled.program.final_type_info().result;
        let returned = result.returns();
        if result.kind().is_boolean() && (returned.is_never() || returned.is_boolean()) {
            return Ok(Predicate(compiled));
        }
        let mut problem = diagnose::at(source, 0, format!("the condition is {}, not true or false", result.kind()));
        problem.remedy = "compare it (`.urgent == true`) or assert its type (`bool!(.urgent)`)".to_owned();
        Err(vec![problem])
    }

    /// A program that leaves the target's input in `.`; what it returns is not looked at.
    pub(super) fn transform(&self, source: &ProgramSource) -> Result<Transform, Vec<RouteProblem>> {
        let mut config = CompileConfig::default();
        config.set_read_only_path(OwnedTargetPath::metadata_root(), true);
        self.compile(source, config).map(Transform)
    }

    /// A program that leaves what is wanted in `.`.
    pub(super) fn shaped(&self, source: &ProgramSource) -> Result<Shaped, Vec<RouteProblem>> {
        self.transform(source).map(|Transform(compiled)| Shaped(compiled))
    }

    /// A program whose last expression is what is wanted.
    pub(super) fn told(&self, source: &ProgramSource) -> Result<Told, Vec<RouteProblem>> {
        let mut config = CompileConfig::default();
        config.set_read_only();
        self.compile(source, config).map(Told)
    }

    /// As [`Self::transform`], for a program that belongs to no exchange: there is no `%exchange`.
    fn standalone(&self, source: &ProgramSource) -> Result<Transform, Vec<RouteProblem>> {
        let mut config = CompileConfig::default();
        config.set_read_only_path(OwnedTargetPath::metadata_root(), true);
        let compiled = self.compile(source, config)?;
        let named = compiled.program.info().target_queries.iter().find(|path| path.prefix == PathPrefix::Metadata);
        let Some(named) = named.map(ToString::to_string) else { return Ok(Transform(compiled)) };
        let offset = source.text.find(&named).unwrap_or(0);
        let mut problem = diagnose::at(source, offset, format!("there is no `{named}` here"));
        problem.remedy = "only `.` is there: this program belongs to no exchange".to_owned();
        Err(vec![problem])
    }

    fn compile(&self, source: &ProgramSource, config: CompileConfig) -> Result<Compiled, Vec<RouteProblem>> {
        if source.text.len() > PROGRAM_BYTES {
            let mut problem = diagnose::at(source, 0, format!("the program is longer than {PROGRAM_BYTES} bytes"));
            problem.remedy = "split the route, or move data into a table".to_owned();
            return Err(vec![problem]);
        }
        let types = ExternalEnv::new_with_kind(event::body_kind(), event::meta_kind());
        let result = compile_with_external(&source.text, &self.functions, &types, config)
            .map_err(|errors| diagnose::errors(source, &errors))?;
        let mut problems = diagnose::unused(source, &result.warnings);
        let queries = &result.program.info().target_queries;
        problems.extend(event::unknown_fields(source, queries));
        if !problems.is_empty() {
            return Err(problems);
        }
        let (meta, body) = (MetaReads::of(queries), BodyReads::of(queries));
        Ok(Compiled { program: result.program, source: source.clone(), zone: self.zone, meta, body })
    }
}

impl Predicate {
    /// Whether the route takes this message. Only the fields the program names are looked at.
    pub(crate) fn holds(&self, meta: &ExchangeMeta, body: &Json) -> Result<bool, Fault> {
        let Self(compiled) = self;
        let Json::Object(fields) = body else {
            return Err(failure::not_an_object(&compiled.source, super::class_of(body)));
        };
        let mut event = compiled.body.event(fields);
        match compiled.run(compiled.meta.value(meta), &mut event) {
            Ok(Value::Boolean(held)) => Ok(held),
            Ok(other) => Err(failure::not_boolean(&compiled.source, value::class_of(&other))),
            Err(stop) => Err(failure::fault(&compiled.source, &compiled.program, &stop, &value::from_json(body))),
        }
    }
}

impl Transform {
    /// The body after the program.
    pub(super) fn apply(&self, meta: &ExchangeMeta, received: &Body) -> Result<Json, Fault> {
        let Self(compiled) = self;
        let metadata = compiled.meta.value(meta);
        compiled.finish(metadata, compiled.read(received)?, || compiled.read(received))
    }

    /// The event after a program that belongs to no exchange.
    fn change(&self, event: &Json) -> Result<Json, Fault> {
        let Self(compiled) = self;
        let read = || compiled.take(event);
        compiled.finish(Value::Object(ObjectMap::new()), read()?, read)
    }

    pub(super) fn source(&self) -> &ProgramSource {
        &self.0.source
    }
}

impl Shaped {
    /// Of a body, as a transform.
    pub(super) fn of_body(&self, meta: &ExchangeMeta, received: &Body) -> Result<Json, Fault> {
        let event = self.0.read(received)?;
        self.of_event(meta, || event.clone())
    }

    /// Of an event that can be made again, should its failure have to be told.
    pub(super) fn of_event(&self, meta: &ExchangeMeta, event: impl Fn() -> Value) -> Result<Json, Fault> {
        let Self(compiled) = self;
        let mut changed = event();
        match compiled.run(compiled.meta.value(meta), &mut changed) {
            Ok(_) => value::into_json(changed).map_err(|unwritable| failure::unwritable(&compiled.source, unwritable)),
            Err(stop) => Err(failure::fault(&compiled.source, &compiled.program, &stop, &event())),
        }
    }

    pub(super) fn source(&self) -> &ProgramSource {
        &self.0.source
    }
}

impl Told {
    /// Of a message; only the fields the program names are looked at.
    pub(super) fn of_value(&self, meta: &ExchangeMeta, body: &Json) -> Result<Json, Fault> {
        let Self(compiled) = self;
        let Json::Object(fields) = body else {
            return Err(failure::not_an_object(&compiled.source, super::class_of(body)));
        };
        let mut event = compiled.body.event(fields);
        match compiled.run(compiled.meta.value(meta), &mut event) {
            Ok(told) => value::into_json(told).map_err(|unwritable| failure::unwritable(&compiled.source, unwritable)),
            Err(stop) => Err(failure::fault(&compiled.source, &compiled.program, &stop, &value::from_json(body))),
        }
    }

    pub(super) fn source(&self) -> &ProgramSource {
        &self.0.source
    }
}

/// Where a program stands, for faults.
pub(super) fn shown(source: &ProgramSource) -> String {
    format!("{}:{}", source.file, source.line)
}

impl Compiled {
    fn read(&self, received: &Body) -> Result<Value, Fault> {
        match received.content_type {
            ContentType::Json => {}
            ContentType::Xml | ContentType::Text | ContentType::Binary => {
                return Err(failure::not_json(&self.source, received.content_type.media_type()));
            }
        }
        let event = value::read(&received.bytes).map_err(|unread| failure::unreadable(&self.source, unread))?;
        if event.is_object() { Ok(event) } else { Err(failure::not_an_object(&self.source, value::class_of(&event))) }
    }

    /// An event at hand. Numbers that VRL would change are found in their text, so it is written once where there may be one.
    fn take(&self, event: &Json) -> Result<Value, Fault> {
        if !event.is_object() {
            return Err(failure::not_an_object(&self.source, super::class_of(event)));
        }
        if !value::may_be_inexact(event) {
            return Ok(value::from_json(event));
        }
        let bytes = serde_json::to_vec(event)
            .map_err(|error| Fault::of(FaultKind::Internal, format!("a JSON value cannot be written: {error}")))?;
        value::read(&bytes).map_err(|unread| failure::unreadable(&self.source, unread))
    }

    /// Runs a program that leaves its result in the event; `before` gives the event again, to say what failed.
    fn finish(
        &self,
        metadata: Value,
        mut event: Value,
        before: impl Fn() -> Result<Value, Fault>,
    ) -> Result<Json, Fault> {
        match self.run(metadata, &mut event) {
            Ok(_) => value::into_json(event).map_err(|unwritable| failure::unwritable(&self.source, unwritable)),
            Err(stop) => Err(failure::fault(&self.source, &self.program, &stop, &before()?)),
        }
    }

    /// Runs the program within its bound. VRL promises not to panic; a panic of one of its functions must not take a dispatcher with it.
    fn run(&self, mut metadata: Value, event: &mut Value) -> Result<Value, Stop> {
        let mut secrets = Secrets::new();
        let mut target = TargetValueRef { value: event, metadata: &mut metadata, secrets: &mut secrets };
        let mut steps = STEPS;
        let mut bound = || {
            steps = steps.saturating_sub(1);
            if steps == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut runtime = Runtime::default();
        let run = AssertUnwindSafe(|| runtime.resolve_with_control(&mut target, &self.program, &self.zone, &mut bound));
        match catch_unwind(run) {
            Ok(result) => result.map_err(Stop::Ended),
            Err(_) => Err(Stop::Panicked),
        }
    }
}

/// Why a run gave no result.
enum Stop {
    Ended(Terminate),
    Panicked,
}
