//! Files by link: right, too long, elsewhere, missing, broken.

use super::super::{FileKind, HUGE_BYTES, bytes_of};
use super::client::{get, send_up_to, start};

#[tokio::test]
async fn an_ordinary_file_is_the_same_each_time() {
    let land = start().await;
    let got = get(&land, &format!("/qlhs{}", land.link(FileKind::Whole, "gcn.pdf"))).await;
    assert_eq!((got.status, got.body.as_slice()), (200, bytes_of("gcn.pdf").as_ref()));
    assert!(got.head.contains("content-type: application/pdf"));
}

#[tokio::test]
async fn four_gibibytes_are_sent_as_they_are_read() {
    let land = start().await;
    let told = send_up_to(land.addr(), ("GET", "/files/huge/a.pdf"), "", b"", 300_000).await.unwrap();
    assert!(told.head.contains(&format!("content-length: {HUGE_BYTES}")), "{}", told.head);
    assert!(told.body.starts_with(b"%PDF-1.4\n"));
    let untold = send_up_to(land.addr(), ("GET", "/files/endless/a.pdf"), "", b"", 300_000).await.unwrap();
    assert!(untold.head.contains("transfer-encoding: chunked") && !untold.head.contains("content-length"));
}

#[tokio::test]
async fn links_that_lead_to_no_file_each_do_so_in_their_way() {
    let land = start().await;
    let got = async |kind: FileKind| get(&land, &land.link(kind, "a.pdf")).await;
    let moved = got(FileKind::Moved).await;
    assert_eq!(moved.status, 302);
    assert!(moved.head.contains("location: http://files.elsewhere.example/files/a.pdf"));
    assert_eq!(got(FileKind::Missing).await.status, 404);
    let page = got(FileKind::Page).await;
    assert_eq!(page.status, 200);
    assert!(page.body.starts_with(b"<!DOCTYPE html>"));
    assert!(got(FileKind::Empty).await.body.is_empty());
    let cut = got(FileKind::Cut).await;
    let whole = bytes_of("a.pdf");
    assert!(cut.head.contains(&format!("content-length: {}", whole.len())));
    assert!(cut.body.len() < whole.len(), "{} of {}", cut.body.len(), whole.len());
    assert_eq!(land.link(FileKind::OtherHost, "a.pdf"), "http://files.elsewhere.example/files/a.pdf");
}
