//! Tests of the simulated population database over real connections: who may ask, what is refused, what is said, how it fails.

mod asks;
mod client;
mod failures;
mod proofs;
