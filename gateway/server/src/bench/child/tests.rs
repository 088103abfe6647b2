//! Children that listen, die, or stay silent, played by the shell. No child outlives its test.

use super::*;

fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    command
}

fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok()
}

#[test]
fn the_address_is_found_however_it_is_said() {
    let at = |line: &str| address_in(line).map(|address| address.to_string());
    assert_eq!(at("listening on http://127.0.0.1:4242").as_deref(), Some("127.0.0.1:4242"));
    assert_eq!(at(r#"{"address":"http://127.0.0.1:4242","ready":true}"#).as_deref(), Some("127.0.0.1:4242"));
    assert_eq!(at("gateway listens address=127.0.0.1:4242.").as_deref(), Some("127.0.0.1:4242"));
    assert_eq!(at("http://[::1]:4242/").as_deref(), Some("[::1]:4242"));
    assert_eq!(at("listen 127.0.0.1:0, not there yet"), None);
    assert_eq!(at("resolver 192.0.2.1:53"), None);
}

#[tokio::test]
async fn a_child_that_listens_is_measured_and_killed_when_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let child = Child::start("shell", shell("echo at http://127.0.0.1:4242; exec sleep 600"), &log).await.unwrap();
    assert_eq!(child.address().port(), 4242);
    let memory = child.memory().unwrap();
    assert!(memory.resident > 0.0 && memory.resident <= memory.peak);
    assert!(child.cpu_seconds().unwrap() >= 0.0);
    assert!(child.last_words().contains("127.0.0.1:4242"));
    let pid = child.process.id();
    assert!(is_alive(pid));
    drop(child);
    assert!(!is_alive(pid));
}

#[tokio::test]
async fn a_child_that_is_killed_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let child =
        Child::start("shell", shell("echo 127.0.0.1:1; exec sleep 600"), &folder.path().join("log")).await.unwrap();
    let pid = child.process.id();
    child.kill().unwrap();
    assert!(!is_alive(pid));
}

#[tokio::test]
async fn a_child_that_ends_early_is_an_error_that_shows_why() {
    let folder = tempfile::tempdir().unwrap();
    let script = "echo 'no such configuration' >&2; exit 78";
    let error = Child::start("gateway", shell(script), &folder.path().join("log")).await.err().unwrap().to_string();
    assert!(error.contains("gateway ended") && error.contains("no such configuration"), "{error}");
}

#[tokio::test]
async fn a_start_that_is_given_up_leaves_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("pid");
    let script = format!("echo $$ > {}; exec sleep 600", mark.display());
    let log = folder.path().join("log");
    let starting = tokio::spawn(async move { Child::start("shell", shell(&script), &log).await.map(drop) });
    let pid: u32 = loop {
        match std::fs::read_to_string(&mark).ok().and_then(|text| text.trim().parse().ok()) {
            Some(pid) => break pid,
            None => tokio::task::yield_now().await,
        }
    };
    starting.abort();
    assert!(starting.await.err().unwrap().is_cancelled());
    assert!(!is_alive(pid));
}
