//! The land ledger's answer as our model: state by configured code, rows as they stand, one or many. It merges and leaves out none.

use lienthong_core::secret::Personal;
use lienthong_core::{Fault, FaultKind, text};

use super::check::same_dossier;
use super::read::{Reading, When, area};
use super::{personal, some};
use crate::config::LedgerConfig;
use crate::model::{Answered, LandLedger, LedgerEntry, LedgerState, LedgerTotal, Owner, Parcel, SubItem};
use crate::wire::answer::{Ledger, LedgerRow, Total};

/// What the ledger says of the dossier `asked`.
pub(crate) fn found(ledger: Ledger, asked: &str, config: &LedgerConfig, answer: Answered) -> Result<LandLedger, Fault> {
    let Ledger { trangthai, mota_trangthai, totals } = ledger;
    let state = state(&trangthai, &mota_trangthai, config)?;
    let rows = || totals.iter().flat_map(|total| &total.rows);
    match (state, rows().count()) {
        (LedgerState::Owed, 0) => return Err(contradiction("tells of a debt and shows none")),
        (LedgerState::NothingOwed, 1..) => return Err(contradiction("tells of no debt and shows one")),
        (LedgerState::Owed | LedgerState::NothingOwed, _) => {}
    }
    if !rows().all(|row| row.ma_hs.is_empty() || same_dossier(&row.ma_hs, asked)) {
        return Err(contradiction("shows debts of another dossier than was asked for"));
    }
    let mut reading = Reading::default();
    let totals = totals.into_iter().enumerate().map(|(at, one)| total(one, at, &mut reading)).collect();
    let (state_code, state_text) = (trangthai, some(text::excerpt(&mota_trangthai, 500)));
    reading.settle(LandLedger { dossier_code: asked.to_owned(), state, state_code, state_text, totals, answer })
}

fn state(code: &str, words: &str, config: &LedgerConfig) -> Result<LedgerState, Fault> {
    let is = |list: &[String]| !code.is_empty() && list.iter().any(|one| one.trim() == code);
    let told = |kind: FaultKind, detail: &str| {
        Fault::of(kind, detail).with_system_answer(some(code.to_owned()), some(words.to_owned()).as_deref())
    };
    if is(&config.owed) {
        Ok(LedgerState::Owed)
    } else if is(&config.nothing_owed) {
        Ok(LedgerState::NothingOwed)
    } else if is(&config.unknown) {
        Err(told(FaultKind::NotFound, "the ledger knows no such dossier or owner"))
    } else {
        Err(told(
            FaultKind::Unintelligible,
            "a state of the ledger that is not configured; say in ledger.owed, nothing_owed or unknown what it means",
        ))
    }
}

fn contradiction(what: &str) -> Fault {
    Fault::of(FaultKind::Unintelligible, format!("the answer {what}"))
}

fn total(total: Total, at: usize, reading: &mut Reading) -> LedgerTotal {
    let Total { ma_so_thue, tt_nnt, rows } = total;
    let amount = some(tt_nnt).map(|amount| reading.amount(format!("/totals/{at}/amount"), &amount));
    let entries = rows.into_iter().enumerate();
    LedgerTotal {
        tax_code: personal(ma_so_thue),
        amount,
        entries: entries.map(|(place, row)| entry(row, &format!("/totals/{at}/entries/{place}"), reading)).collect(),
    }
}

fn entry(row: LedgerRow, at: &str, reading: &mut Reading) -> LedgerEntry {
    let LedgerRow {
        ma_hs: _,
        ma_gcn,
        so_thuadat,
        so_to_bando,
        dia_chi_ts,
        asset_area,
        ma_dbhc,
        ma_so_thue,
        ten_nnt,
        so,
        mota_diachi,
        owner_area,
        so_quyet_dinh,
        ngay_quyet_dinh,
        ma_chuong,
        ma_tmuc,
        ten_tmuc,
        loai_tk_nsnn,
        ma_cquan_thu,
        so_con_phai_nop,
        han_nop,
        shkb,
    } = row;
    let When { day: decision_date, at: decided_at } = reading.date(format!("{at}/decision_date"), &ngay_quyet_dinh);
    LedgerEntry {
        certificate_number: some(ma_gcn),
        parcel: Parcel {
            number: some(so_thuadat),
            map_sheet: some(so_to_bando),
            address: personal(dia_chi_ts),
            area: area(asset_area),
            statistics_commune: some(ma_dbhc),
        },
        tax_code: personal(ma_so_thue),
        owner: Owner {
            name: personal(ten_nnt),
            identity_number: identity_number(&so).map(|number| Personal(number.to_owned())),
            number: personal(so),
            address: personal(mota_diachi),
            area: area(owner_area),
        },
        decision_number: some(so_quyet_dinh),
        decision_date,
        decided_at,
        chapter: some(ma_chuong),
        sub_item: some(ma_tmuc).map(|code| SubItem { code, name: some(ten_tmuc) }),
        budget_account: some(loai_tk_nsnn),
        collecting_office: some(ma_cquan_thu),
        amount: reading.amount(format!("{at}/amount"), &so_con_phai_nop),
        due_date: reading.date(format!("{at}/due_date"), &han_nop).day,
        treasury: some(shkb),
    }
}

/// The identity number a text begins with: 12 or 9 digits, then nothing or something that is no digit.
fn identity_number(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    matches!(digits, 9 | 12).then(|| text.get(..digits)).flatten()
}

#[cfg(test)]
mod tests;
