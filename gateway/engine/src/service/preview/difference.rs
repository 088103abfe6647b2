//! Two bodies field by field: what differs, where, and from what to what, with marked fields hidden. It reads no journal.

use lienthong_core::operation::Text;
use lienthong_core::text::excerpt;
use lienthong_core::{Body, ContentType};
use serde_json::Value;

use super::model::{Against, Difference, FieldChange, Shown};

/// Most differing fields told of one body; the rest is counted.
const FIELDS: usize = 50;
/// Longest value shown, in characters.
const VALUE_CHARS: usize = 300;

/// Which fields are hidden.
#[derive(Debug, Clone)]
pub(in crate::service) enum Marked {
    /// What nobody described may be anybody's.
    Everything,
    /// Pointers as operations mark them, `*` for any element, taken apart.
    These(Vec<Vec<String>>),
    Nothing,
}

impl Marked {
    /// By the pointers that operations mark.
    pub(in crate::service) fn by<'a>(pointers: impl IntoIterator<Item = &'a Text>) -> Self {
        let parts = |pointer: &Text| pointer.split('/').skip(1).map(unescaped).collect();
        Self::These(pointers.into_iter().map(parts).collect())
    }

    /// Whether a field is marked, or lies below or above one that is: what stands where an object should be may be what it should hold.
    fn hides(&self, path: &[String]) -> bool {
        match self {
            Self::Everything => true,
            Self::Nothing => false,
            Self::These(patterns) => patterns
                .iter()
                .any(|pattern| pattern.iter().zip(path).all(|(pattern, part)| pattern == "*" || pattern == part)),
        }
    }
}

/// What differs between what went before and what would go now.
pub(in crate::service) fn difference(against: Against, before: &Body, after: &Body, marked: &Marked) -> Difference {
    let identical = before.bytes == after.bytes;
    let mut differing = Differing { marked, path: Vec::new(), fields: Vec::new(), more: 0 };
    if !identical {
        differing.pair(Some(&read(before)), Some(&read(after)));
    }
    let Differing { fields, more, .. } = differing;
    Difference { against, identical, fields, more }
}

/// As JSON; what is none has no fields and is one text.
fn read(body: &Body) -> Value {
    let text = || Value::String(String::from_utf8_lossy(&body.bytes).into_owned());
    match body.content_type {
        ContentType::Json => serde_json::from_slice(&body.bytes).unwrap_or_else(|_| text()),
        ContentType::Xml | ContentType::Text | ContentType::Binary => text(),
    }
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// A walk through two values at once.
struct Differing<'a> {
    marked: &'a Marked,
    path: Vec<String>,
    fields: Vec<FieldChange>,
    more: u64,
}

impl Differing<'_> {
    fn pair(&mut self, before: Option<&Value>, after: Option<&Value>) {
        match (before, after) {
            (Some(before), Some(after)) if before == after => {}
            (Some(Value::Object(before)), Some(Value::Object(after))) => {
                let added = after.keys().filter(|name| !before.contains_key(*name));
                for name in before.keys().chain(added) {
                    self.below(name.clone(), before.get(name), after.get(name));
                }
            }
            (Some(Value::Array(before)), Some(Value::Array(after))) => {
                for index in 0..before.len().max(after.len()) {
                    self.below(index.to_string(), before.get(index), after.get(index));
                }
            }
            // Field by field also where all of it is new or gone, so that what is marked inside stays hidden.
            (Some(whole), None) if is_filled(whole) => self.each(whole, |this, part| this.pair(Some(part), None)),
            (None, Some(whole)) if is_filled(whole) => self.each(whole, |this, part| this.pair(None, Some(part))),
            (Some(before), Some(after)) if is_filled(before) || is_filled(after) => {
                self.pair(Some(before), None);
                self.pair(None, Some(after));
            }
            (None, None) => {}
            (before, after) => self.add(before, after),
        }
    }

    fn below(&mut self, part: String, before: Option<&Value>, after: Option<&Value>) {
        self.path.push(part);
        self.pair(before, after);
        self.path.pop();
    }

    fn each(&mut self, whole: &Value, mut tell: impl FnMut(&mut Self, &Value)) {
        let mut at = |this: &mut Self, part: String, value: &Value| {
            this.path.push(part);
            tell(this, value);
            this.path.pop();
        };
        match whole {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| at(self, name.clone(), value)),
            Value::Array(items) => {
                items.iter().zip(0_usize..).for_each(|(value, place)| at(self, place.to_string(), value))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn add(&mut self, before: Option<&Value>, after: Option<&Value>) {
        if self.fields.len() == FIELDS {
            self.more += 1;
            return;
        }
        let hidden = self.marked.hides(&self.path);
        let shown = |value: &Value| if hidden { Shown::Hidden } else { shown(value) };
        let pointer = self.path.iter().map(|part| format!("/{}", escaped(part))).collect();
        self.fields.push(FieldChange { pointer, before: before.map(shown), after: after.map(shown) });
    }
}

/// Whether it has parts of its own to be told one by one.
fn is_filled(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn shown(value: &Value) -> Shown {
    match value {
        Value::String(text) if text.chars().nth(VALUE_CHARS).is_some() => Shown::Cut(excerpt(text, VALUE_CHARS)),
        whole => Shown::Value(whole.clone()),
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(before: &Value, after: &Value, marked: &[&'static str]) -> Vec<(String, Option<Shown>, Option<Shown>)> {
        let marked: Vec<Text> = marked.iter().copied().map(Text::Borrowed).collect();
        let body = |value: &Value| Body::json(value.to_string());
        let found = difference(Against::Received, &body(before), &body(after), &Marked::by(&marked));
        assert_eq!(found.identical, before == after);
        found.fields.into_iter().map(|field| (field.pointer, field.before, field.after)).collect()
    }

    fn is(value: Value) -> Option<Shown> {
        Some(Shown::Value(value))
    }

    #[test]
    fn each_field_that_differs_is_told_with_both_values_and_nothing_else() {
        let before = json!({"code": "a", "status": 4, "fees": [{"n": 1}, {"n": 2}], "a/b": null});
        let after = json!({"code": "a", "status": "4", "fees": [{"n": 1}], "note": {"at": "x"}, "a/b": 1});
        let expected = [
            ("/a~1b", is(json!(null)), is(json!(1))),
            ("/fees/1/n", is(json!(2)), None),
            ("/status", is(json!(4)), is(json!("4"))),
            ("/note/at", None, is(json!("x"))),
        ];
        let mut found = told(&before, &after, &[]);
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let mut expected: Vec<_> = expected.into_iter().map(|(at, one, two)| (at.to_owned(), one, two)).collect();
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(found, expected);
        assert_eq!(told(&before, &before.clone(), &[]), []);
    }

    #[test]
    fn what_is_marked_is_hidden_wherever_it_turns_up() {
        let hidden = Some(Shown::Hidden);
        let marked = ["/owner/name", "/people/*/id"];
        let before = json!({"owner": {"name": "Mẫu", "kind": "a"}, "people": [{"id": "1", "n": 1}]});
        let after = json!({"owner": {"name": "Khác", "kind": "b"}, "people": [{"id": "2", "n": 2}]});
        let found = told(&before, &after, &marked);
        let of = |pointer: &str| found.iter().find(|field| field.0 == pointer).cloned().unwrap();
        assert_eq!((of("/owner/name").1, of("/owner/name").2), (hidden.clone(), hidden.clone()));
        assert_eq!(of("/people/0/id").2, hidden);
        assert_eq!((of("/owner/kind").2, of("/people/0/n").2), (is(json!("b")), is(json!(2))));
        // New as a whole, gone as a whole, or of another shape than the schema says.
        assert_eq!(told(&json!({}), &json!({"owner": {"name": "Mẫu"}}), &marked)[0].2, hidden);
        assert_eq!(told(&json!({"owner": "Mẫu"}), &json!({}), &marked)[0].1, hidden);
        assert_eq!(told(&json!({"owner": {"name": {"first": "Mẫu"}}}), &json!({}), &marked)[0].1, hidden);
    }

    #[test]
    fn what_nobody_described_is_hidden_whole_and_long_values_are_cut() {
        let body = |text: &str| Body::json(json!({ "x": text }).to_string());
        let long = "a".repeat(VALUE_CHARS + 1);
        let found = difference(Against::Sent { attempt: 2 }, &body("b"), &body(&long), &Marked::Everything);
        assert_eq!(found.fields[0].after, Some(Shown::Hidden));
        let found = difference(Against::Received, &body("b"), &body(&long), &Marked::Nothing);
        assert!(matches!(&found.fields[0].after, Some(Shown::Cut(cut)) if cut.chars().count() <= VALUE_CHARS + 1));
        let many: Value = (0..FIELDS + 7).map(|n| (n.to_string(), json!(n))).collect::<serde_json::Map<_, _>>().into();
        let found = difference(Against::Received, &Body::json("{}"), &Body::json(many.to_string()), &Marked::Nothing);
        assert_eq!((found.fields.len(), found.more), (FIELDS, 7));
    }

    #[test]
    fn what_is_no_json_is_one_text() {
        let xml = |text: &str| Body { content_type: ContentType::Xml, bytes: text.to_owned().into() };
        let found = difference(Against::Received, &xml("<a/>"), &xml("<b/>"), &Marked::Nothing);
        assert_eq!((found.fields.len(), found.fields[0].pointer.as_str()), (1, ""));
        let found = difference(Against::Received, &xml("<a/>"), &xml("<b/>"), &Marked::by(&["/name".into()]));
        assert_eq!(found.fields[0].before, Some(Shown::Hidden), "nobody knows what stands in it");
    }
}
