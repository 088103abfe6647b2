//! Names in every form they come in. Synthetic people only.

use proptest::prelude::*;

use super::*;

#[test]
fn a_name_loses_accents_blanks_and_bars() {
    for (name, expected) in [
        ("Nguyễn Văn Đạt", "NGUYENVANDAT"),
        ("  nguyễn   văn\tđạt ", "NGUYENVANDAT"),
        ("Trương Thị Mỹ Duyên", "TRUONGTHIMYDUYEN"),
        ("H'Hen Niê", "HHENNIE"),
        ("Lê Ưu-Ước", "LEUUUOC"),
        ("", ""),
    ] {
        assert_eq!(upper_ascii(name), expected, "{name}");
    }
}

#[test]
fn a_name_in_a_legacy_encoding_or_with_control_characters_may_not_go_on() {
    assert!(problem("NguyÔn V¨n §¹t").unwrap().contains("TCVN3"));
    assert_eq!(problem("A\0B").as_deref(), Some("holds control characters"));
    for good in ["Nguyễn Văn Đạt", "Nguye\u{302}\u{303}n", "Müller", "Noël", "王小明", "H'Hen Niê", ""] {
        assert_eq!(problem(good), None, "{good}");
    }
}

#[test]
fn a_decomposed_name_is_the_same_name() {
    let decomposed: String = "Nguyễn Văn Đạt".nfd().collect();
    assert_ne!(decomposed, "Nguyễn Văn Đạt");
    assert!(is_decomposed(&decomposed) && !is_decomposed("Nguyễn Văn Đạt"));
    assert_eq!(upper_ascii(&decomposed), "NGUYENVANDAT");
    assert_eq!(normalised(&decomposed), "Nguyễn Văn Đạt");
    assert!(same(&decomposed, "NGUYỄN VĂN ĐẠT"));
}

#[test]
fn the_letter_eth_counts_as_the_barred_d_it_looks_like() {
    assert_eq!(upper_ascii("\u{d0}ặng \u{f0}ạt"), "DANGDAT");
    assert!(same("\u{d0}ặng Văn Mẫu", "Đặng Văn Mẫu"));
}

#[test]
fn the_old_and_the_new_place_of_a_tone_mark_are_one_name() {
    for (old, new) in [("Thanh Hoá", "Thanh Hóa"), ("Nguyễn Thị Thuý", "Nguyễn Thị Thúy"), ("Khoẻ", "Khỏe")]
    {
        assert!(same(old, new), "{old} {new}");
    }
    for (one, other) in [("Hòa", "Hoa"), ("Hoà", "Hoả"), ("Lan", "Lân"), ("Đạt", "Dạt"), ("Mai Anh", "Maianh")]
    {
        assert!(!same(one, other), "{one} {other}");
    }
}

#[test]
fn blanks_that_do_not_show_are_no_part_of_a_name() {
    assert_eq!(normalised("\u{feff}Lê\u{a0}\u{a0}Thị \u{200b}Mẫu\u{0}"), "Lê Thị Mẫu");
}

proptest! {
    #[test]
    fn only_capitals_and_digits_remain_and_doing_it_again_changes_nothing(name in "\\PC*") {
        let ascii = upper_ascii(&name);
        prop_assert!(ascii.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
        prop_assert_eq!(upper_ascii(&ascii), ascii.clone());
        prop_assert_eq!(upper_ascii(&normalised(&name)), ascii);
    }

    #[test]
    fn normalising_is_done_once(name in "\\PC*") {
        let once = normalised(&name);
        prop_assert_eq!(normalised(&once), once.clone());
        prop_assert!(same(&name, &once));
        prop_assert!(!is_decomposed(&once));
    }

    #[test]
    fn sameness_does_not_mind_the_order(one in "[A-Za-zĐđạảãàáăâêôơưẩễ ]{0,20}", other in "[A-Za-zĐđạảãàáăâêôơưẩễ ]{0,20}") {
        prop_assert_eq!(same(&one, &other), same(&other, &one));
    }
}
