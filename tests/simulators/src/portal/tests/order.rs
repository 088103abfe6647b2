//! What the report says about order and repetition, over the wire.

use serde_json::{Value, json};

use super::super::WriteKind;
use super::client::{CODE, Client, dossier, step};

fn marked(seq: u64, status: &str) -> Value {
    dossier(json!({"ThongTinKhac": format!("lienthong-seq={seq}"), "TrangThaiHoSo": status}))
}

#[tokio::test]
async fn a_life_in_order_counts_nothing_wrong_and_is_kept_whole() {
    let client = Client::new().await;
    client.insert(marked(1, "2")).await.unwrap();
    client.steps(vec![step(json!({"NoiDungXuLy": "Chuyển hồ sơ [#2]"}))]).await.unwrap();
    client.update(marked(3, "4")).await.unwrap();
    // The outcome was unknown: the same bytes again.
    client.update(marked(3, "4")).await.unwrap();
    client.update(marked(4, "9")).await.unwrap();

    let stored = client.portal.report().stored;
    assert_eq!((stored.duplicated, stored.out_of_order, stored.unmarked), (0, 0, 0));
    assert_eq!((stored.inserts, stored.updates, stored.steps), (1, 3, 1));
    assert_eq!(stored.repeated_snapshots, 1);

    let history = client.portal.dossier(CODE).unwrap();
    let kinds: Vec<_> = history.writes.iter().map(|write| (write.kind, write.seq)).collect();
    assert_eq!(
        kinds,
        [
            (WriteKind::Insert, Some(1)),
            (WriteKind::Progress, Some(2)),
            (WriteKind::Update, Some(3)),
            (WriteKind::Update, Some(3)),
            (WriteKind::Update, Some(4)),
        ]
    );
    assert_eq!(history.status, 9);
    assert!(history.writes.windows(2).all(|w| w[0].serial < w[1].serial && w[0].at_ms <= w[1].at_ms));
    let summary = client.portal.last_sequences().remove(CODE).unwrap();
    assert_eq!((summary.last_snapshot, summary.steps), (Some(4), vec![2]));
}

#[tokio::test]
async fn a_repeated_step_and_an_old_snapshot_are_counted() {
    let client = Client::new().await;
    client.insert(marked(5, "4")).await.unwrap();
    for _ in 0..3 {
        client.steps(vec![step(json!({"NoiDungXuLy": "Thẩm định [#6]"}))]).await.unwrap();
    }
    client.update(marked(4, "2")).await.unwrap();
    let stored = client.portal.report().stored;
    assert_eq!((stored.duplicated, stored.out_of_order), (2, 1));
}

#[tokio::test]
async fn status_pushes_are_kept_and_accept_eleven() {
    let client = Client::new().await;
    let data = json!({
        "MaHoSo": "G02-250115-000001", "MaHoSoDonVi": CODE, "NoiDung": "Từ chối [#1]",
        "NgayXuLy": "20250115090000", "TrangThai": "11", "TaiLieuXuLy": [],
    });
    let push = json!({"type": "2", "data": data});
    assert!(client.call("DongBoTrangThaiHoSo", push).await.unwrap().succeeded());
    let history = client.portal.dossier(CODE).unwrap();
    assert_eq!((history.registered, history.writes[0].kind), (false, WriteKind::Status));
    assert!(client.insert(marked(2, "4")).await.unwrap().succeeded(), "not taken for existing");
}

#[tokio::test]
async fn codes_and_words_of_success_take_turns() {
    let client = Client::new().await;
    client.insert(marked(1, "4")).await.unwrap();
    let mut codes = std::collections::BTreeSet::new();
    let mut words = std::collections::BTreeSet::new();
    for _ in 0..18 {
        let got = client.update(marked(1, "4")).await.unwrap();
        assert!(got.succeeded());
        codes.insert(got.json()["error_code"].to_string());
        words.insert(got.message());
    }
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), ["\"0\"", "\"00\"", "0"]);
    assert_eq!(words.len(), 3);
}
