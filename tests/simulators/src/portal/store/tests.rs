//! What the store counts: repetition, order, and its bounds.

use serde_json::{Value, json};

use super::*;

const CODE: &str = "H56.14-250115-0007";

fn store() -> Store {
    Store::new(Limits::default())
}

fn snapshot(seq: u64, status: &str) -> Value {
    json!({"MaHoSo": CODE, "TrangThaiHoSo": status, "ThongTinKhac": format!("lienthong-seq={seq}")})
}

fn step(seq: u64, who: &str) -> Value {
    json!({"MaHoSo": CODE, "NguoiXuLy": who, "NoiDungXuLy": format!("Thẩm định [#{seq}]")})
}

fn put(store: &mut Store, kind: WriteKind, content: &Value) {
    store.accept(&Accepted { code: CODE, kind, status: 4, content }, 1);
}

#[test]
fn the_same_snapshot_again_is_neither_duplicate_nor_disorder() {
    let mut store = store();
    put(&mut store, WriteKind::Insert, &snapshot(1, "2"));
    put(&mut store, WriteKind::Update, &snapshot(2, "4"));
    put(&mut store, WriteKind::Update, &snapshot(2, "4"));
    let totals = store.totals();
    assert_eq!((totals.duplicated, totals.out_of_order), (0, 0));
    assert_eq!(totals.repeated_snapshots, 1);
    assert_eq!((totals.inserts, totals.updates, totals.dossiers), (1, 2, 1));
}

#[test]
fn an_older_write_after_a_newer_one_is_out_of_order_each_time() {
    let mut store = store();
    for seq in [1, 5, 3, 4, 5, 6] {
        put(&mut store, WriteKind::Update, &snapshot(seq, "4"));
    }
    assert_eq!(store.totals().out_of_order, 2);
    let summary = store.sequences().remove(CODE).unwrap();
    assert_eq!(summary.snapshots, [1, 5, 3, 4, 5, 6]);
    assert_eq!((summary.highest, summary.last_snapshot, summary.out_of_order), (Some(6), Some(6), 2));
}

#[test]
fn order_counts_across_snapshots_and_steps() {
    let mut store = store();
    put(&mut store, WriteKind::Insert, &snapshot(1, "2"));
    put(&mut store, WriteKind::Progress, &step(3, "A"));
    put(&mut store, WriteKind::Update, &snapshot(2, "4"));
    assert_eq!(store.totals().out_of_order, 1);
}

#[test]
fn the_same_step_twice_is_duplicated_even_with_its_fields_in_another_order() {
    let mut store = store();
    put(&mut store, WriteKind::Progress, &step(1, "A"));
    put(&mut store, WriteKind::Progress, &step(2, "A"));
    assert_eq!(store.totals().duplicated, 0);
    let again: Value =
        serde_json::from_str(r#"{"NoiDungXuLy":"Thẩm định [#2]","NguoiXuLy":"A","MaHoSo":"H56.14-250115-0007"}"#)
            .unwrap();
    put(&mut store, WriteKind::Progress, &again);
    assert_eq!(store.totals().duplicated, 1);
    assert_eq!(store.sequences()[CODE].duplicated, 1);
}

#[test]
fn a_status_push_alone_does_not_make_a_dossier() {
    let mut store = store();
    put(&mut store, WriteKind::Status, &json!({"NoiDung": "Đã tiếp nhận [#1]"}));
    assert_eq!(store.knows(CODE), Known::No);
    assert_eq!(store.totals().dossiers, 0);
    assert_eq!(store.sequences()[CODE].statuses, [1]);
}

#[test]
fn past_its_bounds_the_store_keeps_counting_and_says_so() {
    let limits = Limits { writes: 2, dossiers: 1, ..Limits::default() };
    let mut store = Store::new(limits);
    put(&mut store, WriteKind::Insert, &snapshot(1, "2"));
    put(&mut store, WriteKind::Update, &snapshot(2, "4"));
    assert!(!store.totals().history_capped);
    put(&mut store, WriteKind::Update, &snapshot(3, "4"));
    assert!(store.totals().history_capped);
    assert_eq!(store.totals().updates, 2);
    assert_eq!(store.history(CODE).unwrap().writes.len(), 2);
    assert_eq!(store.knows("H56.14-250115-0008"), Known::Unsure);
}
