//! What the database says about people, in its own shapes and with its habits; it must not judge a request.

use std::fmt::Write as _;

use super::registry::{Citizen, Registry};
use super::request::{Asked, Birth, Query};
use super::soap::escaped;

const NS: &str = "http://www.mic.gov.vn/dancu/1.0";

/// An answer's content, and whether somebody was found.
pub(super) struct Said {
    pub(super) xml: String,
    pub(super) found: bool,
}

/// `turn` chooses between the two ways in which nobody is found.
pub(super) fn answer(registry: &Registry, strict_names: bool, query: &Query, turn: u64) -> Said {
    let found = registry
        .by_number(query.id.as_deref(), query.old_id.as_deref())
        .filter(|citizen| named(citizen, &query.name, strict_names) && born(citizen, &query.birth));
    let xml = match (query.asked, found) {
        // INFERENCE: only the element `TonTai` and its being a boolean are public.
        (Asked::Verify, found) => format!(
            "<ns1:XacThucThongTinCongDanResponse xmlns:ns1=\"{NS}\"><ns1:TonTai>{}</ns1:TonTai></ns1:XacThucThongTinCongDanResponse>",
            found.is_some()
        ),
        (Asked::Find | Asked::Household | Asked::Marital, None) => nobody(turn),
        (Asked::Find, Some(citizen)) => collection(&person(registry, citizen)),
        // INFERENCE: the household as one collection of its members, the head first.
        (Asked::Household, Some(citizen)) => {
            let members = registry.household(citizen.household);
            collection(&members.into_iter().map(|member| person(registry, member)).collect::<String>())
        }
        // INFERENCE: the person with the fields that concern the question.
        (Asked::Marital, Some(citizen)) => collection(&format!(
            "<ns1:CongDan>{}{}{}{}</ns1:CongDan>",
            element("SoDinhDanh", &citizen.id),
            name(&citizen.name),
            element("TinhTrangHonNhan", &citizen.marital_status.to_string()),
            spouse(registry, citizen)
        )),
    };
    Said { xml, found: found.is_some() }
}

fn named(citizen: &Citizen, asked: &str, strict: bool) -> bool {
    if strict {
        return citizen.plain_name == asked;
    }
    let letters =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    letters(&citizen.plain_name) == letters(asked) || letters(&citizen.name) == letters(asked)
}

fn born(citizen: &Citizen, asked: &Birth) -> bool {
    match asked {
        Birth::Unsaid => true,
        Birth::Year(year) => *year == format!("{:04}", citizen.birth_year),
        Birth::Day(day) => citizen.birth_date().as_deref() == Some(day.as_str()),
    }
}

/// Both are seen: an empty collection, and a citizen without a name.
fn nobody(turn: u64) -> String {
    match turn % 2 {
        0 => format!("<ns1:CongdanCollection xmlns:ns1=\"{NS}\"/>"),
        _ => collection(
            "<ns1:CongDan><ns1:SoDinhDanh/><ns1:HoVaTen><ns1:Ho/><ns1:ChuDem/><ns1:Ten/></ns1:HoVaTen></ns1:CongDan>",
        ),
    }
}

/// A lower-case d: `CongdanCollection`.
fn collection(people: &str) -> String {
    format!("<ns1:CongdanCollection xmlns:ns1=\"{NS}\">{people}</ns1:CongdanCollection>")
}

fn element(name: &str, text: &str) -> String {
    match text {
        "" => format!("<ns1:{name}/>"),
        text => format!("<ns1:{name}>{}</ns1:{name}>", escaped(text)),
    }
}

/// The whole name stands in `Ten`.
fn name(name: &str) -> String {
    format!("<ns1:HoVaTen><ns1:Ho/><ns1:ChuDem/>{}</ns1:HoVaTen>", element("Ten", name))
}

fn person(registry: &Registry, citizen: &Citizen) -> String {
    let mut xml = String::from("<ns1:CongDan>");
    let birth = citizen.birth_date().unwrap_or_default();
    let parts = [
        element("SoDinhDanh", &citizen.id),
        element("SoCMND", citizen.old_id.as_deref().unwrap_or_default()),
        name(&citizen.name),
        element("GioiTinh", if citizen.male { "1" } else { "2" }),
        element("DanToc", &citizen.ethnicity),
        element("TonGiao", "00"),
        element("TinhTrangHonNhan", &citizen.marital_status.to_string()),
        element("NhomMau", &citizen.blood_group),
        format!(
            "<ns1:NgayThangNamSinh>{}{}</ns1:NgayThangNamSinh>",
            element("Nam", &citizen.birth_year.to_string()),
            element("NgayThangNam", &birth)
        ),
        place("NoiDangKyKhaiSinh", citizen),
        element("QuocTich", "VN"),
        place("QueQuan", citizen),
        place("ThuongTru", citizen),
        place("NoiOHienTai", citizen),
        relative("Cha", "", "Người Cha Mẫu"),
        relative("Me", "", "Người Mẹ Mẫu"),
        spouse(registry, citizen),
        relative("NguoiDaiDien", "", ""),
        head(registry, citizen),
        element("SoSoHoKhau", &format!("SIM{:06}", citizen.household)),
    ];
    for part in parts {
        xml.push_str(&part);
    }
    xml.push_str("</ns1:CongDan>");
    xml
}

fn place(name: &str, citizen: &Citizen) -> String {
    let mut xml = format!("<ns1:{name}>");
    for (name, text) in [
        ("MaTinhThanh", "38"),
        ("MaQuanHuyen", citizen.district.as_str()),
        ("MaPhuongXa", citizen.commune.as_str()),
        ("ChiTiet", "Số 1 đường Mẫu"),
        ("QuocGia", "VN"),
    ] {
        xml.push_str(&element(name, text));
    }
    // Writing to a text cannot fail.
    write!(xml, "</ns1:{name}>").unwrap_or_default();
    xml
}

fn relative(kind: &str, id: &str, who: &str) -> String {
    format!(
        "<ns1:{kind}>{}{}{}{}</ns1:{kind}>",
        element("SoDinhDanh", id),
        element("SoCMND", ""),
        name(who),
        element("QuocTich", "VN")
    )
}

/// Somebody of the same household, for the married.
fn spouse(registry: &Registry, citizen: &Citizen) -> String {
    let members = registry.household(citizen.household);
    let other = members.into_iter().find(|other| citizen.marital_status == 2 && other.id != citizen.id);
    other.map_or_else(|| relative("VoChong", "", ""), |other| relative("VoChong", &other.id, &other.name))
}

fn head(registry: &Registry, citizen: &Citizen) -> String {
    let Some(head) = registry.household(citizen.household).into_iter().next() else { return element("ChuHo", "") };
    let relation = if head.id == citizen.id { "CH01" } else { "CH03" };
    format!(
        "<ns1:ChuHo>{}{}{}{}</ns1:ChuHo>",
        element("QuanHe", relation),
        element("SoDinhDanh", &head.id),
        element("SoCMND", head.old_id.as_deref().unwrap_or_default()),
        name(&head.name)
    )
}
