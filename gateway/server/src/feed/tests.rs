//! No gap, no repeat: against a real journal.

use std::collections::BTreeSet;
use std::time::Duration;

use lienthong_core::Clock;
use lienthong_engine::clock::SystemClock;
use lienthong_journal::sqlite::{SqliteJournal, SqliteOptions};
use lienthong_journal::{Actor, Command, EventKind};

use super::*;
use crate::security::{ClientDirectory, ClientEntry, Credentials, Role, authenticate, hash_key};

struct Log {
    journal: Arc<dyn Journal>,
    clock: SystemClock,
    _folder: tempfile::TempDir,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = SqliteOptions::new(folder.path().join("journal"), Arc::new(SystemClock::new()));
        options.reserve_bytes = 0;
        options.watermarks = lienthong_journal::sqlite::Watermarks { low: 2, critical: 1 };
        let journal = Arc::new(SqliteJournal::open(options).unwrap());
        Self { journal, clock: SystemClock::new(), _folder: folder }
    }

    /// Adds events one commit each, or all in one.
    async fn write(&self, count: usize, at_once: bool) {
        let note = |_| Command::Note {
            at: self.clock.now(),
            kind: EventKind::ConfigurationLoaded,
            system: None,
            actor: Actor::Gateway,
            text: "a test".to_owned(),
        };
        let commands: Vec<Command> = (0..count).map(note).collect();
        let batches = if at_once { vec![commands] } else { commands.into_iter().map(|one| vec![one]).collect() };
        for batch in batches {
            self.journal.commit(batch).await.unwrap();
        }
    }

    async fn feed(&self, start: FeedStart) -> Result<Feed, Fault> {
        Feed::open(Arc::clone(&self.journal), filter(&[Role::Viewer]), start).await
    }
}

fn filter(roles: &[Role]) -> FeedFilter {
    let entry = ClientEntry {
        id: "watcher".parse().unwrap(),
        key_hashes: vec![hash_key("k")],
        certificates: Vec::new(),
        operations: Vec::new(),
        roles: roles.iter().copied().collect::<BTreeSet<_>>(),
        enabled: true,
    };
    let shown = Credentials { api_key: Some("k"), ..Credentials::default() };
    let identity = authenticate(&ClientDirectory::new([entry]), &shown).unwrap();
    FeedFilter { identity, key: None, system: None }
}

async fn seqs(feed: &mut Feed, count: usize) -> Vec<u64> {
    let mut seqs = Vec::new();
    while seqs.len() < count {
        let item = tokio::time::timeout(Duration::from_secs(60), feed.next()).await.expect("no event came");
        match item.unwrap() {
            Some(FeedItem::Event(event)) => seqs.push(event.seq),
            other => panic!("{other:?}"),
        }
    }
    seqs
}

#[tokio::test]
async fn a_feed_that_lags_behind_by_far_reads_what_it_missed() {
    let log = Log::new();
    log.write(3, true).await;
    let mut feed = log.feed(FeedStart::After(0)).await.unwrap();
    assert_eq!(seqs(&mut feed, 3).await, [1, 2, 3]);
    // Far more batches than any channel between journal and feed holds.
    log.write(3000, false).await;
    log.write(1000, true).await;
    assert_eq!(seqs(&mut feed, 4000).await, (4..4004).collect::<Vec<u64>>());
    log.write(1, true).await;
    assert_eq!(seqs(&mut feed, 1).await, [4004]);
}

#[tokio::test]
async fn replay_meets_live_while_events_keep_coming() {
    let log = Arc::new(Log::new());
    log.write(600, true).await;
    let writer = tokio::spawn({
        let log = Arc::clone(&log);
        async move { log.write(500, false).await }
    });
    let mut feed = log.feed(FeedStart::After(100)).await.unwrap();
    assert_eq!(seqs(&mut feed, 1000).await, (101..1101).collect::<Vec<u64>>());
    writer.await.unwrap();
    assert_eq!(feed.position(), 1100);
}

#[tokio::test]
async fn a_feed_from_now_skips_the_past_and_one_from_beyond_is_refused() {
    let log = Log::new();
    log.write(5, true).await;
    let mut feed = log.feed(FeedStart::Now).await.unwrap();
    log.write(1, true).await;
    assert_eq!(seqs(&mut feed, 1).await, [6]);
    let Err(refused) = log.feed(FeedStart::After(7)).await else { panic!("beyond the end") };
    assert_eq!(refused.code, FaultCode::BadParameter);
    assert!(log.feed(FeedStart::After(6)).await.is_ok());
}

#[tokio::test]
async fn what_nobody_owns_is_for_those_with_a_role_and_moves_the_place_all_the_same() {
    let log = Log::new();
    let mut plain = Feed::open(Arc::clone(&log.journal), filter(&[]), FeedStart::After(0)).await.unwrap();
    log.write(4, true).await;
    let looking = async {
        while plain.position() < 4 {
            let nothing = tokio::time::timeout(Duration::from_millis(5), plain.next()).await;
            assert!(nothing.is_err(), "events without a client are not for everyone");
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking).await.expect("the feed did not move");
    assert_eq!(plain.position(), 4);
}

#[tokio::test]
async fn a_cancelled_wait_loses_nothing() {
    let log = Log::new();
    let mut feed = log.feed(FeedStart::Now).await.unwrap();
    for expected in 1..=20 {
        let _early = tokio::time::timeout(Duration::ZERO, feed.next()).await;
        log.write(1, true).await;
        assert_eq!(seqs(&mut feed, 1).await, [expected]);
    }
}
