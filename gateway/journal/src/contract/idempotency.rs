//! A message sent again is recognised; other content under the same key is refused and leaves nothing behind.

use super::make::{Desk, Draft, at, draft};
use super::{Broken, Checks, Outcome, done, holds, refused, same, some};
use crate::{Command, Committed, Refusal};

pub(super) const CHECKS: Checks = &[
    ("the same key and content is the first exchange again", |journal| Box::pin(replay(Desk(journal)))),
    ("other content under a used key is refused and leaves nothing", |journal| Box::pin(conflict(Desk(journal)))),
    ("a duplicate in the same batch is recognised", |journal| Box::pin(in_one_batch(Desk(journal)))),
    ("racing duplicates make one exchange", |journal| Box::pin(race(Desk(journal)))),
    ("an expired key counts as absent", |journal| Box::pin(expired(Desk(journal)))),
    ("keys of one scope are nothing to another", |journal| Box::pin(scopes(Desk(journal)))),
    ("a kept key tells what it made", |journal| Box::pin(told(Desk(journal)))),
    ("an exchange id that is stored is a replay", |journal| Box::pin(same_id(Desk(journal)))),
];

async fn replayed(desk: &Desk, draft: &Draft) -> Result<lienthong_core::ExchangeId, Broken> {
    match done(desk.one(draft.command()).await?)? {
        Committed::Replayed { exchange } => Ok(exchange),
        other => Err(Broken::Unexpected(format!("not replayed: {other:?}"))),
    }
}

async fn replay(desk: Desk) -> Outcome {
    let first = draft("A")?.once("k", 1)?;
    desk.accept(&first).await?;
    let before = desk.0.last_event().await?;
    let again = draft("A")?.once("k", 1)?;
    same("the first", replayed(&desk, &again).await?, first.id())?;
    holds("nothing of the second", desk.0.exchange(again.id()).await?.is_none())?;
    same("no event", desk.0.last_event().await?, before)
}

async fn conflict(desk: Desk) -> Outcome {
    let first = draft("A")?.once("k", 1)?;
    desk.accept(&first).await?;
    let other = draft("NEW")?.once("k", 2)?.alias("NEW-ALIAS")?;
    let before = desk.0.last_event().await?;
    let refusal = refused(desk.one(other.command()).await?)?;
    same("refusal", refusal, Refusal::IdempotencyConflict(first.id()))?;
    holds("no exchange", desk.0.exchange(other.id()).await?.is_none())?;
    same("no event", desk.0.last_event().await?, before)?;
    same("no alias", desk.0.resolve(&"NEW-ALIAS".parse()?).await?.as_str(), "NEW-ALIAS")
}

async fn in_one_batch(desk: Desk) -> Outcome {
    let (first, second) = (draft("A")?.once("k", 1)?, draft("A")?.once("k", 1)?);
    let results = desk.0.commit(vec![first.command(), second.command()]).await?;
    let last = some("a result", results.into_iter().next_back())?;
    match done(last)? {
        Committed::Replayed { exchange } => same("the first", exchange, first.id()),
        other => Err(Broken::Unexpected(format!("not replayed: {other:?}"))),
    }
}

async fn race(desk: Desk) -> Outcome {
    let mut racing = Vec::new();
    for _ in 0..16 {
        let (desk, draft) = (desk.clone(), draft("A")?.once("k", 1)?);
        racing.push(tokio::spawn(async move { desk.one(draft.command()).await }));
    }
    let mut made = Vec::new();
    let mut pointed = Vec::new();
    for runner in racing {
        let result = runner.await.map_err(|error| Broken::Unexpected(error.to_string()))??;
        match done(result)? {
            Committed::Accepted { exchange, .. } => made.push(exchange),
            Committed::Replayed { exchange } => pointed.push(exchange),
            other => return Err(Broken::Unexpected(format!("{other:?}"))),
        }
    }
    same("made", made.len(), 1)?;
    holds("all lead to it", pointed.iter().all(|id| made.first() == Some(id)))
}

async fn expired(desk: Desk) -> Outcome {
    let first = draft("A")?.once("k", 1)?;
    desk.accept(&first).await?;
    let mut later = draft("A")?.once("k", 2)?.received(1001);
    later.0.idempotency.iter_mut().for_each(|idempotency| idempotency.expires_at = at(5000));
    desk.accept(&later).await?;
    let again = draft("A")?.once("k", 2)?.received(1002);
    same("the second rules now", replayed(&desk, &again).await?, later.id())
}

async fn scopes(desk: Desk) -> Outcome {
    let first = draft("A")?.once("k", 1)?;
    desk.accept(&first).await?;
    let mut other = draft("A")?.once("k", 2)?;
    let scope: lienthong_core::ClientId = "system-portal".parse()?;
    other.0.idempotency.iter_mut().for_each(|idempotency| idempotency.scope = scope.clone());
    desk.accept(&other).await.map(|_| ())
}

async fn told(desk: Desk) -> Outcome {
    let first = draft("A")?.once("k", 1)?;
    let Some(idempotency) = first.0.idempotency.clone() else { return Err(Broken::Unexpected("no key".to_owned())) };
    let crate::Idempotency { scope, key, fingerprint, expires_at } = idempotency;
    same("nothing yet", desk.0.recognised(&scope, &key, at(1)).await?, None)?;
    desk.accept(&first).await?;
    same("while kept", desk.0.recognised(&scope, &key, at(1)).await?, Some((first.id(), fingerprint)))?;
    same("once expired", desk.0.recognised(&scope, &key, expires_at).await?, None)?;
    same("another scope", desk.0.recognised(&"system-portal".parse()?, &key, at(1)).await?, None)
}

async fn same_id(desk: Desk) -> Outcome {
    let first = draft("A")?;
    desk.accept(&first).await?;
    same("a replay", replayed(&desk, &first).await?, first.id())?;
    let results = desk.0.commit(vec![first.command(), Command::Accept(Box::new(draft("B")?.0))]).await?;
    holds("the batch goes on", results.iter().all(Result::is_ok))
}
