//! The control side, `/_sim/…`: what a separate process asks and commands; it must not count as traffic of the gateway.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::faults::Fault;
use super::notices::NoticeFile;
use super::pipeline::{Answer, Received};
use super::state::Shared;
use crate::net::profile::FaultProfile;
use crate::net::request::Query;
use crate::portal::TermSpelling;

pub(super) const ROOT: &str = "/_sim/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetProfile {
    profile: FaultProfile,
}

pub(super) fn answer(shared: &Shared, received: &Received) -> Answer {
    let what = received.path.strip_prefix(ROOT).unwrap_or_default();
    let outcome = match (&received.method, what) {
        (&Method::GET, "report") => serde_json::to_value(shared.report()).map_err(|error| error.to_string()),
        (&Method::GET, "taxpayers") => Ok(taxpayers(shared)),
        (&Method::GET, "slips") => {
            serde_json::to_value(shared.state.lock().slips.all()).map_err(|error| error.to_string())
        }
        (&Method::GET, "notices") => notices(shared, &Query::parse(&received.query)),
        (&Method::POST, "paid") => paid(shared, &received.body),
        (&Method::POST, "fault") => inject(shared, &received.body),
        (&Method::POST, "profile") => serde_json::from_slice(&received.body)
            .map(|SetProfile { profile }| {
                shared.state.lock().faults.set_profile(profile);
                json!({"done": true})
            })
            .map_err(|error| error.to_string()),
        (_, _) => return Answer::json(404, &json!({"error": "no such control call"})),
    };
    match outcome {
        Ok(value) => Answer::json(200, &value),
        Err(problem) => Answer::json(400, &json!({"error": problem})),
    }
}

/// Whom a caller may ask about.
fn taxpayers(shared: &Shared) -> Value {
    let one = |one: &super::Taxpayer| json!({"tax_code": one.tax_code, "name": one.name, "status": one.status});
    shared.taxpayers.all().iter().map(one).collect()
}

/// `?dossier=a,b&spelling=joined`: the file of their notices, as the portal relays it.
fn notices(shared: &Shared, query: &Query) -> Result<Value, String> {
    let wanted = query.get("dossier").ok_or("dossier is missing")?;
    let spelling = match query.get("spelling") {
        Some("joined") => TermSpelling::Joined,
        Some("underscored") | None => TermSpelling::Underscored,
        Some(_) => return Err("spelling is joined or underscored".to_owned()),
    };
    let state = shared.state.lock();
    let debts = wanted.split(',').map(|code| (code.to_owned(), state.ledger.of(code)));
    let file = NoticeFile::of(debts, spelling);
    Ok(
        json!({"dossiers": file.dossiers, "rows": file.rows, "file": STANDARD.encode(&file.xml), "debts": wanted.split(',').flat_map(|code| state.ledger.of(code)).collect::<Vec<_>>()}),
    )
}

/// `{"dossier": …, "decision": …}`
fn paid(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Paid {
        dossier: String,
        decision: String,
    }
    let Paid { dossier, decision } = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    Ok(json!({"rows": shared.state.lock().ledger.paid(&dossier, &decision)}))
}

/// `{"kind": …, its fields…, "times": 1, "on": "00003"}`
fn inject(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    let mut fields: Map<String, Value> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let times = fields.remove("times").unwrap_or_else(|| Value::from(1));
    let times: u32 = serde_json::from_value(times).map_err(|error| error.to_string())?;
    let on = fields.remove("on").and_then(|name| name.as_str().map(str::to_owned));
    let fault: Fault = serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?;
    if shared.inject(fault, times, on) {
        Ok(json!({"done": true}))
    } else {
        Err("too many commands are waiting".to_owned())
    }
}
