//! A taxpayer's answer as our model: the one that was asked for, codes as they stand. It asks nobody.

use lienthong_core::{Fault, FaultKind};
use lienthong_formats::tax_code::TaxCode;

use super::read::{Reading, area};
use super::{personal, some};
use crate::config::EmptyAnswer;
use crate::model::{Answered, Taxpayer, TaxpayerAddress, TaxpayerFound};
use crate::wire::answer::{AddressRow, TaxpayerInfo, TaxpayerRow};

/// The taxpayer `asked`, as the answer describes it.
pub(crate) fn found(
    info: TaxpayerInfo,
    asked: &TaxCode,
    empty: EmptyAnswer,
    answer: Answered,
) -> Result<TaxpayerFound, Fault> {
    let TaxpayerInfo { rows, addresses } = info;
    let rows: Vec<TaxpayerRow> = rows.into_iter().filter(|row| !row.mst.is_empty()).collect();
    if rows.is_empty() {
        return Err(match empty {
            EmptyAnswer::NotFound => Fault::of(FaultKind::NotFound, "the answer describes no taxpayer"),
            EmptyAnswer::Unintelligible => Fault::of(
                FaultKind::Unintelligible,
                "the answer describes nobody; say in taxpayer.empty_answer what that means",
            ),
        });
    }
    if !rows.iter().any(|row| is_code(&row.mst, asked)) {
        return Err(Fault::of(FaultKind::Unintelligible, "the answer describes another taxpayer than was asked for"));
    }
    let mut reading = Reading::default();
    let taxpayers = rows.into_iter().enumerate().map(|(at, row)| taxpayer(row, at, &mut reading)).collect();
    let addresses = addresses.into_iter().map(address).collect();
    reading.settle(TaxpayerFound { taxpayers, addresses, answer })
}

fn is_code(text: &str, asked: &TaxCode) -> bool {
    text.replace('-', "") == asked.digits()
}

fn taxpayer(row: TaxpayerRow, at: usize, reading: &mut Reading) -> Taxpayer {
    let TaxpayerRow { mst, ten_nnt, loai_nnt, so, chuong, cap_chuong, cqt_ql, ngaycap_mst, chan_date, trang_thai } =
        row;
    Taxpayer {
        tax_code: lienthong_core::secret::Personal(mst),
        name: personal(ten_nnt),
        kind_code: some(loai_nnt),
        number: personal(so),
        chapter: some(chuong),
        chapter_level: some(cap_chuong),
        tax_office: some(cqt_ql),
        registered_on: reading.date(format!("/taxpayers/{at}/registered_on"), &ngaycap_mst).day,
        closed_on: reading.date(format!("/taxpayers/{at}/closed_on"), &chan_date).day,
        status_code: some(trang_thai),
    }
}

fn address(row: AddressRow) -> TaxpayerAddress {
    let AddressRow { mota_diachi, area: fields } = row;
    TaxpayerAddress { text: personal(mota_diachi), area: area(fields) }
}
