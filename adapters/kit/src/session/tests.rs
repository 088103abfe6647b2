//! Tests of sessions with a login that is told when to answer: shared, renewed, forgotten once. No sockets.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use lienthong_core::Timestamp;
use tokio::sync::Semaphore;

use super::*;

struct Door {
    logins: AtomicU32,
    open: Semaphore,
    lifetime: Option<Duration>,
}

#[async_trait]
impl Login<u32> for Door {
    async fn log_in(&self) -> Result<Granted<u32>, Fault> {
        let number = self.logins.fetch_add(1, Ordering::SeqCst);
        self.open.acquire().await.unwrap().forget();
        Ok(Granted { value: number, lifetime: self.lifetime })
    }
}

#[derive(Default)]
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

struct Bench {
    door: Arc<Door>,
    clock: Arc<Hand>,
    sessions: Arc<Sessions<u32>>,
}

fn bench(permits: usize, lifetime: Option<u64>) -> Bench {
    let lifetime = lifetime.map(Duration::from_secs);
    let door = Arc::new(Door { logins: AtomicU32::new(0), open: Semaphore::new(permits), lifetime });
    let clock = Arc::new(Hand::default());
    let login: Arc<dyn Login<u32>> = door.clone();
    let sessions = Arc::new(Sessions::new("door", login, Duration::from_secs(10), clock.clone()));
    Bench { door, clock, sessions }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_callers_share_one_login_and_a_cancelled_one_takes_it_from_nobody() {
    let bench = bench(0, None);
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let sessions = Arc::clone(&bench.sessions);
            tokio::spawn(async move { sessions.get().await.map(|session| session.value) })
        })
        .collect();
    tokio::task::yield_now().await;
    calls[0].abort();
    bench.door.open.add_permits(1);
    for call in calls.into_iter().skip(1) {
        assert_eq!(call.await.unwrap().unwrap(), 0);
    }
    assert_eq!(bench.door.logins.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_is_renewed_when_it_is_old_and_forgotten_once_when_it_is_refused() {
    let bench = bench(9, Some(600));
    let first = bench.sessions.get().await.unwrap();
    bench.clock.0.store(599, Ordering::SeqCst);
    assert!(Arc::ptr_eq(&first, &bench.sessions.get().await.unwrap()));
    bench.clock.0.store(600, Ordering::SeqCst);
    let second = bench.sessions.get().await.unwrap();
    assert_eq!(second.value, 1);
    bench.sessions.forget(&first);
    assert!(Arc::ptr_eq(&second, &bench.sessions.get().await.unwrap()), "the refused one was not this");
    bench.sessions.forget(&second);
    assert_eq!(bench.sessions.get().await.unwrap().value, 2);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_never_answers_leaves_nothing_unknown() {
    let bench = bench(0, None);
    let fault = bench.sessions.get().await.map(|_| ()).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(fault.detail.starts_with("login: "), "{}", fault.detail);
}

#[tokio::test(start_paused = true)]
async fn a_session_is_told_as_it_stands_without_a_login() {
    let bench = bench(1, Some(60));
    assert_eq!(bench.sessions.standing(), SessionState::Closed);
    assert_eq!(bench.door.logins.load(Ordering::SeqCst), 0);
    let held = bench.sessions.get().await.unwrap();
    assert_eq!(bench.sessions.standing(), SessionState::Open(Some(Duration::from_secs(60))));
    bench.clock.0.store(60, Ordering::SeqCst);
    assert_eq!(bench.sessions.standing(), SessionState::Closed);
    bench.clock.0.store(0, Ordering::SeqCst);
    bench.sessions.forget(&held);
    let waits = {
        let sessions = Arc::clone(&bench.sessions);
        tokio::spawn(async move { sessions.get().await.map(|session| session.value) })
    };
    tokio::task::yield_now().await;
    assert_eq!(bench.sessions.standing(), SessionState::Opening);
    bench.door.open.add_permits(1);
    waits.await.unwrap().unwrap();
    assert_eq!(bench.sessions.standing(), SessionState::Open(Some(Duration::from_secs(60))));
}
