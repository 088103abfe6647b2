//! `lienthong simulate land`: the office as a program of its own, told over its control side what it does.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::harness::{http, program};

/// Ends with the test.
struct Office(Child);

impl Drop for Office {
    fn drop(&mut self) {
        let _gone_is_fine = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulated_office_runs_by_itself_and_takes_commands() {
    let mut command = Command::new(program());
    command.args(["simulate", "land", "--listen", "127.0.0.1:0", "--json", "--by-hand", "--officer", "canbo77"]);
    let mut office = Office(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(office.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    let base = told["url"].as_str().unwrap();
    let body = json!({ "SoBienNhan": "H56.14-260115-0401", "NgayTra": "2026-02-12T02:00:00Z" });
    let answer = http().post(format!("{base}/api/capnhattrangthaitraketquahoso")).json(&body).send().await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(answer["status"]["message"], "Không tìm thấy hồ sơ H56.14-260115-0401");
    let officers = http().get(format!("{base}/_sim/officers")).send().await.unwrap().bytes().await.unwrap();
    assert!(String::from_utf8_lossy(&officers).contains("canbo77"));
    let report = http().get(format!("{base}/_sim/report")).send().await.unwrap().bytes().await.unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!((&report["dialect"], &report["totals"]["out_of_order"]), (&json!("vbdlis"), &json!(1)), "{report}");
}
