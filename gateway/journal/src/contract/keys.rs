//! Aliases lead to one key, in search, order and timeline.

use super::make::{Desk, delivery, draft, ids};
use super::{Checks, Outcome, refused, same, some};
use crate::{Command, Committed, ExchangeFilter, Refusal};

pub(super) const CHECKS: Checks = &[
    ("an alias leads to its key in search and timeline", |journal| Box::pin(resolves(Desk(journal)))),
    ("a submission under an alias joins the lane of the key", |journal| Box::pin(joins(Desk(journal)))),
    ("an order key of its own is no alias's business", |journal| Box::pin(own_order(Desk(journal)))),
    ("an alias of another key is refused and leaves nothing", |journal| Box::pin(taken(Desk(journal)))),
    ("another key with exchanges is no alias", |journal| Box::pin(other_key(Desk(journal)))),
    ("the same alias again, or the key itself, is no fault", |journal| Box::pin(again(Desk(journal)))),
];

async fn resolves(desk: Desk) -> Outcome {
    let first = draft("KEY")?.alias("ALIAS-1")?.alias("ALIAS-2")?;
    desk.accept(&first).await?;
    same("resolved", desk.0.resolve(&"ALIAS-2".parse()?).await?.as_str(), "KEY")?;
    same("itself", desk.0.resolve(&"KEY".parse()?).await?.as_str(), "KEY")?;
    same("unknown", desk.0.resolve(&"ELSE".parse()?).await?.as_str(), "ELSE")?;
    let filter = ExchangeFilter { key: Some("ALIAS-1".parse()?), ..ExchangeFilter::default() };
    let page = desk.0.exchanges(filter, None, 10).await?;
    same("found by alias", page.rows.iter().map(|row| row.meta.id).collect::<Vec<_>>(), vec![first.id()])
}

async fn joins(desk: Desk) -> Outcome {
    desk.accept(&draft("KEY")?.alias("ALIAS")?).await?;
    let second = draft("ALIAS")?;
    let committed = super::done(desk.one(second.command()).await?)?;
    let Committed::Accepted { key, heads, .. } = committed else {
        return Err(super::Broken::Unexpected("not accepted".to_owned()));
    };
    same("key", key.as_str(), "KEY")?;
    same("it waits behind the first", heads.len(), 0)?;
    let record = some("the exchange", desk.0.exchange(second.id()).await?)?;
    same("stored key", record.meta.key.as_str(), "KEY")?;
    let lane = record.deliveries.first().and_then(|delivery| delivery.lane.clone());
    same("lane", lane, Some("KEY".parse()?))
}

async fn own_order(desk: Desk) -> Outcome {
    desk.accept(&draft("KEY")?.alias("ALIAS")?).await?;
    let apart = draft("KEY")?.with(|acceptance| acceptance.deliveries.clear());
    let own = delivery("portal", "portal.sync-dossier", "OTHER-ORDER")?;
    let apart = apart.with(|acceptance| acceptance.deliveries.push(own));
    let taken = desk.accept(&apart).await?;
    same("its own lane", ids(&taken.heads), vec![apart.delivery(0)])
}

async fn taken(desk: Desk) -> Outcome {
    desk.accept(&draft("KEY")?.alias("ALIAS")?).await?;
    let thief = draft("THIEF")?.alias("FRESH")?.alias("ALIAS")?;
    let refusal = refused(desk.one(thief.command()).await?)?;
    same("refusal", refusal, Refusal::AliasTaken { alias: "ALIAS".parse()?, key: "KEY".parse()? })?;
    same("nothing is left", desk.0.resolve(&"FRESH".parse()?).await?.as_str(), "FRESH")?;
    desk.accept(&draft("KEY")?.alias("FRESH")?).await?;
    same("free for another", desk.0.resolve(&"FRESH".parse()?).await?.as_str(), "KEY")
}

async fn other_key(desk: Desk) -> Outcome {
    desk.accept(&draft("KEY")?).await?;
    desk.accept(&draft("OTHER")?).await?;
    let refusal = refused(desk.one(draft("KEY")?.alias("OTHER")?.command()).await?)?;
    same("refusal", refusal, Refusal::AliasTaken { alias: "OTHER".parse()?, key: "OTHER".parse()? })
}

async fn again(desk: Desk) -> Outcome {
    let both = draft("KEY")?.alias("ALIAS")?.alias("ALIAS")?.alias("KEY")?;
    desk.accept(&both).await?;
    let under_alias = draft("ALIAS")?.alias("ALIAS")?.alias("KEY")?;
    let results = desk.0.commit(vec![Command::Accept(Box::new(under_alias.0)), both.command()]).await?;
    same("results", results.iter().map(Result::is_ok).collect::<Vec<_>>(), vec![true, true])
}
