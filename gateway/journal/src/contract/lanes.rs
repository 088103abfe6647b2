//! Order in lanes: one head, in the order of acceptance; a parked head holds, a newer snapshot replaces what is unsent.

use lienthong_core::{DeliveryState, FaultKind, StateName};

use super::make::{Desk, Draft, admit, at, delivered, delivery, discarded, draft, end, fault, ids, released, to};
use super::{Checks, Outcome, holds, same, some};
use crate::{AttemptOutcome, EventKind, Transition};

pub(super) const CHECKS: Checks = &[
    ("deliveries of a lane become its head one after another", |journal| Box::pin(in_order(Desk(journal)))),
    ("lanes of other keys and systems do not wait", |journal| Box::pin(apart(Desk(journal)))),
    ("a parked head holds its lane until it is discarded", |journal| Box::pin(hold(Desk(journal)))),
    ("a released head goes again before those behind it", |journal| Box::pin(release(Desk(journal)))),
    ("one that leaves from the middle changes no head", |journal| Box::pin(middle(Desk(journal)))),
    ("a head that is queued again is handed back", |journal| Box::pin(queued_again(Desk(journal)))),
    ("a delivery parked at birth holds its lane", |journal| Box::pin(parked_birth(Desk(journal)))),
    ("a snapshot replaces older unsent ones of its operation", |journal| Box::pin(supersede(Desk(journal)))),
    ("a snapshot never replaces what is in flight or unsettled", |journal| Box::pin(never_in_flight(Desk(journal)))),
    ("when a snapshot replaces the head, the next of another operation moves up", |journal| {
        Box::pin(superseded_head(Desk(journal)))
    }),
    ("a delivered successor is known", |journal| Box::pin(successor(Desk(journal)))),
];

async fn accept_all(desk: &Desk, drafts: &[&Draft]) -> Outcome {
    for draft in drafts {
        desk.accept(draft).await?;
    }
    Ok(())
}

async fn in_order(desk: Desk) -> Outcome {
    let (first, second, third) = (draft("A")?, draft("A")?, draft("A")?);
    accept_all(&desk, &[&first, &second, &third]).await?;
    let went = desk.deliver(first.delivery(0)).await?;
    same("second", ids(went.head.as_deref()), vec![second.delivery(0)])?;
    let head = some("the head", went.head)?;
    holds("it is the head", head.delivery.is_head)?;
    same("its body", head.body, Some("{\"key\":\"A\"}".into()))?;
    let went = desk.deliver(second.delivery(0)).await?;
    same("third", ids(went.head.as_deref()), vec![third.delivery(0)])?;
    let went = desk.deliver(third.delivery(0)).await?;
    holds("nobody is left", went.head.is_none())?;
    let fourth = draft("A")?;
    same("an empty lane begins anew", ids(&desk.accept(&fourth).await?.heads), vec![fourth.delivery(0)])
}

async fn apart(desk: Desk) -> Outcome {
    desk.accept(&draft("A")?).await?;
    let other_key = draft("B")?;
    same("other key", desk.accept(&other_key).await?.heads.len(), 1)?;
    let land = delivery("land", "land.register", "A")?;
    let other_system = draft("A")?.with(|acceptance| acceptance.deliveries = vec![land]);
    same("other system", desk.accept(&other_system).await?.heads.len(), 1)
}

async fn hold(desk: Desk) -> Outcome {
    let (first, second) = (draft("A")?, draft("A")?);
    accept_all(&desk, &[&first, &second]).await?;
    let went = desk.park(first.delivery(0), "từ chối").await?;
    holds("it holds", went.head.is_none())?;
    let parked = desk.see(first.delivery(0)).await?;
    same("still the head", (parked.delivery.is_head, parked.delivery.state), (true, DeliveryState::Parked))?;
    holds("behind it", !desk.see(second.delivery(0)).await?.delivery.is_head)?;
    let went = desk.go(discarded(&parked)).await?;
    same("the next", ids(went.head.as_deref()), vec![second.delivery(0)])
}

async fn release(desk: Desk) -> Outcome {
    let (first, second) = (draft("A")?, draft("A")?);
    accept_all(&desk, &[&first, &second]).await?;
    desk.park(first.delivery(0), "từ chối").await?;
    let went = desk.go(released(&desk.see(first.delivery(0)).await?)).await?;
    same("itself", ids(went.head.as_deref()), vec![first.delivery(0)])?;
    let went = desk.deliver(first.delivery(0)).await?;
    same("then the next", ids(went.head.as_deref()), vec![second.delivery(0)])
}

async fn middle(desk: Desk) -> Outcome {
    let (first, second, third) = (draft("A")?, draft("A")?, draft("A")?);
    accept_all(&desk, &[&first, &second, &third]).await?;
    let cancelled = to(&desk.see(second.delivery(0)).await?, DeliveryState::Cancelled, EventKind::Cancelled);
    holds("no head changes", desk.go(cancelled).await?.head.is_none())?;
    let went = desk.deliver(first.delivery(0)).await?;
    same("the third moves up", ids(went.head.as_deref()), vec![third.delivery(0)])
}

async fn queued_again(desk: Desk) -> Outcome {
    let draft = draft("A")?;
    desk.accept(&draft).await?;
    desk.go(admit(&desk.see(draft.delivery(0)).await?)).await?;
    let flying = desk.see(draft.delivery(0)).await?;
    let fault = fault(FaultKind::Unavailable, "bảo trì")?;
    let outcome = AttemptOutcome::Failed(fault.0.clone());
    let again = Transition { fault: Some(fault), ..end(&flying, DeliveryState::Queued, EventKind::Waiting, outcome) };
    let went = desk.go(again).await?;
    let head = some("itself", went.head)?;
    same("version", (head.delivery.id, head.delivery.version), (draft.delivery(0), 3))?;
    same("attempts", head.delivery.attempts, 1)?;
    let waiting = to(&head, DeliveryState::Waiting { until: at(100) }, EventKind::Waiting);
    holds("a waiting one is not", desk.go(waiting).await?.head.is_none())?;
    let waiting = desk.see(draft.delivery(0)).await?;
    let due = to(&waiting, DeliveryState::Waiting { until: at(9) }, EventKind::Waiting);
    same("unless its time has come", ids(desk.go(due).await?.head.as_deref()), vec![draft.delivery(0)])
}

async fn parked_birth(desk: Desk) -> Outcome {
    let fault = fault(FaultKind::Invalid, "không đọc được")?;
    let unreadable = draft("A")?.each(|delivery| {
        delivery.state = DeliveryState::Parked;
        delivery.fault = Some(fault.clone());
    });
    same("no head may go", desk.accept(&unreadable).await?.heads.len(), 0)?;
    let next = draft("A")?;
    same("held", desk.accept(&next).await?.heads.len(), 0)?;
    let parked = desk.see(unreadable.delivery(0)).await?;
    same("its fault", parked.delivery.fault.clone(), Some(fault.0))?;
    let events = desk.0.events(1, 1).await?;
    same(
        "told",
        events.first().map(|event| (event.kind, event.state)),
        Some((EventKind::Parked, Some(StateName::Parked))),
    )?;
    same("freed", ids(desk.go(discarded(&parked)).await?.head.as_deref()), vec![next.delivery(0)])
}

async fn supersede(desk: Desk) -> Outcome {
    let (first, second) = (draft("A")?, draft("A")?);
    accept_all(&desk, &[&first, &second]).await?;
    desk.park(first.delivery(0), "từ chối").await?;
    let newest = draft("A")?.supersede();
    let taken = desk.accept(&newest).await?;
    same("replaced", taken.superseded, vec![first.delivery(0), second.delivery(0)])?;
    same("head", ids(&taken.heads), vec![newest.delivery(0)])?;
    for old in [&first, &second] {
        same("state", desk.state(old.delivery(0)).await?, DeliveryState::Superseded)?;
    }
    let told = desk.0.events(desk.0.last_event().await?.saturating_sub(2), 10).await?;
    let kinds: Vec<_> = told.iter().filter(|event| event.kind == EventKind::Superseded).collect();
    same("told", kinds.len(), 2)?;
    let note = kinds.first().and_then(|event| event.note.clone());
    same("by whom", note, Some(newest.id().to_string()))?;
    let waiting = draft("A")?.supersede().each(|delivery| delivery.state = DeliveryState::Waiting { until: at(99) });
    desk.accept(&waiting).await?;
    let last = draft("A")?.supersede();
    same("a waiting one too", desk.accept(&last).await?.superseded, vec![waiting.delivery(0)])
}

async fn never_in_flight(desk: Desk) -> Outcome {
    let first = draft("A")?;
    desk.accept(&first).await?;
    desk.go(admit(&desk.see(first.delivery(0)).await?)).await?;
    let second = draft("A")?.supersede();
    let taken = desk.accept(&second).await?;
    same("nothing replaced", taken.superseded.len(), 0)?;
    same("it waits", taken.heads.len(), 0)?;
    let flying = desk.see(first.delivery(0)).await?;
    let unsure = end(&flying, DeliveryState::Parked, EventKind::Parked, AttemptOutcome::Lost);
    desk.go(Transition { unsettled: Some(1), ..unsure }).await?;
    let third = draft("A")?.supersede();
    same("only the unsent", desk.accept(&third).await?.superseded, vec![second.delivery(0)])?;
    same("the unsettled stays", desk.state(first.delivery(0)).await?, DeliveryState::Parked)
}

async fn superseded_head(desk: Desk) -> Outcome {
    let head = draft("A")?;
    let step = delivery("portal", "portal.sync-progress", "A")?;
    let behind = draft("A")?.with(|acceptance| acceptance.deliveries = vec![step]);
    accept_all(&desk, &[&head, &behind]).await?;
    let newest = draft("A")?.supersede();
    let taken = desk.accept(&newest).await?;
    same("moved up", ids(&taken.heads), vec![behind.delivery(0)])?;
    let went = desk.deliver(behind.delivery(0)).await?;
    same("then the snapshot", ids(went.head.as_deref()), vec![newest.delivery(0)])?;
    let both = draft("B")?.supersede().with(|acceptance| {
        let twin = acceptance.deliveries.clone();
        acceptance.deliveries.extend(twin);
    });
    same("parts of one exchange do not replace each other", desk.accept(&both).await?.superseded.len(), 0)
}

async fn successor(desk: Desk) -> Outcome {
    let (first, second) = (draft("A")?.skip(), draft("A")?.skip());
    accept_all(&desk, &[&first, &second]).await?;
    desk.park(first.delivery(0), "từ chối").await?;
    holds("not yet", !desk.0.has_delivered_successor(first.delivery(0)).await?)?;
    desk.go(admit(&desk.see(second.delivery(0)).await?)).await?;
    desk.go(delivered(&desk.see(second.delivery(0)).await?)).await?;
    holds("now", desk.0.has_delivered_successor(first.delivery(0)).await?)?;
    holds("none after the last", !desk.0.has_delivered_successor(second.delivery(0)).await?)
}
