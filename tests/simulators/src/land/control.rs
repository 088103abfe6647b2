//! The control side, `/_sim/…`: what a separate process asks and commands; it must not count as traffic of the gateway.

use hyper::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::answers::Answer;
use super::faults::Fault;
use super::options::Entry;
use super::push::Notice;
use super::state::Shared;
use crate::net::profile::FaultProfile;
use crate::net::request::Received;

pub(super) const ROOT: &str = "/_sim/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetProfile {
    profile: FaultProfile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfDossier {
    dossier: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GiveNotices {
    dossier: String,
    notices: Vec<Notice>,
}

pub(super) async fn answer(shared: &Shared, received: &Received) -> Answer {
    let what = received.path.strip_prefix(ROOT).unwrap_or_default();
    let outcome = match (&received.method, what) {
        (&Method::GET, what) => asked(shared, what, received),
        (&Method::POST, "step") => match read::<OfDossier>(&received.body) {
            Ok(OfDossier { dossier }) => match shared.step(&dossier).await {
                Ok(stepped) => written(&stepped),
                Err(error) => Err(format!("{error:#}")),
            },
            Err(problem) => Err(problem),
        },
        (&Method::POST, what) => commanded(shared, what, &received.body),
        (_, _) => Err(NO_SUCH_CALL.to_owned()),
    };
    match outcome {
        Ok(value) => Answer::json(200, &value),
        Err(problem) if problem == NO_SUCH_CALL => Answer::json(404, &json!({ "error": problem })),
        Err(problem) => Answer::json(400, &json!({ "error": problem })),
    }
}

const NO_SUCH_CALL: &str = "no such control call";

/// `report`, `dossiers`, `dossier?code=…`, `slip?code=…`, `officers`
fn asked(shared: &Shared, what: &str, received: &Received) -> Result<Value, String> {
    let code = || received.query.get("code").ok_or("code is missing");
    match what {
        "report" => written(&shared.report()),
        "dossiers" => written(&shared.state.lock().dossiers.codes()),
        "dossier" => written(&shared.dossier(code()?).ok_or("nobody received it")?),
        "slip" => {
            let slip = shared.state.lock().dossiers.get(code()?).and_then(|dossier| dossier.slip.clone());
            written(&slip.ok_or("it has no slip yet")?)
        }
        "officers" => written(&shared.state.lock().officers),
        _other => Err(NO_SUCH_CALL.to_owned()),
    }
}

fn commanded(shared: &Shared, what: &str, body: &[u8]) -> Result<Value, String> {
    let done = || Ok(json!({ "done": true }));
    let known = |known: bool| if known { done() } else { Err("nobody received it".to_owned()) };
    match what {
        "desk" => {
            shared.set_desk(read(body)?);
            done()
        }
        "tax" => {
            shared.set_tax(read(body)?);
            done()
        }
        "officers" => {
            shared.state.lock().add_officer(read(body)?);
            done()
        }
        "officers/remove" => {
            let Entry { code, name: _ } = read(body)?;
            shared.state.lock().officers.retain(|known| known.code != code);
            done()
        }
        "notices" => {
            let GiveNotices { dossier, notices } = read(body)?;
            known(shared.give_notices(&dossier, notices))
        }
        "paid" => {
            let OfDossier { dossier } = read(body)?;
            known(shared.paid(&dossier))
        }
        "profile" => {
            let SetProfile { profile } = read(body)?;
            shared.state.lock().faults.set_profile(profile);
            done()
        }
        "expire-tokens" => {
            shared.state.lock().tokens.end_all(false);
            done()
        }
        "fault" => inject(shared, body),
        _other => Err(NO_SUCH_CALL.to_owned()),
    }
}

/// `{"kind": …, its fields…, "times": 1, "on": "tiepnhan"}`
fn inject(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    let mut fields: Map<String, Value> = read(body)?;
    let times = fields.remove("times").unwrap_or_else(|| Value::from(1));
    let times: u32 = serde_json::from_value(times).map_err(|error| error.to_string())?;
    let on = fields.remove("on").and_then(|name| name.as_str().map(str::to_owned));
    let fault: Fault = serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?;
    if shared.inject(fault, times, on) {
        Ok(json!({ "done": true }))
    } else {
        Err("too many commands are waiting".to_owned())
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn written(value: &impl serde::Serialize) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|error| error.to_string())
}
