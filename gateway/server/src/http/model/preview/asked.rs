//! What a preview is asked, as JSON: selection, extent, edits. It converts and refuses, and previews nothing.

use std::collections::BTreeMap;
use std::fmt;

use lienthong_core::fault::FieldProblem;
use lienthong_core::{DeliveryId, Fault, FaultCode, FaultKind};
use lienthong_engine::service::{self, PREVIEW_DIFFERENCES, PREVIEW_MOST, Verdict};
use lienthong_journal::Cursor;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::VerdictName;

/// What is previewed, and how much of it is told. An empty body previews with the running configuration.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PreviewRequest {
    /// The deliveries, where the path names neither a group nor one delivery.
    #[schema(max_items = 10000)]
    pub deliveries: Option<Vec<String>>,
    /// `next_cursor` of the preview before, of a group.
    pub cursor: Option<String>,
    /// Deliveries previewed at most; a preview that takes long ends earlier and says where the next one goes on.
    #[schema(minimum = 1, maximum = 10000, default = 10000)]
    pub limit: Option<usize>,
    /// Deliveries told of one by one at most: 500, with differences 100.
    #[schema(minimum = 0, maximum = 500, default = 100)]
    pub rows: Option<usize>,
    /// Only those of this verdict are told of one by one.
    pub only: Option<VerdictName>,
    /// Tell field by field what would be sent otherwise than it was; marked fields are hidden.
    pub differences: bool,
    /// Show marked fields too: needs a reason; an act for each delivery.
    pub reveal: bool,
    #[schema(max_length = 500)]
    pub reason: Option<String>,
    /// What is not yet live.
    pub edits: PreviewEdits,
}

/// Edits tried on top of the running configuration; nothing of them is kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PreviewEdits {
    /// Rows by table, as in its file: cells by column, with `valid_from` and `valid_to` where they are dated. A row takes the place of
    /// the one that has its code from the same day; otherwise it is added.
    #[schema(value_type = HashMap<String, Vec<HashMap<String, String>>>,
             example = json!({"provinces": [{"code": "75", "name": "Đồng Nai", "valid_from": "2025-07-01"}]}))]
    pub tables: BTreeMap<String, Vec<BTreeMap<String, Cell>>>,
    /// Transforms by route: VRL.
    #[schema(value_type = HashMap<String, String>, example = json!({"dossiers": ".status = 4"}))]
    pub transforms: BTreeMap<String, String>,
}

/// A cell of an edited row: a text, an integer, or null for an empty one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell(String);

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<Cell> for String {
    fn from(Cell(text): Cell) -> Self {
        text
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl Visitor<'_> for Reads {
            type Value = Cell;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, an integer or null")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Cell, E> {
                Ok(Cell(text.to_owned()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Cell, E> {
                Ok(Cell(number.to_string()))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Cell, E> {
                Ok(Cell(number.to_string()))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Cell, E> {
                Ok(Cell(String::new()))
            }
        }
        deserializer.deserialize_any(Reads)
    }
}

impl PreviewRequest {
    /// How much is wanted; each number within its bounds.
    pub(crate) fn extent(&self) -> Result<service::Extent, Fault> {
        let bounds = [("/limit", self.limit, 1, PREVIEW_MOST), ("/rows", self.rows, 0, service::PREVIEW_ROWS)];
        for (pointer, asked, least, most) in bounds {
            if asked.is_some_and(|asked| asked < least || asked > most) {
                return Err(wrong(pointer, format!("must be {least} to {most}")));
            }
        }
        Ok(service::Extent {
            limit: self.limit.unwrap_or(PREVIEW_MOST),
            rows: self.rows.unwrap_or(PREVIEW_DIFFERENCES),
            only: self.only.map(Verdict::from),
            differences: self.differences || self.reveal,
            reveal: self.reveal,
        })
    }

    pub(crate) fn cursor(&self) -> Option<Cursor> {
        self.cursor.clone().map(Cursor)
    }

    /// The deliveries of a list, each a delivery's id.
    pub(crate) fn listed(&self) -> Result<Vec<DeliveryId>, Fault> {
        let Some(listed) = self.deliveries.as_ref().filter(|listed| !listed.is_empty()) else {
            return Err(wrong("/deliveries", "must name at least one delivery"));
        };
        let read = |(text, place): (&String, usize)| {
            let id = text.parse();
            id.map_err(|_| wrong(&format!("/deliveries/{place}"), "is no delivery's id: <exchange>.<number>"))
        };
        listed.iter().zip(0..).map(read).collect()
    }

    /// Refuses a list where the path names what is previewed.
    pub(crate) fn names_nothing_else(&self) -> Result<(), Fault> {
        match &self.deliveries {
            Some(_) => Err(wrong("/deliveries", "is not for this path: POST /v1/deliveries/preview takes a list")),
            None => Ok(()),
        }
    }
}

fn wrong(pointer: &str, problem: impl Into<String>) -> Fault {
    let problem = problem.into();
    Fault::new(FaultKind::Invalid, FaultCode::BadParameter, format!("{pointer} {problem}"))
        .with_problem(FieldProblem::new(pointer, problem))
}

impl From<PreviewEdits> for service::Edits {
    fn from(edits: PreviewEdits) -> Self {
        let PreviewEdits { tables, transforms } = edits;
        let row = |row: BTreeMap<String, Cell>| row.into_iter().map(|(column, Cell(text))| (column, text)).collect();
        let tables = tables.into_iter().map(|(table, rows)| (table, rows.into_iter().map(row).collect())).collect();
        Self { tables, transforms }
    }
}
