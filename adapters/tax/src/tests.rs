//! Tests over loopback sockets: a scripted gateway that answers what it is told. Nothing leaves this machine.

mod answers;
mod probes;
mod questions;
mod server;
mod slips;
mod support;
