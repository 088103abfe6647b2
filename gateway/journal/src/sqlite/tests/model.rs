//! The journal against the model: random commands, with deaths and failures at every point of a commit. What was acknowledged
//! is there, what was not is there whole or not at all.

use std::collections::BTreeSet;
use std::path::PathBuf;

use lienthong_core::{Class, ContentType, DeliveryId, DeliveryState, FaultKind, StateName, Verify};
use parking_lot::Mutex;
use proptest::prelude::*;
use tempfile::TempDir;

use super::world::{Expected, World};
use super::*;
use crate::contract::make::{Draft, admit, at, delivery, draft, end, fault, text, to};
use crate::sqlite::{Deed, Hooks, Point};
use crate::{
    Amend, AttemptOutcome, BodyInput, Command, CommandResult, Committed, EventKind, ExchangeFilter, Head, HeadQuery,
    Kept, Step as Put, Transition,
};

const WORDS: [&str; 5] = ["K-0", "K-1", "K-2", "W-0", "W-1"];

#[derive(Debug, Clone)]
enum Step {
    Accept(Wish),
    Move { pick: usize, act: Act, stale: bool, children: Vec<(u16, Wish)> },
}

/// An exchange to be accepted.
#[derive(Debug, Clone)]
struct Wish {
    key: usize,
    alias: Option<usize>,
    idempotency: Option<(u8, u8)>,
    fan_out: bool,
    skip: bool,
    supersede: bool,
    birth: u8,
    large: bool,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Admit,
    Deliver,
    Requeue,
    Wait,
    Unsure,
    Park,
    ParkUnsettled,
    Release,
    Discard,
    /// Other content is put in the place of what was parked.
    Amend,
}

/// What befalls the process during a batch.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    None,
    /// It is killed after the batch was answered.
    Killed,
    Dies(Point),
    CommitFails(Point),
}

fn wish() -> impl Strategy<Value = Wish> {
    let small = (0..WORDS.len(), prop::option::weighted(0.2, 0..WORDS.len()));
    let idempotency = prop::option::weighted(0.3, (0..3_u8, 0..2_u8));
    let flags = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.3), 0..6_u8, prop::bool::weighted(0.1));
    (small, idempotency, flags).prop_map(|((key, alias), idempotency, (fan_out, skip, supersede, birth, large))| Wish {
        key,
        alias,
        idempotency,
        fan_out,
        skip,
        supersede,
        birth,
        large,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let act = prop_oneof![
        4 => Just(Act::Admit),
        3 => Just(Act::Deliver),
        1 => Just(Act::Requeue),
        1 => Just(Act::Wait),
        1 => Just(Act::Unsure),
        2 => Just(Act::Park),
        1 => Just(Act::ParkUnsettled),
        2 => Just(Act::Release),
        1 => Just(Act::Discard),
        2 => Just(Act::Amend),
    ];
    let children = prop::collection::vec((0..3_u16, wish()), 0..3);
    let children = prop_oneof![3 => Just(Vec::new()), 1 => children];
    prop_oneof![
        2 => wish().prop_map(Step::Accept),
        5 => (any::<usize>(), act, prop::bool::weighted(0.05), children)
            .prop_map(|(pick, act, stale, children)| Step::Move { pick, act, stale, children }),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let point = prop_oneof![
        Just(Point::BeforeBody),
        Just(Point::AfterBody),
        Just(Point::BeforeCommit),
        Just(Point::AfterCommit)
    ];
    let fails = prop_oneof![Just(Point::BeforeCommit), Just(Point::AfterCommit)];
    prop_oneof![
        12 => Just(Trouble::None),
        1 => Just(Trouble::Killed),
        2 => point.prop_map(Trouble::Dies),
        1 => fails.prop_map(Trouble::CommitFails),
    ]
}

fn drafted(wish: &Wish) -> Draft {
    let key = WORDS[wish.key];
    let mut made = draft(key).unwrap();
    if wish.fan_out {
        let land = delivery("land", "land.register", key).unwrap();
        made = made.with(|acceptance| acceptance.deliveries.push(land));
    }
    made = if wish.skip { made.skip() } else { made };
    made = if wish.supersede { made.supersede() } else { made };
    let cause = fault(FaultKind::Invalid, "không đọc được").unwrap();
    made = match wish.birth {
        0 => made.each(|delivery| delivery.state = DeliveryState::Waiting { until: at(60) }),
        1 => made.each(|delivery| {
            (delivery.state, delivery.fault) = (DeliveryState::Parked, Some(cause.clone()));
        }),
        _queued => made,
    };
    if let Some(alias) = wish.alias {
        made = made.alias(WORDS[alias]).unwrap();
    }
    if let Some((key, content)) = wish.idempotency {
        made = made.once(&format!("k-{key}"), content).unwrap();
    }
    if wish.large {
        let bytes = vec![b'0' + wish.key as u8; 70_000];
        made = made.with(|acceptance| {
            acceptance.body = BodyInput::New { content_type: ContentType::Text, bytes: bytes.into() };
        });
    }
    made
}

/// The move an act makes of a delivery as it stands; nothing where it cannot.
fn acted(head: &Head, act: Act) -> Option<Transition> {
    let state = head.delivery.state;
    let cause = fault(FaultKind::Timeout, "không trả lời").unwrap();
    let failed = |state, kind| {
        let outcome = AttemptOutcome::Failed(cause.0.clone());
        Transition { fault: Some(cause.clone()), ..end(head, state, kind, outcome) }
    };
    let attempt = head.delivery.attempts;
    let unsure = DeliveryState::Verifying { attempt, how: Verify::Repeat, until: at(10) };
    Some(match (act, state.name()) {
        (Act::Admit, StateName::Queued | StateName::Waiting | StateName::Verifying) => admit(head),
        (Act::Deliver, StateName::InFlight) => Transition {
            unsettled: None,
            ..end(head, DeliveryState::Delivered, EventKind::Delivered, AttemptOutcome::Delivered)
        },
        (Act::Requeue, StateName::InFlight) => failed(DeliveryState::Queued, EventKind::Waiting),
        (Act::Wait, StateName::InFlight) => failed(DeliveryState::Waiting { until: at(100) }, EventKind::Waiting),
        (Act::Unsure, StateName::InFlight) => {
            Transition { unsettled: Some(attempt), ..failed(unsure, EventKind::Verifying) }
        }
        (Act::Park, StateName::InFlight) => {
            Transition { unsettled: None, ..failed(DeliveryState::Parked, EventKind::Parked) }
        }
        (Act::ParkUnsettled, StateName::InFlight) => {
            Transition { unsettled: Some(attempt), ..failed(DeliveryState::Parked, EventKind::Parked) }
        }
        (Act::Release, StateName::Parked | StateName::Waiting) => {
            Transition { unsettled: None, ..to(head, DeliveryState::Queued, EventKind::Released) }
        }
        (Act::Amend, StateName::Parked) => {
            Transition { unsettled: None, ..to(head, DeliveryState::Queued, EventKind::Amended) }
        }
        (Act::Discard, StateName::Parked | StateName::Queued | StateName::Verifying) => {
            to(head, DeliveryState::Discarded, EventKind::Discarded)
        }
        _ => return None,
    })
}

/// A journal in its folder, and the model of it.
struct Trial {
    root: TempDir,
    lives: u32,
    desk: Desk,
    world: World,
    armed: Arc<Mutex<Option<(Point, Deed)>>>,
    died: Arc<Mutex<Option<PathBuf>>>,
}

impl Trial {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (armed, died) = (Arc::default(), Arc::default());
        let desk = Self::open(&root.path().join("0"), root.path().join("1"), &armed, &died);
        Self { root, lives: 0, desk, world: World::default(), armed, died }
    }

    /// Opens a life of the journal; when it dies its files are copied to `next` as they are then.
    fn open(
        folder: &Path,
        next: PathBuf,
        armed: &Arc<Mutex<Option<(Point, Deed)>>>,
        died: &Arc<Mutex<Option<PathBuf>>>,
    ) -> Desk {
        let (armed, died, from) = (Arc::clone(armed), Arc::clone(died), folder.to_owned());
        let hooks = Hooks::new(move |point| {
            let mut trap = armed.lock();
            let Some((_, deed)) = trap.filter(|(at, _)| *at == point) else { return Deed::Go };
            *trap = None;
            if deed == Deed::Die {
                copy_as_it_is(&from, &next);
                *died.lock() = Some(next.clone());
            }
            deed
        });
        desk(SqliteOptions { hooks, wal_bytes: 1 << 19, readers: 1, ..options(folder) })
    }

    async fn live_on(&mut self, folder: &Path) {
        self.lives += 1;
        let next = self.root.path().join((self.lives + 1).to_string());
        let old = std::mem::replace(&mut self.desk, Self::open(folder, next, &self.armed, &self.died));
        old.0.close().await;
        self.check().await;
    }

    async fn command(&self, step: &Step) -> Option<Command> {
        match step {
            Step::Accept(wish) => Some(drafted(wish).command()),
            Step::Move { pick, act, stale, children } => {
                let count = self.world.deliveries.len();
                let id = self.world.deliveries.get(pick.checked_rem(count)?)?.id;
                let mut step = acted(&self.desk.see(id).await.unwrap(), *act)?;
                step.version += if *stale { 100 } else { 0 };
                step.spawn = children.iter().map(|(index, wish)| child(wish, id, *index)).collect();
                let mut places = BTreeSet::new();
                let distinct = children.iter().all(|(index, _)| places.insert(index));
                let step = Box::new(step);
                let command = match act {
                    Act::Amend => Command::Amend(Box::new(self.amended(step, *stale).await)),
                    _moves => Command::Move(step),
                };
                distinct.then_some(command)
            }
        }
    }

    /// The next content of the delivery, put in force with this move; with another number where it is to be refused.
    async fn amended(&self, to: Box<Transition>, stale: bool) -> Amend {
        let told = self.desk.0.amendments(to.delivery).await.unwrap();
        let number = told.last().map_or(0, |last| last.number) + 1 + u32::from(stale);
        let body = text(format!("{} as amended: {number}", to.delivery));
        let keep = Kept { number, body, at: at(10), actor: to.actor.clone(), reason: None };
        let (delivery, version) = (to.delivery, to.version);
        let step = Put { number, to, before: String::new(), after: String::new() };
        Amend { delivery, version, keep: Some(keep), memo: None, step: Some(step) }
    }

    async fn batch(&mut self, steps: &[Step], trouble: Trouble) {
        let mut commands = Vec::new();
        for step in steps {
            commands.extend(self.command(step).await);
        }
        *self.armed.lock() = match trouble {
            Trouble::Dies(point) => Some((point, Deed::Die)),
            Trouble::CommitFails(point) => Some((point, Deed::Fail)),
            Trouble::None | Trouble::Killed => None,
        };
        let mut after = self.world.clone();
        let expected: Vec<_> = commands.iter().map(|command| after.apply(command)).collect();
        let answer = self.desk.0.commit(commands).await;
        // A body's point is reached by batches with a large body only.
        let reached = self.armed.lock().take().is_none();
        let stored = match trouble {
            Trouble::Dies(point) | Trouble::CommitFails(point) if reached => point == Point::AfterCommit,
            Trouble::Dies(_) | Trouble::CommitFails(_) | Trouble::None | Trouble::Killed => true,
        };
        let answered = stored && !matches!(trouble, Trouble::Dies(_) if reached);
        match answer {
            Ok(results) => {
                // A batch that writes nothing has nothing to lose.
                let writes = after.events.len() > self.world.events.len();
                assert!(answered || !writes, "acknowledged what is lost");
                let got: Vec<_> = results.into_iter().map(told).collect();
                assert_eq!(got, expected);
            }
            Err(error) => assert!(!answered, "{error}"),
        }
        if stored {
            self.world = after;
        }
        let died = self.died.lock().take();
        if let Some(folder) = died {
            self.live_on(&folder).await;
        } else if matches!(trouble, Trouble::Killed) {
            let folder = self.root.path().join((self.lives + 1).to_string());
            copy_as_it_is(&self.root.path().join(self.lives.to_string()), &folder);
            self.live_on(&folder).await;
        }
    }

    /// Everything the journal says is what the model says.
    async fn check(&self) {
        let (journal, world) = (&self.desk.0, &self.world);
        let heads = world.heads();
        for delivery in &world.deliveries {
            let seen = self.desk.see(delivery.id).await.unwrap().delivery;
            let got = (seen.state, seen.version, seen.attempts, seen.unsettled, seen.is_head);
            let head = heads.contains(&delivery.id);
            let want = (delivery.state, delivery.version, delivery.attempts, delivery.unsettled, head);
            assert_eq!(got, want, "{}", delivery.id);
            assert_eq!(journal.attempts(delivery.id).await.unwrap().len() as u32, delivery.attempts);
            let bodies = journal.amendments(delivery.id).await.unwrap();
            let mut contents = Vec::new();
            for record in &bodies {
                let bytes = journal.body(record.body).await.unwrap().unwrap();
                contents.push(String::from_utf8(bytes.to_vec()).unwrap());
            }
            assert_eq!(contents, delivery.contents, "{}", delivery.id);
            assert_eq!(seen.instead, bodies.last().map(|last| last.body), "{}", delivery.id);
        }
        let mut ready = BTreeSet::new();
        for system in ["portal", "land"] {
            let system = system.parse().unwrap();
            let (class, now, skip) = (Class::Live, at(10), Arc::default());
            let query = HeadQuery { system, class, client: None, now, limit: 1000, inline: 0, skip };
            ready.extend(journal.heads(query).await.unwrap().iter().map(|head| head.delivery.id));
        }
        assert_eq!(ready, world.due_heads(at(10)));
        let listed = journal.exchanges(ExchangeFilter { oldest_first: true, ..ExchangeFilter::default() }, None, 1000);
        let listed: Vec<_> =
            listed.await.unwrap().rows.iter().map(|row| (row.meta.id, row.meta.key.to_string())).collect();
        assert_eq!(listed, world.exchanges);
        let events = journal.events(0, 10_000).await.unwrap();
        let kinds: Vec<_> = events.iter().map(|event| (event.kind, event.exchange, event.delivery)).collect();
        assert_eq!(kinds, world.events);
        assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq), "without a gap");
        for word in WORDS {
            assert_eq!(journal.resolve(&word.parse().unwrap()).await.unwrap().as_str(), world.resolve(word));
        }
        let open = world.deliveries.iter().filter(|delivery| !delivery.state.name().is_final()).count() as u64;
        assert_eq!(journal.backlog().await.unwrap().iter().map(|row| row.count).sum::<u64>(), open);
    }
}

fn child(wish: &Wish, parent: DeliveryId, index: u16) -> crate::Acceptance {
    let mut child = drafted(&Wish { idempotency: None, alias: None, ..wish.clone() }).child_of(parent, index).0;
    child.idempotency = None;
    child
}

fn told(result: CommandResult) -> Result<Expected, crate::Refusal> {
    result.map(|committed| match committed {
        Committed::Accepted { exchange: _, key, heads, superseded } => {
            Expected::Accepted { key: key.to_string(), heads: set(&heads), superseded }
        }
        Committed::Replayed { exchange } => Expected::Replayed(exchange),
        Committed::Moved { delivery: _, version, sent: _, head, spawned } => {
            Expected::Moved { version, head: head.map(|head| head.delivery.id), spawned: set(&spawned) }
        }
        other => panic!("not modelled: {other:?}"),
    })
}

fn set(heads: &[Head]) -> BTreeSet<DeliveryId> {
    heads.iter().map(|head| head.delivery.id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_journal_is_the_model_through_every_crash(
        batches in prop::collection::vec((prop::collection::vec(step(), 1..5), trouble()), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut trial = Trial::new();
            for (steps, trouble) in &batches {
                trial.batch(steps, *trouble).await;
            }
            trial.check().await;
            trial.desk.0.close().await;
        });
    }
}
