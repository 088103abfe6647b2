//! What is asked and answered: taxpayers, the land ledger, habits of the real gateway.

use super::super::{Debt, NotFound, Tax, TaxOptions, Wrapping};
use super::client::{ask, data, envelope, ledger_row, security, send, slip, start, taxpayer_row};

const CODE: &str = "H56.14-250115-0007";

#[tokio::test]
async fn a_taxpayer_is_found_with_his_status() {
    let tax = start().await;
    let closed = tax.taxpayers()[1].clone();
    let got = ask(&tax, &data(&taxpayer_row(&closed.tax_code))).await.unwrap();
    assert_eq!(got.status, 200);
    let row = got.row();
    let person = row.child("THONGTIN_NNT").unwrap().child("THONGTINCHUNG").unwrap().child("ROW_NNT").unwrap();
    assert_eq!(person.value("TEN_NNT"), Some(closed.name.as_str()));
    assert_eq!((person.value("TRANG_THAI"), person.value("CHAN_DATE")), (Some("01"), Some("31/12/2024")));
    let header = got.data().children.remove(0);
    assert_eq!(header.value("TRAN_CODE"), Some("05011"));
    let date = header.value("SEND_DATE").unwrap();
    assert!(jiff::civil::Date::strptime("%m-%d-%Y", date).is_ok(), "month first: {date}");
    assert!(header.value("MSG_ID").unwrap().starts_with("GIP2"));
}

#[tokio::test]
async fn nobody_is_told_in_the_configured_way() {
    let tax = start().await;
    let got = ask(&tax, &data(&taxpayer_row("0100000000"))).await.unwrap();
    assert!(got.row().child("THONGTIN_NNT").unwrap().child("THONGTINCHUNG").unwrap().children.is_empty());
    let other = Tax::start(TaxOptions { not_found: NotFound::ErrorHeader, ..TaxOptions::default() }).await.unwrap();
    let got = ask(&other, &data(&taxpayer_row("0100000000"))).await.unwrap();
    assert_eq!(got.data().child("HEADER").unwrap().value("ERROR_CODE"), Some("01"));
    assert_eq!(tax.report().tally.answers["not-found"], 1);
}

#[tokio::test]
async fn answers_come_in_cdata_and_escaped() {
    let tax = start().await;
    let mut cdata = 0;
    for _ in 0..4 {
        let got = ask(&tax, &data(&taxpayer_row("2800000002"))).await.unwrap();
        cdata += usize::from(got.body.contains("<![CDATA[<DATA>"));
        assert_eq!(got.data().name, "DATA");
    }
    assert_eq!(cdata, 2);
    let one = Tax::start(TaxOptions { wrapping: Wrapping::Escaped, ..TaxOptions::default() }).await.unwrap();
    assert!(ask(&one, &data(&taxpayer_row("1"))).await.unwrap().body.contains("<return>&lt;DATA&gt;"));
}

#[tokio::test]
async fn each_namespace_is_answered_in_its_own() {
    let tax = start().await;
    let body = envelope(&security("simulated"), &data(&taxpayer_row("1")))
        .replace("http://gip.request.com/", "http://gip.com/");
    let got = send(tax.addr(), "POST", "/", &body).await.unwrap();
    assert!(got.body.contains("<xuLyTruyVanMsgResponse xmlns=\"http://gip.com/\">"), "{}", got.body);
}

#[tokio::test]
async fn the_ledger_has_single_and_several_rows_and_instalments() {
    let tax = start().await;
    ask(&tax, &slip(CODE)).await.unwrap();
    let row = ask(&tax, &data(&ledger_row(CODE, "038199000001"))).await.unwrap().row();
    let ledger = row.child("SOTHUE").unwrap();
    assert_eq!(ledger.value("TRANGTHAI"), Some("01"));
    let totals: Vec<_> = ledger.children.iter().filter(|child| child.name == "TONG_TIEN").collect();
    let rows =
        |place: usize| totals[place].children.iter().filter(|child| child.name == "ROW_SOTHUE").collect::<Vec<_>>();
    assert_eq!((totals.len(), rows(0).len(), rows(1).len()), (2, 1, 2));
    let differing: Vec<&str> = rows(1)[0]
        .children
        .iter()
        .zip(&rows(1)[1].children)
        .filter(|(one, other)| one != other)
        .map(|(one, _)| one.name.as_str())
        .collect();
    assert_eq!(differing, ["HAN_NOP"]);
    assert_eq!(rows(0)[0].value("SO_THUADAT"), Some("Thửa 35"));
}

#[tokio::test]
async fn what_is_paid_leaves_the_ledger() {
    let tax = start().await;
    let debt = Debt {
        dossier: CODE.into(),
        tax_code: "2800000002".into(),
        owner_number: "038199000001 (CCCD)".into(),
        owner_name: "Nguyễn Văn Mẫu".into(),
        decision: "LTB1".into(),
        decided_on: "2025-01-20".into(),
        item: "2801".into(),
        item_name: "Lệ phí trước bạ".into(),
        amount: 500_000,
        due: "2025-02-20".into(),
    };
    assert!(tax.owe(debt.clone()));
    let state = |row: &crate::net::xml::Node| row.child("SOTHUE").unwrap().value("TRANGTHAI").map(str::to_owned);
    let question = || data(&ledger_row(CODE, "038199000001"));
    assert_eq!(state(&ask(&tax, &question()).await.unwrap().row()).as_deref(), Some("01"), "junk behind the number");
    assert_eq!(tax.paid(CODE, "LTB1"), 1);
    assert_eq!(state(&ask(&tax, &question()).await.unwrap().row()).as_deref(), Some("02"));
    let unknown = data(&ledger_row("H56.14-250115-9999", "038199000001"));
    assert_eq!(state(&ask(&tax, &unknown).await.unwrap().row()).as_deref(), Some("03"));
}

#[tokio::test]
async fn a_message_that_breaks_a_rule_is_an_error_in_the_header() {
    let tax = start().await;
    let got = ask(&tax, &data("<TRUYVAN/><TYPE>00003</TYPE>")).await.unwrap();
    assert_eq!(got.data().child("HEADER").unwrap().value("ERROR_DESC"), Some("missing: MST"));
    let got = ask(&tax, "<DATA><HEADER>").await.unwrap();
    assert_eq!(got.data().child("HEADER").unwrap().value("ERROR_CODE"), Some("99"));
    assert_eq!(tax.report().tally.refusals["missing: MST"], 1);
}
