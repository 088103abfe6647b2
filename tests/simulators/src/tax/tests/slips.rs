//! Slips and notices: kept byte for byte, counted when they come again, turned into notices the portal can relay.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::{NoticeBatch, TermSpelling};
use super::client::{ask, send, slip, start};
use crate::net::xml::tree;
use crate::portal::Pusher;

const CODE: &str = "H56.14-250115-0007";

#[tokio::test]
async fn a_slip_is_kept_byte_for_byte_and_a_repeat_is_counted() {
    let tax = start().await;
    let text = slip(CODE);
    for _ in 0..2 {
        let row = ask(&tax, &text).await.unwrap().row();
        assert_eq!(row.value("MA_HS"), Some(CODE));
    }
    let other = text.replace("120.5", "120.50");
    ask(&tax, &other).await.unwrap();
    let slips = tax.slips();
    let hash: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((slips.len(), slips[0].times, slips[0].sha256.as_str()), (2, 2, hash.as_str()));
    assert_eq!((slips[0].bytes, slips[0].signed), (text.len() as u64, false));
    let report = tax.report();
    assert_eq!((report.slips, report.slip_duplicates), (2, 1));
    assert_eq!(tax.debts(CODE).len(), 3, "a dossier is assessed once");
}

#[tokio::test]
async fn a_slip_without_a_dossier_is_refused_and_not_kept() {
    let tax = start().await;
    let got = ask(&tax, "<PhieuChuyen><SoBienNhan/></PhieuChuyen>").await.unwrap();
    assert_eq!(got.data().child("HEADER").unwrap().value("ERROR_CODE"), Some("99"));
    assert!(tax.slips().is_empty());
}

#[tokio::test]
async fn notices_of_a_slip_are_a_file_in_both_spellings() {
    let tax = start().await;
    ask(&tax, &slip(CODE)).await.unwrap();
    for (spelling, tag) in [(TermSpelling::Joined, "TEN_TIEUMUC"), (TermSpelling::Underscored, "TEN_TIEU_MUC")] {
        let file = tax.notices(&[CODE], spelling);
        assert_eq!(file.rows, 3);
        let root = tree(&file.xml).unwrap();
        let entry = &root.child("BODY").unwrap().children[0];
        assert_eq!(entry.value("MA_HSO"), Some(CODE));
        let row = entry.child("LIST").unwrap();
        assert_eq!(row.value("NGAY_QUYET_DINH"), Some("20-01-2025"));
        assert!(row.value(tag).is_some());
    }
    let got = send(tax.addr(), "GET", &format!("/_sim/notices?dossier={CODE}&spelling=joined"), "").await.unwrap();
    let told: serde_json::Value = serde_json::from_str(&got.body).unwrap();
    let file = STANDARD.decode(told["file"].as_str().unwrap()).unwrap();
    assert_eq!(String::from_utf8(file).unwrap(), tax.notices(&[CODE], TermSpelling::Joined).xml);
}

#[tokio::test]
async fn the_portals_pusher_relays_a_file_as_it_is() {
    let file = NoticeBatch::default().file();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/in/portal/nhantbthuedvcqg", listener.local_addr().unwrap());
    let province = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut seen, mut chunk) = (Vec::new(), [0; 65536]);
        while !seen.ends_with(b"}") {
            let read = stream.read(&mut chunk).await.unwrap();
            seen.extend_from_slice(&chunk[..read]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"error_code\":0}").await.unwrap();
        String::from_utf8(seen).unwrap()
    });
    let reply = Pusher::new("k").push_tax_file(&address, "20250115", file.xml.as_bytes()).await.unwrap();
    assert_eq!(reply.error_code(), Some(0));
    let seen = province.await.unwrap();
    let body: serde_json::Value = serde_json::from_str(seen.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body["data"]["FileThongBaoThue"], STANDARD.encode(&file.xml));
    assert_eq!((&body["Service"], &body["Ngay"]), (&"NhanThongBaoThueDat".into(), &"20250115".into()));
}
