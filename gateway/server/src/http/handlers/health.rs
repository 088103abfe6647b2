//! Whether the process lives, whether it can take work, and its metrics. No credentials are asked and no place inside is taken.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::header;
use lienthong_core::{Fault, FaultCode};
use lienthong_journal::DiskState;

use super::Answer;
use crate::http::model::Health;
use crate::http::problem::Refusal;
use crate::state::AppState;

/// How long the journal may take to answer the question whether it answers.
const JOURNAL_ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// The process lives.
#[utoipa::path(
    get, path = "/healthz", tag = "health", operation_id = "healthz", security(()),
    responses((status = 200, description = "It lives.", body = Health))
)]
pub(crate) async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// It takes new work; otherwise 503 with every reason.
#[utoipa::path(
    get, path = "/readyz", tag = "health", operation_id = "readyz", security(()),
    responses((status = 200, description = "It takes work.", body = Health))
)]
pub(crate) async fn readyz(State(state): State<AppState>) -> Answer {
    let mut reasons = Vec::new();
    if state.stopping.is_cancelled() {
        reasons.push((FaultCode::ShuttingDown, "the gateway is stopping".to_owned()));
    }
    if let Some(reason) = journal_trouble(&state).await {
        reasons.push((FaultCode::JournalUnavailable, reason));
    }
    if let Some(reason) = disk_trouble(state.journal.disk()) {
        reasons.push((FaultCode::DiskFull, reason.to_owned()));
    }
    match reasons.first() {
        None => Ok(Json(Health { status: "ready" }).into_response()),
        Some((code, _)) => {
            let fault = Fault::new(code.kind(), *code, "not ready");
            Err(Refusal::not_ready(fault, reasons.into_iter().map(|(_, reason)| reason).collect()))
        }
    }
}

async fn journal_trouble(state: &AppState) -> Option<String> {
    match tokio::time::timeout(JOURNAL_ANSWERS_WITHIN, state.journal.last_event()).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => {
            tracing::warn!(%error, "journal does not answer");
            Some("the journal cannot be read".to_owned())
        }
        Err(_) => Some(format!("the journal did not answer within {JOURNAL_ANSWERS_WITHIN:?}")),
    }
}

fn disk_trouble(disk: DiskState) -> Option<&'static str> {
    match disk {
        DiskState::Enough => None,
        DiskState::Low => Some("storage is below its first watermark: nothing new is accepted"),
        DiskState::Critical => Some("storage is below its second watermark: nothing is accepted or sent"),
    }
}

/// Metrics in the Prometheus text format.
#[utoipa::path(
    get, path = "/metrics", tag = "health", operation_id = "metrics", security(()),
    responses((status = 200, description = "All metrics.", content_type = "text/plain", body = String))
)]
pub(crate) async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], (state.metrics)())
}
