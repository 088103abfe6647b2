//! Every 202 follows a completed sync of its commit, seen from outside by tracing the process's system calls.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use lienthong_simulators::portal::FaultProfile;
use serde_json::json;

use crate::harness::{Bench, Gateway, PATIENCE, program};

#[tokio::test(flavor = "multi_thread")]
async fn every_202_follows_a_completed_sync_of_its_commit() {
    let bench = Bench::new(FaultProfile::None).await;
    bench.write_config();
    let trace = bench.folder.path().join("trace");
    let mut command = Command::new("strace");
    let calls = "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg";
    // `-D`: the tracer steps aside, so that the process we start, signal and wait for is the gateway itself.
    command
        .args(["-D", "-f", "-y", "-s", "256", "-ttt", "-e", calls, "-e", "signal=none", "-o"])
        .arg(&trace)
        .arg(program());
    let gateway = Gateway::start_with(command, &bench.config(), bench.folder.path()).await;
    // Nothing is sent, so that the log is written for acceptances only.
    let (paused, answer) = gateway.post("/v1/systems/portal/pause", &json!({ "reason": "traced run" })).await;
    assert_eq!(paused, 200, "{answer}");
    let mut ids = HashSet::new();
    for number in 0..25 {
        let code = format!("H56.14-260116-{number:04}");
        let body = json!({ "code": code, "steps": [{ "officer": "Mẫu", "at": "2026-01-16T08:30:00+07:00", "status": "received" }] });
        let envelope = json!({ "operation": "portal.sync-progress", "key": code, "body": body });
        let (status, answer) = gateway.submit(&code, &envelope).await;
        assert_eq!(status, 202, "{answer}");
        ids.insert(answer["id"].as_str().unwrap().to_owned());
    }
    let process = gateway.pid();
    assert_eq!(gateway.terminate(), 0);
    let seen = follow(&whole(&trace, process).await);
    assert_eq!(seen, ids, "every acknowledgement was seen on the wire after its sync");
}

/// The trace once the tracer has seen the process end.
async fn whole(trace: &Path, process: u32) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(trace).unwrap_or_default();
        let ended = |line: &str| line.starts_with(&format!("{process} ")) && line.contains("+++ exited");
        if text.lines().any(ended) {
            return text;
        }
        assert!(Instant::now() < deadline, "the tracer did not see the gateway end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Reads the trace in order. Each acknowledgement must come after a write to the log since the one before it, and after the
/// completion of a sync begun after the last such write.
fn follow(trace: &str) -> HashSet<String> {
    let mut acknowledged = HashSet::new();
    let mut log = Log::default();
    for line in trace.lines() {
        log.see(line);
        if let Some(id) = acknowledgement(line) {
            assert!(log.written, "nothing was committed for it: {line}");
            assert!(!log.unsynced, "acknowledged before its commit was synced: {line}");
            assert!(acknowledged.insert(id), "acknowledged twice: {line}");
            log.written = false;
        }
    }
    acknowledged
}

/// The write-ahead log as the system calls show it.
#[derive(Default)]
struct Log {
    /// Written since the last acknowledgement.
    written: bool,
    /// Written since the last completed sync.
    unsynced: bool,
    /// Threads whose sync has begun; false once the log was written meanwhile.
    syncing: HashMap<String, bool>,
}

impl Log {
    fn see(&mut self, line: &str) {
        let thread = line.split_whitespace().next().unwrap_or_default().to_owned();
        let ours = line.contains("-wal>");
        let syncs = line.contains("fsync(") || line.contains("fdatasync(");
        if ours && line.contains("pwrite64(") {
            self.written = true;
            self.unsynced = true;
            self.syncing.values_mut().for_each(|covers_all| *covers_all = false);
        } else if ours && syncs && line.contains("<unfinished") {
            self.syncing.insert(thread, true);
        } else if ours && syncs {
            assert!(line.contains("= 0"), "a sync failed: {line}");
            self.unsynced = false;
        } else if line.contains("sync resumed>")
            && let Some(covers_all) = self.syncing.remove(&thread)
        {
            assert!(line.contains("= 0"), "a sync failed: {line}");
            self.unsynced &= !covers_all;
        }
    }
}

/// The exchange named in the `Location` header of a 202 leaving the process.
fn acknowledgement(line: &str) -> Option<String> {
    let sent =
        line.contains("sendto(") || line.contains("writev(") || line.contains("sendmsg(") || line.contains(" write(");
    let (_, rest) = line.split_once("HTTP/1.1 202").filter(|_| sent)?;
    let (_, rest) = rest.split_once("/v1/exchanges/")?;
    Some(rest.chars().take(36).collect())
}

#[test]
fn the_reader_of_traces_tells_a_late_sync() {
    let wrote = "7 1.0 pwrite64(9</j/journal.db-wal>, \"x\", 1, 0) = 1";
    let synced = "7 1.1 fdatasync(9</j/journal.db-wal>) = 0";
    let told = "8 1.2 writev(5<socket:[1]>, [{iov_base=\"HTTP/1.1 202 Accepted\\r\\nlocation: /v1/exchanges/01890000-0000-7000-8000-000000000001\"}], 1) = 9";
    assert_eq!(follow(&[wrote, synced, told].join("\n")).len(), 1);
    let early = std::panic::catch_unwind(|| follow(&[wrote, told, synced].join("\n")));
    assert!(early.is_err());
    let overtaken =
        ["7 1.0 fdatasync(9</j/journal.db-wal> <unfinished ...>", wrote, "7 1.1 <... fdatasync resumed>) = 0", told];
    assert!(std::panic::catch_unwind(|| follow(&overtaken.join("\n"))).is_err());
}
