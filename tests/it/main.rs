//! End to end: the real program as a child process, the simulated portal beside it, everything counted where it arrives.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests may fail loudly, and measure their own patience by the real clock"
)]

mod alerts;
mod amend;
mod amqp;
mod api;
mod bad_input;
mod browser;
mod callbacks;
mod crash;
mod disk;
mod facade;
mod grpc;
mod harness;
mod hostile;
mod inbound;
mod land;
mod legacy;
mod notices;
mod population;
mod preview;
mod reconcile;
mod report;
mod rows;
mod sandbox;
mod search;
mod stories;
mod sync;
mod systems;
mod tax;
mod units;
