//! Backup while traffic goes on, and what it restores to; large bodies, their files, and what retention makes of them.

use lienthong_core::ContentType;
use tempfile::tempdir;

use super::*;
use crate::contract::make::{Draft, draft};
use crate::sqlite::{Deed, Hooks, Point};
use crate::{BodyInput, ExchangeFilter, JournalError, Retention};

fn large(key: &str, byte: u8) -> Draft {
    let body = BodyInput::New { content_type: ContentType::Binary, bytes: vec![byte; 100_000].into() };
    draft(key).unwrap().with(|acceptance| acceptance.body = body)
}

fn files(folder: &Path) -> usize {
    let shelves = std::fs::read_dir(folder.join("bodies")).unwrap();
    shelves.map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_opens_as_a_journal_that_holds_what_was_acknowledged_before() {
    let folder = tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy"));
    let first = desk(options(&home));
    let mut before = Vec::new();
    for number in 0..200_u8 {
        let draft = if number % 20 == 0 { large(&format!("K-{number}"), number) } else { draft("K").unwrap() };
        first.accept(&draft).await.unwrap();
        before.push(draft);
    }
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let traffic = tokio::spawn({
        let (desk, stop) = (first.clone(), Arc::clone(&stop));
        async move {
            let mut count = 0;
            while !stop.load(Ordering::Relaxed) {
                desk.accept(&draft("L").unwrap()).await.unwrap();
                count += 1;
            }
            count
        }
    });
    let told = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let progress = {
        let told = Arc::clone(&told);
        Arc::new(move |done, all| told.lock().push((done, all)))
    };
    first.0.backup(&copy, progress).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    assert!(traffic.await.unwrap() > 0);
    let last = told.lock().last().copied().unwrap();
    assert_eq!(last.0, last.1, "progress ends at all of it");
    assert!(
        matches!(first.0.backup(&copy, Arc::new(|_, _| {})).await, Err(JournalError::Storage(_))),
        "never over another"
    );

    let restored = desk(options(&copy));
    for draft in &before {
        let record = restored.0.exchange(draft.id()).await.unwrap().unwrap();
        assert_eq!(record.meta.as_ref(), &draft.0.exchange);
        let bytes = restored.0.body(record.body).await.unwrap().unwrap();
        assert!(matches!(&draft.0.body, BodyInput::New { bytes: sent, .. } if *sent == bytes));
    }
    let head = restored.see(before[0].delivery(0)).await.unwrap();
    assert!(head.delivery.is_head);
    restored.deliver(before[0].delivery(0)).await.unwrap();
    let seqs: Vec<_> = restored.0.events(0, 100_000).await.unwrap().iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    restored.0.close().await;
    first.0.close().await;
}

#[tokio::test]
async fn files_left_by_a_crash_are_swept_and_those_named_are_kept() {
    let folder = tempdir().unwrap();
    let (home, left) = (folder.path().join("home"), folder.path().join("left"));
    let (from, to) = (home.clone(), left.clone());
    let died = std::sync::atomic::AtomicU32::new(0);
    // The second large body reaches its file; the process dies before the transaction that names it.
    let hooks = Hooks::new(move |point| {
        if point == Point::AfterBody && died.fetch_add(1, Ordering::SeqCst) == 1 {
            copy_as_it_is(&from, &to);
            return Deed::Die;
        }
        Deed::Go
    });
    let first = desk(SqliteOptions { hooks, ..options(&home) });
    let (kept, lost) = (large("A", 1), large("B", 2));
    first.accept(&kept).await.unwrap();
    assert!(first.0.commit(vec![lost.command()]).await.is_err());
    drop(first);
    let shelf = left.join("bodies").join("ff");
    std::fs::create_dir_all(&shelf).unwrap();
    std::fs::write(shelf.join("half.new"), b"half").unwrap();
    assert_eq!(files(&home), 2);
    let again = desk(options(&left));
    assert_eq!(files(&left), 1);
    let head = again.see(kept.delivery(0)).await.unwrap();
    assert_eq!(again.0.body(head.body_id).await.unwrap().unwrap().len(), 100_000);
    assert!(again.0.exchange(lost.id()).await.unwrap().is_none());
    again.0.close().await;
}

#[tokio::test]
async fn the_same_large_content_is_one_file_and_goes_with_its_last_exchange() {
    let folder = tempdir().unwrap();
    let desk = desk(options(folder.path()));
    let (first, second) = (large("A", 7), large("B", 7));
    let retention =
        Retention { bodies: Duration::ZERO, exchanges: Duration::ZERO, events: Duration::ZERO, step_rows: 10 };
    for draft in [&first, &second] {
        desk.accept(draft).await.unwrap();
    }
    assert_eq!(files(folder.path()), 1);
    for (draft, left) in [(&first, 1), (&second, 0)] {
        desk.deliver(draft.delivery(0)).await.unwrap();
        while !desk.0.retain(retention, make::at(100)).await.unwrap().done {}
        assert_eq!(files(folder.path()), left);
    }
    assert!(desk.0.exchanges(ExchangeFilter::default(), None, 10).await.unwrap().rows.is_empty());
    desk.0.close().await;
}

#[tokio::test]
async fn retention_rests_while_a_backup_is_made() {
    let folder = tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy"));
    let first = desk(options(&home));
    let draft = large("A", 3);
    first.accept(&draft).await.unwrap();
    first.deliver(draft.delivery(0)).await.unwrap();
    let retention =
        Retention { bodies: Duration::ZERO, exchanges: Duration::ZERO, events: Duration::ZERO, step_rows: 10 };
    let (started, begun) = std::sync::mpsc::sync_channel::<()>(0);
    let (let_go, held) = std::sync::mpsc::sync_channel::<()>(0);
    let held = parking_lot::Mutex::new(Some((started, held)));
    let progress = Arc::new(move |_, _| {
        if let Some((started, held)) = held.lock().take() {
            started.send(()).unwrap();
            held.recv().unwrap();
        }
    });
    let backup = tokio::spawn({
        let (desk, copy) = (first.clone(), copy.clone());
        async move { desk.0.backup(&copy, progress).await }
    });
    tokio::task::spawn_blocking(move || begun.recv().unwrap()).await.unwrap();
    let step = first.0.retain(retention, make::at(100)).await.unwrap();
    assert_eq!((step.done, step.bodies), (true, 0));
    let_go.send(()).unwrap();
    backup.await.unwrap().unwrap();
    assert_eq!((files(&home), files(&copy)), (1, 1));
    while !first.0.retain(retention, make::at(100)).await.unwrap().done {}
    assert_eq!((files(&home), files(&copy)), (0, 1));
    first.0.close().await;
}
