//! The book of alerts on disk: a memo for each alert, digest and rule, written when it changed. It decides nothing about them.

use std::collections::BTreeMap;

use lienthong_core::{Fault, Timestamp};
use lienthong_journal::{Actor, MemoChange, MemoName, MemoRecord, Refusal};
use serde::de::DeserializeOwned;

use super::book::{Book, Place};
use crate::service::Service;

/// The memos of alerts.
pub const KIND: &str = "alert";
/// Memos read, and written, at once.
const AT_ONCE: usize = 200;

/// What stands on disk of the book.
#[derive(Debug, Default)]
pub(super) struct Kept {
    versions: BTreeMap<Place, u32>,
}

impl Place {
    fn id(&self) -> String {
        match self {
            Self::Alert(id) => format!("alert.{id}"),
            Self::Digest(target) => format!("digest.{target}"),
            Self::Rule(rule) => format!("rule.{rule}"),
        }
    }

    fn of(id: &str) -> Option<Self> {
        let (what, rest) = id.split_once('.')?;
        match what {
            "alert" => Some(Self::Alert(rest.to_owned())),
            "digest" => Some(Self::Digest(rest.to_owned())),
            "rule" => Some(Self::Rule(rest.to_owned())),
            _of_another_version => None,
        }
    }
}

/// The book as it was left.
pub(super) async fn read(service: &Service) -> Result<(Book, Kept), Fault> {
    let (mut book, mut kept) = (Book::default(), Kept::default());
    let mut after: Option<String> = None;
    loop {
        let memos = service.alert_memos(after.as_deref(), AT_ONCE).await?;
        let Some(last) = memos.last() else { return Ok((book, kept)) };
        after = Some(last.id.clone());
        memos.iter().for_each(|memo| take(&mut book, &mut kept, memo));
    }
}

fn take(book: &mut Book, kept: &mut Kept, memo: &MemoRecord) {
    let Some(place) = Place::of(&memo.id) else { return };
    kept.versions.insert(place.clone(), memo.version);
    match place {
        Place::Alert(id) => book.alerts.extend(parsed(memo).map(|alert| (id, alert))),
        Place::Digest(target) => book.digests.extend(parsed(memo).map(|digest| (target, digest))),
        Place::Rule(rule) => book.begun.extend(parsed::<Timestamp>(memo).map(|at| (rule, at))),
    }
}

/// What cannot be read is written anew; that something may be told twice for it is better than that it is never told.
fn parsed<T: DeserializeOwned>(memo: &MemoRecord) -> Option<T> {
    match serde_json::from_str(&memo.text) {
        Ok(read) => Some(read),
        Err(error) => {
            tracing::error!(memo = memo.id, %error, "what was kept of an alert cannot be read and begins anew");
            None
        }
    }
}

/// Writes what changed; what could not be written is written the next time.
pub(super) async fn write(service: &Service, book: &mut Book, kept: &mut Kept, now: Timestamp) -> Result<(), Fault> {
    let mut places: Vec<Place> = std::mem::take(&mut book.changed).into_iter().collect();
    while !places.is_empty() {
        let rest = places.split_off(places.len().min(AT_ONCE));
        let together = std::mem::replace(&mut places, rest);
        if let Err(fault) = write_some(service, book, kept, &together, now).await {
            book.changed.extend(together.into_iter().chain(places));
            return Err(fault);
        }
    }
    Ok(())
}

async fn write_some(
    service: &Service,
    book: &mut Book,
    kept: &mut Kept,
    places: &[Place],
    now: Timestamp,
) -> Result<(), Fault> {
    let change = |place: &Place| {
        let version = kept.versions.get(place).copied().unwrap_or_default();
        let text = text(book, place);
        (version > 0 || text.is_some()).then(|| MemoChange {
            name: MemoName { kind: KIND, id: place.id() },
            version,
            text,
            at: now,
            actor: Actor::Gateway,
            verb: "noted".to_owned(),
            reason: None,
            remember: false,
        })
    };
    let (places, changes): (Vec<&Place>, Vec<MemoChange>) =
        places.iter().filter_map(|place| Some((place, change(place)?))).unzip();
    let gone: Vec<bool> = changes.iter().map(|change| change.text.is_none()).collect();
    let results = service.keep_alerts(changes).await?;
    for ((place, gone), result) in places.into_iter().zip(gone).zip(results) {
        match result {
            Ok(_) if gone => drop(kept.versions.remove(place)),
            Ok(_) => *kept.versions.entry(place.clone()).or_default() += 1,
            // Written by a try that nobody answered: what stands here is newer.
            Err(Refusal::MemoChanged { version }) => {
                kept.versions.insert(place.clone(), version);
                book.changed.insert(place.clone());
            }
            Err(refusal) => tracing::error!(memo = place.id(), %refusal, "what happened to an alert is not kept"),
        }
    }
    Ok(())
}

fn text(book: &Book, place: &Place) -> Option<String> {
    match place {
        Place::Alert(id) => book.alerts.get(id).and_then(|alert| serde_json::to_string(alert).ok()),
        Place::Digest(target) => book.digests.get(target).and_then(|digest| serde_json::to_string(digest).ok()),
        Place::Rule(rule) => book.begun.get(rule).and_then(|at| serde_json::to_string(at).ok()),
    }
}
