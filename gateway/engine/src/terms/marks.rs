//! Which fields of an operation exchanges are found by, read from its schema once. It reads no message but for the values of those fields.

use lienthong_core::operation::Text;
use serde_json::Value;

/// The keyword of schemas.
const KEYWORD: &str = "x-searchable";
/// Deepest place looked at; schemas may refer to themselves.
const DEPTH: usize = 12;

/// How a field is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    /// A number or code, as a whole.
    Exact,
    /// Each word by itself.
    Text,
}

/// One searchable field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// JSON pointer, with `*` for any element.
    pub pointer: String,
    pub manner: Manner,
    pub personal: bool,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Elements,
}

/// The searchable fields of one operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Searchable(Vec<Field>);

impl Searchable {
    /// From a schema and its personal fields. The problems name the place in the message.
    pub fn of(schema: &Value, personal: &[Text]) -> Result<Self, Vec<String>> {
        let mut reading = Reading { schema, personal, fields: Vec::new(), problems: Vec::new() };
        reading.walk(schema, &mut Vec::new(), DEPTH);
        let Reading { mut fields, problems, .. } = reading;
        if !problems.is_empty() {
            return Err(problems);
        }
        fields.sort_by_key(|field| (field.manner, !field.personal));
        Ok(Self(fields))
    }

    /// Numbers and codes first; of each kind the personal ones first.
    pub fn fields(&self) -> &[Field] {
        &self.0
    }
}

struct Reading<'a> {
    schema: &'a Value,
    personal: &'a [Text],
    fields: Vec<Field>,
    problems: Vec<String>,
}

impl Reading<'_> {
    fn walk(&mut self, schema: &Value, at: &mut Vec<Step>, depth: usize) {
        let (Some(members), Some(deeper)) = (schema.as_object(), depth.checked_sub(1)) else { return };
        if let Some(mark) = members.get(KEYWORD) {
            self.marked(mark, at);
        }
        for (name, below) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
            at.push(Step::Member(name.clone()));
            self.walk(below, at, deeper);
            at.pop();
        }
        if let Some(items) = members.get("items") {
            at.push(Step::Elements);
            self.walk(items, at, deeper);
            at.pop();
        }
        for same in ["allOf", "anyOf", "oneOf"] {
            for one in members.get(same).and_then(Value::as_array).into_iter().flatten() {
                self.walk(one, at, deeper);
            }
        }
        let named = members.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
        if let Some(target) = named.and_then(|pointer| self.schema.pointer(pointer)) {
            self.walk(target, at, deeper);
        }
    }

    fn marked(&mut self, mark: &Value, at: &[Step]) {
        let pointer = pointer(at);
        let manner = match mark.as_str() {
            Some("text") => Manner::Text,
            Some("exact") => Manner::Exact,
            Some(_) | None => {
                self.problems.push(format!("`{KEYWORD}` at `{pointer}` must be text or exact"));
                return;
            }
        };
        let inside =
            |whole: &str| pointer.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let personal = self.personal.iter().any(|whole| inside(whole));
        if !self.fields.iter().any(|field| field.pointer == pointer) {
            self.fields.push(Field { pointer, manner, personal, steps: at.to_vec() });
        }
    }
}

fn pointer(steps: &[Step]) -> String {
    let shown = |step: &Step| match step {
        Step::Member(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        Step::Elements => "/*".to_owned(),
    };
    steps.iter().map(shown).collect()
}

impl Field {
    /// Hands over the field's values, while `more` says so. Numbers as they are written; nothing of objects, lists and truths.
    pub(super) fn visit(&self, body: &Value, more: &mut dyn FnMut(&str) -> bool) {
        visit(body, &self.steps, more);
    }
}

fn visit(value: &Value, steps: &[Step], more: &mut dyn FnMut(&str) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return match value {
            Value::String(text) => more(text),
            Value::Number(number) => more(&number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => true,
        };
    };
    match step {
        Step::Member(name) => value.get(name).is_none_or(|below| visit(below, rest, more)),
        Step::Elements => value.as_array().into_iter().flatten().all(|one| visit(one, rest, more)),
    }
}
