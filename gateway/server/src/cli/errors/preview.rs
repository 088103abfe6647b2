//! `errors preview`: what a release would come to, by the running configuration or by rows and transforms in files. It releases nothing.

use std::path::{Path, PathBuf};

use clap::Args;
use lienthong_core::DeliveryId;
use lienthong_core::text::{excerpt, shown};
use serde_json::{Map, Value, json};

use crate::cli::remote::Gateway;
use crate::cli::show::{cause, inner, list, rows, text};
use crate::cli::{Failure, Out};

/// Largest file of edits read, in bytes.
const FILE_BYTES: u64 = 8 << 20;
/// Of a cause or value this much stands in a table.
const CELL_CHARS: usize = 70;
/// Deliveries one request takes.
const AT_ONCE: usize = 10_000;

#[derive(Debug, Args)]
pub(super) struct Preview {
    /// A group's id, or deliveries' (`<exchange>.<number>`).
    #[arg(required = true)]
    ids: Vec<String>,
    /// Rows that are not yet live, as CSV with a header, added to this table or taking the place of rows with the same code and first day.
    #[arg(long, value_name = "TABLE=FILE")]
    rows: Vec<String>,
    /// A transform that is not yet live, in VRL, for this route.
    #[arg(long, value_name = "ROUTE=FILE")]
    transform: Vec<String>,
    /// Show field by field what would be sent otherwise than it was.
    #[arg(long)]
    differences: bool,
    /// Show personal fields too; needs --reason, which goes to the audit log.
    #[arg(long, requires = "reason")]
    reveal: bool,
    /// Why personal fields are looked at.
    #[arg(long)]
    reason: Option<String>,
    /// Tell one by one only of deliveries that would end so, such as fails.
    #[arg(long, value_name = "VERDICT")]
    only: Option<String>,
    /// Deliveries told of one by one, at most.
    #[arg(long, default_value_t = 20, value_name = "ROWS")]
    show: usize,
    /// Deliveries of a group previewed at most.
    #[arg(long, default_value_t = AT_ONCE, value_name = "DELIVERIES")]
    limit: usize,
}

impl Preview {
    pub(super) async fn run(self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        let body = self.body()?;
        let answer = match self.ids.as_slice() {
            [group] if group.parse::<DeliveryId>().is_err() => {
                gateway.post(&["v1", "errors", group, "preview"], &body, &[]).await?
            }
            [one] => gateway.post(&["v1", "deliveries", one, "preview"], &body, &[]).await?,
            _several => gateway.post(&["v1", "deliveries", "preview"], &body, &[]).await?,
        };
        if out.is_json() {
            out.value(&answer);
        } else {
            print(&answer, out);
        }
        Ok(())
    }

    fn body(&self) -> Result<Value, Failure> {
        let (mut tables, mut transforms) = (Map::new(), Map::new());
        for edit in &self.rows {
            let (table, file) = named("--rows", edit)?;
            tables.insert(table.to_owned(), csv_rows(&file)?);
        }
        for edit in &self.transform {
            let (route, file) = named("--transform", edit)?;
            transforms.insert(route.to_owned(), Value::String(read(&file)?));
        }
        let mut body = json!({
            "limit": self.limit, "rows": self.show, "only": self.only, "differences": self.differences,
            "reveal": self.reveal, "reason": self.reason,
            "edits": { "tables": tables, "transforms": transforms },
        });
        if let (Value::Object(fields), true) = (&mut body, self.ids.len() > 1) {
            fields.insert("deliveries".to_owned(), json!(self.ids));
        }
        Ok(body)
    }
}

fn named<'a>(option: &str, edit: &'a str) -> Result<(&'a str, PathBuf), Failure> {
    let (name, file) = edit
        .split_once('=')
        .ok_or_else(|| Failure::Usage(format!("{option} {edit}: write a name, `=`, and a file")))?;
    Ok((name, PathBuf::from(file)))
}

fn read(file: &Path) -> Result<String, Failure> {
    let because = |error| Failure::because(&file.display().to_string(), error);
    let size = std::fs::metadata(file).map_err(because)?.len();
    if size > FILE_BYTES {
        return Err(Failure::Failed(format!("{}: is over {FILE_BYTES} bytes", file.display())));
    }
    std::fs::read_to_string(file).map_err(because)
}

/// Every record as an object of its columns.
fn csv_rows(file: &Path) -> Result<Value, Failure> {
    let text = read(file)?;
    let body = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let because = |error: csv::Error| Failure::because(&file.display().to_string(), error);
    let mut reader = csv::ReaderBuilder::new().from_reader(body.as_bytes());
    let header = reader.headers().map_err(because)?.clone();
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record.map_err(because)?;
        let cells = header.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), Value::from(cell)));
        found.push(Value::Object(cells.collect()));
    }
    Ok(Value::Array(found))
}

fn print(answer: &Value, out: &Out) {
    let counts = answer.get("counts").and_then(Value::as_object).into_iter().flatten();
    let told: Vec<String> = counts
        .filter(|(_, count)| count.as_u64().is_some_and(|count| count > 0))
        .map(|(verdict, count)| format!("{count} {}", verdict.replace('_', " ")))
        .collect();
    let of = answer.get("parked").and_then(Value::as_u64).map(|parked| format!(" of {parked} parked"));
    let edited = if answer.get("edited").and_then(Value::as_bool) == Some(true) { " with the edits" } else { "" };
    let previewed = text(answer, "previewed");
    out.line(format_args!("{previewed}{} previewed{edited}: {}", of.unwrap_or_default(), told.join(", ")));
    let causes = list(answer, "causes");
    if !causes.is_empty() {
        let cells: [fn(&Value) -> String; 5] = [
            |row| text(row, "count"),
            |row| text(row, "verdict").replace('_', " "),
            |row| text(row, "operation"),
            |row| format!("{}: {}", inner(row, "fault", "code"), excerpt(&cause(row), CELL_CHARS)),
            |row| text(row, "sample_delivery"),
        ];
        out.table(&["count", "would be", "operation", "cause", "for example"], rows(causes, &cells));
    }
    let cells: [fn(&Value) -> String; 5] = [
        |row| text(row, "id"),
        |row| text(row, "key"),
        |row| text(row, "verdict").replace('_', " "),
        |row| inner(row, "fault", "code"),
        |row| text(row, "note"),
    ];
    let deliveries = list(answer, "deliveries");
    if !deliveries.is_empty() {
        out.table(&["delivery", "key", "would be", "fault", "note"], rows(deliveries, &cells));
    }
    for delivery in deliveries {
        list(delivery, "sends").iter().for_each(|sending| differing(delivery, sending, out));
    }
    if answer.get("next_cursor").is_some() {
        out.line(format_args!("there are more: this preview ended at its limit"));
    }
}

fn differing(delivery: &Value, sending: &Value, out: &Out) {
    let Some(difference) = sending.get("difference") else { return };
    let what = format!("{}: {}", text(delivery, "id"), text(sending, "operation"));
    print_difference(&what, difference, out);
}

/// Field by field, under a line that says what differs from what.
pub(in crate::cli) fn print_difference(what: &str, difference: &Value, out: &Out) {
    let (fields, against) = (list(difference, "fields"), text(difference, "against"));
    if fields.is_empty() {
        return out.line(format_args!("{what} as {against}"));
    }
    out.line(format_args!("{what} otherwise than {against}"));
    let side = |field: &Value, name: &str| match field.get(name) {
        Some(Value::String(text)) => shown(&excerpt(text, CELL_CHARS)),
        Some(value) => shown(&excerpt(&value.to_string(), CELL_CHARS)),
        None => "(none)".to_owned(),
    };
    let told = fields.iter().map(|field| vec![text(field, "pointer"), side(field, "before"), side(field, "after")]);
    out.table(&["field", "before", "after"], told.collect());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_read_from_files_as_the_gateway_takes_them() {
        let folder = tempfile::tempdir().unwrap();
        let (rows, program) = (folder.path().join("rows.csv"), folder.path().join("new.vrl"));
        std::fs::write(&rows, "\u{feff}code,name,valid_from\n75,\"Đồng Nai, mới\",2025-07-01\n").unwrap();
        std::fs::write(&program, ".status = 4\n").unwrap();
        let preview = Preview {
            ids: vec!["1-0".to_owned()],
            rows: vec![format!("provinces={}", rows.display())],
            transform: vec![format!("dossiers={}", program.display())],
            differences: true,
            reveal: false,
            reason: None,
            only: None,
            show: 5,
            limit: 10,
        };
        let body = preview.body().unwrap();
        let row = json!({"code": "75", "name": "Đồng Nai, mới", "valid_from": "2025-07-01"});
        assert_eq!(body["edits"]["tables"], json!({ "provinces": [row] }));
        assert_eq!(body["edits"]["transforms"], json!({ "dossiers": ".status = 4\n" }));
        assert_eq!((&body["deliveries"], &body["limit"]), (&Value::Null, &json!(10)));
        let several =
            Preview { ids: vec!["a.0".into(), "b.0".into()], rows: Vec::new(), transform: Vec::new(), ..preview };
        assert_eq!(several.body().unwrap()["deliveries"], json!(["a.0", "b.0"]));
        let nameless = Preview { rows: vec!["rows.csv".to_owned()], ..several };
        assert!(matches!(nameless.body(), Err(Failure::Usage(_))));
    }
}
