//! One connection of the simulated tax gateway, HTTP/1.1; it must not decide what a request gets.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming as Body;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::pipeline::{Answer, End, Received, handle};
use super::state::Shared;
use crate::net::listener::Host;
use crate::net::wire::{self, NoAnswer, Reset};

impl Host for Shared {
    fn outage_begins(&self) {
        self.state.lock().tally.outages += 1;
    }

    fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        drain: watch::Receiver<u64>,
    ) -> impl Future<Output = ()> + Send + 'static {
        wire::serve(stream, drain, move |reset, request| respond(Arc::clone(&self), reset, request))
    }
}

async fn respond(shared: Arc<Shared>, reset: Reset, request: Request<Body>) -> Result<Response<Full<Bytes>>, NoAnswer> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, shared.options.body_limit).collect().await {
        Ok(whole) => whole.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Ok(response(Answer::page(413, "body too large"))),
        Err(_) => return Err(NoAnswer),
    };
    let path = head.uri.path().to_owned();
    let query = head.uri.query().unwrap_or_default().to_owned();
    match handle(shared, Received { method: head.method, path, query, body }).await {
        End::Answer(answer) => Ok(response(answer)),
        End::Close => Err(NoAnswer),
        End::Reset => Err(reset.now()),
    }
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let Answer { status, content_type, retry_after, body } = answer;
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
