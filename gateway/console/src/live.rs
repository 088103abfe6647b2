//! Tells open pages that something happened, and nothing of what: they ask again as whoever they are. It buffers nothing.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse as _;
use bytes::Bytes;
use http::{HeaderName, header};
use lienthong_core::{Fault, FaultCode};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use crate::Console;
use crate::guard::Visit;
use crate::refused::{Answer, Refused};

/// However much happens, a page is told at most this often. The first change is told at once.
const APART: Duration = Duration::from_millis(700);
const CHANGED: &str = "event: changed\ndata: 1\n\n";
/// A silent stream says this often that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A reader that takes nothing for this long is cut off.
const STALL: Duration = Duration::from_secs(10);

/// A stream of `changed`, until its session is over, the reader leaves or the gateway stops.
pub(crate) async fn follow(State(console): State<Console>, visit: Visit) -> Answer {
    let place = Arc::clone(&console.0.streams).try_acquire_owned().map_err(|_| full())?;
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(pump(console, visit, sender, place));
    let head = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        // Buffering proxies would hold events back.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((head, Body::from_stream(ReceiverStream::new(receiver))).into_response())
}

fn full() -> Refused {
    let code = FaultCode::Overloaded;
    Fault::new(code.kind(), code, "too many live pages at once").with_retry_after(HEARTBEAT).into()
}

async fn pump(
    console: Console,
    visit: Visit,
    sender: mpsc::Sender<Result<Bytes, Infallible>>,
    _place: OwnedSemaphorePermit,
) {
    let mut happened = console.journal().subscribe();
    let stopping = console.0.parts.stopping.clone();
    let mut frame = "retry: 5000\n\n";
    loop {
        let sent = tokio::time::timeout(STALL, sender.send(Ok(Bytes::from_static(frame.as_bytes())))).await;
        if !matches!(sent, Ok(Ok(()))) || is_over(&console, &visit) {
            return;
        }
        if frame == CHANGED {
            tokio::select! {
                () = tokio::time::sleep(APART) => {}
                () = stopping.cancelled() => return,
            }
        }
        frame = tokio::select! {
            told = happened.recv() => match told {
                // Whoever lags has missed nothing: the page is read whole.
                Ok(_) | Err(RecvError::Lagged(_)) => CHANGED,
                Err(RecvError::Closed) => return,
            },
            () = tokio::time::sleep(HEARTBEAT) => ": \n\n",
            () = sender.closed() => return,
            () = stopping.cancelled() => return,
        };
        // What else happened meanwhile is told with what is told now.
        happened = happened.resubscribe();
    }
}

/// Streams end with their session at the latest, and at once after a logout.
fn is_over(console: &Console, visit: &Visit) -> bool {
    let limits = console.0.parts.sessions.load();
    let now = console.now().as_second();
    visit.session.ends(&limits) <= now || console.0.ended.lock().holds(&visit.session)
}
