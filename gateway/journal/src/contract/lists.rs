//! Lists: every filter, both directions, page by page without gaps or repeats.

use lienthong_core::{DeliveryState, StateName};

use super::make::{Desk, Draft, OPERATION, at, delivery, draft, to};
use super::{Broken, Checks, Outcome, same};
use crate::{AtLeast, Cursor, EventKind, ExchangeFilter, JournalError, OpenSince};

pub(super) const CHECKS: Checks = &[
    ("exchanges come newest first, or oldest first", |journal| Box::pin(order(Desk(journal)))),
    ("pages follow each other without gap or repeat", |journal| Box::pin(pages(Desk(journal)))),
    ("each filter selects", |journal| Box::pin(filters(Desk(journal)))),
    ("filters combine", |journal| Box::pin(combined(Desk(journal)))),
    ("times of receipt bound a list", |journal| Box::pin(times(Desk(journal)))),
    ("what nobody used selects nothing", |journal| Box::pin(unused(Desk(journal)))),
    ("what is open is counted by exchange", |journal| Box::pin(open(Desk(journal)))),
    ("a cursor of another list is refused", |journal| Box::pin(bad_cursor(Desk(journal)))),
];

async fn list(desk: &Desk, filter: ExchangeFilter) -> Result<Vec<lienthong_core::ExchangeId>, Broken> {
    let page = desk.0.exchanges(filter, None, 100).await?;
    Ok(page.rows.iter().map(|row| row.meta.id).collect())
}

fn ids(drafts: &[&Draft]) -> Vec<lienthong_core::ExchangeId> {
    drafts.iter().map(|draft| draft.id()).collect()
}

async fn order(desk: Desk) -> Outcome {
    let (early, late, tied) = (draft("A")?.received(5), draft("B")?.received(9), draft("C")?.received(9));
    for draft in [&late, &early, &tied] {
        desk.accept(draft).await?;
    }
    same("newest first", list(&desk, ExchangeFilter::default()).await?, ids(&[&tied, &late, &early]))?;
    let oldest = ExchangeFilter { oldest_first: true, ..ExchangeFilter::default() };
    same("oldest first", list(&desk, oldest).await?, ids(&[&early, &late, &tied]))
}

async fn open(desk: Desk) -> Outcome {
    let mut both = draft("A")?.received(5);
    both.0.deliveries.push(delivery("land", "land.register", "A")?);
    let old = draft("B")?.received(1);
    let mut inbox = draft("C")?.received(6);
    inbox.0.deliveries = vec![delivery("inbox", OPERATION, "C")?];
    let mut timer = draft("D")?.received(7);
    timer.0.deliveries = vec![delivery("gateway", "gateway.stalled", "D")?];
    for delivery in &mut timer.0.deliveries {
        delivery.state = DeliveryState::Waiting { until: at(100) };
    }
    for draft in [&both, &old, &inbox, &timer] {
        desk.accept(draft).await?;
    }
    let count = async |from: i64, aside: &str, most: usize| {
        let asked = OpenSince { from: at(from), aside: aside.parse()?, most };
        desk.0.open_since(asked).await.map_err(Broken::from)
    };
    same("of today", count(2, "gateway", 10).await?, AtLeast { count: 1, more: false })?;
    same("with timers", count(2, "land", 10).await?, AtLeast { count: 2, more: false })?;
    same("of all time", count(0, "gateway", 10).await?, AtLeast { count: 2, more: false })?;
    same("up to a bound", count(0, "gateway", 1).await?, AtLeast { count: 1, more: true })
}

async fn pages(desk: Desk) -> Outcome {
    let mut all = Vec::new();
    for number in 0..157_i64 {
        let key = format!("K-{}", number % 3);
        let second = delivery("land", "land.register", &key)?;
        let mut draft = draft(&key)?.received(number / 4);
        if number % 2 == 0 {
            draft = draft.with(|acceptance| acceptance.deliveries.push(second));
        }
        desk.accept(&draft).await?;
        all.push(draft.id());
    }
    for oldest_first in [false, true] {
        for state in [None, Some(StateName::Queued)] {
            let filter = ExchangeFilter { oldest_first, state, ..ExchangeFilter::default() };
            let mut got = Vec::new();
            let mut cursor = None;
            loop {
                let page = desk.0.exchanges(filter.clone(), cursor, 10).await?;
                got.extend(page.rows.iter().map(|row| row.meta.id));
                match page.next {
                    Some(next) => cursor = Some(next),
                    None => break,
                }
            }
            let want: Vec<_> = if oldest_first { all.clone() } else { all.iter().rev().copied().collect() };
            same("all, once", got, want)?;
        }
    }
    let exact = desk.0.exchanges(ExchangeFilter::default(), None, all.len()).await?;
    same("no page after the last", exact.next, None)
}

/// Three exchanges that differ in everything, the second of them parked at `land`.
async fn three(desk: &Desk) -> Result<[Draft; 3], Broken> {
    let first = draft("A")?.received(1);
    let parts = vec![delivery("portal", "portal.sync-dossier", "B")?, delivery("land", "land.register", "B")?];
    let (client, operation) = ("client-2".parse()?, "land.register".parse()?);
    let second = draft("B")?.received(2).with(|acceptance| {
        acceptance.exchange.client = client;
        acceptance.exchange.operation = operation;
        acceptance.deliveries = parts;
    });
    let third = draft("C")?.received(3);
    for draft in [&first, &second, &third] {
        desk.accept(draft).await?;
    }
    let parked = to(&desk.see(second.delivery(1)).await?, DeliveryState::Parked, EventKind::Parked);
    desk.go(parked).await?;
    desk.deliver(third.delivery(0)).await?;
    Ok([first, second, third])
}

async fn filters(desk: Desk) -> Outcome {
    let [first, second, third] = three(&desk).await?;
    let all = ExchangeFilter::default;
    let operation = ExchangeFilter { operation: Some("land.register".parse()?), ..all() };
    same("operation", list(&desk, operation).await?, ids(&[&second]))?;
    let client = ExchangeFilter { client: Some("client-1".parse()?), ..all() };
    same("client", list(&desk, client).await?, ids(&[&third, &first]))?;
    let system = ExchangeFilter { system: Some("land".parse()?), ..all() };
    same("system", list(&desk, system).await?, ids(&[&second]))?;
    let key = ExchangeFilter { key: Some("C".parse()?), ..all() };
    same("key", list(&desk, key).await?, ids(&[&third]))?;
    for (state, want) in [
        (StateName::Queued, ids(&[&second, &first])),
        (StateName::Parked, ids(&[&second])),
        (StateName::Delivered, ids(&[&third])),
        (StateName::InFlight, ids(&[])),
    ] {
        let filter = ExchangeFilter { state: Some(state), ..all() };
        same(state.as_str(), list(&desk, filter).await?, want)?;
    }
    Ok(())
}

async fn combined(desk: Desk) -> Outcome {
    let [first, second, third] = three(&desk).await?;
    let all = ExchangeFilter::default;
    let there = ExchangeFilter { system: Some("land".parse()?), state: Some(StateName::Parked), ..all() };
    same("parked at land", list(&desk, there).await?, ids(&[&second]))?;
    let elsewhere = ExchangeFilter { system: Some("portal".parse()?), state: Some(StateName::Parked), ..all() };
    same("parked elsewhere", list(&desk, elsewhere).await?, ids(&[]))?;
    let of_client = ExchangeFilter { client: Some("client-1".parse()?), state: Some(StateName::Queued), ..all() };
    same("queued of a client", list(&desk, of_client).await?, ids(&[&first]))?;
    let delivered = ExchangeFilter { system: Some("portal".parse()?), state: Some(StateName::Delivered), ..all() };
    same("delivered there", list(&desk, delivered).await?, ids(&[&third]))?;
    let key = ExchangeFilter { key: Some("B".parse()?), client: Some("client-1".parse()?), ..all() };
    same("key of another client", list(&desk, key).await?, ids(&[]))
}

async fn times(desk: Desk) -> Outcome {
    let [first, second, third] = three(&desk).await?;
    let all = ExchangeFilter::default;
    let from = ExchangeFilter { from: Some(at(2)), ..all() };
    same("from, inclusive", list(&desk, from).await?, ids(&[&third, &second]))?;
    let to = ExchangeFilter { to: Some(at(2)), ..all() };
    same("to, exclusive", list(&desk, to).await?, ids(&[&first]))?;
    let both = ExchangeFilter { from: Some(at(2)), to: Some(at(3)), state: Some(StateName::Queued), ..all() };
    same("both", list(&desk, both).await?, ids(&[&second]))
}

async fn unused(desk: Desk) -> Outcome {
    three(&desk).await?;
    let all = ExchangeFilter::default;
    for filter in [
        ExchangeFilter { key: Some("Z".parse()?), ..all() },
        ExchangeFilter { client: Some("nobody".parse()?), ..all() },
        ExchangeFilter { system: Some("nowhere".parse()?), ..all() },
        ExchangeFilter { operation: Some("no.where".parse()?), ..all() },
    ] {
        same("nothing", list(&desk, filter).await?.len(), 0)?;
    }
    Ok(())
}

async fn bad_cursor(desk: Desk) -> Outcome {
    for text in ["", "nonsense", "g1.2", "x1"] {
        let refused = desk.0.exchanges(ExchangeFilter::default(), Some(Cursor(text.to_owned())), 10).await;
        same(text, matches!(refused, Err(JournalError::BadCursor)), true)?;
    }
    Ok(())
}
