//! Land dossiers from the one-stop desk over land office and tax back to the citizen: the desk, the tax office's relay and the citizens act on what reaches them. The gateway carries; nothing here passes a message by it.

mod case;
mod desk;
mod judge;
mod town;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use lienthong_core::{Clock, Timestamp};
use lienthong_simulators::land::Land;
use lienthong_simulators::population::Population;
use lienthong_simulators::portal::Portal;
use lienthong_simulators::tax::Tax;

use super::client::Gateway;
use super::desks::Tally;
use case::Case;

pub(super) use judge::LandVerdict;

/// Receipts handed over at the same time.
const COUNTERS: usize = 8;
/// Rest when nothing was to be done.
const REST: Duration = Duration::from_millis(20);
/// So long nothing happens before those dossiers that are not finished count as waiting for a person.
const QUIET: Duration = Duration::from_secs(8);

/// The systems a land dossier passes.
pub(super) struct Neighbours<'s> {
    pub(super) portal: &'s Portal,
    pub(super) population: &'s Population,
    pub(super) tax: &'s Tax,
    pub(super) land: &'s Land,
}

/// One run.
pub(super) struct LandRun<'s> {
    gateway: Gateway,
    neighbours: Neighbours<'s>,
    clock: Arc<dyn Clock>,
    tally: Arc<Tally>,
    cases: BTreeMap<String, Case>,
}

impl<'s> LandRun<'s> {
    /// `dossiers` land dossiers, received at `now`; the same seed gives the same ones.
    pub(super) fn new(
        (gateway, neighbours): (Gateway, Neighbours<'s>),
        (clock, tally): (Arc<dyn Clock>, Arc<Tally>),
        seed: u64,
        dossiers: u64,
        now: Timestamp,
    ) -> Self {
        let applicants = neighbours.population.citizens().iter().cycle();
        let cases = (1..=dossiers).zip(applicants).map(|(number, applicant)| Case::new(seed, number, applicant, now));
        Self { gateway, neighbours, clock, tally, cases: cases.map(|case| (case.code.clone(), case)).collect() }
    }

    /// Everything until every dossier is back with its citizen, or nothing happens any more.
    pub(super) async fn live(&mut self) -> anyhow::Result<()> {
        self.receive_all().await?;
        let mut happened_at = self.clock.monotonic();
        while !self.cases.values().all(Case::is_over) {
            let happened = self.read_inbox().await? + self.relay_notices().await? + self.pay().await?;
            let now = self.clock.monotonic();
            if happened > 0 {
                happened_at = now;
            } else if now.saturating_sub(happened_at) > QUIET {
                break;
            } else {
                tokio::time::sleep(REST).await;
            }
        }
        Ok(())
    }

    /// Every dossier is received at the desk.
    async fn receive_all(&mut self) -> anyhow::Result<()> {
        let (gateway, tally) = (&self.gateway, &self.tally);
        let received = self.cases.values_mut().map(|case| async move { case.receive(gateway, tally).await });
        let mut all = futures::stream::iter(received).buffer_unordered(COUNTERS);
        while let Some(received) = all.next().await {
            received?;
        }
        Ok(())
    }
}
