//! The control side, `/_sim/…`: what a separate process asks and commands; it must not count as traffic of the portal.

use hyper::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::answers::Answer;
use super::faults::{Fault, Matcher};
use super::profile::FaultProfile;
use super::state::Shared;
use crate::net::request::Received;

pub(super) const ROOT: &str = "/_sim/";
const DOSSIERS: &str = "dossiers/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetProfile {
    profile: FaultProfile,
}

pub(super) fn answer(shared: &Shared, received: &Received) -> Answer {
    let what = received.path.strip_prefix(ROOT).unwrap_or_default();
    match (&received.method, what) {
        (&Method::GET, "report") => ok(&shared.report()),
        (&Method::GET, "sequences") => ok(&shared.state.lock().store.sequences()),
        (&Method::POST, "fault") => inject(shared, &received.body),
        (&Method::POST, "profile") => match parse::<SetProfile>(&received.body) {
            Ok(SetProfile { profile }) => {
                shared.state.lock().faults.set_profile(profile);
                done()
            }
            Err(problem) => bad(&problem),
        },
        (&Method::POST, "expire-sessions") => {
            shared.state.lock().sessions.end_all();
            done()
        }
        (&Method::GET, dossier) if dossier.starts_with(DOSSIERS) => {
            let code = dossier.strip_prefix(DOSSIERS).unwrap_or_default();
            match shared.state.lock().store.history(code) {
                Some(history) => ok(&history),
                None => Answer::json(404, &json!({"error": "no such dossier"})),
            }
        }
        (_, _) => Answer::json(404, &json!({"error": "no such control call"})),
    }
}

fn inject(shared: &Shared, body: &[u8]) -> Answer {
    let (fault, times, matcher) = match command(body) {
        Ok(command) => command,
        Err(problem) => return bad(&problem),
    };
    if shared.inject(fault, times, matcher) { done() } else { bad("too many commands are waiting") }
}

/// `{"kind": …, its fields…, "times": 1, "service": …, "dossier": …}`
fn command(body: &[u8]) -> Result<(Fault, u32, Matcher), String> {
    let mut fields: Map<String, Value> = parse(body)?;
    let times = from_value(fields.remove("times").unwrap_or_else(|| Value::from(1)))?;
    let mut names = Map::new();
    for name in ["service", "dossier"] {
        names.extend(fields.remove(name).map(|value| (name.to_owned(), value)));
    }
    Ok((from_value(Value::Object(fields))?, times, from_value(Value::Object(names))?))
}

fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn ok<T: serde::Serialize>(value: &T) -> Answer {
    match serde_json::to_value(value) {
        Ok(value) => Answer::json(200, &value),
        Err(error) => Answer::json(500, &json!({"error": error.to_string()})),
    }
}

fn done() -> Answer {
    Answer::json(200, &json!({"done": true}))
}

fn bad(problem: &str) -> Answer {
    Answer::json(400, &json!({"error": problem}))
}
