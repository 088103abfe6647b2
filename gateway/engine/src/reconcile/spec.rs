//! How one reconciliation is configured: whose list, which fields, what the other side is asked, in what order statuses come. Pure; it reads no file.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use lienthong_core::program::Program;
use lienthong_core::{ClientId, OperationName, Timestamp};
use lienthong_formats::encoding::Encoding;
use serde_json::Value;

use super::compare::{Order, State, Told};
use crate::flow::calendar::vietnam;

/// Every configured reconciliation.
#[derive(Clone, Default)]
pub struct Reconciliations(pub Arc<[Arc<Spec>]>);

/// One reconciliation.
pub struct Spec {
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// What is handed over here, and what a difference is sent as.
    pub operation: OperationName,
    /// In whose name the other side is asked and differences are sent.
    pub client: ClientId,
    pub fields: Fields,
    /// The province's list.
    pub export: ExportSpec,
    /// The other side's list, where it can be had.
    pub there: Option<ExportSpec>,
    /// How the other side is asked about one key, where it can be asked.
    pub lookup: Option<LookedUpSpec>,
    pub order: Order,
    pub daily: Option<DailySpec>,
    /// How long differences are kept.
    pub keep: Duration,
    /// Most rows of one list.
    pub most_rows: u64,
}

/// Where a message's body tells what is compared: JSON pointers. What is left out is not compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    pub unit: Option<String>,
    pub procedure: Option<String>,
    pub status: Option<String>,
    pub day: Option<String>,
    pub due: Option<String>,
    pub returned: Option<String>,
    pub changed: Option<String>,
}

/// How a list is read.
#[derive(Clone)]
pub struct ExportSpec {
    pub encoding: Encoding,
    /// Of CSV.
    pub delimiter: u8,
    /// Columns (or members) each row must have.
    pub columns: Vec<String>,
    /// Makes `{key, body}` of a row.
    pub make: Arc<dyn Program>,
}

/// How the other side is asked about one key.
#[derive(Debug, Clone, PartialEq)]
pub struct LookedUpSpec {
    /// A `read` operation.
    pub operation: OperationName,
    /// The member of its input that holds the key.
    pub field: String,
    /// Where its answer says whether there is such a key; an answer without it is one.
    pub exists: Option<String>,
    /// Where its answer tells the status, where it does.
    pub status: Option<String>,
    pub per_second: f64,
}

/// When it runs by itself, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailySpec {
    /// Local to Asia/Ho_Chi_Minh.
    pub at: Time,
    /// The province's list of the day before; `{day}` stands for that day.
    pub file: String,
    /// The other side's, where it comes as a file.
    pub there: Option<String>,
    /// Days compared, up to the day before.
    pub days: u16,
    /// How long a file that is late is waited for.
    pub wait: Duration,
}

impl Reconciliations {
    pub fn get(&self, name: &str) -> Option<&Arc<Spec>> {
        self.0.iter().find(|spec| spec.name == name)
    }
}

impl Fields {
    /// What a body says. The problem names the field and never its value.
    pub fn state(&self, body: &Value) -> Result<State, String> {
        Ok(State {
            unit: text(body, self.unit.as_deref())?,
            procedure: text(body, self.procedure.as_deref())?,
            status: text(body, self.status.as_deref())?,
            day: told(body, self.day.as_deref())?.day(),
            due: told(body, self.due.as_deref())?,
            returned: told(body, self.returned.as_deref())?,
            changed: self.changed.as_deref().map(|at| instant(body, at)).transpose()?.flatten(),
        })
    }
}

/// A text, or a number as one.
fn text(body: &Value, at: Option<&str>) -> Result<Option<String>, String> {
    let Some(at) = at else { return Ok(None) };
    match body.pointer(at) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => Err(format!("{at} is no text")),
    }
}

/// A day, in Vietnam where it is a moment.
fn told(body: &Value, at: Option<&str>) -> Result<Told, String> {
    let Some(at) = at else { return Ok(Told::Untold) };
    match text(body, Some(at))? {
        None => Ok(Told::Never),
        Some(text) => day(&text)
            .map(Told::On)
            .ok_or_else(|| format!("{at} is no date: write yyyy-MM-dd or a time with its offset")),
    }
}

fn instant(body: &Value, at: &str) -> Result<Option<Timestamp>, String> {
    let Some(text) = text(body, Some(at))? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| format!("{at} is no time with its offset"))
}

fn day(text: &str) -> Option<Date> {
    match text.parse::<Timestamp>() {
        Ok(moment) => Some(local_day(moment)),
        Err(_) if text.len() == 10 => text.parse().ok(),
        Err(_) => None,
    }
}

/// The day of a moment, in Vietnam.
pub fn local_day(moment: Timestamp) -> Date {
    moment.to_zoned(vietnam()).date()
}

/// When a day begins, in Vietnam.
pub fn begins(day: Date) -> Timestamp {
    let zone: TimeZone = vietnam();
    day.to_zoned(zone).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    fn fields() -> Fields {
        let at = |pointer: &str| Some(pointer.to_owned());
        Fields {
            unit: at("/handling_unit"),
            procedure: at("/procedure_code"),
            status: at("/status"),
            day: at("/received_at"),
            due: at("/due_at"),
            returned: at("/returned_at"),
            changed: at("/changed_at"),
        }
    }

    #[test]
    fn a_moment_belongs_to_the_day_it_has_in_vietnam() {
        let body = json!({
            "handling_unit": " H56.14 ", "procedure_code": "1.000094", "status": 4, "received_at": "2026-01-14T18:30:00Z",
            "due_at": "2026-01-20", "changed_at": "2026-01-15T08:00:00+07:00",
        });
        let state = fields().state(&body).unwrap();
        assert_eq!((state.unit.as_deref(), state.status.as_deref()), (Some("H56.14"), Some("4")));
        assert_eq!(state.day, Some(date(2026, 1, 15)));
        assert_eq!((state.due, state.returned), (Told::On(date(2026, 1, 20)), Told::Never));
        assert_eq!(begins(date(2026, 1, 15)).to_string(), "2026-01-14T17:00:00Z");
    }

    #[test]
    fn what_is_not_asked_for_is_untold_and_a_wrong_form_is_told_by_its_place() {
        let state = Fields::default().state(&json!({"due_at": "2026-01-20"})).unwrap();
        assert_eq!(state, State::default());
        let wrong = fields().state(&json!({"due_at": "20/01/2026"})).unwrap_err();
        assert!(wrong.starts_with("/due_at") && !wrong.contains("20/01"), "{wrong}");
        assert!(fields().state(&json!({"status": {"code": 4}})).is_err());
    }
}
