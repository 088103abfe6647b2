//! A code without a row parks dossiers: over gRPC the group is taken, the row tried and added, the group released in steps and drained.

use std::collections::BTreeMap;

use lienthong_proto::v1;
use lienthong_proto::v1::preview_release_request::Subject;
use lienthong_simulators::portal::FaultProfile;
use tonic::Code;

use super::{Operators, connect, dossier, exchanges, operators, refused, until};
use crate::harness::{Bench, DESK_ROUTES, DESK_TABLES, Gateway};

fn row() -> BTreeMap<String, String> {
    let cells = [("desk", "processing"), ("status", "processing"), ("valid_from", "2026-01-01")];
    cells.map(|(column, cell)| (column.to_owned(), cell.to_owned())).into()
}

/// Three dossiers wait for a row that is missing.
async fn parked() -> (Bench, Gateway, Operators) {
    let bench = Bench::new(FaultProfile::None).await;
    bench.write_config();
    std::fs::create_dir_all(bench.config().join("tables")).unwrap();
    std::fs::write(bench.config().join("routes/portal.yaml"), DESK_ROUTES).unwrap();
    std::fs::write(bench.config().join("tables/tables.yaml"), DESK_TABLES).unwrap();
    let rows = "desk,status,valid_from,valid_to\nreceived,received,,\n";
    std::fs::write(bench.config().join("tables/desk-statuses.csv"), rows).unwrap();
    let gateway = bench.restart().await;
    let channel = connect(&gateway).await;
    for number in 1..=3 {
        let asked = v1::SubmitRequest { wait_seconds: 60, ..dossier(number, "processing") };
        let answer = exchanges(&channel).submit(asked).await.unwrap().into_inner();
        let fault = answer.exchange.unwrap().deliveries[0].fault.clone().unwrap();
        assert_eq!(fault.code, "LT-CODE-UNMAPPED");
        assert!(!fault.internal.is_empty(), "an operator sees the inner chain");
    }
    (bench, gateway, operators(&channel))
}

async fn group(operator: &mut Operators) -> v1::ErrorGroup {
    let asked = v1::ListErrorGroupsRequest::default();
    let mut groups = operator.list_error_groups(asked).await.unwrap().into_inner().groups;
    assert_eq!(groups.len(), 1, "{groups:?}");
    groups.remove(0)
}

/// One delivery as things stand, and the whole group with a row that is not yet live.
async fn previewed(operator: &mut Operators, group: &str, delivery: &str) {
    let first = v1::DeliveryIds { ids: vec![delivery.to_owned()] };
    let now = v1::PreviewReleaseRequest { subject: Some(Subject::Deliveries(first)), ..Default::default() };
    let now = operator.preview_release(now).await.unwrap().into_inner();
    assert_eq!((now.counts.unwrap().fails, now.deliveries[0].verdict.as_str()), (1, "fails"));
    let rows = v1::EditedRows { rows: vec![v1::EditedRow { cells: row() }] };
    let tables = BTreeMap::from([("desk-statuses".to_owned(), rows)]);
    let tried = v1::PreviewReleaseRequest {
        subject: Some(Subject::Group(group.to_owned())),
        differences: true,
        edits: Some(v1::PreviewEdits { tables, transforms: BTreeMap::new() }),
        ..Default::default()
    };
    let tried = operator.preview_release(tried).await.unwrap().into_inner();
    assert_eq!((tried.counts.unwrap().passes, tried.edited), (3, true));
    assert_eq!(tried.deliveries[0].sends[0].difference.as_ref().unwrap().against, "received");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_taken_previewed_released_in_steps_drained_and_resolved() {
    let (bench, gateway, mut operator) = parked().await;
    let listed = group(&mut operator).await;
    let id = listed.id.clone();
    let case = listed.case.clone().unwrap();
    assert_eq!((case.state.as_str(), case.who_must_act.as_str()), ("new", "mapping"), "{case:?}");
    assert!(!case.reasons[0].text_vi.is_empty() && !case.reasons[0].text_en.is_empty());

    let act = |reason: &str, version| v1::CaseActRequest { id: id.clone(), reason: reason.to_owned(), version };
    let taken = operator.acknowledge_error_group(act("", Some(case.version))).await.unwrap().into_inner();
    let assign = |version| v1::AssignErrorGroupRequest {
        id: id.clone(),
        owner: "Sở Tư pháp".to_owned(),
        version: Some(version),
        ..v1::AssignErrorGroupRequest::default()
    };
    let stale = refused(operator.assign_error_group(assign(case.version)).await);
    assert_eq!(stale, (Code::Aborted, "LT-WRONG-STATE".to_owned()), "two operators: the second one meets the first");
    let assigned = operator.assign_error_group(assign(taken.case.unwrap().version)).await.unwrap().into_inner();
    assert_eq!(assigned.case.unwrap().owner, "Sở Tư pháp");
    let note = v1::AnnotateErrorGroupRequest { id: id.clone(), text: "đã gọi đơn vị".to_owned() };
    operator.annotate_error_group(note).await.unwrap();
    let detail = v1::GetErrorGroupRequest { id: id.clone(), ..v1::GetErrorGroupRequest::default() };
    let detail = operator.get_error_group(detail).await.unwrap().into_inner();
    assert_eq!((detail.concerns.unwrap().keys, detail.deliveries.len()), (3, 3));
    assert_eq!(detail.notes[0].text, "đã gọi đơn vị");
    let early = refused(operator.resolve_error_group(act("thêm mã", None)).await);
    assert_eq!(early.1, "LT-WRONG-STATE", "something of it is open");

    previewed(&mut operator, &id, &detail.deliveries[0].id).await;
    assert_eq!(bench.portal.report().stored.dossiers, 0, "nothing was sent");

    let add = v1::AddTableRowRequest {
        table: "desk-statuses".to_owned(),
        cells: row(),
        reason: "quyết định 12".to_owned(),
        release: Some(false),
        ..Default::default()
    };
    let added = operator.add_table_row(add).await.unwrap().into_inner();
    assert_eq!((added.passes, added.released.unwrap().moved), (3, 0), "it is released in steps");
    let begin =
        v1::BeginReleaseRequest { group: id.clone(), steps: vec![1], per_second: Some(1), ..Default::default() };
    let begun = operator.begin_release(begin).await.unwrap().into_inner();
    assert_eq!((begun.state.as_str(), begun.total), ("running", 3));
    let turn = v1::ReleaseActRequest { id: begun.id.clone(), reason: "xem đã".to_owned(), confirm: false };
    assert_eq!(operator.pause_release(turn.clone()).await.unwrap().into_inner().state, "paused");
    assert_eq!(operator.resume_release(turn).await.unwrap().into_inner().state, "running");
    let show = v1::GetReleaseRequest { id: begun.id };
    let mut asking = operator.clone();
    let done =
        until(async || asking.get_release(show.clone()).await.unwrap().into_inner(), |view| view.state == "done").await;
    assert_eq!((done.delivered, done.failed, done.refused), (3, 0, 0), "{done:?}");
    assert_eq!(operator.list_releases(v1::ListReleasesRequest {}).await.unwrap().into_inner().releases, [done]);
    gateway.settle().await;
    assert_eq!(bench.portal.report().stored.dossiers, 3);
    let resolved = operator.resolve_error_group(act("thêm mã vào bảng", None)).await.unwrap().into_inner();
    let case = resolved.case.unwrap();
    assert_eq!((case.state.as_str(), case.last_fix.unwrap().how.as_str()), ("resolved", "thêm mã vào bảng"));
    let acts = v1::ListActsRequest { kind: "case".to_owned(), ..Default::default() };
    let acts = operator.list_acts(acts).await.unwrap().into_inner().acts;
    assert!(acts.len() >= 4 && acts.iter().all(|act| act.who == "one-stop"), "{acts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_tried_added_and_taken_back() {
    let (bench, gateway, mut operator) = parked().await;
    let unmapped = operator.list_unmapped_codes(v1::ListUnmappedCodesRequest {}).await.unwrap().into_inner().codes;
    let told = (unmapped[0].table.as_str(), unmapped[0].code.as_str(), unmapped[0].parked);
    assert_eq!(told, ("desk-statuses", "processing", 3));
    let add = |dry_run, reason: &str| v1::AddTableRowRequest {
        table: "desk-statuses".to_owned(),
        cells: row(),
        reason: reason.to_owned(),
        dry_run,
        release: None,
    };
    let tried = operator.add_table_row(add(true, "")).await.unwrap().into_inner();
    assert_eq!((tried.id.as_str(), tried.passes), ("", 3));
    assert_eq!(refused(operator.add_table_row(add(false, "")).await).1, "LT-REASON-MISSING");
    let added = operator.add_table_row(add(false, "quyết định 12")).await.unwrap().into_inner();
    assert_eq!(added.released.unwrap().moved, 3, "what waited for it goes");
    gateway.settle().await;
    assert_eq!(bench.portal.report().stored.dossiers, 3);
    let listed = operator.list_added_rows(v1::ListAddedRowsRequest {}).await.unwrap().into_inner().rows;
    assert_eq!((listed[0].standing.as_str(), listed[0].by.as_str()), ("in_force", "one-stop"));
    let table = v1::GetTableRequest { table: "desk-statuses".to_owned() };
    assert!(!operator.get_table(table).await.unwrap().into_inner().rows.is_empty());
    assert_eq!(operator.list_tables(v1::ListTablesRequest {}).await.unwrap().into_inner().tables.len(), 1);
    let remove = v1::RemoveAddedRowRequest { id: added.id, reason: "nhầm".to_owned() };
    assert!(operator.remove_added_row(remove).await.unwrap().into_inner().rows.is_empty());
}
