//! Pushes of the portal towards the province: land-tax notices and receipts, right, repeated and malformed; it must not retry.

use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::header::CONTENT_TYPE;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_REPLY: usize = 1 << 20;

/// How the tag of the tax item is spelled: two consumers read it differently, both must be accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TermSpelling {
    /// `TEN_TIEU_MUC`
    #[default]
    Underscored,
    /// `TEN_TIEUMUC`
    Joined,
}

/// One line of a notice (`LIST`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxLine {
    /// `MA_SO_THUE`
    pub tax_code: String,
    /// `SO_QUYET_DINH`: instalments of one decision carry the same.
    pub decision: String,
    /// `NGAY_QUYET_DINH`, `dd-MM-yyyy`.
    pub decided_on: String,
    /// `TEN_TIEU_MUC` or `TEN_TIEUMUC`
    pub term: String,
    /// `SO_TIEN`, đồng, digits.
    pub amount: String,
}

/// `NhanThongBaoThueDat`, one or more dossiers in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxNotice {
    /// `Ngay`, `yyyyMMdd`.
    pub day: String,
    /// `MA_HSO` and its lines.
    pub dossiers: Vec<(String, Vec<TaxLine>)>,
    /// How the tag of the tax item is spelled.
    pub spelling: TermSpelling,
}

/// `NhanChungTuThueDat`: what a citizen paid on the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxReceipt {
    /// `MaHoSo`
    pub dossier: String,
    /// `HoTenNguoiNopTien`
    pub payer: String,
    /// `SoCMTNguoiNopTien`
    pub payer_id: String,
    /// `MaSoThue`
    pub tax_code: String,
    /// `MaThongBaoThue`: the decision of the notice.
    pub decision: String,
    /// `ThoiGianThanhToan`, `yyyyMMddHHmmss`.
    pub paid_at: String,
    /// `SoTien`, đồng, digits.
    pub amount: String,
    /// `UrlFileChungTu`
    pub file_url: String,
}

/// What is wrong with a push on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PushShape {
    /// Nothing.
    #[default]
    Correct,
    /// `SecurityKey` is another.
    WrongKey,
    /// The JSON body is cut in the middle.
    CutJson,
    /// `data` is missing.
    NoData,
    /// `FileThongBaoThue` is not base64 (a receipt: `MaHoSo` is empty).
    Unreadable,
    /// The XML in `FileThongBaoThue` is cut (a receipt: `SoTien` is words).
    Broken,
    /// The XML declares an entity (a receipt: unchanged).
    Entity,
}

/// What the province answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushReply {
    /// HTTP status.
    pub status: u16,
    /// Body as it came.
    pub body: String,
}

impl PushReply {
    /// `error_code` of the reply, number or digits in a text.
    pub fn error_code(&self) -> Option<i64> {
        let body: Value = serde_json::from_str(&self.body).ok()?;
        let code = body.get("error_code")?;
        code.as_i64().or_else(|| code.as_str()?.parse().ok())
    }
}

/// Sends pushes as the portal does: HTTP POST, JSON, the shared key in the body.
#[derive(Clone)]
pub struct Pusher {
    key: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Pusher {
    /// A pusher with the key both sides agreed on.
    pub fn new(key: &str) -> Self {
        Self { key: key.to_owned(), client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// Pushes a notice to the province's `nhantbthuedvcqg` address. Call it again for a repeated push.
    ///
    /// # Errors
    /// When the address cannot be reached or gives no answer in 30 seconds.
    pub async fn push_tax_notice(
        &self,
        target_url: &str,
        notice: &TaxNotice,
        shape: PushShape,
    ) -> anyhow::Result<PushReply> {
        self.post(target_url, self.notice_body(notice, shape)).await
    }

    /// Pushes a file of notices that somebody else wrote, as the portal relays what the tax office sends. `day` is `yyyyMMdd`.
    ///
    /// # Errors
    /// When the address cannot be reached or gives no answer in 30 seconds.
    pub async fn push_tax_file(&self, target_url: &str, day: &str, file: &[u8]) -> anyhow::Result<PushReply> {
        let mut body = self.envelope("NhanThongBaoThueDat", json!({"FileThongBaoThue": STANDARD.encode(file)}));
        if let Some(fields) = body.as_object_mut() {
            fields.insert("Ngay".to_owned(), Value::from(day));
        }
        self.post(target_url, body.to_string().into_bytes()).await
    }

    /// Pushes a receipt to the province's `nhanhsdvcqg` address. Call it again for a repeated push.
    ///
    /// # Errors
    /// When the address cannot be reached or gives no answer in 30 seconds.
    pub async fn push_tax_receipt(
        &self,
        target_url: &str,
        receipt: &TaxReceipt,
        shape: PushShape,
    ) -> anyhow::Result<PushReply> {
        self.post(target_url, self.receipt_body(receipt, shape)).await
    }

    /// The bytes of a notice push.
    pub fn notice_body(&self, notice: &TaxNotice, shape: PushShape) -> Vec<u8> {
        let file = if shape == PushShape::Unreadable {
            "%%% không phải base64 %%%".to_owned()
        } else {
            STANDARD.encode(notice_xml(notice, shape))
        };
        let mut body = self.envelope("NhanThongBaoThueDat", json!({"FileThongBaoThue": file}));
        if let Some(fields) = body.as_object_mut() {
            fields.insert("Ngay".to_owned(), Value::from(notice.day.as_str()));
        }
        self.shaped(body, shape)
    }

    /// The bytes of a receipt push.
    pub fn receipt_body(&self, receipt: &TaxReceipt, shape: PushShape) -> Vec<u8> {
        let dossier = if shape == PushShape::Unreadable { "" } else { &receipt.dossier };
        let amount = if shape == PushShape::Broken { "bốn triệu" } else { &receipt.amount };
        let data = json!({
            "MaHoSo": dossier,
            "HoTenNguoiNopTien": receipt.payer,
            "SoCMTNguoiNopTien": receipt.payer_id,
            "DiaChiNguoiNopTien": "Số 1",
            "TinhNguoiNopTien": "38",
            "HuyenNguoiNopTien": "380",
            "XaNguoiNopTien": "14758",
            "MaSoThue": receipt.tax_code,
            "UrlFileChungTu": receipt.file_url,
            "ThongTinThanhToan": {
                "MaThongBaoThue": receipt.decision,
                "ThoiGianThanhToan": receipt.paid_at,
                "SoTien": amount,
                "NoiDungThanhToan": "Thuế đất (mẫu)",
                "TrangThaiThanhToan": "1",
            },
        });
        self.shaped(self.envelope("NhanChungTuThueDat", data), shape)
    }

    fn envelope(&self, service: &str, data: Value) -> Value {
        json!({"SecurityKey": self.key, "Service": service, "IsUpdating": "False", "data": data})
    }

    fn shaped(&self, mut body: Value, shape: PushShape) -> Vec<u8> {
        if let Some(fields) = body.as_object_mut() {
            match shape {
                PushShape::WrongKey => {
                    fields.insert("SecurityKey".to_owned(), format!("not {}", self.key).into());
                }
                PushShape::NoData => {
                    fields.remove("data");
                }
                PushShape::Correct
                | PushShape::CutJson
                | PushShape::Unreadable
                | PushShape::Broken
                | PushShape::Entity => {}
            }
        }
        let mut bytes = body.to_string().into_bytes();
        if shape == PushShape::CutJson {
            bytes.truncate(bytes.len() * 2 / 3);
        }
        bytes
    }

    async fn post(&self, url: &str, body: Vec<u8>) -> anyhow::Result<PushReply> {
        let request = Request::post(url)
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .body(Full::new(Bytes::from(body)))
            .with_context(|| format!("not an address: {url}"))?;
        let exchange = async {
            let response = self.client.request(request).await.context("the push did not arrive")?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), MAX_REPLY).collect().await;
            let body = body.map_err(|error| anyhow::anyhow!("the reply broke off: {error}"))?;
            let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
            Ok(PushReply { status, body })
        };
        tokio::time::timeout(TIMEOUT, exchange).await.context("no reply to the push")?
    }
}

fn notice_xml(notice: &TaxNotice, shape: PushShape) -> String {
    let term = match notice.spelling {
        TermSpelling::Underscored => "TEN_TIEU_MUC",
        TermSpelling::Joined => "TEN_TIEUMUC",
    };
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if shape == PushShape::Entity {
        xml.push_str("<!DOCTYPE DATA [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n");
    }
    xml.push_str("<DATA><BODY>");
    for (code, lines) in &notice.dossiers {
        xml.push_str("<ROW_LIST>");
        element(&mut xml, "MA_HSO", code);
        for line in lines {
            xml.push_str("<LIST>");
            element(&mut xml, "MA_SO_THUE", &line.tax_code);
            element(&mut xml, "SO_QUYET_DINH", &line.decision);
            element(&mut xml, "NGAY_QUYET_DINH", &line.decided_on);
            element(&mut xml, term, &line.term);
            element(&mut xml, "SO_TIEN", &line.amount);
            xml.push_str("</LIST>");
        }
        xml.push_str("</ROW_LIST>");
    }
    if shape == PushShape::Entity {
        xml.push_str("<GHI_CHU>&b;</GHI_CHU>");
    }
    xml.push_str(if shape == PushShape::Broken { "</BO" } else { "</BODY></DATA>\n" });
    xml
}

fn element(xml: &mut String, name: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    xml.push_str(&format!("<{name}>{text}</{name}>"));
}
