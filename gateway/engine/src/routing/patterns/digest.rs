//! Digests of JSON values that do not depend on how they were written: equal values, equal digests. They keep nothing.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// 64 hexadecimal digits over what kind of digest it is, for which message, and the value.
pub(super) fn of(what: &str, message: &str, value: &Value) -> String {
    let mut digest = Sha256::new();
    text(&mut digest, what);
    text(&mut digest, message);
    add(&mut digest, value);
    hex(&digest.finalize())
}

fn add(digest: &mut Sha256, value: &Value) {
    match value {
        Value::Null => digest.update(b"n"),
        Value::Bool(flag) => digest.update([b'b', u8::from(*flag)]),
        Value::Number(number) => {
            digest.update(b"#");
            text(digest, &number.to_string());
        }
        Value::String(string) => {
            digest.update(b"s");
            text(digest, string);
        }
        Value::Array(items) => {
            digest.update(b"[");
            digest.update((items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| add(digest, item));
        }
        Value::Object(fields) => {
            digest.update(b"{");
            digest.update((fields.len() as u64).to_le_bytes());
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            for name in names {
                text(digest, name);
                if let Some(field) = fields.get(name) {
                    add(digest, field);
                }
            }
        }
    }
}

fn text(digest: &mut Sha256, text: &str) {
    digest.update((text.len() as u64).to_le_bytes());
    digest.update(text.as_bytes());
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _written = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::routing::fixture::any_json;

    #[test]
    fn the_order_of_fields_does_not_count_and_that_of_items_does() {
        let one: Value = serde_json::from_str(r#"{"a":1,"b":[1,2]}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"b":[1,2],"a":1}"#).unwrap();
        assert_eq!(of("x", "m", &one), of("x", "m", &two));
        assert_ne!(of("x", "m", &json!([1, 2])), of("x", "m", &json!([2, 1])));
        assert_ne!(of("x", "m", &json!(["ab", "c"])), of("x", "m", &json!(["a", "bc"])));
        assert_ne!(of("x", "m", &one), of("y", "m", &one));
    }

    proptest! {
        #[test]
        fn different_values_have_different_digests(one in any_json(), two in any_json()) {
            prop_assert_eq!(of("x", "m", &one) == of("x", "m", &two), one == two);
        }
    }
}
