//! Law: there is one login at a time, everybody shares it, and nobody who gives up takes it away.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::FaultKind;
use tokio::sync::Notify;

use crate::bench::Bench;
use crate::server::{Raw, Step};
use crate::subject::Subject;
use crate::subjects::all;

const CALLERS: usize = 24;
const A_MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

fn with_sessions() -> impl Iterator<Item = Arc<dyn Subject>> {
    all().into_iter().filter(|subject| subject.has_session())
}

fn begin(bench: &Arc<Bench>) -> tokio::task::JoinHandle<bool> {
    let bench = Arc::clone(bench);
    tokio::spawn(async move { bench.call(&bench.subject.read()).await.is_ok() })
}

#[tokio::test]
async fn concurrent_calls_with_an_expired_session_make_one_login() {
    for subject in with_sessions() {
        let bench = Arc::new(Bench::new(subject).await);
        bench.call(&bench.subject.read()).await.unwrap();
        bench.clock.advance(A_MONTH);
        let go = Arc::new(Notify::new());
        bench.server.logins_get([Step::After(Arc::clone(&go))]);
        let before = bench.server.logins();
        assert_eq!(before, 1, "{}", bench.says("the first call logs in once"));
        let calls: Vec<_> = (0..CALLERS).map(|_| begin(&bench)).collect();
        bench.server.arrived(3).await;
        go.notify_one();
        for call in calls {
            assert!(call.await.unwrap(), "{}", bench.says("a call failed"));
        }
        assert_eq!(bench.server.logins(), before + 1, "{}", bench.says("everybody shares the renewed session"));
        assert_eq!(bench.server.calls(), CALLERS + 1, "{}", bench.says("each call is one request"));
    }
}

#[tokio::test]
async fn a_cancelled_call_does_not_cancel_the_login_it_began() {
    for subject in with_sessions() {
        let bench = Arc::new(Bench::new(subject).await);
        let go = Arc::new(Notify::new());
        bench.server.logins_get([Step::After(Arc::clone(&go))]);
        let first = begin(&bench);
        bench.server.arrived(1).await;
        let second = begin(&bench);
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        go.notify_one();
        assert!(second.await.unwrap(), "{}", bench.says("the other call lost its login"));
        assert_eq!(bench.server.logins(), 1, "{}", bench.says("a second login was made"));
    }
}

#[tokio::test]
async fn a_refused_session_ends_the_attempt_and_the_next_one_logs_in_again() {
    for subject in with_sessions() {
        let bench = Bench::answering(subject, Step::Say(Raw::page(401))).await;
        let fault = bench.call(&bench.subject.write()).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unauthenticated, "{}", bench.says(&fault.to_string()));
        assert_eq!((bench.server.logins(), bench.server.calls()), (1, 1), "{}", bench.says("exactly one attempt"));
        assert!(bench.call(&bench.subject.write()).await.is_ok(), "{}", bench.says("the next attempt"));
        assert_eq!((bench.server.logins(), bench.server.calls()), (2, 2), "{}", bench.says("a new session"));
    }
}

#[tokio::test]
async fn many_refusals_of_one_session_make_one_login() {
    for subject in with_sessions() {
        let bench = Arc::new(Bench::new(subject).await);
        bench.call(&bench.subject.read()).await.unwrap();
        bench.server.calls_get((0..CALLERS).map(|_| Step::Say(Raw::page(401))));
        let refused: Vec<_> = (0..CALLERS).map(|_| begin(&bench)).collect();
        for call in refused {
            assert!(!call.await.unwrap(), "{}", bench.says("a refused call succeeded"));
        }
        let before = bench.server.logins();
        let calls: Vec<_> = (0..CALLERS).map(|_| begin(&bench)).collect();
        for call in calls {
            assert!(call.await.unwrap(), "{}", bench.says("a call failed"));
        }
        assert!(bench.server.logins() <= before + 1, "{}", bench.says("refusals of an old session cost many logins"));
    }
}
