//! A tiny language in place of the engine's: assignments of fields, literals and comparisons. Enough to see what programs are given.

use std::sync::Arc;

use lienthong_core::program::{Compiler, Program, ProgramText};
use lienthong_core::{Fault, FaultKind};
use serde_json::{Map, Value};

/// Statements, one a line: `.a.b = .c`, `.a = "text"`, `.holds = { .a == 1 }`; `abort` fails when it runs, `nonsense` never compiles.
pub(crate) struct Tiny;

struct Script {
    place: String,
    lines: Vec<String>,
}

impl Compiler for Tiny {
    fn compile(&self, text: &ProgramText) -> Result<Arc<dyn Program>, Vec<String>> {
        if text.text.contains("nonsense") {
            return Err(vec![format!("{}: line 1: nonsense means nothing; write something else", text.place)]);
        }
        let whole = text.text.replace("{ ", "").replace("\n}", "");
        let lines = whole.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        Ok(Arc::new(Script { place: text.place.clone(), lines }))
    }
}

impl Program for Script {
    fn run(&self, mut event: Value) -> Result<Value, Fault> {
        for line in &self.lines {
            if line.contains("abort") {
                return Err(Fault::of(FaultKind::Mapping, format!("{}: aborted", self.place)));
            }
            let (target, expression) = line.split_once(" = ").unwrap();
            let value = evaluate(expression.trim(), &event);
            set(&mut event, target.trim(), value);
        }
        Ok(event)
    }
}

fn evaluate(text: &str, event: &Value) -> Value {
    if let Some((left, right)) = text.split_once(" == ") {
        return Value::Bool(evaluate(left, event) == evaluate(right, event));
    }
    if text.starts_with('.') {
        return event.pointer(&text.replace('.', "/")).cloned().unwrap_or(Value::Null);
    }
    serde_json::from_str(text).unwrap_or_else(|_| panic!("no expression: {text}"))
}

fn set(event: &mut Value, target: &str, value: Value) {
    let mut place = event;
    for name in target.split('.').skip(1) {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = place.as_object_mut().unwrap().entry(name).or_insert(Value::Null);
    }
    *place = value;
}
