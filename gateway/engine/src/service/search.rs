//! Search: what an operator types is a place in the journal (an id, a group, a key), a number, or words; the first that finds something is meant. It changes nothing.

use lienthong_core::{BusinessKey, DeliveryId, ExchangeId, Fault, FaultCode, Fingerprint, limits};
use lienthong_journal::{Cursor, ExchangeFilter, ExchangeRecord, FaultFilter, IdPrefix, Page, Term};

use super::Service;
use super::fault::{refused, wrong_field};

/// How a text was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// The id of an exchange or a delivery, or the reference of an attempt.
    Id,
    /// An error group.
    Group,
    /// The business key or an alias.
    Key,
    /// A number or code in a searchable field.
    Number,
    /// Words of searchable fields.
    Words,
    /// The beginning of an exchange's id.
    IdPrefix,
}

/// One page of what was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// `None` without a text, or when nothing was found.
    pub by: Option<FoundBy>,
    pub page: Page<ExchangeRecord>,
}

impl FoundBy {
    const ALL: [Self; 6] = [Self::Id, Self::Group, Self::Key, Self::Number, Self::Words, Self::IdPrefix];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Group => "group",
            Self::Key => "key",
            Self::Number => "number",
            Self::Words => "words",
            Self::IdPrefix => "id_prefix",
        }
    }
}

impl Service {
    /// Exchanges of the filter that a text finds, newest first. Further pages go on in the way the first was found. The text is refused
    /// where it is too long or holds nothing to look for (`/text`), a filter where no exchange could pass it (`/to`, `/field`).
    pub async fn search(
        &self,
        text: Option<&str>,
        filter: ExchangeFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Found, Fault> {
        check(&filter)?;
        let Some(text) = text else {
            return Ok(Found { by: None, page: self.exchanges(filter, cursor, limit).await? });
        };
        let text = typed(text)?;
        let going_on = cursor.map(going_on).transpose()?;
        let (only, mut cursor) = going_on.map_or((None, None), |(by, cursor)| (Some(by), Some(cursor)));
        for by in FoundBy::ALL.into_iter().filter(|by| only.is_none_or(|only| only == *by)) {
            let Some(filter) = self.meant(by, text, &filter) else { continue };
            let mut page = self.exchanges(filter, cursor.take(), limit).await?;
            if !page.rows.is_empty() || page.next.is_some() || only.is_some() {
                page.next = page.next.map(|next| Cursor(format!("{}.{}", by.as_str(), next.0)));
                return Ok(Found { by: Some(by), page });
            }
        }
        Ok(Found { by: None, page: Page { rows: Vec::new(), next: None } })
    }

    /// The filter narrowed to what the text means, taken so; `None` where it cannot be.
    fn meant(&self, by: FoundBy, text: &str, filter: &ExchangeFilter) -> Option<ExchangeFilter> {
        let narrowed = filter.clone();
        match by {
            FoundBy::Id => {
                let id = exchange_in(text)?.to_string().parse().ok()?;
                with_id(narrowed, id)
            }
            FoundBy::IdPrefix => with_id(narrowed, text.parse().ok()?),
            FoundBy::Group => {
                let group: Fingerprint = text.parse().ok()?;
                let other = filter.fault.group.as_ref().is_some_and(|asked| *asked != group);
                let fault = FaultFilter { group: Some(group), ..filter.fault.clone() };
                (!other).then_some(ExchangeFilter { fault, ..narrowed })
            }
            FoundBy::Key => {
                let key = BusinessKey::new(text).ok()?;
                filter.key.is_none().then_some(ExchangeFilter { key: Some(key), ..narrowed })
            }
            FoundBy::Number => {
                self.config.load().digests.asked(text).whole.map(|whole| with_terms(narrowed, vec![whole]))
            }
            FoundBy::Words => {
                let words = self.config.load().digests.asked(text).words;
                (!words.is_empty()).then(|| with_terms(narrowed, words))
            }
        }
    }
}

fn with_id(filter: ExchangeFilter, id: IdPrefix) -> Option<ExchangeFilter> {
    filter.id.is_none().then_some(ExchangeFilter { id: Some(id), ..filter })
}

fn with_terms(mut filter: ExchangeFilter, terms: Vec<Vec<Term>>) -> ExchangeFilter {
    filter.terms.extend(terms);
    filter
}

/// Conditions that no exchange can pass.
fn check(filter: &ExchangeFilter) -> Result<(), Fault> {
    if filter.from.zip(filter.to).is_some_and(|(from, to)| from >= to) {
        return Err(wrong_field(FaultCode::BadParameter, "/to", "is not after from"));
    }
    match &filter.fault.field {
        Some(field) if !field.starts_with('/') => {
            let problem = "must be a JSON pointer such as /owner/name, or the beginning of one";
            Err(wrong_field(FaultCode::BadParameter, "/field", problem))
        }
        Some(_) | None => Ok(()),
    }
}

/// What was typed, where it is something to look for.
fn typed(text: &str) -> Result<&str, Fault> {
    let text = text.trim();
    if text.chars().count() > limits::SEARCH_CHARS {
        let problem = format!("is longer than {} characters", limits::SEARCH_CHARS);
        return Err(wrong_field(FaultCode::BadParameter, "/text", problem));
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(wrong_field(FaultCode::BadParameter, "/text", "holds no letter and no digit to look for"));
    }
    Ok(text)
}

/// The exchange that an id names: its own, a delivery's, or the reference of an attempt, `<exchange>.<delivery>.<attempt>`.
fn exchange_in(text: &str) -> Option<ExchangeId> {
    if let Ok(id) = text.parse::<ExchangeId>() {
        return Some(id);
    }
    let delivery = match text.match_indices('.').nth(1) {
        None => text,
        Some((end, _)) => {
            let (delivery, attempt) = text.split_at_checked(end)?;
            attempt.strip_prefix('.')?.parse::<u32>().ok()?;
            delivery
        }
    };
    delivery.parse::<DeliveryId>().ok().map(|id| id.exchange)
}

/// Where a later page goes on, and in which way its first was found.
fn going_on(cursor: Cursor) -> Result<(FoundBy, Cursor), Fault> {
    let bad = || refused(FaultCode::BadCursor, "the cursor is none of a search with a text");
    let (by, rest) = cursor.0.split_once('.').ok_or_else(bad)?;
    let by = FoundBy::ALL.into_iter().find(|known| known.as_str() == by).ok_or_else(bad)?;
    Ok((by, Cursor(rest.to_owned())))
}
