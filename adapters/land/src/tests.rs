//! Tests over loopback sockets: a scripted land office that answers what it is told. Nothing leaves this machine.

mod files;
mod lists;
mod oauth;
mod server;
pub(crate) mod support;
mod writes;
