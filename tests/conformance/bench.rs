//! A subject's adapter before its scripted system, with a clock that can be moved: what every law begins with. It asserts nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lienthong_core::file::NoFiles;
use lienthong_core::secret::{SecretRef, SecretSource, SecretString};
use lienthong_core::{AttemptContext, Body, CallContext, Clock, Fault, Lookup, OperationName, Surroundings, Timestamp};
use lienthong_engine::routing::Programs;

use crate::server::{Server, Step};
use crate::subject::{Ask, Built, Subject};

/// What every secret reference stands for: none of it may ever show.
pub(crate) const SECRET: &str = "bi-mat-khong-duoc-lo-0001";

pub(crate) struct Secrets;

impl SecretSource for Secrets {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        match reference {
            SecretRef::Env(_) | SecretRef::File(_) => Ok(SECRET.into()),
        }
    }
}

/// Real time from a fixed day, moved on by hand.
pub(crate) struct MovedClock {
    begun: tokio::time::Instant,
    moved: AtomicU64,
}

impl MovedClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.moved.fetch_add(by.as_secs(), Ordering::Relaxed);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
        start.checked_add(self.monotonic()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.begun.elapsed() + Duration::from_secs(self.moved.load(Ordering::Relaxed))
    }
}

pub(crate) struct Bench {
    pub(crate) subject: Arc<dyn Subject>,
    pub(crate) server: Server,
    pub(crate) built: Built,
    pub(crate) clock: Arc<MovedClock>,
}

impl Bench {
    pub(crate) async fn new(subject: Arc<dyn Subject>) -> Self {
        let server = Server::start(Arc::clone(&subject)).await;
        let (built, clock) = build(subject.as_ref(), &server.base);
        Self { subject, server, built, clock }
    }

    /// With the next call answered so.
    pub(crate) async fn answering(subject: Arc<dyn Subject>, step: Step) -> Self {
        let bench = Self::new(subject).await;
        bench.server.calls_get([step]);
        bench
    }

    pub(crate) fn context(&self, timeout: Duration) -> CallContext {
        context(&self.clock, timeout)
    }

    pub(crate) async fn call(&self, ask: &Ask) -> Result<Body, Fault> {
        self.call_in(&self.context(PATIENCE), ask).await
    }

    pub(crate) async fn call_in(&self, cx: &CallContext, ask: &Ask) -> Result<Body, Fault> {
        let Ask { operation, input } = ask;
        self.built.adapter.call(cx, &name(operation), &Body::json(input.to_string())).await
    }

    pub(crate) async fn look_up(&self, ask: &Ask, age: Duration) -> Result<Lookup, Fault> {
        let Ask { operation, input } = ask;
        let sent = Body::json(input.to_string());
        let attempt = AttemptContext { attempt: 1, reference: REFERENCE.to_owned(), sent, age };
        self.built.adapter.lookup(&self.context(PATIENCE), &name(operation), &attempt).await
    }

    /// Names a law's failure.
    pub(crate) fn says(&self, what: &str) -> String {
        format!("{}: {what}", self.subject.name())
    }
}

/// How long any call may take that is not meant to run out of time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

const REFERENCE: &str = "01994f3e-0000-7000-8000-000000000001.0.1";

pub(crate) fn context(clock: &Arc<MovedClock>, timeout: Duration) -> CallContext {
    let mut cx = CallContext::new(REFERENCE, timeout, Arc::clone(clock) as Arc<dyn Clock>);
    cx.purpose = Some("1.004227".to_owned());
    cx.on_behalf_of = Some(lienthong_core::OnBehalfOf {
        unit: Some("000.00.14.H56".to_owned()),
        officer: Some("can-bo-mau".to_owned()),
    });
    cx
}

pub(crate) fn build(subject: &dyn Subject, base: &str) -> (Built, Arc<MovedClock>) {
    let (clock, around) = surroundings();
    (subject.build(base, &around), clock)
}

/// What adapters are built with here: secrets of one value, the real language, a clock that can be moved, no files.
pub(crate) fn surroundings() -> (Arc<MovedClock>, Surroundings<'static>) {
    // Ignored when another test was first: the provider is the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let clock = Arc::new(MovedClock { begun: tokio::time::Instant::now(), moved: AtomicU64::new(0) });
    let around = Surroundings {
        secrets: &Secrets,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        files: Arc::new(NoFiles),
        programs: Arc::new(Programs::new()),
    };
    (clock, around)
}

pub(crate) fn name(operation: &str) -> OperationName {
    operation.parse().unwrap()
}
