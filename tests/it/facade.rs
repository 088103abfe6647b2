//! Today's one-stop platforms, driven as they are: the same paths, tokens, bodies and readings of answers, with the gateway behind their base URL.

use std::path::Path;
use std::time::{Duration, Instant};

use lienthong_server::config::KeyHash;
use lienthong_simulators::portal::{Fault, FaultProfile, Portal, PortalOptions, WriteKind};
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, Gateway, PATIENCE};

mod citizens;
mod platform;

use platform::{AxisPlatform, LgspPlatform};

const TOKEN: &str = "the-static-token-the-platform-has-always-sent";
/// Where nothing is relayed to, and citizens are looked up instead.
const NO_OLD_ADDRESS: &str = "http://127.0.0.1:9";
const MIGRATED: &str = "1.000094.000.00.00.H56";
const OLD: &str = "2.000815.000.00.00.H56";

/// The gateway with the shipped façades, a portal behind it, and the province's old LGSP beside it.
struct World {
    bench: Bench,
    old: Portal,
    gateway: Gateway,
}

impl World {
    async fn new() -> Self {
        Self::waiting("8s").await
    }

    /// The shipped façades with another wait.
    async fn waiting(wait: &str) -> Self {
        let bench = Bench::new(FaultProfile::None).await;
        let options = PortalOptions { bearer: Some(TOKEN.to_owned()), seed: 12, ..PortalOptions::default() };
        let old = Portal::start(options).await.unwrap();
        bench.write_config();
        copy_facades(&bench.config(), &old.base_url(), wait);
        let gateway = bench.restart().await;
        Self { bench, old, gateway }
    }

    fn platform(&self) -> LgspPlatform {
        LgspPlatform::new(&format!("{}/KetNoiMotCuaQuocGia", self.gateway.base), TOKEN)
    }

    fn change(&self, from: &str, to: &str) {
        let path = self.bench.config().join("facades/one-stop-lgsp.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }

    async fn reload(&self) {
        let (status, answer) = self.gateway.post("/v1/configuration/reload", &json!({})).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// How many exchanges the gateway keeps of a key.
    async fn exchanges(&self, code: &str) -> usize {
        let (status, answer) = self.gateway.get(&format!("/v1/exchanges?key={code}")).await;
        assert_eq!(status, 200, "{answer}");
        answer["exchanges"].as_array().unwrap().len()
    }

    async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < deadline, "{what} did not happen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The shipped façades and code tables, with the platform's token, its old address and the axis enabled.
fn copy_facades(config: &Path, old: &str, wait: &str) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
    for section in ["facades", "tables"] {
        std::fs::create_dir_all(config.join(section)).unwrap();
        for entry in std::fs::read_dir(shipped.join(section)).unwrap() {
            let entry = entry.unwrap();
            let text = std::fs::read_to_string(entry.path()).unwrap();
            std::fs::write(config.join(section).join(entry.file_name()), text).unwrap();
        }
    }
    // What of the tables is observed at systems the test does not have.
    let tables = config.join("tables/tables.yaml");
    let text = std::fs::read_to_string(&tables).unwrap();
    std::fs::write(&tables, without_observed(&text)).unwrap();
    let edit = |name: &str, pairs: &[(&str, &str)]| {
        let path = config.join("facades").join(name);
        let mut text = std::fs::read_to_string(&path).unwrap();
        for (from, to) in pairs {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        std::fs::write(path, text).unwrap();
    };
    let hash = KeyHash::of(TOKEN).to_string();
    let text = std::fs::read_to_string(config.join("facades/one-stop-lgsp.yaml")).unwrap();
    let nobodys = text.lines().find_map(|line| line.trim().strip_prefix("- sha256:")).unwrap().to_owned();
    edit(
        "one-stop-lgsp.yaml",
        &[
            (&format!("sha256:{nobodys}"), &hash),
            ("https://apidvc.h56.example/", &format!("{old}/")),
            ("wait: 8s", &format!("wait: {wait}")),
        ],
    );
    std::fs::write(config.join("secrets/axis-user"), "platform").unwrap();
    std::fs::write(config.join("secrets/axis-password"), "the platform's password").unwrap();
    let secret = |name: &str| format!("file:secrets/{name}");
    let citizens = config.join("facades/citizens.yaml");
    if old == NO_OLD_ADDRESS {
        let text = std::fs::read_to_string(&citizens).unwrap();
        let nobodys = text.lines().find_map(|line| line.trim().strip_prefix("- sha256:")).unwrap().to_owned();
        edit("citizens.yaml", &[(&format!("sha256:{nobodys}"), &hash), ("enabled: false", "enabled: true")]);
    } else {
        // There is no population database to ask.
        std::fs::remove_file(citizens).unwrap();
    }
    edit(
        "axis.yaml",
        &[
            ("enabled: false", "enabled: true"),
            ("env:LIENTHONG_AXIS_USERNAME", &secret("axis-user")),
            ("env:LIENTHONG_AXIS_PASSWORD", &secret("axis-password")),
        ],
    );
}

/// `observed:` and what is indented below it.
fn without_observed(text: &str) -> String {
    let mut kept = String::new();
    let mut below = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        match below {
            Some(outer) if line.trim().is_empty() || indent > outer => continue,
            Some(_) | None => below = line.trim_start().starts_with("observed:").then_some(indent),
        }
        if below.is_none() {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

fn dossier(code: &str, procedure: &str, status: u8) -> Value {
    json!({
        "MaHoSo": code, "MaTTHC": procedure, "TenTTHC": "Thủ tục mẫu", "ChuHoSo": "NGUYỄN VĂN MẪU", "LoaiDoiTuong": "1",
        "MaDoiTuong": null, "KenhThucHien": "2", "NgayTiepNhan": "20260115083000", "NgayHenTra": "20260122170000",
        "TrangThaiHoSo": status.to_string(), "HinhThuc": "0", "GhiChu": "", "TaiLieuNop": [], "DanhSachLePhi": [],
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "038199000001"}],
    })
}

fn writes(portal: &Portal, code: &str, kind: WriteKind) -> usize {
    portal.dossier(code).map_or(0, |history| history.writes.iter().filter(|write| write.kind == kind).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_changes_its_base_url_and_nothing_else() {
    let world = World::new().await;
    let platform = world.platform();
    let code = "H56.14-260115-0007";
    // Before: to the old address, where a known dossier must be sent again as an update.
    let before = LgspPlatform::new(&format!("{}/KetNoiMotCuaQuocGia", world.old.base_url()), TOKEN);
    assert_eq!(before.sync(&dossier(code, MIGRATED, 2)).await.calls, ["ThemMoi"]);
    let told = before.sync(&dossier(code, MIGRATED, 4)).await;
    assert_eq!((told.calls, told.succeeded), (vec!["ThemMoi", "CapNhat"], true));
    // After: the same code with another base URL.
    for status in [2, 4, 10] {
        let told = platform.sync(&dossier(code, MIGRATED, status)).await;
        assert!(told.succeeded, "{told:?}");
        assert_eq!(world.bench.portal.dossier(code).unwrap().status, status);
    }
    let steps: Vec<Value> = (0..12).map(|hour| platform::step(code, hour)).collect();
    let calls = platform.steps(&steps).await;
    assert_eq!(calls.iter().map(|(_, ok)| *ok).collect::<Vec<_>>(), [true, true], "ten steps a call: {calls:?}");
    assert_eq!(writes(&world.bench.portal, code, WriteKind::Progress), 12);
    let (status, found) = platform.get("TraCuuHoSo", &[("mahoso", code)]).await;
    assert_eq!((status, found["result"][0]["MaHoSo"].as_str()), (200, Some(code)), "{found}");
    let (_, exchanges) = world.gateway.get(&format!("/v1/exchanges?key={code}&operation=portal.sync-dossier")).await;
    let first = &exchanges["exchanges"][0];
    assert_eq!(
        (first["client"].as_str(), first["due_at"].as_str()),
        (Some("one-stop"), Some("2026-01-22T10:00:00Z")),
        "{first}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_portal_is_down_it_is_told_received_and_not_yet_synchronised_and_delivered_later() {
    let world = World::waiting("1s").await;
    let code = "H56.14-260115-0008";
    world.bench.portal.inject(Fault::Outage { millis: 6_000 }, 1);
    let (status, answer) = world.platform().post("ThemMoi", &json!([dossier(code, MIGRATED, 2)])).await;
    assert_eq!(status, 200);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        (answer["error_code"].as_str(), answer["message"].as_str()),
        (Some("1"), Some("Đã tiếp nhận, chưa đồng bộ"))
    );
    // What was said to be received is on disk: the gateway dies, comes back, and delivers.
    let World { bench, old, gateway } = world;
    gateway.kill();
    let gateway = bench.restart().await;
    let world = World { bench, old, gateway };
    world
        .until("delivery after the outage", |world| world.bench.portal.dossier(code).is_some_and(|one| one.status == 2))
        .await;
    assert_eq!(world.exchanges(code).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_item_refused_is_told_in_the_portals_words_and_stops_no_other() {
    let world = World::new().await;
    let (good, bad) = ("H56.14-260115-0101", "H56.14-260115-0102");
    let mut refused = dossier(bad, MIGRATED, 2);
    // A field nobody here knows goes on as it is; the portal takes texts only.
    refused["TruongMoi"] = json!(7);
    let told = world.platform().post("ThemMoi", &json!([dossier(good, MIGRATED, 2), refused])).await;
    let answer: Value = serde_json::from_str(&told.1).unwrap();
    assert_ne!(answer["error_code"], "0", "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("TruongMoi"), "the portal's own words: {answer}");
    assert_eq!(world.bench.portal.dossier(good).unwrap().status, 2);
    assert!(world.bench.portal.dossier(bad).is_none());
    // What is no dossier is refused at once, with its place, and nothing of it is kept.
    let mut broken = dossier("H56.14-260115-0103", MIGRATED, 2);
    broken["NgayTiepNhan"] = json!("15/01/2026");
    let (_, text) = world.platform().post("ThemMoi", &json!([broken])).await;
    assert!(!text.contains("thành công"), "{text}");
    assert_eq!(world.exchanges("H56.14-260115-0103").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_told_with_the_words_of_success_is_none_to_a_platform_that_looks_for_them() {
    let world = World::new().await;
    let code = "H56.14-260115-0009";
    assert!(world.platform().sync(&dossier(code, MIGRATED, 2)).await.succeeded);
    // "không thành công" with code 0.
    world.bench.portal.inject(Fault::NotSuccessfulWithCodeZero, 1);
    let told = world.platform().sync(&dossier(code, MIGRATED, 4)).await;
    assert!(!told.succeeded, "{told:?}");
    world.bench.portal.inject(Fault::NotSuccessfulWithCodeZero, 1);
    let calls = world.platform().steps(&[platform::step(code, 1)]).await;
    assert!(!calls[0].1, "plain text is searched for the words: {calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_proof_a_caller_is_told_so_in_its_dialect_and_nothing_is_kept() {
    let world = World::new().await;
    let code = "H56.14-260115-0010";
    let stranger = LgspPlatform::new(&format!("{}/KetNoiMotCuaQuocGia", world.gateway.base), "another token");
    // Relayed paths ask for it too: the gateway is no open door to the old address.
    for path in ["ThemMoi", "LayDanhSachTTHC"] {
        let (status, text) = stranger.post(path, &json!([dossier(code, MIGRATED, 2)])).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((status, answer["error_code"].as_str()), (401, Some("-1")), "{path}: {text}");
    }
    assert_eq!(world.exchanges(code).await, 0);
    assert_eq!(world.old.report().requests, 0);
    let elsewhere = world.gateway.http.post(format!("{}/KetNoi", world.gateway.base)).bearer_auth(TOKEN);
    assert_eq!(world.gateway.send(elsewhere).await.1["code"], "LT-NO-SUCH-PATH");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_call_is_not_doubled_and_a_state_that_comes_back_is_no_repeat() {
    let world = World::new().await;
    let (platform, code) = (world.platform(), "H56.14-260115-0011");
    let steps = [platform::step(code, 1), platform::step(code, 2)];
    for _again in 0..3 {
        assert!(platform.sync(&dossier(code, MIGRATED, 4)).await.succeeded);
        assert!(platform.steps(&steps).await.iter().all(|(_, ok)| *ok));
    }
    assert_eq!(writes(&world.bench.portal, code, WriteKind::Progress), 2);
    assert_eq!(world.bench.portal.report().stored.repeated_snapshots, 0);
    assert_eq!(world.exchanges(code).await, 2);
    for status in [5, 4] {
        assert!(platform.sync(&dossier(code, MIGRATED, status)).await.succeeded);
    }
    assert_eq!(world.bench.portal.dossier(code).unwrap().status, 4);
    assert_eq!(world.exchanges(code).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn procedures_migrate_one_by_one_and_come_back_by_a_reload() {
    let world = World::new().await;
    let (platform, ours, theirs) = (world.platform(), "H56.14-260115-0201", "H56.14-260115-0202");
    assert!(platform.sync(&dossier(ours, MIGRATED, 2)).await.succeeded);
    let told = platform.sync(&dossier(theirs, OLD, 2)).await;
    assert!(told.succeeded, "{told:?}");
    // The old address's own dialect comes back unchanged: it insists on an update.
    let told = platform.sync(&dossier(theirs, OLD, 4)).await;
    assert_eq!((told.calls, told.succeeded), (vec!["ThemMoi", "CapNhat"], true));
    for code in [ours, theirs] {
        assert!(platform.steps(&[platform::step(code, 1)]).await.iter().all(|(_, ok)| *ok), "{code}");
    }
    // Paths that no end point names go the old way.
    let (status, list) = platform.get("LayDanhMucCoQuan", &[]).await;
    assert!(status == 200 && list["result"].is_array(), "{list}");
    assert!(world.bench.portal.dossier(theirs).is_none() && world.old.dossier(ours).is_none());
    assert_eq!((writes(&world.old, theirs, WriteKind::Progress), world.exchanges(theirs).await), (1, 0));

    // Both in one request: who would answer?
    let mixed = json!([dossier(ours, MIGRATED, 4), dossier(theirs, OLD, 4)]);
    let (_, text) = platform.post("CapNhat", &mixed).await;
    assert!(!text.contains("thành công"), "{text}");

    world.change("procedures: [\"1.000094\"]", "procedures: [\"2.000815\"]");
    world.reload().await;
    assert!(platform.sync(&dossier(ours, MIGRATED, 9)).await.succeeded);
    assert!(platform.sync(&dossier(theirs, OLD, 9)).await.succeeded);
    assert!(platform.steps(&[platform::step(ours, 2)]).await.iter().all(|(_, ok)| *ok));
    assert_eq!((world.old.dossier(ours).unwrap().status, world.bench.portal.dossier(theirs).unwrap().status), (9, 9));
    assert_eq!(world.bench.portal.dossier(ours).unwrap().status, 2, "reverted: the old way again");
    assert_eq!(writes(&world.old, ours, WriteKind::Progress), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_open_here_is_not_overtaken_by_what_goes_the_old_way_again() {
    let world = World::waiting("1s").await;
    let (platform, code) = (world.platform(), "H56.14-260115-0203");
    let (status, answer) = world.gateway.post("/v1/systems/portal/pause", &json!({"reason": "a test"})).await;
    assert_eq!(status, 200, "{answer}");
    assert!(!platform.sync(&dossier(code, MIGRATED, 2)).await.succeeded, "received, not yet synchronised");
    world.change("procedures: [\"1.000094\"]", "procedures: []");
    world.reload().await;
    platform.sync(&dossier(code, MIGRATED, 4)).await;
    assert!(world.old.dossier(code).is_none());
    world.gateway.post("/v1/systems/portal/resume", &json!({"reason": "a test"})).await;
    world
        .until("both states in order", |world| world.bench.portal.dossier(code).is_some_and(|one| one.status == 4))
        .await;
    world.gateway.settle().await;
    assert!(platform.sync(&dossier(code, MIGRATED, 9)).await.succeeded);
    assert_eq!(world.old.dossier(code).unwrap().status, 9, "nothing is open any more: the old way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relayed_request_is_sent_once_and_its_loss_is_told_as_such() {
    let world = World::new().await;
    let (platform, code) = (world.platform(), "H56.14-260115-0204");
    world.old.inject(Fault::ResetAfterStore, 1);
    let (status, text) = platform.post("ThemMoi", &json!([dossier(code, OLD, 2)])).await;
    assert!(status == 502 && text.contains("chưa rõ kết quả"), "{status} {text}");
    assert_eq!(world.old.dossier(code).unwrap().writes.len(), 1);
    assert_eq!(world.old.report().requests, 1, "nobody asks again");
    let World { bench: _bench, old, gateway } = world;
    old.stop().await;
    let (status, text) = platform.post("ThemMoi", &json!([dossier(code, OLD, 2)])).await;
    assert!(status == 502 && text.contains("chưa gửi"), "{status} {text}");
    drop(gateway);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_of_the_axis_keeps_its_session_and_chooses_updates_by_itself() {
    let world = World::new().await;
    let base = format!("{}/XrdAdapter/RestService/forward", world.gateway.base);
    let mut platform = AxisPlatform::new(&base, "platform", "the platform's password");
    let code = "H56.14-260115-0301";
    for (status, updating) in [(2, "False"), (4, "True"), (10, "True")] {
        let told = platform.sync(&dossier(code, MIGRATED, status)).await;
        assert_eq!((told.updating, told.succeeded), (updating, true), "{told:?}");
        assert_eq!(world.bench.portal.dossier(code).unwrap().status, status);
    }
    assert_eq!(platform.logins, 1, "one session for all of it");
    // The session outlives the gateway: such platforms do not log in again before theirs is ten minutes old.
    let World { bench, old, gateway } = world;
    gateway.kill();
    let gateway = bench.restart().await;
    platform.base = format!("{}/XrdAdapter/RestService/forward", gateway.base);
    let answer = platform.call("CapNhatTienDoHoSoMC", json!({"data": [platform::step(code, 1)]})).await;
    assert_eq!(answer["error_code"], 0, "{answer}");
    assert_eq!(platform.logins, 1);
    let listed = platform.call("LayDanhSachTTHC", json!({})).await;
    assert!(listed["result"][0]["MATTHC"].is_string(), "{listed}");
    platform.session = Some("5f0c6d0e-0000-4000-8000-000000000001".to_owned());
    let answer = platform.call("TraCuuHoSo", json!({"mahoso": code})).await;
    assert_eq!(answer["message"], "Phiên làm việc không hợp lệ", "{answer}");
    let mut stranger = AxisPlatform::new(&platform.base, "platform", "a guess");
    assert_eq!(stranger.call("TraCuuHoSo", json!({"mahoso": code})).await["message"], "Phiên làm việc không hợp lệ");
    drop(old);
    assert!(gateway.get("/healthz").await.0 == 200 && !API_KEY.is_empty());
}
