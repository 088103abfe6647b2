//! Operators' memos are guarded by their versions; what people do is remembered with who, when, why, before and after.

use super::make::{Desk, at, draft, released};
use super::{Broken, Checks, Outcome, done, holds, refused, same, some};
use crate::desk::MEMO_BYTES;
use crate::{
    ActFilter, ActRecord, Actor, Command, Committed, EventKind, MemoChange, MemoName, Refusal, SystemSetting,
    Transition,
};

pub(super) const CHECKS: Checks = &[
    ("a memo is kept, changed and removed by who saw its last version", |journal| Box::pin(guarded(Desk(journal)))),
    ("memos are listed by id, those of a kind apart", |journal| Box::pin(listed(Desk(journal)))),
    ("a change of a memo is remembered with what it was and became", |journal| Box::pin(remembered(Desk(journal)))),
    ("what a person does to a delivery or a system is remembered", |journal| Box::pin(deeds(Desk(journal)))),
    ("what changes nothing here is remembered all the same", |journal| Box::pin(shown(Desk(journal)))),
    ("a memo larger than the limit is refused", |journal| Box::pin(large(Desk(journal)))),
];

fn officer() -> Actor {
    Actor::Operator("officer".to_owned())
}

fn name(id: &str) -> MemoName {
    MemoName { kind: "case", id: id.to_owned() }
}

fn change(id: &str, version: u32, text: Option<&str>) -> MemoChange {
    MemoChange {
        name: name(id),
        version,
        text: text.map(str::to_owned),
        at: at(i64::from(version)),
        actor: officer(),
        verb: "assigned".to_owned(),
        reason: Some("vì sao".to_owned()),
        remember: true,
    }
}

fn memo(change: MemoChange) -> Command {
    Command::Memo(Box::new(change))
}

async fn guarded(desk: Desk) -> Outcome {
    same("none yet", desk.0.memo(&name("a")).await?, None)?;
    let refusal = refused(desk.one(memo(change("a", 1, Some("early")))).await?)?;
    same("nothing to change", refusal, Refusal::MemoChanged { version: 0 })?;
    done(desk.one(memo(change("a", 0, Some("one")))).await?)?;
    let refusal = refused(desk.one(memo(change("a", 0, Some("twice")))).await?)?;
    same("made once", refusal, Refusal::MemoChanged { version: 1 })?;
    done(desk.one(memo(change("a", 1, Some("two")))).await?)?;
    let kept = some("the memo", desk.0.memo(&name("a")).await?)?;
    same("as it stands", (kept.version, kept.text.as_str(), kept.at), (2, "two", at(1)))?;
    done(desk.one(memo(change("a", 2, None))).await?)?;
    same("removed", desk.0.memo(&name("a")).await?, None)
}

async fn listed(desk: Desk) -> Outcome {
    for id in ["b", "a", "c"] {
        done(desk.one(memo(change(id, 0, Some(id)))).await?)?;
    }
    let mut other = change("z", 0, Some("another kind"));
    other.name.kind = "window";
    done(desk.one(memo(other)).await?)?;
    let ids = |records: Vec<crate::MemoRecord>| records.into_iter().map(|record| record.id).collect::<Vec<_>>();
    same("the first", ids(desk.0.memos("case", None, 2).await?), vec!["a".to_owned(), "b".to_owned()])?;
    same("the rest", ids(desk.0.memos("case", Some("b"), 2).await?), vec!["c".to_owned()])?;
    let asked = ["c", "nobody", "a", "z"].map(str::to_owned).to_vec();
    same("those asked for", ids(desk.0.memos_of("case", asked).await?), vec!["a".to_owned(), "c".to_owned()])?;
    same("none asked for", ids(desk.0.memos_of("case", Vec::new()).await?), Vec::new())?;
    same("another kind", ids(desk.0.memos("window", None, 9).await?), vec!["z".to_owned()])
}

async fn remembered(desk: Desk) -> Outcome {
    done(desk.one(memo(change("a", 0, Some("one")))).await?)?;
    done(desk.one(memo(MemoChange { remember: false, ..change("a", 1, Some("a count")) })).await?)?;
    done(desk.one(memo(change("a", 2, None))).await?)?;
    refused(desk.one(memo(change("a", 7, Some("never")))).await?)?;
    done(desk.one(memo(change("b", 0, Some("another")))).await?)?;
    let of_a = ActFilter { kind: Some("case".to_owned()), id: Some("a".to_owned()) };
    let first = desk.0.acts(of_a.clone(), None, 1).await?;
    let removal = some("the newest", first.rows.first())?;
    same("before", removal.before.as_deref(), Some("a count"))?;
    same("after", removal.after.as_deref(), None)?;
    same("who and why", (&removal.actor, removal.reason.as_deref()), (&officer(), Some("vì sao")))?;
    let rest = desk.0.acts(of_a, some("a cursor", first.next).map(Some)?, 9).await?;
    let told: Vec<_> = rest.rows.iter().map(|act| (act.verb.as_str(), act.after.as_deref())).collect();
    same("the rest", told, vec![("assigned", Some("one"))])?;
    holds("to its end", rest.next.is_none())?;
    same("all", desk.0.acts(ActFilter::default(), None, 9).await?.rows.len(), 3)?;
    let events = desk.0.events(0, 9).await?;
    let told: Vec<_> = events.iter().map(|event| event.kind).collect();
    same("told", told, vec![EventKind::MemoChanged; 4])?;
    same("how", some("an event", events.first())?.note.as_deref(), Some("case/a: assigned"))
}

async fn deeds(desk: Desk) -> Outcome {
    let parked = draft("A")?;
    desk.accept(&parked).await?;
    desk.park(parked.delivery(0), "sai").await?;
    let seen = desk.see(parked.delivery(0)).await?;
    desk.go(Transition { actor: officer(), note: Some("đã sửa".to_owned()), ..released(&seen) }).await?;
    let pause = SystemSetting { system: "portal".parse()?, paused: true, reason: None, actor: officer(), at: at(5) };
    match done(desk.one(Command::Set(pause)).await?)? {
        Committed::Done => {}
        other => return Err(Broken::Unexpected(format!("not done: {other:?}"))),
    }
    let acts = desk.0.acts(ActFilter::default(), None, 9).await?.rows;
    let told: Vec<_> = acts.iter().map(|act| (act.verb.as_str(), act.kind.as_str())).collect();
    same("told, and nothing the gateway did", told, vec![("paused", "system"), ("released", "delivery")])?;
    let release = some("the release", acts.last())?;
    same("which", release.id.clone(), parked.delivery(0).to_string())?;
    same("before and after", (release.before.as_deref(), release.after.as_deref()), (Some("parked"), Some("queued")))?;
    same("why", release.reason.as_deref(), Some("đã sửa"))
}

async fn shown(desk: Desk) -> Outcome {
    let act = ActRecord {
        seq: 0,
        at: at(3),
        actor: officer(),
        verb: "revealed".to_owned(),
        kind: "exchange".to_owned(),
        id: "a".to_owned(),
        reason: Some("vì sao".to_owned()),
        before: None,
        after: Some("{}".to_owned()),
    };
    done(desk.one(Command::Act(Box::new(act.clone()))).await?)?;
    let of_it = ActFilter { kind: Some("exchange".to_owned()), id: Some("a".to_owned()) };
    let acts = desk.0.acts(of_it, None, 9).await?.rows;
    let told: Vec<_> = acts.into_iter().map(|told| ActRecord { seq: 0, ..told }).collect();
    same("as it was", told, vec![act])?;
    let events = desk.0.events(0, 9).await?;
    let told: Vec<_> = events.iter().map(|event| (event.kind, event.note.as_deref())).collect();
    same("told", told, vec![(EventKind::MemoChanged, Some("exchange/a: revealed"))])
}

async fn large(desk: Desk) -> Outcome {
    let text = "x".repeat(MEMO_BYTES + 1);
    let refusal = refused(desk.one(memo(change("a", 0, Some(&text)))).await?)?;
    same("refused", refusal, Refusal::MemoTooLarge)
}
