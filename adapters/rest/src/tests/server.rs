//! A scripted server on loopback: answers what it is told, keeps what it received. It knows no protocol but HTTP.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// What is done with one request.
#[derive(Clone)]
pub(super) enum Step {
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Reads the request and closes the connection.
    Reset,
    /// Announces more than it sends, then closes.
    Half,
    /// Never answers.
    Hang,
    /// Answers after it is told to.
    After(Arc<Notify>, Value),
}

impl Step {
    pub(super) fn json(status: u16, value: Value) -> Self {
        Self::Answer(status, vec![("Content-Type", "application/json".into())], value.to_string().into_bytes())
    }

    pub(super) fn text(status: u16, text: &str) -> Self {
        Self::Answer(status, vec![], text.as_bytes().to_vec())
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn is_token(&self) -> bool {
        self.target.contains("/token")
    }
}

#[derive(Default)]
struct Script {
    calls: VecDeque<Step>,
    tokens: VecDeque<Step>,
    received: Vec<Received>,
    given: usize,
}

pub(super) struct Server {
    pub(super) address: String,
    script: Arc<Mutex<Script>>,
    arrived: watch::Receiver<usize>,
}

impl Server {
    /// Starts; calls are answered by `steps` in order, then with an empty object.
    pub(super) async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script { calls: steps.into_iter().collect(), ..Script::default() }));
        let (count, arrived) = watch::channel(0);
        let shared = Arc::clone(&script);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared), count.clone()));
            }
        });
        Self { address, script, arrived }
    }

    pub(super) fn tokens_answer(&self, steps: impl IntoIterator<Item = Step>) {
        self.script.lock().tokens.extend(steps);
    }

    /// Everything but requests for tokens, in order.
    pub(super) fn calls(&self) -> Vec<Received> {
        self.script.lock().received.iter().filter(|one| !one.is_token()).cloned().collect()
    }

    pub(super) fn tokens(&self) -> Vec<Received> {
        self.script.lock().received.iter().filter(|one| one.is_token()).cloned().collect()
    }

    /// Waits until that many requests have arrived in all.
    pub(super) async fn arrived(&self, wanted: usize) {
        let mut arrived = self.arrived.clone();
        arrived.wait_for(|count| *count >= wanted).await.unwrap();
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>, count: watch::Sender<usize>) {
    while let Some(request) = read(&mut stream).await {
        let step = next(&script, request);
        count.send_modify(|count| *count += 1);
        let answer = match step {
            Step::Answer(status, headers, body) => http(status, &headers, &body),
            Step::Reset => return,
            Step::Half => {
                let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"code\":\"0\",").await;
                return;
            }
            Step::Hang => {
                let _until_closed = stream.read(&mut [0; 1]).await;
                return;
            }
            Step::After(go, value) => {
                go.notified().await;
                http(200, &[], value.to_string().as_bytes())
            }
        };
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

fn next(script: &Mutex<Script>, request: Received) -> Step {
    let mut script = script.lock();
    let token = request.is_token();
    script.received.push(request);
    if !token {
        return script.calls.pop_front().unwrap_or_else(|| Step::json(200, json!({})));
    }
    script.given += 1;
    let given = json!({ "access_token": format!("token-{}", script.given), "token_type": "Bearer", "expires_in": 600 });
    script.tokens.pop_front().unwrap_or_else(|| Step::json(200, given))
}

fn http(status: u16, headers: &[(&'static str, String)], body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status} X\r\n");
    if status != 204 {
        answer.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        answer.push_str(&format!("{name}: {value}\r\n"));
    }
    answer.push_str("\r\n");
    let mut answer = answer.into_bytes();
    answer.extend_from_slice(body);
    answer
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
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
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
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
    Some(Received { method, target, headers, body })
}
