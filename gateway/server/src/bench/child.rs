//! Child processes of a bench: started, waited for until they listen, measured, and killed by their own id. It never touches another process.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::sync::mpsc;

#[cfg(test)]
mod tests;

/// Longest wait for a child to listen: a start that settles a large journal is measured, not cut off.
const START: Duration = Duration::from_secs(120);
/// How much of a dead child's log an error repeats, in lines.
const TAIL: usize = 12;
/// Clock ticks a second in `/proc/<pid>/stat`: fixed by the Linux interface.
const TICKS: f64 = 100.0;

/// A running child. Dropping it kills it and waits for its end.
pub(crate) struct Child {
    name: &'static str,
    process: std::process::Child,
    address: SocketAddr,
    log: PathBuf,
}

/// What the kernel says of a process's memory, in MiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Memory {
    pub(crate) resident: f64,
    pub(crate) peak: f64,
}

impl Child {
    /// Starts `command` and waits until a line of its output names the loopback address it listens on.
    ///
    /// # Errors
    /// When it cannot be started, ends, or stays silent; the error shows the end of its log.
    pub(crate) async fn start(name: &'static str, mut command: Command, log: &Path) -> anyhow::Result<Self> {
        // Colours would stand between a name and its value.
        command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let process = command.spawn().with_context(|| format!("cannot start the {name}"))?;
        let mut started = Starting { name, process: Some(process), log: log.to_owned() };
        let address = started.listening().await?;
        let process = started.process.take().context("a started child has a process")?;
        Ok(Self { name, process, address, log: log.to_owned() })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The last it said, for an error: the log itself is removed with the bench's folder.
    pub(crate) fn last_words(&self) -> String {
        format!("the {} failed; it said last:\n{}", self.name, tail(&self.log))
    }

    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let text = self.proc("status")?;
        let mib = |field: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(field));
            let kib: f64 = line.and_then(|rest| rest.split_whitespace().next()).context("no such field")?.parse()?;
            anyhow::Ok(kib / 1024.0)
        };
        Ok(Memory { resident: mib("VmRSS:")?, peak: mib("VmHWM:")? })
    }

    /// Processor time it has used so far, user and system, in seconds.
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let text = self.proc("stat")?;
        // The second field, the command's name in brackets, may hold blanks: count behind it.
        let (_, fields) = text.rsplit_once(") ").context("a stat line has a name")?;
        let mut ticks = fields.split(' ').skip(11).take(2).map(str::parse::<f64>);
        let (user, system) = (ticks.next().context("no user time")??, ticks.next().context("no system time")??);
        Ok((user + system) / TICKS)
    }

    /// Kills it at once, as a lost process is.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    fn proc(&self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.process.id());
        std::fs::read_to_string(&path).with_context(|| format!("the {} is gone: {path}", self.name))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        end(self.name, &mut self.process);
    }
}

fn end(name: &str, process: &mut std::process::Child) {
    // Killing one that has ended already is no error.
    if let Err(error) = process.kill().and_then(|()| process.wait()) {
        tracing::warn!(%error, name, "a child process may be left");
    }
}

/// A child that does not listen yet.
struct Starting {
    name: &'static str,
    process: Option<std::process::Child>,
    log: PathBuf,
}

impl Starting {
    async fn listening(&mut self) -> anyhow::Result<SocketAddr> {
        let (found, mut addresses) = mpsc::channel(1);
        let process = self.process.as_mut().context("a starting child has a process")?;
        let (output, errors) = (process.stdout.take(), process.stderr.take());
        self.follow(output.context("its output is piped")?, found.clone())?;
        self.follow(errors.context("its errors are piped")?, found)?;
        match tokio::time::timeout(START, addresses.recv()).await {
            Ok(Some(address)) => Ok(address),
            Ok(None) => bail!("the {} ended before it listened:\n{}", self.name, tail(&self.log)),
            Err(_) => bail!("the {} does not listen after {} s:\n{}", self.name, START.as_secs(), tail(&self.log)),
        }
    }

    fn follow(&self, stream: impl Read + Send + 'static, found: mpsc::Sender<SocketAddr>) -> anyhow::Result<()> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        std::thread::Builder::new().name(format!("{}-output", self.name)).spawn(move || copy(stream, log, found))?;
        Ok(())
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            end(self.name, process);
        }
    }
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(TAIL)..).unwrap_or_default().join("\n")
}

/// Copies what a child says to the log until it ends, so that the child never waits for a reader.
fn copy(stream: impl Read, mut log: File, found: mpsc::Sender<SocketAddr>) {
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { return };
        if let Err(error) = writeln!(log, "{line}") {
            tracing::warn!(%error, "a child's output is not kept");
        }
        if let Some(address) = address_in(&line) {
            // Only the first one is waited for.
            let _unheard: Result<(), _> = found.try_send(address);
        }
    }
}

/// The first loopback address with a port in a line.
fn address_in(line: &str) -> Option<SocketAddr> {
    let is_apart = |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | ',' | '=' | '(' | ')');
    let parsed = line.split(is_apart).filter_map(|part| part.trim_end_matches('.').parse::<SocketAddr>().ok());
    parsed.into_iter().find(|address| address.ip().is_loopback() && address.port() != 0)
}
