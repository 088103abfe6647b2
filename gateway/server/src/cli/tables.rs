//! `tables`: code tables of a running gateway, and the codes that have no row. It changes nothing: rows are configuration.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::remote::Remote;
use super::show::{instant, list, rows, text};
use super::{Failure, Out};

#[derive(Debug, Args)]
pub(crate) struct Tables {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Lists all tables.
    List,
    /// Shows the rows of a table, and what another system's own list lacks of it.
    Show { table: String },
    /// Lists codes that messages failed on because no row has them.
    Unmapped,
}

impl Tables {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let gateway = self.remote.connect()?;
        match self.act.unwrap_or(Act::List) {
            Act::List => print_list(&gateway.get(&["v1", "tables"], &[]).await?, out),
            Act::Show { table } => print_table(&gateway.get(&["v1", "tables", &table], &[]).await?, out),
            Act::Unmapped => print_unmapped(&gateway.get(&["v1", "tables", "unmapped"], &[]).await?, out),
        }
        Ok(())
    }
}

fn joined(value: &Value, key: &str) -> String {
    let texts: Vec<&str> = list(value, key).iter().filter_map(Value::as_str).collect();
    lienthong_core::text::shown(&texts.join(", "))
}

fn print_list(answer: &Value, out: &Out) {
    let tables = list(answer, "tables");
    if out.is_json() {
        tables.iter().for_each(|table| out.value(table));
        return;
    }
    let cells: [fn(&Value) -> String; 7] = [
        |row| text(row, "name"),
        |row| joined(row, "key"),
        |row| joined(row, "values"),
        |row| text(row, "rows"),
        |row| text(row, "total"),
        |row| joined(row, "one_to_one"),
        |row| text(row, "description"),
    ];
    out.table(&["table", "key", "values", "rows", "total", "one-to-one", "for"], rows(tables, &cells));
}

fn print_table(answer: &Value, out: &Out) {
    if out.is_json() {
        out.value(answer);
        return;
    }
    let cells: [fn(&Value) -> String; 5] = [
        |row| joined(row, "key"),
        |row| joined(row, "values"),
        |row| text(row, "valid_from"),
        |row| text(row, "valid_to"),
        |row| text(row, "line"),
    ];
    out.table(&["key", "values", "from", "to", "line"], rows(list(answer, "rows"), &cells));
    let Some(observed) = answer.get("observed").filter(|observed| observed.is_object()) else { return };
    let facts = vec![
        vec!["received".to_owned(), instant(observed, "received_at")],
        vec!["codes the other side does not have".to_owned(), joined(observed, "unknown_there")],
        vec!["codes of theirs without a row here".to_owned(), joined(observed, "unknown_here")],
    ];
    out.table(&["the other side's list", &text(observed, "operation")], facts);
}

fn print_unmapped(answer: &Value, out: &Out) {
    let codes = list(answer, "codes");
    if out.is_json() {
        codes.iter().for_each(|code| out.value(code));
        return;
    }
    let cells: [fn(&Value) -> String; 8] = [
        |row| text(row, "table"),
        |row| text(row, "code"),
        |row| joined(row, "fields"),
        |row| joined(row, "operations"),
        |row| text(row, "parked"),
        |row| text(row, "seen"),
        |row| instant(row, "last_seen"),
        |row| text(row, "problem"),
    ];
    out.table(&["table", "code", "field", "operation", "parked", "seen", "last seen", "why"], rows(codes, &cells));
    if answer.get("truncated") == Some(&Value::Bool(true)) {
        out.note("more error groups exist than were looked through");
    }
}
