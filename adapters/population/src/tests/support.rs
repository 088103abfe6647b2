//! What the tests share: a database reached in each generation, a clock told the time. No assertions on behaviour.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lienthong_core::file::NoFiles;
use lienthong_core::program::{Compiler, Program, ProgramText};
use lienthong_core::secret::{SecretRef, SecretSource, SecretString};
use lienthong_core::{Adapter, Body, CallContext, Clock, Fault, OperationName, Surroundings, SystemId, Timestamp};
use serde_json::{Value, json};

use super::server::{Server, Step};
use crate::{Population, PopulationConfig};

pub(super) const CITIZEN: &str = include_str!("../../testdata/citizen.answer.xml");
pub(super) const NOBODY: &str = include_str!("../../testdata/nobody.answer.xml");
pub(super) const REFERENCE: &str = "01994f3e-0000-7000-8000-000000000001.0.1";

struct Secrets;

impl SecretSource for Secrets {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        match reference {
            SecretRef::Env(name) => Ok(format!("secret-{name}").into()),
            SecretRef::File(_) => Err(format!("{reference} is not set")),
        }
    }
}

/// A clock in seconds since 2025-01-15T01:30:00.123Z, moved by hand.
#[derive(Default)]
pub(super) struct HandClock(AtomicU64);

impl HandClock {
    pub(super) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2025-01-15T01:30:00.123Z".parse().unwrap();
        start.checked_add(self.monotonic()).unwrap()
    }
    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

struct NoPrograms;

impl Compiler for NoPrograms {
    fn compile(&self, _: &ProgramText) -> Result<Arc<dyn Program>, Vec<String>> {
        Err(vec!["there are none here".into()])
    }
}

pub(super) fn ndxp() -> Value {
    json!({ "ndxp": {
        "user": "env:USER", "secret_key": "env:KEY", "api_key": "env:APIKEY", "road_client": "CS/GOV/SS1MC/SS1IS1"
    } })
}

pub(super) fn lgsp(base: &str) -> Value {
    let application = json!({
        "access_key": "env:ACCESS", "secret_key": "env:SECRET", "app_name": "one-stop", "partner_code": "P",
        "partner_code_cus": "P01"
    });
    json!({ "lgsp": {
        "token": { "granted": { "address": format!("{base}/token"), "proof": { "application": application } } },
        "officers": { "canbo01": { "name": "env:CB01", "password": "env:CB01PW" } }
    } })
}

pub(super) fn wrapper(base: &str) -> Value {
    let proof = json!({ "client": { "key": "env:CLIENT", "secret": "env:CLIENTSECRET" } });
    json!({ "wrapper": { "token": { "granted": { "address": format!("{base}/token"), "proof": proof } } } })
}

/// A configuration with one end point.
pub(super) fn config(base: &str, access: &Value) -> Value {
    let code = json!({ "integration_code": "999" });
    json!({
        "endpoints": [{
            "name": "one", "address": format!("{base}/dancu"), "access": access,
            "addresses": {
                "verify_citizen": format!("{base}/verify"), "find_household": format!("{base}/household"),
                "confirm_marital_status": format!("{base}/marital")
            }
        }],
        "operations": { "verify_citizen": code, "find_household": code, "confirm_marital_status": code },
        "phrases": { "maintenance": ["đang bảo trì"], "throttled": ["quá nhiều yêu cầu"] }
    })
}

pub(super) struct Bench {
    pub(super) population: Arc<Population>,
    pub(super) clock: Arc<HandClock>,
}

pub(super) fn bench(config: Value) -> Bench {
    // Ignored when another test was first: the provider is the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let clock = Arc::new(HandClock::default());
    let around = Surroundings {
        secrets: &Secrets,
        clock: clock.clone(),
        files: Arc::new(NoFiles),
        programs: Arc::new(NoPrograms),
    };
    let config: PopulationConfig = serde_json::from_value(config).unwrap();
    let population = Population::build(SystemId::new("population").unwrap(), config, &around).unwrap();
    Bench { population: Arc::new(population), clock }
}

/// A server that finds the citizen, and the database behind it across the national axis.
pub(super) async fn across_the_axis(steps: impl IntoIterator<Item = Step>) -> (Server, Bench) {
    let server = Server::start(Step::xml(CITIZEN), steps).await;
    let bench = bench(config(&server.address, &ndxp()));
    (server, bench)
}

/// The same behind a wrapper.
pub(super) async fn behind_a_wrapper(steps: impl IntoIterator<Item = Step>) -> (Server, Bench) {
    let server = Server::start(Step::json(&json!({ "error_code": "0", "message": CITIZEN })), steps).await;
    let bench = bench(config(&server.address, &wrapper(&server.address)));
    (server, bench)
}

impl Bench {
    pub(super) fn context(&self) -> CallContext {
        CallContext::new(REFERENCE, Duration::from_secs(10), self.clock.clone())
    }

    pub(super) async fn find(&self) -> Result<Value, Fault> {
        self.call("find-citizen", question()).await
    }

    pub(super) async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        self.call_in(&self.context(), operation, input).await
    }

    pub(super) async fn call_in(&self, cx: &CallContext, operation: &str, input: Value) -> Result<Value, Fault> {
        let body = Body::json(serde_json::to_vec(&input).unwrap());
        let answer = self.population.call(cx, &name(operation), &body).await?;
        Ok(serde_json::from_slice(&answer.bytes).unwrap())
    }
}

pub(super) fn question() -> Value {
    serde_json::from_str(include_str!("../../testdata/question.input.json")).unwrap()
}

pub(super) fn name(operation: &str) -> OperationName {
    OperationName::new(&format!("population.{operation}")).unwrap()
}
