//! `submit`: JSON lines or rows of a CSV export into a gateway, a key's lines in their order, many keys at once. Repeating it sends nothing twice.

mod export;
mod line;
mod rejects;
mod sender;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::remote::Remote;
use super::{Failure, Out};
use export::{Export, Refused, Row, Rows};
use line::Line;
use rejects::Rejects;
use sender::{Sender, Tally};

pub(super) use line::derived;

/// Lines that wait for each worker.
const QUEUE: usize = 64;

/// A line is a submission: `{"operation": …, "key": …, "body": …}`, and `idempotency_key` where it has one of its own. A line without one
/// gets a key made from its content and from how often the same content stood above it in this input.
#[derive(Debug, Args)]
pub(crate) struct Submit {
    /// A file of JSON lines, or `-` for standard input.
    #[arg(required_unless_present = "csv")]
    file: Option<PathBuf>,
    #[command(flatten)]
    export: Export,
    #[command(flatten)]
    remote: Remote,
    /// Submissions under way at once; lines of one business key never overtake each other.
    #[arg(long, default_value = "16", value_name = "N")]
    concurrency: NonZeroUsize,
    /// Where refused lines or rows go, with the reasons [default: beside the file, `.rejected.jsonl` or `.rejected.csv`].
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,
    /// Seconds a line is tried again while the gateway cannot be reached or is overloaded.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    patience: u64,
}

/// What is submitted.
enum Input {
    Lines(Box<dyn AsyncRead + Send + Unpin>),
    Rows(Box<Rows>),
}

impl Submit {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let gateway = self.remote.connect()?;
        let (input, length) = self.open().await?;
        let bar = out.bar(length, "{bar:40} {bytes} of {total_bytes}  {msg}");
        let rejects = Arc::new(self.rejects(&input));
        let tally = Arc::new(Tally::default());
        let mut workers = JoinSet::new();
        let mut queues = Vec::new();
        for _ in 0..self.concurrency.get().min(1024) {
            let (queue, lines) = mpsc::channel(QUEUE);
            let sender = Sender {
                gateway: gateway.clone(),
                patience: Duration::from_secs(self.patience),
                tally: Arc::clone(&tally),
                rejects: Arc::clone(&rejects),
            };
            workers.spawn(sender.run(lines));
            queues.push(queue);
        }
        let read = match input {
            Input::Lines(source) => feed(source, queues, &rejects, &tally, &bar).await,
            Input::Rows(rows) => {
                let (rejects, tally, bar) = (Arc::clone(&rejects), Arc::clone(&tally), bar.clone());
                let fed = tokio::task::spawn_blocking(move || feed_rows(*rows, &queues, &rejects, &tally, &bar)).await;
                fed.unwrap_or_else(|error| Err(Failure::because("reading ended badly", error)))
            }
        };
        let mut broken = None;
        while let Some(worker) = workers.join_next().await {
            let ended = worker.map_err(|error| Failure::because("a worker ended badly", error));
            broken = broken.or(ended.and_then(|result| result).err());
        }
        bar.finish_and_clear();
        self.summary(&tally, &rejects, out);
        if let Some(broken) = broken {
            let again = "lines that were not accepted are not lost: run the same command again, nothing is sent twice";
            return Err(Failure::Failed(format!("{broken}\n  {again}")));
        }
        read?;
        rejects.finish()?;
        match tally.rejected() {
            0 => Ok(()),
            count => Err(Failure::Failed(format!(
                "{count} {} were refused; correct them in {}",
                if self.export.csv.is_some() { "rows" } else { "lines" },
                rejects.path().display()
            ))),
        }
    }

    fn rejects(&self, input: &Input) -> Rejects {
        let given = |path: Option<&PathBuf>, ending| self.rejected.clone().unwrap_or_else(|| beside(path, ending));
        match input {
            Input::Lines(_) => Rejects::new(given(self.file.as_ref(), "rejected.jsonl")),
            Input::Rows(rows) => {
                let path = given(self.export.csv.as_ref(), "rejected.csv");
                Rejects::of_rows(path, rows.columns(), self.export.delimiter)
            }
        }
    }

    async fn open(&self) -> Result<(Input, Option<u64>), Failure> {
        if self.export.csv.is_some() {
            let export = self.export.clone();
            let opened = tokio::task::spawn_blocking(move || export.open()).await;
            let (rows, length) = opened.map_err(|error| Failure::because("opening ended badly", error))??;
            return Ok((Input::Rows(Box::new(rows)), length));
        }
        if !self.export.is_consistent() {
            return Err(Failure::Usage("--operation, --map, --key and --tables belong to --csv".to_owned()));
        }
        let path = self.file.as_deref().unwrap_or(Path::new("-"));
        if path == Path::new("-") {
            let stdin = std::io::stdin().as_fd().try_clone_to_owned();
            let stdin = stdin.map_err(|error| Failure::because("standard input cannot be read", error))?;
            return Ok((Input::Lines(Box::new(tokio::fs::File::from_std(stdin.into()))), None));
        }
        let failed = |error: std::io::Error| Failure::because(&format!("{} cannot be read", path.display()), error);
        let file = tokio::fs::File::open(path).await.map_err(failed)?;
        let length = file.metadata().await.map_err(failed)?.len();
        Ok((Input::Lines(Box::new(file)), Some(length)))
    }

    fn summary(&self, tally: &Tally, rejects: &Rejects, out: &Out) {
        let (accepted, repeated, rejected) = (tally.accepted(), tally.repeated(), tally.rejected());
        if out.is_json() {
            let file = (rejected > 0).then(|| rejects.path().to_owned());
            out.value(
                &json!({ "accepted": accepted, "repeated": repeated, "rejected": rejected, "rejected_file": file }),
            );
            return;
        }
        out.line(format_args!("{accepted} accepted, {repeated} accepted before, {rejected} refused"));
        if repeated > 0 {
            out.note("a line accepted before was not sent again; give it an `idempotency_key` of its own to send the same content anew");
        }
    }
}

/// Reads lines and hands each to the worker of its key.
async fn feed(
    source: Box<dyn AsyncRead + Send + Unpin>,
    queues: Vec<mpsc::Sender<Line>>,
    rejects: &Rejects,
    tally: &Tally,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let mut reader = BufReader::with_capacity(1 << 20, source);
    let mut seen: HashMap<u128, u32> = HashMap::new();
    let (mut number, mut text) = (0_u64, Vec::new());
    loop {
        text.clear();
        let length = reader.read_until(b'\n', &mut text).await;
        let length = length.map_err(|error| Failure::because("the input cannot be read", error))?;
        if length == 0 {
            return Ok(());
        }
        number += 1;
        bar.inc(length as u64);
        bar.set_message(format!("{} accepted, {} refused", tally.accepted() + tally.repeated(), tally.rejected()));
        if text.trim_ascii().is_empty() {
            continue;
        }
        match Line::read(number, &text, &mut seen) {
            Err(problem) => {
                tally.count_rejected();
                rejects.write(number, &problem, &String::from_utf8_lossy(&text))?;
            }
            Ok(line) => {
                let Some(queue) = queue_of(&line, &queues) else { continue };
                // A worker that has gone says itself why.
                if queue.send(line).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

/// Reads rows and hands each to the worker of its key, on a thread of its own: programs run here.
fn feed_rows(
    mut rows: Rows,
    queues: &[mpsc::Sender<Line>],
    rejects: &Rejects,
    tally: &Tally,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    while let Some(row) = rows.next()? {
        bar.set_position(rows.position());
        bar.set_message(format!("{} accepted, {} refused", tally.accepted() + tally.repeated(), tally.rejected()));
        match row {
            Row::Refused(Refused { number, reason, row }) => {
                tally.count_rejected();
                rejects.write_row(&format!("line {number}: {reason}"), &row)?;
            }
            Row::Ready(line) => {
                let Some(queue) = queue_of(&line, queues) else { continue };
                // A worker that has gone says itself why.
                if queue.blocking_send(line).is_err() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Lines of one key go through one worker, so that they keep their order.
fn queue_of<'q>(line: &Line, queues: &'q [mpsc::Sender<Line>]) -> Option<&'q mpsc::Sender<Line>> {
    let mut hasher = DefaultHasher::new();
    line.key.hash(&mut hasher);
    queues.get(usize::try_from(hasher.finish() % queues.len().max(1) as u64).unwrap_or(0))
}

fn beside(file: Option<&PathBuf>, ending: &str) -> PathBuf {
    match file.filter(|file| *file != Path::new("-")) {
        None => PathBuf::from(format!("submit.{ending}")),
        Some(file) => {
            let mut name = file.as_os_str().to_owned();
            name.push(format!(".{ending}"));
            PathBuf::from(name)
        }
    }
}

#[cfg(test)]
mod tests;
