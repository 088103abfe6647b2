//! What no route takes: a façade's path, or a problem for HTTP and `UNIMPLEMENTED` for gRPC.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use lienthong_core::{Fault, FaultCode};

use crate::facade::serve;
use crate::http::problem::Refusal;
use crate::state::AppState;

/// A path of no route of ours: a façade's, or unknown.
pub(crate) async fn unrouted(State(state): State<AppState>, request: Request) -> Response {
    if is_grpc(request.headers()) {
        return tonic::Status::unimplemented("no such service or method").into_http();
    }
    let path = request.uri().path().to_owned();
    match state.facades.load().of(&path) {
        Some((facade, below)) => Box::pin(serve(&state, &facade, below, request)).await,
        None => refused(FaultCode::NoSuchPath),
    }
}

/// A known path asked with a method it does not take; the router adds `Allow`.
pub(crate) async fn method_not_allowed() -> Response {
    refused(FaultCode::MethodNotAllowed)
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|text| text.starts_with("application/grpc"))
}

fn refused(code: FaultCode) -> Response {
    Refusal::from(Fault::new(code.kind(), code, "no route")).into_response()
}
