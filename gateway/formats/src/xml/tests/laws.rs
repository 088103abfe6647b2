//! What always holds of reading, writing and values.

use proptest::prelude::*;

use super::*;

fn a_name() -> impl Strategy<Value = String> {
    "[A-Za-z_][A-Za-z0-9_.-]{0,8}"
}

fn a_text() -> impl Strategy<Value = String> {
    "[ -~áĐữ\u{a0}\n\t\r<>&\"']{0,20}"
}

fn a_tree() -> impl Strategy<Value = Element> {
    let space = proptest::option::of(proptest::sample::select(vec!["urn:a".to_owned(), "urn:b".to_owned()]));
    let prefix = proptest::option::of(proptest::sample::select(vec!["p".to_owned(), "q".to_owned()]));
    let head = (a_name(), space, prefix, proptest::collection::btree_map(a_name(), a_text(), 0..3)).boxed();
    let leaf = (head.clone(), a_text()).prop_map(|(head, text)| made(head, text, Vec::new()));
    leaf.prop_recursive(4, 24, 4, move |inner| {
        (head.clone(), proptest::collection::vec(inner, 0..4))
            .prop_map(|(head, children)| made(head, String::new(), children))
    })
}

type Head = (String, Option<String>, Option<String>, std::collections::BTreeMap<String, String>);

fn made((name, namespace, prefix, attributes): Head, text: String, children: Vec<Element>) -> Element {
    let attributes = attributes
        .into_iter()
        .filter(|(name, _)| name != "xmlns")
        .map(|(name, value)| Attribute { name, namespace: namespace.clone(), prefix: prefix.clone(), value })
        .collect();
    Element { name, namespace, prefix, attributes, children, text }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(tree in a_tree()) {
        let text = write(&tree);
        prop_assert_eq!(read_text(&text), Ok(tree.clone()), "{}", text);
        prop_assert_eq!(read_text(&document(&tree)), Ok(tree));
    }

    #[test]
    fn a_value_makes_the_document_it_came_from(tree in a_tree()) {
        let arrays = Arrays::default();
        let value = to_value(&tree, &arrays);
        let again = from_value(&value, &Order::default()).unwrap();
        prop_assert_eq!(to_value(&again, &arrays), value);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _read = read(&bytes, &Limits::default());
    }

    #[test]
    fn a_damaged_document_never_panics(at in 0usize..300, byte in any::<u8>()) {
        let mut damaged = NOTICE.as_bytes().to_vec();
        if let Some(place) = damaged.get_mut(at) {
            *place = byte;
        }
        let _read = read(&damaged, &Limits::default());
        let _cut = read(&NOTICE.as_bytes()[..at.min(NOTICE.len())], &Limits::default());
    }

    #[test]
    fn markup_never_panics(text in "[<>/A-C=\"'&;!\\[\\]:? -]{0,40}") {
        if let Ok(element) = read_text(&text) {
            prop_assert_eq!(read_text(&write(&element)), Ok(element));
        }
    }
}
