//! Alerts: what rules are about, what is firing, who is told and when. It carries no message itself: targets do.

mod book;
mod facts;
mod gather;
mod keep;
mod message;
mod rule;
mod run;

pub use book::{Alert, Health, Kind, Line};
pub use facts::{MOST_OF_A_RULE, Sample, Seen, What};
pub use keep::KIND;
pub use message::{Message, headline, of_test, words};
pub use rule::{Alerting, Condition, Courier, Digest, Quiet, Rule, Target, Undelivered};
pub(crate) use run::carry;
#[cfg(test)]
pub(crate) use run::run_every;
pub use run::{Board, TargetView, run};
