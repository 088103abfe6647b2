//! The ministry's permits: registered, found, cancelled, and how often each request's id came; it must not speak a dialect.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where a permit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PermitState {
    Active,
    Cancelled,
}

/// One permit as the ministry keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    pub number: String,
    pub holder: String,
    pub holder_id: String,
    pub kind: String,
    /// The caller's own id of the request that registered it.
    pub request_id: String,
    pub state: PermitState,
    /// Bytes of scans received for it.
    pub scan_bytes: usize,
}

/// What a caller asks to be registered.
pub(super) struct Application {
    pub(super) holder: String,
    pub(super) holder_id: String,
    pub(super) kind: String,
    pub(super) request_id: String,
    pub(super) scan_bytes: usize,
}

/// What became of an application.
pub(super) enum Registered {
    New(Permit),
    /// The request's id is known already: the permit it made.
    Known(Permit),
    Full,
}

/// What became of a cancellation.
pub(super) enum Cancelled {
    Done(Permit),
    /// It was cancelled before.
    Already,
    Unknown,
}

#[derive(Default)]
pub(super) struct Store {
    permits: BTreeMap<String, Permit>,
    requests: BTreeMap<String, Vec<String>>,
    most: usize,
}

impl Store {
    pub(super) fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    pub(super) fn register(&mut self, asked: Application) -> Registered {
        let Application { holder, holder_id, kind, request_id, scan_bytes } = asked;
        let known = self.requests.get(&request_id).and_then(|numbers| numbers.first());
        if let Some(permit) = known.and_then(|number| self.permits.get(number)) {
            return Registered::Known(permit.clone());
        }
        if self.permits.len() >= self.most {
            return Registered::Full;
        }
        let number = format!("GP-2026-{:06}", self.permits.len() + 1);
        let state = PermitState::Active;
        let permit = Permit { number: number.clone(), holder, holder_id, kind, request_id, state, scan_bytes };
        self.requests.entry(permit.request_id.clone()).or_default().push(number.clone());
        self.permits.insert(number, permit.clone());
        Registered::New(permit)
    }

    pub(super) fn cancel(&mut self, number: &str) -> Cancelled {
        match self.permits.get_mut(number) {
            None => Cancelled::Unknown,
            Some(permit) if permit.state == PermitState::Cancelled => Cancelled::Already,
            Some(permit) => {
                permit.state = PermitState::Cancelled;
                Cancelled::Done(permit.clone())
            }
        }
    }

    pub(super) fn get(&self, number: &str) -> Option<&Permit> {
        self.permits.get(number)
    }

    pub(super) fn of_request(&self, request: &str) -> Vec<Permit> {
        let numbers = self.requests.get(request).map(Vec::as_slice).unwrap_or_default();
        numbers.iter().filter_map(|number| self.permits.get(number)).cloned().collect()
    }

    pub(super) fn of_holder(&self, holder_id: &str) -> Vec<Permit> {
        self.permits.values().filter(|permit| permit.holder_id == holder_id).cloned().collect()
    }

    /// (permits, cancelled ones).
    pub(super) fn totals(&self) -> (usize, usize) {
        let cancelled = self.permits.values().filter(|permit| permit.state == PermitState::Cancelled).count();
        (self.permits.len(), cancelled)
    }
}
