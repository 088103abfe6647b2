//! One connection of the simulated portal, HTTP/1.1; it must not decide what a request gets.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming as Body;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::answers::Answer;
use super::cheap;
use super::control;
use super::pipeline::{End, handle};
use super::request::{Received, Unread};
use super::state::Shared;

/// The connection ends without an answer.
#[derive(Debug)]
struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the simulated portal gives no answer")
    }
}

impl std::error::Error for NoAnswer {}

/// Serves one connection until it ends, or, once `drain` changes, until its running answer is out.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>, mut drain: watch::Receiver<u64>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "nagle stays on");
    }
    let reset = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| respond(Arc::clone(&shared), Arc::clone(&reset), request));
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
    if reset.load(Ordering::Relaxed) {
        reset_now(&connection.into_parts().io.into_inner());
    }
}

/// Without lingering, closing the socket sends a reset.
fn reset_now(stream: &TcpStream) {
    if let Err(error) = stream.set_zero_linger() {
        tracing::warn!(%error, "cannot reset the connection");
    }
}

async fn respond(
    shared: Arc<Shared>,
    reset: Arc<AtomicBool>,
    request: Request<Body>,
) -> Result<Response<Full<Bytes>>, NoAnswer> {
    if shared.options.cheap && !request.uri().path().starts_with(control::ROOT) {
        return cheap::answer(&shared, request).await.map(response).ok_or(NoAnswer);
    }
    let received = match Received::read(request, shared.options.limits.body).await {
        Ok(received) => received,
        Err(Unread::TooLarge) => return Ok(response(Answer::plain(413, "body too large"))),
        Err(Unread::Broken) => return Err(NoAnswer),
    };
    match handle(&shared, received).await {
        End::Answer(answer) => Ok(response(answer)),
        End::Close => Err(NoAnswer),
        End::Reset => {
            reset.store(true, Ordering::Relaxed);
            Err(NoAnswer)
        }
    }
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let Answer { status, content_type, retry_after, body } = answer;
    let mut response = Response::new(Full::<Bytes>::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
