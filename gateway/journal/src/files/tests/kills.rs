//! A process killed at random instants while it stores files: whatever is visible is whole, and whatever was told of is there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use sha2::{Digest as _, Sha256};

use super::*;

/// Names the folder to the process that is to be killed.
const FOLDER: &str = "LIENTHONG_TEST_FILES";
const ROUNDS: usize = 8;

/// Not a test by itself: what the other one starts, in a process of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test that kills it"]
async fn stores_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let files = FileFolder::new(FileOptions::new(folder, Arc::new(Moved::default())));
    files.prepare().await.unwrap();
    let mut seed = u64::from(std::process::id());
    loop {
        let mut writer = files.begin().await.unwrap();
        for _ in 0..(seed % 7) {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let size = usize::try_from(seed % 300_000).unwrap();
            writer.write(&vec![seed.to_le_bytes()[7]; size]).await.unwrap();
        }
        seed = seed.wrapping_add(1);
        let stored = writer.finish().await.unwrap();
        println!("stored {}", stored.sha256);
        std::io::stdout().flush().unwrap();
    }
}

/// Starts it, reads what it tells until it has told `count`, kills it; what it told.
fn killed_after(folder: &Path, count: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["files::tests::kills::stores_until_it_is_killed", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = lines.filter_map(|line| line.unwrap().split_once("stored ").map(|(_, name)| name.to_owned()));
    let mut known: Vec<String> = told.by_ref().take(count).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    known.extend(told.filter(|name| name.len() == 64));
    known
}

#[tokio::test]
async fn a_process_killed_while_it_writes_leaves_no_half_file_visible_and_loses_none_it_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let mut known = Vec::new();
    for round in 0..ROUNDS {
        known.extend(killed_after(folder.path(), 1 + round * 3));
        for (name, size) in list(folder.path()).unwrap() {
            let content = fs::read(path_in(&folder_in(folder.path()), &name)).unwrap();
            assert_eq!(FileName::of(Sha256::digest(&content).into()), name, "every visible file is what it is called");
            assert_eq!(content.len() as u64, size);
        }
    }
    let files = FileFolder::new(FileOptions::new(folder.path(), Arc::new(Moved::default())));
    files.prepare().await.unwrap();
    assert!(known.len() >= ROUNDS);
    for name in &known {
        assert!(files.has(name).await.unwrap(), "{name} was told of");
    }
    assert_eq!(fs::read_dir(folder.path().join("files/new")).unwrap().count(), 0);
}
