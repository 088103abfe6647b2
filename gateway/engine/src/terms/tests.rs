//! What is made of marked fields, and that what people type finds it.

use lienthong_core::operation::texts;
use serde_json::json;

use super::*;

fn keyed() -> Digests {
    Digests::new(Some(&SecretString::from("k".repeat(KEY_BYTES)))).unwrap()
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "receipt": {"type": ["string", "null"], "x-searchable": "exact"},
            "title": {"type": "string", "x-searchable": "text"},
            "unmarked": {"type": "string"},
            "owner": {"anyOf": [{"$ref": "#/$defs/Owner"}, {"type": "null"}]}
        },
        "$defs": {"Owner": {"properties": {
            "name": {"type": "string", "x-searchable": "text"},
            "numbers": {"type": "array", "items": {"properties": {"no": {"type": "string", "x-searchable": "exact"}}}},
            "owner": {"$ref": "#/$defs/Owner"}
        }}}
    })
}

fn searchable() -> Searchable {
    Searchable::of(&schema(), &texts(&["/owner"])).unwrap()
}

fn body() -> Value {
    json!({
        "receipt": "BL-2026/0007", "title": "Cấp phép xây dựng", "unmarked": "Xã Mẫu",
        "owner": {"name": "NGUYỄN  Thị Đào", "numbers": [{"no": "0381 9900 0001"}, {"no": "112233445"}]}
    })
}

/// Whether what is typed finds the body.
fn finds(digests: &Digests, typed: &str) -> bool {
    let own = digests.of_body(&searchable(), &body());
    let asked = digests.asked(typed);
    let has = |word: &Vec<Term>| word.iter().any(|term| own.contains(term));
    asked.whole.as_ref().is_some_and(has) || asked.words.iter().all(has)
}

#[test]
fn marks_are_read_through_references_lists_and_choices_and_say_what_is_personal() {
    let fields = searchable();
    let shown: Vec<_> =
        fields.fields().iter().take(4).map(|field| (field.pointer.as_str(), field.manner, field.personal)).collect();
    assert_eq!(shown[0], ("/owner/numbers/*/no", Manner::Exact, true));
    assert!(shown.iter().all(|(pointer, _, personal)| *personal == pointer.starts_with("/owner")));
    let all: Vec<_> = fields.fields().iter().map(|field| field.pointer.as_str()).collect();
    for pointer in ["/receipt", "/title", "/owner/name", "/owner/owner/name"] {
        assert!(all.contains(&pointer), "{pointer}");
    }
    assert!(!all.contains(&"/unmarked"));
}

#[test]
fn a_mark_that_is_none_is_a_problem_with_its_place() {
    let wrong = json!({"properties": {"a/b": {"x-searchable": "yes"}}});
    assert_eq!(Searchable::of(&wrong, &[]), Err(vec!["`x-searchable` at `/a~1b` must be text or exact".to_owned()]));
}

#[test]
fn what_people_type_finds_names_by_word_and_numbers_as_a_whole() {
    let digests = keyed();
    for typed in [
        "nguyen thi dao",
        "Đào",
        "đào NGUYỄN",
        "038199000001",
        "0381 9900 0001",
        "0381-99000001",
        "bl 2026 0007",
        "BL-2026/0007",
        "xây dựng",
        "xay dung cap",
        "dao 112233445",
    ] {
        assert!(finds(&digests, typed), "{typed}");
    }
    for typed in ["nguyen van dao", "03819900000", "0381", "mau", "bl 2026 0008", "dao 112233446"] {
        assert!(!finds(&digests, typed), "{typed}");
    }
}

#[test]
fn without_a_key_personal_fields_are_found_by_nothing_and_others_still() {
    let none = Digests::default();
    assert!(!none.have_key());
    assert_eq!(none.of_body(&searchable(), &body()).len(), 1 + 4);
    assert!(finds(&none, "xây dựng"));
    assert!(!finds(&none, "nguyen") && !finds(&none, "038199000001"));
}

#[test]
fn another_key_makes_other_terms_and_a_short_one_is_refused() {
    let other = Digests::new(Some(&SecretString::from("l".repeat(KEY_BYTES)))).unwrap();
    let (one, two) = (keyed().of_body(&searchable(), &body()), other.of_body(&searchable(), &body()));
    assert_eq!(one.iter().filter(|term| two.contains(term)).count(), 1 + 4, "only what is not personal");
    assert!(Digests::new(Some(&SecretString::from("secret"))).is_err());
}

#[test]
fn terms_are_bounded_and_numbers_come_before_words() {
    let title: String = (0..100).map(|number| format!("word{number} ")).collect();
    let many = json!({"receipt": "R-1", "title": title, "owner": {"name": "a b c", "numbers": [{"no": "9"}]}});
    let terms = keyed().of_body(&searchable(), &many);
    assert_eq!(terms.len(), limits::TERMS);
    for typed in ["9", "R1", "a", "b", "c", "word0", "word10"] {
        assert!(keyed().asked(typed).words.iter().all(|word| word.iter().any(|term| terms.contains(term))), "{typed}");
    }
}

#[test]
fn repeated_words_and_what_is_no_word_ask_nothing_more() {
    let asked = keyed().asked("Mẫu, mau - MẪU … !");
    assert_eq!((asked.words.len(), asked.whole), (1, None));
    assert!(keyed().asked(" -- ").words.is_empty());
    assert_eq!(keyed().asked("a b c d e f g h i j").words.len(), limits::SEARCH_WORDS);
}
