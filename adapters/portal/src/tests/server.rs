//! A scripted portal on loopback: answers what it is told, keeps what it received. It holds no rule of the protocol.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// What the portal does with one request.
#[derive(Clone)]
pub(super) enum Step {
    Json(Value),
    Http {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// Reads the request and closes the connection.
    Reset,
    /// Announces more than it sends, then closes.
    Truncated,
    /// Never answers.
    Hang,
    /// Answers after it is told to.
    After(Arc<Notify>, Value),
}

impl Step {
    pub(super) fn page(status: u16, body: &str) -> Self {
        let headers = vec![("Content-Type", "text/html; charset=utf-8".to_owned())];
        Self::Http { status, headers, body: body.as_bytes().to_vec() }
    }

    pub(super) fn ok() -> Self {
        Self::Json(json!({"error_code": "0", "message": "Thành công", "result": []}))
    }

    pub(super) fn says(code: Value, message: &str) -> Self {
        Self::Json(json!({"error_code": code, "message": message}))
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
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    fn is_login(&self) -> bool {
        self.target.contains("/mapi/login") || self.target == "/token"
    }
}

#[derive(Default)]
struct Script {
    calls: VecDeque<Step>,
    logins: VecDeque<Step>,
    received: Vec<Received>,
    sessions: usize,
}

pub(super) struct Server {
    pub(super) address: String,
    script: Arc<Mutex<Script>>,
    arrived: watch::Receiver<usize>,
}

impl Server {
    /// Starts; calls are answered by `steps` in order, then with success.
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

    pub(super) fn logins_answer(&self, steps: impl IntoIterator<Item = Step>) {
        self.script.lock().logins.extend(steps);
    }

    pub(super) fn calls_answer(&self, steps: impl IntoIterator<Item = Step>) {
        self.script.lock().calls.extend(steps);
    }

    /// Everything but logins, in order.
    pub(super) fn calls(&self) -> Vec<Received> {
        self.script.lock().received.iter().filter(|one| !one.is_login()).cloned().collect()
    }

    pub(super) fn logins(&self) -> Vec<Received> {
        self.script.lock().received.iter().filter(|one| one.is_login()).cloned().collect()
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
            Step::Json(value) => {
                http(200, &[("Content-Type", "application/json".into())], value.to_string().as_bytes())
            }
            Step::Http { status, headers, body } => http(status, &headers, &body),
            Step::Reset => return,
            Step::Truncated => {
                let _gone =
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"error_code\":\"0\",").await;
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
    let (login, token) = (request.is_login(), request.target == "/token");
    script.received.push(request);
    if !login {
        return script.calls.pop_front().unwrap_or_else(Step::ok);
    }
    script.sessions += 1;
    let number = script.sessions;
    let greeting = match token {
        true => json!({"access_token": format!("token-{number}"), "expires_in": 600}),
        false => json!({"session": format!("session-{number}"), "error_code": 0, "message": ""}),
    };
    script.logins.pop_front().unwrap_or(Step::Json(greeting))
}

fn http(status: u16, headers: &[(&'static str, String)], body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
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
