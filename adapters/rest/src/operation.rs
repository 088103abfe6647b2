//! One operation compiled: its request, how its answer is read, judged and mapped, and its lookup. It sends nothing.

use std::sync::Arc;

use lienthong_core::operation::{LookupSpec, Text};
use lienthong_core::program::{Compiler, Program, ProgramText};
use lienthong_core::{Effect, Fault, FaultKind, OperationName, OperationSpec, SystemId, Timestamp};
use serde_json::Value;

use crate::answer::{Answer, Reader};
use crate::config::{LookupConfig, OperationConfig, RestConfig, RuleConfig, StatusPattern};
use crate::fault::Judge;
use crate::request::{Found, Request};
use crate::rules::Rule;
use crate::template::CallValues;

/// Everything one operation needs to run.
pub(crate) struct Operation {
    pub(crate) name: OperationName,
    pub(crate) request: Request,
    pub(crate) reader: Reader,
    pub(crate) judge: Judge,
    pub(crate) output: Option<Arc<dyn Program>>,
    pub(crate) lookup: Option<Lookup>,
    pub(crate) personal: Vec<String>,
}

/// How an unknown outcome is settled.
pub(crate) struct Lookup {
    pub(crate) request: Request,
    pub(crate) reader: Reader,
    pub(crate) status: Vec<StatusPattern>,
    pub(crate) settle: std::time::Duration,
    pub(crate) decide: Arc<dyn Program>,
    /// What concerns all traffic is told before anything is decided.
    pub(crate) judge: Judge,
}

/// Compiles every program of the configuration and tries every request with its example.
///
/// # Errors
/// All problems, as (JSON pointer, what and what to do).
pub(crate) fn compile(
    config: &RestConfig,
    system: &SystemId,
    programs: &dyn Compiler,
) -> Result<Vec<Operation>, Found> {
    let mut found = Found::new();
    let mut operations = Vec::new();
    for (place, operation) in config.operations.iter().enumerate() {
        match one(config, operation, system, programs) {
            Ok(compiled) => {
                let at = |(pointer, problem): (String, String)| (format!("/operations/{place}{pointer}"), problem);
                found.extend(compiled.tried(operation).into_iter().map(at));
                operations.push(compiled);
            }
            Err(problems) => found.extend(problems.into_iter().map(|(pointer, problem)| {
                let shared = pointer.starts_with("//");
                let pointer = pointer.trim_start_matches('/');
                (if shared { format!("/{pointer}") } else { format!("/operations/{place}/{pointer}") }, problem)
            })),
        }
    }
    found.sort();
    found.dedup();
    if found.is_empty() { Ok(operations) } else { Err(found) }
}

/// Pointers are the operation's own; one that begins with `//` is the system's.
fn one(
    config: &RestConfig,
    operation: &OperationConfig,
    system: &SystemId,
    programs: &dyn Compiler,
) -> Result<Operation, Found> {
    let place = format!("operations/{}", operation.name);
    let mut found = Found::new();
    let name = name_of(system, &operation.name).map_err(|problem| vec![("/name".to_owned(), problem)])?;
    let own = rules(&operation.outcomes, ("/outcomes", &place), programs, &mut found);
    let shared = rules(&config.outcomes, ("//outcomes", "system"), programs, &mut found);
    let request =
        under("/request", Request::build(&operation.request, &format!("{place}/request"), programs), &mut found);
    let output = program(operation.answer.map.as_deref(), ("/answer/map", &place), programs, &mut found);
    let lookup = match &operation.lookup {
        Some(lookup) => lookup_of(config, lookup, &place, programs, &mut found),
        None => None,
    };
    match request {
        Some(request) if found.is_empty() => Ok(Operation {
            name,
            request,
            reader: Reader::new(&operation.answer),
            judge: Judge::new(own.into_iter().chain(shared).collect()),
            output,
            lookup,
            personal: operation.personal.clone(),
        }),
        Some(_) | None => Err(found),
    }
}

fn lookup_of(
    config: &RestConfig,
    lookup: &LookupConfig,
    place: &str,
    programs: &dyn Compiler,
    found: &mut Found,
) -> Option<Lookup> {
    let LookupConfig { request, answer, status, settle, decide } = lookup;
    let place = format!("{place}/lookup");
    let request = under("/lookup/request", Request::build(request, &format!("{place}/request"), programs), found);
    let decide = program(Some(decide), ("/lookup/decide", &place), programs, found);
    let shared = rules(&config.outcomes, ("//outcomes", "system"), programs, found);
    Some(Lookup {
        request: request?,
        reader: Reader::new(answer),
        status: status.clone(),
        settle: settle.0,
        decide: decide?,
        judge: Judge::new(shared.into_iter().filter(|rule| rule.then.concerns_all_traffic()).collect()),
    })
}

fn rules(configs: &[RuleConfig], at: (&str, &str), programs: &dyn Compiler, found: &mut Found) -> Vec<Rule> {
    let (pointer, place) = at;
    let mut rules = Vec::new();
    for (index, config) in configs.iter().enumerate() {
        match Rule::build(config, &format!("{place}/outcomes/{index}"), programs) {
            Ok(rule) => rules.push(rule),
            Err(problems) => {
                found.extend(problems.into_iter().map(|one| (format!("{pointer}/{index}/when/program"), one)));
            }
        }
    }
    rules
}

fn program(
    text: Option<&str>,
    at: (&str, &str),
    programs: &dyn Compiler,
    found: &mut Found,
) -> Option<Arc<dyn Program>> {
    let (pointer, place) = at;
    let last = pointer.rsplit('/').next().unwrap_or_default();
    let text = ProgramText { place: format!("{place}/{last}"), text: text?.to_owned() };
    programs
        .compile(&text)
        .map_err(|problems| found.extend(problems.into_iter().map(|one| (pointer.to_owned(), one))))
        .ok()
}

fn under<T>(pointer: &str, result: Result<T, Found>, found: &mut Found) -> Option<T> {
    result
        .map_err(|below| found.extend(below.into_iter().map(|(at, problem)| (format!("{pointer}{at}"), problem))))
        .ok()
}

/// `find-permit` of system `permits` is `permits.find-permit`.
pub(crate) fn name_of(system: &SystemId, name: &str) -> Result<OperationName, String> {
    let whole = OperationName::new(&format!("{system}.{name}")).ok().filter(|_| !name.contains('.'));
    whole.ok_or_else(|| "is no name of an operation; write verb-noun in lower case, such as find-permit".to_owned())
}

/// What the catalogue shows of an operation.
pub(crate) fn spec(system: &SystemId, config: &OperationConfig) -> Result<OperationSpec, String> {
    let OperationConfig {
        name,
        summary,
        effect,
        snapshot,
        request: _,
        answer: _,
        outcomes: _,
        lookup,
        input,
        output,
        example,
        key_field,
        personal,
        body_limit,
    } = config;
    Ok(OperationSpec {
        name: name_of(system, name).map_err(|problem| format!("{name} {problem}"))?,
        summary: summary.clone().into(),
        effect: Effect::from(*effect),
        snapshot: *snapshot,
        lookup: lookup.as_ref().map(|lookup| LookupSpec { settle: lookup.settle.0 }),
        input: input.clone(),
        output: output.clone(),
        example: example.clone(),
        key_field: key_field.clone().map(Text::Owned),
        personal: personal.iter().cloned().map(Text::Owned).collect(),
        body_limit: *body_limit,
        splits: false,
    })
}

impl Operation {
    /// The requests made of the example: what does not work with it works with nothing.
    fn tried(&self, config: &OperationConfig) -> Found {
        let raw = config.example.to_string();
        let call = CallValues::any();
        let requests =
            [("/request", Some(&self.request)), ("/lookup/request", self.lookup.as_ref().map(|one| &one.request))];
        let mut found = Found::new();
        for (pointer, request) in requests.into_iter().filter_map(|(pointer, request)| Some((pointer, request?))) {
            if let Err(fault) = request.prepare(&config.example, raw.as_bytes(), &call, Timestamp::UNIX_EPOCH) {
                let problems: Vec<String> =
                    fault.problems.iter().map(|one| format!("{} {}", one.pointer, one.problem)).collect();
                let why = if problems.is_empty() { fault.detail } else { problems.join("; ") };
                found.push((pointer.to_owned(), format!("does not work with the operation's own example: {why}")));
            }
        }
        found
    }

    /// The operation's output of an answer that was a success.
    pub(crate) fn output(&self, answer: &Answer, input: &Value) -> Result<Value, Fault> {
        let Some(program) = &self.output else {
            return Ok(answer.body.clone().unwrap_or(Value::Null));
        };
        left(program.as_ref(), answer, input, "output")
    }
}

/// What a program over an answer leaves under a name. The request was sent: a program that fails leaves the outcome unknown, and the
/// attempt is not made again as a fault of configuration would be.
pub(crate) fn left(program: &dyn Program, answer: &Answer, input: &Value, name: &str) -> Result<Value, Fault> {
    let unread = |why: String| Fault::of(FaultKind::Unintelligible, format!("HTTP {}: {why}", answer.status));
    let mut after = program.run(answer.event(input)).map_err(|fault| {
        let problems = fault.problems.clone();
        unread(fault.detail).with_problems(problems)
    })?;
    let value = after.as_object_mut().and_then(|after| after.remove(name));
    value.ok_or_else(|| unread(format!("the program leaves nothing in .{name}")))
}
