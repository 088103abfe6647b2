//! The gRPC face of the service functions: parse, call, convert; nothing else.

mod convert;
mod desk;
mod exchange;
mod flow;
mod identity;
mod look;
mod operator;
mod parse;
mod status;
mod watch;

use axum::Router;
use lienthong_proto::v1::exchange_service_server::ExchangeServiceServer;
use lienthong_proto::v1::operator_service_server::OperatorServiceServer;
use tonic::server::NamedService;

use crate::state::AppState;

pub use status::status_of;

#[cfg(test)]
mod tests;

/// Both services, health and reflection, each mounted under its own name so that the router's fallback stays ours.
pub async fn routes(state: AppState) -> anyhow::Result<Router> {
    let largest = state.limits.body_bytes;
    let exchanges =
        ExchangeServiceServer::new(exchange::Exchanges::new(state.clone())).max_decoding_message_size(largest);
    let operators =
        OperatorServiceServer::new(operator::Operators::new(state.clone())).max_decoding_message_size(largest);
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_serving::<ExchangeServiceServer<exchange::Exchanges>>().await;
    reporter.set_serving::<OperatorServiceServer<operator::Operators>>().await;
    let stopping = state.stopping.clone();
    tokio::spawn(async move {
        stopping.cancelled().await;
        reporter.set_not_serving::<ExchangeServiceServer<exchange::Exchanges>>().await;
        reporter.set_not_serving::<OperatorServiceServer<operator::Operators>>().await;
    });
    let reflection = described().build_v1()?;
    // Some clients still ask the older reflection only.
    let older_reflection = described().build_v1alpha()?;
    Ok(Router::new()
        .route_service(&path(&exchanges), exchanges)
        .route_service(&path(&operators), operators)
        .route_service(&path(&health), health)
        .route_service(&path(&reflection), reflection)
        .route_service(&path(&older_reflection), older_reflection))
}

fn described() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(lienthong_proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

fn path<S: NamedService>(_service: &S) -> String {
    format!("/{}/{{*method}}", S::NAME)
}
