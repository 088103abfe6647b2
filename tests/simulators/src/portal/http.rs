//! One connection of the simulated portal, HTTP/1.1; it must not decide what a request gets.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming as Body;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::answers::Answer;
use super::cheap;
use super::control;
use super::options::Strangers;
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
        self.counters.connections.fetch_add(1, Ordering::Relaxed);
        let caller = stream.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        async move {
            if self.options.strangers == Strangers::Closed && self.is_stranger(caller) {
                return;
            }
            wire::serve(stream, drain, move |reset, request| respond(Arc::clone(&self), reset, caller, request)).await;
        }
    }
}

async fn respond(
    shared: Arc<Shared>,
    reset: Reset,
    caller: IpAddr,
    request: Request<Body>,
) -> Result<Response<Full<Bytes>>, NoAnswer> {
    if !request.uri().path().starts_with(control::ROOT) && shared.is_stranger(caller) {
        return match shared.options.strangers {
            Strangers::Page => Ok(response(Answer::forbidden())),
            Strangers::NamedPage => Ok(response(Answer::unknown_address())),
            Strangers::Closed => Err(reset.now()),
        };
    }
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
        End::Reset => Err(reset.now()),
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
