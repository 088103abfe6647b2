//! Copies and versions: what comes by several ways is born once, other content is a new version, and exchanges born with others share their fate.

use lienthong_core::exchange::{Descent, Recognition};

use super::make::{Desk, Draft, admit, at, delivered, draft, ids};
use super::{Broken, Checks, Outcome, holds, same, some};
use crate::{Command, Committed, EventKind};

pub(super) const CHECKS: Checks = &[
    ("a copy among follow-ups is not born, and told", |journal| Box::pin(copies(Desk(journal)))),
    ("other content of an identity is a new version", |journal| Box::pin(versions(Desk(journal)))),
    ("a copy within one outcome is recognised", |journal| Box::pin(siblings(Desk(journal)))),
    ("what tells nothing that could differ is a copy of what is known", |journal| Box::pin(unsaid(Desk(journal)))),
    ("an identity is forgotten after its time", |journal| Box::pin(forgotten(Desk(journal)))),
    ("what is born with an exchange is born once", |journal| Box::pin(also(Desk(journal)))),
];

fn known_by(draft: Draft, identity: &str, content: &str) -> Result<Draft, Broken> {
    let route = "notices".parse()?;
    let recognition = Recognition { identity: identity.to_owned(), content: content.to_owned(), until: at(1000) };
    let descent = Descent { depth: 1, route, item: None, stage: None, recognition: Some(recognition), version: None };
    Ok(draft.with(|acceptance| acceptance.exchange.descent = Some(descent)))
}

/// A delivered parent with these follow-ups; the heads they gave.
async fn follow(desk: &Desk, key: &str, children: Vec<Draft>) -> Result<Vec<lienthong_core::DeliveryId>, Broken> {
    let parent = draft(key)?;
    let head = some("a head", desk.accept(&parent).await?.heads.pop())?;
    desk.go(admit(&head)).await?;
    let mut outcome = delivered(&desk.see(parent.delivery(0)).await?);
    outcome.spawn =
        children.into_iter().zip(0_u16..).map(|(child, index)| child.child_of(parent.delivery(0), index).0).collect();
    Ok(ids(&desk.go(outcome).await?.spawned))
}

async fn version(desk: &Desk, draft: &Draft) -> Result<Option<u32>, Broken> {
    let record = desk.0.exchange(draft.id()).await?;
    Ok(record.and_then(|record| record.meta.descent.as_ref().and_then(|descent| descent.version)))
}

async fn copies(desk: Desk) -> Outcome {
    let (first, copy) = (known_by(draft("D")?, "i", "c")?, known_by(draft("D")?, "i", "c")?);
    same("born", follow(&desk, "A", vec![first.clone()]).await?, vec![first.delivery(0)])?;
    same("not born", follow(&desk, "B", vec![copy.clone()]).await?, Vec::new())?;
    holds("no trace", desk.0.exchange(copy.id()).await?.is_none())?;
    same("version", version(&desk, &first).await?, Some(1))?;
    let told = desk.0.recognitions(&"D".parse()?, 10).await?;
    same(
        "told",
        told.iter().map(|event| (event.kind, event.exchange)).collect(),
        vec![(EventKind::Recognised, Some(first.id()))],
    )?;
    same("nobody else's", desk.0.recognitions(&"A".parse()?, 10).await?.len(), 0)
}

async fn versions(desk: Desk) -> Outcome {
    let made = |content: &str| known_by(draft("D")?, "i", content);
    let (first, second, late_copy, other) = (made("c")?, made("d")?, made("c")?, known_by(draft("D")?, "j", "c")?);
    follow(&desk, "A", vec![first.clone()]).await?;
    follow(&desk, "B", vec![second.clone()]).await?;
    follow(&desk, "C", vec![late_copy.clone(), other.clone()]).await?;
    same("first", version(&desk, &first).await?, Some(1))?;
    same("second", version(&desk, &second).await?, Some(2))?;
    holds("a copy of the first", desk.0.exchange(late_copy.id()).await?.is_none())?;
    same("another identity", version(&desk, &other).await?, Some(1))
}

async fn unsaid(desk: Desk) -> Outcome {
    let made = |content: &str| known_by(draft("D")?, "i", content);
    let (bare, whole, bare_again, newer, last) = (made("")?, made("c")?, made("")?, made("d")?, made("")?);
    follow(&desk, "A", vec![bare.clone()]).await?;
    follow(&desk, "B", vec![whole.clone()]).await?;
    follow(&desk, "C", vec![bare_again.clone()]).await?;
    follow(&desk, "E", vec![newer.clone()]).await?;
    follow(&desk, "F", vec![last.clone()]).await?;
    same("the first of its identity", version(&desk, &bare).await?, Some(1))?;
    same("the first that says something", version(&desk, &whole).await?, Some(2))?;
    holds("a copy", desk.0.exchange(bare_again.id()).await?.is_none())?;
    same("other content", version(&desk, &newer).await?, Some(3))?;
    holds("a copy of the newest", desk.0.exchange(last.id()).await?.is_none())?;
    let told = desk.0.recognitions(&"D".parse()?, 10).await?;
    same("of which", told.iter().map(|event| event.exchange).collect(), vec![Some(whole.id()), Some(newer.id())])
}

async fn siblings(desk: Desk) -> Outcome {
    let (one, two) = (known_by(draft("D")?, "i", "c")?, known_by(draft("D")?, "i", "c")?);
    same("one of them", follow(&desk, "A", vec![one.clone(), two]).await?, vec![one.delivery(0)])?;
    same("told", desk.0.recognitions(&"D".parse()?, 10).await?.len(), 1)
}

async fn forgotten(desk: Desk) -> Outcome {
    let (first, late) = (known_by(draft("D")?, "i", "c")?, known_by(draft("D")?, "i", "c")?.received(2000));
    follow(&desk, "A", vec![first]).await?;
    follow(&desk, "B", vec![late.clone()]).await?;
    same("a version all the same", version(&desk, &late).await?, Some(2))
}

async fn also(desk: Desk) -> Outcome {
    let copy = draft("A")?;
    let whole = draft("A")?.once("k", 1)?.with(|acceptance| acceptance.also = vec![copy.0.clone()]);
    let heads = desk.accept(&whole).await?.heads;
    same("heads", ids(&heads), vec![whole.delivery(0)])?;
    holds("it is there", desk.0.exchange(copy.id()).await?.is_some())?;
    let twin = draft("A")?;
    let again = draft("A")?.once("k", 1)?.with(|acceptance| acceptance.also = vec![twin.0.clone()]);
    let result = super::done(desk.one(Command::Accept(Box::new(again.0))).await?)?;
    holds("a replay", matches!(result, Committed::Replayed { exchange } if exchange == whole.id()))?;
    holds("and nothing with it", desk.0.exchange(twin.id()).await?.is_none())
}
