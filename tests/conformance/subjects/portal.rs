//! The national portal in both its forms. Shapes as its public clients show them; synthetic people.

use std::sync::Arc;

use lienthong_core::inbound::InboundRequest;
use lienthong_core::{FaultKind, Surroundings, SystemId};
use lienthong_portal::{Portal, PortalConfig};
use serde_json::{Value, json};

use crate::bench::SECRET;
use crate::server::{Raw, Received};
use crate::subject::{Ask, Built, Means, Misleading, Subject};

/// The raw form across the axis: a session in the body.
pub(crate) struct Axis;
/// The provincial re-publication: a token, a path a service.
pub(crate) struct Lgsp;

fn built(settings: Value, around: &Surroundings<'_>) -> Built {
    let config: PortalConfig = serde_json::from_value(settings).unwrap();
    let portal = Portal::build(SystemId::new("portal").unwrap(), config, around).unwrap();
    let (inbound, shown) = (portal.inbound(), format!("{portal:?}"));
    Built { adapter: Arc::new(portal), inbound, shown }
}

fn write() -> Ask {
    let owner = json!({
        "name": "ĐẶNG THỊ BÍ MẬT", "kind": "citizen", "tech_id": "0f0e0d0c-0000-4000-8000-00000000beef",
        "document_number": "038199654321", "identities": [{ "kind": "citizen_id", "number": "038199654321" }],
        "email": "bi-mat@mau.example", "phone": "0987654321"
    });
    let input = json!({
        "code": "H56.14-250115-0007", "procedure_code": "1.000094", "procedure_name": "Đăng ký kết hôn (mẫu)",
        "field_code": "G15-TP01", "field_name": "Hộ tịch", "channel": "online", "owner": owner,
        "submitted_at": "2025-01-15T07:45:12+07:00", "received_at": "2025-01-15T08:30:00+07:00", "status": "processing"
    });
    Ask::new("portal.sync-dossier", input)
}

fn markers() -> Vec<String> {
    ["ĐẶNG THỊ BÍ MẬT", "0f0e0d0c-0000-4000-8000-00000000beef", "038199654321", "bi-mat@mau.example", "0987654321"]
        .map(str::to_owned)
        .to_vec()
}

fn says(code: Value, message: Value) -> Raw {
    Raw::json(200, &json!({ "error_code": code, "message": message, "result": [] }))
}

fn misleading() -> Vec<Misleading> {
    let case = |what, answer, means| Misleading { what, answer, means };
    vec![
        case(
            "not successful with code zero",
            says(json!(0), json!("Cập nhật không thành công")),
            Means::Kind(FaultKind::Rejected),
        ),
        case(
            "not yet successful",
            says(json!("0"), json!("Đồng bộ chưa thành công")),
            Means::Kind(FaultKind::Rejected),
        ),
        case("words nobody knows", says(json!("0"), json!("Đã ghi nhận")), Means::Unknown),
        case("an object for a code", says(json!({ "value": "0" }), json!("Thành công")), Means::Fault),
        case("a code without words", says(json!("-1"), Value::Null), Means::Fault),
    ]
}

impl Subject for Axis {
    fn name(&self) -> &'static str {
        "portal (axis)"
    }

    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built {
        let axis = json!({
            "base": format!("{base}/forward"), "organisation": "000.00.00.H56",
            "username": "env:USER", "password": "env:PASSWORD"
        });
        let settings = json!({
            "endpoints": [{ "name": "axis", "axis": axis }],
            "inbound": { "security_key": "env:KEY" }
        });
        built(settings, around)
    }

    fn read(&self) -> Ask {
        Ask::new("portal.list-fields", json!({}))
    }

    fn write(&self) -> Ask {
        write()
    }

    fn markers(&self) -> Vec<String> {
        markers()
    }

    fn is_login(&self, received: &Received) -> bool {
        received.target.ends_with("/mapi/login")
    }

    fn has_session(&self) -> bool {
        true
    }

    fn shown(&self) -> Option<&'static str> {
        Some("session-1")
    }

    fn good(&self, received: &Received) -> Raw {
        if self.is_login(received) {
            let session = format!("session-{}", received.number);
            return Raw::json(200, &json!({ "session": session, "error_code": 0, "message": "" }));
        }
        let fields =
            json!([{ "MALINHVUC": "G15-TP01", "TENLINHVUC": "Hộ tịch", "MANGANH": "G15", "TENNGANH": "Tư pháp" }]);
        let result = if received.text().contains("LayDanhMuc") { fields } else { json!([]) };
        Raw::json(200, &json!({ "error_code": "0", "message": "Đồng bộ thành công", "result": result }))
    }

    fn refusal(&self, words: &str) -> Raw {
        says(json!("-1"), json!(format!("Cập nhật không thành công: {words}")))
    }

    fn misleading(&self) -> Vec<Misleading> {
        misleading()
    }

    fn pushes(&self) -> Vec<InboundRequest> {
        let payment = json!({
            "MaThongBaoThue": "LTB2512345-TK0000001/TB-CCT", "ThoiGianThanhToan": "20250120101500", "SoTien": 4634000,
            "NoiDungThanhToan": "Thuế TNCN", "TrangThaiThanhToan": "1"
        });
        let receipt = json!({
            "SecurityKey": SECRET, "Service": "NhanChungTuThueDat", "IsUpdating": "False",
            "data": {
                "MaHoSo": "H56.14-250115-0007", "HoTenNguoiNopTien": "NGUYỄN VĂN MẪU", "SoCMTNguoiNopTien": "038199000001",
                "DiaChiNguoiNopTien": "Số 1", "TinhNguoiNopTien": "38", "HuyenNguoiNopTien": "380",
                "XaNguoiNopTien": 14758, "MaSoThue": "2800000002", "UrlFileChungTu": "https://portal.test/c.pdf",
                "ThongTinThanhToan": payment
            }
        });
        let (method, path) = ("POST".to_owned(), "/nhanhsdvcqg".to_owned());
        vec![InboundRequest { method, path, query: None, headers: Vec::new(), body: receipt.to_string().into() }]
    }

    fn push_secret(&self) -> &'static str {
        SECRET
    }
}

impl Subject for Lgsp {
    fn name(&self) -> &'static str {
        "portal (lgsp)"
    }

    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built {
        let paths = json!({
            "add_dossier": "ThemMoi", "update_dossier": "CapNhat", "fields": "DanhMucLinhVuc"
        });
        let lgsp = json!({ "base": format!("{base}/KetNoi"), "token": "env:TOKEN", "paths": paths });
        built(json!({ "endpoints": [{ "name": "lgsp", "lgsp": lgsp }] }), around)
    }

    fn read(&self) -> Ask {
        Ask::new("portal.list-fields", json!({}))
    }

    fn write(&self) -> Ask {
        write()
    }

    fn markers(&self) -> Vec<String> {
        markers()
    }

    fn good(&self, received: &Received) -> Raw {
        Axis.good(&Received { body: received.target.replace("DanhMuc", "LayDanhMuc").into_bytes(), ..received.clone() })
    }

    fn shown(&self) -> Option<&'static str> {
        Some(SECRET)
    }

    fn also_good(&self) -> &'static [&'static str] {
        &["200 with an empty list"]
    }

    fn refusal(&self, words: &str) -> Raw {
        Axis.refusal(words)
    }

    fn misleading(&self) -> Vec<Misleading> {
        misleading()
    }
}
