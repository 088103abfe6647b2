//! The transfer slip (phiếu chuyển thông tin) to the tax office: written once, signed by the office's officer, sent over SOAP. Its schema is not public: the blocks are those of the land database's exchange file. It must not be changed after it is signed.

use anyhow::{Context as _, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::Offset;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::Value;

use super::client::Caller;
use super::message::Receipt;
use super::options::TaxDesk;
use super::push::Notice;
use crate::net::xml::{escaped, tree};

/// A key made for this simulator: it signs nothing else and proves nobody.
const KEY: &[u8] = include_bytes!("keys/office.pk8");
/// Its certificate, PEM: what a tax gateway verifies slips with.
pub const CERTIFICATE: &str = include_str!("keys/office.pem");
const SUBJECT: &str = "CN=Simulated officer,O=Simulated land office";

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const SECURITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const UTILITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const PASSWORD: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";

/// Writes and signs the slip of a dossier. Without blanks between elements, and every element with its end tag: so the text is its own canonical form.
pub(super) fn signed(code: &str, receipt: &Receipt) -> anyhow::Result<String> {
    let content = format!("<HEADER>{}</HEADER><BODY>{}</BODY>", header(code, receipt.received_at), body(code, receipt));
    let digest = STANDARD.encode(digest(&SHA256, content.as_bytes()));
    let info = format!(
        "<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#WithComments\"></CanonicalizationMethod><SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></SignatureMethod><Reference URI=\"\"><Transforms><Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><XPath>ancestor-or-self::HEADER or ancestor-or-self::BODY</XPath></Transform></Transforms><DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod><DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
    );
    let key = RsaKeyPair::from_pkcs8(KEY).map_err(|_| anyhow!("the simulator's key cannot be read"))?;
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        format!("<SignedInfo xmlns=\"{DSIG}\">{info}").as_bytes(),
        &mut signature,
    )
    .map_err(|_| anyhow!("the slip cannot be signed"))?;
    let certificate: String = CERTIFICATE.lines().filter(|line| !line.starts_with("-----")).collect();
    Ok(format!(
        "<DATA>{content}<SECURITY><Signature xmlns=\"{DSIG}\"><SignedInfo>{info}<SignatureValue>{}</SignatureValue><KeyInfo><X509Data><X509SubjectName>{SUBJECT}</X509SubjectName><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></Signature></SECURITY></DATA>",
        STANDARD.encode(signature)
    ))
}

fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escaped(text))
}

/// The header of the tax gateway's messages, in its order. The type of a slip is not public.
fn header(code: &str, at: Timestamp) -> String {
    let here = Offset::constant(7).to_datetime(at);
    let id = format!("VPDK{}{}", here.strftime("%Y%m%d"), code.rsplit('-').next().unwrap_or_default());
    [
        ("VERSION", "1"),
        ("SENDER_CODE", "VPDKDD"),
        ("SENDER_NAME", "Văn phòng đăng ký đất đai"),
        ("RECEIVER_CODE", "GIP"),
        ("RECEIVER_NAME", "Hệ Thống GIP"),
        ("TRAN_CODE", "00100"),
        ("MSG_ID", &id),
        ("MSG_REFID", ""),
        ("ID_LINK", ""),
        ("SEND_DATE", &here.strftime("%d-%m-%Y %H:%M:%S").to_string()),
        ("ORIGINAL_CODE", "VPDKDD"),
        ("ORIGINAL_NAME", "Văn phòng đăng ký đất đai"),
        ("ORIGINAL_DATE", ""),
        ("ERROR_CODE", ""),
        ("ERROR_DESC", ""),
        ("SPARE1", ""),
        ("SPARE2", ""),
        ("SPARE3", ""),
    ]
    .iter()
    .map(|(name, text)| element(name, text))
    .collect()
}

fn body(code: &str, receipt: &Receipt) -> String {
    let Receipt { owner, owner_number, commune, parcel, sheet, area, .. } = receipt;
    let land: String = [
        ("maXa", commune.as_str()),
        ("soHieuToBanDo", sheet),
        ("soThuTuThua", parcel),
        ("dienTich", area),
        ("dienTichPhapLy", area),
    ]
    .iter()
    .map(|(name, text)| element(name, text))
    .collect();
    let use_of_land = "<ThongTinMucDichSuDung><DC_MucDichSuDung><maMucDichSuDung>ONT</maMucDichSuDung><thoiHanSuDung>Lâu dài</thoiHanSuDung></DC_MucDichSuDung></ThongTinMucDichSuDung>";
    format!(
        "<ROW><TYPE>PHIEUCHUYEN</TYPE><NAME>Phiếu chuyển thông tin để xác định nghĩa vụ tài chính về đất đai</NAME>{}<HoSoXml><ThongTinTaiSan><ThongTinThuaDat><DC_ThuaDat>{land}{use_of_land}</DC_ThuaDat></ThongTinThuaDat></ThongTinTaiSan><ThongTinChu><ThongTinCaNhan><DC_CaNhan>{}{}</DC_CaNhan></ThongTinCaNhan></ThongTinChu><ThongTinNghiaVuTaiChinh><DC_NghiaVuTaiChinh></DC_NghiaVuTaiChinh></ThongTinNghiaVuTaiChinh></HoSoXml></ROW>",
        element("MA_HS", code),
        element("hoTen", owner),
        element("soGiayTo", owner_number),
    )
}

impl TaxDesk {
    /// One try. `Ok` when the tax office says that it has the slip.
    pub(super) async fn send(&self, caller: &Caller, slip: &str, now: Timestamp) -> anyhow::Result<()> {
        let envelope = format!(
            "<soapenv:Envelope xmlns:gip=\"http://gip.request.com/\" xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\">{}<soapenv:Body><gip:xuLyTruyVanMsg><in_msg><![CDATA[{slip}]]></in_msg></gip:xuLyTruyVanMsg></soapenv:Body></soapenv:Envelope>",
            self.proof(now)
        );
        let reply = caller.post(&self.url, "text/xml; charset=utf-8", Bytes::from(envelope)).await?;
        if reply.status != 200 {
            bail!("the tax office answered HTTP {}", reply.status);
        }
        taken(&reply.body)
    }

    /// WS-Security: base64(SHA-1(nonce + created + password)), a nonce of its own each time.
    fn proof(&self, now: Timestamp) -> String {
        let Self { url: _, username, password } = self;
        let created = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let nonce = uuid::Uuid::new_v4();
        let bytes = [nonce.as_bytes().as_slice(), created.as_bytes(), password.as_bytes()].concat();
        let digest = STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &bytes));
        let nonce = STANDARD.encode(nonce.as_bytes());
        let username = escaped(username);
        format!(
            "<soapenv:Header><wsse:Security xmlns:wsse=\"{SECURITY}\" xmlns:wsu=\"{UTILITY}\"><wsse:UsernameToken><wsse:Username>{username}</wsse:Username><wsse:Password Type=\"{PASSWORD}\">{digest}</wsse:Password><wsse:Nonce>{nonce}</wsse:Nonce><wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security></soapenv:Header>"
        )
    }

    /// What the tax office decided about the dossier so far: one notice a decision, whatever its instalments.
    pub(super) async fn notices(&self, caller: &Caller, code: &str) -> anyhow::Result<Vec<Notice>> {
        let origin = origin(&self.url).context("the tax office's address has no host")?;
        let reply = caller.get(&format!("{origin}/_sim/notices?dossier={code}")).await?;
        let read: Value = serde_json::from_str(&reply.body).context("the tax office's notices cannot be read")?;
        let mut notices: Vec<Notice> = Vec::new();
        for debt in read.get("debts").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| debt.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let number = text("decision");
            if notices.iter().all(|notice| notice.number != number) {
                notices.push(Notice::about(text("owner_name"), text("item_name"), number));
            }
        }
        Ok(notices)
    }
}

impl Notice {
    /// With a link to a file of its own.
    pub(super) fn about(owner: String, tax: String, number: String) -> Self {
        let plain: String = number.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        Self { owner, tax, link: format!("/files/{plain}.pdf"), number }
    }
}

/// `http://host:port` of an address.
fn origin(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next().filter(|host| !host.is_empty())?;
    url.get(..scheme.len() + 3 + host.len())
}

/// `TRANGTHAI` 01 in the answer's row.
fn taken(body: &str) -> anyhow::Result<()> {
    let read = |text: &str| tree(text.trim()).map_err(|problem| anyhow!("the tax office's answer: {problem}"));
    let soap = read(body)?;
    let inner = soap.child("Body").and_then(|body| body.children.first()).and_then(|answer| answer.value("return"));
    let data = read(inner.context("the tax office's answer is empty")?)?;
    let row = data.child("BODY").and_then(|body| body.child("ROW"));
    if row.and_then(|row| row.value("TRANGTHAI")) == Some("01") {
        return Ok(());
    }
    let told = data.child("HEADER").and_then(|header| header.value("ERROR_DESC")).unwrap_or("no state");
    bail!("the tax office did not take the slip: {told}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_an_origin() {
        assert_eq!(origin("http://127.0.0.1:9/t2b/gip"), Some("http://127.0.0.1:9"));
        assert_eq!(origin("http://127.0.0.1:9"), Some("http://127.0.0.1:9"));
        assert_eq!(origin("127.0.0.1"), None);
    }
}
