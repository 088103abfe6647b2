//! Server-sent events: replay, live, resume, filters, bounds.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures::StreamExt as _;
use http::{Request, StatusCode};
use serde_json::Value;

use super::world::{CODE, LAND, ONE_STOP, VIEWER, World, get, until};
use crate::http::handlers::events::STALL;

/// A reader of server-sent events.
struct Reader {
    stream: BodyDataStream,
    text: String,
    ready: VecDeque<(u64, String, Value)>,
}

impl Reader {
    async fn open(world: &World, request: Request<Body>) -> Self {
        let response = world.send(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        Self { stream: response.into_body().into_data_stream(), text: String::new(), ready: VecDeque::new() }
    }

    /// The next event with data: id, type and data. `None` when the stream ends.
    async fn next(&mut self) -> Option<(u64, String, Value)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let chunk =
                tokio::time::timeout(Duration::from_secs(60), self.stream.next()).await.expect("no event came")?;
            self.text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                if let Some(data) = field("data") {
                    let kind = field("event").unwrap_or("message").to_owned();
                    let data = serde_json::from_str(data).unwrap();
                    self.ready.push_back((field("id").unwrap().parse().unwrap(), kind, data));
                }
                self.text = rest.to_owned();
            }
        }
    }

    async fn take(&mut self, count: usize) -> Vec<(u64, Value)> {
        let mut events = Vec::new();
        while events.len() < count {
            let (id, _, data) = self.next().await.expect("the stream ended");
            events.push((id, data));
        }
        events
    }
}

fn ids(events: &[(u64, Value)]) -> Vec<u64> {
    events.iter().map(|(id, _)| *id).collect()
}

/// Delivers one dossier: accepted, admitted, delivered.
async fn delivered(world: &World, code: &str) {
    let id = world.submitted(code).await;
    world.until(&id, "delivered").await;
}

#[tokio::test]
async fn events_are_replayed_then_live_without_gap_or_repeat() {
    let world = World::new().await;
    delivered(&world, CODE).await;
    let mut reader = Reader::open(&world, get(VIEWER, "/v1/events?after=0")).await;
    let past = reader.take(3).await;
    let kinds: Vec<&str> = past.iter().map(|(_, event)| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["accepted", "admitted", "delivered"]);
    delivered(&world, "H56.14-250115-0008").await;
    let all = [past, reader.take(3).await].concat();
    let first = all[0].0;
    assert_eq!(ids(&all), (first..first + 6).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_reader_resumes_where_it_left_off_whatever_the_query_says() {
    let world = World::new().await;
    delivered(&world, CODE).await;
    let seen = Reader::open(&world, get(VIEWER, "/v1/events?after=0")).await.take(2).await;
    delivered(&world, "H56.14-250115-0008").await;
    let mut request = get(VIEWER, "/v1/events?after=0");
    request.headers_mut().insert("last-event-id", seen[1].0.to_string().parse().unwrap());
    let rest = Reader::open(&world, request).await.take(4).await;
    assert_eq!(rest[0].0, seen[1].0 + 1);
    assert_eq!(rest[0].1["kind"], "delivered");
}

#[tokio::test]
async fn without_a_place_only_what_happens_from_now_on_is_sent() {
    let world = World::new().await;
    delivered(&world, CODE).await;
    let mut reader = Reader::open(&world, get(VIEWER, "/v1/events")).await;
    world.submitted("H56.14-250115-0008").await;
    let (_, _, event) = reader.next().await.unwrap();
    assert_eq!((event["kind"].as_str(), event["key"].as_str()), (Some("accepted"), Some("H56.14-250115-0008")));
}

#[tokio::test]
async fn filters_and_permissions_confine_a_feed() {
    let world = World::new().await;
    delivered(&world, CODE).await;
    delivered(&world, "H56.14-250115-0008").await;
    let keyed = Reader::open(&world, get(ONE_STOP, &format!("/v1/events?after=0&key={CODE}"))).await.take(3).await;
    assert!(keyed.iter().all(|(_, event)| event["key"] == CODE));
    let mut stranger = Reader::open(&world, get(LAND, "/v1/events?after=0")).await;
    let mut elsewhere = Reader::open(&world, get(VIEWER, "/v1/events?after=0&system=land")).await;
    world.state.stopping.cancel();
    assert_eq!(stranger.next().await, None, "another client's events are not sent; the stream ends with the gateway");
    assert_eq!(elsewhere.next().await, None);
}

#[tokio::test]
async fn a_place_beyond_the_end_or_no_place_at_all_is_refused() {
    let world = World::new().await;
    world.get(VIEWER, "/v1/events?after=999999").await.names(400, "LT-BAD-PARAMETER", "after");
    let mut request = get(VIEWER, "/v1/events");
    request.headers_mut().insert("last-event-id", "first".parse().unwrap());
    world.ask(request).await.names(400, "LT-BAD-PARAMETER", "Last-Event-ID");
}

#[tokio::test]
async fn streams_are_counted_and_their_places_given_back() {
    let world = World::new().await;
    let mut readers = Vec::new();
    for _ in 0..world.state.limits.event_streams {
        readers.push(Reader::open(&world, get(VIEWER, "/v1/events")).await);
    }
    world.get(VIEWER, "/v1/events").await.problem(429, "LT-OVERLOADED");
    drop(readers);
    until(async || world.state.doors.stream().ok()).await;
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut_off_and_can_resume() {
    let world = World::new().await;
    delivered(&world, CODE).await;
    let mut stuck = Reader::open(&world, get(VIEWER, "/v1/events?after=0")).await;
    let seen = ids(&stuck.take(3).await);
    tokio::time::pause();
    // Frames pile up to the bound of the channel, then the pump gives up: its place comes back.
    let places = world.state.limits.event_streams;
    let all_free = || (0..places).map_while(|_| world.state.doors.stream().ok()).collect::<Vec<_>>().len() == places;
    for _heartbeat in 0..20 {
        tokio::time::advance(STALL).await;
        tokio::task::yield_now().await;
    }
    assert!(all_free(), "the stalled stream still holds its place");
    tokio::time::resume();
    assert_eq!(stuck.next().await, None, "the stream ends");
    delivered(&world, "H56.14-250115-0008").await;
    let mut request = get(VIEWER, "/v1/events");
    request.headers_mut().insert("last-event-id", seen[2].to_string().parse().unwrap());
    let rest = Reader::open(&world, request).await.take(3).await;
    assert_eq!(ids(&rest), (seen[2] + 1..seen[2] + 4).collect::<Vec<_>>());
}
