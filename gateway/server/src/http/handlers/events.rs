//! Live events as server-sent events, resumable where a reader left off. A reader that does not keep up is cut off, never buffered.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Uri, header};
use lienthong_core::Fault;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use super::Answer;
use crate::feed::{Feed, FeedFilter, FeedItem, FeedStart};
use crate::http::documented;
use crate::http::extract::Known;
use crate::http::model::{Event, EventGap};
use crate::http::params::{Parameters, bad};
use crate::state::{AppState, Pass};

/// Frames written ahead of the reader.
const AHEAD: usize = 4;
/// Events that are ready are joined into one frame up to about this many bytes.
const FRAME_BYTES: usize = 16 * 1024;
/// A reader that takes nothing for this long is cut off; it may come again with its last event id.
pub(crate) const STALL: Duration = Duration::from_secs(10);
/// A silent stream says this often that it lives, and where to resume.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Follows state changes live (server-sent events).
///
/// Each event's id is its sequence number. Resumes after `Last-Event-ID` (or `after`): what was missed is replayed first, without
/// gap or repeat; 0 replays from the oldest event kept. Where retention has removed something in between, a `gap` event says so.
/// Without a role a client sees its own events only.
#[utoipa::path(
    get, path = "/v1/events", tag = "events", operation_id = "followEvents",
    params(documented::LastEventId, documented::EventQuery),
    responses((status = 200, description = "A stream that ends only when the reader leaves, falls behind or the gateway stops.",
               content_type = "text/event-stream", body = Event))
)]
pub(crate) async fn follow(
    State(state): State<AppState>,
    Known(identity): Known,
    headers: HeaderMap,
    uri: Uri,
) -> Answer {
    let mut query = Parameters::of(&uri);
    let (key, system) = (query.take("key"), query.take("system"));
    let after = query.take::<u64>("after");
    query.finish()?;
    let after = last_event_id(&headers)?.or(after);
    let place = state.doors.stream()?;
    let filter = FeedFilter { identity, key, system };
    let start = after.map_or(FeedStart::Now, FeedStart::After);
    let feed = Feed::open(Arc::clone(&state.journal), filter, start).await?;
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(pump(feed, sender, state.stopping.clone(), place));
    let head = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        // Buffering proxies would hold events back.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((head, Body::from_stream(ReceiverStream::new(receiver))).into_response())
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Fault> {
    const NAME: &str = "Last-Event-ID";
    let Some(value) = headers.get(NAME) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    number.map(Some).ok_or_else(|| bad(NAME, "is not the id of one of our events"))
}

/// Moves events from the feed to the connection until the reader leaves or stalls, or the gateway stops.
async fn pump(
    mut feed: Feed,
    sender: mpsc::Sender<Result<Bytes, Infallible>>,
    stopping: CancellationToken,
    _place: Pass,
) {
    let mut frame = position(feed.position(), "retry: 2000\n");
    loop {
        match tokio::time::timeout(STALL, sender.send(Ok(Bytes::from(frame)))).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => {
                tracing::debug!(position = feed.position(), "slow reader of events cut off");
                return;
            }
        }
        frame = tokio::select! {
            frame = next_frame(&mut feed) => match frame {
                Some(frame) => frame,
                None => return,
            },
            () = tokio::time::sleep(HEARTBEAT) => position(feed.position(), ""),
            () = sender.closed() => return,
            () = stopping.cancelled() => return,
        };
    }
}

/// Everything that is ready, up to the size of a frame; waits for the first. `None` when nothing more comes.
async fn next_frame(feed: &mut Feed) -> Option<String> {
    let mut frame = String::new();
    while frame.is_empty() || (feed.has_ready() && frame.len() < FRAME_BYTES) {
        match feed.next().await {
            Ok(Some(item)) => write(&mut frame, &item),
            Ok(None) => return None,
            Err(fault) => {
                tracing::warn!(code = fault.code.as_str(), detail = %fault.detail, "event stream ended");
                return None;
            }
        }
    }
    Some(frame)
}

fn write(frame: &mut String, item: &FeedItem) {
    let text = match item {
        FeedItem::Event(event) => {
            let data = serde_json::to_string(&Event::from(&**event)).unwrap_or_default();
            format!("id: {}\ndata: {data}\n\n", event.seq)
        }
        FeedItem::Gap { from, to } => {
            let data = serde_json::to_string(&EventGap { from: *from, to: *to }).unwrap_or_default();
            format!("id: {to}\nevent: gap\ndata: {data}\n\n")
        }
    };
    frame.push_str(&text);
}

/// An id without data moves the reader's last event id and raises no event.
fn position(seq: u64, more: &str) -> String {
    format!("{more}id: {seq}\n\n")
}
