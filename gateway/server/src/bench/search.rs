//! Search among a million exchanges: the journal is filled beside the gateway, the questions are asked through it over HTTP. It starts no stand.

mod province;

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use self::province::Province;
use super::cases::count;
use super::gateway::{API_KEY, Gateway};
use super::load::{Load, Until};
use super::messages;
use super::report::Row;
use super::stand::{Stand, sampled};

/// The slowest of a hundred answers, in milliseconds, below.
const ANSWER: f64 = 100.0;
/// Questions of each kind, each about another exchange or another word.
const QUESTIONS: u64 = 200;
/// Spreads questions over all exchanges; it shares no divisor with any round number.
const STEP: u64 = 7_919_993;
/// Rows of a page, as a console shows them.
const ROWS: u64 = 50;

/// A kind of question: the name of its row, and the nth of it.
type Question = (&'static str, fn(&Province, u64) -> Value);

const KINDS: [Question; 10] = [
    ("search.key", |province, n| json!({ "text": province.code(n) })),
    ("search.number", |province, n| json!({ "text": province.number(n) })),
    ("search.receipt", |province, n| json!({ "text": province.receipt(n) })),
    ("search.name", |province, n| json!({ "text": province.name(n) })),
    ("search.common_word", |_, _| json!({ "text": "nguyen" })),
    ("search.words_that_never_meet", |_, _| json!({ "text": "văn thị" })),
    ("search.name_parked", |province, n| json!({ "text": province.name(n), "state": "parked", "system": "portal" })),
    ("search.fault_field", |_, _| json!({ "code": "LT-REJECTED", "field": "/owner/name", "client": "one-stop" })),
    ("search.moved_nowhere", |_, _| json!({ "text": "nguyen", "updated_since": "2099-01-01T00:00:00Z" })),
    ("search.nothing", |_, n| json!({ "text": format!("99{n:010}") })),
];

/// A journal that was filled.
pub(super) struct Filled {
    province: Province,
    pub(super) exchanges: f64,
    per_second: f64,
}

/// Fills the gateway's journal; one exchange in twenty is parked.
pub(super) async fn filled(stand: &Stand, gateway: Gateway, exchanges: u64) -> anyhow::Result<(Gateway, Filled)> {
    let province = Province { exchanges };
    stand.progress.step(&format!("a journal of {exchanges} exchanges"));
    let done = Arc::default();
    let watched = stand.progress.watch("kept", exchanges, Arc::clone(&done));
    let began = tokio::time::Instant::now();
    let gateway =
        gateway.refilled(stand, async move |config, journal| province.fill(config, journal, &done).await).await?;
    let took = began.elapsed().as_secs_f64();
    drop(watched);
    let exchanges = count(exchanges);
    Ok((gateway, Filled { province, exchanges, per_second: exchanges / took }))
}

pub(super) async fn search(stand: &Stand, exchanges: u64) -> anyhow::Result<Vec<Row>> {
    let gateway = Gateway::start(stand, "search").await?;
    let (gateway, Filled { province, exchanges: filled, per_second }) = filled(stand, gateway, exchanges).await?;
    let mut rows =
        vec![Row::told("search.exchanges", filled, "exchanges"), Row::told("search.fill", per_second, "exchanges/s")];
    stand.progress.step("searches");
    for (name, question) in KINDS {
        let make = messages::searches(API_KEY, move |number| {
            let mut body = question(&province, number.wrapping_mul(STEP) % exchanges);
            if let Some(members) = body.as_object_mut() {
                members.insert("limit".to_owned(), ROWS.into());
            }
            body
        })?;
        let (to, until) = (gateway.child.address(), Until::Count(QUESTIONS));
        let asked = Load { to, connections: 1, until, expect: StatusCode::OK, make, progress: Arc::default() };
        let asked = sampled(&gateway.child, asked).await?;
        rows.push(Row::told(name, asked.p99_ms, "ms").below(ANSWER));
    }
    rows.push(Row::told("search.memory_peak", gateway.memory()?.peak, "MiB"));
    Ok(rows)
}
