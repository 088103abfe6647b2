//! Alerts over a whole engine: told once, over restarts; targets that are down; tests of targets; a disk that is short.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lienthong_core::{Fault, FaultCode, FaultKind, StateName, Timestamp};
use lienthong_journal::{ActFilter, GroupFilter};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::fixture::{CODE, World, dossier, operator, refused, routes, until};
use crate::alert::{Alerting, Condition, Courier, Kind, Message, Rule, Target, Undelivered};

/// Keeps what it is given, or refuses it.
#[derive(Default)]
struct Keeper {
    down: AtomicBool,
    taken: Mutex<Vec<Message>>,
    tried: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl Courier for Keeper {
    async fn carry(&self, message: &Message, _: Timestamp) -> Result<(), Undelivered> {
        self.tried.lock().push(message.id.clone());
        if self.down.load(Ordering::Acquire) {
            return Err(Undelivered("nobody there".to_owned()));
        }
        self.taken.lock().push(message.clone());
        Ok(())
    }
}

impl Keeper {
    fn kinds(&self) -> Vec<Kind> {
        self.taken.lock().iter().map(|message| message.kind).collect()
    }

    async fn has(&self, many: usize) -> Message {
        until(async || self.taken.lock().get(many - 1).cloned()).await
    }
}

fn alerting(condition: Condition, targets: &[(&str, &Arc<Keeper>)]) -> Alerting {
    let target = |(name, keeper): &(&str, &Arc<Keeper>)| Target {
        name: (*name).to_owned(),
        kind: "webhook",
        quiet: None,
        digest: None,
        courier: Arc::clone(*keeper) as Arc<dyn Courier>,
    };
    let rule = Rule {
        name: "r".to_owned(),
        condition,
        systems: std::collections::BTreeSet::new(),
        clients: std::collections::BTreeSet::new(),
        to: targets.iter().map(|(name, _)| (*name).to_owned()).collect(),
        repeat: None,
        urgent: false,
    };
    let public_url = Some("https://gateway.test".to_owned());
    Alerting { rules: vec![rule], targets: targets.iter().map(target).collect(), public_url }
}

/// The alerts' task of a world; it stops with this.
struct Watcher(CancellationToken);

impl Watcher {
    fn of(world: &World) -> Self {
        let stopping = CancellationToken::new();
        tokio::spawn(crate::alert::run_every(world.service.clone(), stopping.clone(), Duration::from_millis(10)));
        Self(stopping)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Time passes, and the watcher has looked since.
async fn looked(world: &World, seconds: u64) {
    world.clock.advance(Duration::from_secs(seconds));
    let now = world.service.now();
    until(async || (world.service.alerts().at >= Some(now)).then_some(())).await;
    world.clock.advance(Duration::from_secs(1));
    until(async || (world.service.alerts().at > Some(now)).then_some(())).await;
}

#[tokio::test]
async fn an_alert_is_told_once_over_restarts_and_resolved_when_its_cause_is_gone() {
    let keeper = Arc::new(Keeper::default());
    let world = World::new().await;
    world.alert(alerting(Condition::NewGroup, &[("duty", &keeper)]));
    let watcher = Watcher::of(&world);
    looked(&world, 1).await;
    world.parked(dossier(CODE, "k1"), Fault::of(FaultKind::Rejected, "no fee")).await;
    let message = keeper.has(1).await;
    assert_eq!(message.kind, Kind::Fired);
    for wanted in ["https://gateway.test/console/errors/1-", CODE, "LT-REJECTED"] {
        assert!(message.body.vi.contains(wanted) && message.body.en.contains(wanted), "{message:?}");
    }
    drop(watcher);
    let world = world.restarted(routes()).await;
    world.alert(alerting(Condition::NewGroup, &[("duty", &keeper)]));
    let _watcher = Watcher::of(&world);
    looked(&world, 3600).await;
    assert_eq!(keeper.kinds(), [Kind::Fired]);
    let group = world.service.groups(GroupFilter::default(), None, 1).await.unwrap().rows[0].fingerprint.clone();
    world.service.discard_group(&operator(), &group).await.unwrap();
    assert_eq!(keeper.has(2).await.kind, Kind::Resolved);
    looked(&world, 3600).await;
    assert_eq!(keeper.kinds(), [Kind::Fired, Kind::Resolved]);
    let board = world.service.alerts();
    assert_eq!(board.alerts.values().filter(|alert| alert.resolved.is_some()).count(), 1);
}

#[tokio::test]
async fn a_target_that_is_down_loses_nothing_and_holds_up_nobody() {
    let (down, well) = (Arc::new(Keeper::default()), Arc::new(Keeper::default()));
    down.down.store(true, Ordering::Release);
    let world = World::new().await;
    let both = || alerting(Condition::NewGroup, &[("down", &down), ("well", &well)]);
    world.alert(both());
    let watcher = Watcher::of(&world);
    looked(&world, 1).await;
    let id = world.parked(dossier(CODE, "k1"), Fault::of(FaultKind::Rejected, "no fee")).await;
    well.has(1).await;
    until(async || down.tried.lock().first().cloned()).await;
    looked(&world, 0).await;
    assert_eq!(world.states(id.exchange).await, [StateName::Parked]);
    drop(watcher);
    let world = world.restarted(routes()).await;
    world.alert(both());
    down.down.store(false, Ordering::Release);
    let _watcher = Watcher::of(&world);
    let late = down.has(1).await;
    assert_eq!(down.tried.lock().iter().filter(|tried| **tried != late.id).count(), 0, "the same message every time");
    looked(&world, 3600).await;
    assert_eq!((down.kinds(), well.kinds()), (vec![Kind::Fired], vec![Kind::Fired]));
}

#[tokio::test]
async fn a_disk_that_is_short_is_told_and_so_is_its_end() {
    let keeper = Arc::new(Keeper::default());
    let world = World::new().await;
    world.alert(alerting(Condition::Trouble, &[("duty", &keeper)]));
    let _watcher = Watcher::of(&world);
    world.disk.set(0);
    looked(&world, 2).await;
    assert_eq!(keeper.has(1).await.kind, Kind::Fired);
    world.disk.set(1 << 40);
    looked(&world, 2).await;
    keeper.has(2).await;
    assert_eq!(keeper.kinds(), [Kind::Fired, Kind::Resolved]);
}

#[tokio::test]
async fn a_test_of_a_target_is_sent_at_once_and_remembered() {
    let keeper = Arc::new(Keeper::default());
    let world = World::new().await;
    world.alert(alerting(Condition::NewGroup, &[("duty", &keeper)]));
    let test = world.service.test_alert_target(&operator(), "duty").await.unwrap();
    assert_eq!((test.trouble, keeper.kinds()), (None, vec![Kind::Test]));
    keeper.down.store(true, Ordering::Release);
    let test = world.service.test_alert_target(&operator(), "duty").await.unwrap();
    assert_eq!(test.trouble.as_deref(), Some("nobody there"));
    refused(world.service.test_alert_target(&operator(), "nobody").await, FaultCode::NoSuchRecord);
    let acts = world.service.acts(ActFilter::default(), None, 10).await.unwrap().rows;
    assert_eq!(acts.iter().filter(|act| act.kind == "alert-test" && act.verb == "tested").count(), 2);
}
