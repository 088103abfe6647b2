//! Tests of the adapter over real sockets: what is sent, what answers mean, sessions. The portal here is scripted, on loopback.

mod answers;
mod dossier;
mod forms;
mod reads;
mod server;
mod session;
mod support;
mod tokens;

pub(crate) use support::portal;
