//! What routing costs on a dossier of 2 KiB, printed on demand: `cargo test --release -p lienthong-engine routing::bench -- --ignored --nocapture`. It judges nothing.

use std::hint::black_box;
use std::time::Duration;

use lienthong_core::{Body, Clock, Effect};
use serde_json::{Value, json};

use super::fixture::{meta, outbound, program, route};
use super::{Catalogue, RouteTable};
use crate::clock::SystemClock;

/// Runs of one round, short enough to fall between a busy machine's other work; the best round counts.
const RUNS: u32 = 100;
const ROUNDS: u32 = 500;
const OPERATION: &str = "portal.sync-dossier";

const TRANSFORM: &str = r#"
papers = map_values(array(.papers) ?? []) -> |paper| {
    {"name": upcase(string(paper.name) ?? ""), "kind": paper.kind, "link": paper.url}
}
.papers = papers
.owner_name = upcase(string!(.owner.name))
.title = strip_whitespace(string!(.title))
.year = to_int(slice(string!(.received_on), 0, 4) ?? "0") ?? 0
.unit = %exchange.unit
.note = join!([.code, .procedure], " / ")
del(.owner)
"#;

fn dossier() -> Value {
    let paper = |number: usize| json!({"name": format!("Giấy tờ kèm theo số {number}"), "kind": number, "url": format!("https://files.example/h56/2025/{number}.pdf"), "copies": 1});
    let step = |number: usize| json!({"at": "2025-01-15T08:00:00+07:00", "officer": format!("canbo{number}"), "state": number, "note": "Chuyển xử lý hồ sơ"});
    json!({
        "code": "H56.14-250115-0007", "procedure": "1.001234.000.00.00.H56", "status": 4,
        "title": "  Cấp giấy chứng nhận quyền sử dụng đất  ", "received_on": "2025-01-15", "due_on": "2025-02-15",
        "owner": {"name": "Nguyễn Văn Mẫu", "id": "001000000000", "address": "Thôn Thử Nghiệm, xã Ví Dụ", "phone": "0900000000"},
        "papers": (1..10).map(paper).collect::<Vec<_>>(),
        "steps": (1..8).map(step).collect::<Vec<_>>(),
        "fees": [{"name": "fee", "amount": 150_000}]
    })
}

fn table() -> RouteTable {
    let text = || json!({"type": "string"});
    let made = json!({"type": "object", "additionalProperties": false, "required": ["code", "status"], "properties": {
        "code": text(), "procedure": text(), "status": {"type": "integer"}, "title": text(), "received_on": text(),
        "due_on": text(), "owner_name": text(), "unit": text(), "note": text(), "year": {"type": "integer"},
        "papers": {"type": "array", "items": {"type": "object", "required": ["name"]}},
        "steps": {"type": "array", "items": {"type": "object"}}, "fees": {"type": "array"}
    }});
    let operations = [
        outbound(OPERATION, Effect::Upsert, json!({"type": "object"}), json!({})),
        outbound("portal.made", Effect::Upsert, made, json!({"code": "a", "status": 1})),
    ];
    let mut conditional = route("condition", OPERATION, OPERATION);
    conditional.when = program("includes([3, 4, 5], .status) && %exchange.client == \"one-stop\"");
    let mut changed = route("transform", OPERATION, "portal.made");
    changed.when = program(".status == 77");
    changed.transform = program(TRANSFORM);
    let catalogue = Catalogue::build(&operations, &[]).unwrap();
    RouteTable::compile(vec![conditional, changed], &catalogue).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn cost(what: &str, mut run: impl FnMut()) {
    let clock = SystemClock::new();
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let begin = clock.monotonic();
        for _ in 0..RUNS {
            run();
        }
        best = best.min(clock.monotonic().saturating_sub(begin));
    }
    println!("{what}: {:.2} µs", best.as_secs_f64() * 1e6 / f64::from(RUNS));
}

#[test]
#[ignore = "prints what routing costs; meaningful in release only"]
fn what_routing_costs() {
    let (table, meta, body) = (table(), meta("one-stop", OPERATION), dossier());
    let received = Body::json(serde_json::to_vec(&body).unwrap());
    let transformed = table.route(&"transform".parse().unwrap()).unwrap();
    let as_is = table.route(&"condition".parse().unwrap()).unwrap();
    println!("body: {} bytes", received.bytes.len());
    cost("parse to a JSON value, for comparison", || {
        black_box(serde_json::from_slice::<Value>(&received.bytes).unwrap());
    });
    cost("plan with two conditions", || {
        black_box(table.plan(&meta, &body).unwrap_or_else(|fault| panic!("{fault}")).deliveries.len());
    });
    cost("identity", || {
        black_box(as_is.transform(&meta, &received).unwrap());
    });
    let made = transformed.transform.as_ref().unwrap();
    cost("read into an event", || {
        black_box(super::value::read(&received.bytes).unwrap());
    });
    cost("read, program, result as JSON", || {
        black_box(made.apply(&meta, &received).unwrap());
    });
    let schema = transformed.input.as_ref().unwrap();
    let result = made.apply(&meta, &received).unwrap_or_else(|fault| panic!("{fault}"));
    cost("the result's schema", || {
        black_box(schema.breaches(&result));
    });
    cost("write the result", || {
        black_box(serde_json::to_vec(&result).unwrap());
    });
    cost("transform: read, program, schema, write", || {
        black_box(transformed.transform(&meta, &received).unwrap());
    });
}
