//! Which procedures go through the gateway. It knows codes and nothing of requests.

/// The procedures that are migrated; every other one is served at the old address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Migrated {
    All,
    /// National codes.
    Procedures(Vec<String>),
}

impl Migrated {
    /// Whether a procedure is. A local code (`1.000094.000.00.00.H56`) belongs to its national one; no code belongs to none.
    pub(crate) fn holds(&self, code: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Procedures(national) => code.is_some_and(|code| national.iter().any(|one| is_of(code.trim(), one))),
        }
    }
}

fn is_of(code: &str, national: &str) -> bool {
    code.strip_prefix(national).is_some_and(|local| local.is_empty() || local.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_code_belongs_to_its_national_one_and_to_no_other() {
        let migrated = Migrated::Procedures(vec!["1.000094".into()]);
        for code in ["1.000094", " 1.000094 ", "1.000094.000.00.00.H56"] {
            assert!(migrated.holds(Some(code)), "{code}");
        }
        for code in [Some("1.0000945"), Some("1.00009"), Some(""), None] {
            assert!(!migrated.holds(code), "{code:?}");
        }
        assert!(Migrated::All.holds(None));
    }
}
