//! A small synthetic procedure catalogue with the quirks real ones have; it must hold no real procedure text.

use serde_json::{Value, json};

use super::options::PortalOptions;

struct Procedure {
    code: &'static str,
    name: &'static str,
    field: (&'static str, &'static str),
    level: &'static str,
    /// `THOIGIANGIAIQUYET`: a number, empty, or words.
    days: &'static str,
    /// `SOBANSAO`: a number, empty, or words.
    copies: &'static str,
    fee: &'static str,
}

const CIVIL: (&str, &str) = ("G15-TP01", "Hộ tịch");
const LAND: (&str, &str) = ("G13-DD01", "Đất đai");
const BUSINESS: (&str, &str) = ("G05-DN01", "Thành lập và hoạt động của doanh nghiệp");
const TRADE: (&str, &str) = ("G02-XT01", "Xúc tiến thương mại");

const fn procedure_of(
    code: &'static str,
    name: &'static str,
    field: (&'static str, &'static str),
    level: &'static str,
    [days, copies, fee]: [&'static str; 3],
) -> Procedure {
    Procedure { code, name, field, level, days, copies, fee }
}

const PROCEDURES: [Procedure; 8] = [
    procedure_of("1.000094", "Đăng ký kết hôn (mẫu)", CIVIL, "3", ["5", "0", "0"]),
    procedure_of("1.001193", "Đăng ký khai sinh (mẫu)", CIVIL, "3", ["1", "0", "0"]),
    procedure_of("1.900001", "Trích lục hộ tịch (mẫu)", CIVIL, "3", ["", "", "8000"]),
    procedure_of("1.900002", "Đăng ký biến động đất đai (mẫu)", LAND, "1", ["10", "2", "50000"]),
    procedure_of("1.900003", "Cấp đổi giấy chứng nhận (mẫu)", LAND, "2", ["07 ngày", "01 bộ", ""]),
    procedure_of("1.900004", "Đăng ký hộ kinh doanh (mẫu)", BUSINESS, "2", ["3", "1", "100000"]),
    procedure_of("1.900005", "Đăng ký doanh nghiệp (mẫu)", BUSINESS, "1", ["3", "", "50000"]),
    procedure_of("2.900001", "Thông báo khuyến mại (mẫu)", TRADE, "1", ["5", "1", "0"]),
];

/// `LayDanhSachTTHC`.
pub(super) fn procedures() -> Value {
    let rows = PROCEDURES.iter().map(|procedure| {
        json!({
            "MATTHC": procedure.code,
            "TENTTHC": procedure.name,
            "MALINHVUC": procedure.field.0,
            "TENLINHVUC": procedure.field.1,
        })
    });
    Value::Array(rows.collect())
}

/// `LayThuTuc`: a list even for one procedure, empty for an unknown one. The local form of a code is accepted too.
pub(super) fn procedure(options: &PortalOptions, code: &str) -> Value {
    let national = code.strip_suffix(&format!(".{}", options.organisation)).unwrap_or(code);
    let found = PROCEDURES.iter().filter(|procedure| procedure.code == national);
    Value::Array(found.map(|procedure| details(options, procedure)).collect())
}

/// `LayDanhMucCoQuan`.
pub(super) fn agencies(options: &PortalOptions) -> Value {
    json!([
        {"MADONVI": options.organisation, "TENDONVI": "UBND tỉnh Mẫu", "CAPDONVI": "1"},
        {"MADONVI": unit(options, "14"), "TENDONVI": "Sở Mẫu", "CAPDONVI": "1"},
        {"MADONVI": unit(options, "32"), "TENDONVI": "UBND xã Mẫu", "CAPDONVI": "3"},
    ])
}

/// `LayDanhMucLinhVuc`.
pub(super) fn fields() -> Value {
    let rows = [CIVIL, LAND, BUSINESS, TRADE]
        .map(|(code, name)| json!({"MALINHVUC": code, "TENLINHVUC": name, "MANGANH": code.get(..3).unwrap_or(code)}));
    Value::Array(rows.into())
}

/// A second-level unit in the old form.
fn unit(options: &PortalOptions, number: &str) -> String {
    let root = options.organisation.rsplit('.').next().unwrap_or_default();
    format!("000.00.{number}.{root}")
}

fn details(options: &PortalOptions, procedure: &Procedure) -> Value {
    json!({
        "MATTHC": procedure.code,
        "TENTTHC": procedure.name,
        "LOAITTHC": "1",
        "TRANGTHAI": "1",
        "LINHVUCTHUCHIEN": [{"MALINHVUC": procedure.field.0, "TENLINHVUC": procedure.field.1}],
        "CAPTHUCHIEN": [{"CAPTHUCHIEN": procedure.level}],
        "COQUANTHUCHIEN": [{"MADONVI": options.organisation, "TENDONVI": "UBND tỉnh Mẫu"}],
        "MOTACOQUANTHUCHIEN": "",
        "KETQUATHUCHIEN": [{"MAKETQUA": "KQ.G15.000018", "TENKETQUA": "Giấy chứng nhận (mẫu)"}],
        "CACHTHUCTHUCHIEN": (["1", "2", "3"].map(|channel| way(procedure, channel))),
        "THANHPHANHOSO": [{"TRUONGHOP": "", "GIAYTO": [{
            "MAGIAYTO": "KQ.G15.000001", "TENGIAYTO": "Tờ khai", "SOBANCHINH": "1",
            "SOBANSAO": procedure.copies, "TENMAUDON": "ToKhai.docx",
            "URL": "https://csdl.example.test/mau/ToKhai.docx",
        }]}],
        "TRINHTUTHUCHIEN": [{"TRUONGHOP": "", "TRINHTU": [
            {"TENTRINHTU": "Bước 1: nộp hồ sơ"}, {"TENTRINHTU": "Bước 2: nhận kết quả"},
        ]}],
        "YEUCAU": "",
        "MOTADOITUONGTHUCHIEN": "Công dân Việt Nam",
        "CANCUPHAPLY": [{"SOVANBAN": "00/2025/QH-MAU", "TENVANBAN": "Luật mẫu"}],
    })
}

fn way(procedure: &Procedure, channel: &str) -> Value {
    json!({"KENH": channel, "THOIGIAN": [{
        "THOIGIANGIAIQUYET": procedure.days,
        "DONVITINH": "Ngày làm việc",
        "MOTA": "",
        "PHILEPHI": [{"SOTIEN": procedure.fee, "DONVI": "Đồng", "MOTA": ""}],
    }]})
}
