//! Files that came with messages: whoever may see a message that tells of one may have it.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use lienthong_core::delivery::ExchangeState;
use lienthong_core::file::FileError;
use lienthong_core::{ExchangeId, Fault, FaultCode};
use lienthong_engine::service::{ExchangeDetail, Revealed};
use lienthong_journal::files::{FileName, OpenFile};
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::Answer;
use super::exchanges::reason_missing;
use crate::files::tells_of;
use crate::http::body::note;
use crate::http::extract::{Known, PathValues};
use crate::http::params::{Parameters, bad};
use crate::reading::{reveal, visible};
use crate::security::{Identity, Role, no_such_record};
use crate::state::{AppState, Pass};

/// Bytes read from the disk at once.
const BLOCK: usize = 64 * 1024;
/// Blocks read ahead of the reader.
const AHEAD: usize = 2;
/// A reader that takes nothing for this long is cut off.
const STALL: Duration = Duration::from_secs(30);
/// The record of an answered call is on disk well within this.
const RECORD: Duration = Duration::from_secs(5);

const NO_SNIFFING: (HeaderName, HeaderValue) = (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
/// A copy may be kept, but is shown to nobody without asking here first.
const CACHE: (HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));

/// Sends a file that came with a message.
///
/// A client names an exchange it may see that tells of the file: what came into its inbox, or the answer to what it asked; its own
/// words prove nothing. Operators see every file, with a reason that is kept with the act. What kind of file it is stands in the message
/// that tells of it: here it is bytes, to be saved and not shown.
#[utoipa::path(
    get, path = "/v1/files/{sha256}", tag = "files", operation_id = "getFile",
    params(("sha256" = String, Path, description = "SHA-256 of the content, 64 lower-case hexadecimal digits, as messages tell it."),
           ("exchange" = Option<String>, Query, description = "The exchange that tells of the file; mandatory without the role of an operator."),
           ("reason" = Option<String>, Query, description = "Why an operator looks; mandatory when no exchange of the operator's own tells of the file.")),
    responses(
        (status = 200, description = "The file.", content_type = "application/octet-stream",
         headers(("ETag" = String, description = "The hash."), ("Content-Disposition" = String, description = "Always an attachment."))),
        (status = 304, description = "The caller has it already (`If-None-Match`)."),
    )
)]
pub(crate) async fn download(
    State(state): State<AppState>,
    Known(identity): Known,
    path: PathValues,
    headers: HeaderMap,
    uri: Uri,
) -> Answer {
    let name: FileName = path.get("sha256")?;
    let mut query = Parameters::of(&uri);
    let (exchange, reason) = (query.take("exchange"), query.take::<String>("reason"));
    query.finish()?;
    let reason = note("?reason", reason)?;
    let place = state.doors.file()?;
    permitted(&state, &identity, &name, exchange, reason).await?;
    let file = state.files.open(&name).await.map_err(unreadable)?.ok_or_else(no_such_record)?;
    let tag = format!("\"{name}\"");
    if has_it(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [CACHE, etag(&tag)?]).into_response());
    }
    sent(file, &tag, place)
}

/// By the exchange that tells of it, or by an operator's reason.
async fn permitted(
    state: &AppState,
    identity: &Identity,
    name: &FileName,
    exchange: Option<ExchangeId>,
    reason: Option<String>,
) -> Result<(), Fault> {
    match (exchange, reason) {
        (Some(exchange), None) => {
            let detail = visible(state, identity, exchange).await?;
            if !identity.is_party_to(&detail.record) {
                identity.require(Role::Operator)?;
                return Err(reason_missing());
            }
            let detail = recorded(state, detail).await?;
            match tells_of(state.journal.as_ref(), &detail, name).await? {
                true => Ok(()),
                false => Err(no_such_record()),
            }
        }
        (_, Some(reason)) => {
            identity.require(Role::Operator)?;
            reveal(state, identity, reason, Revealed::File(name.to_string())).await
        }
        (None, None) if identity.has(Role::Operator) => Err(reason_missing()),
        (None, None) => Err(bad("?exchange", "is required")),
    }
}

/// A call is answered before its answer is in the journal: who is quick to ask for the file it tells of waits for that.
async fn recorded(state: &AppState, detail: ExchangeDetail) -> Result<ExchangeDetail, Fault> {
    let meta = &detail.record.meta;
    match meta.call && detail.state == ExchangeState::InProgress {
        true => state.service.wait(meta.id, RECORD).await,
        false => Ok(detail),
    }
}

fn unreadable(error: FileError) -> Fault {
    Fault::new(FaultCode::JournalUnavailable.kind(), FaultCode::JournalUnavailable, error.to_string())
}

fn has_it(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|held| held == "*" || held.strip_prefix("W/").unwrap_or(held) == tag)
}

fn etag(tag: &str) -> Result<(HeaderName, HeaderValue), Fault> {
    header_of(header::ETAG, tag)
}

fn header_of(name: HeaderName, text: &str) -> Result<(HeaderName, HeaderValue), Fault> {
    let value = HeaderValue::from_str(text).map_err(|error| {
        Fault::new(FaultCode::Internal.kind(), FaultCode::Internal, format!("{name} of a file: {error}"))
    })?;
    Ok((name, value))
}

fn sent(file: OpenFile, tag: &str, place: Pass) -> Answer {
    let OpenFile { file, bytes } = file;
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(pump(tokio::fs::File::from_std(file), sender, place));
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(bytes)),
        header_of(header::CONTENT_DISPOSITION, &format!("attachment; filename={tag}"))?,
        etag(tag)?,
        NO_SNIFFING,
        CACHE,
    ];
    let response: Response = (head, Body::from_stream(ReceiverStream::new(receiver))).into_response();
    Ok(response)
}

/// Reads a few blocks ahead of the reader until it has everything, leaves or stalls; a connection that ends
/// before the announced length tells the reader that it has not everything.
async fn pump(mut file: tokio::fs::File, sender: mpsc::Sender<Result<Bytes, io::Error>>, _place: Pass) {
    loop {
        let mut block = BytesMut::with_capacity(BLOCK);
        let read = file.read_buf(&mut block).await.map(|_bytes| block.freeze());
        let (last, failed) = (read.as_ref().is_ok_and(Bytes::is_empty), read.is_err());
        if last {
            return;
        }
        let taken = matches!(tokio::time::timeout(STALL, sender.send(read)).await, Ok(Ok(())));
        if failed || !taken {
            tracing::debug!(failed, "a file was not sent to its end");
            return;
        }
    }
}
