//! Every operator's verb with its HTTP path and the role both ask for: whoever holds less is refused both ways, whoever holds it neither way.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use tonic::Code;
use tower::ServiceExt as _;

use super::{called, faces, verbs};
use crate::http::tests::world::{ADMINISTRATOR, APPROVER, ONE_STOP, OPERATOR, VIEWER, World};
use crate::security::Role;

/// Tags of the OpenAPI document whose paths are not for `OperatorService`. A new tag is, until it stands here with its reason.
const ELSEWHERE: [(&str, &str); 7] = [
    ("exchanges", "ExchangeService"),
    ("operations", "ExchangeService"),
    ("inbox", "ExchangeService"),
    ("events", "ExchangeService"),
    ("files", "over HTTP only: a file may be larger than a message"),
    ("inbound", "external systems push as they can"),
    ("health", "grpc.health.v1, reflection; metrics are scraped"),
];

const VERBS: [(&str, &str, Role); 60] = [
    ("ListErrorGroups", "GET /v1/errors", Role::Viewer),
    ("GetErrorGroup", "GET /v1/errors/{group}", Role::Viewer),
    ("ListErrorGroupKeys", "GET /v1/errors/{group}/keys", Role::Viewer),
    ("ReleaseErrorGroup", "POST /v1/errors/{group}/release", Role::Operator),
    ("DiscardErrorGroup", "POST /v1/errors/{group}/discard", Role::Operator),
    ("ReleaseDelivery", "POST /v1/deliveries/{id}/release", Role::Operator),
    ("DiscardDelivery", "POST /v1/deliveries/{id}/discard", Role::Operator),
    ("AcknowledgeErrorGroup", "POST /v1/errors/{group}/acknowledge", Role::Operator),
    ("AssignErrorGroup", "POST /v1/errors/{group}/assign", Role::Operator),
    ("AnnotateErrorGroup", "POST /v1/errors/{group}/note", Role::Operator),
    ("ResolveErrorGroup", "POST /v1/errors/{group}/resolve", Role::Operator),
    ("ListActs", "GET /v1/acts", Role::Operator),
    ("PreviewRelease", "POST /v1/errors/{group}/preview", Role::Operator),
    ("PreviewRelease", "POST /v1/deliveries/{id}/preview", Role::Operator),
    ("PreviewRelease", "POST /v1/deliveries/preview", Role::Operator),
    ("BeginRelease", "POST /v1/errors/{group}/releases", Role::Operator),
    ("ListReleases", "GET /v1/releases", Role::Viewer),
    ("GetRelease", "GET /v1/releases/{release}", Role::Viewer),
    ("PauseRelease", "POST /v1/releases/{release}/pause", Role::Operator),
    ("ResumeRelease", "POST /v1/releases/{release}/resume", Role::Operator),
    ("StopRelease", "POST /v1/releases/{release}/stop", Role::Operator),
    ("GetDeliveryContent", "GET /v1/deliveries/{id}/content", Role::Operator),
    ("AmendDelivery", "POST /v1/deliveries/{id}/amend", Role::Operator),
    ("ListAmendments", "GET /v1/amendments", Role::Viewer),
    ("CompareAmendment", "GET /v1/deliveries/{id}/amendments/{number}", Role::Operator),
    ("ApproveAmendment", "POST /v1/deliveries/{id}/amendments/{number}/approve", Role::Approver),
    ("RefuseAmendment", "POST /v1/deliveries/{id}/amendments/{number}/refuse", Role::Operator),
    ("ListTables", "GET /v1/tables", Role::Viewer),
    ("GetTable", "GET /v1/tables/{table}", Role::Viewer),
    ("ListUnmappedCodes", "GET /v1/tables/unmapped", Role::Viewer),
    ("ListAddedRows", "GET /v1/tables/added", Role::Viewer),
    ("AddTableRow", "POST /v1/tables/{table}/rows", Role::Approver),
    ("RemoveAddedRow", "POST /v1/tables/added/{id}/remove", Role::Approver),
    ("ListSystems", "GET /v1/systems", Role::Viewer),
    ("GetSystem", "GET /v1/systems/{system}", Role::Viewer),
    ("PauseSystem", "POST /v1/systems/{system}/pause", Role::Operator),
    ("ResumeSystem", "POST /v1/systems/{system}/resume", Role::Operator),
    ("ProbeSystem", "POST /v1/systems/{system}/probe", Role::Operator),
    ("ListSilences", "GET /v1/silences", Role::Viewer),
    ("ListFlows", "GET /v1/flows", Role::Viewer),
    ("ListWindows", "GET /v1/systems/{system}/windows", Role::Viewer),
    ("SetWindow", "POST /v1/systems/{system}/windows", Role::Operator),
    ("ChangeWindow", "POST /v1/systems/{system}/windows/{window}/change", Role::Operator),
    ("RemoveWindow", "POST /v1/systems/{system}/windows/{window}/remove", Role::Operator),
    ("BeginDrill", "POST /v1/drills", Role::Operator),
    ("ListDrills", "GET /v1/drills", Role::Viewer),
    ("EndDrill", "POST /v1/drills/{system}/end", Role::Operator),
    ("ListAlerts", "GET /v1/alerts", Role::Viewer),
    ("TestAlertTarget", "POST /v1/alerts/targets/{target}/test", Role::Operator),
    ("ReloadConfiguration", "POST /v1/configuration/reload", Role::Administrator),
    ("ListReconciliations", "GET /v1/reconciliations", Role::Viewer),
    ("BeginReconciliation", "POST /v1/reconciliations", Role::Operator),
    ("GetReconciliation", "GET /v1/reconciliations/{run}", Role::Viewer),
    ("AddToReconciliation", "POST /v1/reconciliations/{run}/rows", Role::Operator),
    ("CompareReconciliation", "POST /v1/reconciliations/{run}/compare", Role::Operator),
    ("StopReconciliation", "POST /v1/reconciliations/{run}/stop", Role::Operator),
    ("GetReconciliationTotals", "GET /v1/reconciliations/{run}/totals", Role::Viewer),
    ("ListDifferences", "GET /v1/reconciliations/{run}/differences", Role::Viewer),
    ("SendDifferences", "POST /v1/reconciliations/{run}/send", Role::Operator),
    ("GetReport", "GET /v1/reports", Role::Viewer),
];

/// Who holds just this role, and who holds the most of those that do not.
fn holders(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Viewer => (VIEWER, ONE_STOP),
        Role::Operator => (OPERATOR, VIEWER),
        Role::Approver => (APPROVER, OPERATOR),
        Role::Administrator => (ADMINISTRATOR, APPROVER),
    }
}

async fn asked(router: &Router, key: &str, path: &str) -> StatusCode {
    let (method, path) = path.split_once(' ').unwrap();
    let filled: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
    let request = Request::builder().method(method).uri(filled.join("/"));
    let request = request.header("authorization", format!("Bearer {key}")).body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn a_verb_asks_for_the_same_role_over_grpc_as_over_http() {
    let world = World::new().await;
    let router = faces(&world).await;
    for (verb, path, role) in VERBS {
        let (holder, lesser) = holders(role);
        assert_eq!(called(&router, lesser, verb).await, Code::PermissionDenied, "{verb} by {lesser}");
        assert_eq!(asked(&router, lesser, path).await, StatusCode::FORBIDDEN, "{path} by {lesser}");
        assert_eq!(called(&router, "nobody", verb).await, Code::Unauthenticated, "{verb} by nobody");
        let done = called(&router, holder, verb).await;
        let let_in =
            !matches!(done, Code::PermissionDenied | Code::Unauthenticated | Code::Unimplemented | Code::Internal);
        assert!(let_in, "{verb} by {holder}: {done:?}");
        assert_ne!(asked(&router, holder, path).await, StatusCode::FORBIDDEN, "{path} by {holder}");
    }
}

#[tokio::test]
async fn whatever_operators_do_over_http_they_do_over_grpc() {
    let world = World::new().await;
    let request = Request::get("/openapi.json").body(Body::empty()).unwrap();
    let document = world.ask(request).await.json;
    let mut over_http = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if ELSEWHERE.iter().all(|(tag, _)| operation["tags"][0] != *tag) {
                over_http.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    assert_eq!(VERBS.map(|(_, path, _)| path.to_owned()).into_iter().collect::<BTreeSet<_>>(), over_http);
    let served: BTreeSet<String> = verbs("OperatorService").iter().map(|verb| verb.name().to_owned()).collect();
    assert_eq!(VERBS.map(|(verb, _, _)| verb.to_owned()).into_iter().collect::<BTreeSet<_>>(), served);
}
