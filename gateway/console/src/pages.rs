//! The pages, one file each. To add one: a file with `routes`, a line in [`routes`], an entry in [`NAVIGATION`] where it has one, its words in every language.

mod acts;
mod alerts;
mod amend;
mod amendments;
mod bodies;
mod case;
mod chart;
mod compare;
mod counts;
mod delivery;
mod difference;
mod discard;
mod dossier;
mod drills;
mod errors;
mod expiries;
mod flows;
mod group;
mod growth;
mod journey;
mod marks;
mod masked;
mod message;
mod messages;
mod overview;
mod parts;
mod preview;
mod previewed;
mod progress;
mod reconciliation;
mod release;
mod releases;
mod report;
mod rows;
mod search;
mod settings;
mod system;
mod systems;
mod tables;
mod windows;

use axum::Router;
use axum::routing::{any, post};

use crate::refused::{Refused, no_such_page};
use crate::text::Words;
use crate::upload::Expected;
use crate::{Console, login};

/// One entry of the navigation.
pub(crate) struct Entry {
    pub(crate) path: &'static str,
    pub(crate) name: fn(&Words) -> &'static str,
}

/// In the order it is shown.
pub(crate) const NAVIGATION: [Entry; 13] = [
    Entry { path: "/console", name: |words| words.overview.title },
    Entry { path: "/console/errors", name: |words| words.errors.title },
    Entry { path: "/console/releases", name: |words| words.releases.title },
    Entry { path: "/console/exchanges", name: |words| words.messages.title },
    Entry { path: "/console/search", name: |words| words.search.title },
    Entry { path: "/console/dossier", name: |words| words.dossier.title },
    Entry { path: "/console/flows", name: |words| words.flows.title },
    Entry { path: "/console/systems", name: |words| words.systems.title },
    Entry { path: "/console/alerts", name: |words| words.alerts.title },
    Entry { path: "/console/reconciliations", name: |words| words.reconciliation.title },
    Entry { path: "/console/reports", name: |words| words.report.title },
    Entry { path: "/console/tables", name: |words| words.tables.title },
    Entry { path: "/console/settings", name: |words| words.settings.title },
];

/// Every page.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .merge(overview::routes())
        .merge(errors::routes())
        .merge(group::routes())
        .merge(case::routes())
        .merge(release::routes())
        .merge(discard::routes())
        .merge(releases::routes())
        .merge(delivery::routes())
        .merge(amend::routes())
        .merge(amendments::routes())
        .merge(preview::routes())
        .merge(messages::routes())
        .merge(message::routes())
        .merge(bodies::routes())
        .merge(compare::routes())
        .merge(search::routes())
        .merge(dossier::routes())
        .merge(flows::routes())
        .merge(systems::routes())
        .merge(system::routes())
        .merge(acts::routes())
        .merge(alerts::routes())
        .merge(drills::routes())
        .merge(windows::routes())
        .merge(reconciliation::routes())
        .merge(report::routes())
        .merge(tables::routes())
        .merge(rows::routes())
        .merge(settings::routes())
        .route("/console/logout", post(login::leave))
        .route("/console/{*path}", any(nowhere))
}

/// The files that a page's form may bring; the forms of all others are small.
pub(crate) fn files_of(path: &str) -> Option<&'static Expected> {
    (path == reconciliation::LISTS).then_some(&reconciliation::FILES)
}

async fn nowhere() -> Refused {
    no_such_page()
}
