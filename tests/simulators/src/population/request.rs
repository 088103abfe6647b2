//! Checks a request against the published rules, element order first, whatever form it came in; it must not look anybody up.

use serde_json::{Map, Value};

use super::options::PopulationOptions;
use super::soap::Node;

/// Which operation was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Find,
    Verify,
    Household,
    Marital,
}

impl Asked {
    const ALL: [Self; 4] = [Self::Find, Self::Verify, Self::Household, Self::Marital];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Find => "TraCuuThongTinCongDan",
            Self::Verify => "XacThucThongTinCongDan",
            Self::Household => "CungCapThongTinHoGiaDinh",
            Self::Marital => "XacMinhTinhTrangHonNhan",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asked| asked.name() == name)
    }
}

/// A request that keeps the rules.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) asked: Asked,
    pub(super) request_id: String,
    pub(super) procedure: String,
    pub(super) officer: String,
    pub(super) id: Option<String>,
    pub(super) old_id: Option<String>,
    pub(super) name: String,
    pub(super) birth: Birth,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Birth {
    Unsaid,
    /// `yyyyMMdd`
    Day(String),
    /// `yyyy`
    Year(String),
}

/// Which rule was broken: a stable name for the report, and the element.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Breach {
    pub(super) rule: &'static str,
    pub(super) element: String,
}

fn breach<T>(rule: &'static str, element: &str) -> Result<T, Breach> {
    Err(Breach { rule, element: element.to_owned() })
}

/// The elements in their order, each with its longest text and whether it must be there.
const ORDER: [(&str, usize, bool); 10] = [
    ("MaYeuCau", 40, true),
    ("MaDVC", 20, true),
    ("MaTichHop", 20, true),
    ("MaCanBo", 20, true),
    ("MaDonVi", 35, false),
    ("TaiKhoan", 50, false),
    ("SoDienThoai", 15, false),
    ("SoDinhDanh", 12, false),
    ("SoCMND", 9, false),
    ("HoVaTen", 100, true),
];
const BIRTH: &str = "NgayThangNamSinh";

/// Reads the SOAP form.
pub(super) fn soap(options: &PopulationOptions, operation: &Node) -> Result<Query, Breach> {
    let Some(asked) = Asked::of(&operation.name) else { return breach("unknown-operation", &operation.name) };
    in_order(operation)?;
    let value = |name: &str| operation.value(name).map(str::to_owned);
    let birth = match operation.child(BIRTH) {
        None => Birth::Unsaid,
        Some(node) => birth(node.value("NgayThangNam"), node.value("Nam"), Some(node.text.trim()))?,
    };
    judge(options, asked, value, birth)
}

/// Reads the LGSP wrapper's JSON: one operation, the same names, no order.
pub(super) fn wrapper(options: &PopulationOptions, fields: &Map<String, Value>) -> Result<Query, Breach> {
    for (name, value) in fields {
        let known = ORDER.iter().any(|(known, _, _)| known == name) || ["NgayThangNam", "Nam"].contains(&name.as_str());
        if !known {
            return breach("unknown-element", name);
        }
        if !(value.is_string() || value.is_null()) {
            return breach("not-a-text", name);
        }
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let birth = birth(text("NgayThangNam"), text("Nam"), None)?;
    judge(options, Asked::Find, |name| text(name).map(str::to_owned), birth)
}

/// Every element known, in the published order, none twice.
fn in_order(operation: &Node) -> Result<(), Breach> {
    let mut last = None;
    for child in &operation.children {
        let names = ORDER.iter().map(|(name, _, _)| *name).chain([BIRTH]);
        let Some(place) = names.into_iter().position(|name| name == child.name) else {
            return breach("unknown-element", &child.name);
        };
        if child.namespace != operation.namespace {
            return breach("wrong-namespace", &child.name);
        }
        if last.is_some_and(|last| place <= last) {
            return breach("wrong-order", &child.name);
        }
        last = Some(place);
    }
    Ok(())
}

fn birth(day: Option<&str>, year: Option<&str>, flat: Option<&str>) -> Result<Birth, Breach> {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let flat = flat.filter(|text| !text.is_empty()).map(|text| text.replace('-', ""));
    match (day, year, flat) {
        (Some(day), None, None) if digits(day, 8) => Ok(Birth::Day(day.to_owned())),
        (None, Some(year), None) if digits(year, 4) => Ok(Birth::Year(year.to_owned())),
        // The document has one flat field, `yyyy-mm-dd` or `yyyy`.
        (None, None, Some(flat)) if digits(&flat, 8) => Ok(Birth::Day(flat)),
        (None, None, Some(flat)) if digits(&flat, 4) => Ok(Birth::Year(flat)),
        (None, None, None) => Ok(Birth::Unsaid),
        (_, _, _) => breach("bad-birth-date", BIRTH),
    }
}

fn judge(
    options: &PopulationOptions,
    asked: Asked,
    value: impl Fn(&str) -> Option<String>,
    birth: Birth,
) -> Result<Query, Breach> {
    for (name, longest, required) in ORDER {
        match value(name) {
            None if required || (name == "MaDonVi" && options.require_unit) => return breach("missing", name),
            Some(text) if text.chars().count() > longest => return breach("too-long", name),
            Some(_) | None => {}
        }
    }
    let digits = |name: &str, count: usize| match value(name) {
        Some(text) if text.len() != count || !text.bytes().all(|byte| byte.is_ascii_digit()) => {
            breach("bad-number", name)
        }
        other => Ok(other),
    };
    let (id, old_id) = (digits("SoDinhDanh", 12)?, digits("SoCMND", 9)?);
    if id.is_none() && old_id.is_none() {
        return breach("missing", "SoCMND");
    }
    if asked == Asked::Find && value("MaTichHop").as_deref() != Some("037") {
        return breach("wrong-integration-code", "MaTichHop");
    }
    let text = |name: &str| value(name).unwrap_or_default();
    Ok(Query {
        asked,
        request_id: text("MaYeuCau"),
        procedure: text("MaDVC"),
        officer: text("MaCanBo"),
        id,
        old_id,
        name: text("HoVaTen"),
        birth,
    })
}
