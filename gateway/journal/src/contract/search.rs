//! Search: by terms, by what a fault says, by route, by the beginning of an id, by the time of the last move; each with the others.

use std::time::Duration;

use lienthong_core::{DeliveryState, ExchangeId, FaultKind, FieldProblem, fault::fingerprint};

use super::make::{Desk, Draft, OPERATION, SYSTEM, at, draft, to};
use super::{Broken, Checks, Outcome, holds, same};
use crate::{EventKind, ExchangeFilter, FaultFilter, JournalError, Retention, Term, Transition};

pub(super) const CHECKS: Checks = &[
    ("an exchange is found by each of its terms, and by all at once", |journal| Box::pin(terms(Desk(journal)))),
    ("terms are found old and new alike, page by page", |journal| Box::pin(many(Desk(journal)))),
    ("terms combine with every other filter", |journal| Box::pin(combined(Desk(journal)))),
    ("what retention removes is found by nothing", |journal| Box::pin(removed(Desk(journal)))),
    ("a fault is found by kind, code, group and field", |journal| Box::pin(faults(Desk(journal)))),
    ("a route, a last move and the beginning of an id select", |journal| Box::pin(others(Desk(journal)))),
    ("a list that finds little leads on until it has seen all", |journal| Box::pin(leads_on(Desk(journal)))),
];

fn term(number: u8) -> Term {
    Term::new([number, 7, 7, 7, 7, 7, 7, 0x80 | number])
}

fn of(words: &[&[u8]]) -> ExchangeFilter {
    let terms = words.iter().map(|word| word.iter().copied().map(term).collect()).collect();
    ExchangeFilter { terms, ..ExchangeFilter::default() }
}

fn found_by(draft: Draft, terms: &[u8]) -> Draft {
    draft.with(|acceptance| acceptance.noted.terms = terms.iter().copied().map(term).collect())
}

/// All of it, in pages of `rows`.
async fn all(desk: &Desk, filter: &ExchangeFilter, rows: usize) -> Result<Vec<ExchangeId>, Broken> {
    let (mut got, mut cursor) = (Vec::new(), None);
    loop {
        let page = desk.0.exchanges(filter.clone(), cursor, rows).await?;
        holds("no page is longer than asked", page.rows.len() <= rows)?;
        got.extend(page.rows.iter().map(|row| row.meta.id));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(got);
        }
    }
}

fn ids(drafts: &[&Draft]) -> Vec<ExchangeId> {
    drafts.iter().map(|draft| draft.id()).collect()
}

async fn terms(desk: Desk) -> Outcome {
    let (first, second) = (found_by(draft("A")?, &[1, 2]), found_by(draft("B")?, &[2, 3, 3]));
    let bare = draft("C")?;
    for draft in [&first, &second, &bare] {
        desk.accept(draft).await?;
    }
    for (filter, want) in [
        (of(&[&[1]]), ids(&[&first])),
        (of(&[&[2]]), ids(&[&second, &first])),
        (of(&[&[1], &[2]]), ids(&[&first])),
        (of(&[&[1], &[3]]), ids(&[])),
        (of(&[&[1, 3]]), ids(&[&second, &first])),
        (of(&[&[9]]), ids(&[])),
        (of(&[&[]]), ids(&[])),
        (ExchangeFilter { oldest_first: true, ..of(&[&[2]]) }, ids(&[&first, &second])),
    ] {
        same("found", all(&desk, &filter, 10).await?, want)?;
    }
    let other = desk.0.exchanges(ExchangeFilter::default(), None, 1).await?.next;
    let ours = desk.0.exchanges(of(&[&[2]]), None, 1).await?.next;
    let refused = desk.0.exchanges(ExchangeFilter::default(), ours, 1).await;
    holds("a cursor of terms is none of receipt", matches!(refused, Err(JournalError::BadCursor)))?;
    holds("there was one of receipt", other.is_some())
}

/// More exchanges than one place for them holds, whatever the implementation.
const MANY: usize = 4_400;

async fn accept_many(desk: &Desk) -> Result<Vec<(ExchangeId, Vec<u8>)>, Broken> {
    let mut kept = Vec::with_capacity(MANY);
    let mut batch = Vec::new();
    for number in 0..MANY {
        let mut terms = Vec::new();
        terms.extend(number.is_multiple_of(2).then_some(2));
        terms.extend(number.is_multiple_of(7).then_some(7));
        terms.extend((number % 900 == 3).then_some(9));
        let received = i64::try_from(number).unwrap_or_default();
        let draft = found_by(draft(&format!("K-{}", number % 50))?, &terms).received(received);
        kept.push((draft.id(), terms));
        batch.push(draft.command());
        if batch.len() == 400 {
            desk.0.commit(std::mem::take(&mut batch)).await?;
        }
    }
    desk.0.commit(batch).await?;
    Ok(kept)
}

async fn many(desk: Desk) -> Outcome {
    let kept = accept_many(&desk).await?;
    let want = |terms: &[u8]| -> Vec<ExchangeId> {
        kept.iter().filter(|(_, own)| terms.iter().all(|term| own.contains(term))).map(|(id, _)| *id).collect()
    };
    for (filter, terms, rows) in [
        (of(&[&[7]]), &[7][..], 100),
        (of(&[&[2], &[7]]), &[2, 7], 33),
        (of(&[&[9]]), &[9], 2),
        (of(&[&[7], &[9, 200]]), &[7, 9], 10),
    ] {
        let oldest = ExchangeFilter { oldest_first: true, ..filter.clone() };
        same("oldest first", all(&desk, &oldest, rows).await?, want(terms))?;
        let newest: Vec<_> = want(terms).into_iter().rev().collect();
        same("newest first", all(&desk, &filter, rows).await?, newest)?;
    }
    let between = ExchangeFilter { from: Some(at(1000)), to: Some(at(2801)), oldest_first: true, ..of(&[&[9]]) };
    let inside: Vec<_> = want(&[9]).into_iter().skip(2).take(2).collect();
    same("between two times", all(&desk, &between, 10).await?, inside)?;
    let recent = ExchangeFilter { from: Some(at(4300)), ..of(&[&[9]]) };
    same("none of late", all(&desk, &recent, 10).await?.len(), 0)
}

async fn combined(desk: Desk) -> Outcome {
    let client = "client-2".parse()?;
    let first = found_by(draft("A")?, &[1]).received(1);
    let second = found_by(draft("B")?, &[1]).received(2).with(|acceptance| acceptance.exchange.client = client);
    let third = found_by(draft("C")?, &[2]).received(3);
    for draft in [&first, &second, &third] {
        desk.accept(draft).await?;
    }
    desk.park(second.delivery(0), "từ chối").await?;
    desk.park(third.delivery(0), "từ chối").await?;
    let rejected = FaultFilter { kind: Some(FaultKind::Rejected), ..FaultFilter::default() };
    let one = || of(&[&[1]]);
    for (what, filter, want) in [
        ("client", ExchangeFilter { client: Some("client-1".parse()?), ..one() }, ids(&[&first])),
        ("key", ExchangeFilter { key: Some("B".parse()?), ..one() }, ids(&[&second])),
        ("key of another", ExchangeFilter { key: Some("C".parse()?), ..one() }, ids(&[])),
        ("state", ExchangeFilter { state: Some(lienthong_core::StateName::Parked), ..one() }, ids(&[&second])),
        ("fault", ExchangeFilter { fault: rejected, ..one() }, ids(&[&second])),
        ("time", ExchangeFilter { to: Some(at(2)), ..one() }, ids(&[&first])),
        ("id", ExchangeFilter { id: second.id().to_string().parse().ok(), ..one() }, ids(&[&second])),
        ("nobody", ExchangeFilter { client: Some("nobody".parse()?), ..one() }, ids(&[])),
    ] {
        same(what, all(&desk, &filter, 10).await?, want)?;
    }
    Ok(())
}

async fn removed(desk: Desk) -> Outcome {
    let kept = accept_many(&desk).await?;
    let old: Vec<_> = kept.iter().filter(|(_, terms)| terms.contains(&9)).map(|(id, _)| *id).collect();
    for id in &old {
        let delivery = lienthong_core::DeliveryId { exchange: *id, index: 0 };
        let head = desk.see(delivery).await?;
        desk.go(Transition { at: at(5000), ..super::make::discarded(&head) }).await?;
    }
    let short = Duration::from_secs(60);
    let retention = Retention { bodies: short, exchanges: short, events: short, step_rows: 1000 };
    while !desk.0.retain(retention, at(5_000 + 3600)).await?.done {}
    same("found by its own", all(&desk, &of(&[&[9]]), 100).await?.len(), 0)?;
    let left = kept.iter().filter(|(_, terms)| terms.contains(&7) && !terms.contains(&9)).count();
    same("the others stay", all(&desk, &of(&[&[7]]), 100).await?.len(), left)
}

async fn faults(desk: Desk) -> Outcome {
    let drafts = [draft("A")?, draft("B")?, draft("C")?, draft("D")?];
    let causes = [
        lienthong_core::Fault::of(FaultKind::Rejected, "x").with_problem(FieldProblem::new("/owner/name", "is empty")),
        lienthong_core::Fault::of(FaultKind::Rejected, "x").with_problem(FieldProblem::new("/papers/3/code", "is old")),
        lienthong_core::Fault::of(FaultKind::NotFound, "x"),
    ];
    let mut prints = Vec::new();
    for (draft, cause) in drafts.iter().zip(causes) {
        desk.accept(draft).await?;
        let print = fingerprint(&SYSTEM.parse()?, &OPERATION.parse()?, &cause);
        let head = desk.see(draft.delivery(0)).await?;
        let parked = to(&head, DeliveryState::Parked, EventKind::Parked);
        desk.go(Transition { fault: Some((cause, print.clone())), ..parked }).await?;
        prints.push(print);
    }
    let [first, second, third, whole] = &drafts;
    desk.accept(whole).await?;
    let any = FaultFilter::default;
    let field = |text: &str| FaultFilter { field: Some(text.to_owned()), ..any() };
    let code = FaultKind::NotFound.code();
    for (what, fault, want) in [
        ("kind", FaultFilter { kind: Some(FaultKind::Rejected), ..any() }, ids(&[second, first])),
        ("code", FaultFilter { code: Some(code), ..any() }, ids(&[third])),
        ("group", FaultFilter { group: prints.get(1).cloned(), ..any() }, ids(&[second])),
        ("field", field("/owner/name"), ids(&[first])),
        ("what it lies in", field("/papers"), ids(&[second])),
        ("of any place", field("/papers/0/code"), ids(&[second])),
        ("half a name", field("/own"), ids(&[])),
        (
            "group and another kind",
            FaultFilter { kind: Some(FaultKind::NotFound), group: prints.first().cloned(), ..any() },
            ids(&[]),
        ),
    ] {
        let filter = ExchangeFilter { fault, ..ExchangeFilter::default() };
        same(what, all(&desk, &filter, 10).await?, want)?;
    }
    let elsewhere = FaultFilter { kind: Some(FaultKind::Rejected), ..any() };
    let filter = ExchangeFilter { fault: elsewhere, system: Some("land".parse()?), ..ExchangeFilter::default() };
    same("of another system", all(&desk, &filter, 10).await?.len(), 0)
}

async fn others(desk: Desk) -> Outcome {
    let route: lienthong_core::RouteName = "route-2".parse()?;
    let first = draft("A")?.received(1);
    let second = draft("B")?.received(2).each(|delivery| delivery.route = route.clone());
    for draft in [&first, &second] {
        desk.accept(draft).await?;
    }
    desk.deliver(first.delivery(0)).await?;
    let any = ExchangeFilter::default;
    for (what, filter, want) in [
        ("route", ExchangeFilter { route: Some("route-2".parse()?), ..any() }, ids(&[&second])),
        ("unused route", ExchangeFilter { route: Some("route-3".parse()?), ..any() }, ids(&[])),
        ("last move", ExchangeFilter { updated_since: Some(at(5)), ..any() }, ids(&[&first])),
        ("any move", ExchangeFilter { updated_since: Some(at(1)), ..any() }, ids(&[&second, &first])),
        ("an id", ExchangeFilter { id: first.id().to_string().parse().ok(), ..any() }, ids(&[&first])),
        ("ids alike", ExchangeFilter { id: "01900000-0000".parse().ok(), ..any() }, ids(&[&second, &first])),
        ("no such id", ExchangeFilter { id: "ffffffff".parse().ok(), ..any() }, ids(&[])),
    ] {
        same(what, all(&desk, &filter, 1).await?, want)?;
    }
    Ok(())
}

async fn leads_on(desk: Desk) -> Outcome {
    let mut first = None;
    for number in 0..300_i64 {
        let draft = found_by(draft(&format!("K-{number}"))?, &[1]).received(number);
        desk.accept(&draft).await?;
        first.get_or_insert(draft);
    }
    let first = super::some("the first", first)?;
    desk.deliver(first.delivery(0)).await?;
    let delivered = Some(lienthong_core::StateName::Delivered);
    for filter in [ExchangeFilter::default(), of(&[&[1]])] {
        let filter = ExchangeFilter { state: delivered, ..filter };
        same("the oldest of all", all(&desk, &filter, 10).await?, ids(&[&first]))?;
    }
    Ok(())
}
