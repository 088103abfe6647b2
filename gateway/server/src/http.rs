//! The HTTP face of the service functions: parse, call, convert; nothing else.

pub(crate) mod body;
mod documented;
pub(crate) mod extract;
pub(crate) mod front;
mod handlers;
mod headers;
pub mod model;
pub mod openapi;
mod params;
pub mod problem;
pub(crate) mod routes;
pub mod trace;

use axum::{Router, middleware};

use crate::state::AppState;

#[cfg(test)]
mod tests;

/// Every path of the public contract, with problems for whatever it does not take. gRPC services are merged in by their own
/// paths: the fallback answers unknown gRPC methods as gRPC does.
pub fn router(state: AppState) -> Router {
    let paths = routes::table().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    paths
        .fallback(handlers::fallback::unrouted)
        .method_not_allowed_fallback(handlers::fallback::method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), front::front))
        .with_state(state)
}
