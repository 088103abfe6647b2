//! What every adapter needs to speak: outbound HTTP, sessions, dated end points, inputs, the words of outcomes. It knows no system.

pub mod auth;
pub mod config;
pub mod endpoint;
pub mod fault;
pub mod hidden;
pub mod input;
pub mod loose;
pub mod session;
pub mod token;
pub mod transport;
pub mod words;

#[cfg(test)]
mod tests;

use lienthong_core::{CallContext, Fault};

/// Cuts an exchange off at the call's own limit, so that what was sent decides what it means: `timeout` after the first byte,
/// `unreachable` before it.
pub async fn within<T>(cx: &CallContext, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    match tokio::time::timeout(cx.timeout, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(fault::of_elapsed(cx.timeout, cx.was_sent())),
    }
}
