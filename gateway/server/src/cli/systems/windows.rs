//! `systems windows`: maintenance windows of external systems: list, set, change, remove. It decides nothing about them.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::remote::Gateway;
use crate::cli::show::{instant, list, rows, text};
use crate::cli::{Failure, Out};

#[derive(Debug, Args)]
pub(super) struct Windows {
    #[command(subcommand)]
    act: Option<Act>,
}

/// When it is open.
#[derive(Debug, Args)]
struct When {
    /// Days of the week it begins on; without them it is open once.
    #[arg(long, value_delimiter = ',', value_name = "mon,tue,…")]
    days: Vec<String>,
    /// A time with days (22:00), otherwise a moment (2026-03-02T22:00), in Vietnam's time.
    #[arg(long)]
    from: String,
    #[arg(long)]
    until: String,
    /// Why; shown to whoever meets the window.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Lists the windows of a system, or of all.
    List {
        #[arg(default_value = "*")]
        system: String,
    },
    /// Sets a window: traffic waits while it is open, and afterwards one message goes first.
    Set {
        system: String,
        #[command(flatten)]
        when: When,
    },
    /// Changes a window; one that is open is in force as changed at once.
    Change {
        system: String,
        window: String,
        #[command(flatten)]
        when: When,
        /// The version that was seen; refused when somebody changed it meanwhile.
        #[arg(long, value_name = "VERSION")]
        seen: Option<u32>,
    },
    /// Removes a window; one that is open ends now.
    Remove {
        system: String,
        window: String,
        #[arg(long)]
        reason: String,
        #[arg(long, value_name = "VERSION")]
        seen: Option<u32>,
    },
}

impl When {
    fn body(&self, seen: Option<u32>) -> Value {
        let Self { days, from, until, reason } = self;
        json!({ "days": days, "from": from, "until": until, "reason": reason, "version": seen })
    }
}

impl Windows {
    pub(super) async fn run(self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        match self.act.unwrap_or(Act::List { system: "*".to_owned() }) {
            Act::List { system } => {
                let answer = gateway.get(&["v1", "systems", &system, "windows"], &[]).await?;
                print(list(&answer, "windows"), out);
            }
            Act::Set { system, when } => {
                let set = gateway.post(&["v1", "systems", &system, "windows"], &when.body(None), &[]).await?;
                print(std::slice::from_ref(&set), out);
            }
            Act::Change { system, window, when, seen } => {
                let path = ["v1", "systems", &system, "windows", &window, "change"];
                print(std::slice::from_ref(&gateway.post(&path, &when.body(seen), &[]).await?), out);
            }
            Act::Remove { system, window, reason, seen } => {
                let body = json!({ "reason": reason, "version": seen });
                let path = ["v1", "systems", &system, "windows", &window, "remove"];
                print(std::slice::from_ref(&gateway.post(&path, &body, &[]).await?), out);
            }
        }
        Ok(())
    }
}

fn print(windows: &[Value], out: &Out) {
    if out.is_json() {
        windows.iter().for_each(|window| out.value(window));
        return;
    }
    let cells: [fn(&Value) -> String; 9] = [
        |row| text(row, "system"),
        |row| if row.get("open") == Some(&Value::Bool(true)) { "open".to_owned() } else { String::new() },
        |row| instant(row, "opens_at"),
        |row| instant(row, "closes_at"),
        |row| list(row, "days").iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        |row| text(row, "reason"),
        |row| text(row, "by"),
        |row| text(row, "id"),
        |row| text(row, "version"),
    ];
    let headings = ["system", "now", "opens", "closes", "days", "reason", "by", "id", "version"];
    out.table(&headings, rows(windows, &cells));
}
