//! The table: every hostile message by name, the way it comes in, and what must become of it. It sends nothing.

use lienthong_formats::base64;
use lienthong_simulators::land::FileKind;
use serde_json::{Value, json};

use super::world::{Ends, Row, Way, World, pushed};

const SLIP: &str = include_str!("../../../adapters/tax/testdata/slip.signed.xml");
const SLIPS_DOSSIER: &str = "H56.14-250115-0007";
const FILE: &str = "/data/FileThongBaoThue";
/// `Nguyễn Văn Mẫu`, each mark apart from its letter.
const DECOMPOSED: &str = "Nguye\u{302}\u{303}n Va\u{306}n Ma\u{302}\u{303}u";
/// `Nguyễn Văn Nhật`, as a program for TCVN3 fonts writes it.
const TCVN3: &[u8] = b"Nguy\xd4n V\xa8n Nh\xcbt";

fn row(what: &'static str, way: Way, ends: Ends) -> Row {
    Row { what, way, ends }
}

pub(super) fn all(world: &World) -> Vec<Row> {
    [xml_pushed(), pushed_by_portal(), pushed_by_land(world), slips(), submitted(), submitted_bytes(), asked()]
        .into_iter()
        .flatten()
        .collect()
}

fn file(base64: &str) -> Way {
    Way::ByPortal(pushed("NhanThongBaoThueDat", &json!({ "FileThongBaoThue": base64 }).to_string()))
}

fn document(xml: impl AsRef<[u8]>) -> Way {
    file(&base64::encode(xml.as_ref()))
}

/// One notice with more inside its row.
fn notice(number: &str, more: &str) -> String {
    format!(
        "<DATA><BODY><ROW_LIST><MA_HSO>H56.14-260115-0001</MA_HSO><LIST><MA_SO_THUE>2800000002</MA_SO_THUE><SO_QUYET_DINH>{number}\
         </SO_QUYET_DINH>{more}</LIST></ROW_LIST></BODY></DATA>"
    )
}

fn xml_pushed() -> Vec<Row> {
    let kept = |what, way, words| row(what, way, Ends::Kept(FILE, words));
    let good = notice("Q1", "");
    let bomb = "<!DOCTYPE b [<!ENTITY a \"ha\"><!ENTITY c \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]><DATA>&c;</DATA>";
    let outside = format!("<!DOCTYPE DATA SYSTEM \"http://127.0.0.1:9/x.dtd\">{good}");
    let wide = format!("<DATA {}/>", (0..10_000).map(|place| format!("a{place}=\"1\"")).collect::<Vec<_>>().join(" "));
    let legacy = [b"<DATA><BODY>".as_slice(), TCVN3, b"</BODY></DATA>"].concat();
    let utf16: Vec<u8> = format!("\u{feff}{good}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        kept("a notice with a DTD that grows", document(bomb), "holds a DTD"),
        kept("a notice with a DTD elsewhere", document(outside), "holds a DTD"),
        kept("a notice with an entity", document(notice("Q1", "<SO_TIEN>&tien;</SO_TIEN>")), "uses an entity (byte "),
        kept("a million open elements", document("<A>".repeat(1_000_000)), "nested deeper than 16"),
        kept(
            "a million elements",
            document(format!("<DATA>{}</DATA>", "<A/>".repeat(1_000_000))),
            "more than 200000 elements",
        ),
        kept(
            "a huge attribute",
            document(format!("<DATA a=\"{}\"/>", "1".repeat(4 << 20))),
            "attribute's value is longer than 4096",
        ),
        kept("ten thousand attributes", document(wide), "more than 32 attributes (byte 0)"),
        kept(
            "UTF-8 declared windows-1258",
            document(format!("<?xml version=\"1.0\" encoding=\"windows-1258\"?>{}", notice("QĐ1", ""))),
            "declares an encoding that is not read, or another one than it is in",
        ),
        kept(
            "TCVN3 in what is declared UTF-8",
            document([b"<?xml version=\"1.0\" encoding=\"utf-8\"?>".to_vec(), legacy.clone()].concat()),
            "from byte 54); it looks like TCVN3",
        ),
        kept("TCVN3 that is not declared", document(legacy), "from byte 16); it looks like TCVN3"),
        kept("UTF-16", document(utf16), "it looks like UTF-16"),
        kept("a NUL in a number", document(notice("Q&#0;1", "")), "character XML does not allow"),
        kept("half a document", document(&good[..100]), "breaks off"),
        kept("an HTML page", document("<html><body>Đăng nhập</body></html>"), "root is not DATA"),
        kept("base64 that is none", file("%PDF-1.4"), "byte 0 is not of its alphabet"),
        kept("base64 for URLs", file("PERBVEE_PERBVEE-"), "alphabet for URLs"),
        kept("base64 that breaks off", file("PERBV"), "cut off"),
        row(
            "a date that no calendar has",
            document(notice(
                "Q2",
                "<NGAY_QUYET_DINH>2014/02/30</NGAY_QUYET_DINH><TEN_TIEUMUC>Phí</TEN_TIEUMUC><SO_TIEN>1</SO_TIEN>",
            )),
            Ends::Parked("/decision_date", "is not a valid date"),
        ),
        row(
            "a notice in decomposed Unicode",
            document(notice(
                "Q3",
                &format!(
                    "<NGAY_QUYET_DINH>15-01-2026</NGAY_QUYET_DINH><TEN_TIEUMUC>{DECOMPOSED}</TEN_TIEUMUC><SO_TIEN>1</SO_TIEN>"
                ),
            )),
            Ends::Delivered("Nguyễn Văn Mẫu"),
        ),
    ]
}

fn pushed_by_portal() -> Vec<Row> {
    let receipt = |data: &str| Way::ByPortal(pushed("NhanChungTuThueDat", data));
    let mut legacy = pushed("NhanChungTuThueDat", "{\"MaHoSo\":\"?\"}");
    let at = legacy.iter().position(|byte| *byte == b'?').unwrap();
    legacy.splice(at..=at, TCVN3.iter().copied());
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    vec![
        row("a receipt in TCVN3", Way::ByPortal(legacy), Ends::Kept("", "it looks like TCVN3")),
        row("a receipt nested without end", receipt(&deep), Ends::Kept("/data/0/0", "expected a text")),
        row("a receipt with half a character", receipt("{\"MaHoSo\":\"\\ud800\"}"), Ends::Kept("/data", "column ")),
        row(
            "a receipt of another form",
            receipt("{\"MaHoSo\":{\"x\":1},\"ThongTinThanhToan\":{}}"),
            Ends::Kept("/data/MaHoSo", "expected a text"),
        ),
        row(
            "a receipt without a dossier",
            receipt("{\"ThongTinThanhToan\":{}}"),
            Ends::Kept("/data/MaHoSo", "is missing"),
        ),
        row(
            "a receipt without a notice",
            receipt("{\"MaHoSo\":\"H56.14-260115-0001\",\"ThongTinThanhToan\":{}}"),
            Ends::Kept("/data/ThongTinThanhToan/MaThongBaoThue", "is missing"),
        ),
        row(
            "a push longer than any",
            Way::ByPortal(vec![b' '; 11 << 20]),
            Ends::Refused(413, "LT-BODY-TOO-LARGE", "", "is over "),
        ),
    ]
}

fn pushed_by_land(world: &World) -> Vec<Row> {
    let kept = |what, body: String, pointer, words| {
        row(what, Way::ByLand("ChuyenHoSo", body.into()), Ends::Kept(pointer, words))
    };
    let legacy = [b"{\"SoBienNhan\":\"H56.14-260115-0001\",\"NoiDungXuLy\":\"".as_slice(), TCVN3, b"\"}"].concat();
    let finished = |code: &str, link: String| {
        let body = json!({ "SoBienNhan": code, "TrangThaiKetThuc": 0, "DanhSachGiayToKetQua": [{ "TenGiayTo": "GCN", "LinkFile": link }] });
        Way::ByLand("KetThucHoSo", body.to_string().into())
    };
    let link = |kind| world.province.land.link(kind, "gcn.pdf");
    let told = json!({ "SoBienNhan": "H56.14-260115-0002", "NoiDungXuLy": DECOMPOSED, "NgayChuyen": "2014/02/30" });
    vec![
        row("a report in TCVN3", Way::ByLand("ChuyenHoSo", legacy), Ends::Kept("", "it looks like TCVN3")),
        kept("a report nested without end", format!("{{\"x\":{}", "[".repeat(1_000_000)), "", "recursion limit"),
        kept("a report that breaks off", "{\"SoBienNhan\":\"H56".to_owned(), "", "column 18"),
        kept(
            "a report of another form",
            "{\"SoBienNhan\":\"H\",\"DanhSachTapTin\":[{\"LinkFile\":[]}]}".to_owned(),
            "/DanhSachTapTin/0/LinkFile",
            "a text",
        ),
        kept("a report of nothing", "{}".to_owned(), "/SoBienNhan", "is missing"),
        row(
            "an end that is no number",
            Way::ByLand("KetThucHoSo", "{\"SoBienNhan\":\"H\",\"TrangThaiKetThuc\":\"xong\"}".into()),
            Ends::Kept("/TrangThaiKetThuc", "is no number"),
        ),
        row(
            "a link to 4 GiB",
            finished("H56.14-260115-0003", link(FileKind::Huge)),
            Ends::Parked("/link", "longer than the limit"),
        ),
        row(
            "a link to bytes without end",
            finished("H56.14-260115-0004", link(FileKind::Endless)),
            Ends::Parked("/link", "longer than the limit"),
        ),
        row(
            "a link to another host",
            finished("H56.14-260115-0005", link(FileKind::OtherHost)),
            Ends::Parked("/link", "host that is not allowed"),
        ),
        row(
            "a link that leads on",
            finished("H56.14-260115-0006", link(FileKind::Moved)),
            Ends::Parked("/link", "redirects are not followed"),
        ),
        row(
            "a report in decomposed Unicode",
            Way::ByLand("ChuyenHoSo", told.to_string().into()),
            Ends::Delivered("Nguyễn Văn Mẫu"),
        ),
        row(
            "its date that is none stays the text it was",
            Way::ByLand("ChuyenHoSo", told.to_string().replace("0002", "0007").into()),
            Ends::Delivered("\"NgayChuyen\":\"2014/02/30\""),
        ),
    ]
}

/// Every slip that is not what its officer signed.
fn slips() -> Vec<Row> {
    let refused = |what, slip: String, words| {
        let body = json!({ "dossier_code": SLIPS_DOSSIER, "slip": slip });
        let way = Way::Submitted("tax.submit-land-obligation", SLIPS_DOSSIER, body);
        row(what, way, Ends::Refused(400, "LT-INVALID", "/body/slip", words))
    };
    let of = |xml: &[u8]| base64::encode(xml);
    let (head, root) = SLIP.split_once("?>").unwrap();
    let inside = |before: &str, after: &str| of(format!("{head}?>{before}{}{after}", root.trim()).as_bytes());
    let changed = |from: &str, to: &str| of(SLIP.replacen(from, to, 1).as_bytes());
    let legacy = |text: &str| {
        let at = SLIP.find(text).unwrap();
        of(&[&SLIP.as_bytes()[..at], TCVN3, &SLIP.as_bytes()[at..]].concat())
    };
    let start = SLIP.find("<Signature").unwrap();
    let signature = &SLIP[start..SLIP.find("</Signature>").unwrap() + "</Signature>".len()];
    vec![
        refused("a slip whose base64 is none", "phiếu".to_owned(), "not base64"),
        refused("a slip whose base64 breaks off", of(SLIP.as_bytes())[..1001].to_owned(), "cut off"),
        refused("a slip in TCVN3", legacy("Nguyễn"), "it looks like TCVN3"),
        refused("a slip in UTF-16", of(&SLIP.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()), "UTF-16"),
        refused("a slip declared windows-1258", changed("UTF-8", "windows-1258"), "encoding"),
        refused("a slip with a DTD", inside("<!DOCTYPE a [<!ENTITY b \"c\">]>", ""), "DTD"),
        refused("a slip with an entity", changed("120.50", "&so;"), "entity"),
        refused("a slip nested too deep", inside(&"<a>".repeat(200), &"</a>".repeat(200)), "deeper"),
        refused(
            "a slip with a huge attribute",
            changed("<ThuaDat>", &format!("<ThuaDat a=\"{}\">", "1".repeat(100_000))),
            "longer than",
        ),
        refused("a slip changed after signing", changed("120.50", "999.50"), "does not verify"),
        refused("a slip in another's name", changed("Nguyễn Văn Mẫu", "Kẻ Khác"), "does not verify"),
        refused(
            "a signed slip inside a forged one",
            inside("<PhieuChuyen><SoBienNhan>H56.14-250115-0007</SoBienNhan>", "</PhieuChuyen>"),
            "does not verify",
        ),
        refused(
            "a forged slip beside the signed one",
            inside("<Ho>", "<PhieuChuyen><SoBienNhan>H56.14-250115-0007</SoBienNhan></PhieuChuyen></Ho>"),
            "does not verify",
        ),
        refused("a comment that cuts the number", changed("-250115-", "-2501<!---->15-"), "comment"),
        refused("two signatures", changed(signature, &signature.repeat(2)), "more than one signature"),
        refused("a slip without a signature", changed(signature, "is not signed"), ""),
        refused("a signature of another form", changed("rsa-sha256", "hmac-sha1"), "algorithm that is not taken"),
    ]
}

fn dossier(officer: &str, received_at: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut body = json!({
        "code": "H56.14-260115-0021", "area": { "province_code": "01", "commune_code": "00004" }, "received_by": officer,
        "received_at": received_at, "applicant": { "name": "Nguyễn Văn Mẫu" }, "process": { "code": "1.012786" },
        "papers": [{ "name": "Đơn", "originals": 1, "file": { "name": "don.pdf", "data": "JVBERi0xLjQK" } }],
    });
    change(&mut body);
    body
}

fn submitted() -> Vec<Row> {
    let land = |body: Value| Way::Submitted("land.receive-dossier", "H56.14-260115-0021", body);
    let refused =
        |what, body: Value, pointer, words| row(what, land(body), Ends::Refused(400, "LT-INVALID", pointer, words));
    let now = "2026-01-15T08:00:00+07:00";
    let portal = |received_at: &str| {
        json!({
            "code": "H56.14-260115-0022", "procedure_code": "1.012784", "status": "received", "received_at": received_at,
            "owner": { "name": "Nguyễn Văn Mẫu", "kind": "citizen" },
        })
    };
    vec![
        refused(
            "a paper whose base64 is none",
            dossier("canbo01", now, |body| body["papers"][0]["file"]["data"] = json!("đơn")),
            "/body/papers/0/file/data",
            "not base64",
        ),
        refused(
            "a paper whose base64 breaks off",
            dossier("canbo01", now, |body| body["papers"][0]["file"]["data"] = json!("JVBERi0xLjQ")),
            "/body/papers/0/file/data",
            "cut off",
        ),
        refused(
            "a name in TCVN3 that was taken for Latin, for the land office",
            dossier("canbo01", now, |body| body["applicant"]["name"] = json!("NguyÔn V¨n §¹t")),
            "/body/applicant/name",
            "TCVN3",
        ),
        refused(
            "a land dossier of the 30th of February",
            dossier("canbo01", "2014/02/30", |_| {}),
            "/body/received_at",
            "is not a valid date-time",
        ),
        refused(
            "the same in the right form",
            dossier("canbo01", "2014-02-30T08:00:00+07:00", |_| {}),
            "/body/received_at",
            "is not a valid date-time",
        ),
        row(
            "an officer who has no account on that day",
            land(dossier("mc.moi", "2025-12-31T08:00:00+07:00", |_| {})),
            Ends::Parked("/received_by", "holds on 2025-12-31, only on other days"),
        ),
        row(
            "a dossier of the 30th of February",
            Way::Submitted("portal.sync-dossier", "H56.14-260115-0022", portal("2014/02/30")),
            Ends::Refused(400, "LT-INVALID", "/body/received_at", "is not a valid date-time"),
        ),
        row(
            "a land dossier in decomposed Unicode",
            Way::Submitted(
                "land.receive-dossier",
                "H56.14-260115-0023",
                dossier("mc.moi", now, |body| {
                    body["code"] = json!("H56.14-260115-0023");
                    body["applicant"]["name"] = json!(DECOMPOSED);
                }),
            ),
            Ends::Delivered("\"HoTen\":\"Nguyễn Văn Mẫu\""),
        ),
    ]
}

/// What is no JSON that anybody could read.
fn submitted_bytes() -> Vec<Row> {
    let bytes = |body: &[u8]| {
        let head = b"{\"operation\":\"portal.sync-dossier\",\"key\":\"H56.14-260115-0022\",\"body\":".as_slice();
        Way::SubmittedBytes([head, body, b"}"].concat())
    };
    let inside =
        |what, body: &str| row(what, bytes(body.as_bytes()), Ends::Refused(400, "LT-BAD-JSON", "/body", "column "));
    let raw = |what, body: &[u8], words| row(what, bytes(body), Ends::Refused(400, "LT-BAD-JSON", "", words));
    let legacy = [b"{\"code\":\"".as_slice(), TCVN3, b"\"}"].concat();
    vec![
        raw("a submission in TCVN3", &legacy, "column "),
        raw("a submission nested without end", "[".repeat(1_000_000).as_bytes(), "column "),
        inside("nested deeper than can be read", &format!("{{\"x\":{}{}}}", "[".repeat(5000), "]".repeat(5000))),
        inside("half a character", "{\"code\":\"\\ud800\"}"),
        row(
            "a name that stands twice",
            bytes(br#"{"owner":{"name":"A","name":"B"}}"#),
            Ends::Refused(400, "LT-INVALID", "/body/owner/name", "stands twice"),
        ),
    ]
}

fn asked() -> Vec<Row> {
    let question = |change: &dyn Fn(&mut Value)| {
        let mut input = json!({
            "purpose": { "procedure_code": "1.000094", "officer": "canbo01", "unit": "H56.14" },
            "identity_number": "001099000001", "name": "Nguyễn Văn Mẫu",
        });
        change(&mut input);
        Way::Asked("population.find-citizen", input)
    };
    let refused = |what, change: &dyn Fn(&mut Value), pointer, words| {
        row(what, question(change), Ends::Refused(400, "LT-INVALID", pointer, words))
    };
    vec![
        refused(
            "a birth on the 30th of February",
            &|input| input["birth_date"] = json!("2014-02-30"),
            "/birth_date",
            "",
        ),
        refused("a birth in another form", &|input| input["birth_date"] = json!("2014/02/30"), "/birth_date", ""),
        refused(
            "a name in TCVN3 that was taken for Latin",
            &|input| input["name"] = json!("NguyÔn V¨n §¹t"),
            "/name",
            "TCVN3",
        ),
        refused(
            "a number in other digits",
            &|input| input["identity_number"] = json!("００１０９９０００００１"),
            "/identity_number",
            "",
        ),
        row(
            "a permit with a birth number of letters",
            Way::Submitted(
                "permits.register-permit",
                "YC-1",
                json!({ "request": "YC-1", "kind": "XD", "holder": { "name": "A", "identity_number": "\u{0}38199000001" } }),
            ),
            Ends::Refused(400, "LT-INVALID", "/body/holder/identity_number", ""),
        ),
        row(
            "a permit's number of another form",
            Way::Asked("permits.find-permit", json!({ "number": { "x": 1 } })),
            Ends::Refused(400, "LT-INVALID", "/number", ""),
        ),
    ]
}
