//! Code tables as operators see them: what messages failed on, with counts, and what another system's own list lacks. It changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lienthong_core::{Fault, FaultCode, FaultKind, Timestamp, limits};
use lienthong_formats::date::Parsed;
use lienthong_journal::{ExchangeFilter, GroupFilter, GroupRecord};

use super::Service;
use super::fault::{no_such, of_journal};
use crate::tables::{Counterparts, Table};

/// Most pages of error groups one view looks through.
const PAGES: usize = 20;
/// How many of the newest messages are looked through for another system's list.
const LISTS: usize = 100;

/// One code without a row, over all error groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmappedCode {
    pub table: String,
    /// The code, or only its kind where it may be a person's.
    pub code: String,
    /// What the newest fault says: the day, and whether other days have a row.
    pub problem: String,
    /// Pointers of the fields it came in.
    pub fields: BTreeSet<String>,
    pub operations: BTreeSet<String>,
    /// Times a delivery failed on it, ever.
    pub seen: u64,
    /// Deliveries parked for it now.
    pub parked: u64,
    /// Waiting now.
    pub waiting: u64,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
}

/// The codes without a row, the most parked first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnmappedCodes {
    pub codes: Vec<UnmappedCode>,
    /// Whether more error groups exist than were looked through.
    pub truncated: bool,
}

/// A table beside another system's own list of its codes.
#[derive(Debug, Clone)]
pub struct TableView {
    pub table: Arc<Table>,
    /// `None` where no list was declared, or none has come yet.
    pub observed: Option<ObservedList>,
}

/// Another system's list as it came last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedList {
    pub operation: String,
    pub received_at: Timestamp,
    pub counterparts: Counterparts,
}

impl Service {
    /// Every table of the running configuration, by name.
    pub fn tables(&self) -> Vec<Arc<Table>> {
        self.configuration().tables.iter().cloned().collect()
    }

    /// One table, and what the other side's list lacks of it today; `LT-NO-SUCH-RECORD` when there is none.
    pub async fn table(&self, name: &str) -> Result<TableView, Fault> {
        let table = self.configuration().tables.get(name).cloned().ok_or_else(|| no_such("table", name))?;
        let observed = self.observed(&table).await?;
        Ok(TableView { table, observed })
    }

    async fn observed(&self, table: &Table) -> Result<Option<ObservedList>, Fault> {
        let Some(spec) = &table.spec.observed else { return Ok(None) };
        let filter = ExchangeFilter { operation: Some(spec.operation.clone()), ..ExchangeFilter::default() };
        let newest = self.journal.exchanges(filter, None, LISTS).await.map_err(of_journal)?;
        for record in newest.rows {
            let Some(bytes) = self.journal.body(record.body).await.map_err(of_journal)? else { continue };
            let message = serde_json::from_slice(&bytes).unwrap_or_default();
            if let (Some(codes), Some(today)) = (spec.codes(&message), Parsed::Moment(self.clock.now()).day()) {
                return Ok(Some(ObservedList {
                    operation: spec.operation.to_string(),
                    received_at: record.meta.received_at,
                    counterparts: table.counterparts(&spec.column, &codes, today),
                }));
            }
        }
        Ok(None)
    }

    /// What messages failed on for want of a row, from the error groups that are still open.
    pub async fn unmapped(&self) -> Result<UnmappedCodes, Fault> {
        let filter = || GroupFilter { kind: Some(FaultKind::Mapping), brief: true, ..GroupFilter::default() };
        let (mut found, mut cursor) = (BTreeMap::new(), None);
        for _ in 0..PAGES {
            let page = self.journal.groups(filter(), cursor, limits::PAGE_ROWS).await.map_err(of_journal)?;
            page.rows.iter().for_each(|group| add(&mut found, group));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let mut codes: Vec<UnmappedCode> = found.into_values().collect();
        codes.sort_by(|a, b| b.parked.cmp(&a.parked).then(b.seen.cmp(&a.seen)).then(a.table.cmp(&b.table)));
        Ok(UnmappedCodes { codes, truncated: cursor.is_some() })
    }
}

fn add(found: &mut BTreeMap<(String, String), UnmappedCode>, group: &GroupRecord) {
    if group.sample.code != FaultCode::CodeUnmapped {
        return;
    }
    for problem in &group.sample.problems {
        let Some(table) = &problem.table else { continue };
        let code = problem.value_class.clone().unwrap_or_default();
        let entry = found.entry((table.clone(), code.clone())).or_insert_with(|| UnmappedCode {
            table: table.clone(),
            code,
            problem: problem.problem.clone(),
            fields: BTreeSet::new(),
            operations: BTreeSet::new(),
            seen: 0,
            parked: 0,
            waiting: 0,
            first_seen: group.first_seen,
            last_seen: group.last_seen,
        });
        if group.last_seen >= entry.last_seen {
            entry.last_seen = group.last_seen;
            entry.problem.clone_from(&problem.problem);
        }
        entry.first_seen = entry.first_seen.min(group.first_seen);
        entry.fields.insert(problem.pointer.clone());
        entry.operations.insert(group.operation.to_string());
        entry.seen = entry.seen.saturating_add(group.seen);
        entry.parked = entry.parked.saturating_add(group.parked);
        entry.waiting = entry.waiting.saturating_add(group.waiting);
    }
}
