//! What every request handler may use. It holds no logic.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use lienthong_console::Console;
use lienthong_core::{Clock, ConfigVersion};
use lienthong_engine::service::Service;
use lienthong_journal::Journal;
use lienthong_journal::files::FileFolder;
use tokio_util::sync::CancellationToken;

use crate::config::Problem;
use crate::facade::Facades;
use crate::security::ClientDirectory;

mod doors;

pub use doors::{Doors, Load, Pass};

/// Shared by HTTP and gRPC. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub service: Service,
    pub journal: Arc<dyn Journal>,
    /// Files that came with messages.
    pub files: FileFolder,
    pub clock: Arc<dyn Clock>,
    /// Who may call, swapped on reload.
    pub directory: Arc<ArcSwap<ClientDirectory>>,
    /// Paths of today's callers, swapped on reload.
    pub facades: Arc<ArcSwap<Facades>>,
    /// The operators' pages.
    pub console: Console,
    pub limits: Arc<RequestLimits>,
    /// What is let in at once, by HTTP and gRPC together: [`Doors::new`] of the same limits.
    pub doors: Arc<Doors>,
    pub reload: Arc<dyn Reload>,
    /// Renders `/metrics`.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Cancelled when shutdown begins: new work is refused, streams end.
    pub stopping: CancellationToken,
}

/// Limits of the public ports.
#[derive(Debug, Clone)]
pub struct RequestLimits {
    /// Largest request body, in bytes.
    pub body_bytes: usize,
    /// Submissions and calls handled at once; more are answered 429 with `Retry-After`.
    pub concurrent_requests: usize,
    /// Bytes of request bodies in memory at once.
    pub bytes_in_flight: usize,
    /// Longest wait for a request's body.
    pub read_timeout: Duration,
    /// Open event streams at once.
    pub event_streams: usize,
    /// Files sent at once.
    pub file_downloads: usize,
}

/// Reads the configuration again and swaps it whole, or keeps the old one.
#[async_trait]
pub trait Reload: Send + Sync + 'static {
    async fn reload(&self) -> Result<ConfigVersion, Vec<Problem>>;
}
