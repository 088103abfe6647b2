//! The gRPC face over the same port: submit, stream, call, watch, operate; health and reflection.

mod accounts;
mod amend;
mod repair;
mod systems;

use std::time::{Duration, Instant};

use lienthong_proto::v1;
use lienthong_proto::v1::exchange_service_client::ExchangeServiceClient;
use lienthong_proto::v1::operator_service_client::OperatorServiceClient;
use lienthong_simulators::portal::FaultProfile;
use tokio_stream::StreamExt;
use tonic::metadata::MetadataValue;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::harness::{API_KEY, Bench, Gateway, PATIENCE};

type WithKey = fn(Request<()>) -> Result<Request<()>, Status>;
type Exchanges = ExchangeServiceClient<InterceptedService<Channel, WithKey>>;
type Operators = OperatorServiceClient<InterceptedService<Channel, WithKey>>;

fn with_key(mut request: Request<()>) -> Result<Request<()>, Status> {
    request.metadata_mut().insert("authorization", MetadataValue::try_from(format!("Bearer {API_KEY}")).unwrap());
    Ok(request)
}

async fn start() -> (Bench, Gateway, Channel) {
    let bench = Bench::new(FaultProfile::None).await;
    let gateway = bench.gateway().await;
    let channel = connect(&gateway).await;
    (bench, gateway, channel)
}

async fn connect(gateway: &Gateway) -> Channel {
    Channel::from_shared(gateway.base.clone()).unwrap().connect().await.unwrap()
}

/// What a call answers once it is as wanted.
async fn until<T: std::fmt::Debug>(mut ask: impl AsyncFnMut() -> T, wanted: impl Fn(&T) -> bool) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = ask().await;
        if wanted(&answer) {
            return answer;
        }
        assert!(Instant::now() < deadline, "{answer:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// gRPC's code and ours of a call that was refused.
fn refused<T: std::fmt::Debug>(answer: Result<tonic::Response<T>, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    let problem = status.metadata().get_bin("lienthong-problem-bin").unwrap().to_bytes().unwrap();
    let problem: serde_json::Value = serde_json::from_slice(&problem).unwrap();
    (status.code(), problem["code"].as_str().unwrap().to_owned())
}

fn exchanges(channel: &Channel) -> Exchanges {
    ExchangeServiceClient::with_interceptor(channel.clone(), with_key as WithKey)
}

fn operators(channel: &Channel) -> Operators {
    OperatorServiceClient::with_interceptor(channel.clone(), with_key as WithKey)
}

fn dossier(number: u32, status: &str) -> v1::SubmitRequest {
    let code = format!("H56.14-260117-{number:04}");
    let body = serde_json::json!({
        "code": code, "procedure_code": "1.000094", "received_at": "2026-01-17T08:00:00+07:00", "status": status,
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "other_information": format!("lienthong-seq={number}"),
    });
    v1::SubmitRequest {
        operation: "portal.sync-dossier".to_owned(),
        idempotency_key: format!("{code}-{status}"),
        key: code,
        body: body.to_string().into(),
        ..v1::SubmitRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_waits_for_its_outcome_and_is_listed_and_timed() {
    let (bench, _gateway, channel) = start().await;
    let mut client = exchanges(&channel);
    let asked = v1::SubmitRequest { wait_seconds: 30, ..dossier(1, "received") };
    let answer = client.submit(asked.clone()).await.unwrap().into_inner();
    assert_eq!((answer.state.as_str(), answer.replayed), ("delivered", false), "{answer:?}");
    let again = client.submit(asked).await.unwrap().into_inner();
    assert_eq!((again.id.as_str(), again.replayed), (answer.id.as_str(), true));
    let got = client.get(v1::GetRequest { id: answer.id.clone() }).await.unwrap().into_inner();
    assert_eq!(got.deliveries[0].attempt_records[0].outcome, "delivered", "{got:?}");
    let listed = client
        .list(v1::ListRequest { key: answer.key.clone(), ..v1::ListRequest::default() })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.exchanges.len(), 1);
    let timeline = client.timeline(v1::TimelineRequest { key: answer.key.clone() }).await.unwrap().into_inner();
    assert_eq!(timeline.exchanges[0].id, answer.id);
    assert_eq!(bench.portal.dossier(&answer.key).unwrap().status, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_keeps_its_order_and_a_bad_message_stops_nothing() {
    let (_bench, _gateway, channel) = start().await;
    let mut messages: Vec<v1::SubmitRequest> = (10..60).map(|number| dossier(number, "received")).collect();
    messages[20].body = "{\"broken\":".into();
    messages[30].operation = "portal.no-such".to_owned();
    let keys: Vec<String> = messages.iter().map(|message| message.key.clone()).collect();
    let answers = exchanges(&channel).submit_stream(tokio_stream::iter(messages)).await.unwrap().into_inner();
    let answers: Vec<_> =
        answers.collect::<Vec<_>>().await.into_iter().map(|answer| answer.unwrap().result.unwrap()).collect();
    assert_eq!(answers.len(), keys.len());
    for (place, answer) in answers.iter().enumerate() {
        match (place, answer) {
            (20, v1::submit_stream_response::Result::Refused(problem)) => assert_eq!(problem.code, "LT-BAD-JSON"),
            (30, v1::submit_stream_response::Result::Refused(problem)) => {
                assert_eq!(problem.code, "LT-UNKNOWN-OPERATION")
            }
            (_, v1::submit_stream_response::Result::Accepted(receipt)) => assert_eq!(receipt.key, keys[place]),
            (_, v1::submit_stream_response::Result::Refused(problem)) => panic!("{place}: {problem:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_called_and_a_write_is_not() {
    let (_bench, _gateway, channel) = start().await;
    let mut client = exchanges(&channel);
    let ask = |operation: &str| v1::CallRequest {
        operation: operation.to_owned(),
        body: "{}".into(),
        ..v1::CallRequest::default()
    };
    let answer = client.call(ask("portal.list-procedures")).await.unwrap().into_inner();
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(!body["procedures"].as_array().unwrap().is_empty(), "{body}");
    let refused = client.call(ask("portal.sync-dossier")).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    assert!(refused.metadata().get_bin("lienthong-problem-bin").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shows_no_key_is_unauthenticated_and_what_is_unknown_is_unimplemented() {
    let (_bench, _gateway, channel) = start().await;
    let mut bare = ExchangeServiceClient::new(channel.clone());
    let refused = bare.list(v1::ListRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let mut bad = exchanges(&channel);
    let cursor = v1::ListRequest { cursor: "nonsense".to_owned(), ..v1::ListRequest::default() };
    assert_eq!(bad.list(cursor).await.unwrap_err().code(), Code::InvalidArgument);
    let missing = v1::GetRequest { id: uuid::Uuid::nil().to_string() };
    assert_eq!(bad.get(missing).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_watched_from_a_place_and_resumed() {
    let (_bench, _gateway, channel) = start().await;
    let mut client = exchanges(&channel);
    let sent =
        client.submit(v1::SubmitRequest { wait_seconds: 30, ..dossier(70, "received") }).await.unwrap().into_inner();
    let watch = |after: u64| v1::WatchRequest { after, key: sent.key.clone(), ..v1::WatchRequest::default() };
    let events = client.watch(watch(0)).await.unwrap().into_inner();
    let seen: Vec<v1::Event> = events.take(3).map(Result::unwrap).collect().await;
    let kinds: Vec<&str> = seen.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["accepted", "admitted", "delivered"]);
    let resumed = client.watch(watch(seen[0].seq)).await.unwrap().into_inner();
    let rest: Vec<v1::Event> = resumed.take(2).map(Result::unwrap).collect().await;
    assert_eq!(rest, seen[1..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_pauses_probes_and_resumes() {
    let (bench, gateway, channel) = start().await;
    let mut operator = operators(&channel);
    let nothing = v1::SystemActRequest { reason: "quên".to_owned(), ..v1::SystemActRequest::default() };
    let missing = (Code::InvalidArgument, "LT-BAD-PARAMETER".to_owned());
    assert_eq!(refused(operator.pause_system(nothing.clone()).await), missing, "a field left out is not all of them");
    assert_eq!(refused(operator.resume_system(nothing.clone()).await), missing);
    assert_eq!(refused(operator.probe_system(nothing).await), missing);
    let systems = operator.list_systems(v1::ListSystemsRequest {}).await.unwrap().into_inner().systems;
    assert!(systems.iter().all(|system| system.gate != "paused"), "{systems:?}");
    let act = |reason: &str| v1::SystemActRequest { system: "*".to_owned(), reason: reason.to_owned() };
    let systems = operator.pause_system(act("bảo trì mạng")).await.unwrap().into_inner().systems;
    let states: Vec<_> = systems.iter().map(|system| (system.name.as_str(), system.gate.as_str())).collect();
    assert_eq!(states, [("gateway", "paused"), ("portal", "paused")]);
    exchanges(&channel).submit(dossier(80, "received")).await.unwrap();
    let probed = operator.probe_system(act("")).await.unwrap().into_inner().results;
    assert!(probed[0].ok, "{probed:?}");
    assert_eq!(bench.portal.report().stored.dossiers, 0, "paused: nothing is sent");
    operator.resume_system(act("xong")).await.unwrap();
    gateway.settle().await;
    assert_eq!(bench.portal.report().stored.dossiers, 1);
    let groups = operator.list_error_groups(v1::ListErrorGroupsRequest::default()).await.unwrap().into_inner();
    assert!(groups.groups.is_empty());
    let version = operator.reload_configuration(v1::ReloadConfigurationRequest {}).await.unwrap().into_inner().version;
    assert!(version.starts_with("v-"), "{version}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_reflection_answer_on_the_same_port() {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    let (_bench, _gateway, channel) = start().await;
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = ServerReflectionClient::new(channel)
        .server_reflection_info(tokio_stream::iter([ask]))
        .await
        .unwrap()
        .into_inner();
    let Some(MessageResponse::ListServicesResponse(list)) = answers.next().await.unwrap().unwrap().message_response
    else {
        panic!("a list of services");
    };
    let names: Vec<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
    for name in ["lienthong.v1.ExchangeService", "lienthong.v1.OperatorService", "grpc.health.v1.Health"] {
        assert!(names.contains(&name), "{names:?}");
    }
}
