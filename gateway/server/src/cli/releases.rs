//! `errors release --steps` and `errors releases`: releases in growing steps, followed to their end. It decides nothing about them.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::remote::Gateway;
use super::show::{instant, list, rows, text};
use super::{Failure, Out};

/// Between two looks at a release that is followed.
const LOOK: Duration = Duration::from_millis(500);

/// How a group is released in steps.
#[derive(Debug, Args)]
pub(super) struct Pace {
    /// Members of each step; the last one repeats. Without it the whole group goes at once.
    #[arg(long, value_delimiter = ',', value_name = "N,N,…")]
    steps: Vec<u32>,
    /// Releases a second, at most.
    #[arg(long, value_name = "N", requires = "steps")]
    per_second: Option<u32>,
    /// Pause when more than this share of a step, in hundredths, fails again.
    #[arg(long, value_name = "PERCENT", requires = "steps")]
    stop_above: Option<u8>,
    /// Begin it and return; `errors releases` shows it.
    #[arg(long, requires = "steps")]
    detach: bool,
}

impl Pace {
    pub(super) fn is_in_steps(&self) -> bool {
        !self.steps.is_empty()
    }

    pub(super) async fn begin(
        &self,
        gateway: &Gateway,
        group: &str,
        (reason, confirm): (Option<&str>, bool),
        out: &Out,
    ) -> Result<(), Failure> {
        let body = json!({
            "steps": self.steps, "per_second": self.per_second, "stop_above": self.stop_above, "reason": reason,
            "confirm": confirm,
        });
        let begun = gateway.post(&["v1", "errors", group, "releases"], &body, &[]).await?;
        if self.detach {
            print(std::slice::from_ref(&begun), out);
            return Ok(());
        }
        follow(gateway, &text(&begun, "id"), out).await
    }
}

/// Shows its progress until it is over or paused.
async fn follow(gateway: &Gateway, id: &str, out: &Out) -> Result<(), Failure> {
    let bar = out.bar(Some(0), "{bar:40} {pos}/{len} settled  {msg}");
    loop {
        let release = gateway.get(&["v1", "releases", id], &[]).await?;
        let state = text(&release, "state");
        let over = ["delivered", "failed", "refused"].iter().map(|name| count(&release, name)).sum::<u64>();
        bar.set_length(count(&release, "total"));
        bar.set_position(over);
        bar.set_message(format!("{} failed, eta {}", text(&release, "failed"), instant(&release, "eta")));
        if state == "running" {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        bar.finish_and_clear();
        print(std::slice::from_ref(&release), out);
        print_refusals(&release, out);
        return match state.as_str() {
            "done" if count(&release, "failed") + count(&release, "refused") == 0 => Ok(()),
            "done" => Err(Failure::Failed("not all went; `errors show` tells what is parked".to_owned())),
            _paused_or_stopped => {
                let because = text(&release, "because");
                Err(Failure::Failed(format!("{state}: {because}; `errors releases resume {id}` lets it go on")))
            }
        };
    }
}

fn count(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

#[derive(Debug, Subcommand)]
pub(super) enum Releases {
    /// Lists releases in steps, the newest first.
    List,
    /// Shows the progress of one until it is over.
    Follow {
        id: String,
    },
    Pause(Turn),
    /// Lets it go on, with its first step again.
    Resume(Turn),
    /// For good; what was released already goes on.
    Stop(Turn),
}

#[derive(Debug, Args)]
pub(super) struct Turn {
    id: String,
    #[arg(long)]
    reason: Option<String>,
}

impl Releases {
    pub(super) async fn run(self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        let (turn, verb) = match self {
            Self::List => {
                let all = gateway.get(&["v1", "releases"], &[]).await?;
                print(list(&all, "releases"), out);
                return Ok(());
            }
            Self::Follow { id } => return follow(gateway, &id, out).await,
            Self::Pause(turn) => (turn, "pause"),
            Self::Resume(turn) => (turn, "resume"),
            Self::Stop(turn) => (turn, "stop"),
        };
        let body = json!({ "reason": turn.reason });
        let release = gateway.post(&["v1", "releases", &turn.id, verb], &body, &[]).await?;
        print(&[release], out);
        Ok(())
    }
}

fn print(releases: &[Value], out: &Out) {
    if out.is_json() {
        releases.iter().for_each(|release| out.value(release));
        return;
    }
    let cells: [fn(&Value) -> String; 9] = [
        |row| text(row, "id"),
        |row| text(row, "group"),
        |row| text(row, "state"),
        |row| text(row, "step"),
        |row| text(row, "delivered"),
        |row| text(row, "failed"),
        |row| text(row, "refused"),
        |row| text(row, "total"),
        |row| text(row, "because"),
    ];
    let headings = ["release", "group", "state", "steps", "delivered", "failed", "refused", "of", "because"];
    out.table(&headings, rows(releases, &cells));
}

/// The first of what was not released, where anything was not.
fn print_refusals(release: &Value, out: &Out) {
    let refusals = list(release, "refusals");
    if refusals.is_empty() || out.is_json() {
        return;
    }
    let cells: [fn(&Value) -> String; 2] = [|row| text(row, "delivery"), |row| text(row, "reason")];
    out.table(&["not released", "why"], rows(refusals, &cells));
    let unlisted = count(release, "refused").saturating_sub(refusals.len() as u64);
    if unlisted > 0 {
        out.line(format_args!("and {unlisted} more"));
    }
}
