//! A message that was misspelt is amended by two persons over gRPC; searches, bodies and differences say what there is to see.

use lienthong_proto::v1;
use lienthong_proto::v1::exchange_service_client::ExchangeServiceClient;
use lienthong_proto::v1::operator_service_client::OperatorServiceClient;
use lienthong_simulators::portal::FaultProfile;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use super::{WithKey, connect, exchanges, operators, refused};
use crate::amend::{CODE, SECOND, body, configure};
use crate::harness::Bench;

fn with_second_key(mut request: Request<()>) -> Result<Request<()>, Status> {
    request.metadata_mut().insert("authorization", MetadataValue::try_from(format!("Bearer {SECOND}")).unwrap());
    Ok(request)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_amended_by_one_and_approved_by_another() {
    let bench = Bench::new(FaultProfile::None).await;
    configure(&bench);
    let gateway = bench.restart().await;
    let channel = connect(&gateway).await;
    let mut operator = operators(&channel);
    let mut second = OperatorServiceClient::with_interceptor(channel.clone(), with_second_key as WithKey);
    let submit = v1::SubmitRequest {
        operation: "portal.sync-dossier".to_owned(),
        idempotency_key: "m1".to_owned(),
        key: CODE.to_owned(),
        body: body("new", 1).to_string().into(),
        wait_seconds: 60,
        ..v1::SubmitRequest::default()
    };
    let parked = exchanges(&channel).submit(submit).await.unwrap().into_inner();
    let id = parked.exchange.unwrap().deliveries[0].id.clone();

    let content = |reason: &str| v1::GetDeliveryContentRequest { id: id.clone(), reason: reason.to_owned() };
    let bare = refused(operator.get_delivery_content(content("")).await);
    assert_eq!(bare, (Code::InvalidArgument, "LT-REASON-MISSING".to_owned()));
    let editable = operator.get_delivery_content(content("Cổng từ chối")).await.unwrap().into_inner();
    assert!(editable.second_person && editable.edited == "received" && !editable.schema.is_empty(), "{editable:?}");
    let mut mended: serde_json::Value = serde_json::from_slice(&editable.content).unwrap();
    assert_eq!(mended["status"], "new");
    mended["status"] = "received".into();
    let amend = |dry_run, seen| v1::AmendDeliveryRequest {
        id: id.clone(),
        body: mended.to_string().into(),
        reason: if dry_run { String::new() } else { "nhập nhầm".to_owned() },
        seen,
        dry_run,
        ..v1::AmendDeliveryRequest::default()
    };
    let tried = operator.amend_delivery(amend(true, None)).await.unwrap().into_inner();
    let field = &tried.difference.unwrap().fields[0];
    assert_eq!(
        (tried.outcome.as_str(), field.pointer.as_str(), &field.after[..]),
        ("tried", "/status", &b"\"received\""[..])
    );
    let version = editable.delivery.unwrap().version;
    let stale = refused(operator.amend_delivery(amend(false, Some(version + 1))).await);
    assert_eq!(stale, (Code::Aborted, "LT-WRONG-STATE".to_owned()));
    let proposed = operator.amend_delivery(amend(false, Some(version))).await.unwrap().into_inner();
    let proposal = proposed.proposal.unwrap();
    assert_eq!((proposed.outcome.as_str(), proposal.changed.as_slice()), ("proposed", &["/status".to_owned()][..]));

    let decide = v1::AmendmentActRequest { id: id.clone(), number: proposal.number, reason: String::new() };
    let own = refused(operator.approve_amendment(decide.clone()).await);
    assert_eq!(own, (Code::PermissionDenied, "LT-NOT-PERMITTED".to_owned()), "not by its author");
    let open = second.list_amendments(v1::ListAmendmentsRequest {}).await.unwrap().into_inner().proposals;
    assert_eq!((open.len(), open[0].by.as_str(), open[0].stale), (1, "one-stop", false));
    let compared = second.compare_amendment(decide.clone()).await.unwrap().into_inner();
    assert_eq!(compared.difference.unwrap().fields[0].pointer, "/status");
    assert_eq!(bench.portal.report().stored.dossiers, 0, "nothing was sent so far");
    let approved = second.approve_amendment(decide).await.unwrap().into_inner();
    assert_eq!(approved.amended, Some(proposal.number));
    gateway.settle().await;
    assert_eq!(bench.portal.dossier(CODE).unwrap().status, 2);
    looked_at(&channel, &parked.id).await;
}

/// What a second operator, and the client itself, see of the message afterwards.
async fn looked_at(channel: &Channel, id: &str) {
    let mut looking = ExchangeServiceClient::with_interceptor(channel.clone(), with_second_key as WithKey);
    let search = v1::SearchRequest { text: CODE.to_owned(), ..v1::SearchRequest::default() };
    let found = looking.search(search).await.unwrap().into_inner();
    assert_eq!((found.found_by.as_str(), found.exchanges[0].id.as_str()), ("key", id));
    let compare = v1::GetDifferencesRequest { id: id.to_owned() };
    let attempts = looking.get_differences(compare).await.unwrap().into_inner().attempts;
    let difference = attempts[0].difference.as_ref().unwrap();
    assert!(difference.fields.iter().any(|field| field.pointer == "/status"), "{difference:?}");
    let ask = |reason: &str| v1::GetBodyRequest { id: id.to_owned(), reason: reason.to_owned() };
    assert_eq!(refused(looking.get_body(ask("")).await).1, "LT-REASON-MISSING");
    let received = looking.get_body(ask("đối chiếu")).await.unwrap().into_inner();
    assert_eq!(received.body, body("new", 1).to_string(), "what was received stays as it is");
    assert_eq!(exchanges(channel).get_body(ask("")).await.unwrap().into_inner(), received, "its own client needs none");
}
