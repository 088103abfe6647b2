//! The land office in both dialects. Shapes as its one public client shows them; synthetic people.

use std::sync::Arc;

use lienthong_core::inbound::InboundRequest;
use lienthong_core::{FaultKind, Surroundings, SystemId};
use lienthong_land::{Land, LandConfig};
use serde_json::{Value, json};

use crate::bench::SECRET;
use crate::server::{Raw, Received};
use crate::subject::{Ask, Built, Means, Misleading, Subject};

/// The national land database's software: no session, the secret of pushes in the path.
pub(crate) struct Vbdlis;
/// VNPT iLIS: a token, the secret of pushes in the query.
pub(crate) struct Ilis;

fn built(settings: Value, around: &Surroundings<'_>) -> Built {
    let config: LandConfig = serde_json::from_value(settings).unwrap();
    let land = Land::build(SystemId::new("land").unwrap(), config, around).unwrap();
    let (inbound, shown) = (land.inbound(), format!("{land:?}"));
    Built { adapter: Arc::new(land), inbound, shown }
}

fn settings(dialect: &str, endpoint: Value) -> Value {
    json!({
        "dialect": dialect,
        "endpoints": [endpoint],
        "inbound": { "secret": "env:INBOUND" },
        "lists": {
            "security_code": "env:LIST",
            "officers": { "path": "GetDanhMucNguoiDung", "code": "TenDangNhap", "name": "HoTen" }
        }
    })
}

fn write() -> Ask {
    let applicant = json!({
        "name": "ĐẶNG THỊ BÍ MẬT", "identity_number": "038199654321", "address": "Số 7, phường Bí Ẩn",
        "phone": "0987654321"
    });
    let input = json!({
        "code": "H38.02-250115-0021", "provincial_process": true,
        "area": { "province_code": "01", "district_code": "001", "commune_code": "00004" },
        "received_by": "canbo01", "received_at": "2025-01-15T08:30:00+07:00", "due_at": "2025-02-15T17:00:00+07:00",
        "applicant": applicant, "process": { "code": "1.012786", "name": "Đăng ký biến động (mẫu)" },
        "parcels": [{ "number": "35", "map_sheet": "45", "square_metres": "120.5" }],
        "papers": [{ "name": "Hợp đồng", "copies": 2 }]
    });
    Ask::new("land.receive-dossier", input)
}

fn markers() -> Vec<String> {
    ["ĐẶNG THỊ BÍ MẬT", "038199654321", "Số 7, phường Bí Ẩn", "0987654321"].map(str::to_owned).to_vec()
}

fn says(success: Value, message: &str) -> Raw {
    Raw::json(200, &json!({ "data": 1, "status": { "success": success, "code": 200, "message": message } }))
}

fn good(received: &Received) -> Raw {
    if received.target.contains("GetDanhMuc") {
        return Raw::json(200, &json!({ "data": [{ "TenDangNhap": "canbo01", "HoTen": "A" }] }));
    }
    says(json!(true), "Thành công")
}

fn misleading() -> Vec<Misleading> {
    let case = |what, answer, means| Misleading { what, answer, means };
    vec![
        case("success denied in words", says(json!(true), "Thêm mới không thành công"), Means::Fault),
        case(
            "a failure that only looks like success",
            says(json!(false), "không tìm thấy hồ sơ"),
            Means::Kind(FaultKind::NotFound),
        ),
        case("another thing that exists", says(json!(false), "Tập tin đã tồn tại"), Means::Fault),
        case("success as an object", says(json!({ "value": true }), "?"), Means::Fault),
    ]
}

fn pushed(path: &str, query: Option<&str>, body: &Value) -> InboundRequest {
    let (method, path, query) = ("POST".to_owned(), path.to_owned(), query.map(str::to_owned));
    InboundRequest { method, path, query, headers: Vec::new(), body: body.to_string().into() }
}

fn tax_result(name: &str, link: &str) -> Value {
    json!({
        "SoBienNhan": "H38.02-250115-0021", "NguoiXuLy": "canbo02", "NgayCoKetQuaThue": "2025-01-25T02:00:00Z",
        "DanhSachThongBaoThue": [{
            name: "Trần Thị Mẫu", "LoaiThue": "Lệ phí trước bạ", "SoThongBaoThue": "LTB2501101-TK0000011/TB-CCT",
            link: "/files/tb1.pdf"
        }]
    })
}

fn forward() -> Value {
    json!({
        "SoBienNhan": "H38.02-250115-0021", "MaCanBoChuyen": "canbo01", "MaCanBoNhan": "canbo02", "MaTrangThai": "THAMDINH",
        "LaTrangThaiChuyenLai": false, "NoiDungXuLy": "Chuyển thẩm định", "NgayChuyen": "2025-01-16T01:30:00Z",
        "DanhSachTapTin": [{ "TenGiayTo": "Tờ trình", "KieuFile": "pdf", "LinkFile": "/files/1.pdf", "SoBanChinh": "1" }]
    })
}

impl Subject for Vbdlis {
    fn name(&self) -> &'static str {
        "land (vbdlis)"
    }

    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built {
        built(settings("vbdlis", json!({ "name": "province", "base": format!("{base}/api") })), around)
    }

    fn read(&self) -> Ask {
        Ask::new("land.list-officers", json!({}))
    }

    fn write(&self) -> Ask {
        write()
    }

    fn markers(&self) -> Vec<String> {
        markers()
    }

    fn good(&self, received: &Received) -> Raw {
        good(received)
    }

    fn refusal(&self, words: &str) -> Raw {
        says(json!(false), words)
    }

    fn misleading(&self) -> Vec<Misleading> {
        misleading()
    }

    fn pushes(&self) -> Vec<InboundRequest> {
        vec![
            pushed(&format!("/VBDLIS/ChuyenHoSo/{SECRET}"), None, &forward()),
            pushed(&format!("/VBDLIS/GuiKetQuaThue/{SECRET}"), None, &tax_result("HoTenChu", "DuongDanThongBaoThue")),
        ]
    }

    fn push_secret(&self) -> &'static str {
        SECRET
    }
}

impl Subject for Ilis {
    fn name(&self) -> &'static str {
        "land (ilis)"
    }

    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built {
        let oauth = json!({
            "token_url": format!("{base}/token"), "username": "env:USER", "password": "env:PASSWORD",
            "client_id": "env:CLIENT", "client_secret": "env:CLIENT_SECRET"
        });
        built(settings("ilis", json!({ "name": "ilis", "base": format!("{base}/api"), "oauth": oauth })), around)
    }

    fn read(&self) -> Ask {
        Ask::new("land.list-officers", json!({}))
    }

    fn write(&self) -> Ask {
        write()
    }

    fn markers(&self) -> Vec<String> {
        markers()
    }

    fn is_login(&self, received: &Received) -> bool {
        received.target == "/token"
    }

    fn has_session(&self) -> bool {
        true
    }

    fn shown(&self) -> Option<&'static str> {
        Some("token-1")
    }

    fn good(&self, received: &Received) -> Raw {
        if self.is_login(received) {
            let token = json!({
                "access_token": format!("token-{}", received.number), "token_type": "bearer", "expires_in": 600,
                "refresh_token": "refresh-1"
            });
            return Raw::json(200, &token);
        }
        good(received)
    }

    fn refusal(&self, words: &str) -> Raw {
        says(json!(false), words)
    }

    fn misleading(&self) -> Vec<Misleading> {
        misleading()
    }

    fn pushes(&self) -> Vec<InboundRequest> {
        let query = format!("CodeGet={SECRET}");
        let result = tax_result("HoVaChu", "DuongDanTBT");
        vec![
            pushed("/ChuyenHoSo", Some(&query), &forward()),
            pushed("/CapNhatKetQuaThongBaoThue", Some(&query), &result),
        ]
    }

    fn push_secret(&self) -> &'static str {
        SECRET
    }
}
