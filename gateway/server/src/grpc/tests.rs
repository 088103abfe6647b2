//! The gRPC face beside the HTTP one, over one world: the same verbs, roles and bounds.

mod bounds;
mod permissions;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use prost::Message as _;
use prost_types::MethodDescriptorProto;
use tonic::Code;
use tower::ServiceExt as _;

use crate::http::tests::world::World;

/// Both faces over one world.
async fn faces(world: &World) -> Router {
    world.router().merge(super::routes(world.state.clone()).await.unwrap())
}

/// What an operator's call with an empty message comes to.
async fn called(router: &Router, key: &str, verb: &str) -> Code {
    sent(router, key, &format!("OperatorService/{verb}"), empty()).await
}

/// The frame of an empty message.
fn empty() -> Body {
    Body::from(vec![0; 5])
}

async fn sent(router: &Router, key: &str, verb: &str, body: Body) -> Code {
    let request = Request::post(format!("/lienthong.v1.{verb}"))
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(body)
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{verb}");
    let in_head = answer.headers().get("grpc-status").cloned();
    let trailers = answer.into_body().collect().await.unwrap().trailers().cloned().unwrap_or_default();
    let status = in_head.or_else(|| trailers.get("grpc-status").cloned()).unwrap();
    Code::from_bytes(status.as_bytes())
}

/// The verbs of a service, as its contract lists them.
fn verbs(service: &str) -> Vec<MethodDescriptorProto> {
    let files = prost_types::FileDescriptorSet::decode(lienthong_proto::DESCRIPTORS).unwrap().file;
    let services = files.into_iter().flat_map(|file| file.service).filter(|found| found.name() == service);
    services.flat_map(|found| found.method).collect()
}
