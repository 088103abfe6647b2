//! The land ledger: who owes what for which dossier, instalments and all; it must not be asked by anybody it does not prove.

use std::collections::HashMap;

use crate::net::rng::Rng;

/// Debts kept at most.
const DEBTS: usize = 500_000;

/// One row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Debt {
    /// `MA_HS`
    pub dossier: String,
    /// `MA_SO_THUE`
    pub tax_code: String,
    /// `SO`: identity number of the owner; the real one may carry junk behind it.
    pub owner_number: String,
    /// `TEN_NNT`; may hold two people.
    pub owner_name: String,
    /// `SO_QUYET_DINH`
    pub decision: String,
    /// `NGAY_QUYET_DINH`, `yyyy-MM-dd`.
    pub decided_on: String,
    /// `MA_TMUC`
    pub item: String,
    /// `TEN_TMUC`
    pub item_name: String,
    /// `SO_CON_PHAI_NOP`, đồng.
    pub amount: u64,
    /// `HAN_NOP`, `yyyy-MM-dd`: instalments of one decision differ in this alone.
    pub due: String,
}

/// What the ledger says of a dossier and an owner.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Debts(Vec<Debt>),
    NothingOwed,
    Unknown,
}

#[derive(Default)]
pub(super) struct Ledger {
    /// By dossier; a dossier without debts paid them all.
    by_dossier: HashMap<String, Vec<Debt>>,
    rows: usize,
}

impl Ledger {
    pub(super) fn owe(&mut self, debt: Debt) -> bool {
        if self.rows >= DEBTS {
            return false;
        }
        self.rows += 1;
        self.by_dossier.entry(debt.dossier.clone()).or_default().push(debt);
        true
    }

    pub(super) fn of(&self, dossier: &str) -> Vec<Debt> {
        self.by_dossier.get(dossier).cloned().unwrap_or_default()
    }

    pub(super) fn paid(&mut self, dossier: &str, decision: &str) -> usize {
        let Some(debts) = self.by_dossier.get_mut(dossier) else { return 0 };
        let before = debts.len();
        debts.retain(|debt| debt.decision != decision);
        let gone = before - debts.len();
        self.rows = self.rows.saturating_sub(gone);
        gone
    }

    /// An owner is known by a number that begins as the asked one does.
    pub(super) fn find(&self, dossier: &str, owner: &str) -> Found {
        let Some(debts) = self.by_dossier.get(dossier) else { return Found::Unknown };
        if debts.is_empty() {
            return Found::NothingOwed;
        }
        let owed: Vec<Debt> = debts.iter().filter(|debt| debt.owner_number.starts_with(owner)).cloned().collect();
        if owed.is_empty() { Found::Unknown } else { Found::Debts(owed) }
    }

    /// What the tax office makes of a slip: income tax in one sum, the registration fee in two instalments of one decision.
    pub(super) fn assess(&mut self, dossier: &str, seed: u64) {
        let mut rng = Rng::new(seed ^ hash(dossier));
        let serial = rng.below(9_000_000) + 1;
        let decision = |offset: u64| format!("LTB2512345-TK{:07}/TB-CCT", serial + offset);
        let debt = |decision: String, item: &str, item_name: &str, amount: u64, due: &str| Debt {
            dossier: dossier.to_owned(),
            tax_code: "2800000002".to_owned(),
            owner_number: "038199000001".to_owned(),
            owner_name: "Ông Nguyễn Văn Mẫu và bà Trần Thị Mẫu".to_owned(),
            decision,
            decided_on: "2025-01-20".to_owned(),
            item: item.to_owned(),
            item_name: item_name.to_owned(),
            amount,
            due: due.to_owned(),
        };
        let (tax, fee) = (1_000_000 + rng.below(900) * 5_000, 200_000 + rng.below(900) * 500);
        let income = "Thuế thu nhập từ chuyển nhượng bất động sản";
        for row in [
            debt(decision(0), "1006", income, tax, "2025-02-20"),
            debt(decision(1), "2801", "Lệ phí trước bạ nhà đất", fee, "2025-02-20"),
            debt(decision(1), "2801", "Lệ phí trước bạ nhà đất", fee, "2025-05-20"),
        ] {
            self.owe(row);
        }
    }
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instalments_are_two_rows_that_differ_in_their_due_date_alone() {
        let mut ledger = Ledger::default();
        ledger.assess("H56.14-250115-0007", 1);
        let debts = ledger.of("H56.14-250115-0007");
        assert_eq!(debts.len(), 3);
        assert_ne!(debts[1].due, debts[2].due);
        assert_eq!(Debt { due: debts[1].due.clone(), ..debts[2].clone() }, debts[1]);
        assert_eq!(ledger.paid("H56.14-250115-0007", &debts[1].decision), 2);
        assert!(matches!(ledger.find("H56.14-250115-0007", "038199000001"), Found::Debts(rows) if rows.len() == 1));
        assert_eq!(ledger.find("H56.14-250115-0007", "038199000009"), Found::Unknown);
        ledger.paid("H56.14-250115-0007", &debts[0].decision);
        assert_eq!(ledger.find("H56.14-250115-0007", "038199000001"), Found::NothingOwed);
        assert_eq!(ledger.find("H56.14-250115-0008", "038199000001"), Found::Unknown);
    }
}
