//! Organisation ids in both forms, as far as a dossier code needs them; it must not rewrite one form into the other.

/// The root of an organisation id: `H56` of `H56.14` and of `000.00.14.H56`.
fn root(id: &str) -> Option<&str> {
    let parts: Vec<&str> = id.split('.').collect();
    let well_formed = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if !parts.iter().all(well_formed) {
        return None;
    }
    match parts.as_slice() {
        ["000", _, _, last] => Some(last),
        [first, ..] => Some(first),
        [] => None,
    }
}

/// Whether an organisation id, in either form, is one of these provinces'.
pub(super) fn is_of(id: &str, prefixes: &[String]) -> bool {
    root(id).is_some_and(|root| prefixes.iter().any(|prefix| prefix == root))
}

/// Whether a dossier code begins with one of these provinces' ids, in either form.
pub(super) fn belongs_to(code: &str, prefixes: &[String]) -> bool {
    code.split_once('-').is_some_and(|(id, rest)| !rest.is_empty() && is_of(id, prefixes))
}

#[cfg(test)]
mod tests {
    use super::belongs_to;

    #[test]
    fn both_forms_of_a_code_belong_and_foreign_ones_do_not() {
        let prefixes = ["H56".to_owned(), "H41".to_owned()];
        for own in ["H56.14-250115-0007", "000.00.14.H56-250115-0007", "H56-250115-1", "H41.2-1"] {
            assert!(belongs_to(own, &prefixes), "{own}");
        }
        for foreign in [
            "H57.14-250115-0007",
            "000.00.14.H57-250115-0007",
            "H561.14-250115-0007",
            "000.00.H56-250115-0007",
            "H56.14",
            "H56.14-",
            "H56..14-250115-0007",
            "-250115-0007",
            "",
        ] {
            assert!(!belongs_to(foreign, &prefixes), "{foreign}");
        }
    }
}
