//! Sync errors as an operator sees them. It repairs nothing.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Gateway, PATIENCE};

/// What a sync error must say of its cause.
pub(super) struct Shown {
    pub(super) kind: &'static str,
    pub(super) code: &'static str,
    pub(super) origin: &'static str,
    /// Part of the Vietnamese text: the unit that must act.
    pub(super) unit: &'static str,
}

/// An error group as it was listed, with its own page.
pub(super) struct Group {
    listed: Value,
    page: Value,
}

/// The first error group that `wanted` accepts, as soon as there is one.
pub(super) async fn shown(gateway: &Gateway, wanted: impl Fn(&Value) -> bool) -> Group {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (status, page) = gateway.get("/v1/errors").await;
        assert_eq!(status, 200, "{page}");
        if let Some(listed) = page["groups"].as_array().unwrap().iter().find(|group| wanted(group)) {
            let id = listed["id"].as_str().unwrap();
            let (status, page) = gateway.get(&format!("/v1/errors/{id}")).await;
            assert_eq!(status, 200, "{page}");
            return Group { listed: listed.clone(), page };
        }
        assert!(Instant::now() < deadline, "no such sync error: {page}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Group {
    pub(super) fn fault(&self) -> &Value {
        &self.listed["fault"]
    }

    /// Its parked deliveries.
    pub(super) fn members(&self) -> &[Value] {
        self.page["deliveries"].as_array().unwrap()
    }

    /// The list and the group's own page name the same cause and the same unit.
    pub(super) fn names(&self, expected: &Shown) {
        let Shown { kind, code, origin, unit } = expected;
        for fault in [self.fault(), &self.page["group"]["fault"]] {
            assert_eq!(
                (&fault["kind"], &fault["code"], &fault["origin"]),
                (&json!(kind), &json!(code), &json!(origin))
            );
            let text = fault["text_vi"].as_str().unwrap();
            assert!(text.contains(unit), "{unit}: {text}");
            assert!(!fault["text_en"].as_str().unwrap().is_empty());
        }
    }

    pub(super) async fn release(&self, gateway: &Gateway, reason: &str) {
        let id = self.listed["id"].as_str().unwrap();
        let (status, answer) = gateway.post(&format!("/v1/errors/{id}/release"), &json!({ "reason": reason })).await;
        assert_eq!((status, &answer["refused"]), (200, &json!([])), "{answer}");
        assert_eq!(answer["moved"], self.listed["parked"], "{answer}");
    }
}

/// Waits until everything of the key is delivered, with no help.
pub(super) async fn delivered(gateway: &Gateway, key: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (status, found) = gateway.get(&format!("/v1/exchanges?key={key}")).await;
        assert_eq!(status, 200, "{found}");
        let exchanges = found["exchanges"].as_array().unwrap();
        if !exchanges.is_empty() && exchanges.iter().all(|one| one["state"] == "delivered") {
            return;
        }
        assert!(Instant::now() < deadline, "{found}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
