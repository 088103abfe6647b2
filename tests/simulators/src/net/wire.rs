//! One connection of a simulated system, HTTP/1.1: answered, closed or reset; it must not decide what a request gets.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// The connection ends without an answer.
#[derive(Debug)]
pub(crate) struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the simulated system gives no answer")
    }
}

impl std::error::Error for NoAnswer {}

/// Set by an answer that is none: the connection is then reset, not closed.
#[derive(Clone, Default)]
pub(crate) struct Reset(Arc<AtomicBool>);

impl Reset {
    pub(crate) fn now(&self) -> NoAnswer {
        self.0.store(true, Ordering::Relaxed);
        NoAnswer
    }
}

/// Serves one connection until it ends, or, once `drain` changes, until its running answer is out.
pub(crate) async fn serve<R, F, B>(stream: TcpStream, mut drain: watch::Receiver<u64>, respond: R)
where
    R: Fn(Reset, Request<Incoming>) -> F,
    F: Future<Output = Result<Response<B>, NoAnswer>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "nagle stays on");
    }
    let reset = Reset::default();
    let service = service_fn(|request| respond(reset.clone(), request));
    let mut connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = Pin::new(&mut connection) => ended,
        _ = drain.changed() => {
            Pin::new(&mut connection).graceful_shutdown();
            Pin::new(&mut connection).await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "connection ended early");
    }
    if reset.0.load(Ordering::Relaxed) {
        reset_now(&connection.into_parts().io.into_inner());
    }
}

/// Without lingering, closing the socket sends a reset.
fn reset_now(stream: &TcpStream) {
    if let Err(error) = stream.set_zero_linger() {
        tracing::warn!(%error, "cannot reset the connection");
    }
}
