//! What is settled before anything is sent: attempts in flight when the last process ended. It starts no task.

use lienthong_core::Timestamp;
use lienthong_journal::{Command, Head, JournalError};

use super::line::{Core, Outcome};
use super::outcome::{self, Laws};
use crate::config::Configuration;

const PAGE: usize = 512;

/// Every intent without an outcome becomes what the machine says of a lost attempt. Heads are found on disk afterwards.
pub(super) async fn settle_lost(core: &Core) -> Result<usize, JournalError> {
    let mut settled = 0;
    loop {
        let lost = core.journal.in_doubt(PAGE).await?;
        if lost.is_empty() {
            return Ok(settled);
        }
        let config = core.config.load_full();
        let now = core.clock.now();
        let moves: Vec<Command> = lost.iter().filter_map(|head| lost_move(core, &config, head, now)).collect();
        let results = core.journal.commit(moves).await?;
        let moved = results.iter().filter(|result| result.is_ok()).count();
        settled += moved;
        if moved == 0 {
            let (first, count) = (lost.first().map(|head| head.delivery.id.to_string()), lost.len());
            tracing::error!(?first, count, "attempts in doubt cannot be settled and stay in flight");
            return Ok(settled);
        }
    }
}

fn lost_move(core: &Core, config: &Configuration, head: &Head, now: Timestamp) -> Option<Command> {
    let laws = Laws { config, now, draw: (core.draw)(), spends: false };
    match outcome::settle(head, Outcome::Lost, &laws) {
        Ok(transition) => Some(Command::Move(Box::new(transition))),
        Err(illegal) => {
            tracing::error!(delivery = %head.delivery.id, %illegal, "a delivery in doubt is not in flight");
            None
        }
    }
}
