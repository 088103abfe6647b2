//! Routes, transforms, admits and dispatches: everything between an accepted message and its outcome. It speaks no protocol and stores nothing itself.

pub mod alert;
pub mod callback;
pub mod clock;
pub mod config;
pub mod desk;
pub mod dispatch;
mod draft;
pub mod drill;
pub mod expiry;
pub mod flow;
pub mod internal;
pub mod local;
pub mod pace;
pub mod poll;
pub mod queue;
pub mod reconcile;
pub mod reconciler;
pub mod release;
pub mod report;
pub mod reporter;
pub mod routing;
pub mod service;
pub mod sheet;
pub mod tables;
pub mod terms;
pub mod trace;
pub mod vitals;
pub mod watch;

pub use config::{ClientPolicy, Configuration, SystemPolicy};
