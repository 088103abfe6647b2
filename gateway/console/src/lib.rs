//! The operators' console: HTML pages over the service functions, complete without scripts. It knows no server and decides nothing that the service decides.

mod assets;
mod export;
mod form;
mod guard;
mod layout;
mod live;
mod login;
mod once;
mod pages;
mod refused;
mod session;
mod shown;
mod text;
mod throttle;
mod time;
mod upload;
pub mod users;

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::routing::get;
use axum::{Router, middleware};
use lienthong_core::Clock;
use lienthong_engine::service::Service;
use lienthong_journal::Journal;
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use session::SessionKey;
pub use text::Language;
pub use users::{User, Users};

/// Live streams open at once.
const STREAMS: usize = 64;

/// Where a request came from: a request extension that the server sets, for the throttle of logins.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// How long a login lasts, and how its cookie travels.
#[derive(Debug, Clone, Copy)]
pub struct Sessions {
    /// Without a request for so long, it is over.
    pub idle: Duration,
    /// However busy, it is over after this.
    pub longest: Duration,
    /// Whether browsers reach the console by HTTPS only.
    pub secure: bool,
}

/// What the console is made of.
pub struct Parts {
    pub service: Service,
    /// Bodies and the feed of what happens; everything else goes through the service.
    pub journal: Arc<dyn Journal>,
    pub clock: Arc<dyn Clock>,
    /// Swapped on reload.
    pub users: Arc<ArcSwap<Users>>,
    /// Swapped on reload.
    pub sessions: Arc<ArcSwap<Sessions>>,
    pub key: SessionKey,
    /// Where files that people hand over lie while they are read.
    pub folder: PathBuf,
    /// Cancelled when shutdown begins: streams end.
    pub stopping: CancellationToken,
}

/// The console. Cheap to clone.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

struct Inner {
    parts: Parts,
    throttle: Mutex<throttle::Throttle>,
    ended: Mutex<session::Ended>,
    once: Mutex<once::Forms>,
    hashing: Semaphore,
    streams: Arc<Semaphore>,
    uploads: Semaphore,
}

impl Console {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            throttle: Mutex::default(),
            ended: Mutex::default(),
            once: Mutex::default(),
            hashing: Semaphore::new(login::HASHES_AT_ONCE),
            streams: Arc::new(Semaphore::new(STREAMS)),
            uploads: Semaphore::new(upload::AT_ONCE),
        }))
    }

    pub(crate) fn service(&self) -> &Service {
        &self.0.parts.service
    }

    pub(crate) fn journal(&self) -> &dyn Journal {
        self.0.parts.journal.as_ref()
    }

    pub(crate) fn now(&self) -> lienthong_core::Timestamp {
        self.0.parts.clock.now()
    }
}

/// Every path of the console: `/console`, all below it, and `/assets`.
pub fn router(console: Console) -> Router {
    let pages = pages::routes()
        .route("/console/live", get(live::follow))
        .layer(middleware::from_fn_with_state(console.clone(), guard::guard))
        .with_state(console.clone());
    let door = login::Door { console, pages: pages.clone() };
    let entrance = Router::new()
        .route("/console/login", get(login::show).post(login::enter))
        .with_state(door)
        .route("/assets/{name}", get(assets::serve));
    pages.merge(entrance).layer(middleware::from_fn(layout::headers))
}
