//! A diagnosis as rows for a terminal and as JSON for programs. It leaves nothing out and adds nothing.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::step::{Seen, Step};
use super::{EndpointReport, Report, words};

/// Headings and rows: where, which step, how it ended, how long it took, what was seen and said, who must act.
pub(crate) fn table(report: &Report) -> ([&'static str; 6], Vec<Vec<String>>) {
    let of_endpoint = |endpoint: &EndpointReport| {
        let place = endpoint.place.clone();
        endpoint.steps.iter().map(move |step| row(&place, step)).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = report.endpoints.iter().flat_map(of_endpoint).collect();
    rows.extend(report.session.iter().map(|step| row("", step)));
    (["host", "step", "outcome", "took", "seen", "who must act"], rows)
}

fn row(place: &str, step: &Step) -> Vec<String> {
    let Step { name, outcome, took, seen, said, who } = step;
    let facts = seen.iter().map(|Seen { label, value }| format!("{}: {value}", label.called().en));
    let words: Vec<String> = said.iter().map(|said| said.en.clone()).chain(facts).collect();
    vec![
        place.to_owned(),
        name.called().key.to_owned(),
        outcome.called().key.to_owned(),
        took.map(milliseconds).unwrap_or_default(),
        words.join("\n"),
        who.map(|who| who.called().en.to_owned()).unwrap_or_default(),
    ]
}

pub(super) fn milliseconds(took: Duration) -> String {
    format!("{} ms", took.as_millis())
}

/// The whole of it.
pub(crate) fn json(report: &Report) -> Value {
    let endpoint = |endpoint: &EndpointReport| {
        json!({
            "name": endpoint.name, "purpose": words::purpose(endpoint.purpose).key, "address": endpoint.place,
            "proxy": endpoint.proxy, "steps": endpoint.steps.iter().map(of_step).collect::<Vec<_>>(),
        })
    };
    json!({
        "organisation": report.organisation, "system": report.system.as_str(), "at": report.began.to_string(),
        "ok": report.is_ok(), "endpoints": report.endpoints.iter().map(endpoint).collect::<Vec<_>>(),
        "session": report.session.iter().map(of_step).collect::<Vec<_>>(),
    })
}

fn of_step(step: &Step) -> Value {
    let Step { name, outcome, took, seen, said, who } = step;
    let mut facts: Map<String, Value> = Map::new();
    for Seen { label, value } in seen {
        // A chain shows the same things of several certificates.
        match facts.get_mut(label.called().key) {
            Some(Value::Array(all)) => all.push(json!(value)),
            Some(first) => *first = json!([first.take(), value]),
            None => {
                facts.insert(label.called().key.to_owned(), json!(value));
            }
        }
    }
    json!({
        "step": name.called().key, "outcome": outcome.called().key,
        "took_ms": took.and_then(|took| u64::try_from(took.as_millis()).ok()), "seen": facts,
        "said": said.as_ref().map(|said| json!({ "vi": said.vi, "en": said.en })),
        "who_acts": who.map(|who| who.called().key),
    })
}
