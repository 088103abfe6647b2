//! The alerts' own task: looks, lets the book decide, keeps it, sends what is due. A target that is slow or down holds up nothing but itself.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use lienthong_core::Timestamp;
use tokio_util::sync::CancellationToken;

use super::book::{Alert, Book, Health, Letter};
use super::gather::Gatherer;
use super::keep::{self, Kept};
use super::message::{self, Message};
use super::rule::{Alerting, Undelivered};
use super::{facts, rule};
use crate::service::Service;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(5);
/// One try of one message, whatever its courier allows itself.
const CARRY: Duration = Duration::from_secs(30);

/// What stands now, for whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// `None` before the first look.
    pub at: Option<Timestamp>,
    /// By id, firing or over.
    pub alerts: BTreeMap<String, Alert>,
    pub targets: Vec<TargetView>,
}

/// A target as it is doing.
#[derive(Debug, Clone)]
pub struct TargetView {
    pub name: String,
    pub kind: &'static str,
    /// Messages it has not been sent yet.
    pub waiting: usize,
    pub health: Health,
}

type Carried = (Letter, Result<(), Undelivered>);

struct Desk {
    service: Service,
    book: Book,
    kept: Kept,
    gatherer: Gatherer,
    carrying: FuturesUnordered<BoxFuture<'static, Carried>>,
    /// Rules whose gauge was set.
    gauged: Vec<String>,
}

/// Runs until `stopping`. What was not sent by then is sent after the next start.
pub async fn run(service: Service, stopping: CancellationToken) {
    run_every(service, stopping, LOOK).await;
}

pub(crate) async fn run_every(service: Service, stopping: CancellationToken, look: Duration) {
    let Some((book, kept)) = opened(&service, &stopping).await else { return };
    let (gatherer, carrying) = (Gatherer::default(), FuturesUnordered::new());
    let mut desk = Desk { service, book, kept, gatherer, carrying, gauged: Vec::new() };
    loop {
        desk.look().await;
        let next = tokio::time::sleep(look);
        tokio::pin!(next);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                () = &mut next => break,
                Some(carried) = desk.carrying.next() => desk.carried(carried).await,
            }
        }
    }
}

/// Nothing is told before it is known what was told.
async fn opened(service: &Service, stopping: &CancellationToken) -> Option<(Book, Kept)> {
    loop {
        match keep::read(service).await {
            Ok(read) => return Some(read),
            Err(fault) => tracing::warn!(%fault, "the alerts cannot be read and are looked at again"),
        }
        tokio::select! {
            () = stopping.cancelled() => return None,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

impl Desk {
    async fn look(&mut self) {
        let config = self.service.configuration();
        let alerting = Arc::clone(&config.watch.alerting);
        let now = self.service.now();
        let facts = self.gatherer.facts(&self.service, &config, &alerting, now).await;
        for rule in &alerting.rules {
            let begun = self.book.begun(&rule.name, now);
            let firing = self.book.firing(&rule.name);
            if let Some(standing) = facts::standing(rule, &facts, &firing, begun, now) {
                self.book.turn(&alerting, rule, standing, now);
            }
        }
        self.book.upkeep(&alerting, now);
        self.keep(now).await;
        self.send(&alerting, now);
        self.show(&alerting, now);
    }

    async fn keep(&mut self, now: Timestamp) {
        if self.book.changed.is_empty() {
            return;
        }
        let written = keep::write(&self.service, &mut self.book, &mut self.kept, now).await;
        if let Err(fault) = &written {
            tracing::warn!(%fault, "what happened to alerts is not on disk yet");
            self.gatherer.heard(Err(fault), now);
        }
    }

    fn send(&mut self, alerting: &Arc<Alerting>, now: Timestamp) {
        for letter in self.book.due(alerting, now) {
            let Some(target) = alerting.target(&letter.to) else { continue };
            let Some(message) = self.written(&letter, alerting) else {
                self.book.sent(&letter, now);
                continue;
            };
            let courier = Arc::clone(&target.courier);
            self.carrying.push(async move { (letter, carry(&*courier, &message, now).await) }.boxed());
        }
    }

    fn written(&self, letter: &Letter, alerting: &Alerting) -> Option<Message> {
        let base = alerting.public_url.as_deref();
        let owner = self.book.alerts.values().find(|alert| alert.letters.iter().any(|other| other.id == letter.id));
        if let Some(alert) = owner {
            return Some(message::of_alert(letter, alert, base));
        }
        let (_, lines, more) = self.book.digests.get(&letter.to)?.letter.as_ref()?;
        let told = |rule: &str| alerting.rule(rule).is_some_and(|rule| rule.to.contains(&letter.to));
        let firing = self.book.alerts.values().filter(|alert| alert.resolved.is_none() && told(&alert.rule)).count();
        Some(message::of_digest(letter, lines, *more, firing as u64, base))
    }

    async fn carried(&mut self, (letter, result): Carried) {
        let now = self.service.now();
        let outcome = if result.is_ok() { "sent" } else { "failed" };
        let labels = [("target", letter.to.clone()), ("outcome", outcome.to_owned())];
        metrics::counter!("lienthong_alert_messages_total", &labels).increment(1);
        match result {
            Ok(()) => self.book.sent(&letter, now),
            Err(Undelivered(why)) => {
                tracing::warn!(
                    target_name = letter.to,
                    message = letter.id,
                    why,
                    "an alert was not sent and is tried again"
                );
                self.book.not_sent(&letter, why, now);
            }
        }
        self.keep(now).await;
        let alerting = Arc::clone(&self.service.configuration().watch.alerting);
        self.send(&alerting, now);
        self.show(&alerting, now);
    }

    fn show(&mut self, alerting: &Alerting, now: Timestamp) {
        let firing = |rule: &str| {
            self.book.alerts.values().filter(|alert| alert.rule == rule && alert.resolved.is_none()).count()
        };
        let gone = self.gauged.iter().filter(|name| alerting.rule(name).is_none());
        let counts =
            alerting.rules.iter().map(|rule| (&rule.name, firing(&rule.name))).chain(gone.map(|name| (name, 0)));
        for (rule, count) in counts {
            #[expect(clippy::cast_precision_loss, reason = "at most a few thousand")]
            metrics::gauge!("lienthong_alert_firing", "rule" => rule.clone()).set(count as f64);
        }
        self.gauged = alerting.rules.iter().map(|rule| rule.name.clone()).collect();
        let view = |target: &rule::Target| TargetView {
            name: target.name.clone(),
            kind: target.kind,
            waiting: self.book.waiting_for(&target.name),
            health: self.book.health.get(&target.name).cloned().unwrap_or_default(),
        };
        let targets = alerting.targets.iter().map(view).collect();
        self.service.show_alerts(Board { at: Some(now), alerts: self.book.alerts.clone(), targets });
    }
}

/// One try, bounded, and of a courier that does not panic through.
pub(crate) async fn carry(courier: &dyn rule::Courier, message: &Message, now: Timestamp) -> Result<(), Undelivered> {
    let tried = AssertUnwindSafe(courier.carry(message, now)).catch_unwind();
    match tokio::time::timeout(CARRY, tried).await {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => Err(Undelivered("a defect of the gateway: its log says more".to_owned())),
        Err(_elapsed) => Err(Undelivered(format!("not taken within {CARRY:?}"))),
    }
}
