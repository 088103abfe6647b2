//! Rows of the portal's catalogues: upper-case names, numbers as texts, one for many. Unknown fields are ignored.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::loose::{Many, Text};

/// A row of `LayDanhSachTTHC`: only `MATTHC` is documented, the rest is kept as it comes.
#[derive(Deserialize)]
pub(crate) struct ProcedureRow {
    #[serde(rename = "MATTHC")]
    pub(crate) code: Text,
    #[serde(rename = "TENTTHC", default)]
    pub(crate) name: Option<Text>,
    #[serde(flatten)]
    pub(crate) other: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
pub(crate) struct AgencyRow {
    #[serde(rename = "MADONVI")]
    pub(crate) code: Text,
    #[serde(rename = "TENDONVI", default)]
    pub(crate) name: Text,
    #[serde(rename = "CAPDONVI", default)]
    pub(crate) level: Option<Text>,
}

#[derive(Deserialize)]
pub(crate) struct FieldRow {
    #[serde(rename = "MALINHVUC")]
    pub(crate) code: Text,
    #[serde(rename = "TENLINHVUC", default)]
    pub(crate) name: Text,
    #[serde(rename = "MANGANH", default)]
    pub(crate) sector: Option<Text>,
}

/// One procedure of `LayThuTuc`.
#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) struct Procedure {
    pub(crate) matthc: Text,
    #[serde(default)]
    pub(crate) tentthc: Text,
    #[serde(default)]
    pub(crate) loaitthc: Text,
    #[serde(default)]
    pub(crate) trangthai: Text,
    #[serde(default)]
    pub(crate) linhvucthuchien: Many<FieldRef>,
    #[serde(default)]
    pub(crate) capthuchien: Many<LevelRef>,
    #[serde(default)]
    pub(crate) coquanthuchien: Many<AgencyRef>,
    #[serde(default)]
    pub(crate) motacoquanthuchien: Text,
    #[serde(default)]
    pub(crate) ketquathuchien: Many<ResultRef>,
    #[serde(default)]
    pub(crate) cachthucthuchien: Many<Channel>,
    #[serde(default)]
    pub(crate) thanhphanhoso: Many<PaperCase>,
    #[serde(default)]
    pub(crate) trinhtuthuchien: Many<StepCase>,
    #[serde(default)]
    pub(crate) yeucau: Text,
    #[serde(default)]
    pub(crate) motadoituongthuchien: Text,
    #[serde(default)]
    pub(crate) cancuphaply: Many<Basis>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct FieldRef {
    pub(crate) malinhvuc: Text,
    pub(crate) tenlinhvuc: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct LevelRef {
    pub(crate) capthuchien: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct AgencyRef {
    pub(crate) madonvi: Text,
    pub(crate) tendonvi: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct ResultRef {
    pub(crate) maketqua: Text,
    pub(crate) tenketqua: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct Channel {
    pub(crate) kenh: Text,
    pub(crate) thoigian: Many<Term>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct Term {
    pub(crate) thoigiangiaiquyet: Text,
    pub(crate) donvitinh: Text,
    pub(crate) mota: Text,
    pub(crate) philephi: Many<Price>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct Price {
    pub(crate) sotien: Text,
    pub(crate) donvi: Text,
    pub(crate) mota: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct PaperCase {
    pub(crate) truonghop: Text,
    pub(crate) giayto: Many<PaperAsked>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct PaperAsked {
    pub(crate) magiayto: Text,
    pub(crate) tengiayto: Text,
    pub(crate) sobanchinh: Text,
    pub(crate) sobansao: Text,
    pub(crate) tenmaudon: Text,
    pub(crate) url: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct StepCase {
    pub(crate) truonghop: Text,
    pub(crate) trinhtu: Many<StepRef>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct StepRef {
    pub(crate) tentrinhtu: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub(crate) struct Basis {
    pub(crate) sovanban: Text,
    pub(crate) tenvanban: Text,
}
