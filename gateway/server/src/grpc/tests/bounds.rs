//! Bounds of the port hold over gRPC too: size of a message, bytes at once, places inside, time.

use std::time::Duration;

use axum::body::Body;
use prost::Message as _;
use tonic::Code;

use super::{called, empty, faces, sent, verbs};
use crate::http::tests::world::{ONE_STOP, OPERATOR, VIEWER, World, limits};

fn framed(bytes: usize) -> Body {
    let message = lienthong_proto::v1::AmendDeliveryRequest { body: vec![b' '; bytes].into(), ..Default::default() };
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.encoded_len()).unwrap().to_be_bytes());
    frame.extend(message.encode_to_vec());
    Body::from(frame)
}

#[tokio::test]
async fn a_message_is_as_large_as_a_body_may_be_and_no_larger() {
    let mut limits = limits();
    let largest = limits.body_bytes;
    let world = World::with(limits.clone()).await;
    let router = faces(&world).await;
    let taken = sent(&router, OPERATOR, "OperatorService/AmendDelivery", framed(largest - 64)).await;
    assert_eq!(taken, Code::InvalidArgument, "it is read, and names no delivery");
    assert_eq!(sent(&router, OPERATOR, "OperatorService/AmendDelivery", framed(largest)).await, Code::OutOfRange);
    limits.bytes_in_flight = largest / 2;
    let router = faces(&World::with(limits).await).await;
    assert_eq!(
        sent(&router, OPERATOR, "OperatorService/AmendDelivery", framed(largest - 64)).await,
        Code::ResourceExhausted
    );
}

#[tokio::test]
async fn a_list_that_stops_coming_is_given_up() {
    let mut limits = limits();
    limits.read_timeout = Duration::from_millis(20);
    let world = World::with(limits).await;
    let silent = Body::from_stream(futures::stream::pending::<Result<bytes::Bytes, std::io::Error>>());
    let given_up = sent(&faces(&world).await, OPERATOR, "OperatorService/AddToReconciliation", silent).await;
    assert_eq!(given_up, Code::DeadlineExceeded);
    assert!(world.state.doors.enter().is_ok(), "its place is free again");
}

#[tokio::test]
async fn operators_are_let_in_when_the_house_is_full_and_then_told_to_come_again() {
    let mut limits = limits();
    limits.concurrent_requests = 4;
    let world = World::with(limits).await;
    let router = faces(&world).await;
    let held: Vec<_> = std::iter::from_fn(|| world.state.doors.enter().ok()).collect();
    assert_eq!((held.len(), called(&router, VIEWER, "ListSystems").await), (4, Code::Ok));
    let _operators = world.state.doors.enter_as_operator().unwrap();
    assert_eq!(called(&router, VIEWER, "ListSystems").await, Code::ResourceExhausted);
}

#[tokio::test]
async fn a_client_has_no_more_under_way_over_grpc_than_there_are_places() {
    let mut limits = limits();
    limits.concurrent_requests = 4;
    let world = World::with(limits).await;
    let router = faces(&world).await;
    let single =
        verbs("ExchangeService").into_iter().filter(|verb| !verb.client_streaming() && !verb.server_streaming());
    let single: Vec<String> = single.map(|verb| format!("ExchangeService/{}", verb.name())).collect();
    assert!(single.contains(&"ExchangeService/Search".to_owned()), "{single:?}");
    let held: Vec<_> = std::iter::from_fn(|| world.state.doors.enter().ok()).collect();
    for verb in &single {
        assert_eq!(sent(&router, ONE_STOP, verb, empty()).await, Code::ResourceExhausted, "{verb}");
        assert_ne!(sent(&router, VIEWER, verb, empty()).await, Code::ResourceExhausted, "{verb} by a viewer");
    }
    let operators = world.state.doors.enter_as_operator().unwrap();
    for verb in &single {
        assert_eq!(sent(&router, VIEWER, verb, empty()).await, Code::ResourceExhausted, "{verb}, full for operators");
    }
    drop((held, operators));
    for verb in single.iter().cycle().take(3 * single.len()) {
        assert_ne!(sent(&router, ONE_STOP, verb, empty()).await, Code::ResourceExhausted, "{verb} when there is room");
    }
}
