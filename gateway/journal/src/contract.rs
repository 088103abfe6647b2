//! The laws every implementation of the journal must keep: one named check a law, run over a factory. It knows no implementation.

mod acceptance;
mod amend;
mod desk;
mod errors;
mod idempotency;
mod inbox;
mod keys;
mod lanes;
mod lists;
pub mod make;
mod measure;
mod moves;
mod recognised;
mod retention;
mod scheduling;
mod search;
mod skipping;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::{CommandResult, Committed, Journal, JournalError, Refusal};

/// Makes an empty journal.
pub type Factory<'a> = dyn Fn() -> Arc<dyn Journal> + Send + Sync + 'a;

/// A law that was broken, or an error on the way to finding out.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error("{what}: got {got}, want {want}")]
    Different { what: String, got: String, want: String },
    #[error("{0}")]
    Unexpected(String),
    #[error("the journal failed: {0}")]
    Journal(#[from] JournalError),
    #[error("an id is not valid: {0}")]
    Id(#[from] lienthong_core::id::IdError),
}

/// What a check answers.
pub type Outcome = Result<(), Broken>;

type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// One law.
pub struct Check {
    pub name: &'static str,
    run: fn(Arc<dyn Journal>) -> Running,
}

impl Check {
    /// Runs on an empty journal of the factory's, and closes it.
    pub async fn run(&self, factory: &Factory<'_>) -> Outcome {
        let journal = factory();
        let outcome = (self.run)(Arc::clone(&journal)).await;
        journal.close().await;
        outcome
    }
}

/// Every law there is.
pub fn checks() -> Vec<Check> {
    [
        acceptance::CHECKS,
        amend::CHECKS,
        desk::CHECKS,
        errors::CHECKS,
        idempotency::CHECKS,
        inbox::CHECKS,
        keys::CHECKS,
        lanes::CHECKS,
        lists::CHECKS,
        measure::CHECKS,
        moves::CHECKS,
        recognised::CHECKS,
        retention::CHECKS,
        scheduling::CHECKS,
        search::CHECKS,
        skipping::CHECKS,
    ]
    .iter()
    .flat_map(|checks| checks.iter())
    .map(|(name, run)| Check { name, run: *run })
    .collect()
}

type Checks = &'static [(&'static str, fn(Arc<dyn Journal>) -> Running)];

/// Broken unless both are equal.
pub(crate) fn same<T: Debug + PartialEq>(what: &str, got: T, want: T) -> Outcome {
    if got == want {
        return Ok(());
    }
    Err(Broken::Different { what: what.to_owned(), got: format!("{got:?}"), want: format!("{want:?}") })
}

pub(crate) fn holds(what: &str, condition: bool) -> Outcome {
    same(what, condition, true)
}

pub(crate) fn some<T>(what: &str, value: Option<T>) -> Result<T, Broken> {
    value.ok_or_else(|| Broken::Unexpected(format!("{what}: nothing is there")))
}

/// The only result of a batch of one.
pub(crate) fn only(results: Vec<CommandResult>) -> Result<CommandResult, Broken> {
    same("results", results.len(), 1)?;
    some("a result", results.into_iter().next())
}

pub(crate) fn done(result: CommandResult) -> Result<Committed, Broken> {
    result.map_err(|refusal| Broken::Unexpected(format!("refused: {refusal}")))
}

pub(crate) fn refused(result: CommandResult) -> Result<Refusal, Broken> {
    match result {
        Err(refusal) => Ok(refusal),
        Ok(committed) => Err(Broken::Unexpected(format!("not refused: {committed:?}"))),
    }
}
