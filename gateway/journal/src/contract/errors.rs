//! Error groups: counted, listed, and their members found.

use lienthong_core::{DeliveryState, FaultKind, Fingerprint};

use super::make::{Desk, admit, at, discarded, draft, end, fault, released};
use super::{Broken, Checks, Outcome, holds, same, some};
use crate::{AffectedKey, AttemptOutcome, Cursor, EventKind, GroupFilter, GroupRecord, JournalError, Transition};

pub(super) const CHECKS: Checks = &[
    ("a group counts what is parked, waiting and held behind", |journal| Box::pin(counted(Desk(journal)))),
    ("a group remembers when it was seen, and its latest fault", |journal| Box::pin(seen(Desk(journal)))),
    ("groups are listed by filter, newest first, in pages", |journal| Box::pin(listed(Desk(journal)))),
    ("a group stays open for what waits behind a closed gate", |journal| Box::pin(gated(Desk(journal)))),
    ("a group closes with its last member", |journal| Box::pin(closed(Desk(journal)))),
    ("a closed group that fails again is told as reopened", |journal| Box::pin(reopened(Desk(journal)))),
    ("a group's growth is counted by the hour", |journal| Box::pin(trend(Desk(journal)))),
    ("whom parked members concern is told", |journal| Box::pin(reach(Desk(journal)))),
    ("the keys of parked members are counted", |journal| Box::pin(keys(Desk(journal)))),
    ("parked members come oldest first, in pages", |journal| Box::pin(members(Desk(journal)))),
    ("parked deliveries are found by the kind of their fault", |journal| Box::pin(by_kind(Desk(journal)))),
    ("cursors of other lists are refused", |journal| Box::pin(bad_cursors(Desk(journal)))),
];

async fn group(desk: &Desk, print: &Fingerprint) -> Result<GroupRecord, Broken> {
    some("the group", desk.0.group(print).await?)
}

async fn counted(desk: Desk) -> Outcome {
    let (first, behind, last) = (draft("A")?, draft("A")?, draft("A")?);
    let (other, waiting) = (draft("B")?, draft("C")?);
    for draft in [&first, &behind, &last, &other, &waiting] {
        desk.accept(draft).await?;
    }
    desk.park(first.delivery(0), "từ chối").await?;
    desk.park(other.delivery(0), "từ chối").await?;
    let cause = fault(FaultKind::Rejected, "từ chối")?;
    desk.go(admit(&desk.see(waiting.delivery(0)).await?)).await?;
    let flying = desk.see(waiting.delivery(0)).await?;
    let outcome = AttemptOutcome::Failed(cause.0.clone());
    let later = end(&flying, DeliveryState::Waiting { until: at(90) }, EventKind::Waiting, outcome);
    desk.go(Transition { fault: Some(cause.clone()), ..later }).await?;
    let group = group(&desk, &cause.1).await?;
    same("parked", group.parked, 2)?;
    same("waiting", group.waiting, 1)?;
    same("held behind", group.held_behind, 2)?;
    same("seen", group.seen, 3)?;
    same("system", group.system.as_str(), "portal")
}

async fn seen(desk: Desk) -> Outcome {
    let (first, second) = (draft("A")?.received(1), draft("B")?.received(7));
    for draft in [&first, &second] {
        let cause = fault(FaultKind::Invalid, "không đọc được")?;
        let unreadable = draft.clone().each(|delivery| {
            delivery.state = DeliveryState::Parked;
            delivery.fault = Some(cause.clone());
        });
        desk.accept(&unreadable).await?;
    }
    let cause = fault(FaultKind::Invalid, "không đọc được")?;
    let group = group(&desk, &cause.1).await?;
    same("first and last", (group.first_seen, group.last_seen, group.seen), (at(1), at(7), 2))?;
    same("sample", (group.sample, group.sample_delivery), (cause.0, second.delivery(0)))?;
    let nobody: Fingerprint = "1-00000000000000000000000000000000".parse()?;
    holds("no other", desk.0.group(&nobody).await?.is_none())
}

async fn reopened(desk: Desk) -> Outcome {
    let (first, second, third) = (draft("A")?, draft("B")?, draft("C")?);
    for draft in [&first, &second, &third] {
        desk.accept(draft).await?;
    }
    let print = fault(FaultKind::Rejected, "sai")?.1;
    desk.park(first.delivery(0), "sai").await?;
    desk.park(second.delivery(0), "sai").await?;
    desk.go(released(&desk.see(first.delivery(0)).await?)).await?;
    desk.park(first.delivery(0), "sai").await?;
    let open = group(&desk, &print).await?;
    same("never closed", (open.reopened, open.opened_at), (0, open.first_seen))?;
    for draft in [&first, &second] {
        desk.go(discarded(&desk.see(draft.delivery(0)).await?)).await?;
    }
    let flying = desk.see(third.delivery(0)).await?;
    desk.go(admit(&flying)).await?;
    let flying = desk.see(third.delivery(0)).await?;
    desk.go(Transition { at: at(4_000), ..super::make::parked(&flying, "sai")? }).await?;
    let again = group(&desk, &print).await?;
    same("came back", (again.reopened, again.opened_at, again.seen), (1, at(4_000), 4))
}

async fn trend(desk: Desk) -> Outcome {
    let cause = fault(FaultKind::Invalid, "không đọc được")?;
    for (key, seconds) in [("A", 10), ("B", 20), ("C", 3_700), ("D", 9_000)] {
        let unreadable = draft(key)?.received(seconds).each(|delivery| {
            delivery.state = DeliveryState::Parked;
            delivery.fault = Some(cause.clone());
        });
        desk.accept(&unreadable).await?;
    }
    let counts = |hours: Vec<(lienthong_core::Timestamp, u64)>| hours.into_iter().map(|(_, n)| n).collect::<Vec<_>>();
    same("all", counts(desk.0.group_trend(&cause.1, at(0)).await?), vec![2, 1, 1])?;
    same("later", counts(desk.0.group_trend(&cause.1, at(3_700)).await?), vec![1, 1])
}

async fn reach(desk: Desk) -> Outcome {
    let due = |key: &str, seconds: Option<i64>| -> Result<_, Broken> {
        Ok(draft(key)?.with(|acceptance| acceptance.exchange.due_at = seconds.map(at)))
    };
    let drafts = [due("A", Some(90))?, due("B", Some(30))?, due("C", None)?];
    for draft in &drafts {
        desk.accept(draft).await?;
        desk.park(draft.delivery(0), "sai").await?;
    }
    let print = fault(FaultKind::Rejected, "sai")?.1;
    let reach = desk.0.group_reach(&print, 10).await?;
    let due: Vec<_> = reach.due.iter().map(|promise| promise.due).collect();
    same("keys and dates", (reach.keys, due, reach.truncated), (3, vec![at(30), at(90)], false))?;
    same("clients", reach.clients.iter().map(|(_, count)| *count).sum::<u64>(), 3)?;
    let some_of_it = desk.0.group_reach(&print, 2).await?;
    same("of some", (some_of_it.keys, some_of_it.truncated), (2, true))
}

async fn keys(desk: Desk) -> Outcome {
    for key in ["B", "A", "A"] {
        let draft = draft(key)?.skip();
        desk.accept(&draft).await?;
        desk.park(draft.delivery(0), "sai").await?;
    }
    let print = fault(FaultKind::Rejected, "sai")?.1;
    let told =
        |keys: Vec<AffectedKey>| keys.into_iter().map(|one| (one.key.to_string(), one.parked)).collect::<Vec<_>>();
    let (all, more) = desk.0.group_keys(&print, 3).await?;
    same("by their oldest", (told(all), more), (vec![("B".to_owned(), 1), ("A".to_owned(), 2)], false))?;
    let (some_of_it, more) = desk.0.group_keys(&print, 2).await?;
    same("of some", (told(some_of_it), more), (vec![("B".to_owned(), 1), ("A".to_owned(), 1)], true))
}

/// Three groups, the latest fault last.
async fn three(desk: &Desk) -> Result<Vec<Fingerprint>, Broken> {
    let mut prints = Vec::new();
    for (key, words) in [("A", "sai mã"), ("B", "thiếu tệp"), ("C", "trùng")] {
        let draft = draft(key)?;
        desk.accept(&draft).await?;
        desk.park(draft.delivery(0), words).await?;
        prints.push(fault(FaultKind::Rejected, words)?.1);
    }
    Ok(prints)
}

async fn listed(desk: Desk) -> Outcome {
    let mut prints = three(&desk).await?;
    prints.reverse();
    let mut got = Vec::new();
    let mut cursor = None;
    loop {
        let page = desk.0.groups(GroupFilter::default(), cursor, 1).await?;
        got.extend(page.rows.into_iter().map(|group| group.fingerprint));
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    same("all, once", got, prints)?;
    for (filter, want) in [
        (GroupFilter { system: Some("portal".parse()?), ..GroupFilter::default() }, 3),
        (GroupFilter { system: Some("land".parse()?), ..GroupFilter::default() }, 0),
        (GroupFilter { operation: Some("portal.sync-dossier".parse()?), ..GroupFilter::default() }, 3),
        (GroupFilter { operation: Some("portal.other".parse()?), ..GroupFilter::default() }, 0),
        (GroupFilter { kind: Some(FaultKind::Rejected), ..GroupFilter::default() }, 3),
        (GroupFilter { kind: Some(FaultKind::Timeout), ..GroupFilter::default() }, 0),
    ] {
        let what = format!("{filter:?}");
        same(&what, desk.0.groups(filter, None, 10).await?.rows.len(), want)?;
    }
    Ok(())
}

async fn closed(desk: Desk) -> Outcome {
    let draft = draft("A")?;
    desk.accept(&draft).await?;
    desk.park(draft.delivery(0), "sai mã").await?;
    desk.go(released(&desk.see(draft.delivery(0)).await?)).await?;
    same("closed", desk.0.groups(GroupFilter::default(), None, 10).await?.rows.len(), 0)?;
    let all = GroupFilter { include_closed: true, ..GroupFilter::default() };
    same("kept", desk.0.groups(all, None, 10).await?.rows.len(), 1)?;
    desk.park(draft.delivery(0), "sai mã").await?;
    let page = desk.0.groups(GroupFilter::default(), None, 10).await?;
    same("open again", page.rows.iter().map(|group| group.seen).collect::<Vec<_>>(), vec![2])?;
    desk.go(discarded(&desk.see(draft.delivery(0)).await?)).await?;
    same("closed again", desk.0.groups(GroupFilter::default(), None, 10).await?.rows.len(), 0)
}

async fn gated(desk: Desk) -> Outcome {
    let draft = draft("A")?;
    desk.accept(&draft).await?;
    desk.go(admit(&desk.see(draft.delivery(0)).await?)).await?;
    let flying = desk.see(draft.delivery(0)).await?;
    let cause = fault(FaultKind::Unauthenticated, "chứng thư hết hạn")?;
    let outcome = AttemptOutcome::Failed(cause.0.clone());
    let queued = end(&flying, DeliveryState::Queued, EventKind::Waiting, outcome);
    desk.go(Transition { fault: Some(cause.clone()), ..queued }).await?;
    let open = desk.0.groups(GroupFilter::default(), None, 10).await?;
    same("open", open.rows.iter().map(|group| (group.parked, group.waiting)).collect::<Vec<_>>(), vec![(0, 1)])?;
    desk.go(admit(&desk.see(draft.delivery(0)).await?)).await?;
    same("tried again", desk.0.groups(GroupFilter::default(), None, 10).await?.rows.len(), 0)
}

async fn members(desk: Desk) -> Outcome {
    let mut parked = Vec::new();
    for number in 0..5 {
        let draft = draft(&format!("K-{number}"))?;
        desk.accept(&draft).await?;
        desk.park(draft.delivery(0), "sai mã").await?;
        parked.push(draft.delivery(0));
    }
    let print = fault(FaultKind::Rejected, "sai mã")?.1;
    let first = desk.0.group_members(&print, None, 3).await?;
    let second = desk.0.group_members(&print, first.next.clone(), 3).await?;
    let got: Vec<_> = first.rows.iter().chain(&second.rows).map(|member| member.id).collect();
    same("all, once", got, parked)?;
    same("pages", (first.rows.len(), second.next), (3, None))?;
    let member = some("a member", first.rows.first())?;
    same("its print", member.fingerprint.as_ref(), Some(&print))
}

async fn by_kind(desk: Desk) -> Outcome {
    let (mapping, rejected) = (draft("A")?, draft("B")?);
    for (draft, kind) in [(&mapping, FaultKind::Mapping), (&rejected, FaultKind::Rejected)] {
        desk.accept(draft).await?;
        let head = desk.see(draft.delivery(0)).await?;
        let parked = super::make::to(&head, DeliveryState::Parked, EventKind::Parked);
        desk.go(Transition { fault: Some(fault(kind, "x")?), ..parked }).await?;
    }
    let found = desk.0.parked_of_kinds(&[FaultKind::Mapping, FaultKind::Forbidden], None, 10).await?;
    same("mapping", found.rows.iter().map(|row| row.id).collect::<Vec<_>>(), vec![mapping.delivery(0)])?;
    let kinds = [FaultKind::Mapping, FaultKind::Rejected];
    let first = desk.0.parked_of_kinds(&kinds, None, 1).await?;
    let second = desk.0.parked_of_kinds(&kinds, first.next, 1).await?;
    same("second page", second.rows.iter().map(|row| row.id).collect::<Vec<_>>(), vec![rejected.delivery(0)])?;
    same("the last", second.next, None)?;
    same("of no kind", desk.0.parked_of_kinds(&[], None, 10).await?.rows.len(), 0)
}

async fn bad_cursors(desk: Desk) -> Outcome {
    let print = some("a group", three(&desk).await?.pop())?;
    let cursor = || Some(Cursor("x1.2".to_owned()));
    let refused = [
        desk.0.groups(GroupFilter::default(), cursor(), 10).await.err(),
        desk.0.group_members(&print, cursor(), 10).await.err(),
        desk.0.parked_of_kinds(&[FaultKind::Mapping], cursor(), 10).await.err(),
    ];
    holds("refused", refused.iter().all(|error| matches!(error, Some(JournalError::BadCursor))))
}
