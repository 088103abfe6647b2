//! The load generator against a tiny server: what it counts, how it fails, how it ends. It measures no speed.

use axum::Router;
use axum::extract::State;
use axum::routing::post;

use super::*;

/// A server that counts, and answers 202 until its nth request.
async fn server(last_good: u64) -> (SocketAddr, Arc<AtomicU64>) {
    let seen = Arc::new(AtomicU64::new(0));
    let handler = move |State(seen): State<Arc<AtomicU64>>, body: Bytes| async move {
        let number = seen.fetch_add(1, Ordering::SeqCst);
        assert_eq!(body.as_ref(), b"hello");
        if number < last_good { (StatusCode::ACCEPTED, "taken") } else { (StatusCode::TOO_MANY_REQUESTS, "too many") }
    };
    let router = Router::new().route("/", post(handler)).with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (to, seen)
}

fn load(to: SocketAddr, until: Until) -> Load {
    let make: Make = Arc::new(|_| Ok(Request::post("/").header("host", "gateway.test").body(Full::from("hello"))?));
    Load { to, connections: 4, until, expect: StatusCode::ACCEPTED, make, progress: Arc::default() }
}

#[tokio::test]
async fn a_counted_load_sends_exactly_that_many_and_counts_them_all() {
    let (to, seen) = server(u64::MAX).await;
    let load = load(to, Until::Count(101));
    let progress = Arc::clone(&load.progress);
    let measured = run(load).await.unwrap();
    assert_eq!((measured.answered, measured.counted), (101, 101));
    assert_eq!((seen.load(Ordering::SeqCst), progress.load(Ordering::SeqCst)), (101, 101));
    assert!(measured.per_second() > 0.0);
    assert!(measured.quantile_ms(0.5) > 0.0 && measured.quantile_ms(0.5) <= measured.quantile_ms(0.99));
}

#[tokio::test]
async fn a_timed_load_leaves_its_warm_up_out_of_the_count() {
    let (to, seen) = server(u64::MAX).await;
    let (warm_up, measured) = (Duration::from_millis(50), Duration::from_millis(100));
    let result = run(load(to, Until::Time { warm_up, measured })).await.unwrap();
    assert_eq!(result.over, measured);
    assert_eq!(result.answered, seen.load(Ordering::SeqCst));
    assert!(result.counted > 0 && result.counted < result.answered, "{} of {}", result.counted, result.answered);
}

#[tokio::test]
async fn an_unexpected_answer_ends_the_load_and_is_shown() {
    let (to, _) = server(10).await;
    let error = run(load(to, Until::Count(1000))).await.err().unwrap().to_string();
    assert!(error.contains("429") && error.contains("too many"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    drop(listener);
    let error = run(load(to, Until::Count(1))).await.err().unwrap().to_string();
    assert!(error.contains("cannot connect"), "{error}");
}

#[tokio::test]
async fn a_dropped_load_stops_sending() {
    let (to, _) = server(u64::MAX).await;
    let load = load(to, Until::Time { warm_up: Duration::ZERO, measured: Duration::from_secs(3600) });
    let progress = Arc::clone(&load.progress);
    let running = tokio::spawn(run(load));
    while progress.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    running.abort();
    assert!(running.await.err().unwrap().is_cancelled());
    // The thread holds the counter until its last connection has ended.
    while Arc::strong_count(&progress) > 1 {
        tokio::task::yield_now().await;
    }
}
