//! Laws of verification: no bytes make it panic, and whatever verifies reads as what was signed.

use lienthong_formats::xml::{Element, Limits, read};
use proptest::prelude::*;

use super::*;

const SLIP: &str = include_str!("../../../testdata/slip.signed.xml");

/// What a reader gets of a slip: everything but the signature.
fn content(document: &str) -> Element {
    let mut root = read(document.as_bytes(), &Limits::MESSAGE).unwrap();
    root.children.retain(|child| child.name != "Signature");
    root
}

fn holds(document: &str) -> bool {
    verify(document, DOSSIER, &Rules::default(), "2026-03-02T01:00:00Z".parse().unwrap()).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_verification_panic(text in "\\PC{0,200}") {
        prop_assert!(!holds(&text));
    }

    #[test]
    fn what_verifies_after_damage_reads_as_what_was_signed(
        at in 0..SLIP.len(),
        length in 0..60_usize,
        piece in "(| |<!-- -->|&amp;|<a/>|\"|\\PC{0,8})",
    ) {
        let boundary = |mut at: usize| { while !SLIP.is_char_boundary(at) { at += 1; } at };
        let (from, until) = (boundary(at), boundary((at + length).min(SLIP.len())));
        let damaged = format!("{}{piece}{}", &SLIP[..from], &SLIP[until..]);
        if holds(&damaged) {
            prop_assert_eq!(content(&damaged), content(SLIP));
        }
    }
}
