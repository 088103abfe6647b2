//! Sends the lines of some keys, one after the other, until each is accepted or refused. A line is never skipped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lienthong_core::Clock as _;
use lienthong_engine::clock::SystemClock;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::sync::mpsc;

use super::line::Line;
use super::rejects::Rejects;
use crate::cli::Failure;
use crate::cli::remote::{Answer, Gateway, NoAnswer};

/// Waits between tries grow to this.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// What became of the lines so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    accepted: AtomicU64,
    repeated: AtomicU64,
    rejected: AtomicU64,
}

impl Tally {
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    pub(crate) fn repeated(&self) -> u64 {
        self.repeated.load(Ordering::Relaxed)
    }

    pub(crate) fn rejected(&self) -> u64 {
        self.rejected.load(Ordering::Relaxed)
    }

    pub(crate) fn count_rejected(&self) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }
}

pub(crate) struct Sender {
    pub(crate) gateway: Gateway,
    pub(crate) patience: Duration,
    pub(crate) tally: Arc<Tally>,
    pub(crate) rejects: Arc<Rejects>,
}

/// What an answer means for a line.
enum Verdict {
    Accepted {
        replayed: bool,
    },
    /// This line cannot be accepted as it is.
    Refused(String),
    /// Not now.
    Later {
        why: String,
        wait: Option<Duration>,
    },
    /// Nothing of this input can be accepted.
    Stop(String),
}

impl Sender {
    pub(crate) async fn run(self, mut lines: mpsc::Receiver<Line>) -> Result<(), Failure> {
        while let Some(line) = lines.recv().await {
            self.settle(&line).await?;
        }
        Ok(())
    }

    async fn settle(&self, line: &Line) -> Result<(), Failure> {
        let clock = SystemClock::new();
        let mut wait = FIRST_WAIT;
        loop {
            match self.try_once(line).await? {
                Verdict::Accepted { replayed } => {
                    let counter = if replayed { &self.tally.repeated } else { &self.tally.accepted };
                    counter.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
                Verdict::Refused(reason) => {
                    self.tally.count_rejected();
                    return match &line.row {
                        Some(row) => self.rejects.write_row(&reason, row),
                        None => self.rejects.write(line.number, &reason, &line.envelope),
                    };
                }
                Verdict::Stop(why) => return Err(Failure::Failed(format!("line {}: {why}", line.number))),
                Verdict::Later { why, wait: asked } => {
                    let pause = asked.unwrap_or(wait).min(LONGEST_WAIT);
                    if clock.monotonic() + pause > self.patience {
                        let tried = self.patience.as_secs();
                        return Err(Failure::Failed(format!("line {} was tried for {tried} s: {why}", line.number)));
                    }
                    tokio::time::sleep(pause).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
    }

    async fn try_once(&self, line: &Line) -> Result<Verdict, Failure> {
        let url = self.gateway.address(&["v1", "exchanges"], &[])?;
        let headers = [("idempotency-key", line.idempotency_key.as_str())];
        let answer = self.gateway.send(Method::POST, url, &headers, Some(line.envelope.clone())).await;
        Ok(match answer {
            Ok(answer) => judge(&answer),
            // Whether it was accepted or not: with its idempotency key it can go again.
            Err(error @ (NoAnswer::Unreachable { .. } | NoAnswer::Interrupted { .. })) => {
                Verdict::Later { why: error.to_string(), wait: None }
            }
        })
    }
}

/// By the fault's kind and not by the status alone: a message no route takes is answered 502, and will be tomorrow.
fn judge(answer: &Answer) -> Verdict {
    let text = |key: &str| answer.value.get(key).and_then(Value::as_str);
    if answer.status.is_success() {
        let replayed = answer.value.get("replayed") == Some(&Value::Bool(true));
        return match text("id") {
            Some(_) => Verdict::Accepted { replayed },
            None => Verdict::Stop("the answer is not a gateway's receipt; is --url right?".to_owned()),
        };
    }
    let later = || Verdict::Later { why: answer.refusal(), wait: answer.retry_after };
    match text("fault") {
        _ if answer.status == StatusCode::UNAUTHORIZED => Verdict::Stop(answer.refusal()),
        Some("throttled" | "unavailable" | "unreachable" | "timeout" | "interrupted" | "internal") => later(),
        Some(_) => Verdict::Refused(answer.refusal()),
        // Not the gateway's own words: something between us may be down for a while.
        None if answer.status.is_server_error() || answer.status == StatusCode::TOO_MANY_REQUESTS => later(),
        None => Verdict::Stop(answer.refusal()),
    }
}
