//! Compares our codes with another system's own list of them, so that what has no counterpart shows before a message fails on it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use lienthong_core::{OperationName, text};
use serde_json::Value;

use super::Table;

/// How another system's own list of a table's codes is found in what it sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedSpec {
    /// The message that carries the list.
    pub operation: OperationName,
    /// Pointer and text that tell this list from others of the same message.
    pub when: Option<(String, String)>,
    /// Pointer to the array of entries.
    pub items: String,
    /// Pointer to the code inside one entry.
    pub code: String,
    /// Our column that holds that system's code.
    pub column: String,
}

impl ObservedSpec {
    /// The codes of a message, when it is this list.
    pub fn codes(&self, message: &Value) -> Option<BTreeSet<String>> {
        let is_ours = self.when.as_ref().is_none_or(|(pointer, wanted)| {
            message.pointer(pointer).and_then(Value::as_str).is_some_and(|text| text == wanted)
        });
        if !is_ours {
            return None;
        }
        let items = message.pointer(&self.items)?.as_array()?;
        Some(items.iter().filter_map(|item| code(item.pointer(&self.code)?)).collect())
    }
}

fn code(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text::nfc(text.trim())),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What two lists do not share, each sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counterparts {
    /// Codes our table would send that the other side does not have.
    pub unknown_there: Vec<String>,
    /// Codes the other side has that our table cannot read.
    pub unknown_here: Vec<String>,
}

impl Table {
    /// Compares the rows that hold on a day with the other side's codes.
    pub fn counterparts(&self, column: &str, observed: &BTreeSet<String>, day: Date) -> Counterparts {
        let place = |columns: &[String]| columns.iter().position(|name| name == column);
        let (key, value) = (place(&self.spec.key), place(&self.spec.values));
        let cell = |row: &super::Row| {
            key.and_then(|at| row.key.get(at).cloned()).or_else(|| value.and_then(|at| row.values.get(at).cloned()))
        };
        let rows = self.rows().iter().filter(|row| row.holds_on(day));
        let ours: BTreeSet<String> = rows.filter_map(cell).filter(|cell| !cell.is_empty()).collect();
        Counterparts {
            unknown_there: ours.difference(observed).cloned().collect(),
            unknown_here: observed.difference(&ours).cloned().collect(),
        }
    }
}
