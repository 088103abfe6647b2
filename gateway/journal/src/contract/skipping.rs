//! Lanes whose route lets the next go by a parked one: aside is not over, and coming back keeps the order.

use lienthong_core::DeliveryState;

use super::make::{Desk, Draft, admit, delivered, discarded, draft, end, ids, released};
use super::{Broken, Checks, Outcome, holds, refused, same};
use crate::{AttemptOutcome, Command, EventKind};

pub(super) const CHECKS: Checks = &[
    ("a parked one stands aside and the next moves up", |journal| Box::pin(aside(Desk(journal)))),
    ("one that comes back goes before a queued head", |journal| Box::pin(before_queued(Desk(journal)))),
    ("one that comes back waits for a head in flight", |journal| Box::pin(after_flight(Desk(journal)))),
    ("one that comes back goes after a flight that ends delivered", |journal| Box::pin(after_delivery(Desk(journal)))),
    ("one that comes back to an empty lane is its head", |journal| Box::pin(empty_lane(Desk(journal)))),
    ("several that come back go in their order", |journal| Box::pin(several(Desk(journal)))),
    ("one that is discarded aside changes no head", |journal| Box::pin(discarded_aside(Desk(journal)))),
    ("one that stands aside is replaced by a snapshot", |journal| Box::pin(replaced(Desk(journal)))),
];

/// `count` deliveries of one lane that skips.
async fn lane(desk: &Desk, count: usize) -> Result<Vec<Draft>, Broken> {
    let mut drafts = Vec::new();
    for _ in 0..count {
        let draft = draft("A")?.skip();
        desk.accept(&draft).await?;
        drafts.push(draft);
    }
    Ok(drafts)
}

async fn aside(desk: Desk) -> Outcome {
    let [first, second] = &lane(&desk, 2).await?[..] else { return Ok(()) };
    let went = desk.park(first.delivery(0), "từ chối").await?;
    same("moved up", ids(went.head.as_deref()), vec![second.delivery(0)])?;
    holds("no head any more", !desk.see(first.delivery(0)).await?.delivery.is_head)
}

async fn before_queued(desk: Desk) -> Outcome {
    let [first, second] = &lane(&desk, 2).await?[..] else { return Ok(()) };
    desk.park(first.delivery(0), "từ chối").await?;
    let went = desk.go(released(&desk.see(first.delivery(0)).await?)).await?;
    same("it is the head", ids(went.head.as_deref()), vec![first.delivery(0)])?;
    let demoted = desk.see(second.delivery(0)).await?;
    holds("the other is not", !demoted.delivery.is_head)?;
    refused(desk.one(Command::Move(Box::new(admit(&demoted)))).await?)?;
    let went = desk.deliver(first.delivery(0)).await?;
    same("then the other", ids(went.head.as_deref()), vec![second.delivery(0)])
}

async fn after_flight(desk: Desk) -> Outcome {
    let [first, second] = &lane(&desk, 2).await?[..] else { return Ok(()) };
    desk.park(first.delivery(0), "từ chối").await?;
    desk.go(admit(&desk.see(second.delivery(0)).await?)).await?;
    let went = desk.go(released(&desk.see(first.delivery(0)).await?)).await?;
    holds("it waits", went.head.is_none())?;
    refused(desk.one(Command::Move(Box::new(admit(&desk.see(first.delivery(0)).await?)))).await?)?;
    let flying = desk.see(second.delivery(0)).await?;
    let failed = end(&flying, DeliveryState::Queued, EventKind::Waiting, AttemptOutcome::Lost);
    let went = desk.go(failed).await?;
    same("its turn", ids(went.head.as_deref()), vec![first.delivery(0)])?;
    holds("the other lost its place", !desk.see(second.delivery(0)).await?.delivery.is_head)?;
    let went = desk.deliver(first.delivery(0)).await?;
    same("then the other", ids(went.head.as_deref()), vec![second.delivery(0)])
}

async fn after_delivery(desk: Desk) -> Outcome {
    let [first, second, third] = &lane(&desk, 3).await?[..] else { return Ok(()) };
    desk.park(first.delivery(0), "từ chối").await?;
    desk.go(admit(&desk.see(second.delivery(0)).await?)).await?;
    desk.go(released(&desk.see(first.delivery(0)).await?)).await?;
    let went = desk.go(delivered(&desk.see(second.delivery(0)).await?)).await?;
    same("its turn", ids(went.head.as_deref()), vec![first.delivery(0)])?;
    let went = desk.deliver(first.delivery(0)).await?;
    same("then the third", ids(went.head.as_deref()), vec![third.delivery(0)])
}

async fn empty_lane(desk: Desk) -> Outcome {
    let [only] = &lane(&desk, 1).await?[..] else { return Ok(()) };
    desk.park(only.delivery(0), "từ chối").await?;
    let newer = draft("A")?.skip();
    same("a newer one goes by", desk.accept(&newer).await?.heads.len(), 1)?;
    desk.deliver(newer.delivery(0)).await?;
    let went = desk.go(released(&desk.see(only.delivery(0)).await?)).await?;
    same("head", ids(went.head.as_deref()), vec![only.delivery(0)])
}

async fn several(desk: Desk) -> Outcome {
    let [first, second, third] = &lane(&desk, 3).await?[..] else { return Ok(()) };
    desk.park(first.delivery(0), "từ chối").await?;
    desk.park(second.delivery(0), "từ chối").await?;
    desk.go(admit(&desk.see(third.delivery(0)).await?)).await?;
    for late in [second, first] {
        let went = desk.go(released(&desk.see(late.delivery(0)).await?)).await?;
        holds("each waits", went.head.is_none())?;
    }
    let newer = draft("A")?.skip();
    same("so does a new one", desk.accept(&newer).await?.heads.len(), 0)?;
    let mut went = desk.go(delivered(&desk.see(third.delivery(0)).await?)).await?;
    for next in [first, second, &newer] {
        same("the next", ids(went.head.as_deref()), vec![next.delivery(0)])?;
        went = desk.deliver(next.delivery(0)).await?;
    }
    holds("nobody is left", went.head.is_none())
}

async fn discarded_aside(desk: Desk) -> Outcome {
    let [first, second] = &lane(&desk, 2).await?[..] else { return Ok(()) };
    desk.park(first.delivery(0), "từ chối").await?;
    let went = desk.go(discarded(&desk.see(first.delivery(0)).await?)).await?;
    holds("no head changes", went.head.is_none())?;
    holds("the head stays", desk.see(second.delivery(0)).await?.delivery.is_head)
}

async fn replaced(desk: Desk) -> Outcome {
    let [first, second] = &lane(&desk, 2).await?[..] else { return Ok(()) };
    desk.park(first.delivery(0), "từ chối").await?;
    let newest = draft("A")?.skip().supersede();
    let taken = desk.accept(&newest).await?;
    same("both", taken.superseded, vec![first.delivery(0), second.delivery(0)])?;
    same("head", ids(&taken.heads), vec![newest.delivery(0)])
}
