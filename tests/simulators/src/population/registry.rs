//! Synthetic citizens, made from a seed; nobody here exists, and the birth province code 000 is nobody's.

use crate::net::rng::Rng;

const FAMILY: [(&str, &str); 6] =
    [("Nguyễn", "NGUYEN"), ("Trần", "TRAN"), ("Đặng", "DANG"), ("Phạm", "PHAM"), ("Hoàng", "HOANG"), ("Võ", "VO")];
const MIDDLE: [(&str, &str, bool); 5] = [
    ("Văn", "VAN", true),
    ("Thị", "THI", false),
    ("Đức", "DUC", true),
    ("Ngọc Ánh", "NGOCANH", false),
    ("Hữu", "HUU", true),
];
const GIVEN: [(&str, &str); 7] = [
    ("Mẫu", "MAU"),
    ("Thử", "THU"),
    ("Đạt", "DAT"),
    ("Yến", "YEN"),
    ("Quỳnh", "QUYNH"),
    ("Kiều", "KIEU"),
    ("Ưng", "UNG"),
];

/// One registered person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citizen {
    /// 12 digits.
    pub id: String,
    /// 9 digits, where the person once had one.
    pub old_id: Option<String>,
    /// As written: `Nguyễn Văn Mẫu`.
    pub name: String,
    /// As asked for: `NGUYENVANMAU`.
    pub plain_name: String,
    pub male: bool,
    pub birth_year: u16,
    /// (month, day), where more than the year is known.
    pub birth_day: Option<(u8, u8)>,
    /// 1 single, 2 married, 3 divorced or widowed.
    pub marital_status: u8,
    /// Two digits.
    pub ethnicity: String,
    /// Two digits: 00 none, 01 A, 02 B, 03 AB, 04 O.
    pub blood_group: String,
    /// Five digits of the commune; the district is blank since 1 July 2025.
    pub commune: String,
    pub district: String,
    /// Which household: its first member is the head.
    pub household: usize,
}

impl Citizen {
    /// `yyyyMMdd`, where the day is known.
    pub fn birth_date(&self) -> Option<String> {
        self.birth_day.map(|(month, day)| format!("{:04}{month:02}{day:02}", self.birth_year))
    }
}

/// Everybody.
pub(super) struct Registry {
    citizens: Vec<Citizen>,
}

const HOUSEHOLD: usize = 4;

impl Registry {
    pub(super) fn new(seed: u64, count: usize) -> Self {
        let mut rng = Rng::new(seed ^ 0x00C1_712E);
        let citizens = (0..count).map(|place| citizen(&mut rng, place)).collect();
        Self { citizens }
    }

    pub(super) fn all(&self) -> &[Citizen] {
        &self.citizens
    }

    pub(super) fn by_number(&self, id: Option<&str>, old_id: Option<&str>) -> Option<&Citizen> {
        let wanted = |citizen: &&Citizen| match (id, old_id) {
            (Some(id), _) => citizen.id == id,
            (None, Some(old)) => citizen.old_id.as_deref() == Some(old),
            (None, None) => false,
        };
        self.citizens.iter().find(wanted)
    }

    pub(super) fn household(&self, number: usize) -> Vec<&Citizen> {
        self.citizens.iter().filter(|citizen| citizen.household == number).collect()
    }
}

fn one<T: Copy>(rng: &mut Rng, from: &[T]) -> Option<T> {
    let place = usize::try_from(rng.below(from.len() as u64)).unwrap_or(0);
    from.get(place).copied()
}

fn small(rng: &mut Rng, limit: u64) -> u8 {
    u8::try_from(rng.below(limit)).unwrap_or(0)
}

fn citizen(rng: &mut Rng, place: usize) -> Citizen {
    let family = one(rng, &FAMILY).unwrap_or(("Nguyễn", "NGUYEN"));
    let middle = one(rng, &MIDDLE).unwrap_or(("Văn", "VAN", true));
    let given = one(rng, &GIVEN).unwrap_or(("Mẫu", "MAU"));
    let birth_year = 1950 + u16::from(small(rng, 70));
    let male = middle.2;
    let born_late = birth_year >= 2000;
    // Century and sex: 0/1 for the 20th century, 2/3 for the 21st; male is the even one.
    let century = u8::from(born_late) * 2 + u8::from(!male);
    let district_gone = rng.per_mille(500);
    Citizen {
        id: format!("000{century}{:02}{:06}", birth_year % 100, place % 1_000_000),
        old_id: rng.per_mille(400).then(|| format!("17{:07}", place % 10_000_000)),
        name: format!("{} {} {}", family.0, middle.0, given.0),
        plain_name: format!("{}{}{}", family.1, middle.1, given.1),
        male,
        birth_year,
        birth_day: (!rng.per_mille(100)).then(|| (1 + small(rng, 12), 1 + small(rng, 28))),
        marital_status: 1 + small(rng, 3),
        ethnicity: format!("{:02}", 1 + small(rng, 54)),
        blood_group: format!("{:02}", small(rng, 5)),
        commune: format!("{:05}", 10_000 + rng.below(20_000)),
        district: if district_gone { String::new() } else { "380".to_owned() },
        household: place / HOUSEHOLD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_registers_the_same_people() {
        assert_eq!(Registry::new(7, 50).all(), Registry::new(7, 50).all());
        assert_ne!(Registry::new(7, 50).all(), Registry::new(8, 50).all());
    }

    #[test]
    fn numbers_are_twelve_digits_and_nobodys_twice() {
        let registry = Registry::new(3, 500);
        let ids: std::collections::BTreeSet<_> = registry.all().iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids.len(), 500);
        assert!(ids.iter().all(|id| id.len() == 12 && id.starts_with("000")));
        assert!(registry.all().iter().any(|one| one.old_id.is_some() && one.birth_day.is_none()));
    }
}
