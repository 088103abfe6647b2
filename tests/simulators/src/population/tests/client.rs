//! A bare HTTP/1.1 caller in each of the three generations; it must not retry or pool.

use std::io;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::state::wall_millis;
use super::super::{Citizen, Population, PopulationOptions};

#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Got {
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }
}

pub(super) async fn send(addr: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> io::Result<Got> {
    let mut stream = TcpStream::connect(addr).await?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: dancu.test\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed without an answer"));
    };
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
    Ok(Got { status, head: head.to_lowercase(), body: body.to_owned() })
}

pub(super) async fn start() -> Population {
    Population::start(PopulationOptions::default()).await.unwrap()
}

pub(super) const PATH: &str = "/XrdAdapter/RestService/dancu";

/// The headers of NDXP, with a timestamp as written.
pub(super) fn ndxp(stamp: &str, secret: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!("http://dancu.test{PATH}province{stamp}{secret}"));
    let hash: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let basic = STANDARD.encode(format!("province:{hash}"));
    format!(
        "Authorization: Basic {basic}\r\nTimestamp: {stamp}\r\nX-Road-Client: CS/GOV/SIM/province\r\nApiKey: simulated-api-key\r\nSOAPAction: \"\"\r\nContent-Type: application/xml\r\n"
    )
}

pub(super) fn ndxp_now() -> String {
    ndxp(&wall_millis().to_string(), "simulated-secret")
}

/// The elements of a request about this citizen, in order.
pub(super) fn elements(citizen: &Citizen, request_id: &str) -> Vec<(&'static str, String)> {
    vec![
        ("MaYeuCau", request_id.to_owned()),
        ("MaDVC", "1.000094".to_owned()),
        ("MaTichHop", "037".to_owned()),
        ("MaCanBo", "canbo01".to_owned()),
        ("SoDinhDanh", citizen.id.clone()),
        ("HoVaTen", citizen.plain_name.clone()),
    ]
}

pub(super) fn soap(operation: &str, elements: &[(&str, String)]) -> String {
    let inner: String = elements.iter().map(|(name, text)| format!("<d:{name}>{text}</d:{name}>")).collect();
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:d=\"http://dancuquocgia.bca\"><s:Header/><s:Body><d:{operation}>{inner}</d:{operation}></s:Body></s:Envelope>"
    )
}

pub(super) const FIND: &str = "TraCuuThongTinCongDan";

/// Asks about this citizen by NDXP.
pub(super) async fn find(population: &Population, elements: &[(&str, String)]) -> Got {
    send(population.addr(), "POST", PATH, &ndxp_now(), &soap(FIND, elements)).await.unwrap()
}
