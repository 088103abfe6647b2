//! Reconciliation through the real program: lists in, differences out, only those sent, over a kill too.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use lienthong_simulators::portal::{FaultProfile, PortalOptions};
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, Gateway, PATIENCE, program};

/// How the province's list and the portal's are read, and how the portal is asked.
const RECONCILIATION: &str = r#"
name: portal-dossiers
summary: Dossiers of the one-stop platform against the portal.
operation: portal.sync-dossier
client: one-stop
fields:
  unit: /handling_unit
  procedure: /procedure_code
  status: /status
  day: /received_at
  due: /due_at
  returned: /returned_at
export:
  columns: [Mã hồ sơ, Mã TTHC, Đơn vị, Trạng thái, Ngày tiếp nhận, Ngày hẹn trả, Ngày trả]
  map: { file: row.vrl }
there:
  delimiter: ";"
  columns: [MaHoSo, TrangThai]
  map: { file: portal-row.vrl }
lookup: { operation: portal.find-dossier, field: code, exists: /exists, status: /status, per_second: RATE }
order:
  - [new]
  - [received]
  - [processing, supplement_required, payment_required]
  - [finished]
  - [returned, not_accepted, withdrawn, stopped]
"#;

const ROW: &str = r#"
statuses = { "2": "received", "4": "processing", "9": "finished", "10": "returned" }
status = get!(statuses, [string!(."Trạng thái")])
if status == null { abort "the status is not known" }
received = parse_date!("dd/MM/yyyy HH:mm:ss", string!(."Ngày tiếp nhận"))
due = parse_date("dd/MM/yyyy HH:mm:ss", string!(."Ngày hẹn trả")) ?? null
returned = parse_date("dd/MM/yyyy HH:mm:ss", string!(."Ngày trả")) ?? null
key = ."Mã hồ sơ"
body = {
  "code": key, "procedure_code": ."Mã TTHC", "handling_unit": ."Đơn vị", "status": status, "received_at": received,
  "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" },
}
if due != null { body.due_at = due }
if returned != null { body.returned_at = returned }
. = { "key": key, "body": body }
"#;

const PORTAL_ROW: &str = r#"
statuses = { "2": "received", "4": "processing", "9": "finished", "10": "returned" }
status = get!(statuses, [string!(.TrangThai)])
. = { "key": .MaHoSo, "body": {
  "procedure_code": .MaTTHC, "handling_unit": .DonVi, "status": status, "received_at": .NgayTiepNhan,
  "due_at": .NgayHenTra, "returned_at": .NgayTra,
} }
"#;

pub(crate) const HEAD: &str = "Mã hồ sơ,Mã TTHC,Đơn vị,Trạng thái,Ngày tiếp nhận,Ngày hẹn trả,Ngày trả";

pub(crate) async fn start(per_second: &str) -> (Bench, Gateway) {
    let bench = Bench::new(FaultProfile::None).await;
    bench.write_config();
    configure(&bench.config(), per_second);
    let gateway = bench.restart().await;
    (bench, gateway)
}

/// Writes the reconciliation of dossiers to a configuration.
pub(crate) fn configure(config: &Path, per_second: &str) {
    let folder = config.join("reconciliations");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("portal.yaml"), RECONCILIATION.replace("RATE", per_second)).unwrap();
    std::fs::write(folder.join("row.vrl"), ROW).unwrap();
    std::fs::write(folder.join("portal-row.vrl"), PORTAL_ROW).unwrap();
}

pub(crate) fn row(code: &str, status: u8) -> String {
    let returned = if status == 10 { "20/01/2026 09:00:00" } else { "" };
    format!("{code},1.000094,H56.14,{status},15/01/2026 08:00:00,20/01/2026 17:00:00,{returned}")
}

/// A list of the province.
pub(crate) fn list_of(rows: &[String]) -> String {
    format!("{HEAD}\n{}\n", rows.join("\n"))
}

fn list(bench: &Bench, name: &str, rows: &[String]) -> String {
    let path = bench.folder.path().join(name);
    std::fs::write(&path, list_of(rows)).unwrap();
    path.display().to_string()
}

/// What the command prints; JSON where it was asked for.
fn command(gateway: &Gateway, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(program());
    command.args(arguments).env("LIENTHONG_URL", &gateway.base).env("LIENTHONG_API_KEY", API_KEY);
    let ended = command.output().unwrap();
    let told = String::from_utf8(ended.stdout).unwrap() + &String::from_utf8_lossy(&ended.stderr);
    (ended.status.success(), told)
}

fn reconcile(gateway: &Gateway, arguments: &[&str]) -> Value {
    let all = [&["reconcile"][..], arguments, &["--json"]].concat();
    let (done, told) = command(gateway, &all);
    assert!(done, "{told}");
    serde_json::from_str(told.lines().last().unwrap_or_default()).unwrap_or_else(|_| panic!("{told}"))
}

const JANUARY: [&str; 4] = ["--from", "2026-01-01", "--to", "2026-01-31"];

fn compare(gateway: &Gateway, arguments: &[&str]) -> Value {
    reconcile(gateway, &[&["run", "portal-dossiers"][..], arguments, &JANUARY].concat())
}

async fn differences(gateway: &Gateway, run: &Value) -> Vec<Value> {
    let id = run["id"].as_str().unwrap();
    let (status, page) = gateway.get(&format!("/v1/reconciliations/{id}/differences")).await;
    assert_eq!(status, 200, "{page}");
    page["differences"].as_array().unwrap().clone()
}

/// Another channel tells the portal of a dossier.
pub(crate) async fn elsewhere(bench: &Bench, code: &str, status: &str) {
    let (http, base, options) = (crate::harness::http(), bench.portal.base_url(), PortalOptions::default());
    let login = json!({ "username": options.username, "password": options.password });
    let session: Value =
        http.post(format!("{base}/mapi/login")).json(&login).send().await.unwrap().json().await.unwrap();
    let dossier = json!({
        "MaHoSo": code, "MaTTHC": "1.000094", "TenTTHC": "", "MaLinhVuc": "", "TenLinhVuc": "", "ChuHoSo": "NGUYỄN VĂN MẪU",
        "LoaiDoiTuong": "1", "NgayTiepNhan": "20260115080000", "TrangThaiHoSo": status, "KenhThucHien": "1", "HinhThuc": "0",
    });
    let call = json!({
        "session": session["session"], "madonvi": options.organisation, "service": "DongBoHoSoMC", "isUpdating": "False",
        "data": [dossier],
    });
    let answer = http.post(format!("{base}/mapi/g")).json(&call).send().await.unwrap().text().await.unwrap();
    assert!(bench.portal.dossier(code).is_some(), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_says_9_and_the_desk_4_and_the_desk_says_10_and_the_portal_knows_nothing() {
    let (bench, gateway) = start("50").await;
    let (ahead, lost, equal) = ("H56.14-260115-0001", "H56.14-260115-0002", "H56.14-260115-0003");
    elsewhere(&bench, ahead, "9").await;
    elsewhere(&bench, equal, "4").await;
    let path = list(&bench, "january.csv", &[row(ahead, 4), row(lost, 10), row(equal, 4)]);

    let run = compare(&gateway, &["--export", &path]);
    let counts = &run["counts"];
    let of = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!(
        (of("keys"), of("equal"), of("status"), of("missing_there"), of("newer_there")),
        (3, 1, 1, 1, 1),
        "{run}"
    );
    let found = differences(&gateway, &run).await;
    let told: Vec<(&str, &str, &str, &str)> = found
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap();
            (text("key"), text("newer"), text("why"), text("who_must_act"))
        })
        .collect();
    assert_eq!(
        told,
        [(ahead, "there", "newer_there", "source_system"), (lost, "here", "never_handed_over", "source_system")]
    );
    assert_eq!((&found[0]["here"]["status"], &found[0]["there"]["status"]), (&json!("processing"), &json!("finished")));
    assert!(!found.iter().any(|one| one.to_string().contains("NGUYỄN")), "no person is shown");

    // Without a reason nothing goes; with one only what is not newer there.
    let id = run["id"].as_str().unwrap().to_owned();
    let (status, problem) = gateway.post(&format!("/v1/reconciliations/{id}/send"), &json!({})).await;
    assert_eq!((status, problem["code"].as_str()), (400, Some("LT-REASON-MISSING")), "{problem}");
    let reason = ["--reason", "Cổng chưa có"];
    let sent = reconcile(&gateway, &[&["send", &id, "--all"][..], &reason].concat());
    assert_eq!((&sent["sendings"][0]["sent"], &sent["sendings"][0]["not_sent"]), (&json!(1), &json!(1)), "{sent}");
    gateway.settle().await;
    assert_eq!(bench.portal.dossier(lost).unwrap().status, 10);
    assert_eq!(bench.portal.dossier(ahead).unwrap().status, 9, "a newer state is not overwritten");
    let found = differences(&gateway, &run).await;
    assert!(found[0]["not_sent"].as_str().unwrap().contains("a person confirms"), "{found:?}");
    let first = found[1]["sent_as"].as_str().unwrap().to_owned();

    // Twice sends once.
    reconcile(&gateway, &[&["send", &id, "--all"][..], &reason].concat());
    gateway.settle().await;
    assert_eq!(differences(&gateway, &run).await[1]["sent_as"], json!(first));
    assert_eq!(bench.portal.dossier(lost).unwrap().writes.len(), 1);

    // A person says so, and the desk's state stands.
    reconcile(&gateway, &["send", &id, "--places", "0", "--reason", "Mở lại hồ sơ", "--confirm"]);
    gateway.settle().await;
    assert_eq!(bench.portal.dossier(ahead).unwrap().status, 4);
    let again = compare(&gateway, &["--export", &path]);
    assert_eq!((&again["counts"]["equal"], &again["counts"]["different"]), (&json!(3), &json!(0)), "{again}");
    let (_, acts) = gateway.get("/v1/acts?kind=reconciliation&limit=50").await;
    let verbs: Vec<&str> = acts["acts"].as_array().unwrap().iter().map(|act| act["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs.iter().filter(|verb| **verb == "sent").count(), 3, "{verbs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_of_the_month_the_counts_equal_the_portals_export() {
    let (bench, gateway) = start("50").await;
    let code = |number: u32| format!("H56.{}-260115-{number:04}", 14 + number % 3);
    let status = |number: u32| [2, 4, 9, 10][usize::try_from(number % 4).unwrap()];
    let unit_row =
        |number: u32| row(&code(number), status(number)).replace(",H56.14,", &format!(",H56.{},", 14 + number % 3));
    let mut here: Vec<String> = (0..3_000).map(unit_row).collect();
    // The platform's export repeats a row, and has one that nobody can read.
    here.push(here[7].clone());
    here.push("H56.14-260115-9999,1.000094,H56.14,99,15/01/2026 08:00:00,,".to_owned());
    let there: Vec<String> = (0..3_000)
        .map(|number| {
            let returned = if status(number) == 10 { "2026-01-20" } else { "" };
            let unit = 14 + number % 3;
            format!("{};1.000094;H56.{unit};{};2026-01-15;2026-01-20;{returned}", code(number), status(number))
        })
        .collect();
    let path = list(&bench, "january.csv", &here);
    let portal = bench.folder.path().join("portal.csv");
    let head = "MaHoSo;MaTTHC;DonVi;TrangThai;NgayTiepNhan;NgayHenTra;NgayTra";
    std::fs::write(&portal, format!("{head}\n{}\n", there.join("\n"))).unwrap();
    let portal = portal.display().to_string();

    let run = compare(&gateway, &["--export", &path, "--there", &portal]);
    let counts = &run["counts"];
    assert_eq!(
        (&counts["equal"], &counts["different"], &counts["repeated"]),
        (&json!(3_000), &json!(0), &json!(1)),
        "{run}"
    );
    assert_eq!((&run["here"]["refused"], &run["here"]["problems"][0]["line"]), (&json!(1), &json!(3_003)), "{run}");
    let id = run["id"].as_str().unwrap();
    let (_, totals) = gateway.get(&format!("/v1/reconciliations/{id}/totals")).await;
    let totals = totals["totals"].as_array().unwrap();
    assert_eq!(totals.len(), 12, "three units, four statuses, one day");
    assert!(totals.iter().all(|cell| cell["here"] == cell["there"] && cell["here"] == 250), "{totals:?}");
    let (_, sheet) = command(&gateway, &["reconcile", "totals", id, "--csv"]);
    assert_eq!(sheet.trim_end().lines().count(), 13, "{sheet}");

    // The portal lacks one, has one too many, and shows another due date.
    let mut seeded = there.clone();
    seeded[1] = seeded[1].replace(";2026-01-20;", ";2026-01-22;");
    seeded[2] = seeded[2].replace("-0002;", "-8888;");
    std::fs::write(&portal, format!("{head}\n{}\n", seeded.join("\n"))).unwrap();
    let run = compare(&gateway, &["--export", &path, "--there", &portal]);
    let of = |name: &str| run["counts"][name].as_u64().unwrap();
    assert_eq!((of("missing_there"), of("missing_here"), of("due"), of("different")), (1, 1, 1, 3), "{run}");
    let id = run["id"].as_str().unwrap();
    let (_, sheet) = command(&gateway, &["reconcile", "differences", id, "--csv"]);
    assert_eq!(sheet.trim_end().lines().count(), 4, "{sheet}");
    let (_, only) = gateway.get(&format!("/v1/reconciliations/{id}/differences?aspect=missing_here")).await;
    assert_eq!(only["differences"][0]["why"], "not_in_the_list", "{only}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_goes_on_after_a_kill_and_finds_what_it_would_have_found() {
    let (bench, gateway) = start("40").await;
    for number in 0..10 {
        elsewhere(&bench, &format!("H56.14-260115-{number:04}"), "4").await;
    }
    let rows: Vec<String> = (0..450).map(|number| row(&format!("H56.14-260115-{number:04}"), 4)).collect();
    let path = list(&bench, "january.csv", &rows);
    let begun = compare(&gateway, &["--export", &path, "--detach"]);
    let id = begun["id"].as_str().unwrap().to_owned();
    until(&gateway, &id, |run| run["compared"].as_u64().unwrap() >= 1).await;
    gateway.kill();
    let gateway = bench.restart().await;
    let run = until(&gateway, &id, |run| run["state"] != "comparing").await;
    let counts = &run["counts"];
    let told = (&run["state"], &counts["keys"], &counts["equal"], &counts["missing_there"]);
    assert_eq!(told, (&json!("done"), &json!(450), &json!(10), &json!(440)), "{run}");
}

pub(crate) async fn until(gateway: &Gateway, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (status, run) = gateway.get(&format!("/v1/reconciliations/{id}")).await;
        assert_eq!(status, 200, "{run}");
        if wanted(&run) {
            return run;
        }
        assert!(Instant::now() < deadline, "{run}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_cannot_be_read_say_why_and_compare_nothing() {
    let (bench, gateway) = start("50").await;
    let path = bench.folder.path().join("wrong.csv");
    std::fs::write(&path, "Mã hồ sơ,Trạng thái\nH56.14-260115-0001,4\n").unwrap();
    let (done, told) =
        command(&gateway, &["reconcile", "run", "portal-dossiers", "--export", &path.display().to_string()]);
    assert!(!done && told.contains("no column `Mã TTHC`"), "{told}");
    // Bytes of TCVN3 where UTF-8 was declared.
    std::fs::write(&path, b"M\xb7 h\xe5 s\xac,Tr\xb9ng th\xb8i\nH56.14-260115-0001,4\n").unwrap();
    let (done, told) =
        command(&gateway, &["reconcile", "run", "portal-dossiers", "--export", &path.display().to_string()]);
    assert!(!done && told.contains("is not UTF-8"), "{told}");
    let (done, told) =
        command(&gateway, &["reconcile", "run", "nothing-such", "--export", &path.display().to_string()]);
    assert!(!done && told.contains("LT-NO-SUCH-RECORD"), "{told}");
}
