//! A small HTTP client and a one-stop desk for the tests: sends what it is told, keeps what is pushed.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::super::message::tests::dossier;
use super::super::{Desk, Dialect, Land, LandOptions, Script};

pub(super) const CODE: &str = "H56.14-250115-0007";

pub(super) struct Got {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Got {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    /// (`success`, `message`) of the envelope.
    pub(super) fn said(&self) -> (bool, String) {
        let value = self.json();
        let status = &value["status"];
        (status["success"].as_bool().unwrap(), status["message"].as_str().unwrap().to_owned())
    }
}

/// Sends one request; `most` bytes of the answer are read, then the connection is dropped.
pub(super) async fn send_up_to(
    addr: SocketAddr,
    (method, path): (&str, &str),
    headers: &str,
    body: &[u8],
    most: u64,
) -> io::Result<Got> {
    let mut stream = TcpStream::connect(addr).await?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: land.test\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut bytes = Vec::new();
    stream.take(most).read_to_end(&mut bytes).await?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(end) = end else {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed without an answer"));
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
    Ok(Got { status, head, body: bytes[end + 4..].to_vec() })
}

pub(super) async fn get(land: &Land, path: &str) -> Got {
    send_up_to(land.addr(), ("GET", path), "", b"", 1 << 20).await.unwrap()
}

pub(super) async fn post(land: &Land, path: &str, body: &Value) -> io::Result<Got> {
    let headers = "Content-Type: application/json\r\n";
    send_up_to(land.addr(), ("POST", path), headers, body.to_string().as_bytes(), 1 << 20).await
}

pub(super) async fn start() -> Land {
    Land::start(LandOptions::default()).await.unwrap()
}

/// Hands a dossier over to a VBDLIS office; what it said.
pub(super) async fn receive(land: &Land, code: &str) -> (bool, String) {
    post(land, "/api/motcua/tiepnhan", &dossier(Dialect::Vbdlis, code)).await.unwrap().said()
}

/// What the desk does with a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Taken,
    Refused,
    Closes,
    Page,
}

/// A one-stop desk: `(path, body)` of every push, in order.
pub(super) struct DeskStub {
    pub(super) desk: Desk,
    pub(super) seen: Arc<Mutex<Vec<(String, String)>>>,
    pub(super) replies: Arc<Mutex<Vec<Reply>>>,
}

impl DeskStub {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let desk = Desk {
            base: format!("http://{}/in/land", listener.local_addr().unwrap()),
            secret: "khoa-bi-mat".to_owned(),
        };
        let (seen, replies) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let (kept, asked) = (Arc::clone(&seen), Arc::clone(&replies));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept), Arc::clone(&asked)));
            }
        });
        Self { desk, seen, replies }
    }

    /// The last parts of the addresses before the secret.
    pub(super) fn names(&self) -> Vec<String> {
        let name = |path: &str| {
            let path = path.split('?').next().unwrap_or_default().trim_end_matches("/khoa-bi-mat");
            path.rsplit('/').next().unwrap_or_default().to_owned()
        };
        self.seen.lock().iter().map(|(path, _)| name(path)).collect()
    }

    pub(super) fn body(&self, place: usize) -> Value {
        serde_json::from_str(&self.seen.lock()[place].1).unwrap()
    }
}

type Seen = Arc<Mutex<Vec<(String, String)>>>;

async fn serve(mut stream: TcpStream, seen: Seen, replies: Arc<Mutex<Vec<Reply>>>) {
    loop {
        let mut bytes = Vec::new();
        let (head, body) = loop {
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length =
                head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break (head.to_owned(), body.to_owned());
            }
        };
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        seen.lock().push((path, body));
        let reply = { replies.lock().pop().unwrap_or(Reply::Taken) };
        let text = match reply {
            Reply::Closes => return,
            Reply::Taken => r#"{"Result":1,"Message":"Thành công"}"#,
            Reply::Refused => r#"{"Result":0,"Message":"Không tìm thấy hồ sơ!"}"#,
            Reply::Page => "<html></html>",
        };
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// An office that takes steps when told to, and asks each dossier for a supplement.
pub(super) fn by_hand() -> Script {
    Script { supplements: 1000, forwards: 1, again: std::time::Duration::from_millis(5), ..Script::default() }
}
