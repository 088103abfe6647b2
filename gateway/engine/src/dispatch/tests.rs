//! The dispatcher on paused time, against a journal in memory and a scripted portal. No test sleeps in real time.

mod calls;
mod control;
mod durable;
mod fairness;
mod journal;
mod outage;
mod outcomes;
mod portal;
mod recording;
pub(in crate::dispatch) mod rig;
mod routed;
mod store;
mod timers;
mod volume;
