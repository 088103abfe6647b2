//! The example configuration of `config/systems/permits.yaml` against the simulated ministry: what stands there works, and nothing happens twice.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::fault::Retry;
use lienthong_core::{Adapter, Fault};
use lienthong_core::{AttemptContext, Body, FaultKind, Lookup, Surroundings, SystemId};
use lienthong_rest::{Rest, RestConfig};
use lienthong_simulators::ministry::{Fault as Quirk, FaultProfile, Ministry, MinistryOptions, PermitState};
use serde_json::{Value, json};

use crate::bench::{MovedClock, PATIENCE, SECRET, context, name, surroundings};

struct Permits {
    ministry: Ministry,
    rest: Rest,
    clock: Arc<MovedClock>,
}

impl Permits {
    async fn new(profile: FaultProfile) -> Self {
        let options = MinistryOptions {
            client_id: SECRET.to_owned(),
            client_secret: SECRET.to_owned(),
            profile,
            ..MinistryOptions::default()
        };
        let ministry = Ministry::start(options).await.unwrap();
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/systems/permits.yaml");
        let text = std::fs::read_to_string(file).unwrap().replace("https://api.ministry.example", &ministry.base_url());
        let whole: Value = serde_saphyr::from_str(&text).unwrap();
        let config: RestConfig = serde_json::from_value(whole["settings"].clone()).unwrap();
        let (clock, around) = surroundings();
        let around: Surroundings<'_> = around;
        let rest = Rest::build(SystemId::new("permits").unwrap(), config, &around).unwrap();
        Self { ministry, rest, clock }
    }

    async fn call(&self, operation: &str, input: &Value) -> Result<Value, Fault> {
        let cx = context(&self.clock, PATIENCE);
        let answer =
            self.rest.call(&cx, &name(&format!("permits.{operation}")), &Body::json(input.to_string())).await?;
        Ok(serde_json::from_slice(&answer.bytes).unwrap())
    }

    async fn register(&self, request: &str) -> Result<Value, Fault> {
        self.call("register-permit", &application(request)).await
    }

    /// Asks again after what says that nothing was processed, as the engine's gate does.
    async fn past_the_gate(&self, request: &str) -> Result<Value, Fault> {
        loop {
            match self.register(request).await {
                Err(fault) if matches!(fault.kind.retry(), Retry::Gate | Retry::AfterLogin) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                settled => return settled,
            }
        }
    }

    async fn look_up(&self, request: &str, age: u64) -> Lookup {
        let sent = Body::json(application(request).to_string());
        let attempt = AttemptContext { attempt: 1, reference: "0.0.1".to_owned(), sent, age: Duration::from_secs(age) };
        let cx = context(&self.clock, PATIENCE);
        self.rest.lookup(&cx, &name("permits.register-permit"), &attempt).await.unwrap()
    }
}

fn application(request: &str) -> Value {
    let holder = json!({ "name": "NGUYỄN VĂN MẪU", "identity_number": "038199000001" });
    json!({ "request": request, "kind": "XD", "holder": holder })
}

#[tokio::test]
async fn a_permit_is_registered_read_listed_and_cancelled_by_configuration_alone() {
    let permits = Permits::new(FaultProfile::None).await;
    let made = permits.register("H56.14-260115-0007").await.unwrap();
    assert_eq!(made, json!({ "number": "GP-2026-000001", "at": "/v2/permits/GP-2026-000001" }));
    let number = json!({ "number": "GP-2026-000001" });
    let found = permits.call("find-permit", &number).await.unwrap();
    assert_eq!(found, json!({ "number": "GP-2026-000001", "holder": "NGUYỄN VĂN MẪU", "active": true }));
    let listed = permits.call("list-permits", &json!({ "identity_number": "038199000001" })).await.unwrap();
    assert_eq!(listed["permits"].as_array().unwrap().len(), 1);
    let reason = json!({ "number": "GP-2026-000001", "reason": "Theo đề nghị" });
    for _again in 0..2 {
        assert_eq!(permits.call("cancel-permit", &reason).await.unwrap(), json!({ "cancelled": true }));
    }
    assert_eq!(permits.ministry.permit("GP-2026-000001").unwrap().state, PermitState::Cancelled);
    assert_eq!(permits.call("find-permit", &json!({ "number": "none" })).await.unwrap_err().kind, FaultKind::NotFound);
    assert_eq!(permits.register("H56.14-260115-0007").await.unwrap_err().kind, FaultKind::Conflict);
    assert_eq!(permits.ministry.report().tokens, 1);
}

#[tokio::test]
async fn what_the_ministry_refuses_is_told_by_our_fields() {
    let permits = Permits::new(FaultProfile::None).await;
    let mut wrong = application("r1");
    wrong["holder"]["name"] = json!("x".repeat(101));
    let fault = permits.call("register-permit", &wrong).await.unwrap_err();
    assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Rejected, "/holder/name"));
    assert_eq!(fault.problems[0].value_class.as_deref(), Some("TOO_LONG"));
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_lookup() {
    let permits = Permits::new(FaultProfile::None).await;
    for (quirk, happened) in [
        (Quirk::AnswerLost { hold_millis: 1 }, true),
        (Quirk::ResetAfter, true),
        (Quirk::TruncatedBody, true),
        (Quirk::EmptyBody, true),
        (Quirk::PageWithSuccess, true),
        (Quirk::ObjectCode, true),
        (Quirk::BadGatewayBefore, false),
        (Quirk::InternalError, false),
    ] {
        let request = format!("r-{}", quirk.name());
        assert!(permits.ministry.inject(quirk, 1));
        let fault = permits.register(&request).await.unwrap_err();
        assert_eq!(fault.kind.retry(), Retry::OutcomeUnknown, "{quirk:?}: {fault}");
        let (early, late) = (permits.look_up(&request, 1).await, permits.look_up(&request, 60).await);
        match happened {
            true => assert!(matches!((early, late), (Lookup::Done(_), Lookup::Done(_))), "{quirk:?}"),
            false => assert!(matches!((early, late), (Lookup::Unknown, Lookup::NotDone)), "{quirk:?}"),
        }
    }
}

#[tokio::test]
async fn a_token_that_ends_costs_one_attempt_and_one_new_token() {
    let permits = Permits::new(FaultProfile::None).await;
    permits.register("r1").await.unwrap();
    permits.ministry.expire_tokens();
    assert_eq!(permits.register("r2").await.unwrap_err().kind, FaultKind::Unauthenticated);
    permits.register("r2").await.unwrap();
    let report = permits.ministry.report();
    assert_eq!((report.tokens, report.permits), (2, 2));
}

#[tokio::test]
async fn a_harsh_ministry_is_never_believed_wrongly() {
    let permits = Permits::new(FaultProfile::Harsh).await;
    let mut told = HashSet::new();
    for place in 0..120 {
        let request = format!("r{place}");
        match permits.past_the_gate(&request).await {
            Ok(output) => assert!(told.insert(output["number"].as_str().unwrap().to_owned()), "one number told twice"),
            Err(fault) => {
                let explicit = !matches!(fault.kind.retry(), Retry::OutcomeUnknown);
                let happened = !permits.ministry.registered(&request).is_empty();
                assert!(!(explicit && happened), "{request} happened and was told as {fault}");
            }
        }
    }
    assert!(told.len() > 60, "most of them arrive: {}", told.len());
    let numbers = told.iter().filter(|number| permits.ministry.permit(number).is_none()).count();
    assert_eq!(numbers, 0, "told a number that is not there");
}
