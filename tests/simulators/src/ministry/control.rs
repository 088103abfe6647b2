//! The control side, `/_sim/…`: what a separate process asks and commands; it must not count as traffic of the ministry.

use hyper::Method;
use serde_json::{Map, Value, json};

use super::answers::Answer;
use super::faults::Fault;
use super::http::Shared;
use crate::net::profile::FaultProfile;
use crate::net::request::Received;

pub(super) const ROOT: &str = "/_sim/";

pub(super) fn answer(shared: &Shared, received: &Received) -> Answer {
    let what = received.path.strip_prefix(ROOT).unwrap_or_default();
    let done = || Answer::json(200, &json!({ "done": true }));
    let bad = |problem: String| Answer::json(400, &json!({ "error": problem }));
    match (&received.method, what) {
        (&Method::GET, "report") => Answer::json(200, &json!(shared.report())),
        (&Method::POST, "expire-tokens") => {
            shared.state.lock().tokens.end_all();
            done()
        }
        (&Method::POST, "fault") => match command(&received.body) {
            Ok((fault, times)) if shared.inject(fault, times) => done(),
            Ok(_) => bad("too many commands are waiting".to_owned()),
            Err(problem) => bad(problem),
        },
        (&Method::POST, "profile") => match profile(&received.body) {
            Ok(profile) => {
                shared.state.lock().faults.set_profile(profile);
                done()
            }
            Err(problem) => bad(problem),
        },
        (_, _) => Answer::json(404, &json!({ "error": "no such control call" })),
    }
}

/// `{"kind": …, its fields…, "times": 1}`
fn command(body: &[u8]) -> Result<(Fault, u32), String> {
    let mut fields: Map<String, Value> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let times = fields.remove("times").unwrap_or_else(|| Value::from(1));
    let times = serde_json::from_value(times).map_err(|error| error.to_string())?;
    let fault = serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?;
    Ok((fault, times))
}

/// `{"profile": "harsh"}`
fn profile(body: &[u8]) -> Result<FaultProfile, String> {
    let fields: Map<String, Value> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let name = fields.get("profile").cloned().unwrap_or_default();
    serde_json::from_value(name).map_err(|error| error.to_string())
}
