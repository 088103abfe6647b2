//! The other side's lists out of whatever object they come in, by configured names; and which of our codes they lack. Pure.

use std::collections::{BTreeMap, BTreeSet};

use lienthong_core::secret::Personal;
use lienthong_core::{Fault, FaultKind, text};
use lienthong_kit::fault::without_mark;
use serde_json::Value;

use crate::config::ListConfig;
use crate::model::Entry;

/// Most rows of a list.
const ROWS: usize = 100_000;
/// Longest code or name of a row, in characters.
const CHARS: usize = 300;

/// The rows, by code. A row without a code is unreadable, and so is a list without one row: a list that is empty by mistake would
/// make everything unknown.
pub(crate) fn read(body: &[u8], config: &ListConfig) -> Result<Vec<Entry>, Fault> {
    let ListConfig { path: _, rows, code, name } = config;
    let unread = |detail: String| Fault::of(FaultKind::Unintelligible, detail);
    let answer: Value = serde_json::from_slice(without_mark(body))
        .map_err(|error| unread(format!("the list is no JSON, at line {}", error.line())))?;
    let place = if answer.is_array() { Some(&answer) } else { answer.pointer(rows) };
    let rows =
        place.and_then(Value::as_array).ok_or_else(|| unread("there are no rows where the list has them".into()))?;
    if rows.len() > ROWS {
        return Err(unread(format!("the list has more than {ROWS} rows")));
    }
    let mut entries = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let code =
            field(row, code).ok_or_else(|| unread(format!("row {place} has no code under its configured name")))?;
        entries.entry(code).or_insert_with(|| field(row, name).unwrap_or_default());
    }
    if entries.is_empty() {
        return Err(unread("the list is empty".into()));
    }
    Ok(entries.into_iter().map(|(code, name)| Entry { code, name: Personal(name) }).collect())
}

fn field(row: &Value, name: &str) -> Option<String> {
    let found = match row.get(name)? {
        Value::String(found) => text::nfc(found.trim()),
        Value::Number(found) => found.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    if found.is_empty() { None } else { Some(found.chars().take(CHARS).collect()) }
}

/// The codes we use that the list lacks, each once, in the order given. Codes are compared whole, in NFC, with regard to case.
pub fn missing_counterparts<'u>(list: &[Entry], used: impl IntoIterator<Item = &'u str>) -> Vec<String> {
    let known: BTreeSet<&str> = list.iter().map(|entry| entry.code.as_str()).collect();
    let mut asked = BTreeSet::new();
    let mut missing = Vec::new();
    for code in used {
        let code = text::nfc(code.trim());
        if !known.contains(code.as_str()) && asked.insert(code.clone()) {
            missing.push(code);
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn config() -> ListConfig {
        ListConfig { path: "GetDanhMucNguoiDung".into(), rows: "/data".into(), code: "Ma".into(), name: "Ten".into() }
    }

    #[test]
    fn a_list_is_read_bare_or_inside_an_envelope() {
        let bare = br#"[{"Ma":"canbo02","Ten":"B"},{"Ma":"canbo01","Ten":"A"},{"Ma":"canbo01","Ten":"C"}]"#;
        let enveloped = br#"{"data":[{"Ma":7,"Ten":null}],"status":{"success":true}}"#;
        let codes = |body: &[u8]| -> Vec<String> {
            read(body, &config()).unwrap().into_iter().map(|entry| entry.code).collect()
        };
        assert_eq!(codes(bare), ["canbo01", "canbo02"]);
        assert_eq!(codes(enveloped), ["7"]);
    }

    #[test]
    fn an_empty_list_never_makes_everything_unknown() {
        for body in ["[]", "{\"data\":[]}", "{}", "{\"data\":{}}", "[{\"Ten\":\"A\"}]", "[{\"Ma\":\"\"}]", "", "[[]]"] {
            assert_eq!(read(body.as_bytes(), &config()).unwrap_err().kind, FaultKind::Unintelligible, "{body}");
        }
    }

    #[test]
    fn what_has_no_counterpart_is_named_before_it_fails() {
        let list = read(br#"[{"Ma":"canbo01"},{"Ma":"canbo02"}]"#, &config()).unwrap();
        assert_eq!(missing_counterparts(&list, ["canbo01", "canbo03", "canbo03", "CANBO02"]), ["canbo03", "CANBO02"]);
        assert!(missing_counterparts(&list, []).is_empty());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _read = read(&body, &config());
        }

        #[test]
        fn nothing_missing_is_on_the_list(codes in proptest::collection::vec("[a-c]{1,2}", 0..8), used in proptest::collection::vec("[a-d]{1,2}", 0..8)) {
            let list: Vec<Entry> = codes.into_iter().map(|code| Entry { code, name: Personal(String::new()) }).collect();
            let missing = missing_counterparts(&list, used.iter().map(String::as_str));
            for code in &used {
                prop_assert_ne!(missing.contains(code), list.iter().any(|entry| entry.code == *code));
            }
        }
    }
}
