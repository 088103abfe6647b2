//! The province's list is streamed over gRPC and held against the portal; only the chosen differences are sent; the report counts them.

use lienthong_proto::v1;
use lienthong_proto::v1::add_to_reconciliation_request::Rows;
use tonic::Code;

use super::{connect, operators, refused, until};
use crate::reconcile::{HEAD, elsewhere, row, start};

const AHEAD: &str = "H56.14-260115-0001";
const LOST: &str = "H56.14-260115-0002";
const EQUAL: &str = "H56.14-260115-0003";

/// The list in two parts; those that follow the first name neither run nor number.
fn parts(run: &str) -> Vec<v1::AddToReconciliationRequest> {
    let part = |id: &str, rows: &[String]| v1::AddToReconciliationRequest {
        id: id.to_owned(),
        rows: Some(Rows::Csv(format!("{HEAD}\n{}\n", rows.join("\n")).into())),
        ..v1::AddToReconciliationRequest::default()
    };
    vec![part(run, &[row(AHEAD, 4), row(LOST, 10)]), part("", &[row(EQUAL, 4)])]
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_streamed_compared_and_only_the_chosen_differences_are_sent() {
    let (bench, gateway) = start("50").await;
    elsewhere(&bench, AHEAD, "9").await;
    elsewhere(&bench, EQUAL, "4").await;
    let mut operator = operators(&connect(&gateway).await);
    let begin = v1::BeginReconciliationRequest {
        name: "portal-dossiers".to_owned(),
        from: "2026-01-01".to_owned(),
        to: "2026-01-31".to_owned(),
        ..v1::BeginReconciliationRequest::default()
    };
    let id = operator.begin_reconciliation(begin).await.unwrap().into_inner().id;
    let act = v1::ReconciliationActRequest { id: id.clone(), reason: String::new() };
    let early = refused(operator.compare_reconciliation(act.clone()).await);
    assert_eq!(early, (Code::Aborted, "LT-WRONG-STATE".to_owned()), "no list yet");
    let none = operator.add_to_reconciliation(tokio_stream::iter(Vec::new())).await;
    assert_eq!(refused(none), (Code::InvalidArgument, "LT-BAD-PARAMETER".to_owned()));

    // The first answer is lost, and the whole list is sent again.
    for _ in 0..2 {
        let run = operator.add_to_reconciliation(tokio_stream::iter(parts(&id))).await.unwrap().into_inner();
        let here = run.here.unwrap();
        assert_eq!((here.parts, here.rows, here.refused), (2, 3, 0));
    }
    operator.compare_reconciliation(act).await.unwrap();
    let show = v1::GetReconciliationRequest { id: id.clone() };
    let mut asking = operator.clone();
    let mut run = async |wanted: fn(&v1::Reconciliation) -> bool| {
        until(async || asking.get_reconciliation(show.clone()).await.unwrap().into_inner(), wanted).await
    };
    let counts = run(|run| run.state == "done").await.counts.unwrap();
    assert_eq!((counts.keys, counts.equal, counts.missing_there, counts.newer_there), (3, 1, 1, 1), "{counts:?}");

    let list = |newer: &str| v1::ListDifferencesRequest {
        id: id.clone(),
        conditions: Some(v1::DifferenceConditions { newer: newer.to_owned(), ..Default::default() }),
        ..v1::ListDifferencesRequest::default()
    };
    assert_eq!(refused(operator.list_differences(list("nowhere")).await).0, Code::InvalidArgument);
    let found = operator.list_differences(list("here")).await.unwrap().into_inner().differences;
    let told: Vec<_> = found.iter().map(|one| (one.key.as_str(), one.why.as_str())).collect();
    assert_eq!(told, [(LOST, "never_handed_over")]);
    let send = |reason: &str| v1::SendDifferencesRequest {
        id: id.clone(),
        reason: reason.to_owned(),
        places: vec![found[0].place],
        ..v1::SendDifferencesRequest::default()
    };
    assert_eq!(refused(operator.send_differences(send("")).await).1, "LT-REASON-MISSING");
    operator.send_differences(send("Cổng chưa có")).await.unwrap();
    let sent = run(|run| run.sending.is_none() && !run.sendings.is_empty()).await.sendings;
    assert_eq!((sent[0].sent, sent[0].not_sent, sent[0].by.as_str()), (1, 0, "one-stop"));
    gateway.settle().await;
    assert_eq!((bench.portal.dossier(LOST).unwrap().status, bench.portal.dossier(AHEAD).unwrap().status), (10, 9));

    let show = v1::GetReconciliationRequest { id: id.clone() };
    let totals = operator.get_reconciliation_totals(show).await.unwrap().into_inner().totals;
    assert_eq!(totals.iter().map(|cell| cell.here).sum::<u64>(), 3, "{totals:?}");
    let listed = operator.list_reconciliations(v1::ListReconciliationsRequest {}).await.unwrap().into_inner();
    assert_eq!((listed.configured[0].name.as_str(), listed.runs[0].id.as_str()), ("portal-dossiers", id.as_str()));
    let report = v1::GetReportRequest { by: "month".to_owned(), by_system: true, ..Default::default() };
    let mut reporting = operator.clone();
    let report = until(
        async || reporting.get_report(report.clone()).await.unwrap().into_inner(),
        |report| report.rows.iter().any(|row| row.system == "portal" && row.exchanged == 1),
    )
    .await;
    assert_eq!(report.rows[0].period.len(), "2026-01".len());
}
