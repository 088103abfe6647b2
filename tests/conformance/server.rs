//! A raw server on loopback: answers by script, or as the subject's system would; keeps what it received. It knows no protocol but HTTP.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

use crate::subject::Subject;

/// An HTTP answer as bytes go.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Raw {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("Content-Type", content_type.to_owned())], body: body.into() }
    }

    pub(crate) fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    pub(crate) fn page(status: u16) -> Self {
        Self::new(status, "text/html; charset=utf-8", "<html><head><title>?</title></head><body>?</body></html>")
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// What is done with one request.
#[derive(Clone)]
pub(crate) enum Step {
    /// As the system would.
    Good,
    Say(Raw),
    /// Reads the request and closes the connection.
    Cut,
    /// The good answer's head and half of its body, then the end of the connection.
    Half,
    /// Never answers.
    Hang,
    /// As the system would, after it is told to.
    After(Arc<Notify>),
    /// A body that never ends, as fast as it is taken.
    Endless,
    /// A head that never ends, a line at a time.
    EndlessHead,
    /// Announces a body of that many bytes and sends as many.
    Long(usize),
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
    /// Its place among all requests of the server, from 1.
    pub(crate) number: usize,
}

impl Received {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

#[derive(Default)]
struct Script {
    calls: VecDeque<Step>,
    logins: VecDeque<Step>,
    received: Vec<(bool, Received)>,
}

/// Stops when it is dropped: nothing accepts any more.
pub(crate) struct Server {
    pub(crate) base: String,
    script: Arc<Mutex<Script>>,
    arrived: watch::Receiver<usize>,
    written: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers everything that is not scripted as the subject's system would.
    pub(crate) async fn start(subject: Arc<dyn Subject>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script::default()));
        let (count, arrived) = watch::channel(0);
        let written = Arc::new(AtomicU64::new(0));
        let desk = Desk { subject, script: Arc::clone(&script), count, written: Arc::clone(&written) };
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(desk.clone().serve(stream));
            }
        });
        Self { base, script, arrived, written, task }
    }

    pub(crate) fn calls_get(&self, steps: impl IntoIterator<Item = Step>) {
        self.script.lock().calls.extend(steps);
    }

    pub(crate) fn logins_get(&self, steps: impl IntoIterator<Item = Step>) {
        self.script.lock().logins.extend(steps);
    }

    /// Requests that were not logins.
    pub(crate) fn calls(&self) -> usize {
        self.script.lock().received.iter().filter(|(login, _)| !login).count()
    }

    pub(crate) fn logins(&self) -> usize {
        self.script.lock().received.iter().filter(|(login, _)| *login).count()
    }

    /// The last request that was no login.
    pub(crate) fn last_call(&self) -> Option<Received> {
        self.script.lock().received.iter().rev().find(|(login, _)| !login).map(|(_, received)| received.clone())
    }

    /// Bytes of answers written so far.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Waits until that many requests have arrived in all.
    pub(crate) async fn arrived(&self, wanted: usize) {
        self.arrived.clone().wait_for(|count| *count >= wanted).await.unwrap();
    }
}

#[derive(Clone)]
struct Desk {
    subject: Arc<dyn Subject>,
    script: Arc<Mutex<Script>>,
    count: watch::Sender<usize>,
    written: Arc<AtomicU64>,
}

impl Desk {
    async fn serve(self, mut stream: TcpStream) {
        while let Some(received) = read(&mut stream).await {
            let (step, received) = self.next(received);
            let good = self.subject.good(&received).bytes();
            self.count.send_modify(|count| *count += 1);
            let whole = match step {
                Step::Good => good,
                Step::Say(raw) => raw.bytes(),
                Step::Cut => return,
                Step::Half => return self.half(&mut stream, &good).await,
                Step::Hang => return until_closed(&mut stream).await,
                Step::After(go) => {
                    go.notified().await;
                    good
                }
                Step::Endless => {
                    let head =
                        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
                    let chunk = [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat();
                    return self.endless(&mut stream, head, &chunk).await;
                }
                Step::EndlessHead => {
                    return self.endless(&mut stream, b"HTTP/1.1 200 OK\r\n", &b"X-More: 1\r\n".repeat(512)).await;
                }
                Step::Long(bytes) => Raw::new(200, "application/json", vec![b' '; bytes]).bytes(),
            };
            if !self.write(&mut stream, &whole).await {
                return;
            }
        }
    }

    async fn half(&self, stream: &mut TcpStream, good: &[u8]) {
        let body = good.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |at| at + 4);
        let until = body + (good.len() - body) / 2;
        self.write(stream, &good[..until]).await;
    }

    async fn endless(&self, stream: &mut TcpStream, head: &[u8], more: &[u8]) {
        let mut open = self.write(stream, head).await;
        while open {
            open = self.write(stream, more).await;
        }
    }

    async fn write(&self, stream: &mut TcpStream, bytes: &[u8]) -> bool {
        for part in bytes.chunks(64 * 1024) {
            if stream.write_all(part).await.is_err() {
                return false;
            }
            self.written.fetch_add(part.len() as u64, Ordering::Relaxed);
        }
        true
    }

    fn next(&self, mut received: Received) -> (Step, Received) {
        let mut script = self.script.lock();
        let login = self.subject.is_login(&received);
        received.number = script.received.len() + 1;
        script.received.push((login, received.clone()));
        let steps = if login { &mut script.logins } else { &mut script.calls };
        (steps.pop_front().unwrap_or(Step::Good), received)
    }
}

async fn until_closed(stream: &mut TcpStream) {
    let mut one = [0; 1];
    while stream.read(&mut one).await.is_ok_and(|read| read > 0) {}
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 16 * 1024];
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let target = first.nth(1)?.to_owned();
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned())).collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = bytes[head + 4..].to_vec();
    while body.len() < length {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => body.extend_from_slice(&chunk[..read]),
        }
    }
    Some(Received { target, body, number: 0 })
}
