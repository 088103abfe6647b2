//! The HTTP face of the service functions: parse, call, convert; nothing else.

pub(crate) mod body;
mod documented;
pub(crate) mod extract;
pub(crate) mod front;
mod handlers;
mod headers;
pub mod model;
pub mod openapi;
pub(crate) mod params;
pub mod problem;
pub(crate) mod routes;
pub mod trace;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use axum::{Router, middleware};

use crate::listener::PeerAddress;
use crate::state::AppState;

#[cfg(test)]
pub(crate) mod tests;

/// Every path of the public contract, with problems for whatever it does not take. gRPC services are merged in by their own
/// paths: the fallback answers unknown gRPC methods as gRPC does.
pub fn router(state: AppState) -> Router {
    let paths = routes::table().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    let console = lienthong_console::router(state.console.clone()).layer(middleware::from_fn(peer));
    paths
        .merge(console.with_state(()))
        .fallback(handlers::fallback::unrouted)
        .method_not_allowed_fallback(handlers::fallback::method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), front::front))
        .with_state(state)
}

/// Tells the console where a request came from.
async fn peer(mut request: Request, next: Next) -> Response {
    if let Some(PeerAddress(address)) = request.extensions().get::<PeerAddress>().copied() {
        request.extensions_mut().insert(lienthong_console::Peer(address.ip()));
    }
    next.run(request).await
}
