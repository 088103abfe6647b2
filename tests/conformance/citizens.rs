//! The population adapter against the simulated database at its worst, in each generation: an answer is the right citizen or none.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::fault::Retry;
use lienthong_core::{Adapter, Body, CallContext, Clock, FaultKind, SystemId};
use lienthong_population::{Population as Adapted, PopulationConfig};
use lienthong_simulators::population::{
    Citizen, Fault, FaultProfile, LgspAccount, NdxpAccount, Population, PopulationOptions, TimestampUnit,
};
use serde_json::{Value, json};

use crate::bench::{MovedClock, SECRET, name, surroundings};

/// Every secret has one value here, and so have the simulator's accounts.
async fn simulated(profile: FaultProfile, timestamps: TimestampUnit) -> Population {
    let secret = || SECRET.to_owned();
    let ndxp = NdxpAccount { user: secret(), secret_key: secret(), api_key: secret(), ..NdxpAccount::default() };
    let lgsp = LgspAccount {
        access_key: secret(),
        secret_key: secret(),
        officers: vec![(secret(), secret())],
        ..LgspAccount::default()
    };
    let options = PopulationOptions {
        profile,
        seed: 23,
        ndxp: Some(ndxp),
        lgsp: Some(lgsp),
        static_token: Some(secret()),
        timestamps,
        // The bench's clock begins on a day of its own.
        clock_tolerance: Duration::from_secs(100 * 365 * 24 * 3600),
        ..PopulationOptions::default()
    };
    Population::start(options).await.unwrap()
}

fn accesses(base: &str) -> Vec<(TimestampUnit, Value)> {
    let ndxp = |timestamps: &str| {
        json!({ "ndxp": {
            "user": "env:U", "secret_key": "env:K", "api_key": "env:A", "road_client": "CS/GOV/SIM/province",
            "timestamps": timestamps
        } })
    };
    let application = json!({
        "access_key": "env:A", "secret_key": "env:S", "app_name": "one-stop", "partner_code": "SIM",
        "partner_code_cus": "SIM01"
    });
    let token = json!({ "granted": { "address": format!("{base}/token"), "proof": { "application": application } } });
    let lgsp = json!({ "token": token, "officers": { "canbo01": { "name": "env:N", "password": "env:P" } } });
    vec![
        (TimestampUnit::Millis, ndxp("milliseconds")),
        (TimestampUnit::Seconds, ndxp("seconds")),
        (TimestampUnit::Either, json!({ "lgsp": lgsp })),
        (TimestampUnit::Either, json!({ "wrapper": { "token": { "static": "env:T" } } })),
    ]
}

fn adapter(base: &str, access: &Value) -> (Adapted, Arc<MovedClock>) {
    let settings = json!({
        "endpoints": [{ "name": "simulated", "address": format!("{base}/dancu"), "access": access }],
        "phrases": { "maintenance": ["đang bảo trì"] }
    });
    let config: PopulationConfig = serde_json::from_value(settings).unwrap();
    let (clock, around) = surroundings();
    (Adapted::build(SystemId::new("population").unwrap(), config, &around).unwrap(), clock)
}

fn question(citizen: &Citizen) -> Body {
    let birth = match citizen.birth_day {
        Some((month, day)) => format!("{:04}-{month:02}-{day:02}", citizen.birth_year),
        None => citizen.birth_year.to_string(),
    };
    let question = json!({
        "purpose": { "procedure_code": "1.000094", "officer": "canbo01" }, "identity_number": citizen.id,
        "name": citizen.name, "birth_date": birth
    });
    Body::json(question.to_string())
}

async fn ask(
    adapted: &Adapted,
    clock: &Arc<MovedClock>,
    citizen: &Citizen,
    attempt: u32,
) -> Result<Value, lienthong_core::Fault> {
    let reference = format!("01994f3e-0000-7000-8000-000000000001.0.{attempt}");
    let cx = CallContext::new(reference, Duration::from_secs(2), Arc::clone(clock) as Arc<dyn Clock>);
    let answer = adapted.call(&cx, &name("population.find-citizen"), &question(citizen)).await?;
    Ok(serde_json::from_slice(&answer.bytes).unwrap())
}

#[tokio::test]
async fn everybody_is_found_in_each_generation_by_name_number_and_birth_date() {
    for place in 0..4 {
        // The unit of the timestamp is the simulator's to insist on.
        let unit = accesses("")[place].0;
        let population = simulated(FaultProfile::None, unit).await;
        let (_, access) = accesses(&population.base_url()).remove(place);
        let (adapted, clock) = adapter(&population.base_url(), &access);
        for (attempt, citizen) in population.citizens().iter().take(40).enumerate() {
            let attempt = u32::try_from(attempt).unwrap() + 1;
            let found =
                ask(&adapted, &clock, citizen, attempt).await.unwrap_or_else(|fault| panic!("{access}: {fault}"));
            assert_eq!((&found["identity_number"], &found["name"]), (&json!(citizen.id), &json!(citizen.name)));
            assert_eq!(found["birth"]["year"], citizen.birth_year.to_string());
            assert_eq!(found["birth"].get("date").is_some(), citizen.birth_day.is_some());
            let district = &found["permanent_residence"].get("district_code");
            assert_eq!(district.is_some(), !citizen.district.is_empty());
        }
        let tally = population.report().tally;
        assert_eq!(
            (tally.answers["found"], tally.duplicates, tally.refusals.len()),
            (40, 0, 0),
            "{:?}",
            tally.refusals
        );
    }
}

#[tokio::test]
async fn a_harsh_database_is_never_believed_wrongly() {
    let mut seen = BTreeSet::new();
    for place in [0, 2, 3] {
        let population = simulated(FaultProfile::Harsh, TimestampUnit::Either).await;
        let (_, access) = accesses(&population.base_url()).remove(place);
        let (adapted, clock) = adapter(&population.base_url(), &access);
        // Only those who show a token meet it.
        population.inject(Fault::TokenExpired, 1);
        let mut found = 0;
        for (attempt, citizen) in population.citizens().iter().cycle().take(120).enumerate() {
            match ask(&adapted, &clock, citizen, u32::try_from(attempt).unwrap() + 1).await {
                Ok(answer) => {
                    found += 1;
                    assert_eq!(
                        (&answer["identity_number"], &answer["name"]),
                        (&json!(citizen.id), &json!(citizen.name))
                    );
                }
                // Everybody asked about is there: nothing may claim otherwise, or blame the question.
                Err(fault) => {
                    let told = matches!(fault.kind.retry(), Retry::Gate | Retry::OutcomeUnknown | Retry::AfterLogin);
                    assert!(told, "{fault}");
                    seen.insert(fault.kind.as_str());
                }
            }
        }
        assert!(found > 60, "{access}: {found}");
        assert!(population.report().tokens_at_once <= 1);
    }
    let worst = [FaultKind::Unintelligible, FaultKind::Interrupted, FaultKind::Throttled, FaultKind::Unauthenticated];
    assert!(worst.iter().all(|kind| seen.contains(kind.as_str())), "{seen:?}");
}
