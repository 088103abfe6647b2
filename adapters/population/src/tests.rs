//! Tests over loopback sockets: a scripted database that answers what it is told. Nothing leaves this machine.

mod access;
mod answers;
mod server;
mod support;
