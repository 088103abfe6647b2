//! Examples of façades tried, and every answer rendered once: what would fail at night fails when the configuration is loaded.

use lienthong_core::{Fault, FaultKind, FieldProblem};
use lienthong_engine::routing::Catalogue;
use serde_json::{Map, Value};

use super::model::{ExampleModel, FacadeModel};
use crate::config::problems::Problems;
use crate::config::sections::At;
use crate::facade::{Asked, Ended, Endpoint, Item, Outcome, Plan, Standing, Template, event};

/// What a target says in examples of failure.
const WORDS: &str = "Không hợp lệ";

struct Trial<'t> {
    at: &'t At<FacadeModel>,
    plan: &'t Plan,
    problems: &'t mut Problems,
}

/// Tries everything; how many examples there are.
pub(super) fn try_out(at: &At<FacadeModel>, plan: &Plan, catalogue: &Catalogue, problems: &mut Problems) -> usize {
    let mut trial = Trial { at, plan, problems };
    for (outcome, template) in &plan.answers {
        trial.rendered("", *outcome, template, &Map::new());
    }
    for (place, endpoint) in plan.endpoints.iter().enumerate() {
        let asked = Asked::new(&endpoint.method, &endpoint.path, None);
        for (outcome, template) in &endpoint.answers {
            // What a question is answered stands in examples only.
            if !(endpoint.is_read && *outcome == Outcome::Delivered) {
                trial.rendered(&format!("/endpoints/{place}"), *outcome, template, &endpoint.surroundings(&asked));
            }
        }
    }
    let mut tried = 0;
    for (place, (model, endpoint)) in at.value.endpoints.iter().zip(&plan.endpoints).enumerate() {
        for (index, example) in model.examples.iter().enumerate() {
            let pointer = format!("/endpoints/{place}/examples/{index}");
            tried += 1;
            if let Err(problem) = trial.example(endpoint, example, catalogue) {
                let remedy = "correct the program or the example";
                trial.note(&format!("{pointer}/name"), format!("example `{}`: {problem}", example.name), remedy);
            }
        }
    }
    tried
}

impl Trial<'_> {
    fn note(&mut self, pointer: &str, problem: String, remedy: &str) {
        self.problems.note(&self.at.file, self.at.node.place_of(pointer), problem, remedy);
    }

    fn rendered(&mut self, at: &str, outcome: Outcome, template: &Template, around: &Map<String, Value>) {
        for (ended, fault) in samples(outcome) {
            let event = event(outcome, &ended, fault.as_ref(), around.clone());
            if let Err(fault) = template.written(event) {
                let pointer = format!("{at}/answers/{}/program", outcome.as_str());
                let remedy = "it must answer whatever became of the messages; docs/facades.md says what it sees";
                self.note(&pointer, format!("answer `{}`: {}", outcome.as_str(), fault.detail), remedy);
                return;
            }
        }
    }

    fn example(&self, endpoint: &Endpoint, example: &ExampleModel, catalogue: &Catalogue) -> Result<(), String> {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&example.query).finish();
        let asked = Asked::new(&endpoint.method, &endpoint.path, Some(&query));
        match self.plan.endpoint(&asked, &example.body) {
            Some(taker) if taker.name == endpoint.name => {}
            Some(taker) => return Err(format!("end point {} takes it first", taker.name)),
            None => return Err("no end point takes it; its conditions do not hold".to_owned()),
        }
        let items = endpoint.items(&example.body).map_err(|fault| fault.detail)?;
        let mut left = Vec::with_capacity(items.len());
        for item in &items {
            left.push(submission(endpoint, item, &asked, example, catalogue)?);
        }
        if left != example.submissions {
            return Err(difference(&left, &example.submissions));
        }
        for (outcome, expected) in &example.answers {
            let template = endpoint.answers.get(outcome).or_else(|| self.plan.answers.get(outcome));
            let template = template.ok_or_else(|| format!("there is no answer `{}`", outcome.as_str()))?;
            let ended: Vec<Ended> = items.iter().map(|item| ended(item, *outcome, &example.answer)).collect();
            let fault = lone_fault(*outcome);
            let event = event(*outcome, &ended, fault.as_ref(), endpoint.surroundings(&asked));
            let written = template.written(event).map_err(|fault| fault.detail)?;
            let told = match template.json {
                true => serde_json::from_slice(&written).unwrap_or_default(),
                false => Value::from(String::from_utf8_lossy(&written).into_owned()),
            };
            if told != *expected {
                return Err(format!("the answer `{}` is {told}", outcome.as_str()));
            }
        }
        Ok(())
    }
}

/// What the program leaves, held against the operation.
fn submission(
    endpoint: &Endpoint,
    item: &Item,
    asked: &Asked,
    example: &ExampleModel,
    catalogue: &Catalogue,
) -> Result<Value, String> {
    let made = endpoint.made(item, asked, &example.body).map_err(|fault| fault.detail)?;
    let mut left = endpoint.program.run(endpoint.event(item, asked, &example.body)).map_err(|fault| fault.detail)?;
    if let (Some(key), Value::Object(fields)) = (&made.key, &mut left) {
        fields.entry("key").or_insert_with(|| Value::from(key.as_str()));
    }
    let broken = catalogue.get(&endpoint.operation).map(|entry| entry.validate(&made.body)).unwrap_or_default();
    match broken.first() {
        None => Ok(left),
        Some(FieldProblem { pointer, problem, .. }) => {
            Err(format!("what the program leaves is no input of {}: /body{pointer} {problem}", endpoint.operation))
        }
    }
}

fn difference(left: &[Value], expected: &[Value]) -> String {
    if left.len() != expected.len() {
        return format!("it makes {} messages, not {}", left.len(), expected.len());
    }
    let differing = left.iter().zip(expected).find(|(left, expected)| left != expected);
    differing.map_or_else(String::new, |(left, _)| format!("the program leaves {left}"))
}

fn ended(item: &Item, outcome: Outcome, answer: &Value) -> Ended {
    let standing = match outcome {
        Outcome::Delivered => Standing::Delivered(Some(answer.clone())),
        Outcome::Pending => Standing::Pending(None),
        Outcome::Failed => Standing::Failed(rejected()),
        Outcome::Refused | Outcome::Unauthenticated | Outcome::Lost => Standing::Refused(rejected()),
    };
    Ended { key: item.key.clone(), exchange: None, standing }
}

fn rejected() -> Fault {
    Fault::of(FaultKind::Rejected, "an example").with_system_answer(Some("3".to_owned()), Some(WORDS))
}

fn lone_fault(outcome: Outcome) -> Option<Fault> {
    match outcome {
        Outcome::Delivered | Outcome::Pending | Outcome::Failed | Outcome::Refused => None,
        Outcome::Unauthenticated => Some(crate::facade::refused("an example")),
        Outcome::Lost => Some(Fault::of(FaultKind::Timeout, "an example")),
    }
}

/// Every kind of thing a template may meet.
fn samples(outcome: Outcome) -> Vec<(Vec<Ended>, Option<Fault>)> {
    let one = |standing: Standing| Ended { key: Some("H56.14-250115-0007".to_owned()), exchange: None, standing };
    let fault = |kind: FaultKind| Fault::of(kind, "an example").with_problem(FieldProblem::new("/body", "is wrong"));
    match outcome {
        Outcome::Delivered => vec![(vec![one(Standing::Delivered(None)), one(Standing::Delivered(None))], None)],
        Outcome::Pending => vec![
            (vec![one(Standing::Pending(None)), one(Standing::Delivered(None))], None),
            (vec![one(Standing::Pending(Some(fault(FaultKind::Unreachable))))], None),
        ],
        Outcome::Failed => vec![
            (vec![one(Standing::Delivered(None)), one(Standing::Failed(rejected()))], None),
            (vec![one(Standing::Failed(fault(FaultKind::Timeout))), one(Standing::Pending(None))], None),
        ],
        Outcome::Refused => vec![
            (vec![one(Standing::Refused(fault(FaultKind::Invalid)))], None),
            (Vec::new(), Some(fault(FaultKind::Invalid))),
        ],
        Outcome::Unauthenticated => vec![(Vec::new(), lone_fault(outcome))],
        Outcome::Lost => {
            vec![(Vec::new(), Some(fault(FaultKind::Unreachable))), (Vec::new(), Some(fault(FaultKind::Interrupted)))]
        }
    }
}
