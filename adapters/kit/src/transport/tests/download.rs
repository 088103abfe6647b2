//! Tests of files by link: handed on in chunks, limited, refused, broken off. Nothing is held whole.

use async_trait::async_trait;
use lienthong_core::file::{FileError, FileStore, FileWriter, StoredFile};
use parking_lot::Mutex;

use super::*;

/// Takes chunks and remembers how many bytes, and the longest chunk.
#[derive(Default)]
struct Counting {
    bytes: usize,
    longest: usize,
}

#[async_trait]
impl Sink for Counting {
    async fn take(&mut self, chunk: Bytes) -> Result<(), Fault> {
        self.bytes += chunk.len();
        self.longest = self.longest.max(chunk.len());
        Ok(())
    }
}

async fn downloaded(answer: Vec<u8>, limit: u64) -> (Result<Download, Fault>, Counting) {
    let server = Server::start(answer).await;
    let mut sink = Counting::default();
    let outcome =
        transport(json!({})).download(&context(), Outgoing::get(server.url("/f")), FileLimit(limit), &mut sink).await;
    (outcome, sink)
}

fn file(length: usize) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 X\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    answer.resize(answer.len() + length, b'x');
    answer
}

#[tokio::test]
async fn a_large_file_passes_in_small_chunks() {
    const LENGTH: usize = 24 * 1024 * 1024;
    let (outcome, sink) = downloaded(file(LENGTH), LENGTH as u64).await;
    assert!(matches!(outcome, Ok(Download::Whole { bytes, .. }) if bytes == LENGTH as u64));
    assert_eq!(sink.bytes, LENGTH);
    assert!(sink.longest < 1024 * 1024, "{}", sink.longest);
}

#[tokio::test]
async fn a_file_that_announces_four_gigabytes_is_refused_before_it_is_read() {
    let (outcome, sink) = downloaded(b"HTTP/1.1 200 X\r\nContent-Length: 4294967296\r\n\r\nabc".to_vec(), 1000).await;
    assert_eq!((outcome.unwrap_err().kind, sink.bytes), (FaultKind::Rejected, 0));
}

#[tokio::test]
async fn a_file_without_a_length_is_cut_at_the_limit() {
    let mut answer = b"HTTP/1.1 200 X\r\nConnection: close\r\n\r\n".to_vec();
    answer.resize(answer.len() + 500_000, b'x');
    let (outcome, sink) = downloaded(answer, 100_000).await;
    assert_eq!(outcome.unwrap_err().kind, FaultKind::Rejected);
    assert!(sink.bytes <= 100_000);
}

#[tokio::test]
async fn a_file_that_breaks_off_is_interrupted() {
    let (outcome, _) = downloaded(b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\nabc".to_vec(), 1000).await;
    assert_eq!(outcome.unwrap_err().kind, FaultKind::Interrupted);
}

#[tokio::test]
async fn any_other_status_is_an_answer_and_no_file() {
    let (outcome, sink) = downloaded(answer(404, "no such file").into_bytes(), 1000).await;
    assert!(matches!(outcome, Ok(Download::Refused(reply)) if reply.status == 404));
    assert_eq!(sink.bytes, 0);
}

/// A store in memory that counts what was finished.
#[derive(Default)]
struct Store(Arc<Mutex<Vec<Vec<u8>>>>);

struct Writing {
    bytes: Vec<u8>,
    finished: Arc<Mutex<Vec<Vec<u8>>>>,
}

#[async_trait]
impl FileStore for Store {
    async fn begin(&self) -> Result<Box<dyn FileWriter>, FileError> {
        Ok(Box::new(Writing { bytes: Vec::new(), finished: Arc::clone(&self.0) }))
    }
    async fn has(&self, _: &str) -> Result<bool, FileError> {
        Ok(false)
    }
}

#[async_trait]
impl FileWriter for Writing {
    async fn write(&mut self, chunk: &[u8]) -> Result<(), FileError> {
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }
    async fn finish(self: Box<Self>) -> Result<StoredFile, FileError> {
        let stored = StoredFile { sha256: "0".repeat(64), bytes: self.bytes.len() as u64 };
        self.finished.lock().push(self.bytes);
        Ok(stored)
    }
}

#[tokio::test]
async fn only_a_whole_file_is_kept() {
    let store = Store::default();
    let transport = transport(json!({}));
    let good = Server::start(answer(200, "b\u{1ea3}n v\u{1ebd}")).await;
    let fetched = transport.fetch(&context(), Outgoing::get(good.url("/")), FileLimit(100), &store).await.unwrap();
    assert!(matches!(fetched, Fetched::Stored { file, .. } if file.bytes == "b\u{1ea3}n v\u{1ebd}".len() as u64));
    let broken = Server::start("HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nabc").await;
    assert!(transport.fetch(&context(), Outgoing::get(broken.url("/")), FileLimit(100), &store).await.is_err());
    let refused = Server::start(answer(403, "")).await;
    let fetched = transport.fetch(&context(), Outgoing::get(refused.url("/")), FileLimit(100), &store).await.unwrap();
    assert!(matches!(fetched, Fetched::Refused(reply) if reply.status == 403));
    assert_eq!(store.0.lock().len(), 1);
}
