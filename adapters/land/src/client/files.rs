//! Files by link: into the store chunk by chunk, never whole in memory, and only when they are files. It chooses no address.

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use lienthong_core::file::{FileStore, FileWriter, StoredFile};
use lienthong_core::{CallContext, Fault, FaultKind, FieldProblem};
use lienthong_kit::fault::{Expected, is_html, of_reply, of_unstored};
use lienthong_kit::transport::{Download, FileLimit, Outgoing, Reply, Sink};

use super::{Client, headers};
use crate::map::link::{Place, disposed, last_part};

/// How much of a file is looked at.
const HEAD: usize = 512;

/// A file in the store.
pub(crate) struct Found {
    pub(crate) stored: StoredFile,
    pub(crate) media_type: String,
    /// What the answer or the address calls it.
    pub(crate) name: Option<String>,
}

impl Client {
    /// One request; the file is in the store when this returns. `authorized`: the token goes along.
    pub(crate) async fn fetch(
        &self,
        cx: &CallContext,
        place: Place,
        authorized: bool,
        limit: u64,
        files: &dyn FileStore,
    ) -> Result<Found, Fault> {
        let site = &self.sites.at(cx.clock.now())?.value;
        let session = if authorized && place.at_base { site.session().await? } else { None };
        let named = last_part(&place.url);
        let outgoing = Outgoing::get(place.url).with_headers(&headers(session.as_ref(), ANY)?);
        let mut sink = FileSink { writer: files.begin().await.map_err(of_unstored)?, head: Vec::with_capacity(HEAD) };
        let outcome = match self.transport.download(cx, outgoing, FileLimit(limit), &mut sink).await {
            Ok(Download::Whole { headers, bytes }) => {
                let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
                let name = header(&CONTENT_DISPOSITION).and_then(disposed).or(named);
                sink.kept(header(&CONTENT_TYPE), name, bytes).await
            }
            Ok(Download::Refused(reply)) => Err(self.refused(cx, &reply)),
            Err(fault) if fault.kind == FaultKind::Rejected => {
                Err(fault.with_problem(FieldProblem::new("/link", "leads to a file that is longer than the limit")))
            }
            Err(fault) => Err(fault),
        };
        site.forget_refused(session.as_ref(), &outcome);
        outcome
    }

    fn refused(&self, cx: &CallContext, reply: &Reply) -> Fault {
        let status = Some(format!("HTTP {}", reply.status));
        let named = |kind: FaultKind, problem: &str| {
            let fault = Fault::of(kind, format!("HTTP {}: the file {problem}", reply.status));
            fault.with_system_answer(status.clone(), None).with_problem(FieldProblem::new("/link", problem))
        };
        match reply.status {
            300..=399 => named(FaultKind::Rejected, "is said to lie elsewhere; redirects are not followed"),
            404 | 410 => named(FaultKind::NotFound, "is not there"),
            _other => of_reply(&self.judge.words.common, reply, Expected::Json, cx.clock.now())
                .unwrap_or_else(|| Fault::of(FaultKind::Unintelligible, format!("HTTP {}: no file", reply.status))),
        }
    }
}

const ANY: HeaderValue = HeaderValue::from_static("*/*");

/// Passes chunks on and keeps the first bytes.
struct FileSink {
    writer: Box<dyn FileWriter>,
    head: Vec<u8>,
}

#[async_trait]
impl Sink for FileSink {
    async fn take(&mut self, chunk: Bytes) -> Result<(), Fault> {
        let room = HEAD.saturating_sub(self.head.len());
        self.head.extend(chunk.iter().take(room));
        self.writer.write(&chunk).await.map_err(of_unstored)
    }
}

impl FileSink {
    /// A page of HTML is a login or an error, unless the file is called a page; then, as when it is empty, nothing is kept.
    async fn kept(self, said: Option<&str>, name: Option<String>, bytes: u64) -> Result<Found, Fault> {
        let unintelligible = |detail: &str| Err(Fault::of(FaultKind::Unintelligible, detail));
        if bytes == 0 {
            return unintelligible("the file is empty");
        }
        let called_page = name.as_deref().is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            name.ends_with(".html") || name.ends_with(".htm")
        });
        if is_html(&self.head) && !called_page {
            return unintelligible("a page of HTML where a file belongs");
        }
        let media_type = media_type(said, &self.head);
        let stored = self.writer.finish().await.map_err(of_unstored)?;
        Ok(Found { stored, media_type, name })
    }
}

const UNKNOWN: &str = "application/octet-stream";

/// What the answer says; where it says nothing of use, what the first bytes say.
fn media_type(said: Option<&str>, head: &[u8]) -> String {
    let said = said.and_then(|said| said.split(';').next()).map(|said| said.trim().to_ascii_lowercase());
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let formed = said.filter(|said| {
        said.len() <= 100 && *said != UNKNOWN && said.split_once('/').is_some_and(|(a, b)| token(a) && token(b))
    });
    formed.unwrap_or_else(|| by_content(head).to_owned())
}

fn by_content(head: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 6] = [
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n", "image/png"),
        (b"\xFF\xD8\xFF", "image/jpeg"),
        (b"PK\x03\x04", "application/zip"),
        (b"<?xml", "application/xml"),
        (b"II*\0", "image/tiff"),
    ];
    KNOWN.iter().find(|(mark, _)| head.starts_with(mark)).map_or(UNKNOWN, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_what_is_said_or_what_the_first_bytes_say() {
        assert_eq!(media_type(Some("Application/PDF; charset=x"), b""), "application/pdf");
        assert_eq!(media_type(Some("application/octet-stream"), b"%PDF-1.4"), "application/pdf");
        assert_eq!(media_type(None, b"\xFF\xD8\xFF\xE0"), "image/jpeg");
        assert_eq!(media_type(Some("nonsense\n"), b"xyz"), UNKNOWN);
    }
}
