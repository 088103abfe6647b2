//! A move is guarded, whole, and told; attempts and follow-ups are part of it.

use bytes::Bytes;
use lienthong_core::{DeliveryState, FaultKind, StateName, Verify};

use super::make::{Desk, admit, at, delivered, draft, end, fault, ids, released, text, to};
use super::{Checks, Outcome, holds, refused, same, some};
use crate::{Actor, AttemptOutcome, BodyInput, Command, EventKind, Refusal, SystemSetting, Transition};

pub(super) const CHECKS: Checks = &[
    ("intent and outcome are kept with what was sent and answered", |journal| Box::pin(attempt(Desk(journal)))),
    ("a stale version is refused and changes nothing", |journal| Box::pin(stale(Desk(journal)))),
    ("an unknown delivery is refused", |journal| Box::pin(unknown(Desk(journal)))),
    ("only a head goes in flight", |journal| Box::pin(out_of_turn(Desk(journal)))),
    ("a later word on an attempt stands, its answer kept", |journal| Box::pin(looked_up(Desk(journal)))),
    ("a repeat may send a stored body", |journal| Box::pin(pinned(Desk(journal)))),
    ("every state is read back with its details", |journal| Box::pin(states(Desk(journal)))),
    ("follow-ups are born with the outcome", |journal| Box::pin(spawn(Desk(journal)))),
    ("a follow-up is unique by parent and index", |journal| Box::pin(unique_child(Desk(journal)))),
    ("a refused follow-up refuses the whole move", |journal| Box::pin(refused_child(Desk(journal)))),
    ("twins among the follow-ups refuse the move", |journal| Box::pin(twins(Desk(journal)))),
    ("a cursor is kept with the batch it came with, and is no event", |journal| Box::pin(cursors(Desk(journal)))),
    ("settings and notes are kept and told", |journal| Box::pin(settings(Desk(journal)))),
];

async fn attempt(desk: Desk) -> Outcome {
    let draft = draft("A")?;
    let head = some("a head", desk.accept(&draft).await?.heads.pop())?;
    let went = desk.go(admit(&head)).await?;
    same("version", went.version, 2)?;
    let sent = some("the sent body", went.sent)?;
    let doubtful = desk.0.in_doubt(10).await?;
    same("in doubt", ids(&doubtful), vec![draft.delivery(0)])?;
    let flying = desk.see(draft.delivery(0)).await?;
    same("state", flying.delivery.state, DeliveryState::InFlight { attempt: 1 })?;
    desk.go(delivered(&flying)).await?;
    same("no more doubt", desk.0.in_doubt(10).await?.len(), 0)?;
    let attempts = desk.0.attempts(draft.delivery(0)).await?;
    let attempt = some("the attempt", attempts.first())?;
    same("times", (attempt.started_at, attempt.ended_at), (at(10), Some(at(11))))?;
    same("outcome", attempt.outcome.clone(), Some(AttemptOutcome::Delivered))?;
    same("sent", attempt.sent, sent)?;
    let answer = some("the answer", attempt.answer)?;
    same("answered", desk.0.body(answer).await?, Some(Bytes::from_static(b"{\"ok\":1}")))?;
    let kinds: Vec<_> = desk.0.events(0, 10).await?.iter().map(|event| (event.kind, event.attempt)).collect();
    let want = [(EventKind::Accepted, None), (EventKind::Admitted, Some(1)), (EventKind::Delivered, Some(1))];
    same("events", kinds, want.to_vec())
}

async fn stale(desk: Desk) -> Outcome {
    let draft = draft("A")?;
    let head = some("a head", desk.accept(&draft).await?.heads.pop())?;
    desk.go(admit(&head)).await?;
    let before = desk.0.last_event().await?;
    let refusal = refused(desk.one(Command::Move(Box::new(admit(&head)))).await?)?;
    same("refusal", refusal, Refusal::Stale { version: 2, state: StateName::InFlight })?;
    same("attempts", desk.0.attempts(draft.delivery(0)).await?.len(), 1)?;
    same("events", desk.0.last_event().await?, before)
}

async fn unknown(desk: Desk) -> Outcome {
    let here = draft("A")?;
    let mut head = some("a head", desk.accept(&here).await?.heads.pop())?;
    head.delivery.id.index = 7;
    let refusal = refused(desk.one(Command::Move(Box::new(admit(&head)))).await?)?;
    same("index", refusal, Refusal::NoSuchDelivery)?;
    head.delivery.id = draft("B")?.delivery(0);
    let refusal = refused(desk.one(Command::Move(Box::new(admit(&head)))).await?)?;
    same("exchange", refusal, Refusal::NoSuchDelivery)?;
    holds("nothing to see", desk.0.delivery(head.delivery.id).await?.is_none())
}

async fn out_of_turn(desk: Desk) -> Outcome {
    let (first, second) = (draft("A")?, draft("A")?);
    desk.accept(&first).await?;
    desk.accept(&second).await?;
    let waiting = desk.see(second.delivery(0)).await?;
    let refusal = refused(desk.one(Command::Move(Box::new(admit(&waiting)))).await?)?;
    same("refusal", refusal, Refusal::Stale { version: 1, state: StateName::Queued })
}

async fn looked_up(desk: Desk) -> Outcome {
    let draft = draft("A")?;
    let head = some("a head", desk.accept(&draft).await?.heads.pop())?;
    desk.go(admit(&head)).await?;
    let timeout = fault(FaultKind::Timeout, "no answer")?;
    let verifying = DeliveryState::Verifying { attempt: 1, how: Verify::Lookup, until: at(60) };
    let flying = desk.see(draft.delivery(0)).await?;
    let mut unsure = end(&flying, verifying, EventKind::Verifying, AttemptOutcome::Failed(timeout.0.clone()));
    (unsure.unsettled, unsure.fault) = (Some(1), Some(timeout.clone()));
    desk.go(unsure).await?;
    let seen = desk.see(draft.delivery(0)).await?;
    same(
        "fault",
        (seen.delivery.fault.clone(), seen.delivery.fingerprint.clone()),
        (Some(timeout.0), Some(timeout.1)),
    )?;
    same("unsettled", seen.delivery.unsettled, Some(1))?;
    let mut found = end(&seen, DeliveryState::Delivered, EventKind::Delivered, AttemptOutcome::FoundDone);
    found.unsettled = None;
    found.end.iter_mut().for_each(|end| end.answer = None);
    desk.go(found).await?;
    let attempts = desk.0.attempts(draft.delivery(0)).await?;
    let attempt = some("the attempt", attempts.first())?;
    same("outcome", attempt.outcome.clone(), Some(AttemptOutcome::FoundDone))?;
    holds("the first answer is kept", attempt.answer.is_some())?;
    same("cleared", desk.see(draft.delivery(0)).await?.delivery.fault, None)
}

async fn pinned(desk: Desk) -> Outcome {
    let draft = draft("A")?;
    let head = some("a head", desk.accept(&draft).await?.heads.pop())?;
    let mut whole = admit(&head);
    whole.start.iter_mut().for_each(|start| start.sent = BodyInput::Stored(head.body_id));
    let went = desk.go(whole).await?;
    same("the exchange's own", went.sent, Some(head.body_id))?;
    let flying = desk.see(draft.delivery(0)).await?;
    desk.go(end(&flying, DeliveryState::Queued, EventKind::Waiting, AttemptOutcome::Lost)).await?;
    let again = desk.see(draft.delivery(0)).await?;
    desk.go(admit(&again)).await?;
    let sent: Vec<_> = desk.0.attempts(draft.delivery(0)).await?.iter().map(|attempt| attempt.sent).collect();
    same("attempts", sent.len(), 2)?;
    same("first", sent.first(), Some(&head.body_id))
}

async fn states(desk: Desk) -> Outcome {
    let draft = draft("A")?;
    desk.accept(&draft).await?;
    for (state, kind) in [
        (DeliveryState::Waiting { until: at(33) }, EventKind::Waiting),
        (DeliveryState::Verifying { attempt: 3, how: Verify::Repeat, until: at(44) }, EventKind::Verifying),
        (DeliveryState::Verifying { attempt: 3, how: Verify::Lookup, until: at(45) }, EventKind::Verifying),
        (DeliveryState::Parked, EventKind::Parked),
        (DeliveryState::Queued, EventKind::Released),
        (DeliveryState::Cancelled, EventKind::Cancelled),
    ] {
        let head = desk.see(draft.delivery(0)).await?;
        let step = Transition { attempts: 3, spent: 2, unsettled: Some(3), ..to(&head, state, kind) };
        desk.go(step).await?;
        let seen = desk.see(draft.delivery(0)).await?.delivery;
        same("state", seen.state, state)?;
        same("numbers", (seen.attempts, seen.spent, seen.unsettled), (3, 2, Some(3)))?;
        same("time", seen.updated_at, at(10))?;
    }
    same("nothing open", desk.0.backlog().await?.len(), 0)
}

async fn spawn(desk: Desk) -> Outcome {
    let parent = draft("A")?;
    let head = some("a head", desk.accept(&parent).await?.heads.pop())?;
    desk.go(admit(&head)).await?;
    let (one, two) = (draft("A")?.child_of(parent.delivery(0), 0), draft("B")?.child_of(parent.delivery(0), 1));
    let mut outcome = delivered(&desk.see(parent.delivery(0)).await?);
    outcome.spawn = vec![one.0.clone(), two.0.clone()];
    let went = desk.go(outcome).await?;
    same("heads", ids(&went.spawned), vec![one.delivery(0), two.delivery(0)])?;
    let events = desk.0.events(2, 10).await?;
    let kinds: Vec<_> = events.iter().map(|event| (event.kind, event.actor.clone())).collect();
    let gateway = Actor::Gateway;
    let want = [EventKind::Delivered, EventKind::Accepted, EventKind::Accepted].map(|kind| (kind, gateway.clone()));
    same("events", kinds, want.to_vec())?;
    let record = some("the child", desk.0.exchange(two.id()).await?)?;
    same("link", record.meta.link.clone(), two.0.exchange.link)
}

async fn unique_child(desk: Desk) -> Outcome {
    let parent = draft("A")?;
    desk.accept(&parent).await?;
    let child = draft("B")?.child_of(parent.delivery(0), 0);
    desk.accept(&child).await?;
    let twin = draft("B")?.child_of(parent.delivery(0), 0);
    same("refusal", refused(desk.one(twin.command()).await?)?, Refusal::ChildExists(child.id()))?;
    desk.accept(&draft("B")?.child_of(parent.delivery(0), 1)).await.map(|_| ())
}

async fn refused_child(desk: Desk) -> Outcome {
    let parent = draft("A")?;
    let head = some("a head", desk.accept(&parent).await?.heads.pop())?;
    let child = draft("B")?.child_of(parent.delivery(0), 0);
    desk.accept(&child).await?;
    desk.go(admit(&head)).await?;
    let before = desk.0.last_event().await?;
    let flying = desk.see(parent.delivery(0)).await?;
    let mut outcome = delivered(&flying);
    outcome.spawn = vec![draft("C")?.0, draft("B")?.child_of(parent.delivery(0), 0).0];
    let refusal = refused(desk.one(Command::Move(Box::new(outcome))).await?)?;
    same("refusal", refusal, Refusal::ChildExists(child.id()))?;
    same("it still flies", desk.state(parent.delivery(0)).await?, DeliveryState::InFlight { attempt: 1 })?;
    same("no event", desk.0.last_event().await?, before)
}

async fn twins(desk: Desk) -> Outcome {
    let parent = draft("A")?;
    let head = some("a head", desk.accept(&parent).await?.heads.pop())?;
    desk.go(admit(&head)).await?;
    let mut outcome = delivered(&desk.see(parent.delivery(0)).await?);
    let elder = draft("NEW")?.child_of(parent.delivery(0), 0);
    outcome.spawn = vec![elder.0.clone(), draft("NEW")?.child_of(parent.delivery(0), 0).0];
    let refusal = refused(desk.one(Command::Move(Box::new(outcome.clone()))).await?)?;
    same("refusal", refusal, Refusal::ChildExists(elder.id()))?;
    let younger = draft("NEW-ALIAS")?.child_of(parent.delivery(0), 1);
    outcome.spawn = vec![elder.clone().alias("NEW-ALIAS")?.0, younger.0.clone()];
    desk.go(outcome).await?;
    let record = some("the younger", desk.0.exchange(younger.id()).await?)?;
    same("an elder's alias counts", record.meta.key.as_str(), "NEW")
}

async fn cursors(desk: Desk) -> Outcome {
    same("none yet", desk.0.cursor("poll/land").await?, None)?;
    let to = |value: &str| Command::SetCursor { name: "poll/land".to_owned(), value: value.to_owned(), at: at(5) };
    let message = draft("A")?.with(|acceptance| acceptance.body = text("{}"));
    let seen = desk.0.last_event().await?;
    desk.0.commit(vec![Command::Accept(Box::new(message.0.clone())), to("page-2")]).await?;
    same("with its messages", desk.0.cursor("poll/land").await?, Some("page-2".to_owned()))?;
    holds("the messages too", desk.0.exchange(message.id()).await?.is_some())?;
    let accepted = desk.0.last_event().await?;
    holds("the message is an event", accepted > seen)?;
    desk.one(to("page-3")).await?.map_err(|error| super::Broken::Unexpected(error.to_string()))?;
    same("replaced", desk.0.cursor("poll/land").await?, Some("page-3".to_owned()))?;
    same("no event", desk.0.last_event().await?, accepted)?;
    same("another's", desk.0.cursor("poll/tax").await?, None)
}

async fn settings(desk: Desk) -> Outcome {
    let mut setting = SystemSetting {
        system: "portal".parse()?,
        paused: true,
        reason: Some("nâng cấp".to_owned()),
        actor: Actor::Operator("officer".to_owned()),
        at: at(5),
    };
    desk.one(Command::Set(setting.clone())).await?.map_err(|error| super::Broken::Unexpected(error.to_string()))?;
    same("kept", desk.0.system_settings().await?, vec![setting.clone()])?;
    (setting.paused, setting.reason, setting.at) = (false, None, at(6));
    let note = Command::Note {
        at: at(7),
        kind: EventKind::ConfigurationLoaded,
        system: None,
        actor: Actor::Gateway,
        text: "config-2".to_owned(),
    };
    desk.0.commit(vec![Command::Set(setting.clone()), note]).await?;
    same("replaced", desk.0.system_settings().await?, vec![setting])?;
    let events = desk.0.events(0, 10).await?;
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    same("told", kinds, vec![EventKind::SystemSet, EventKind::SystemSet, EventKind::ConfigurationLoaded])?;
    let last = some("a note", events.last())?;
    same("text", last.note.as_deref(), Some("config-2"))?;
    // A released delivery is no setting; a body of no exchange is not made by a note.
    let draft = draft("A")?.with(|acceptance| acceptance.body = text("{}"));
    let head = some("a head", desk.accept(&draft).await?.heads.pop())?;
    desk.go(released(&head)).await.map(|_| ())
}
