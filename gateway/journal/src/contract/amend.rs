//! Content that people put in the place of a delivery's: nothing that was there is lost, the place in the lane stays, and all of it is one.

use std::time::Duration;

use lienthong_core::{ContentType, DeliveryState};

use super::make::{Desk, admit, at, delivered, draft, parked, text, to};
use super::{Checks, Outcome, done, holds, refused, same, some};
use crate::{
    Actor, Amend, BodyInput, Command, Committed, EventKind, Head, Journal, Kept, MemoChange, MemoName, Refusal,
    Retention, Step,
};

pub(super) const CHECKS: Checks = &[
    ("an amended delivery keeps its place, and what was received stays", |journal| Box::pin(in_place(Desk(journal)))),
    ("a part's own content is replaced, and kept", |journal| Box::pin(own_content(Desk(journal)))),
    ("an amendment is whole or refused", |journal| Box::pin(all_or_nothing(Desk(journal)))),
    ("contents go with the exchange's body, what others share stays", |journal| Box::pin(retained(Desk(journal)))),
];

fn officer() -> Actor {
    Actor::Operator("officer".to_owned())
}

fn kept(number: u32, words: &str) -> Kept {
    let body = text(words.to_owned());
    Kept { number, body, at: at(20), actor: officer(), reason: Some("sai tên".to_owned()) }
}

fn memo(id: &str, version: u32, words: Option<&str>) -> MemoChange {
    MemoChange {
        name: MemoName { kind: "amendment", id: id.to_owned() },
        version,
        text: words.map(str::to_owned),
        at: at(20),
        actor: officer(),
        verb: "proposed".to_owned(),
        reason: None,
        remember: true,
    }
}

fn step(head: &Head, number: u32) -> Step {
    let mut to = to(head, DeliveryState::Queued, EventKind::Amended);
    (to.spent, to.actor, to.at) = (0, officer(), at(30));
    Step { number, to: Box::new(to), before: "as it was".to_owned(), after: "as it is".to_owned() }
}

fn amend(head: &Head) -> Amend {
    let delivery = &head.delivery;
    Amend { delivery: delivery.id, version: delivery.version, keep: None, memo: None, step: None }
}

fn command(amend: Amend) -> Command {
    Command::Amend(Box::new(amend))
}

async fn read(journal: &dyn Journal, id: crate::BodyId) -> Result<String, super::Broken> {
    let bytes = some("a body", journal.body(id).await?)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What it sends by default.
async fn content(desk: &Desk, head: &Head) -> Result<String, super::Broken> {
    read(&*desk.0, head.delivery.body.unwrap_or(head.body_id)).await
}

async fn in_place(desk: Desk) -> Outcome {
    let (first, second) = (draft("A")?, draft("A")?);
    desk.accept(&first).await?;
    desk.accept(&second).await?;
    desk.park(first.delivery(0), "sai").await?;
    let received = some("the exchange", desk.0.exchange(first.id()).await?)?.body;
    let before = read(&*desk.0, received).await?;

    let seen = desk.see(first.delivery(0)).await?;
    let proposed = Amend { keep: Some(kept(1, "mended")), memo: Some(memo("m", 0, Some("#1"))), ..amend(&seen) };
    match done(desk.one(command(proposed)).await?)? {
        Committed::Done => {}
        other => return Err(super::Broken::Unexpected(format!("not done: {other:?}"))),
    }
    let seen = desk.see(first.delivery(0)).await?;
    same("put forward and not in force", (seen.delivery.amended, seen.delivery.version), (None, 3))?;
    let applied = Amend { memo: Some(memo("m", 1, None)), step: Some(step(&seen, 1)), ..amend(&seen) };
    match done(desk.one(command(applied)).await?)? {
        Committed::Moved { head, version, .. } => {
            let head = some("it may go", head)?;
            same("it is the head again", (head.delivery.id, version), (first.delivery(0), 4))?;
            same("with the other content", content(&desk, &head).await?, "mended".to_owned())?;
            same("of its own type", head.content_type, ContentType::Json)?;
        }
        other => return Err(super::Broken::Unexpected(format!("not moved: {other:?}"))),
    }
    let seen = desk.see(first.delivery(0)).await?;
    same("in force", (seen.delivery.amended, seen.delivery.body), (Some(1), None))?;
    same("what was received stays", read(&*desk.0, received).await?, before)?;
    let record = some("the exchange", desk.0.exchange(first.id()).await?)?;
    same("it is the exchange's still", record.body, received)?;
    holds("the one behind waits", !desk.see(second.delivery(0)).await?.delivery.is_head)?;
    desk.deliver(first.delivery(0)).await?;
    holds("and follows", desk.see(second.delivery(0)).await?.delivery.is_head)?;
    let told = desk.0.amendments(first.delivery(0)).await?;
    let one = some("the amendment", told.first())?;
    same("who and why", (one.number, &one.actor, one.reason.as_deref()), (1, &officer(), Some("sai tên")))?;
    let acts = desk.0.acts(crate::ActFilter::default(), None, 9).await?.rows;
    let verbs: Vec<_> = acts.iter().map(|act| (act.verb.as_str(), act.kind.as_str())).collect();
    let expected = vec![("proposed", "amendment"), ("amended", "delivery"), ("proposed", "amendment")];
    same("remembered", verbs, expected)
}

async fn own_content(desk: Desk) -> Outcome {
    let part = draft("A")?.each(|delivery| delivery.body = Some(text("part".to_owned())));
    desk.accept(&part).await?;
    desk.park(part.delivery(0), "sai").await?;
    for (number, words) in [(1, "one"), (2, "two")] {
        let seen = desk.see(part.delivery(0)).await?;
        let both = Amend { keep: Some(kept(number, words)), step: Some(step(&seen, number)), ..amend(&seen) };
        done(desk.one(command(both)).await?)?;
        let seen = desk.see(part.delivery(0)).await?;
        same("in force", content(&desk, &seen).await?, words.to_owned())?;
        desk.park(part.delivery(0), "vẫn sai").await?;
    }
    let mut told = Vec::new();
    for record in desk.0.amendments(part.delivery(0)).await? {
        told.push((record.number, read(&*desk.0, record.body).await?));
    }
    let expected = [(0, "part"), (1, "one"), (2, "two")].map(|(number, words)| (number, words.to_owned()));
    same("all of them", told, expected.to_vec())
}

async fn all_or_nothing(desk: Desk) -> Outcome {
    let one = draft("A")?;
    desk.accept(&one).await?;
    desk.park(one.delivery(0), "sai").await?;
    let seen = desk.see(one.delivery(0)).await?;
    let both = || Amend { keep: Some(kept(1, "mended")), step: Some(step(&seen, 1)), ..amend(&seen) };
    let refusal = refused(desk.one(command(Amend { version: 1, ..both() })).await?)?;
    holds("another version", matches!(refusal, Refusal::Stale { version: 3, .. }))?;
    let changed = Amend { memo: Some(memo("m", 4, Some("x"))), ..both() };
    same("another memo", refused(desk.one(command(changed)).await?)?, Refusal::MemoChanged { version: 0 })?;
    let second = Amend { keep: Some(kept(2, "late")), step: None, ..both() };
    holds("out of turn", matches!(refused(desk.one(command(second)).await?)?, Refusal::Stale { .. }))?;
    same("nothing is kept", desk.0.amendments(one.delivery(0)).await?, Vec::new())?;
    same("and nothing moved", desk.state(one.delivery(0)).await?, DeliveryState::Parked)?;
    done(desk.one(command(both())).await?)?;
    let again = refused(desk.one(command(both())).await?)?;
    holds("once", matches!(again, Refusal::Stale { version: 4, .. }))
}

async fn retained(desk: Desk) -> Outcome {
    let one = draft("A")?;
    desk.accept(&one).await?;
    let received = some("the exchange", desk.0.exchange(one.id()).await?)?.body;
    let sharing = draft("B")?.with(|acceptance| acceptance.body = BodyInput::Stored(received));
    desk.accept(&sharing).await?;
    // Two attempts of what was received as it is: they hold no reference of their own.
    for _ in 0..2 {
        let mut sent = admit(&desk.see(one.delivery(0)).await?);
        sent.start.iter_mut().for_each(|start| start.sent = BodyInput::Stored(received));
        desk.go(sent).await?;
        desk.go(parked(&desk.see(one.delivery(0)).await?, "sai")?).await?;
        let seen = desk.see(one.delivery(0)).await?;
        desk.go(to(&seen, DeliveryState::Queued, EventKind::Released)).await?;
    }
    desk.park(one.delivery(0), "sai").await?;
    let seen = desk.see(one.delivery(0)).await?;
    let both = Amend { keep: Some(kept(1, "mended")), step: Some(step(&seen, 1)), ..amend(&seen) };
    done(desk.one(command(both)).await?)?;
    let seen = desk.see(one.delivery(0)).await?;
    let mut sent = admit(&seen);
    sent.start.iter_mut().for_each(|start| start.sent = BodyInput::Stored(seen.body_id));
    desk.go(sent).await?;
    desk.go(delivered(&desk.see(one.delivery(0)).await?)).await?;

    let day = Duration::from_secs(24 * 3600);
    let keep = Retention { bodies: day, exchanges: 2 * day, events: 9 * day, step_rows: 100 };
    let mut over = false;
    while !over {
        over = desk.0.retain(keep, at(3 * 24 * 3600)).await?.done;
    }
    holds("gone", desk.0.exchange(one.id()).await?.is_none())?;
    same("its content too", desk.0.body(seen.body_id).await?, None)?;
    same("and the list", desk.0.amendments(one.delivery(0)).await?, Vec::new())?;
    holds("what another exchange shares stays", desk.0.body(received).await?.is_some())
}
