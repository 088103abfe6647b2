//! Files by link: the same bytes for the same name, and links that lead to what is no file, too long, elsewhere or nowhere; it must not hold a long one in memory.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{BufMut as _, Bytes, BytesMut};
use hyper::body::{Body, Frame};

use super::answers::Answer;
use crate::net::rng::Rng;
use crate::net::wire::NoAnswer;

/// Where files lie, below any prefix.
pub(super) const ROOT: &str = "/files/";
/// Bytes of a long file.
pub const HUGE_BYTES: u64 = 4 << 30;
const CHUNK: usize = 64 << 10;
const PDF: &str = "application/pdf";

/// What a link leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// A few kilobytes.
    #[default]
    Whole,
    /// 4 GiB, its length told before.
    Huge,
    /// The same, its length not told.
    Endless,
    /// An answer that sends to another host.
    Moved,
    /// The link itself names another host.
    OtherHost,
    /// 404.
    Missing,
    /// A login page with HTTP 200.
    Page,
    /// The connection ends in the middle of it.
    Cut,
    /// Nothing, with HTTP 200.
    Empty,
}

impl FileKind {
    const FOLDERS: [(&'static str, Self); 7] = [
        ("huge", Self::Huge),
        ("endless", Self::Endless),
        ("moved", Self::Moved),
        ("missing", Self::Missing),
        ("page", Self::Page),
        ("cut", Self::Cut),
        ("empty", Self::Empty),
    ];

    /// The link to such a file, relative as the office writes it; the other host's is absolute.
    pub fn link(self, name: &str, elsewhere: &str) -> String {
        if self == Self::OtherHost {
            return format!("{}{ROOT}{name}", elsewhere.trim_end_matches('/'));
        }
        match Self::FOLDERS.iter().find(|(_, kind)| *kind == self) {
            Some((folder, _)) => format!("{ROOT}{folder}/{name}"),
            None => format!("{ROOT}{name}"),
        }
    }

    /// What lies at a path, and its name.
    fn at(path: &str) -> Option<(Self, &str)> {
        let (_, rest) = path.split_once(ROOT)?;
        let folder = rest.split_once('/').and_then(|(folder, name)| {
            Self::FOLDERS.iter().find(|(own, _)| *own == folder).map(|(_, kind)| (*kind, name))
        });
        Some(folder.unwrap_or((Self::Whole, rest)))
    }
}

/// The bytes of an ordinary file: a PDF's beginning and end around text that its name alone decides.
pub fn bytes_of(name: &str) -> Bytes {
    let mut rng = Rng::new(name.bytes().fold(7, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))));
    let mut bytes = BytesMut::with_capacity(4096);
    bytes.put_slice(b"%PDF-1.4\n% ");
    bytes.put_slice(name.as_bytes());
    bytes.put_u8(b'\n');
    for _ in 0..64 + rng.below(64) {
        bytes.put_slice(format!("% {:016x}\n", rng.next()).as_bytes());
    }
    bytes.put_slice(b"%%EOF\n");
    bytes.freeze()
}

/// What a `GET` of a file is answered.
pub(super) fn answer(path: &str, elsewhere: &str) -> Answer {
    let Some((kind, name)) = FileKind::at(path) else { return Answer::plain(404, "Not Found") };
    match kind {
        FileKind::Whole => Answer::whole(200, PDF, bytes_of(name)),
        FileKind::Huge => long(Some(HUGE_BYTES)),
        FileKind::Endless => long(None),
        FileKind::Moved | FileKind::OtherHost => {
            let location = FileKind::OtherHost.link(name, elsewhere);
            Answer { location: Some(location), ..Answer::plain(302, "Found") }
        }
        FileKind::Missing => Answer::plain(404, "Not Found"),
        FileKind::Page => Answer::login_page(),
        FileKind::Cut => {
            let whole = bytes_of(name);
            let length = whole.len() as u64;
            let body = Content { chunk: whole, left: length / 2, breaks: Some(Break::Soon) };
            Answer { length: Some(length), body, ..Answer::whole(200, PDF, Bytes::new()) }
        }
        FileKind::Empty => Answer::whole(200, PDF, Bytes::new()),
    }
}

fn long(length: Option<u64>) -> Answer {
    let mut chunk = BytesMut::from(&b"%PDF-1.4\n"[..]);
    chunk.resize(CHUNK, b'%');
    let body = Content { chunk: chunk.freeze(), left: HUGE_BYTES, breaks: None };
    Answer { length, body, ..Answer::whole(200, PDF, Bytes::new()) }
}

#[derive(Clone, Copy)]
enum Break {
    /// What was made so far is sent first.
    Soon,
    Now,
}

/// A body made while it is sent: one chunk again and again until nothing is left.
pub(super) struct Content {
    chunk: Bytes,
    left: u64,
    /// The connection ends where the body would.
    breaks: Option<Break>,
}

impl Content {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self { left: bytes.len() as u64, chunk: bytes, breaks: None }
    }

    /// The bytes, where they are one chunk.
    pub(super) fn whole_bytes(&self) -> Option<&Bytes> {
        (self.left == self.chunk.len() as u64).then_some(&self.chunk)
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = NoAnswer;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, NoAnswer>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return match this.breaks {
                None => Poll::Ready(None),
                Some(Break::Now) => Poll::Ready(Some(Err(NoAnswer))),
                Some(Break::Soon) => {
                    this.breaks = Some(Break::Now);
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
            };
        }
        let size = usize::try_from(this.left).unwrap_or(usize::MAX).min(this.chunk.len());
        this.left -= size as u64;
        Poll::Ready(Some(Ok(Frame::data(this.chunk.slice(..size)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_back_to_their_kind() {
        for (folder, kind) in FileKind::FOLDERS {
            let link = kind.link("gcn.pdf", "http://x.example");
            assert_eq!(link, format!("/files/{folder}/gcn.pdf"));
            assert_eq!(FileKind::at(&format!("/qlhs{link}")), Some((kind, "gcn.pdf")));
        }
        assert_eq!(FileKind::Whole.link("a.pdf", ""), "/files/a.pdf");
        assert_eq!(FileKind::at("/files/a.pdf"), Some((FileKind::Whole, "a.pdf")));
        assert_eq!(FileKind::OtherHost.link("a.pdf", "http://x.example/"), "http://x.example/files/a.pdf");
        assert_eq!(FileKind::at("/tiepnhan"), None);
    }

    #[test]
    fn a_name_decides_the_bytes() {
        assert_eq!(bytes_of("a.pdf"), bytes_of("a.pdf"));
        assert_ne!(bytes_of("a.pdf"), bytes_of("b.pdf"));
        assert!(bytes_of("a.pdf").starts_with(b"%PDF-1.4\n"));
    }
}
