//! `tables`: code tables of a running gateway, the codes that have no row, and rows that are added to them.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::remote::{Gateway, Remote};
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
    /// Adds a row and releases what waited for exactly its code.
    Add(Add),
    /// Lists the rows that were added; with --csv as lines for the table's file.
    Added {
        /// Of one table.
        table: Option<String>,
        #[arg(long, requires = "table")]
        csv: bool,
    },
    /// Takes an added row back, or clears one away that stands in the file by now.
    Remove {
        id: String,
        #[arg(long)]
        reason: String,
    },
}

/// One dated row.
#[derive(Debug, Args)]
struct Add {
    table: String,
    /// The cells, `column=cell` each; valid_from and valid_to are days.
    #[arg(required = true, value_name = "COLUMN=CELL")]
    cells: Vec<String>,
    /// Why; kept with the row.
    #[arg(long)]
    reason: Option<String>,
    /// Only tells what would pass with it.
    #[arg(long)]
    dry_run: bool,
    /// Releases nothing.
    #[arg(long)]
    no_release: bool,
}

impl Tables {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let gateway = self.remote.connect()?;
        match self.act.unwrap_or(Act::List) {
            Act::List => print_list(&gateway.get(&["v1", "tables"], &[]).await?, out),
            Act::Show { table } => print_table(&gateway.get(&["v1", "tables", &table], &[]).await?, out),
            Act::Unmapped => print_unmapped(&gateway.get(&["v1", "tables", "unmapped"], &[]).await?, out),
            Act::Add(add) => add.run(&gateway, out).await?,
            Act::Added { table, csv } => added(&gateway, table.as_deref(), csv, out).await?,
            Act::Remove { id, reason } => {
                gateway.post(&["v1", "tables", "added", &id, "remove"], &json!({ "reason": reason }), &[]).await?;
                out.note("removed");
            }
        }
        Ok(())
    }
}

impl Add {
    async fn run(&self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        let mut cells = Map::new();
        for cell in &self.cells {
            let (column, text) =
                cell.split_once('=').ok_or_else(|| Failure::Usage(format!("{cell}: write COLUMN=CELL")))?;
            cells.insert(column.to_owned(), text.into());
        }
        let body =
            json!({ "cells": cells, "reason": self.reason, "dry_run": self.dry_run, "release": !self.no_release });
        let answer = gateway.post(&["v1", "tables", &self.table, "rows"], &body, &[]).await?;
        if out.is_json() {
            out.value(&answer);
            return Ok(());
        }
        let done = if self.dry_run { "nothing was done; with this row" } else { "added; of what waited for it" };
        out.line(format_args!("{done}, {} pass and {} do not", text(&answer, "passes"), text(&answer, "fails")));
        if let Some(released) = answer.get("released").filter(|_| !self.dry_run) {
            out.line(format_args!("{} released at once", text(released, "moved")));
        }
        for release in list(&answer, "releases").iter().filter_map(Value::as_str) {
            out.line(format_args!("released in steps: errors releases follow {release}"));
        }
        Ok(())
    }
}

async fn added(gateway: &Gateway, table: Option<&str>, csv: bool, out: &Out) -> Result<(), Failure> {
    let answer = gateway.get(&["v1", "tables", "added"], &[]).await?;
    let is_asked = |row: &&Value| table.is_none_or(|table| text(row, "table") == table);
    let found: Vec<Value> = list(&answer, "rows").iter().filter(is_asked).cloned().collect();
    if let Some(table) = table.filter(|_| csv) {
        let shown = gateway.get(&["v1", "tables", table], &[]).await?;
        return written(&shown, &found, out);
    }
    if out.is_json() {
        found.iter().for_each(|row| out.value(row));
        return Ok(());
    }
    let cells: [fn(&Value) -> String; 7] = [
        |row| text(row, "id"),
        |row| text(row, "table"),
        |row| row.get("cells").map(Value::to_string).unwrap_or_default(),
        |row| text(row, "by"),
        |row| instant(row, "at"),
        |row| text(row, "reason"),
        |row| format!("{} {}", text(row, "standing"), text(row, "why")),
    ];
    out.table(&["row", "table", "cells", "by", "at", "why", "now"], rows(&found, &cells));
    Ok(())
}

/// As lines of the table's file, under its columns.
fn written(table: &Value, found: &[Value], out: &Out) -> Result<(), Failure> {
    let declared = table.get("table").unwrap_or(&Value::Null);
    let own = list(declared, "key").iter().chain(list(declared, "values")).filter_map(Value::as_str);
    let columns: Vec<&str> = own.chain(["valid_from", "valid_to"]).collect();
    let mut lines = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Failure::because("the rows cannot be written", error);
    lines.write_record(&columns).map_err(failed)?;
    for row in found {
        let cells = row.get("cells").unwrap_or(&Value::Null);
        lines.write_record(columns.iter().map(|column| text(cells, column))).map_err(failed)?;
    }
    let bytes = lines.into_inner().map_err(|error| Failure::because("the rows cannot be written", error))?;
    out.line(String::from_utf8_lossy(&bytes).trim_end());
    Ok(())
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
