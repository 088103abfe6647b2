//! `reconcile`: the province's list against the other side's, part by part into a gateway, followed to its end; differences shown and sent. It compares nothing itself.

mod print;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use lienthong_engine::reconcile::parts::Parts;
use reqwest::Method;
use serde_json::{Value, json};

use super::remote::{Gateway, NoAnswer, Remote};
use super::show::{inner, list, rows, text};
use super::{Failure, Out};
use crate::lists::opened;
use print::{print, print_differences, print_list};

/// Between two looks at a run that is followed.
const LOOK: Duration = Duration::from_millis(500);
/// Times a part is handed over again when its answer was lost.
const TRIES: u32 = 5;

#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Compares a list and follows it to its end.
    Run(Run),
    /// Lists what is configured, and runs, the newest first.
    List,
    /// Shows one run until it is over.
    Show { run: String },
    /// Lists what differs.
    Differences(Differences),
    /// Shows counts by unit, procedure, status and day.
    Totals {
        run: String,
        /// As CSV for spreadsheets.
        #[arg(long)]
        csv: bool,
    },
    /// Sends the chosen differences, each once.
    Send(Send),
    /// Stops comparing, or sending.
    Stop {
        run: String,
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Debug, Args)]
struct Run {
    /// A configured reconciliation.
    name: String,
    /// The province's list: CSV with a header, or JSON lines [default: the gateway reads the files of its daily run].
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// The other side's list, where it is given as a file.
    #[arg(long, value_name = "FILE", requires = "export")]
    there: Option<PathBuf>,
    /// How the lists are written [default: by their names].
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The first day compared, yyyy-MM-dd [default: the last].
    #[arg(long)]
    from: Option<Date>,
    /// The last day compared [default: yesterday].
    #[arg(long)]
    to: Option<Date>,
    /// Begin it and return; `reconcile show` shows it.
    #[arg(long)]
    detach: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Jsonl,
}

/// A list on its way in.
struct List {
    parts: Parts,
    /// Bytes of it, where that is known.
    length: Option<u64>,
}

/// Which differences; all given conditions hold.
#[derive(Debug, Args)]
struct Which {
    /// `missing_there`, `missing_here`, `status`, `due` or `returned`.
    #[arg(long)]
    aspect: Option<String>,
    /// Which side is newer: `here`, `there` or `undecided`.
    #[arg(long)]
    newer: Option<String>,
    #[arg(long)]
    why: Option<String>,
    #[arg(long)]
    unit: Option<String>,
    #[arg(long)]
    procedure: Option<String>,
    #[arg(long)]
    status: Option<String>,
}

#[derive(Debug, Args)]
struct Differences {
    run: String,
    #[command(flatten)]
    which: Which,
    /// Of this key.
    #[arg(long)]
    key: Option<String>,
    /// All of them, as CSV for spreadsheets.
    #[arg(long)]
    csv: bool,
    /// Most rows.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Where the page begins, as the page before told it.
    #[arg(long)]
    cursor: Option<String>,
}

#[derive(Debug, Args)]
struct Send {
    run: String,
    /// Places, as `differences` lists them.
    #[arg(long, value_delimiter = ',', value_name = "N,N,…", required_unless_present = "all")]
    places: Vec<u32>,
    /// All that fit the conditions.
    #[arg(long, conflicts_with = "places")]
    all: bool,
    #[command(flatten)]
    which: Which,
    #[arg(long)]
    reason: String,
    /// Also what the other side may hold newer.
    #[arg(long)]
    confirm: bool,
}

impl Reconcile {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let gateway = self.remote.connect()?;
        match self.act {
            Act::Run(run) => run.run(&gateway, out).await,
            Act::List => {
                print_list(&gateway.get(&["v1", "reconciliations"], &[]).await?, out);
                Ok(())
            }
            Act::Show { run } => follow(&gateway, &run, out).await,
            Act::Differences(differences) => differences.run(&gateway, out).await,
            Act::Totals { run, csv } => totals(&gateway, &run, csv, out).await,
            Act::Send(send) => send.run(&gateway, out).await,
            Act::Stop { run, reason } => {
                let body = json!({ "reason": reason });
                print(&gateway.post(&["v1", "reconciliations", &run, "stop"], &body, &[]).await?, out);
                Ok(())
            }
        }
    }
}

impl Run {
    async fn run(self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        let (from, to) = (self.from.map(|day| day.to_string()), self.to.map(|day| day.to_string()));
        // Opened first: a run without a list helps nobody.
        let here = self.export.as_deref().map(|path| self.list(path)).transpose()?;
        let there = self.there.as_deref().map(|path| self.list(path)).transpose()?;
        let asked = json!({ "name": self.name, "from": from, "to": to, "from_files": here.is_none() });
        let mut begun = gateway.post(&["v1", "reconciliations"], &asked, &[]).await?;
        let id = text(&begun, "id");
        if let Some(here) = here {
            hand_over(gateway, &id, "here", here, out).await?;
            if let Some(there) = there {
                hand_over(gateway, &id, "there", there, out).await?;
            }
            begun = gateway.post(&["v1", "reconciliations", &id, "compare"], &json!({}), &[]).await?;
        }
        if self.detach {
            print(&begun, out);
            return Ok(());
        }
        follow(gateway, &id, out).await
    }

    fn list(&self, path: &Path) -> Result<List, Failure> {
        let lines = self.format.map_or_else(|| Parts::are_lines(path), |format| format == Format::Jsonl);
        let parts = opened(path, lines)
            .map_err(|error| Failure::because(&format!("{} cannot be read", path.display()), error))?;
        Ok(List { parts, length: std::fs::metadata(path).ok().map(|file| file.len()) })
    }
}

async fn hand_over(gateway: &Gateway, id: &str, side: &str, list: List, out: &Out) -> Result<(), Failure> {
    let List { mut parts, length } = list;
    let bar = out.bar(length, "{bar:40} {bytes} of {total_bytes} handed over");
    let mut number = 0_u32;
    loop {
        let (next, parts_again) = tokio::task::spawn_blocking(move || {
            let next = parts.part();
            (next, parts)
        })
        .await
        .map_err(|error| Failure::because("reading ended badly", error))?;
        parts = parts_again;
        let next = next.map_err(|error| Failure::because("the list cannot be read on", error))?;
        let Some(part) = next else { break };
        number += 1;
        bar.set_position(parts.position());
        let query = [("side", side.to_owned()), ("part", number.to_string())];
        let url = gateway.address(&["v1", "reconciliations", id, "rows"], &query)?;
        let mut tries = 0;
        loop {
            match gateway.upload(url.clone(), parts.content_type(), part.clone()).await {
                Ok(answer) => {
                    answer.accepted()?;
                    break;
                }
                // Taken or not: with its number it is taken once.
                Err(NoAnswer::Interrupted { .. }) if tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(LOOK).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// Shows its progress until it is over.
async fn follow(gateway: &Gateway, id: &str, out: &Out) -> Result<(), Failure> {
    let bar = out.bar(Some(0), "{bar:40} {pos}/{len} pieces compared  {msg}");
    loop {
        let run = gateway.get(&["v1", "reconciliations", id], &[]).await?;
        let state = text(&run, "state");
        bar.set_length(run.get("pieces").and_then(Value::as_u64).unwrap_or_default());
        bar.set_position(run.get("compared").and_then(Value::as_u64).unwrap_or_default());
        bar.set_message(format!("{} differ; {}", inner(&run, "counts", "different"), text(&run, "because")));
        let sending = run.get("sending").is_some_and(Value::is_object);
        let read_there = state == "receiving" && run.get("from_files") == Some(&Value::Bool(true));
        if state == "comparing" || sending || read_there {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        bar.finish_and_clear();
        print(&run, out);
        return match state.as_str() {
            "done" | "receiving" => Ok(()),
            _stopped_or_failed => Err(Failure::Failed(format!("{state}: {}", text(&run, "because")))),
        };
    }
}

impl Which {
    fn given(&self) -> Vec<(&'static str, String)> {
        let Self { aspect, newer, why, unit, procedure, status } = self;
        let all = [
            ("aspect", aspect),
            ("newer", newer),
            ("why", why),
            ("unit", unit),
            ("procedure", procedure),
            ("status", status),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }
}

impl Differences {
    async fn run(self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        let mut query = self.which.given();
        query.extend(self.key.map(|key| ("key", key)));
        let parts = ["v1", "reconciliations", &self.run, "differences"];
        if self.csv {
            query.push(("format", "csv".to_owned()));
            return print_sheet(gateway, &parts, &query, out).await;
        }
        query.push(("limit", self.limit.to_string()));
        query.extend(self.cursor.map(|cursor| ("cursor", cursor)));
        let page = gateway.get(&parts, &query).await?;
        print_differences(&page, out);
        Ok(())
    }
}

impl Send {
    async fn run(self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        let mut body = json!({ "reason": self.reason, "confirm": self.confirm, "places": self.places });
        if let Some(members) = body.as_object_mut() {
            members.extend(self.which.given().into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))));
        }
        gateway.post(&["v1", "reconciliations", &self.run, "send"], &body, &[]).await?;
        follow(gateway, &self.run, out).await
    }
}

async fn totals(gateway: &Gateway, run: &str, csv: bool, out: &Out) -> Result<(), Failure> {
    let parts = ["v1", "reconciliations", run, "totals"];
    if csv {
        return print_sheet(gateway, &parts, &[("format", "csv".to_owned())], out).await;
    }
    let answer = gateway.get(&parts, &[]).await?;
    if out.is_json() {
        out.value(&answer);
        return Ok(());
    }
    let cells: [fn(&Value) -> String; 8] = [
        |row| text(row, "unit"),
        |row| text(row, "procedure"),
        |row| text(row, "status"),
        |row| text(row, "day"),
        |row| text(row, "here"),
        |row| text(row, "handed"),
        |row| text(row, "there"),
        |row| text(row, "different"),
    ];
    let headings = ["unit", "procedure", "status", "day", "here", "handed over", "there", "different"];
    out.table(&headings, rows(list(&answer, "totals"), &cells));
    Ok(())
}

/// A sheet is passed on as it is.
pub(super) async fn print_sheet(
    gateway: &Gateway,
    parts: &[&str],
    query: &[(&str, String)],
    out: &Out,
) -> Result<(), Failure> {
    let url = gateway.address(parts, query)?;
    let answer = gateway.send(Method::GET, url, &[], None).await?.accepted()?;
    out.line(answer.as_str().unwrap_or_default().trim_end());
    Ok(())
}
