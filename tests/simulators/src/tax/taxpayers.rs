//! Synthetic taxpayers, the same for the same seed; it must not contain anybody.

use crate::net::rng::Rng;

/// Somebody who pays taxes and does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taxpayer {
    /// 10 digits whose last is the check digit, 13 with a hyphen for a branch, or a 12-digit personal number.
    pub tax_code: String,
    pub name: String,
    /// `LOAI_NNT`
    pub kind: &'static str,
    /// Identity number.
    pub number: String,
    /// `TRANG_THAI`
    pub status: &'static str,
    /// `MA_XA` of the tax office's own list, which is not the statistics office's.
    pub commune: String,
}

pub(super) struct Taxpayers(Vec<Taxpayer>);

const STATUSES: [&str; 7] = ["00", "01", "02", "03", "04", "05", "06"];

impl Taxpayers {
    pub(super) fn new(seed: u64, count: usize) -> Self {
        let mut rng = Rng::new(seed ^ 0x7a78);
        let mut serial: u64 = 280_000_000;
        let mut all: Vec<Taxpayer> = Vec::with_capacity(count);
        while all.len() < count {
            serial += 1;
            let Some(code) = with_check_digit(serial) else { continue };
            let place = all.len() as u64;
            let number = format!("0381{:08}", 99_000_001 + place);
            let commune = format!("40101{:02}", 1 + rng.below(20));
            // Most are in business; the other statuses each occur.
            let status = if place < 7 { STATUSES.get(all.len()).copied() } else { None }.unwrap_or("00");
            let one = |tax_code: String, name: String, kind| Taxpayer {
                tax_code,
                name,
                kind,
                number: number.clone(),
                status,
                commune: commune.clone(),
            };
            all.push(match place % 4 {
                0 => one(code, format!("CÔNG TY TNHH MẪU {place}"), "0100"),
                1 => one(format!("{code}-001"), format!("CHI NHÁNH CÔNG TY TNHH MẪU {place}"), "0110"),
                2 => one(code, format!("Nguyễn Văn Mẫu {place}"), "0300"),
                _ => one(number.clone(), format!("Trần Thị Mẫu {place}"), "0900"),
            });
        }
        Self(all)
    }

    pub(super) fn all(&self) -> &[Taxpayer] {
        &self.0
    }

    /// With or without the hyphen of a branch.
    pub(super) fn find(&self, tax_code: &str) -> Option<&Taxpayer> {
        let bare = |code: &str| code.replace('-', "");
        self.0.iter().find(|one| bare(&one.tax_code) == bare(tax_code))
    }
}

/// Nine digits and their check digit; `None` for the numbers that are not issued.
fn with_check_digit(nine: u64) -> Option<String> {
    let digits = format!("{nine:09}");
    let weights = [31, 29, 23, 19, 17, 13, 7, 5, 3];
    let sum: u64 = digits.bytes().zip(weights).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
    match 10 - sum % 11 {
        10 => None,
        digit => Some(format!("{digits}{digit}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_people_and_every_kind_of_code() {
        let one = Taxpayers::new(1, 40);
        assert_eq!(one.all(), Taxpayers::new(1, 40).all());
        let lengths: std::collections::BTreeSet<usize> = one.all().iter().map(|one| one.tax_code.len()).collect();
        assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [10, 12, 14]);
        let branch = &one.all()[1];
        assert_eq!(one.find(&branch.tax_code.replace('-', "")), Some(branch));
        assert_eq!(with_check_digit(280_000_000).as_deref(), Some("2800000002"));
    }
}
