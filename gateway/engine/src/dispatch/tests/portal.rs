//! A portal that does what the test says and remembers what it was asked. It speaks no protocol.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use lienthong_core::operation::LookupSpec;
use lienthong_core::{
    Adapter, AttemptContext, Body, CallContext, Clock, Effect, Fault, Lookup, OperationName, OperationSpec, SystemId,
};
use parking_lot::Mutex;
use serde_json::json;

/// How long "not done" must wait for `portal.sync-status`.
pub(super) const SETTLE: Duration = Duration::from_secs(30);

/// One call as the portal saw it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) at: Duration,
    pub(super) key: String,
    pub(super) reference: String,
    pub(super) body: Bytes,
}

/// What the portal does with a call.
pub(super) enum Does {
    Answers,
    /// Says this, before or after a byte left.
    Fails {
        fault: Fault,
        sent: bool,
    },
    Hangs,
    Panics,
}

type Script = Box<dyn FnMut(&Seen) -> Does + Send>;
type Looking = Box<dyn FnMut(&AttemptContext) -> Result<Lookup, Fault> + Send>;

pub(super) struct Portal {
    system: SystemId,
    operations: Vec<OperationSpec>,
    clock: Arc<dyn Clock>,
    takes: Duration,
    script: Mutex<Script>,
    looking: Mutex<Looking>,
    pub(super) seen: Mutex<Vec<Seen>>,
    pub(super) looked_up: Mutex<Vec<Duration>>,
    pub(super) probes: Mutex<Vec<Duration>>,
    alive: Mutex<bool>,
    busy: Mutex<(u32, u32)>,
}

impl Portal {
    pub(super) fn new(system: &str, clock: Arc<dyn Clock>, takes: Duration) -> Arc<Self> {
        let spec = |verb: &str, effect, lookup| OperationSpec {
            name: OperationName::new(&format!("{system}.{verb}")).unwrap(),
            summary: "".into(),
            effect,
            snapshot: false,
            lookup,
            input: json!({}),
            output: json!({}),
            example: json!({}),
            key_field: None,
            personal: Vec::new(),
            body_limit: 1 << 20,
            splits: false,
        };
        Arc::new(Self {
            operations: vec![
                spec("sync-dossier", Effect::Upsert, None),
                spec("sync-progress", Effect::Once, None),
                spec("sync-status", Effect::Once, Some(LookupSpec { settle: SETTLE })),
                spec("find-dossier", Effect::Read, None),
            ],
            system: SystemId::new(system).unwrap(),
            clock,
            takes,
            script: Mutex::new(Box::new(|_| Does::Answers)),
            looking: Mutex::new(Box::new(|_| Ok(Lookup::Unknown))),
            seen: Mutex::default(),
            looked_up: Mutex::default(),
            probes: Mutex::default(),
            alive: Mutex::new(true),
            busy: Mutex::default(),
        })
    }

    pub(super) fn does(&self, script: impl FnMut(&Seen) -> Does + Send + 'static) {
        *self.script.lock() = Box::new(script);
    }

    pub(super) fn finds(&self, looking: impl FnMut(&AttemptContext) -> Result<Lookup, Fault> + Send + 'static) {
        *self.looking.lock() = Box::new(looking);
    }

    /// What a probe gets.
    pub(super) fn is_alive(&self, alive: bool) {
        *self.alive.lock() = alive;
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.seen.lock().iter().map(|seen| seen.key.clone()).collect()
    }

    pub(super) fn count(&self) -> usize {
        self.seen.lock().len()
    }

    /// Most calls at once, ever.
    pub(super) fn busiest(&self) -> u32 {
        self.busy.lock().1
    }

    fn enter(self: &Arc<Self>) -> Busy {
        let mut busy = self.busy.lock();
        busy.0 += 1;
        busy.1 = busy.1.max(busy.0);
        Busy(Arc::clone(self))
    }
}

struct Busy(Arc<Portal>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.lock().0 -= 1;
    }
}

/// The adapter side: a newtype, so that tests keep the portal itself.
pub(super) struct PortalAdapter(pub(super) Arc<Portal>);

#[async_trait]
impl Adapter for PortalAdapter {
    fn system(&self) -> &SystemId {
        &self.0.system
    }

    fn operations(&self) -> &[OperationSpec] {
        &self.0.operations
    }

    async fn call(&self, cx: &CallContext, _operation: &OperationName, body: &Body) -> Result<Body, Fault> {
        let portal = &self.0;
        let _busy = portal.enter();
        let seen = Seen {
            at: portal.clock.monotonic(),
            key: cx.key.as_ref().map(ToString::to_string).unwrap_or_default(),
            reference: cx.reference.clone(),
            body: body.bytes.clone(),
        };
        let does = (portal.script.lock())(&seen);
        portal.seen.lock().push(seen);
        match does {
            Does::Answers => {
                cx.mark_sent();
                tokio::time::sleep(portal.takes).await;
                Ok(Body::json(&b"{\"ok\":true}"[..]))
            }
            Does::Fails { fault, sent } => {
                if sent {
                    cx.mark_sent();
                }
                tokio::time::sleep(portal.takes).await;
                Err(fault)
            }
            Does::Hangs => {
                cx.mark_sent();
                std::future::pending().await
            }
            Does::Panics => panic!("a defect of the adapter"),
        }
    }

    async fn lookup(
        &self,
        _cx: &CallContext,
        _operation: &OperationName,
        attempt: &AttemptContext,
    ) -> Result<Lookup, Fault> {
        self.0.looked_up.lock().push(self.0.clock.monotonic());
        (self.0.looking.lock())(attempt)
    }

    async fn probe(&self, _cx: &CallContext) -> Result<(), Fault> {
        self.0.probes.lock().push(self.0.clock.monotonic());
        if *self.0.alive.lock() { Ok(()) } else { Err(Fault::of(lienthong_core::FaultKind::Unreachable, "test")) }
    }
}
