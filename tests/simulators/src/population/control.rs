//! The control side, `/_sim/…`: what a separate process asks and commands; it must not count as traffic of the database.

use hyper::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::faults::Fault;
use super::pipeline::{Answer, Received};
use super::state::Shared;
use crate::net::profile::FaultProfile;

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
        (&Method::GET, "citizens") => Ok(citizens(shared)),
        (&Method::POST, "fault") => inject(shared, &received.body),
        (&Method::POST, "profile") => serde_json::from_slice(&received.body)
            .map(|SetProfile { profile }| {
                shared.state.lock().faults.set_profile(profile);
                json!({"done": true})
            })
            .map_err(|error| error.to_string()),
        (&Method::POST, "expire-tokens") => {
            shared.state.lock().tokens.end_all();
            Ok(json!({"done": true}))
        }
        (_, _) => return Answer::json(404, &json!({"error": "no such control call"})),
    };
    match outcome {
        Ok(value) => Answer::json(200, &value),
        Err(problem) => Answer::json(400, &json!({"error": problem})),
    }
}

/// Whom a caller may ask about.
fn citizens(shared: &Shared) -> Value {
    let one = |citizen: &super::Citizen| {
        json!({
            "id": citizen.id, "old_id": citizen.old_id, "name": citizen.name, "plain_name": citizen.plain_name,
            "birth_date": citizen.birth_date(), "birth_year": citizen.birth_year
        })
    };
    shared.registry.all().iter().map(one).collect()
}

/// `{"kind": …, its fields…, "times": 1, "service": …}`
fn inject(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    let mut fields: Map<String, Value> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let times = fields.remove("times").unwrap_or_else(|| Value::from(1));
    let times: u32 = serde_json::from_value(times).map_err(|error| error.to_string())?;
    let service = fields.remove("service").and_then(|name| name.as_str().map(str::to_owned));
    let fault: Fault = serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?;
    if shared.inject(fault, times, service) {
        Ok(json!({"done": true}))
    } else {
        Err("too many commands are waiting".to_owned())
    }
}
