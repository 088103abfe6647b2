//! The database's own names and shapes: requests as SOAP and as the wrapper's JSON. They never leave this crate and hold no rule.

use jiff::civil::Date;
use lienthong_formats::xml::Element;
use serde_json::{Map, Value};

use crate::config::{BirthForm, FieldNames};

/// SOAP 1.1.
pub(crate) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const POPULATION: &str = "http://dancuquocgia.bca";

/// Longest texts of the document, in characters.
pub(crate) mod longest {
    pub(crate) const REQUEST_ID: usize = 40;
    pub(crate) const PROCEDURE: usize = 20;
    pub(crate) const INTEGRATION_CODE: usize = 20;
    pub(crate) const OFFICER: usize = 20;
    pub(crate) const UNIT: usize = 35;
    pub(crate) const NAME: usize = 100;
    /// Not in the document: a bound of ours.
    pub(crate) const ACCOUNT: usize = 50;
    pub(crate) const PHONE: usize = 15;
}

/// Names of the operations' elements.
pub(crate) mod operation {
    pub(crate) const FIND_CITIZEN: &str = "TraCuuThongTinCongDan";
    pub(crate) const VERIFY_CITIZEN: &str = "XacThucThongTinCongDan";
    pub(crate) const FIND_HOUSEHOLD: &str = "CungCapThongTinHoGiaDinh";
    pub(crate) const CONFIRM_MARITAL_STATUS: &str = "XacMinhTinhTrangHonNhan";
}

/// Names in answers.
pub(crate) mod answer {
    /// A lower-case d where one of the element inside it is a capital.
    pub(crate) const COLLECTION: &str = "CongdanCollection";
    pub(crate) const CITIZEN: &str = "CongDan";
    pub(crate) const IDENTITY_NUMBER: &str = "SoDinhDanh";
    pub(crate) const OLD_IDENTITY_NUMBER: &str = "SoCMND";
    pub(crate) const NAME: &str = "HoVaTen";
    /// Family, middle and given name: the whole stands in the last.
    pub(crate) const NAME_PARTS: [&str; 3] = ["Ho", "ChuDem", "Ten"];
    pub(crate) const SEX: &str = "GioiTinh";
    pub(crate) const ETHNICITY: &str = "DanToc";
    pub(crate) const RELIGION: &str = "TonGiao";
    pub(crate) const MARITAL_STATUS: &str = "TinhTrangHonNhan";
    pub(crate) const BLOOD_GROUP: &str = "NhomMau";
    pub(crate) const BIRTH: &str = "NgayThangNamSinh";
    pub(crate) const BIRTH_DAY: &str = "NgayThangNam";
    pub(crate) const BIRTH_YEAR: &str = "Nam";
    pub(crate) const BIRTH_REGISTRATION: &str = "NoiDangKyKhaiSinh";
    pub(crate) const NATIONALITY: &str = "QuocTich";
    pub(crate) const ORIGIN: &str = "QueQuan";
    pub(crate) const PERMANENT_RESIDENCE: &str = "ThuongTru";
    pub(crate) const CURRENT_RESIDENCE: &str = "NoiOHienTai";
    pub(crate) const PROVINCE: &str = "MaTinhThanh";
    pub(crate) const DISTRICT: &str = "MaQuanHuyen";
    pub(crate) const COMMUNE: &str = "MaPhuongXa";
    pub(crate) const DETAIL: &str = "ChiTiet";
    pub(crate) const COUNTRY: &str = "QuocGia";
    pub(crate) const FATHER: &str = "Cha";
    pub(crate) const MOTHER: &str = "Me";
    pub(crate) const SPOUSE: &str = "VoChong";
    pub(crate) const REPRESENTATIVE: &str = "NguoiDaiDien";
    pub(crate) const HEAD: &str = "ChuHo";
    pub(crate) const RELATION: &str = "QuanHe";
    pub(crate) const HOUSEHOLD_BOOK: &str = "SoSoHoKhau";
}

/// One question as the database takes it. It is personal data and has no `Debug`.
pub(crate) struct Request {
    pub(crate) ma_yeu_cau: String,
    pub(crate) ma_dvc: String,
    pub(crate) ma_tich_hop: String,
    pub(crate) ma_can_bo: String,
    pub(crate) ma_don_vi: Option<String>,
    pub(crate) tai_khoan: Option<String>,
    pub(crate) so_dien_thoai: Option<String>,
    pub(crate) so_dinh_danh: Option<String>,
    pub(crate) so_cmnd: Option<String>,
    pub(crate) ho_va_ten: String,
    pub(crate) ngay_thang_nam_sinh: Option<Birth>,
}

/// A birth date, as precisely as it is known.
#[derive(Clone, Copy)]
pub(crate) enum Birth {
    Day(Date),
    Year(i16),
}

impl Birth {
    /// `yyyyMMdd` or `yyyy`
    pub(crate) fn compact(self) -> String {
        match self {
            Self::Day(day) => format!("{:04}{:02}{:02}", day.year(), day.month(), day.day()),
            Self::Year(year) => format!("{year:04}"),
        }
    }

    /// `yyyy-mm-dd` or `yyyy`
    pub(crate) fn dashed(self) -> String {
        match self {
            Self::Day(day) => format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
            Self::Year(year) => format!("{year:04}"),
        }
    }

    /// The field it has where day and year have fields of their own.
    fn field(self) -> &'static str {
        match self {
            Self::Day(_) => answer::BIRTH_DAY,
            Self::Year(_) => answer::BIRTH_YEAR,
        }
    }
}

impl Request {
    /// Every field that is one text, in the order the database insists on; the birth date follows them.
    fn texts(&self) -> [(&'static str, Option<&str>); 10] {
        let Self {
            ma_yeu_cau,
            ma_dvc,
            ma_tich_hop,
            ma_can_bo,
            ma_don_vi,
            tai_khoan,
            so_dien_thoai,
            so_dinh_danh,
            so_cmnd,
            ho_va_ten,
            ngay_thang_nam_sinh: _,
        } = self;
        [
            ("MaYeuCau", Some(ma_yeu_cau)),
            ("MaDVC", Some(ma_dvc)),
            ("MaTichHop", Some(ma_tich_hop)),
            ("MaCanBo", Some(ma_can_bo)),
            ("MaDonVi", ma_don_vi.as_deref()),
            ("TaiKhoan", tai_khoan.as_deref()),
            ("SoDienThoai", so_dien_thoai.as_deref()),
            ("SoDinhDanh", so_dinh_danh.as_deref()),
            ("SoCMND", so_cmnd.as_deref()),
            ("HoVaTen", Some(ho_va_ten)),
        ]
    }

    /// The whole envelope. An element that has no text is not there.
    pub(crate) fn soap(&self, operation: &str, form: BirthForm) -> Element {
        let named = |name: &str| Element::new(name).prefixed("dan", POPULATION);
        let leaf = |name: &str, text: &str| Element { text: text.to_owned(), ..named(name) };
        let texts = self.texts().into_iter().filter_map(|(name, text)| text.map(|text| leaf(name, text)));
        let mut asked = named(operation).with_children(texts);
        if let Some(birth) = self.ngay_thang_nam_sinh {
            asked = asked.with_child(match form {
                BirthForm::Nested => named(answer::BIRTH).with_child(leaf(birth.field(), &birth.compact())),
                BirthForm::Flat => leaf(answer::BIRTH, &birth.dashed()),
            });
        }
        let soap = |name: &str| Element::new(name).prefixed("soapenv", SOAP);
        soap("Envelope").with_child(soap("Header")).with_child(soap("Body").with_child(asked))
    }

    /// The wrapper's flat object. The birth date has two fields of its own there.
    pub(crate) fn json(&self, names: FieldNames, user_name_service: Option<&str>) -> Value {
        let mut fields = Map::new();
        let mut put = |name: &str, text: &str| {
            fields.insert(field_name(name, names), Value::String(text.to_owned()));
        };
        for (name, text) in self.texts() {
            if let Some(text) = text {
                put(name, text);
            }
        }
        if let Some(birth) = self.ngay_thang_nam_sinh {
            put(birth.field(), &birth.compact());
        }
        if let Some(name) = user_name_service {
            fields.insert("userNameService".to_owned(), Value::String(name.to_owned()));
        }
        Value::Object(fields)
    }
}

/// `MaDVC` is `maDVC`, `SoCMND` is `soCMND`.
fn field_name(name: &str, names: FieldNames) -> String {
    match names {
        FieldNames::Pascal => name.to_owned(),
        FieldNames::Camel => {
            let mut chars = name.chars();
            chars.next().into_iter().flat_map(char::to_lowercase).chain(chars).collect()
        }
    }
}
