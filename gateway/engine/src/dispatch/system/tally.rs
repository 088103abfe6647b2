//! What a system's task counts and compares: metrics, and the backlog on disk against memory. It moves nothing.

use std::collections::HashMap;
use std::time::Duration;

use lienthong_core::{Class, ClientId};
use lienthong_journal::Head;

use super::System;
use super::ending::failure;
use crate::dispatch::gate::Heard;
use crate::dispatch::line::Outcome;
use crate::vitals::Ended;

impl System {
    pub(super) fn count_attempt(&mut self, head: &Head, outcome: &Outcome, took: Duration) {
        let name = match outcome {
            Outcome::Called { result: Ok(_), .. } => "delivered",
            Outcome::LookedUp(Ok(_)) => "looked_up",
            Outcome::Called { .. } | Outcome::LookedUp(_) => failure(outcome).map_or("", |fault| fault.kind.as_str()),
            Outcome::Without(fault) => fault.kind.as_str(),
            Outcome::Passed | Outcome::Early(_) | Outcome::Unfit(_) | Outcome::Expired | Outcome::Lost => return,
        };
        self.instruments.attempt(&head.delivery.operation, name, took);
        let ended = match Heard::of(failure(outcome)) {
            Heard::Alive if failure(outcome).is_some() => Ended::Refused,
            Heard::Alive => Ended::Answered,
            Heard::Failing(_) => Ended::Failed,
            Heard::Nothing => return,
        };
        self.line.core.vitals.attempt(&self.line.id, ended, took, self.line.core.clock.now());
    }

    pub(super) fn show(&self) {
        let (state, in_flight) = {
            let valve = self.line.valve.lock();
            (valve.state(), valve.in_flight())
        };
        self.instruments.standing(state, in_flight, self.window.len(Class::Live), self.window.len(Class::Bulk));
    }

    /// Clients with open deliveries on disk are looked after even if nobody ever offered a head of theirs.
    pub(super) fn compare_backlog(&mut self, counts: Vec<(Class, ClientId, u64)>) {
        let mut open: HashMap<(Class, ClientId), u64> = HashMap::new();
        for (class, client, count) in counts {
            *open.entry((class, client)).or_default() += count;
        }
        for ((class, client), count) in open {
            if count > self.window.held_of(class, &client) {
                self.window.more_on_disk(class, &client);
            }
        }
    }
}
