//! `alerts`: what fires and did, how the targets are doing, a test of one. It decides nothing about them.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::remote::Remote;
use super::show::{instant, list, rows, text};
use super::{Failure, Out};

#[derive(Debug, Args)]
pub(crate) struct Alerts {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Shows what fires and what did in the last seven days.
    List,
    /// Shows the targets: what waits for each, and its last trouble.
    Targets,
    /// Sends a target a message that says it is a test.
    Test {
        target: String,
        /// Why; kept with the record.
        #[arg(long)]
        reason: Option<String>,
    },
}

impl Alerts {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let gateway = self.remote.connect()?;
        match self.act.unwrap_or(Act::List) {
            Act::List => print(&gateway.get(&["v1", "alerts"], &[]).await?, out),
            Act::Targets => print_targets(&gateway.get(&["v1", "alerts"], &[]).await?, out),
            Act::Test { target, reason } => {
                let body = json!({ "reason": reason });
                let test = gateway.post(&["v1", "alerts", "targets", &target, "test"], &body, &[]).await?;
                return tested(&test, out);
            }
        }
        Ok(())
    }
}

fn print(answer: &Value, out: &Out) {
    let alerts = list(answer, "alerts");
    if out.is_json() {
        alerts.iter().for_each(|alert| out.value(alert));
        return;
    }
    let cells: [fn(&Value) -> String; 7] = [
        |row| if row.get("firing") == Some(&Value::Bool(true)) { "firing".to_owned() } else { "over".to_owned() },
        |row| text(row, "rule"),
        |row| instant(row, "fired_at"),
        |row| instant(row, "resolved_at"),
        |row| text(row, "count"),
        |row| text(row, "summary_en"),
        |row| text(row, "waiting"),
    ];
    let headings = ["state", "rule", "fired", "resolved", "count", "what", "messages waiting"];
    out.table(&headings, rows(alerts, &cells));
}

fn print_targets(answer: &Value, out: &Out) {
    let targets = list(answer, "targets");
    if out.is_json() {
        targets.iter().for_each(|target| out.value(target));
        return;
    }
    let cells: [fn(&Value) -> String; 7] = [
        |row| text(row, "name"),
        |row| text(row, "kind"),
        |row| text(row, "waiting"),
        |row| instant(row, "last_sent"),
        |row| text(row, "failures"),
        |row| instant(row, "next_try"),
        |row| text(row, "last_trouble"),
    ];
    let headings = ["target", "kind", "waiting", "last sent", "failures", "next try", "last trouble"];
    out.table(&headings, rows(targets, &cells));
}

/// A target that does not take it is a failed command, so that scripts notice.
fn tested(test: &Value, out: &Out) -> Result<(), Failure> {
    if out.is_json() {
        out.value(test);
    }
    if test.get("ok") == Some(&Value::Bool(true)) {
        if !out.is_json() {
            out.line(format_args!("{} took it", text(test, "target")));
        }
        return Ok(());
    }
    Err(Failure::Failed(format!("{} did not take it: {}", text(test, "target"), text(test, "trouble"))))
}
