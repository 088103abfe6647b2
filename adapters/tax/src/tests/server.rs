//! A scripted tax gateway on loopback: answers what it is told, keeps what it received. It holds no rule of the protocol.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is done with one request.
#[derive(Clone)]
pub(super) enum Step {
    Say(u16, String),
    /// Bytes that need not be text.
    Bytes(Vec<u8>),
    /// Reads the request and closes the connection.
    Reset,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) head: String,
    pub(super) body: String,
}

#[derive(Default)]
struct Script {
    steps: VecDeque<Step>,
    received: Vec<Received>,
}

pub(super) struct Server {
    pub(super) address: String,
    script: Arc<Mutex<Script>>,
}

impl Server {
    /// Answers by `steps` in order, then closes connections.
    pub(super) async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script { steps: steps.into_iter().collect(), ..Script::default() }));
        let shared = Arc::clone(&script);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, script }
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.script.lock().received.clone()
    }

    pub(super) fn last(&self) -> Received {
        self.received().pop().unwrap()
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    while let Some(received) = read(&mut stream).await {
        let step = {
            let mut script = script.lock();
            script.received.push(received);
            script.steps.pop_front().unwrap_or(Step::Reset)
        };
        let (status, body) = match step {
            Step::Say(status, text) => (status, text.into_bytes()),
            Step::Bytes(bytes) => (200, bytes),
            Step::Reset => return,
        };
        let head = format!("HTTP/1.1 {status} X\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n", body.len());
        if stream.write_all(&[head.into_bytes(), body].concat()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 16 * 1024]);
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")
                    .map(|length| length.parse::<usize>().unwrap())
            });
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                return Some(Received { head, body: String::from_utf8(bytes[end + 4..].to_vec()).unwrap() });
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}
