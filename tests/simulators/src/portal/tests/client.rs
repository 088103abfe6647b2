//! A bare HTTP/1.1 client that shows exactly how a connection ended; it must not retry or pool.

use std::io;
use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::{Portal, PortalOptions};

pub(super) const CODE: &str = "H56.14-250115-0007";
pub(super) const OLD_CODE: &str = "000.00.14.H56-250115-0007";

/// What came back on a connection that was closed afterwards.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Got {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub(super) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }

    /// 0, "0" and "00" are one code.
    pub(super) fn is_code_zero(&self) -> bool {
        [json!(0), json!("0"), json!("00")].contains(&self.json()["error_code"])
    }

    pub(super) fn succeeded(&self) -> bool {
        let message = self.message().to_lowercase();
        self.is_code_zero() && message.contains("thành công") && !message.contains("không")
    }
}

/// One request on a connection of its own.
pub(super) async fn send(addr: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> io::Result<Got> {
    let mut stream = TcpStream::connect(addr).await?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: portal.test\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
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

/// A portal and a client that has logged in.
pub(super) struct Client {
    pub(super) portal: Portal,
    pub(super) session: String,
}

impl Client {
    pub(super) async fn new() -> Self {
        Self::with(PortalOptions::default()).await
    }

    pub(super) async fn with(options: PortalOptions) -> Self {
        let portal = Portal::start(options).await.unwrap();
        let mut client = Self { portal, session: String::new() };
        client.log_in().await;
        client
    }

    pub(super) async fn log_in(&mut self) {
        let body = json!({"username": "province", "password": "simulated"}).to_string();
        let got = self.post("/mapi/login", &body).await.unwrap();
        self.session = got.json()["session"].as_str().unwrap().to_owned();
    }

    pub(super) async fn post(&self, path: &str, body: &str) -> io::Result<Got> {
        send(self.portal.addr(), "POST", path, "", body).await
    }

    /// A call of `mapi/g` with these fields beside the envelope.
    pub(super) async fn call(&self, service: &str, fields: Value) -> io::Result<Got> {
        let mut body = json!({
            "session": self.session, "madonvi": "000.00.00.H56", "service": service,
        });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.post("/mapi/g", &body.to_string()).await
    }

    pub(super) async fn insert(&self, dossier: Value) -> io::Result<Got> {
        self.call("DongBoHoSoMC", json!({"isUpdating": "False", "data": [dossier]})).await
    }

    pub(super) async fn update(&self, dossier: Value) -> io::Result<Got> {
        self.call("DongBoHoSoMC", json!({"isUpdating": "True", "data": [dossier]})).await
    }

    pub(super) async fn steps(&self, steps: Vec<Value>) -> io::Result<Got> {
        self.call("CapNhatTienDoHoSoMC", json!({"data": steps})).await
    }

    pub(super) async fn control(&self, method: &str, path: &str, body: &str) -> Got {
        send(self.portal.addr(), method, path, "", body).await.unwrap()
    }
}

/// A dossier the portal accepts, with fields changed (`null` takes one away).
pub(super) fn dossier(changes: Value) -> Value {
    let mut dossier = json!({
        "MaHoSo": CODE,
        "MaTTHC": "1.000094.000.00.00.H56",
        "TenTTHC": "Đăng ký kết hôn (mẫu)",
        "ChuHoSo": "NGUYỄN VĂN MẪU",
        "NgayTiepNhan": "20250115083000",
        "NgayHenTra": "20250122170000",
        "NgayTra": "",
        "TrangThaiHoSo": "4",
        "GhiChu": "",
        "MaDoiTuong": null,
        "TaiLieuNop": [{"TepDinhKemId": "1", "TenTepDinhKem": "ToKhai.pdf"}],
        "DanhSachHoSoBoSung": [],
        "DanhSachGiayToKetQua": [],
    });
    change(&mut dossier, changes);
    dossier
}

pub(super) fn step(changes: Value) -> Value {
    let mut step = json!({
        "MaHoSo": CODE,
        "NguoiXuLy": "Trần Thị Mẫu",
        "ThoiDiemXuLy": "20250115083000",
        "NoiDungXuLy": "Tiếp nhận hồ sơ [#1]",
        "TrangThai": "2",
        "NgayKetThucTheoQuyDinh": "",
    });
    change(&mut step, changes);
    step
}

fn change(record: &mut Value, changes: Value) {
    let fields = record.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
}
