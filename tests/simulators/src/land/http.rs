//! One connection of the simulated land office, HTTP/1.1; it must not decide what a request gets.

use std::sync::Arc;

use hyper::body::Incoming as Body;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::answers::Answer;
use super::files::Content;
use super::pipeline::{End, handle};
use super::state::Shared;
use crate::net::listener::Host;
use crate::net::request::{Received, Unread};
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

async fn respond(shared: Arc<Shared>, reset: Reset, request: Request<Body>) -> Result<Response<Content>, NoAnswer> {
    let received = match Received::read(request, shared.options.limits.body).await {
        Ok(received) => received,
        Err(Unread::TooLarge) => return Ok(response(Answer::plain(413, "Payload Too Large"))),
        Err(Unread::Broken) => return Err(NoAnswer),
    };
    match handle(&shared, &received).await {
        End::Answer(answer) => Ok(response(*answer)),
        End::Close => Err(NoAnswer),
        End::Reset => Err(reset.now()),
    }
}

fn response(answer: Answer) -> Response<Content> {
    let Answer { status, content_type, retry_after, location, length, body } = answer;
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(location) = location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        headers.insert(LOCATION, location);
    }
    response
}
