//! A reconciliation in a real browser: the day's lists handed over as files, every kind of difference seen, some chosen and sent, and only those; with scripts and without.

use std::path::PathBuf;

use lienthong_simulators::portal::FaultProfile;
use serde_json::Value;
use tokio::sync::MutexGuard;

use super::desk;
use super::driver::{Browser, Scripts};
use crate::harness::{Bench, Gateway};
use crate::reconcile::{configure, elsewhere};

const AHEAD: &str = "H56.14-260202-0001";
const LOST: &str = "H56.14-260202-0002";
const BEHIND: &str = "H56.14-260202-0003";
const DUE: &str = "H56.14-260202-0004";
const RETURNED: &str = "H56.14-260202-0005";
const EQUAL: &str = "H56.14-260202-0006";
const EXTRA: &str = "H56.14-260202-0007";
/// The province's list of one day: code, status, day promised, day returned.
const HERE: [(&str, u8, &str, &str); 6] = [
    (AHEAD, 4, "20/02/2026", ""),
    (LOST, 10, "20/02/2026", "10/02/2026"),
    (BEHIND, 9, "20/02/2026", ""),
    (DUE, 4, "20/02/2026", ""),
    (RETURNED, 10, "20/02/2026", "10/02/2026"),
    (EQUAL, 4, "20/02/2026", ""),
];
/// What the portal has of the same day: code, status, day promised, day returned.
const THERE: [(&str, u8, &str, &str); 6] = [
    (AHEAD, 9, "2026-02-20", ""),
    (BEHIND, 4, "2026-02-20", ""),
    (DUE, 4, "2026-02-25", ""),
    (RETURNED, 10, "2026-02-20", "2026-02-11"),
    (EQUAL, 4, "2026-02-20", ""),
    (EXTRA, 2, "2026-02-20", ""),
];

/// A gateway with a reconciliation, and a portal that has gone its own way.
struct Office {
    bench: Bench,
    gateway: Gateway,
    password: String,
    _turn: MutexGuard<'static, ()>,
}

impl Office {
    async fn new() -> Self {
        let turn = desk::TURN.lock().await;
        let bench = Bench::new(FaultProfile::None).await;
        bench.write_config();
        configure(&bench.config(), "50");
        let password = desk::operator(&bench.config());
        let gateway = bench.restart().await;
        for (code, status, _, _) in THERE {
            elsewhere(&bench, code, &status.to_string()).await;
        }
        Self { bench, gateway, password, _turn: turn }
    }

    async fn browser(&self, scripts: Scripts) -> Browser {
        let browser = Browser::open(&self.gateway.base, scripts).await;
        browser.log_in(desk::OPERATOR, &self.password).await;
        browser
    }

    fn list(&self, name: &str, head: &str, rows: impl Iterator<Item = String>) -> PathBuf {
        let path = self.bench.folder.path().join(name);
        let rows: Vec<String> = rows.collect();
        std::fs::write(&path, format!("{head}\n{}\n", rows.join("\n"))).unwrap();
        path
    }

    fn here(&self) -> PathBuf {
        let moment = |day: &str| if day.is_empty() { String::new() } else { format!("{day} 09:00:00") };
        let rows = HERE.iter().map(|(code, status, due, returned)| {
            let (due, returned) = (moment(due), moment(returned));
            format!("{code},1.000094,H56.14,{status},02/02/2026 08:00:00,{due},{returned}")
        });
        let head = "Mã hồ sơ,Mã TTHC,Đơn vị,Trạng thái,Ngày tiếp nhận,Ngày hẹn trả,Ngày trả";
        self.list("hồ-sơ-02-02.csv", head, rows)
    }

    /// The portal's own list as it is now; what was delivered since shows what the province says.
    fn there(&self, delivered: &[&str]) -> PathBuf {
        let lost = delivered.contains(&LOST).then_some((LOST, 10, "2026-02-20", "2026-02-10"));
        let rows = THERE.into_iter().chain(lost).map(|(code, _, due, returned)| {
            let status = self.bench.portal.dossier(code).unwrap().status;
            let due = if delivered.contains(&code) { "2026-02-20" } else { due };
            format!("{code};1.000094;H56.14;{status};2026-02-02;{due};{returned}")
        });
        self.list("cong-02-02.csv", "MaHoSo;MaTTHC;DonVi;TrangThai;NgayTiepNhan;NgayHenTra;NgayTra", rows)
    }

    /// How often the portal took each dossier.
    fn writes(&self) -> Vec<usize> {
        let all = [AHEAD, LOST, BEHIND, DUE, RETURNED, EQUAL, EXTRA];
        all.map(|code| self.bench.portal.dossier(code).map_or(0, |dossier| dossier.writes.len())).to_vec()
    }

    /// The differences of a run as the API tells them: key and what differs.
    async fn differences(&self, path: &str) -> Vec<(String, String)> {
        let id = path.rsplit('/').next().unwrap();
        let (status, page) = self.gateway.get(&format!("/v1/reconciliations/{id}/differences")).await;
        assert_eq!(status, 200, "{page}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let found = page["differences"].as_array().unwrap();
        found.iter().map(|one| (text(&one["key"]), text(&one["aspects"][0]))).collect()
    }
}

/// Hands both lists of the day over; the path of the run, once it is compared.
async fn compare(browser: &Browser, here: &std::path::Path, there: &std::path::Path) -> String {
    browser.go("/console/reconciliations").await;
    // A day that reads the same however a browser writes days.
    browser.fill("form[enctype] input[name=from]", "02022026").await;
    browser.fill("form[enctype] input[name=to]", "02022026").await;
    browser.attach("input[name=here]", here).await;
    browser.attach("input[name=there]", there).await;
    browser.click("form[enctype] button[type=submit]").await;
    browser.says("h1", "Đối soát · portal-dossiers").await;
    let path = browser.path().await;
    over(browser, &path).await;
    path
}

/// Until a run has neither to compare nor to send.
async fn over(browser: &Browser, path: &str) {
    browser
        .until("the end of the run", async |this: &Browser| {
            this.go(path).await;
            let told = this.text("#run").await;
            (told.contains("xong ·") && !told.contains("Đang gửi")).then_some(())
        })
        .await;
}

async fn send(browser: &Browser, path: &str, places: &[u32], reason: &str, confirmed: bool) {
    browser.go(path).await;
    for place in places {
        browser.click(&format!("input[name=place][value=\"{place}\"]")).await;
    }
    browser.click("#differences form button[type=submit]").await;
    browser.says("main", &format!("gửi đúng một lần: {}.", places.len())).await;
    browser.fill("textarea[name=reason]", reason).await;
    if confirmed {
        browser.click("input[name=confirmed]").await;
    }
    browser.click("form.act button.main").await;
    browser.says("h1", "Đối soát · portal-dossiers").await;
    over(browser, path).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_hands_the_days_lists_over_and_sends_only_the_differences_chosen() {
    let office = Office::new().await;
    let browser = office.browser(Scripts::Run).await;
    let path = compare(&browser, &office.here(), &office.there(&[])).await;
    let counts = [
        "Hồ sơ đã so 7",
        "Khớp 1",
        "Chênh lệch 6",
        "Bên kia thiếu 1",
        "Tỉnh thiếu 1",
        "Khác trạng thái 2",
        "Khác ngày hẹn trả 1",
        "Khác ngày trả 1",
        "Bên kia mới hơn 1",
    ];
    for count in counts {
        browser.says("#run", count).await;
    }
    for told in
        [AHEAD, "bên kia có trạng thái mới hơn", LOST, "Bên kia thiếu", EXTRA, "không có trong danh sách của tỉnh"]
    {
        browser.says("#differences", told).await;
    }
    assert!(!browser.text("#differences").await.contains(EQUAL));
    browser.photograph("reconciliation-differences").await;
    let before = office.writes();

    // The newer state is chosen too, without a word about it.
    send(&browser, &path, &[0, 1, 2], "Cổng chưa có", false).await;
    office.gateway.settle().await;
    browser.go(&path).await;
    browser.says("#differences", "Không gửi").await;
    browser.photograph("reconciliation-sent").await;
    let arrived = |before: &[usize]| -> Vec<usize> {
        office.writes().iter().zip(before).map(|(now, before)| now - before).collect()
    };
    assert_eq!(arrived(&before), [0, 1, 1, 0, 0, 0, 0], "only what was chosen, and nothing that is newer there");
    let status = |code: &str| office.bench.portal.dossier(code).unwrap().status;
    assert_eq!((status(AHEAD), status(LOST), status(BEHIND)), (9, 10, 9));

    // A person says that the province's state stands, and that its promised day does.
    send(&browser, &path, &[0, 3], "Mở lại hồ sơ", true).await;
    office.gateway.settle().await;
    assert_eq!((arrived(&before), status(AHEAD)), (vec![1, 1, 1, 1, 0, 0, 0], 4));

    let again = compare(&browser, &office.here(), &office.there(&[LOST, DUE])).await;
    browser.says("#run", "Chênh lệch 2").await;
    browser.photograph("reconciliation-again").await;
    let left = [(RETURNED, "returned"), (EXTRA, "missing_here")];
    let left = left.map(|(key, aspect)| (key.to_owned(), aspect.to_owned()));
    assert_eq!(office.differences(&again).await, left, "what was sent differs no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_differences_are_found_and_sent_without_scripts() {
    let office = Office::new().await;
    let browser = office.browser(Scripts::Off).await;
    let wrong = office.list("wrong.csv", "Mã hồ sơ,Trạng thái", std::iter::once(format!("{LOST},10")));
    browser.go("/console/reconciliations").await;
    browser.attach("input[name=here]", &wrong).await;
    browser.click("form[enctype] button[type=submit]").await;
    browser.says("main", "the list has no column `Mã TTHC`").await;
    browser.photograph("reconciliation-unreadable").await;

    let path = compare(&browser, &office.here(), &office.there(&[])).await;
    browser.says("#run", "Chênh lệch 6").await;
    let before = office.writes();
    send(&browser, &path, &[1], "Cổng chưa có", false).await;
    office.gateway.settle().await;
    let arrived: Vec<usize> = office.writes().iter().zip(&before).map(|(now, before)| now - before).collect();
    assert_eq!(arrived, [0, 1, 0, 0, 0, 0, 0]);
    let again = compare(&browser, &office.here(), &office.there(&[LOST])).await;
    assert!(!office.differences(&again).await.iter().any(|(key, _)| key == LOST));
}
