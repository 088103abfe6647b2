//! The OpenAPI 3.1 document: made from the handlers, completed with what all of them share. A test holds it against the router.

use std::sync::OnceLock;

use axum::response::IntoResponse;
use bytes::Bytes;
use http::header;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, SecurityRequirement};
use utoipa::{Modify, OpenApi};

use super::handlers;
use super::model::{EventGap, Operation as ShownOperation};
use super::problem::{PROBLEM_JSON, Problem};

/// The name of the shared response in the document.
const PROBLEM: &str = "Problem";
const SECURITY: [&str; 3] = ["bearer", "apiKey", "clientCertificate"];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lienthong",
        description = "Government integration gateway: hand it exchanges, it delivers each to the external systems it concerns and shows what failed, why, and who has to act.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "exchanges", description = "Submit, follow, search, cancel, send again."),
        (name = "operations", description = "What can be asked, and asking it synchronously."),
        (name = "files", description = "Files that came with messages."),
        (name = "inbox", description = "Messages for clients that poll."),
        (name = "events", description = "Live state changes."),
        (name = "errors", description = "Sync errors: find the cause, release or give up."),
        (name = "systems", description = "External systems and the configuration."),
        (name = "flows", description = "Where dossiers stall."),
        (name = "alerts", description = "What fires, who is told, tests of both."),
        (name = "tables", description = "Code tables, and codes that have no row."),
        (name = "reconciliations", description = "What the province, this gateway and the other side say of the same dossiers, and sending only the differences."),
        (name = "reports", description = "What a province reports upward, by day and month."),
        (name = "inbound", description = "Where external systems push."),
        (name = "health", description = "Health, metrics, this document."),
    ),
    paths(
        handlers::exchanges::submit, handlers::exchanges::list, handlers::exchanges::show, handlers::exchanges::body_of,
        handlers::exchanges::differences,
        handlers::exchanges::cancel, handlers::exchanges::resend, handlers::search::search, handlers::operations::list, handlers::operations::show,
        handlers::operations::call, handlers::keys::show, handlers::files::download, handlers::errors::list, handlers::errors::show, handlers::errors::keys,
        handlers::cases::acknowledge,
        handlers::cases::assign, handlers::cases::annotate, handlers::cases::resolve, handlers::cases::acts,
        handlers::releases::begin, handlers::releases::list, handlers::releases::show, handlers::releases::pause,
        handlers::releases::resume, handlers::releases::stop, handlers::errors::release, handlers::errors::discard, handlers::deliveries::release,
        handlers::deliveries::discard, handlers::amendments::content, handlers::amendments::amend, handlers::amendments::list,
        handlers::amendments::compare, handlers::amendments::approve, handlers::amendments::refuse, handlers::previews::group, handlers::previews::one, handlers::previews::list,
        handlers::systems::list, handlers::systems::show, handlers::systems::pause, handlers::systems::resume,
        handlers::systems::silences, handlers::systems::probe, handlers::windows::list,
        handlers::windows::set, handlers::windows::change, handlers::windows::remove,
        handlers::flows::list, handlers::alerts::list, handlers::alerts::test,
        handlers::drills::begin, handlers::drills::list, handlers::drills::end,
        handlers::tables::list, handlers::tables::unmapped, handlers::tables::show,
        handlers::rows::add, handlers::rows::list, handlers::rows::remove,
        handlers::inbox::fetch, handlers::inbox::acknowledge, handlers::events::follow,
        handlers::reconciliations::list, handlers::reconciliations::begin, handlers::reconciliations::show,
        handlers::reconciliations::add, handlers::reconciliations::compare, handlers::reconciliations::stop,
        handlers::reconciliations::totals, handlers::reconciliations::differences, handlers::reconciliations::send,
        handlers::reports::show,
        handlers::configuration::reload, handlers::inbound::push, handlers::health::healthz, handlers::health::readyz,
        handlers::health::metrics, document,
    ),
    components(schemas(Problem, EventGap, ShownOperation)),
    modifiers(&Shared)
)]
struct Document;

/// What every operation shares: credentials and problems.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let described = |text: &str| Some(text.to_owned());
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(described("An API key.")).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let api_key = ApiKeyValue::with_description("X-API-Key", "The same API key in a header of its own.");
        components.add_security_scheme("apiKey", SecurityScheme::ApiKey(ApiKey::Header(api_key)));
        let certificate = SecurityScheme::MutualTls {
            description: described("A client certificate issued by the configured client CA."),
            deprecated: None,
            extensions: None,
        };
        components.add_security_scheme("clientCertificate", certificate);
        components.responses.insert(PROBLEM.to_owned(), RefOr::T(problem_response()));
        document.security = Some(SECURITY.map(|name| SecurityRequirement::new(name, [""; 0])).to_vec());
        for item in document.paths.paths.values_mut() {
            operations(item).for_each(refusals);
        }
    }
}

fn problem_response() -> Response {
    let example = serde_json::json!({
        "type": "/docs/faults#lt-bad-parameter", "title": "A parameter or header is not valid.", "status": 400,
        "detail": "A parameter or header is not valid. /key: is empty.", "detail_vi": "Tham số không hợp lệ.",
        "code": "LT-BAD-PARAMETER", "fault": "invalid",
        "field_problems": [{"pointer": "/key", "problem": "is empty"}],
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"
    });
    let schema = Some(RefOr::<utoipa::openapi::Schema>::Ref(Ref::from_schema_name("Problem")));
    let content = ContentBuilder::new().schema(schema).example(Some(example)).build();
    ResponseBuilder::new()
        .description("Refused: a problem document (RFC 9457). Its code says why; see the list of faults.")
        .content(PROBLEM_JSON, content)
        .build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [item.get.as_mut(), item.post.as_mut(), item.put.as_mut(), item.delete.as_mut()].into_iter().flatten()
}

/// The statuses a refusal may have, by what the operation takes.
fn refusals(operation: &mut Operation) {
    let open = operation.security.is_some();
    let takes_body = operation.request_body.is_some();
    let mut statuses = vec!["default"];
    if !open {
        statuses.extend(["400", "401", "403", "404", "429", "500", "503"]);
    }
    if takes_body {
        statuses.extend(["408", "409", "413", "415", "429", "503"]);
    }
    if operation.operation_id.as_deref() == Some("readyz") {
        statuses.push("503");
    }
    for status in statuses {
        let refused = RefOr::Ref(Ref::from_response_name(PROBLEM));
        operation.responses.responses.entry(status.to_owned()).or_insert(refused);
    }
}

/// This document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "health", operation_id = "openapi", security(()),
    responses((status = 200, description = "OpenAPI 3.1.", body = Object))
)]
pub(crate) async fn document() -> impl IntoResponse {
    static JSON: OnceLock<Bytes> = OnceLock::new();
    let json = JSON.get_or_init(|| Bytes::from(serde_json::to_vec_pretty(&described()).unwrap_or_default()));
    ([(header::CONTENT_TYPE, "application/json")], json.clone())
}

/// The document as a value, for tools.
pub fn described() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    document
}
