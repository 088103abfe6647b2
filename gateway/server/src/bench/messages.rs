//! The requests a bench sends, prepared once and numbered cheaply. It sends nothing.

use std::sync::Arc;

use anyhow::{Context, bail};
use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use serde_json::{Value, json};

use super::load::Make;
use super::queues::Envelopes;

/// Size of a submission's whole body, in bytes.
pub(crate) const SUBMISSION_BYTES: usize = 2048;
/// A dossier code; its serial number is what varies.
const CODE: &str = "H56.14-250115-0000000000";
/// Digits of the serial number: the most that a code may have by default.
const DIGITS: usize = 10;
/// What fills a submission up to its size.
const NOTE: &str = "Hồ sơ đầy đủ, hợp lệ theo quy định; hẹn trả kết quả tại Bộ phận Một cửa. ";
/// Where the portal takes calls of its raw form.
const PORTAL_PATH: &str = "/mapi/g";

/// A body in which every dossier code can be renumbered.
#[derive(Clone)]
struct Template {
    bytes: Vec<u8>,
    /// Where serial numbers begin.
    places: Vec<usize>,
}

impl Template {
    fn of(body: &Value) -> anyhow::Result<Self> {
        let bytes = serde_json::to_vec(body)?;
        let starts = bytes.windows(CODE.len()).enumerate().filter(|(_, window)| *window == CODE.as_bytes());
        let places: Vec<usize> = starts.map(|(start, _)| start + CODE.len() - DIGITS).collect();
        if places.is_empty() {
            bail!("a template names its dossier");
        }
        Ok(Self { bytes, places })
    }

    fn numbered(&self, number: u64) -> Bytes {
        let mut bytes = self.bytes.clone();
        let digits = digits(number);
        for place in &self.places {
            if let Some(serial) = bytes.get_mut(*place..place + DIGITS) {
                serial.copy_from_slice(&digits);
            }
        }
        Bytes::from(bytes)
    }
}

fn digits(mut number: u64) -> [u8; DIGITS] {
    let mut digits = [b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
    digits
}

/// The code of the nth dossier.
pub(crate) fn code(number: u64) -> String {
    let (start, _) = CODE.split_at(CODE.len() - DIGITS);
    format!("{start}{number:0DIGITS$}")
}

/// Submissions of a dossier each, beginning with dossier `first`.
pub(crate) fn submissions(api_key: &str, first: u64) -> anyhow::Result<Make> {
    let template = Template::of(&submission()?)?;
    let key = bearer(api_key)?;
    Ok(Arc::new(move |number| {
        let number = first + number;
        let idempotency = HeaderValue::from_str(&format!("bench-{number}"))?;
        Ok(post("/v1/exchanges")
            .header(header::AUTHORIZATION, key.clone())
            .header("idempotency-key", idempotency)
            .body(Full::new(template.numbered(number)))?)
    }))
}

/// The same submissions as bytes: what a queue holds.
pub(crate) fn envelopes() -> anyhow::Result<Envelopes> {
    let template = Template::of(&submission()?)?;
    Ok(Arc::new(move |number| template.numbered(number)))
}

/// Files of tax notices, each an XML document of so many rows; the same rows in each file, the file's own key.
pub(crate) fn files(api_key: &str, rows: u64) -> anyhow::Result<Make> {
    let row = |number: u64| {
        format!(
            "<ROW><SO_HO_SO>{}</SO_HO_SO><HO_TEN_NNT>NGUYỄN VĂN MẪU</HO_TEN_NNT><MST_NNT>0100000001</MST_NNT><SO_QUYET_DINH>\
             LTB2656001-TK{number:07}/TB-CCT</SO_QUYET_DINH><NGAY_QUYET_DINH>19/01/2026</NGAY_QUYET_DINH><TEN_TIEUMUC>Lệ phí \
             trước bạ nhà đất</TEN_TIEUMUC><SO_TIEN>1500000</SO_TIEN><DIA_CHI>Thôn Mẫu, xã Mẫu Sơn</DIA_CHI><GHI_CHU></GHI_CHU>\
             </ROW>",
            code(number)
        )
    };
    let document = format!("<ROW_LIST>{}</ROW_LIST>", (0..rows).map(row).collect::<String>());
    let body = json!({ "operation": "bench.file", "key": CODE, "body": { "code": CODE, "document": document } });
    let template = Template::of(&body)?;
    let key = bearer(api_key)?;
    Ok(Arc::new(move |number| {
        let idempotency = HeaderValue::from_str(&format!("file-{number}"))?;
        Ok(post("/v1/exchanges")
            .header(header::AUTHORIZATION, key.clone())
            .header("idempotency-key", idempotency)
            .body(Full::new(template.numbered(number)))?)
    }))
}

/// Synchronous questions whether a dossier exists.
pub(crate) fn calls(api_key: &str) -> anyhow::Result<Make> {
    let template = Template::of(&json!({ "code": CODE }))?;
    let key = bearer(api_key)?;
    Ok(Arc::new(move |number| {
        Ok(post("/v1/operations/portal.find-dossier/call")
            .header(header::AUTHORIZATION, key.clone())
            .body(Full::new(template.numbered(number)))?)
    }))
}

/// Look-ups of every `step`th dossier of `count`, over and over.
pub(crate) fn look_ups(api_key: &str, count: u64, step: u64) -> anyhow::Result<Make> {
    let key = bearer(api_key)?;
    Ok(Arc::new(move |number| {
        let code = code(number.wrapping_mul(step) % count.max(1));
        let request = Request::get(format!("/v1/keys/{code}")).header(header::HOST, HOST);
        Ok(request.header(header::AUTHORIZATION, key.clone()).body(Full::default())?)
    }))
}

/// Searches, each as `make` says it.
pub(crate) fn searches(api_key: &str, make: impl Fn(u64) -> Value + Send + Sync + 'static) -> anyhow::Result<Make> {
    let key = bearer(api_key)?;
    Ok(Arc::new(move |number| {
        let body = Full::new(Bytes::from(make(number).to_string()));
        Ok(post("/v1/search").header(header::AUTHORIZATION, key.clone()).body(body)?)
    }))
}

/// One page of the console, asked for again and again.
pub(crate) fn pages(path: &'static str, cookie: &str) -> anyhow::Result<Make> {
    let cookie = HeaderValue::from_str(cookie)?;
    Ok(Arc::new(move |_| {
        let request = Request::get(path).header(header::HOST, HOST).header(header::COOKIE, cookie.clone());
        Ok(request.body(Full::default())?)
    }))
}

/// The same bytes as [`submissions`], straight to the portal.
pub(crate) fn portal_writes() -> anyhow::Result<Make> {
    portal(&submission()?)
}

/// The same question as [`calls`], as the portal is asked it.
pub(crate) fn portal_reads() -> anyhow::Result<Make> {
    let session = "5f0c6d0e-0000-4000-8000-000000000001";
    portal(&json!({ "session": session, "madonvi": "000.00.00.H56", "service": "TraCuuHoSo", "mahoso": CODE }))
}

fn portal(body: &Value) -> anyhow::Result<Make> {
    let template = Template::of(body)?;
    Ok(Arc::new(move |number| Ok(post(PORTAL_PATH).body(Full::new(template.numbered(number)))?)))
}

const HOST: HeaderValue = HeaderValue::from_static("bench.test");

fn post(path: &'static str) -> http::request::Builder {
    let json = const { HeaderValue::from_static("application/json") };
    Request::post(path).header(header::HOST, HOST).header(header::CONTENT_TYPE, json)
}

fn bearer(api_key: &str) -> anyhow::Result<HeaderValue> {
    HeaderValue::from_str(&format!("Bearer {api_key}")).context("an API key is plain text")
}

/// A dossier as a provincial system submits it, filled up to the size by its note.
pub(crate) fn submission() -> anyhow::Result<Value> {
    let mut body = json!({
        "operation": "portal.sync-dossier",
        "key": CODE,
        "purpose": "Đồng bộ hồ sơ thủ tục hành chính",
        "due_at": "2035-01-22T10:00:00Z",
        "body": {
            "code": CODE,
            "procedure_code": "1.001193.000.00.00.H56",
            "procedure_name": "Đăng ký khai sinh (mẫu)",
            "field_code": "G15-TP01",
            "field_name": "Hộ tịch",
            "channel": "online",
            "owner": {
                "name": "NGUYỄN VĂN MẪU", "kind": "citizen", "phone": "0900000000",
                "identities": [{ "kind": "citizen_id", "number": "000000000001" }],
            },
            "summary": "Đề nghị giải quyết thủ tục hành chính (mẫu)",
            "other_information": "lienthong-seq=1",
            "submitted_at": "2025-01-15T01:00:00Z",
            "received_at": "2025-01-15T02:00:00Z",
            "due_at": "2035-01-22T10:00:00Z",
            "status": "received",
            "return_method": "direct",
            "handling_unit": "UBND xã Mẫu Sơn",
            "note": "",
            "has_digitised_papers": true,
            "connected_databases": ["7"],
            "papers": [{
                "id": "1", "file_name": "ToKhai.pdf", "component_code": "KQ.G15.000001",
                "url": "https://dvc.example.gov.vn/file/to-khai", "digitised": true,
            }],
            "fees": [{ "name": "Lệ phí", "code": "LP01", "collection": "2", "amount": 20_000, "kind": "2" }],
        },
    });
    let room = SUBMISSION_BYTES.checked_sub(serde_json::to_vec(&body)?.len()).context("a dossier fits its size")?;
    let note = body.pointer_mut("/body/note").context("a dossier has a note")?;
    *note = Value::String(filling(room));
    Ok(body)
}

/// A text of exactly so many bytes.
fn filling(bytes: usize) -> String {
    let mut text = NOTE.repeat(bytes / NOTE.len() + 1);
    let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.truncate(end);
    text.extend(std::iter::repeat_n('.', bytes - end));
    text
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn sent(make: &Make, number: u64) -> (http::request::Parts, Vec<u8>) {
        let (parts, body) = make(number).unwrap().into_parts();
        (parts, body.collect().await.unwrap().to_bytes().to_vec())
    }

    #[tokio::test]
    async fn a_submission_has_its_size_and_its_own_dossier_everywhere() {
        let make = submissions("key", 1_000).unwrap();
        let (parts, bytes) = sent(&make, 7).await;
        assert_eq!(bytes.len(), SUBMISSION_BYTES);
        assert_eq!(parts.headers["idempotency-key"], "bench-1007");
        assert_eq!(parts.headers["authorization"], "Bearer key");
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(body["key"], "H56.14-250115-0000001007");
        assert_eq!(body["body"]["code"], code(1_007));
        assert!(body["body"]["note"].as_str().unwrap().chars().count() <= 2000);
    }

    #[tokio::test]
    async fn the_portal_is_sent_the_same_bytes_as_the_gateway() {
        let (_, to_gateway) = sent(&submissions("key", 0).unwrap(), 5).await;
        let (_, to_portal) = sent(&portal_writes().unwrap(), 5).await;
        assert_eq!(to_gateway, to_portal);
    }

    #[tokio::test]
    async fn questions_name_their_dossier_on_both_ways() {
        let (_, bytes) = sent(&calls("key").unwrap(), 42).await;
        assert_eq!(bytes, br#"{"code":"H56.14-250115-0000000042"}"#);
        let (parts, bytes) = sent(&portal_reads().unwrap(), 42).await;
        assert_eq!(parts.uri.path(), "/mapi/g");
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(body["mahoso"], code(42));
    }

    #[tokio::test]
    async fn look_ups_stay_within_the_dossiers_there_are() {
        let make = look_ups("key", 10, 7).unwrap();
        let (parts, _) = sent(&make, 3).await;
        assert_eq!(parts.uri.path(), format!("/v1/keys/{}", code(1)));
    }

    #[tokio::test]
    async fn a_file_of_200_rows_is_about_100_kib_and_only_its_own_key_varies() {
        let make = files("key", 200).unwrap();
        let (_, bytes) = sent(&make, 7).await;
        assert!((70_000..130_000).contains(&bytes.len()), "{}", bytes.len());
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((&body["key"], &body["body"]["code"]), (&json!(code(7)), &json!(code(7))));
    }

    #[test]
    fn numbers_are_written_with_all_their_digits() {
        assert_eq!(&digits(0), b"0000000000");
        assert_eq!(&digits(1_234_567_890), b"1234567890");
        assert_eq!(code(12), "H56.14-250115-0000000012");
    }

    #[test]
    fn a_filling_never_cuts_a_character() {
        for bytes in 0..200 {
            assert_eq!(filling(bytes).len(), bytes);
        }
    }

    #[test]
    fn a_template_without_a_dossier_is_refused() {
        assert!(Template::of(&json!({ "nothing": 1 })).is_err());
    }
}
