//! Ready heads by rank, what wakes when, what was in flight, and the counted backlog.

use std::sync::Arc;

use lienthong_core::{Class, DeliveryId, DeliveryState, StateName};

use super::make::{Desk, Draft, SYSTEM, admit, at, draft, ids, to};
use super::{Broken, Checks, Outcome, holds, same, some};
use crate::{EventKind, HeadQuery};

pub(super) const CHECKS: Checks = &[
    ("ready heads come by rank, then by acceptance", |journal| Box::pin(by_rank(Desk(journal)))),
    ("heads in memory already are not read again", |journal| Box::pin(skipped(Desk(journal)))),
    ("heads are read by system, class and client", |journal| Box::pin(selected(Desk(journal)))),
    ("bodies come along up to the size asked", |journal| Box::pin(inline(Desk(journal)))),
    ("a waiting head is ready when its time has come", |journal| Box::pin(timers(Desk(journal)))),
    ("only heads are scheduled", |journal| Box::pin(heads_only(Desk(journal)))),
    ("what is in flight is in doubt, oldest first", |journal| Box::pin(in_doubt(Desk(journal)))),
    ("the backlog is counted by system, client, class and state", |journal| Box::pin(backlog(Desk(journal)))),
];

fn query(limit: usize) -> Result<HeadQuery, Broken> {
    Ok(HeadQuery {
        system: SYSTEM.parse()?,
        class: Class::Live,
        client: None,
        now: at(0),
        limit,
        inline: 1024,
        skip: Arc::default(),
    })
}

async fn read(desk: &Desk, query: HeadQuery) -> Result<Vec<DeliveryId>, Broken> {
    Ok(ids(&desk.0.heads(query).await?))
}

fn due(draft: Draft, seconds: i64) -> Draft {
    draft.with(|acceptance| acceptance.exchange.due_at = Some(at(seconds)))
}

async fn by_rank(desk: Desk) -> Outcome {
    let late = due(draft("A")?, 900);
    let none = draft("B")?;
    let past = due(draft("C")?, -900);
    let tied = due(draft("D")?, 900);
    for draft in [&late, &none, &past, &tied] {
        desk.accept(draft).await?;
    }
    let want = vec![past.delivery(0), late.delivery(0), tied.delivery(0), none.delivery(0)];
    same("order", read(&desk, query(10)?).await?, want.clone())?;
    same("the first two", read(&desk, query(2)?).await?, want.into_iter().take(2).collect())
}

async fn skipped(desk: Desk) -> Outcome {
    let (first, second, third) = (due(draft("A")?, 1), due(draft("B")?, 2), due(draft("C")?, 3));
    for draft in [&first, &second, &third] {
        desk.accept(draft).await?;
    }
    let skip = Arc::new([first.delivery(0), second.delivery(0)].into());
    same("the rest", read(&desk, HeadQuery { skip, ..query(1)? }).await?, vec![third.delivery(0)])
}

async fn selected(desk: Desk) -> Outcome {
    let live = draft("A")?;
    let bulk = draft("B")?.with(|acceptance| acceptance.exchange.class = Class::Bulk);
    let other = draft("C")?;
    let client: lienthong_core::ClientId = "client-2".parse()?;
    let other = other.each(|delivery| delivery.client = client.clone());
    for draft in [&live, &bulk, &other] {
        desk.accept(draft).await?;
    }
    same("live", read(&desk, query(10)?).await?, vec![live.delivery(0), other.delivery(0)])?;
    let of_client = HeadQuery { client: Some(client), ..query(10)? };
    same("one client's", read(&desk, of_client).await?, vec![other.delivery(0)])?;
    same("bulk", read(&desk, HeadQuery { class: Class::Bulk, ..query(10)? }).await?, vec![bulk.delivery(0)])?;
    let nobody = HeadQuery { system: "land".parse()?, ..query(10)? };
    same("another system's", read(&desk, nobody).await?.len(), 0)
}

async fn inline(desk: Desk) -> Outcome {
    let draft = draft("A")?;
    desk.accept(&draft).await?;
    let with = some("a head", desk.0.heads(query(1)?).await?.pop())?;
    same("with its body", with.body, Some("{\"key\":\"A\"}".into()))?;
    let without = some("a head", desk.0.heads(HeadQuery { inline: 4, ..query(1)? }).await?.pop())?;
    same("too large", (without.body, without.body_bytes), (None, 11))?;
    same("meta", without.exchange.as_ref(), &draft.0.exchange)
}

async fn timers(desk: Desk) -> Outcome {
    let waiting = draft("A")?.each(|delivery| delivery.state = DeliveryState::Waiting { until: at(50) });
    desk.accept(&waiting).await?;
    same("asleep", read(&desk, query(10)?).await?.len(), 0)?;
    same("wakes", desk.0.next_wake(&SYSTEM.parse()?).await?, Some(at(50)))?;
    same("nobody elsewhere", desk.0.next_wake(&"land".parse()?).await?, None)?;
    let awake = HeadQuery { now: at(50), ..query(10)? };
    same("awake", read(&desk, awake.clone()).await?, vec![waiting.delivery(0)])?;
    let earlier = draft("B")?.each(|delivery| delivery.state = DeliveryState::Waiting { until: at(20) });
    desk.accept(&earlier).await?;
    same("the earliest", desk.0.next_wake(&SYSTEM.parse()?).await?, Some(at(20)))?;
    desk.go(admit(&desk.see(earlier.delivery(0)).await?)).await?;
    same("in flight no more", desk.0.next_wake(&SYSTEM.parse()?).await?, Some(at(50)))?;
    same("nor ready", read(&desk, awake).await?, vec![waiting.delivery(0)])
}

async fn heads_only(desk: Desk) -> Outcome {
    let first = draft("A")?;
    desk.accept(&first).await?;
    let behind = draft("A")?.each(|delivery| delivery.state = DeliveryState::Waiting { until: at(5) });
    desk.accept(&behind).await?;
    desk.accept(&draft("A")?).await?;
    let late = HeadQuery { now: at(100), ..query(10)? };
    same("the head alone", read(&desk, late.clone()).await?, vec![first.delivery(0)])?;
    same("no timer behind it", desk.0.next_wake(&SYSTEM.parse()?).await?, None)?;
    let went = desk.deliver(first.delivery(0)).await?;
    same("its time had come", ids(went.head.as_deref()), vec![behind.delivery(0)])?;
    same("timer", desk.0.next_wake(&SYSTEM.parse()?).await?, Some(at(5)))?;
    same("ready", read(&desk, late).await?, vec![behind.delivery(0)])
}

async fn in_doubt(desk: Desk) -> Outcome {
    let (first, second) = (draft("A")?, draft("B")?);
    for draft in [&first, &second] {
        desk.accept(draft).await?;
    }
    for draft in [&second, &first] {
        desk.go(admit(&desk.see(draft.delivery(0)).await?)).await?;
    }
    same("both", ids(&desk.0.in_doubt(10).await?), vec![first.delivery(0), second.delivery(0)])?;
    same("at most", ids(&desk.0.in_doubt(1).await?), vec![first.delivery(0)])?;
    same("not ready", read(&desk, query(10)?).await?.len(), 0)
}

async fn backlog(desk: Desk) -> Outcome {
    let (first, second, third) = (draft("A")?, draft("A")?, draft("B")?);
    for draft in [&first, &second, &third] {
        desk.accept(draft).await?;
    }
    desk.go(admit(&desk.see(first.delivery(0)).await?)).await?;
    let parked = to(&desk.see(third.delivery(0)).await?, DeliveryState::Parked, EventKind::Parked);
    desk.go(parked).await?;
    let mut rows: Vec<_> = desk.0.backlog().await?.iter().map(|row| (row.state, row.count)).collect();
    rows.sort_unstable();
    same("rows", rows, vec![(StateName::Queued, 1), (StateName::InFlight, 1), (StateName::Parked, 1)])?;
    let row = some("a row", desk.0.backlog().await?.into_iter().next())?;
    same("whose", (row.system.as_str(), row.client.as_str(), row.class), (SYSTEM, "client-1", Class::Live))?;
    desk.deliver(first.delivery(0)).await.err();
    let flying = desk.see(first.delivery(0)).await?;
    desk.go(super::make::delivered(&flying)).await?;
    let flying = desk.0.backlog().await?.iter().any(|row| row.state == StateName::InFlight);
    holds("what is over is not counted", !flying)
}
