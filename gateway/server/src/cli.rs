//! The command line: what can be asked of the program, and the exit codes. Each command lives in its own module.

mod alerts;
mod amend;
mod backup;
mod cases;
mod check;
mod drill;
mod errors;
mod exchanges;
mod flows;
mod hash_key;
pub(crate) mod hash_password;
mod out;
mod reconcile;
mod releases;
mod remote;
mod report;
mod serve;
mod show;
mod simulate;
mod submit;
mod systems;
mod tables;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Problem;

pub(crate) use out::Out;

/// The interconnection gateway: accepts records, delivers them in order, keeps proof, shows what is stuck.
#[derive(Debug, Parser)]
#[command(name = "lienthong", version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// Answers as JSON for programs instead of tables for people.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the gateway until SIGTERM or Ctrl-C; SIGHUP reloads the configuration.
    Serve(serve::Serve),
    /// Shows the main job on this machine: dossiers through a simulated portal that misbehaves, counted where they arrive.
    Sandbox(crate::sandbox::Sandbox),
    /// Checks a configuration folder and runs its route tests.
    Check(check::Check),
    /// Submits JSON lines, each an exchange; may be repeated without sending anything twice.
    Submit(submit::Submit),
    /// Lists and shows exchanges, cancels what is unsent, sends again what was delivered.
    Exchanges(exchanges::Exchanges),
    /// Shows sync errors by their cause; releases or gives up what is parked.
    Errors(errors::Errors),
    /// Shows external systems; pauses, resumes and probes them.
    Systems(systems::Systems),
    /// Shows at which steps of their flows dossiers stand, and which are late.
    Flows(flows::Flows),
    /// Shows alerts and the targets they are told to; tests a target.
    Alerts(alerts::Alerts),
    /// Lets a system fail for one test key and a bounded time, so that alarm, parking and release can be practised.
    Drill(drill::Drill),
    /// Compares the province's list with the other side's, shows what differs, sends only that.
    Reconcile(reconcile::Reconcile),
    /// Reports what was exchanged, on time, late, failed, reused and repaired, per day or month.
    Report(report::Report),
    /// Shows code tables, and codes that have no row in them.
    Tables(tables::Tables),
    /// Copies a journal while the gateway runs, bodies included.
    Backup(backup::Backup),
    /// Runs a simulator of an external system.
    Simulate(simulate::Simulate),
    /// Measures this gateway beside a bare proxy on this machine: throughput, latency, memory, a large backlog.
    Bench(crate::bench::Bench),
    /// The yardstick of `bench`, in a process of its own.
    #[command(hide = true)]
    BenchProxy(crate::bench::BenchProxy),
    /// Makes a new API key and prints it with the hash the configuration keeps.
    HashKey(hash_key::HashKey),
    /// Hashes an operator's password, read from standard input, for operators/*.yaml.
    HashPassword(hash_password::HashPassword),
}

/// Why a command did not succeed. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Failed(String),
    #[error("{0}")]
    Usage(String),
    #[error("the configuration has {} problem(s)", .0.len())]
    Configuration(Vec<Problem>),
    /// The result that was printed says it.
    #[error("failed, as the result says")]
    Told,
}

impl Failure {
    pub(crate) fn because(what: &str, error: impl std::fmt::Display) -> Self {
        Self::Failed(format!("{what}: {error}"))
    }

    fn code(&self) -> u8 {
        match self {
            Self::Failed(_) | Self::Told => 1,
            Self::Usage(_) => 2,
            Self::Configuration(_) => 78,
        }
    }
}

/// Runs a command to its end. The code is 0 when it succeeded, 1 when it failed, 2 on wrong usage, 78 on a configuration problem.
pub fn run(cli: Cli) -> ExitCode {
    // Journals, backups and lists of rejected lines hold personal data: what this program writes is its user's alone.
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o077));
    crate::app::install_crypto();
    let out = Out::new(cli.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            out.failure(&Failure::because("the runtime does not start", error));
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(dispatch(cli.command, &out));
    // Tasks that wait for the network must not hold the exit.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out.failure(&failure);
            ExitCode::from(failure.code())
        }
    }
}

async fn dispatch(command: Command, out: &Out) -> Result<(), Failure> {
    match command {
        Command::Serve(serve) => Box::pin(serve.run()).await,
        Command::Sandbox(sandbox) => Box::pin(sandbox.run(*out)).await,
        Command::Check(check) => check.run(out).await,
        Command::Submit(submit) => Box::pin(submit.run(out)).await,
        Command::Exchanges(exchanges) => exchanges.run(out).await,
        Command::Errors(errors) => errors.run(out).await,
        Command::Systems(systems) => systems.run(out).await,
        Command::Flows(flows) => flows.run(out).await,
        Command::Alerts(alerts) => alerts.run(out).await,
        Command::Drill(drill) => drill.run(out).await,
        Command::Reconcile(reconcile) => reconcile.run(out).await,
        Command::Report(report) => report.run(out).await,
        Command::Tables(tables) => tables.run(out).await,
        Command::Backup(backup) => backup.run(out).await,
        Command::Simulate(simulate) => simulate.run(out).await,
        Command::Bench(bench) => Box::pin(bench.run(*out)).await,
        Command::BenchProxy(proxy) => Box::pin(proxy.run(*out)).await,
        Command::HashKey(hash_key) => hash_key.run(out),
        Command::HashPassword(hash_password) => hash_password.run(out),
    }
}

#[cfg(test)]
mod tests;
