//! What is accepted is there whole, at once, and in the log.

use std::sync::Arc;

use bytes::Bytes;
use lienthong_core::{ContentType, DeliveryState, StateName};

use super::make::{Desk, at, delivery, draft, ids, text};
use super::{Broken, Checks, Outcome, holds, same, some};
use crate::{AttemptStart, BodyInput, Command, EventKind, Journal};

pub(super) const CHECKS: Checks = &[
    ("what is accepted is read back whole", |journal| Box::pin(read_back(Desk(journal)))),
    ("a fan-out is one exchange with deliveries in the order of their index", |journal| {
        Box::pin(fan_out(Desk(journal)))
    }),
    ("an acceptance writes one event, and one more for a delivery not born queued", |journal| {
        Box::pin(born(Desk(journal)))
    }),
    ("a call is in flight from the first and has no lane", |journal| Box::pin(call(Desk(journal)))),
    ("a part's own content goes with its head", |journal| Box::pin(own_content(Desk(journal)))),
    ("a large body is read back as it was", |journal| Box::pin(large(Desk(journal)))),
    ("a batch is applied in its order, refused ones apart", |journal| Box::pin(batch(Desk(journal)))),
    ("events reach a subscriber after their commit, without a gap", |journal| Box::pin(subscribed(journal))),
];

async fn read_back(desk: Desk) -> Outcome {
    let draft = draft("H56.14-250115-0007")?.with(|acceptance| {
        acceptance.exchange.due_at = Some(at(500));
        acceptance.exchange.expires_at = Some(at(900));
    });
    let taken = desk.accept(&draft).await?;
    same("heads", ids(&taken.heads), vec![draft.delivery(0)])?;
    let head = some("a head", taken.heads.first())?;
    same("inline body", head.body.clone(), bytes_of(&draft.0.body))?;
    let record = some("the exchange", desk.0.exchange(draft.id()).await?)?;
    same("meta", record.meta.as_ref(), &draft.0.exchange)?;
    same("type", record.content_type, ContentType::Json)?;
    same("bytes", desk.0.body(record.body).await?, bytes_of(&draft.0.body))?;
    same("deliveries", record.deliveries.len(), 1)?;
    let seen = desk.see(draft.delivery(0)).await?;
    same("as a head", &seen.delivery, &head.delivery)?;
    same("as a part", record.deliveries.first(), Some(&head.delivery))?;
    holds("it is the head", seen.delivery.is_head)?;
    same("version", seen.delivery.version, 1)
}

fn bytes_of(body: &BodyInput) -> Option<Bytes> {
    match body {
        BodyInput::New { bytes, .. } => Some(bytes.clone()),
        BodyInput::Stored(_) => None,
    }
}

async fn fan_out(desk: Desk) -> Outcome {
    let other = delivery("land", "land.register", "A")?;
    let draft = draft("A")?.with(|acceptance| acceptance.deliveries.push(other));
    let taken = desk.accept(&draft).await?;
    same("heads", ids(&taken.heads), vec![draft.delivery(0), draft.delivery(1)])?;
    let record = some("the exchange", desk.0.exchange(draft.id()).await?)?;
    let systems: Vec<&str> = record.deliveries.iter().map(|delivery| delivery.system.as_str()).collect();
    same("systems", systems, vec!["portal", "land"])
}

async fn born(desk: Desk) -> Outcome {
    let queued = draft("A")?;
    desk.accept(&queued).await?;
    same("events", desk.0.last_event().await?, 1)?;
    let waiting = draft("B")?.each(|delivery| delivery.state = DeliveryState::Waiting { until: at(60) });
    let taken = desk.accept(&waiting).await?;
    same("a waiting one is no ready head", taken.heads.len(), 0)?;
    let events = desk.0.events(1, 10).await?;
    let kinds: Vec<_> = events.iter().map(|event| (event.seq, event.kind, event.delivery)).collect();
    let want = vec![(2, EventKind::Accepted, None), (3, EventKind::Waiting, Some(waiting.delivery(0)))];
    same("events", kinds, want)?;
    let accepted = some("an event", events.first())?;
    same("its exchange", accepted.exchange, Some(waiting.id()))?;
    same("its key", accepted.key.as_ref(), Some(&waiting.0.exchange.key))
}

async fn call(desk: Desk) -> Outcome {
    let start = AttemptStart {
        attempt: 1,
        reference: "call-1".to_owned(),
        at: at(0),
        sent: text("{\"find\":1}"),
        config: "config-1".parse()?,
    };
    let draft = draft("A")?.each(|delivery| {
        delivery.lane = None;
        delivery.state = DeliveryState::InFlight { attempt: 1 };
        delivery.attempt = Some(start.clone());
    });
    let taken = desk.accept(&draft).await?;
    same("heads", taken.heads.len(), 0)?;
    let doubtful = desk.0.in_doubt(10).await?;
    same("in doubt", ids(&doubtful), vec![draft.delivery(0)])?;
    let attempts = desk.0.attempts(draft.delivery(0)).await?;
    let attempt = some("the attempt", attempts.first())?;
    same("reference", attempt.reference.as_str(), "call-1")?;
    same("attempts", desk.see(draft.delivery(0)).await?.delivery.attempts, 1)?;
    same("sent", desk.0.body(attempt.sent).await?, Some(Bytes::from_static(b"{\"find\":1}")))
}

async fn own_content(desk: Desk) -> Outcome {
    let draft = draft("A")?.each(|delivery| {
        delivery.body = Some(BodyInput::New { content_type: ContentType::Xml, bytes: Bytes::from_static(b"<part/>") });
    });
    let taken = desk.accept(&draft).await?;
    let head = some("a head", taken.heads.first())?;
    same("bytes", head.body.as_deref(), Some(&b"<part/>"[..]))?;
    same("type", head.content_type, ContentType::Xml)?;
    same("size", head.body_bytes, 7)?;
    let body = some("its own body", head.delivery.body)?;
    same("stored", desk.0.body(body).await?.as_deref(), Some(&b"<part/>"[..]))
}

async fn large(desk: Desk) -> Outcome {
    let bytes = Bytes::from(vec![b'x'; 300 * 1024]);
    let body = BodyInput::New { content_type: ContentType::Binary, bytes: bytes.clone() };
    let first = draft("A")?.with(|acceptance| acceptance.body = body.clone());
    let second = draft("B")?.with(|acceptance| acceptance.body = body);
    desk.accept(&first).await?;
    desk.accept(&second).await?;
    for draft in [first, second] {
        let record = some("the exchange", desk.0.exchange(draft.id()).await?)?;
        same("size", record.body_bytes, bytes.len() as u64)?;
        holds("bytes", desk.0.body(record.body).await?.as_ref() == Some(&bytes))?;
    }
    Ok(())
}

async fn batch(desk: Desk) -> Outcome {
    let (first, second, third) = (draft("A")?, draft("A")?, draft("B")?.once("k", 1)?);
    let clash = draft("C")?.once("k", 2)?;
    let commands: Vec<Command> = [&first, &second, &third, &clash].iter().map(|draft| draft.command()).collect();
    let results = desk.0.commit(commands).await?;
    same("results", results.iter().map(Result::is_ok).collect::<Vec<_>>(), vec![true, true, true, false])?;
    let (one, two) = (desk.see(first.delivery(0)).await?, desk.see(second.delivery(0)).await?);
    holds("order", one.delivery.lane_seq < two.delivery.lane_seq)?;
    same("heads", (one.delivery.is_head, two.delivery.is_head), (true, false))?;
    holds("the refused one left nothing", desk.0.exchange(clash.id()).await?.is_none())?;
    let page = desk.0.exchanges(crate::ExchangeFilter::default(), None, 10).await?;
    same("exchanges", page.rows.len(), 3)?;
    let backlog = desk.0.backlog().await?;
    same("rows", backlog.len(), 1)?;
    let row = some("a row", backlog.first())?;
    same("queued", (row.state, row.count), (StateName::Queued, 3))
}

async fn subscribed(journal: Arc<dyn Journal>) -> Outcome {
    let desk = Desk(journal);
    let mut listening = desk.0.subscribe();
    let draft = draft("A")?;
    desk.accept(&draft).await?;
    desk.deliver(draft.delivery(0)).await?;
    let mut heard = Vec::new();
    while heard.len() < 3 {
        let events = listening.recv().await.map_err(|error| Broken::Unexpected(error.to_string()))?;
        heard.extend(events.iter().cloned());
    }
    same("seqs", heard.iter().map(|event| event.seq).collect::<Vec<_>>(), vec![1, 2, 3])?;
    same("as stored", desk.0.events(0, 10).await?, heard)
}
