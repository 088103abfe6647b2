//! Retention: what is open stays, what is over goes in its time, and what is shared stays as long as it is used.

use std::time::Duration;

use lienthong_core::{ContentType, Timestamp};

use super::make::{Desk, at, discarded, draft, released};
use super::{Checks, Outcome, holds, same, some};
use crate::{BodyInput, ExchangeFilter, JournalError, Pace, Retention, RetentionStep};

pub(super) const CHECKS: Checks = &[
    ("bodies go first, exchanges later, events and keys last", |journal| Box::pin(in_turn(Desk(journal)))),
    ("when a key stood still is forgotten with the key", |journal| Box::pin(standstills_go(Desk(journal)))),
    ("what is open stays, and goes when it is over", |journal| Box::pin(open_stays(Desk(journal)))),
    ("a body shared by another exchange stays", |journal| Box::pin(shared(Desk(journal)))),
    ("a large body shared by another exchange stays", |journal| Box::pin(shared_large(Desk(journal)))),
    ("numbers are never given twice", |journal| Box::pin(numbers(Desk(journal)))),
];

const DAY: i64 = 24 * 3600;

fn keep(bodies: i64, exchanges: i64, events: i64) -> Retention {
    let days = |days: i64| Duration::from_secs(u64::try_from(days * DAY).unwrap_or(0));
    Retention { bodies: days(bodies), exchanges: days(exchanges), events: days(events), step_rows: 3 }
}

/// Steps until done.
async fn retain(desk: &Desk, keep: Retention, now: Timestamp) -> Result<RetentionStep, JournalError> {
    let mut all = RetentionStep::default();
    while !all.done {
        let step = desk.0.retain(keep, now).await?;
        all.bodies += step.bodies;
        all.exchanges += step.exchanges;
        all.events += step.events;
        all.idempotency_keys += step.idempotency_keys;
        all.done = step.done;
    }
    Ok(all)
}

async fn in_turn(desk: Desk) -> Outcome {
    let mut drafts = Vec::new();
    for number in 0..7 {
        let draft =
            draft(&format!("K-{number}"))?.once(&format!("k-{number}"), 1)?.alias(&format!("ALIAS-{number}"))?;
        desk.accept(&draft).await?;
        desk.deliver(draft.delivery(0)).await?;
        drafts.push(draft);
    }
    let keep = keep(1, 10, 20);
    let nothing = RetentionStep { done: true, ..RetentionStep::default() };
    same("too young", retain(&desk, keep, at(900)).await?, nothing)?;
    let step = retain(&desk, keep, at(2 * DAY)).await?;
    same("bodies and keys", (step.bodies, step.exchanges, step.idempotency_keys), (21, 0, 7))?;
    let first = some("a draft", drafts.first())?;
    let record = some("the exchange stays", desk.0.exchange(first.id()).await?)?;
    same("its body is gone", desk.0.body(record.body).await?, None)?;
    same("its size is known", record.body_bytes, 13)?;
    let step = retain(&desk, keep, at(11 * DAY)).await?;
    same("exchanges", (step.exchanges, step.bodies, step.events), (7, 0, 0))?;
    holds("gone", desk.0.exchange(first.id()).await?.is_none())?;
    same("lists", desk.0.exchanges(ExchangeFilter::default(), None, 10).await?.rows.len(), 0)?;
    same("alias", desk.0.resolve(&"ALIAS-0".parse()?).await?.as_str(), "ALIAS-0")?;
    same("events stay", desk.0.events(0, 100).await?.len(), 21)?;
    same("events", retain(&desk, keep, at(21 * DAY)).await?.events, 21)?;
    same("none left", desk.0.events(0, 100).await?.len(), 0)
}

async fn open_stays(desk: Desk) -> Outcome {
    let (queued, parked) = (draft("A")?, draft("B")?);
    for draft in [&queued, &parked] {
        desk.accept(draft).await?;
    }
    desk.park(parked.delivery(0), "sai mã").await?;
    let keep = keep(1, 1, 1);
    let step = retain(&desk, keep, at(9 * DAY)).await?;
    same("nothing", (step.bodies, step.exchanges), (0, 0))?;
    desk.go(discarded(&desk.see(parked.delivery(0)).await?)).await?;
    let step = retain(&desk, keep, at(9 * DAY)).await?;
    same("in its turn", (step.bodies, step.exchanges), (3, 1))?;
    holds("gone", desk.0.exchange(parked.id()).await?.is_none())?;
    let head = desk.see(queued.delivery(0)).await?;
    holds("its body stays", desk.0.body(head.body_id).await?.is_some())?;
    desk.go(released(&head)).await.map(|_| ())
}

async fn standstills_go(desk: Desk) -> Outcome {
    let (key, first) = ("A".parse()?, draft("A")?.with(|acceptance| acceptance.noted.pace = Some(Pace::StandsStill)));
    desk.accept(&first).await?;
    desk.deliver(first.delivery(0)).await?;
    same("kept with its key", desk.0.standstills(&key).await?.len(), 1)?;
    retain(&desk, keep(1, 1, 1), at(9 * DAY)).await?;
    desk.accept(&draft("A")?).await?;
    same("a key that comes again begins anew", desk.0.standstills(&key).await?, Vec::new())
}

async fn shared(desk: Desk) -> Outcome {
    let first = draft("A")?;
    desk.accept(&first).await?;
    desk.deliver(first.delivery(0)).await?;
    let body = some("the exchange", desk.0.exchange(first.id()).await?)?.body;
    let resent = draft("A")?.with(|acceptance| acceptance.body = BodyInput::Stored(body));
    desk.accept(&resent).await?;
    same("exchanges", retain(&desk, keep(1, 1, 1), at(9 * DAY)).await?.exchanges, 1)?;
    holds("still used", desk.0.body(body).await?.is_some())?;
    desk.go(discarded(&desk.see(resent.delivery(0)).await?)).await?;
    same("the other", retain(&desk, keep(1, 1, 1), at(9 * DAY)).await?.exchanges, 1)?;
    holds("gone with its last", desk.0.body(body).await?.is_none())
}

async fn shared_large(desk: Desk) -> Outcome {
    let body = BodyInput::New { content_type: ContentType::Binary, bytes: vec![7; 200 * 1024].into() };
    let (first, second) = (draft("A")?, draft("B")?);
    let first = first.with(|acceptance| acceptance.body = body.clone());
    let second = second.with(|acceptance| acceptance.body = body);
    for draft in [&first, &second] {
        desk.accept(draft).await?;
    }
    desk.deliver(first.delivery(0)).await?;
    same("exchanges", retain(&desk, keep(1, 1, 1), at(9 * DAY)).await?.exchanges, 1)?;
    let kept = desk.see(second.delivery(0)).await?;
    same("bytes", desk.0.body(kept.body_id).await?.map(|bytes| bytes.len()), Some(200 * 1024))
}

async fn numbers(desk: Desk) -> Outcome {
    let first = draft("A")?;
    desk.accept(&first).await?;
    desk.deliver(first.delivery(0)).await?;
    let before = (desk.0.last_event().await?, desk.see(first.delivery(0)).await?.delivery.lane_seq);
    retain(&desk, keep(1, 1, 1), at(9 * DAY)).await?;
    same("the last event is remembered", desk.0.last_event().await?, before.0)?;
    let second = draft("A")?;
    desk.accept(&second).await?;
    same("it goes on", desk.0.last_event().await?, before.0 + 1)?;
    holds("lanes too", desk.see(second.delivery(0)).await?.delivery.lane_seq > before.1)
}
