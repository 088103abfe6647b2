//! A bare HTTP/1.1 partner of GIP; it must not retry or pool.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::message::HEADER;
use super::super::state::now;
use super::super::token::password_digest;
use super::super::{Tax, TaxOptions};
use crate::net::xml::{Node, tree};

#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Got {
    /// `<DATA>` as it stands in `return`, wrapping undone.
    pub(super) fn data(&self) -> Node {
        let root = tree(&self.body).unwrap_or_else(|problem| panic!("{problem}: {}", self.body));
        let inner = &root.child("Body").unwrap().children[0].child("return").unwrap().text;
        tree(inner).unwrap_or_else(|problem| panic!("{problem}: {inner}"))
    }

    pub(super) fn row(&self) -> Node {
        let mut data = self.data();
        let at = data.children.iter().position(|child| child.name == "BODY").unwrap();
        data.children.remove(at).children.remove(0)
    }
}

pub(super) async fn start() -> Tax {
    Tax::start(TaxOptions::default()).await.unwrap()
}

pub(super) async fn send(addr: SocketAddr, method: &str, path: &str, body: &str) -> io::Result<Got> {
    let mut stream = TcpStream::connect(addr).await?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: gip.test\r\nConnection: close\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
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

static SERIAL: AtomicU64 = AtomicU64::new(1);

/// A security header with a nonce of its own.
pub(super) fn security(password: &str) -> String {
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    security_with(format!("nonce-{serial}").as_bytes(), &now().to_string(), password)
}

pub(super) fn security_with(nonce: &[u8], created: &str, password: &str) -> String {
    let (digest, nonce) = (password_digest(nonce, created, password), STANDARD.encode(nonce));
    format!(
        "<soapenv:Header><wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\" xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\"><wsse:UsernameToken><wsse:Username>PARTNER</wsse:Username><wsse:Password Type=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest\">{digest}</wsse:Password><wsse:Nonce>{nonce}</wsse:Nonce><wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security></soapenv:Header>"
    )
}

pub(super) fn envelope(header: &str, message: &str) -> String {
    format!(
        "<soapenv:Envelope xmlns:gip=\"http://gip.request.com/\" xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\">{header}<soapenv:Body><gip:xuLyTruyVanMsg><in_msg><![CDATA[{message}]]></in_msg></gip:xuLyTruyVanMsg></soapenv:Body></soapenv:Envelope>"
    )
}

/// `<DATA>` with a header in order.
pub(super) fn data(row: &str) -> String {
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let header: String = HEADER
        .iter()
        .map(|name| {
            let text = match *name {
                "VERSION" => "1".to_owned(),
                "SENDER_CODE" | "SENDER_NAME" => "PARTNER".to_owned(),
                "RECEIVER_CODE" => "GIP".to_owned(),
                "TRAN_CODE" => "00003".to_owned(),
                "MSG_ID" => format!("{serial:022}"),
                "SEND_DATE" => "15-01-2025 08:30:00".to_owned(),
                _empty => String::new(),
            };
            format!("<{name}>{text}</{name}>")
        })
        .collect();
    format!("<DATA><HEADER>{header}</HEADER><BODY><ROW>{row}</ROW></BODY><SECURITY/></DATA>")
}

/// Sends a message with a proof that holds.
pub(super) async fn ask(tax: &Tax, message: &str) -> io::Result<Got> {
    send(tax.addr(), "POST", "/t2b/gip/request", &envelope(&security("simulated"), message)).await
}

pub(super) fn taxpayer_row(tax_code: &str) -> String {
    format!("<TRUYVAN><MST>{tax_code}</MST></TRUYVAN><TYPE>00003</TYPE><NAME>Truy vấn theo MST</NAME>")
}

pub(super) fn ledger_row(dossier: &str, owner: &str) -> String {
    format!("<TRUYVAN><MA_HS>{dossier}</MA_HS><SO>{owner}</SO></TRUYVAN><TYPE>00109</TYPE>")
}

/// A slip in a shape of our own: the real one is not public.
pub(super) fn slip(dossier: &str) -> String {
    format!("<PhieuChuyen>\n  <SoBienNhan>{dossier}</SoBienNhan>\n  <DienTich>120.5</DienTich>\n</PhieuChuyen>")
}
