//! Files by link: handed on chunk by chunk against a limit, never held whole. It decides nothing about their content.

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use lienthong_core::file::{FileStore, FileWriter, StoredFile};
use lienthong_core::{CallContext, Fault, FaultKind};
use reqwest::Response;

use super::{Outgoing, Reply, ReplyLimits, Transport, read_answer};
use crate::fault;

/// Largest file that is taken, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLimit(pub u64);

/// How much is read of an answer that is no file: a page that says why.
const REFUSAL: ReplyLimits = ReplyLimits { bytes: 64 * 1024 };

/// Takes a file's chunks in order. What it has taken is worth nothing until the download has succeeded.
#[async_trait]
pub trait Sink: Send {
    async fn take(&mut self, chunk: Bytes) -> Result<(), Fault>;
}

/// What a download came to.
#[derive(Debug)]
pub enum Download {
    /// Status 2xx: every byte went to the sink.
    Whole { headers: HeaderMap, bytes: u64 },
    /// Any other status; nothing went to the sink.
    Refused(Reply),
}

/// What fetching a file into the store came to.
#[derive(Debug)]
pub enum Fetched {
    Stored { file: StoredFile, headers: HeaderMap },
    Refused(Reply),
}

impl Transport {
    /// One request of an attempt whose answer is a file.
    ///
    /// # Errors
    /// Those of [`Transport::call`] before the answer; `rejected` when the file is longer than `limit` (told by its announced length
    /// where there is one); `interrupted` when it broke off; the sink's own.
    pub async fn download(
        &self,
        cx: &CallContext,
        outgoing: Outgoing,
        limit: FileLimit,
        sink: &mut dyn Sink,
    ) -> Result<Download, Fault> {
        let mut response = self.begin_marked(cx, outgoing).await?;
        if !response.status().is_success() {
            return read_answer(response, REFUSAL).await.map(Download::Refused);
        }
        let headers = std::mem::take(response.headers_mut());
        let bytes = pass_on(response, limit, sink).await?;
        Ok(Download::Whole { headers, bytes })
    }

    /// A download into the store: kept under its hash when this returns, nothing of it otherwise.
    pub async fn fetch(
        &self,
        cx: &CallContext,
        outgoing: Outgoing,
        limit: FileLimit,
        files: &dyn FileStore,
    ) -> Result<Fetched, Fault> {
        let mut sink = IntoStore { writer: files.begin().await.map_err(fault::of_unstored)? };
        match self.download(cx, outgoing, limit, &mut sink).await? {
            Download::Whole { headers, bytes: _ } => {
                let file = sink.writer.finish().await.map_err(fault::of_unstored)?;
                Ok(Fetched::Stored { file, headers })
            }
            Download::Refused(reply) => Ok(Fetched::Refused(reply)),
        }
    }
}

async fn pass_on(mut response: Response, limit: FileLimit, sink: &mut dyn Sink) -> Result<u64, Fault> {
    let FileLimit(most) = limit;
    let too_long = || Fault::of(FaultKind::Rejected, format!("the file is longer than the limit of {most} bytes"));
    if response.content_length().is_some_and(|announced| announced > most) {
        return Err(too_long());
    }
    let mut bytes: u64 = 0;
    while let Some(chunk) = response.chunk().await.map_err(fault::of_broken_file)? {
        bytes = bytes.saturating_add(chunk.len() as u64);
        if bytes > most {
            return Err(too_long());
        }
        sink.take(chunk).await?;
    }
    Ok(bytes)
}

struct IntoStore {
    writer: Box<dyn FileWriter>,
}

#[async_trait]
impl Sink for IntoStore {
    async fn take(&mut self, chunk: Bytes) -> Result<(), Fault> {
        self.writer.write(&chunk).await.map_err(fault::of_unstored)
    }
}
