//! Takes out of a system's own words what must not show in a fault: secrets and the personal data of this very request. It finds nothing by itself.

use lienthong_core::text;

/// Texts that must not appear in a fault.
pub type Hidden<'a> = &'a [&'a str];

/// Shortest text that is hidden: shorter ones would blank out words.
const HIDDEN_CHARS: usize = 4;

/// The text with every hidden one replaced by stars, whatever its case.
pub fn without(message: &str, hidden: Hidden<'_>) -> String {
    let lower = |text: &str| -> Vec<char> { text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect() };
    let mut shown: Vec<char> = text::nfc(message).chars().collect();
    for value in hidden {
        let wanted = lower(&text::nfc(value.trim()));
        if wanted.len() < HIDDEN_CHARS {
            continue;
        }
        let mut from = 0;
        while let Some(at) = found(&shown, &wanted, from) {
            shown.splice(at..at.saturating_add(wanted.len()), "***".chars());
            from = at.saturating_add(3);
        }
    }
    shown.into_iter().collect()
}

fn found(text: &[char], wanted: &[char], from: usize) -> Option<usize> {
    let same = |window: &[char]| {
        window.iter().zip(wanted).all(|(seen, wanted)| seen.to_lowercase().next().unwrap_or(*seen) == *wanted)
    };
    text.get(from..)?.windows(wanted.len()).position(same).map(|at| at.saturating_add(from))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_hidden_in_any_case_and_form() {
        let said = "Công dân NGUYE\u{302}\u{303}N VĂN MẪU đã có hồ sơ";
        assert_eq!(without(said, &["Nguyễn Văn Mẫu"]), "Công dân *** đã có hồ sơ");
        assert_eq!(without("mã an", &["an"]), "mã an", "too short to hide");
    }

    proptest! {
        #[test]
        fn what_is_hidden_is_gone(before in "[a-z ]{0,20}", secret in "[0-9A-Z]{4,12}", after in "[a-z ]{0,20}") {
            let shown = without(&format!("{before}{secret}{after}"), &[&secret]);
            prop_assert!(!shown.contains(&secret));
        }
    }
}
