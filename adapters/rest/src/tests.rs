//! Tests of the whole adapter against a scripted server, and the tools they share with unit tests.

mod answers;
mod calls;
pub(crate) mod language;
mod lookups;
mod server;
mod support;
mod tokens;
