//! `Watch`: the journal's events as a stream of the contract. The feed itself is shared with HTTP.

use std::pin::Pin;
use std::sync::Arc;

use futures::Stream;
use lienthong_core::Fault;
use lienthong_proto::v1;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::identity::Call;
use super::{convert, parse, status};
use crate::feed::{Feed, FeedFilter, FeedItem, FeedStart};
use crate::state::{AppState, Pass};

/// Events a slow reader may lag behind before its stream waits for it; the feed then re-reads the journal.
const AHEAD: usize = 64;

pub(crate) type Events = Pin<Box<dyn Stream<Item = Result<v1::Event, Status>> + Send>>;

/// Opens the stream; it ends when the reader leaves or the gateway stops.
pub(crate) async fn events(state: &AppState, call: &Call, request: v1::WatchRequest) -> Result<Events, Fault> {
    let place = state.doors.stream()?;
    let start = if request.from_now { FeedStart::Now } else { FeedStart::After(request.after) };
    let filter = FeedFilter {
        identity: call.identity.clone(),
        key: parse::optional("key", &request.key)?,
        system: parse::optional("system", &request.system)?,
    };
    let feed = Feed::open(Arc::clone(&state.journal), filter, start).await?;
    let (sender, receiver) = mpsc::channel(AHEAD);
    let stopping = state.stopping.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = stopping.cancelled() => {}
            () = forward(feed, sender, place) => {}
        }
    });
    Ok(Box::pin(ReceiverStream::new(receiver)))
}

async fn forward(mut feed: Feed, sender: mpsc::Sender<Result<v1::Event, Status>>, _place: Pass) {
    loop {
        let item = tokio::select! {
            item = feed.next() => item,
            () = sender.closed() => return,
        };
        let message = match item {
            Ok(Some(FeedItem::Event(event))) => Ok(convert::event(&event)),
            Ok(Some(FeedItem::Gap { from, to })) => Ok(convert::gap(from, to)),
            Ok(None) => return,
            Err(fault) => Err(status::status_of(&fault, None)),
        };
        let ended = message.is_err();
        if sender.send(message).await.is_err() || ended {
            return;
        }
    }
}
