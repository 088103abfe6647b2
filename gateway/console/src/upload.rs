//! Forms that bring files: what was typed in memory, the files on disk without a name, so that they are gone with whoever holds them. It reads no row and checks no permission.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;
use http_body_util::BodyExt as _;
use lienthong_core::{Fault, FaultCode, FaultKind, Role, text};
use multer::{Constraints, Field, Multipart, SizeLimit};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

use crate::Console;
use crate::form::Fields;
use crate::guard::FORM_BYTES;
use crate::refused::Refused;
use crate::text::{Language, fill};

/// Forms with files received at once.
pub(crate) const AT_ONCE: usize = 2;
/// Longest wait for one's turn.
const TURN: Duration = Duration::from_secs(10);
/// Most bytes of the files of one form.
const FILE_BYTES: usize = MEBIBYTES << 20;
pub(crate) const MEBIBYTES: usize = 64;
/// Most parts of one form: some more than any of ours has.
const MOST_PARTS: usize = 32;
/// Most bytes of one form, with what separates its parts. All of it may lie in memory until a part begins.
const FORM_WITH_FILES_BYTES: usize = FILE_BYTES + 2 * FORM_BYTES;
/// Of a form that is refused this much is read and thrown away, for this long at most: a browser that is still writing would
/// otherwise show a broken connection instead of our answer.
const THROWN_AWAY_BYTES: usize = 4 * FILE_BYTES;
/// The same without a session: nobody knows who writes.
const THROWN_AWAY_OF_STRANGERS_BYTES: usize = 8 << 20;
const THROWN_AWAY_FOR: Duration = Duration::from_secs(30);
/// Between two pieces of a file, and for the whole form: 64 MiB come in time over 1 Mbit/s.
const PIECE_WITHIN: Duration = Duration::from_secs(30);
const FORM_WITHIN: Duration = Duration::from_secs(600);

/// The files of a page's form, each once, and who may hand them over.
pub(crate) struct Expected {
    pub(crate) fields: &'static [&'static str],
    pub(crate) role: Role,
}

/// What a form with files brought.
#[derive(Debug, Default)]
pub(crate) struct Came {
    /// Of each file too: its name and digest, in the place of what was chosen.
    pub(crate) fields: Fields,
    pub(crate) files: Files,
}

/// The files of a form: a request extension.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files(Arc<Vec<Chosen>>);

/// A file that somebody chose, received whole.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// Of the form.
    field: String,
    /// As the browser tells it.
    pub(crate) name: String,
    /// At its first byte.
    file: File,
}

impl Files {
    /// The file of a field, where one was chosen.
    pub(crate) fn of(&self, field: &str) -> Option<&Chosen> {
        self.0.iter().find(|chosen| chosen.field == field)
    }
}

impl Chosen {
    /// Its content, to be read once.
    pub(crate) fn content(&self) -> Result<File, Refused> {
        self.file.try_clone().map_err(|error| not_kept(&error))
    }
}

impl<S: Sync> FromRequestParts<S> for Files {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.remove::<Self>().unwrap_or_default())
    }
}

/// What separates the parts of a form with files; `None` for any other.
pub(crate) fn boundary(parts: &Parts) -> Option<String> {
    let kind = parts.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(kind).ok()
}

/// What was typed into a form without a session, as far as it stands before its files.
pub(crate) async fn typed(body: Body, boundary: String) -> Fields {
    let head = throw_away(body.into_data_stream(), THROWN_AWAY_OF_STRANGERS_BYTES).await;
    let mut fields = Fields::default();
    let mut form = Multipart::new(Body::from(head).into_data_stream(), boundary);
    while let Ok(Some(field)) = form.next_field().await {
        if field.file_name().is_some() || take_text(field, &mut fields).await.is_err() {
            break;
        }
    }
    fields
}

/// A refusal, once the form was read to its end or for a while.
pub(crate) async fn turned_down(body: Body, refused: Refused) -> Refused {
    throw_away(body.into_data_stream(), THROWN_AWAY_BYTES).await;
    refused
}

/// Reads a form that is refused to its end, or so many bytes of it; all that is kept is its beginning.
async fn throw_away(mut body: BodyDataStream, most: usize) -> Vec<u8> {
    let mut head = Vec::new();
    let reading = async {
        let mut thrown = 0;
        while let Some(Ok(frame)) = body.frame().await {
            let Some(data) = frame.data_ref() else { continue };
            let room = FORM_BYTES.saturating_sub(head.len());
            head.extend(data.iter().take(room));
            thrown += data.len();
            if thrown > most {
                return;
            }
        }
    };
    if tokio::time::timeout(THROWN_AWAY_FOR, reading).await.is_err() {
        tracing::debug!("a refused form kept coming and is cut off");
    }
    head
}

/// Receives a form; its files only when what was typed before them is `ours`.
pub(crate) async fn receive(
    console: &Console,
    body: Body,
    (expected, boundary): (&Expected, String),
    ours: impl Fn(&Fields) -> bool,
) -> Result<Came, Refused> {
    // Files lie on the journal's disk while they are read.
    if let Err(fault) = console.service().accepting() {
        return Err(turned_down(body, fault.into()).await);
    }
    let turn = tokio::time::timeout(TURN, console.0.uploads.acquire()).await;
    let Ok(Ok(turn)) = turn else {
        let overloaded = refused(FaultCode::Overloaded, "too many files come at once");
        return Err(turned_down(body, overloaded).await);
    };
    let mut body = body.into_data_stream();
    let received = {
        let most = Constraints::new().size_limit(SizeLimit::new().whole_stream(FORM_WITH_FILES_BYTES as u64));
        let mut form = Multipart::with_constraints(&mut body, boundary, most);
        let taking = tokio::time::timeout(FORM_WITHIN, take(console, &mut form, expected, ours)).await;
        taking.unwrap_or_else(|_| Err(slow()))
    };
    drop(turn);
    if received.is_err() {
        throw_away(body, THROWN_AWAY_BYTES).await;
    }
    received
}

async fn take(
    console: &Console,
    form: &mut Multipart<'_>,
    expected: &Expected,
    ours: impl Fn(&Fields) -> bool,
) -> Result<Came, Refused> {
    let (mut fields, mut files, mut room) = (Fields::default(), Vec::<Chosen>::new(), FILE_BYTES);
    let mut parts = 0;
    while let Some(field) = within(form.next_field()).await? {
        parts += 1;
        if parts > MOST_PARTS {
            return Err(refused(FaultCode::BadParameter, "the form has more parts than any of ours"));
        }
        match field.file_name().map(str::to_owned) {
            None => take_text(field, &mut fields).await?,
            // A browser sends a file without name and content where none was chosen.
            Some(name) if name.is_empty() || !ours(&fields) => {}
            Some(name) => {
                let of = field.name().unwrap_or_default();
                if !expected.fields.contains(&of) || files.iter().any(|chosen| chosen.field == of) {
                    return Err(refused(FaultCode::BadParameter, "the form has a file that none of ours has"));
                }
                let (chosen, digest) = take_file(console, field, name, &mut room).await?;
                fields.push(&chosen.field, &format!("{} {digest}", chosen.name));
                files.push(chosen);
            }
        }
    }
    Ok(Came { fields, files: Files(Arc::new(files)) })
}

async fn take_text(mut field: Field<'_>, fields: &mut Fields) -> Result<(), Refused> {
    let Some(name) = field.name().map(str::to_owned) else { return Ok(()) };
    let mut value = Vec::new();
    while let Some(piece) = within(field.chunk()).await? {
        value.extend_from_slice(&piece);
        if fields.bytes().saturating_add(value.len()) > FORM_BYTES {
            return Err(form_too_large());
        }
    }
    fields.push(&name, &String::from_utf8_lossy(&value));
    if fields.bytes() > FORM_BYTES { Err(form_too_large()) } else { Ok(()) }
}

async fn take_file(
    console: &Console,
    mut field: Field<'_>,
    name: String,
    room: &mut usize,
) -> Result<(Chosen, String), Refused> {
    let folder = console.0.parts.folder.clone();
    let made = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
    let made = made.unwrap_or_else(|lost| Err(std::io::Error::other(lost)));
    let mut file = tokio::fs::File::from_std(made.map_err(|error| not_kept(&error))?);
    let mut digest = Sha256::new();
    while let Some(piece) = within(field.chunk()).await? {
        *room = room.checked_sub(piece.len()).ok_or_else(too_large)?;
        digest.update(&piece);
        file.write_all(&piece).await.map_err(|error| not_kept(&error))?;
    }
    file.rewind().await.map_err(|error| not_kept(&error))?;
    let field = field.name().unwrap_or_default().to_owned();
    let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((Chosen { field, name: text::excerpt(&name, 200), file: file.into_std().await }, digest))
}

/// The next piece, if it comes in time.
async fn within<T>(piece: impl Future<Output = multer::Result<T>>) -> Result<T, Refused> {
    match tokio::time::timeout(PIECE_WITHIN, piece).await {
        Ok(Ok(piece)) => Ok(piece),
        Ok(Err(multer::Error::StreamSizeExceeded { .. })) => Err(too_large()),
        Ok(Err(error)) => Err(refused(FaultCode::BadParameter, &format!("the form broke off: {error}"))),
        Err(_) => Err(slow()),
    }
}

fn refused(code: FaultCode, why: &str) -> Refused {
    Fault::new(code.kind(), code, why).into()
}

fn form_too_large() -> Refused {
    refused(FaultCode::BodyTooLarge, "the form is larger than any of ours")
}

fn slow() -> Refused {
    refused(FaultCode::SlowRequest, "the form did not come in time")
}

fn too_large() -> Refused {
    let mut fault = Fault::new(FaultKind::Invalid, FaultCode::BodyTooLarge, "the files are larger than is taken");
    for (text, language) in [(&mut fault.public.vi, Language::Vi), (&mut fault.public.en, Language::En)] {
        text.push(' ');
        text.push_str(&fill(language.words().reconciliation.too_large, &[("most", &MEBIBYTES)]));
    }
    fault.into()
}

fn not_kept(error: &std::io::Error) -> Refused {
    refused(FaultCode::JournalUnavailable, &format!("a file cannot be kept while it is read: {error}"))
}
