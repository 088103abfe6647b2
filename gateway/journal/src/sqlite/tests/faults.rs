//! What fails around the journal: disk, commit, another process, load. Nothing acknowledged is lost, nothing refused is stored.

use lienthong_core::{ContentType, DeliveryState};
use parking_lot::Mutex;
use rusqlite::Connection;
use tempfile::tempdir;

use super::*;
use crate::contract::make::{admit, delivered, draft};
use crate::sqlite::{Deed, Hooks, Point, SettableDisk};
use crate::{BodyInput, Command, DiskState, EventKind, JournalError, OpenError, Refusal};

const GIB: u64 = 1024 * 1024 * 1024;

/// A hook that does `deed` at `point`, once, when armed.
#[derive(Clone, Default)]
pub(super) struct Trap(Arc<Mutex<Option<(Point, Deed)>>>);

impl Trap {
    pub(super) fn arm(&self, point: Point, deed: Deed) {
        *self.0.lock() = Some((point, deed));
    }

    pub(super) fn hooks(&self) -> Hooks {
        let trap = self.clone();
        Hooks::new(move |point| {
            let mut armed = trap.0.lock();
            match *armed {
                Some((at, deed)) if at == point => {
                    *armed = None;
                    deed
                }
                Some(_) | None => Deed::Go,
            }
        })
    }
}

#[tokio::test]
async fn a_disk_below_its_watermarks_stops_acceptance_but_not_outcomes_and_recovers() {
    let folder = tempdir().unwrap();
    let (disk, clock) = (Arc::new(SettableDisk::new(10 * GIB)), Arc::new(Standing::default()));
    let desk = desk(SqliteOptions {
        disk: Arc::<SettableDisk>::clone(&disk),
        clock: Arc::<Standing>::clone(&clock),
        ..options(folder.path())
    });
    let first = draft("A").unwrap().once("k", 1).unwrap();
    desk.accept(&first).await.unwrap();
    assert_eq!(desk.0.disk(), DiskState::Enough);

    disk.set(GIB / 2);
    assert_eq!(desk.0.disk(), DiskState::Enough, "looked at once a second at most");
    clock.pass(Duration::from_secs(1));
    assert_eq!(desk.0.disk(), DiskState::Low);
    let second = draft("B").unwrap();
    assert_eq!(desk.one(second.command()).await.unwrap().unwrap_err(), Refusal::DiskFull);
    assert!(desk.one(draft("A").unwrap().once("k", 1).unwrap().command()).await.unwrap().is_ok(), "a replay is told");
    desk.go(admit(&desk.see(first.delivery(0)).await.unwrap())).await.unwrap();

    disk.set(GIB / 8);
    clock.pass(Duration::from_secs(1));
    assert_eq!(desk.0.disk(), DiskState::Critical);
    let mut outcome = delivered(&desk.see(first.delivery(0)).await.unwrap());
    outcome.spawn = vec![draft("A").unwrap().child_of(first.delivery(0), 0).0];
    assert_eq!(desk.go(outcome).await.unwrap().spawned.len(), 1, "a follow-up belongs to the outcome");

    disk.set(10 * GIB);
    clock.pass(Duration::from_secs(1));
    desk.accept(&second).await.unwrap();
    desk.0.close().await;
}

#[tokio::test]
async fn a_write_that_finds_the_disk_full_refuses_what_is_new_and_keeps_outcomes() {
    let folder = tempdir().unwrap();
    let (trap, clock) = (Trap::default(), Arc::new(Standing::default()));
    let desk = desk(SqliteOptions {
        hooks: trap.hooks(),
        reserve_bytes: 1 << 20,
        disk: Arc::new(SettableDisk::new(10 * GIB)),
        clock: Arc::<Standing>::clone(&clock),
        ..options(folder.path())
    });
    let first = draft("A").unwrap();
    desk.accept(&first).await.unwrap();
    assert!(folder.path().join("reserve").exists());
    trap.arm(Point::Statements, Deed::Full);
    let refused = desk.one(draft("B").unwrap().command()).await.unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::DiskFull, "tried again, and refused");
    assert_eq!(desk.0.disk(), DiskState::Critical);
    assert!(!folder.path().join("reserve").exists(), "its room is for outcomes");
    trap.arm(Point::Statements, Deed::Full);
    desk.go(admit(&desk.see(first.delivery(0)).await.unwrap())).await.unwrap();
    clock.pass(Duration::from_secs(1));
    desk.accept(&draft("B").unwrap()).await.unwrap();
    assert!(folder.path().join("reserve").exists());

    // The commit itself finds it full: the outcome is written with the room that was reserved.
    trap.arm(Point::BeforeCommit, Deed::Full);
    desk.go(delivered(&desk.see(first.delivery(0)).await.unwrap())).await.unwrap();
    assert_eq!(desk.0.disk(), DiskState::Critical);
    assert!(!folder.path().join("reserve").exists());
    desk.0.close().await;
}

#[tokio::test]
async fn sqlite_itself_finding_no_room_is_a_full_disk() {
    let folder = tempdir().unwrap();
    let desk = desk(SqliteOptions { disk: Arc::new(SettableDisk::new(10 * GIB)), ..options(folder.path()) });
    desk.0.close().await;
    let connection = Connection::open(folder.path().join("journal.db")).unwrap();
    connection.pragma_update(None, "max_page_count", 1).unwrap();
    let full =
        connection.execute("INSERT INTO body VALUES (1, 0, NULL, 1, 1, NULL, zeroblob(100000))", ()).unwrap_err();
    assert!(crate::sqlite::fail::Fail::from(full).is_full());
}

#[tokio::test]
async fn a_commit_that_reports_failure_is_read_back_before_anyone_is_answered() {
    let folder = tempdir().unwrap();
    let trap = Trap::default();
    let desk = desk(SqliteOptions { hooks: trap.hooks(), ..options(folder.path()) });
    let mut listening = desk.0.subscribe();
    desk.accept(&draft("A").unwrap()).await.unwrap();
    // Told after it was answered.
    assert_eq!(listening.recv().await.unwrap().len(), 1);

    let lost = draft("LOST").unwrap();
    trap.arm(Point::BeforeCommit, Deed::Fail);
    assert!(matches!(desk.0.commit(vec![lost.command()]).await, Err(JournalError::Storage(_))));
    assert!(desk.0.exchange(lost.id()).await.unwrap().is_none());

    let stored = draft("STORED").unwrap();
    trap.arm(Point::AfterCommit, Deed::Fail);
    let taken = desk.accept(&stored).await.unwrap();
    assert_eq!(taken.heads.len(), 1);
    let told = listening.recv().await.unwrap();
    assert_eq!(told.iter().map(|event| (event.seq, event.exchange)).collect::<Vec<_>>(), [(2, Some(stored.id()))]);

    desk.deliver(stored.delivery(0)).await.unwrap();
    let seqs: Vec<_> = desk.0.events(0, 10).await.unwrap().iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4], "without a gap");
    desk.0.close().await;
}

#[tokio::test]
async fn one_batch_that_cannot_be_written_does_not_take_its_group_along() {
    let folder = tempdir().unwrap();
    let desk = desk(SqliteOptions { linger: Duration::from_millis(200), ..options(folder.path()) });
    let missing = draft("BAD").unwrap().with(|acceptance| acceptance.body = BodyInput::Stored(crate::BodyId(99)));
    let good = draft("GOOD").unwrap();
    let (bad, fine) = tokio::join!(desk.0.commit(vec![missing.command()]), desk.0.commit(vec![good.command()]));
    assert!(matches!(bad, Err(JournalError::Storage(_))));
    assert!(fine.unwrap()[0].is_ok());
    assert!(desk.0.exchange(missing.id()).await.unwrap().is_none());
    assert_eq!(desk.0.last_event().await.unwrap(), 1);
    desk.0.close().await;
}

#[tokio::test]
async fn a_second_process_and_a_newer_journal_are_refused() {
    let folder = tempdir().unwrap();
    let first = SqliteJournal::open(options(folder.path())).unwrap();
    assert!(matches!(SqliteJournal::open(options(folder.path())), Err(OpenError::Locked { .. })));
    first.close().await;
    Connection::open(folder.path().join("journal.db")).unwrap().pragma_update(None, "user_version", 99).unwrap();
    match SqliteJournal::open(options(folder.path())) {
        Err(error @ OpenError::Newer { found: 99, .. }) => assert!(error.to_string().contains("newer program")),
        other => panic!("{:?}", other.err()),
    }
    std::fs::write(folder.path().join("journal.db"), b"this is no database, whatever its name says").unwrap();
    assert!(matches!(SqliteJournal::open(options(folder.path())), Err(OpenError::Storage(_))));
}

#[tokio::test]
async fn what_was_committed_is_there_after_opening_again_and_names_with_it() {
    let folder = tempdir().unwrap();
    let draft = draft("A").unwrap().alias("ALIAS").unwrap();
    let first = desk(options(folder.path()));
    first.accept(&draft).await.unwrap();
    first.go(admit(&first.see(draft.delivery(0)).await.unwrap())).await.unwrap();
    first.0.close().await;
    assert!(matches!(first.0.commit(vec![draft.command()]).await, Err(JournalError::Closed)));
    assert!(matches!(first.0.last_event().await, Err(JournalError::Closed)));
    let again = desk(options(folder.path()));
    let seen = again.see(draft.delivery(0)).await.unwrap();
    assert_eq!(seen.delivery.state, DeliveryState::InFlight { attempt: 1 });
    assert_eq!(seen.exchange.as_ref(), &draft.0.exchange);
    assert_eq!(again.0.in_doubt(10).await.unwrap().len(), 1);
    again.go(delivered(&seen)).await.unwrap();
    let kinds: Vec<_> = again.0.events(0, 10).await.unwrap().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Accepted, EventKind::Admitted, EventKind::Delivered]);
    drop(again);
    desk(options(folder.path())).0.close().await;
}

#[tokio::test]
async fn a_full_queue_refuses_acceptances_before_outcomes() {
    let folder = tempdir().unwrap();
    // The first batch stays in the writer until the test lets it go.
    let (entered, inside) = tokio::sync::oneshot::channel();
    let (let_go, held) = std::sync::mpsc::sync_channel::<()>(0);
    let (entered, held) = (Mutex::new(Some(entered)), Mutex::new(held));
    let hooks = Hooks::new(move |point| {
        if point == Point::AfterCommit
            && let Some(entered) = entered.lock().take()
        {
            entered.send(()).unwrap();
            held.lock().recv().unwrap();
        }
        Deed::Go
    });
    let desk = desk(SqliteOptions { hooks, queue_batches: 8, ..options(folder.path()) });
    let note = || Command::Note {
        at: make::at(0),
        kind: EventKind::GateChanged,
        system: None,
        actor: crate::Actor::Gateway,
        text: "closed".to_owned(),
    };
    let spawn = |command| {
        let desk = desk.clone();
        tokio::spawn(async move { desk.0.commit(vec![command]).await })
    };
    let mut running = vec![spawn(note())];
    inside.await.unwrap();
    for _ in 0..6 {
        running.push(spawn(note()));
    }
    tokio::task::yield_now().await;
    let accepted = desk.0.commit(vec![draft("A").unwrap().command()]).await;
    assert!(matches!(accepted, Err(JournalError::Overloaded)));
    running.push(spawn(note()));
    running.push(spawn(note()));
    tokio::task::yield_now().await;
    assert!(matches!(desk.0.commit(vec![note()]).await, Err(JournalError::Overloaded)));
    let_go.send(()).unwrap();
    for done in running {
        done.await.unwrap().unwrap();
    }
    desk.accept(&draft("A").unwrap()).await.unwrap();
    desk.0.close().await;
}

#[tokio::test]
async fn the_log_is_copied_into_the_database_while_traffic_goes_on() {
    let folder = tempdir().unwrap();
    let desk = desk(SqliteOptions { wal_bytes: 1 << 20, ..options(folder.path()) });
    let log = folder.path().join("journal.db-wal");
    for number in 0..300 {
        let body = BodyInput::New { content_type: ContentType::Text, bytes: vec![b'y'; 40_000].into() };
        let draft = draft(&format!("K-{number}")).unwrap().with(|acceptance| acceptance.body = body);
        desk.accept(&draft).await.unwrap();
    }
    assert!(std::fs::metadata(&log).unwrap().len() < 8 << 20, "12 MB were written through a log that is kept short");
    desk.0.close().await;
    assert!(!log.exists(), "closed clean");
}

#[tokio::test]
async fn storage_that_goes_away_is_told_and_comes_back() {
    let folder = tempdir().unwrap();
    let (home, away) = (folder.path().join("home"), folder.path().join("away"));
    let (from, to) = (home.clone(), away.clone());
    let once = std::sync::atomic::AtomicBool::new(true);
    let hooks = Hooks::new(move |point| {
        if point == Point::AfterCommit && once.swap(false, Ordering::SeqCst) {
            std::fs::rename(&from, &to).unwrap();
            return Deed::Fail;
        }
        Deed::Go
    });
    let desk = desk(SqliteOptions { hooks, ..options(&home) });
    let first = draft("A").unwrap();
    for draft in [&first, &draft("B").unwrap()] {
        assert!(matches!(desk.0.commit(vec![draft.command()]).await, Err(JournalError::Storage(_))));
    }
    std::fs::rename(&away, &home).unwrap();
    let second = draft("C").unwrap();
    while desk.0.commit(vec![second.command()]).await.is_err() {}
    // Nobody could tell; it is there, and sent again it is recognised.
    assert!(desk.0.exchange(first.id()).await.unwrap().is_some());
    let again = desk.one(first.command()).await.unwrap().unwrap();
    assert!(matches!(again, crate::Committed::Replayed { .. }));
    desk.0.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_told_to_close_while_a_commit_fails_answers_and_closes() {
    let folder = tempdir().unwrap();
    let trap = Trap::default();
    let linger = Duration::from_millis(300);
    let desk = desk(SqliteOptions { hooks: trap.hooks(), linger, ..options(folder.path()) });
    trap.arm(Point::BeforeCommit, Deed::Fail);
    let lost = draft("A").unwrap();
    let (answer, ()) = tokio::join!(desk.0.commit(vec![lost.command()]), desk.0.close());
    assert!(matches!(answer, Err(JournalError::Storage(_))));
    assert!(SqliteJournal::open(options(folder.path())).is_ok(), "the folder is free");
}
