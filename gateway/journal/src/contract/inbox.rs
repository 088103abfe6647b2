//! Inbox items: handed out in order, again when not acknowledged in time, gone when acknowledged.

use lienthong_core::{DeliveryState, SystemId};

use super::make::{Desk, Draft, at, delivery, draft, ids, to};
use super::{Broken, Checks, Outcome, done, same, some};
use crate::{Command, Committed, EventKind, InboxItem};

pub(super) const CHECKS: Checks = &[
    ("a client sees its items, oldest first, one a lane", |journal| Box::pin(visible(Desk(journal)))),
    ("a leased item is invisible until its lease ends", |journal| Box::pin(leased(Desk(journal)))),
    ("an item is leased to one only", |journal| Box::pin(once(Desk(journal)))),
    ("an acknowledged item is gone and the next shows", |journal| Box::pin(acknowledged(Desk(journal)))),
    ("only inbox items are leased", |journal| Box::pin(others(Desk(journal)))),
];

/// An item for `client-2` in the lane of `key`.
fn item(key: &str) -> Result<Draft, Broken> {
    let mut item = delivery(SystemId::INBOX, "inbox.take", key)?;
    item.client = "client-2".parse()?;
    Ok(draft(key)?.with(|acceptance| acceptance.deliveries = vec![item]))
}

async fn inbox(desk: &Desk, seconds: i64) -> Result<Vec<InboxItem>, Broken> {
    Ok(desk.0.inbox(&"client-2".parse()?, at(seconds), 10).await?)
}

fn shown(items: &[InboxItem]) -> Vec<lienthong_core::DeliveryId> {
    items.iter().map(|item| item.delivery.id).collect()
}

async fn lease(desk: &Desk, draft: &Draft, from: i64, until: i64) -> Result<usize, Broken> {
    let command = Command::LeaseInbox { deliveries: vec![draft.delivery(0)], until: at(until), at: at(from) };
    match done(desk.one(command).await?)? {
        Committed::Leased(count) => Ok(count),
        other => Err(Broken::Unexpected(format!("not leased: {other:?}"))),
    }
}

async fn visible(desk: Desk) -> Outcome {
    let late = item("A")?.received(20).with(|acceptance| acceptance.exchange.due_at = Some(at(21)));
    let early = item("B")?.received(10).with(|acceptance| acceptance.exchange.due_at = Some(at(99)));
    let behind = item("A")?.received(5);
    for draft in [&late, &early, &behind] {
        desk.accept(draft).await?;
    }
    let items = inbox(&desk, 30).await?;
    same("oldest first", shown(&items), vec![early.delivery(0), late.delivery(0)])?;
    let first = some("an item", items.first())?;
    same("body", first.body.as_ref(), &b"{\"key\":\"B\"}"[..])?;
    same("never handed out", first.handed_out, 0)?;
    same("at most", desk.0.inbox(&"client-2".parse()?, at(30), 1).await?.len(), 1)?;
    same("another's", desk.0.inbox(&"client-1".parse()?, at(30), 10).await?.len(), 0)
}

async fn leased(desk: Desk) -> Outcome {
    let draft = item("A")?;
    desk.accept(&draft).await?;
    same("leased", lease(&desk, &draft, 10, 40).await?, 1)?;
    same("invisible", inbox(&desk, 39).await?.len(), 0)?;
    let again = inbox(&desk, 40).await?;
    same("visible again", shown(&again), vec![draft.delivery(0)])?;
    same("handed out", again.first().map(|item| item.handed_out), Some(1))?;
    let last = desk.0.events(desk.0.last_event().await?.saturating_sub(1), 1).await?;
    same("told", last.first().map(|event| event.kind), Some(EventKind::InboxLeased))
}

async fn once(desk: Desk) -> Outcome {
    let draft = item("A")?;
    desk.accept(&draft).await?;
    same("the first", lease(&desk, &draft, 10, 40).await?, 1)?;
    same("the second", lease(&desk, &draft, 11, 50).await?, 0)?;
    same("after the lease", lease(&desk, &draft, 41, 60).await?, 1)
}

async fn acknowledged(desk: Desk) -> Outcome {
    let (first, second) = (item("A")?, item("A")?);
    for draft in [&first, &second] {
        desk.accept(draft).await?;
    }
    lease(&desk, &first, 10, 40).await?;
    let acknowledged = to(&desk.see(first.delivery(0)).await?, DeliveryState::Delivered, EventKind::Delivered);
    let went = desk.go(acknowledged).await?;
    same("the next", ids(went.head.as_deref()), vec![second.delivery(0)])?;
    same("shown", shown(&inbox(&desk, 10).await?), vec![second.delivery(0)])
}

async fn others(desk: Desk) -> Outcome {
    let draft = draft("A")?;
    desk.accept(&draft).await?;
    same("not leased", lease(&desk, &draft, 10, 40).await?, 0)?;
    same("untouched", desk.state(draft.delivery(0)).await?, DeliveryState::Queued)
}
