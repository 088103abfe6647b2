//! Tests of the simulated tax gateway, over sockets: what it proves, answers, keeps, issues and breaks.

mod asks;
mod client;
mod failures;
mod proofs;
mod slips;
