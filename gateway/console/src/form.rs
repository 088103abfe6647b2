//! What came with a request: a form's fields, a query's parameters. It checks no permission.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use lienthong_core::{Fault, FaultCode, FieldProblem, limits, text};
use lienthong_journal::Cursor;

use crate::refused::Refused;

/// The field that carries the session's token.
pub(crate) const TOKEN: &str = "token";
/// The field that makes a form one of its kind: sent twice, it is carried out once.
pub(crate) const ONCE: &str = "once";
/// What a field costs besides its name and value, in bytes.
const FIELD_BYTES: usize = 64;
/// Longest cursor taken, in bytes.
const CURSOR_BYTES: usize = 512;

/// A posted form. Who handles one must say what to do with either.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    /// With its session's token: to be carried out.
    Sent(Fields),
    /// To be shown again with what was typed, and not carried out: its session had ended, or its token is not the session's.
    Again(Fields),
}

/// Names and values in their order; of a repeated name the first counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn read(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// What all of them cost: an empty one is not for nothing.
    pub(crate) fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| FIELD_BYTES + name.len() + value.len()).sum()
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// Every value of a name.
    pub(crate) fn values<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The value without blanks around it; `None` for an empty one.
    pub(crate) fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name).trim()).filter(|value| !value.is_empty())
    }

    /// Whether a box was ticked.
    pub(crate) fn ticked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// As its type reads it; one that cannot be read is named.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Refused> {
        let Some(value) = self.some(name) else { return Ok(None) };
        value.parse().map(Some).map_err(|_| bad(name))
    }

    /// The list's place.
    pub(crate) fn cursor(&self) -> Result<Option<Cursor>, Refused> {
        match self.some("cursor") {
            Some(long) if long.len() > CURSOR_BYTES => Err(bad("cursor")),
            other => Ok(other.map(|text| Cursor(text.to_owned()))),
        }
    }

    /// A person's words within the limits, or `None`.
    pub(crate) fn note(&self, name: &str) -> Result<Option<String>, Refused> {
        // Browsers send line breaks as two characters.
        let Some(words) = self.some(name).map(|words| words.replace("\r\n", "\n")) else { return Ok(None) };
        if words.chars().count() > limits::NOTE_CHARS || !text::is_plain(&words) {
            return Err(bad(name));
        }
        Ok(Some(words))
    }

    /// The same where there must be some.
    pub(crate) fn reason(&self) -> Result<String, Refused> {
        self.note("reason")?.ok_or_else(|| {
            let code = FaultCode::ReasonMissing;
            Refused::from(Fault::new(code.kind(), code, "no reason was given"))
        })
    }

    /// The same with one of them, in the place of what it was.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(found, _)| found != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, encoded again.
    pub(crate) fn all(&self) -> String {
        let mut all = form_urlencoded::Serializer::new(String::new());
        all.extend_pairs(&self.0);
        all.finish()
    }

    /// All but what belongs to the session or to this one form, encoded again.
    pub(crate) fn kept(&self) -> String {
        let mut kept = form_urlencoded::Serializer::new(String::new());
        kept.extend_pairs(self.0.iter().filter(|(name, _)| name != TOKEN && name != ONCE));
        kept.finish()
    }

    /// A path with these parameters, one of them replaced (or left out, where `value` is empty).
    pub(crate) fn link(&self, path: &str, name: &str, value: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.0.iter().filter(|(found, value)| found != name && !value.is_empty()));
        if !value.is_empty() {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// A parameter or field that cannot be read.
pub(crate) fn bad(name: &str) -> Refused {
    let code = FaultCode::BadParameter;
    let problem = FieldProblem::new(text::excerpt(name, 64), "cannot be read");
    Fault::new(code.kind(), code, format!("{name} cannot be read")).with_problem(problem).into()
}

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.remove::<Self>().unwrap_or_else(|| Self::Again(Fields::default())))
    }
}

/// The parameters of a query.
#[derive(Debug, Clone)]
pub(crate) struct Query(pub(crate) Fields);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(Fields::read(parts.uri.query().unwrap_or_default().as_bytes())))
    }
}

/// One field for a link's query, encoded.
pub(crate) fn query(name: &str, value: &str) -> String {
    Fields::default().link("", name, value)
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn fields_without_name_and_value_are_counted_too() {
        let mut fields = Fields::default();
        (0..2_000).for_each(|_| fields.push("", ""));
        assert!(fields.bytes() >= 100_000);
    }

    #[test]
    fn what_was_typed_survives_being_kept_but_the_token_does_not() {
        let fields = Fields::read("reason=C%E1%BB%95ng+%26+m%E1%BA%A1ng&token=abc&confirm=yes".as_bytes());
        assert_eq!(fields.get("reason"), "Cổng & mạng");
        let again = Fields::read(fields.kept().as_bytes());
        assert_eq!((again.get("reason"), again.ticked("confirm"), again.get(TOKEN)), ("Cổng & mạng", true, ""));
    }

    #[test]
    fn a_hostile_or_endless_reason_is_refused() {
        for hostile in ["a%1Bb", "a%E2%80%AEb", &"a".repeat(501)] {
            assert!(Fields::read(format!("reason={hostile}").as_bytes()).note("reason").is_err());
        }
        assert_eq!(Fields::read(b"reason=a%0D%0Ab").note("reason").unwrap().unwrap(), "a\nb");
        assert!(Fields::read(b"reason=+").reason().is_err());
    }

    #[test]
    fn links_replace_one_parameter_and_keep_the_others() {
        let fields = Fields::read(b"system=portal&cursor=old&kind=");
        assert_eq!(fields.link("/console/errors", "cursor", "new"), "/console/errors?system=portal&cursor=new");
        assert_eq!(query("key", "H56 & 1"), "?key=H56+%26+1");
    }
}
