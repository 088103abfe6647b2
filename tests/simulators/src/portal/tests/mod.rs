//! Tests of the simulated portal over real connections: what it refuses, how it fails, what it counts.

mod cheap;
mod client;
mod control;
mod faults;
mod forms;
mod order;
mod outage;
mod push;
mod refusals;
mod sessions;
mod soak;
