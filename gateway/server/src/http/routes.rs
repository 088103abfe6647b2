//! The table of paths. Every one of them stands in the OpenAPI document, and nothing else does: a test holds that.

use axum::routing::{MethodRouter, any, get, post};

use super::handlers::{
    alerts, amendments, cases, configuration, deliveries, drills, errors, events, exchanges, files, flows, health,
    inbound, inbox, keys, operations, previews, reconciliations, releases, reports, rows, search, systems, tables,
    windows,
};
use super::openapi;
use crate::state::AppState;

/// First segments that belong to the gateway, now or by its contract; gRPC services have theirs with dots.
pub(crate) fn reserved() -> Vec<&'static str> {
    const BY_CONTRACT: [&str; 4] = ["console", "assets", "docs", "v1"];
    let first = |(path, _): (&'static str, MethodRouter<AppState>)| path.split('/').nth(1);
    table().into_iter().filter_map(first).chain(BY_CONTRACT).collect()
}

/// Every path with its methods.
pub(crate) fn table() -> Vec<(&'static str, MethodRouter<AppState>)> {
    [accounts(), upkeep(), others()].concat()
}

/// Both sides of dossiers held against each other, and what is reported of them.
fn accounts() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/v1/reconciliations", get(reconciliations::list).post(reconciliations::begin)),
        ("/v1/reconciliations/{run}", get(reconciliations::show)),
        ("/v1/reconciliations/{run}/rows", post(reconciliations::add)),
        ("/v1/reconciliations/{run}/compare", post(reconciliations::compare)),
        ("/v1/reconciliations/{run}/stop", post(reconciliations::stop)),
        ("/v1/reconciliations/{run}/totals", get(reconciliations::totals)),
        ("/v1/reconciliations/{run}/differences", get(reconciliations::differences)),
        ("/v1/reconciliations/{run}/send", post(reconciliations::send)),
        ("/v1/reports", get(reports::show)),
    ]
}

/// Systems, what keeps watch over them, and tables.
fn upkeep() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/v1/silences", get(systems::silences)),
        ("/v1/systems", get(systems::list)),
        ("/v1/systems/{system}", get(systems::show)),
        ("/v1/systems/{system}/pause", post(systems::pause)),
        ("/v1/systems/{system}/resume", post(systems::resume)),
        ("/v1/systems/{system}/probe", post(systems::probe)),
        ("/v1/flows", get(flows::list)),
        ("/v1/alerts", get(alerts::list)),
        ("/v1/alerts/targets/{target}/test", post(alerts::test)),
        ("/v1/drills", get(drills::list).post(drills::begin)),
        ("/v1/drills/{system}/end", post(drills::end)),
        ("/v1/systems/{system}/windows", get(windows::list).post(windows::set)),
        ("/v1/systems/{system}/windows/{window}/change", post(windows::change)),
        ("/v1/systems/{system}/windows/{window}/remove", post(windows::remove)),
        ("/v1/tables", get(tables::list)),
        ("/v1/tables/unmapped", get(tables::unmapped)),
        ("/v1/tables/added", get(rows::list)),
        ("/v1/tables/added/{id}/remove", post(rows::remove)),
        ("/v1/tables/{table}", get(tables::show)),
        ("/v1/tables/{table}/rows", post(rows::add)),
    ]
}

fn others() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/v1/exchanges", post(exchanges::submit).get(exchanges::list)),
        ("/v1/exchanges/{id}", get(exchanges::show)),
        ("/v1/exchanges/{id}/body", get(exchanges::body_of)),
        ("/v1/exchanges/{id}/differences", get(exchanges::differences)),
        ("/v1/exchanges/{id}/cancel", post(exchanges::cancel)),
        ("/v1/exchanges/{id}/resend", post(exchanges::resend)),
        ("/v1/search", post(search::search)),
        ("/v1/operations", get(operations::list)),
        ("/v1/operations/{operation}", get(operations::show)),
        ("/v1/operations/{operation}/call", post(operations::call)),
        ("/v1/keys/{key}", get(keys::show)),
        ("/v1/files/{sha256}", get(files::download)),
        ("/v1/errors", get(errors::list)),
        ("/v1/errors/{group}", get(errors::show)),
        ("/v1/errors/{group}/keys", get(errors::keys)),
        ("/v1/errors/{group}/preview", post(previews::group)),
        ("/v1/errors/{group}/release", post(errors::release)),
        ("/v1/errors/{group}/discard", post(errors::discard)),
        ("/v1/errors/{group}/acknowledge", post(cases::acknowledge)),
        ("/v1/errors/{group}/assign", post(cases::assign)),
        ("/v1/errors/{group}/note", post(cases::annotate)),
        ("/v1/errors/{group}/resolve", post(cases::resolve)),
        ("/v1/errors/{group}/releases", post(releases::begin)),
        ("/v1/releases", get(releases::list)),
        ("/v1/releases/{release}", get(releases::show)),
        ("/v1/releases/{release}/pause", post(releases::pause)),
        ("/v1/releases/{release}/resume", post(releases::resume)),
        ("/v1/releases/{release}/stop", post(releases::stop)),
        ("/v1/acts", get(cases::acts)),
        ("/v1/deliveries/preview", post(previews::list)),
        ("/v1/deliveries/{id}/preview", post(previews::one)),
        ("/v1/deliveries/{id}/release", post(deliveries::release)),
        ("/v1/deliveries/{id}/discard", post(deliveries::discard)),
        ("/v1/deliveries/{id}/content", get(amendments::content)),
        ("/v1/deliveries/{id}/amend", post(amendments::amend)),
        ("/v1/deliveries/{id}/amendments/{number}", get(amendments::compare)),
        ("/v1/deliveries/{id}/amendments/{number}/approve", post(amendments::approve)),
        ("/v1/deliveries/{id}/amendments/{number}/refuse", post(amendments::refuse)),
        ("/v1/amendments", get(amendments::list)),
        ("/v1/inbox", get(inbox::fetch)),
        ("/v1/inbox/{id}/ack", post(inbox::acknowledge)),
        ("/v1/events", get(events::follow)),
        ("/v1/configuration/reload", post(configuration::reload)),
        ("/in/{system}/{*path}", any(inbound::push)),
        ("/healthz", get(health::healthz)),
        ("/readyz", get(health::readyz)),
        ("/metrics", get(health::metrics)),
        ("/openapi.json", get(openapi::document)),
    ]
}
