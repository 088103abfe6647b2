//! `systems`: gates and backlogs of external systems; pause, resume, probe, diagnose. `*` means all of them.

mod diagnose;
mod expiries;
mod health;
mod windows;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::remote::Remote;
use super::show::{fault, inner, instant, list, rows, text};
use super::{Failure, Out};

#[derive(Debug, Args)]
pub(crate) struct Systems {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Shows state, gate and backlog of every system.
    List,
    /// Shows until when certificates and secrets hold, the soonest first.
    Expiries,
    /// Shows one system: its state with what shows it, what was measured, what waits and by when it is drained.
    Show {
        system: String,
        /// Days of hours to show with `--json`, 1 to 92.
        #[arg(long, default_value_t = 1)]
        days: u32,
    },
    /// Shows clients and systems that normally send and have stopped.
    Silences,
    /// Maintenance windows: traffic waits while one is open, and afterwards one message goes first.
    Windows(windows::Windows),
    /// Stops sending to a system, or to all (`*`); lasts until it is resumed, over restarts too.
    Pause {
        system: String,
        /// Why; kept with the record.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Sends to a system again, or to all (`*`).
    Resume {
        system: String,
        #[arg(long)]
        reason: Option<String>,
    },
    /// Tries a system now, or all (`*`), whatever its gate says.
    Probe { system: String },
    /// Tries every step of the way to a system from this machine, without the running gateway: name, route, TCP, TLS, clock, login
    /// and one read, each with what was seen and who must act.
    Diagnose(diagnose::Diagnose),
}

impl Systems {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let act = match self.act.unwrap_or(Act::List) {
            Act::Diagnose(diagnose) => return Box::pin(diagnose.run(out)).await,
            act @ (Act::List
            | Act::Expiries
            | Act::Show { .. }
            | Act::Windows(_)
            | Act::Silences
            | Act::Pause { .. }
            | Act::Resume { .. }
            | Act::Probe { .. }) => act,
        };
        let gateway = self.remote.connect()?;
        match act {
            Act::Diagnose(_) => {}
            Act::Show { system, days } => {
                let days = days.to_string();
                let shown = gateway.get(&["v1", "systems", &system], &[("days", days)]).await?;
                health::print(&shown, out);
            }
            Act::Silences => health::silences(&gateway.get(&["v1", "silences"], &[]).await?, out),
            Act::Windows(windows) => windows.run(&gateway, out).await?,
            Act::List => print(&gateway.get(&["v1", "systems"], &[]).await?, out),
            Act::Expiries => expiries::print(&gateway.get(&["v1", "systems"], &[]).await?, out),
            Act::Pause { system, reason } => {
                let body = json!({ "reason": reason });
                print(&gateway.post(&["v1", "systems", &system, "pause"], &body, &[]).await?, out);
            }
            Act::Resume { system, reason } => {
                let body = json!({ "reason": reason });
                print(&gateway.post(&["v1", "systems", &system, "resume"], &body, &[]).await?, out);
            }
            Act::Probe { system } => {
                let answer = gateway.post(&["v1", "systems", &system, "probe"], &json!({}), &[]).await?;
                return probed(&answer, out);
            }
        }
        Ok(())
    }
}

fn print(answer: &Value, out: &Out) {
    let systems = list(answer, "systems");
    if out.is_json() {
        systems.iter().for_each(|system| out.value(system));
        return;
    }
    let cells: [fn(&Value) -> String; 12] = [
        |row| text(row, "name"),
        |row| inner(row, "condition", "state"),
        |row| text(row, "gate"),
        |row| instant(row, "since"),
        |row| text(row, "reason"),
        |row| text(row, "in_flight"),
        |row| text(row, "queued"),
        |row| text(row, "waiting"),
        |row| text(row, "verifying"),
        |row| text(row, "parked"),
        |row| instant(row, "next_probe"),
        health::drained,
    ];
    let headings = [
        "system",
        "state",
        "gate",
        "since",
        "reason",
        "in flight",
        "queued",
        "waiting",
        "verifying",
        "parked",
        "next probe",
        "drained",
    ];
    out.table(&headings, rows(systems, &cells));
}

/// A system that does not serve is a failed command, so that scripts notice.
fn probed(answer: &Value, out: &Out) -> Result<(), Failure> {
    let results = list(answer, "results");
    if out.is_json() {
        results.iter().for_each(|result| out.value(result));
    } else {
        let cells: [fn(&Value) -> String; 3] = [
            |row| text(row, "system"),
            |row| {
                if row.get("ok") == Some(&Value::Bool(true)) { "serves us".to_owned() } else { "does not".to_owned() }
            },
            fault,
        ];
        out.table(&["system", "probe", "fault"], rows(results, &cells));
    }
    let failed = results.iter().filter(|row| row.get("ok") != Some(&Value::Bool(true))).count();
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::Failed(format!("{failed} of {} systems do not serve us", results.len())))
    }
}
