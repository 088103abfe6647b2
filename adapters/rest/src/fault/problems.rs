//! The fields an answer complains about, as pointers into our input. Words are not taken: they may repeat personal data.

use lienthong_core::fault::FieldProblem;
use lienthong_core::limits;
use serde_json::Value;

use crate::config::ProblemsConfig;
use crate::template::scalar;

/// Longest field name taken from an answer, in characters.
const NAME_CHARS: usize = 120;
/// Longest code taken from an answer, in characters.
const CODE_CHARS: usize = 40;
/// Most digits in a row of a name or code; more may be a person's number.
const DIGITS: usize = 5;

pub(super) fn of(config: &ProblemsConfig, body: &Value) -> Vec<FieldProblem> {
    let items = body.pointer(&config.at).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().take(limits::FIELD_PROBLEMS).map(|item| problem(config, item)).collect()
}

fn problem(config: &ProblemsConfig, item: &Value) -> FieldProblem {
    let ProblemsConfig { at: _, field, code, fields } = config;
    let name = item.pointer(field).and_then(scalar).unwrap_or_default();
    let pointer = fields.get(&name).cloned().or_else(|| as_pointer(&name)).unwrap_or_default();
    let code = code.as_ref().and_then(|code| item.pointer(code)).and_then(scalar).filter(|code| is_code(code));
    match code {
        Some(code) => FieldProblem::new(pointer, format!("is refused by the system ({code})")).of_class(code),
        None => FieldProblem::new(pointer, "is refused by the system"),
    }
}

/// `owner.names[0]` and `/owner/names/0` as a pointer; anything that looks like more than a name is not repeated.
fn as_pointer(name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let path = name.trim_start_matches(['/', '$', '.']).replace('[', ".").replace(']', "").replace('/', ".");
    let segments: Vec<&str> = path.split('.').collect();
    let named = |segment: &&str| !segment.is_empty() && segment.chars().all(plain) && !has_number(segment);
    let known = name.chars().count() <= NAME_CHARS && segments.iter().all(named);
    known.then(|| format!("/{}", segments.join("/")))
}

fn is_code(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let short = text.chars().count() <= CODE_CHARS && !text.is_empty();
    short && text.chars().all(plain) && !has_number(text)
}

fn has_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() > DIGITS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config() -> ProblemsConfig {
        serde_json::from_value(json!({
            "at": "/errors", "field": "/field", "code": "/code", "fields": { "MaGiayPhep": "/code" }
        }))
        .unwrap()
    }

    #[test]
    fn fields_become_pointers_into_our_input() {
        let body = json!({ "errors": [
            { "field": "MaGiayPhep", "code": "REQUIRED" },
            { "field": "owner.names[0]", "code": 17 },
            { "field": "/owner/phone" },
        ] });
        let found = of(&config(), &body);
        let told: Vec<(&str, &str)> = found.iter().map(|one| (one.pointer.as_str(), one.problem.as_str())).collect();
        assert_eq!(
            told,
            [
                ("/code", "is refused by the system (REQUIRED)"),
                ("/owner/names/0", "is refused by the system (17)"),
                ("/owner/phone", "is refused by the system"),
            ]
        );
    }

    #[test]
    fn what_may_be_a_persons_is_not_repeated() {
        let body = json!({ "errors": [{ "field": "Nguyễn Văn Mẫu", "code": "038199000001" }, {}, "text"] });
        for problem in of(&config(), &body) {
            assert_eq!((problem.pointer.as_str(), problem.problem.as_str()), ("", "is refused by the system"));
        }
        assert!(of(&config(), &json!({ "errors": {} })).is_empty());
        let many = json!({ "errors": vec![json!({}); 1000] });
        assert_eq!(of(&config(), &many).len(), limits::FIELD_PROBLEMS);
    }
}
