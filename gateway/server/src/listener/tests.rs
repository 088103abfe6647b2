//! The port over real sockets: TLS and mTLS, hot swap, time limits, the cap on connections, the graceful end.

mod tls;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;

/// A port that serves; told to stop when dropped.
struct Port {
    addr: SocketAddr,
    stopping: CancellationToken,
    served: JoinHandle<bool>,
}

impl Port {
    fn open(router: Router, tls: Option<TlsSwitch>, limits: ConnectionLimits, drain: Duration) -> Self {
        let listener = Listener::bind(([127, 0, 0, 1], 0).into()).unwrap().with_limits(limits);
        let (addr, stopping) = (listener.addr(), CancellationToken::new());
        let served = tokio::spawn(listener.serve(router, tls, stopping.clone(), drain));
        Self { addr, stopping, served }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.unwrap()
    }

    async fn stopped(self) -> bool {
        self.stopping.cancel();
        tokio::time::timeout(Duration::from_secs(30), self.served).await.expect("the port did not stop").unwrap()
    }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

fn quick() -> ConnectionLimits {
    let soon = Duration::from_millis(500);
    ConnectionLimits { handshake: soon, head: soon, stall: soon, ..ConnectionLimits::default() }
}

async fn say(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Reads to the end; an abrupt end is an end too.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await;
    let _ended_abruptly = read.expect("the connection stayed open");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until the text is there.
async fn until(stream: &mut TcpStream, text: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(text) {
        let mut byte = [0; 256];
        let count = tokio::time::timeout(Duration::from_secs(30), stream.read(&mut byte)).await.unwrap().unwrap();
        assert!(count > 0, "ended early: {seen}");
        seen.push_str(&String::from_utf8_lossy(&byte[..count]));
    }
    seen
}

const GET: &str = "GET / HTTP/1.1\r\nhost: gateway.test\r\n\r\n";

#[tokio::test]
async fn a_connection_serves_many_requests_and_tells_who_came() {
    let whoami = |axum::Extension(PeerAddress(peer)): axum::Extension<PeerAddress>| async move { peer.to_string() };
    let port = Port::open(Router::new().route("/", get(whoami)), None, ConnectionLimits::default(), Duration::ZERO);
    let mut stream = port.connect().await;
    for _ in 0..3 {
        say(&mut stream, GET).await;
        let own = stream.local_addr().unwrap().to_string();
        assert!(until(&mut stream, &own).await.starts_with("HTTP/1.1 200"));
    }
    drop(stream);
    port.stopped().await;
}

#[tokio::test]
async fn http2_is_spoken_without_tls_too() {
    let port = Port::open(hello(), None, ConnectionLimits::default(), Duration::from_secs(5));
    let client = reqwest_client(|builder| builder.http2_prior_knowledge());
    let answer = client.get(format!("http://{}/", port.addr)).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, http::Version::HTTP_2));
    drop(client);
    assert!(port.stopped().await);
}

fn reqwest_client(shape: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder) -> reqwest::Client {
    crate::app::install_crypto();
    shape(reqwest::Client::builder().no_proxy()).build().unwrap()
}

#[tokio::test]
async fn a_peer_that_never_begins_a_request_is_let_go() {
    let port = Port::open(hello(), None, quick(), Duration::ZERO);
    for beginning in ["", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nhost: gate"] {
        let mut stream = port.connect().await;
        say(&mut stream, beginning).await;
        assert!(!rest(&mut stream).await.contains("200"), "{beginning}");
    }
    port.stopped().await;
}

#[tokio::test]
async fn an_answer_that_takes_longer_than_the_limits_of_the_beginning_is_not_cut_off() {
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(1200)).await;
        "slow"
    };
    let port = Port::open(Router::new().route("/", get(slow)), None, quick(), Duration::ZERO);
    let mut stream = port.connect().await;
    say(&mut stream, "GET / HTTP/1.0\r\n\r\n").await;
    assert!(rest(&mut stream).await.ends_with("slow"));
    port.stopped().await;
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_cut_off() {
    let ended = Arc::new(Notify::new());
    struct Tell(Arc<Notify>);
    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    let endless = {
        let ended = Arc::clone(&ended);
        move || {
            let tell = Tell(Arc::clone(&ended));
            async move {
                let chunk = bytes::Bytes::from(vec![0_u8; 64 * 1024]);
                let stream = futures::stream::repeat_with(move || {
                    let _held_until_the_end = &tell;
                    Ok::<_, std::io::Error>(chunk.clone())
                });
                axum::body::Body::from_stream(stream)
            }
        }
    };
    let port = Port::open(Router::new().route("/", get(endless)), None, quick(), Duration::ZERO);
    let mut stream = port.connect().await;
    say(&mut stream, GET).await;
    tokio::time::timeout(Duration::from_secs(30), ended.notified()).await.expect("the body is still written");
    drop(stream);
    port.stopped().await;
}

#[tokio::test]
async fn connections_over_the_cap_wait_for_a_place() {
    let limits = ConnectionLimits { connections: 1, ..ConnectionLimits::default() };
    let port = Port::open(hello(), None, limits, Duration::ZERO);
    let mut first = port.connect().await;
    say(&mut first, GET).await;
    until(&mut first, "hello").await;
    let mut second = port.connect().await;
    say(&mut second, GET).await;
    let mut byte = [0; 1];
    let early = tokio::time::timeout(Duration::from_millis(200), second.read(&mut byte)).await;
    assert!(early.is_err(), "served beside the first");
    drop(first);
    until(&mut second, "hello").await;
    port.stopped().await;
}

#[tokio::test]
async fn at_the_end_work_in_flight_is_finished_and_idle_connections_closed() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (begun, go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
        move || async move {
            begun.notify_one();
            go_on.notified().await;
            "finished"
        }
    };
    let router = hello().route("/slow", get(slow));
    let port = Port::open(router, None, ConnectionLimits::default(), Duration::from_secs(20));
    let mut idle = port.connect().await;
    say(&mut idle, GET).await;
    until(&mut idle, "hello").await;
    let mut busy = port.connect().await;
    say(&mut busy, "GET /slow HTTP/1.1\r\nhost: gateway.test\r\n\r\n").await;
    begun.notified().await;
    port.stopping.cancel();
    assert_eq!(rest(&mut idle).await, "");
    let addr = port.addr;
    tokio::time::timeout(Duration::from_secs(20), async {
        while TcpStream::connect(addr).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("still accepting");
    go_on.notify_one();
    assert!(rest(&mut busy).await.ends_with("finished"));
    assert!(port.stopped().await);
}

#[tokio::test]
async fn what_does_not_finish_within_the_drain_is_cut_off() {
    let begun = Arc::new(Notify::new());
    let never = {
        let begun = Arc::clone(&begun);
        move || async move {
            begun.notify_one();
            std::future::pending::<&str>().await
        }
    };
    let router = Router::new().route("/", get(never));
    let port = Port::open(router, None, ConnectionLimits::default(), Duration::from_millis(100));
    let mut stream = port.connect().await;
    say(&mut stream, GET).await;
    begun.notified().await;
    assert!(!port.stopped().await, "it was cut off");
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn connections_end_with_a_port_that_is_dropped() {
    let port = Port::open(hello(), None, ConnectionLimits::default(), Duration::from_secs(20));
    let mut stream = port.connect().await;
    say(&mut stream, GET).await;
    until(&mut stream, "hello").await;
    port.served.abort();
    assert_eq!(rest(&mut stream).await, "");
}
