//! Pushes towards the province: what is sent, right, repeated and malformed, and how the reply is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::{PushShape, Pusher, TaxLine, TaxNotice, TaxReceipt, TermSpelling};
use super::client::CODE;

fn notice(spelling: TermSpelling) -> TaxNotice {
    let line = TaxLine {
        tax_code: "2800000002".to_owned(),
        decision: "LTB2512345-TK0000001/TB-CCT".to_owned(),
        decided_on: "15-01-2025".to_owned(),
        term: "Lệ phí trước bạ <nhà & đất>".to_owned(),
        amount: "1158500".to_owned(),
    };
    TaxNotice { day: "20250115".to_owned(), dossiers: vec![(CODE.to_owned(), vec![line])], spelling }
}

fn receipt() -> TaxReceipt {
    TaxReceipt {
        dossier: CODE.to_owned(),
        payer: "NGUYỄN VĂN MẪU".to_owned(),
        payer_id: "038199000001".to_owned(),
        tax_code: "2800000002".to_owned(),
        decision: "LTB2512345-TK0000001/TB-CCT".to_owned(),
        paid_at: "20250120101500".to_owned(),
        amount: "4634000".to_owned(),
        file_url: "https://portal.test/chungtu.pdf".to_owned(),
    }
}

fn xml_of(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    let file = STANDARD.decode(body["data"]["FileThongBaoThue"].as_str().unwrap()).unwrap();
    String::from_utf8(file).unwrap()
}

#[test]
fn a_notice_carries_the_file_in_both_spellings() {
    let pusher = Pusher::new("key");
    for (spelling, tag) in [(TermSpelling::Underscored, "TEN_TIEU_MUC"), (TermSpelling::Joined, "TEN_TIEUMUC")] {
        let body = pusher.notice_body(&notice(spelling), PushShape::Correct);
        let fields: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(fields["Service"], "NhanThongBaoThueDat");
        assert_eq!((&fields["SecurityKey"], &fields["Ngay"]), (&"key".into(), &"20250115".into()));
        let xml = xml_of(&body);
        assert!(xml.contains(&format!("<MA_HSO>{CODE}</MA_HSO><LIST>")));
        let text = "Lệ phí trước bạ &lt;nhà &amp; đất&gt;";
        assert!(xml.contains(&format!("<{tag}>{text}</{tag}>")), "{xml}");
        assert!(xml.trim_end().ends_with("</BODY></DATA>"));
    }
}

#[test]
fn malformed_notices_are_malformed_in_their_own_way() {
    let pusher = Pusher::new("key");
    let body = |shape| pusher.notice_body(&notice(TermSpelling::Joined), shape);
    let fields = |shape| serde_json::from_slice::<Value>(&body(shape)).unwrap();
    assert_ne!(fields(PushShape::WrongKey)["SecurityKey"], "key");
    assert!(serde_json::from_slice::<Value>(&body(PushShape::CutJson)).is_err());
    assert!(fields(PushShape::NoData).get("data").is_none());
    let file = fields(PushShape::Unreadable)["data"]["FileThongBaoThue"].clone();
    assert!(STANDARD.decode(file.as_str().unwrap()).is_err());
    assert!(!xml_of(&body(PushShape::Broken)).contains("</DATA>"));
    assert!(xml_of(&body(PushShape::Entity)).contains("<!ENTITY"));
}

#[test]
fn receipts_carry_the_payment() {
    let pusher = Pusher::new("key");
    let fields = |shape| serde_json::from_slice::<Value>(&pusher.receipt_body(&receipt(), shape)).unwrap();
    let right = fields(PushShape::Correct);
    assert_eq!(right["Service"], "NhanChungTuThueDat");
    assert_eq!(right["data"]["MaHoSo"], CODE);
    assert_eq!(right["data"]["ThongTinThanhToan"]["TrangThaiThanhToan"], "1");
    assert_eq!(fields(PushShape::Unreadable)["data"]["MaHoSo"], "");
    assert_eq!(fields(PushShape::Broken)["data"]["ThongTinThanhToan"]["SoTien"], "bốn triệu");
}

/// A province that answers every push with the same reply and hands back what it got.
async fn province(reply: &'static str, pushes: usize) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/in/portal/nhanhsdvcqg", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < pushes {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"}}") && !bytes.ends_with(b"}") {
                stream.read_buf(&mut bytes).await.unwrap();
            }
            seen.push(String::from_utf8(bytes).unwrap());
            let answer =
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{reply}", reply.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        seen
    });
    (url, task)
}

#[tokio::test]
async fn a_repeated_push_sends_the_same_bytes_and_reads_the_reply() {
    let (url, province) = province(r#"{"error_code":"1","message":"đã nhận"}"#, 2).await;
    let pusher = Pusher::new("key");
    for _ in 0..2 {
        let reply = pusher.push_tax_receipt(&url, &receipt(), PushShape::Correct).await.unwrap();
        assert_eq!((reply.status, reply.error_code()), (200, Some(1)));
    }
    let seen = province.await.unwrap();
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0].starts_with("POST /in/portal/nhanhsdvcqg HTTP/1.1"));
}

#[tokio::test]
async fn a_province_that_is_not_there_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let pusher = Pusher::new("key");
    let notice = notice(TermSpelling::Joined);
    assert!(pusher.push_tax_notice(&url, &notice, PushShape::Correct).await.is_err());
    assert!(pusher.push_tax_notice("not an address", &notice, PushShape::Correct).await.is_err());
}
