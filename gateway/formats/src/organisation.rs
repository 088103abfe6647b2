//! Organisation ids (QĐ 20/2020/QĐ-TTg) in their old and new form. The conversion is an inference from pairs seen: code tables win.

/// Longest id in the new form, in characters.
pub const CHARS: usize = 35;
/// Widths of the groups under level 1 in the old form, read from the right: levels 2, 3 and 4.
const OLD_WIDTHS: [usize; 3] = [2, 2, 3];

/// How an id is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `000.00.14.H56`: 13 characters, the highest level last (as of QCVN 102).
    Old,
    /// `H56.14`: the highest level first, groups of 1 to 3 digits.
    New,
}

/// The id's form, or `None` when it is no organisation id. `H56` alone is the new form.
pub fn form(id: &str) -> Option<Form> {
    if id.is_empty() || id.len() > CHARS {
        return None;
    }
    let group = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    match id.rsplit_once('.') {
        None => is_level_one(id).then_some(Form::New),
        Some((groups, last)) if is_level_one(last) => {
            let widths = groups.rsplit('.').map(str::len);
            (widths.eq(OLD_WIDTHS) && groups.split('.').all(group)).then_some(Form::Old)
        }
        Some(_) => {
            let (first, groups) = id.split_once('.')?;
            (is_level_one(first) && groups.split('.').all(group)).then_some(Form::New)
        }
    }
}

/// The level-1 id (a ministry or province): `H56` of `H56.14` and of `000.00.14.H56`.
pub fn root(id: &str) -> Option<&str> {
    match form(id)? {
        Form::Old => id.rsplit('.').next(),
        Form::New => id.split('.').next(),
    }
}

/// One capital letter and two digits: `H56`, `G22`.
pub fn is_level_one(part: &str) -> bool {
    matches!(part.as_bytes(), [letter, a, b] if letter.is_ascii_uppercase() && a.is_ascii_digit() && b.is_ascii_digit())
}

/// The new form of an id by its structure: `000.00.14.H56` is `H56.14`; one in the new form already is itself. `None` when it is no
/// id, or a level is missing between others.
pub fn new_form(id: &str) -> Option<String> {
    if form(id)? == Form::New {
        return Some(id.to_owned());
    }
    let parts: Vec<&str> = id.rsplit('.').collect();
    let used = parts.iter().rposition(|part| !is_zero(part)).unwrap_or(0);
    let kept = parts.get(..=used)?;
    (!kept.iter().any(|part| is_zero(part))).then(|| kept.join("."))
}

/// The old form of an id by its structure: `H56.14` is `000.00.14.H56`; one in the old form already is itself. `None` when it is no
/// id, has more levels, or a group whose width the old form cannot write (`H26.170`).
pub fn old_form(id: &str) -> Option<String> {
    if form(id)? == Form::Old {
        return Some(id.to_owned());
    }
    let mut parts = id.split('.');
    let root = parts.next()?;
    let mut groups: Vec<String> = Vec::new();
    for width in OLD_WIDTHS {
        match parts.next() {
            None => groups.push("0".repeat(width)),
            Some(group) if group.len() == width && !is_zero(group) => groups.push(group.to_owned()),
            Some(_) => return None,
        }
    }
    if parts.next().is_some() {
        return None;
    }
    groups.reverse();
    Some(format!("{}.{root}", groups.join(".")))
}

fn is_zero(group: &str) -> bool {
    group.bytes().all(|b| b == b'0')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_forms_are_told_apart() {
        for id in ["H56", "H56.14", "H26.170", "G12.18", "H56.14.03.001"] {
            assert_eq!(form(id), Some(Form::New), "{id}");
        }
        for id in ["000.00.00.H56", "000.00.32.H19", "001.03.14.H56"] {
            assert_eq!(form(id), Some(Form::Old), "{id}");
        }
        for id in ["", "h56", "H5", "00.00.14.H56", "000.00.14.H56.1", "H56.1234", "H56.", "14.H56", "H56.a"] {
            assert_eq!(form(id), None, "{id}");
        }
        assert_eq!((root("H56.14"), root("000.00.14.H56"), root("H56")), (Some("H56"), Some("H56"), Some("H56")));
    }

    #[test]
    fn the_conversion_follows_the_pairs_seen() {
        for (old, new) in [
            ("000.00.00.H56", "H56"),
            ("000.00.32.H19", "H19.32"),
            ("000.03.14.H56", "H56.14.03"),
            ("001.03.14.H56", "H56.14.03.001"),
        ] {
            assert_eq!(new_form(old).as_deref(), Some(new));
            assert_eq!(old_form(new).as_deref(), Some(old));
        }
    }

    #[test]
    fn what_the_structure_cannot_say_is_left_to_tables() {
        for id in ["H26.170", "H56.1", "H56.00", "H56.14.03.01", "H56.14.03.001.02", "nothing"] {
            assert_eq!(old_form(id), None, "{id}");
        }
        for id in ["001.00.14.H56", "000.03.00.H56", "nothing"] {
            assert_eq!(new_form(id), None, "{id}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_id(root in "[A-Z][0-9]{2}", levels in 0usize..4, a in 1u8..100, b in 1u8..100, c in 1u16..1000) {
            let groups = [format!(".{a:02}"), format!(".{b:02}"), format!(".{c:03}")];
            let id = format!("{root}{}", groups[..levels].concat());
            let old = old_form(&id).unwrap();
            prop_assert_eq!(old.len(), 13);
            prop_assert_eq!(form(&old), Some(Form::Old));
            prop_assert_eq!(new_form(&old), Some(id.clone()));
            prop_assert_eq!(old_form(&old), Some(old));
            prop_assert_eq!(new_form(&id), Some(id));
        }

        #[test]
        fn no_text_panics(id in "\\PC*") {
            let _forms = (form(&id), root(&id), new_form(&id), old_form(&id));
        }
    }
}
