//! What an exchange is found by: the words and numbers of fields that schemas mark, as digests. Pure; it stores and searches nothing.
//!
//! A schema marks a field with `"x-searchable": "text"` (each word by itself) or `"exact"` (a number or code as a whole). Of fields that
//! are personal too only keyed digests are made, and none without a key.

mod marks;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use lienthong_core::secret::{ExposeSecret, SecretString};
use lienthong_core::{limits, text};
use lienthong_journal::Term;
use ring::{digest, hmac};
use serde_json::Value;

pub use marks::{Field, Manner, Searchable};

/// Shortest key, in bytes: what guards against trying every citizen's number.
pub const KEY_BYTES: usize = 32;
/// Longest value that is taken for a number or code, in characters.
const EXACT_CHARS: usize = 200;

/// Makes terms. Cheap to clone; the key shows nowhere.
#[derive(Clone, Default)]
pub struct Digests {
    key: Option<hmac::Key>,
}

/// What a text searched for asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskedTerms {
    /// The whole text as one number or code, where it is more than one word.
    pub whole: Option<Vec<Term>>,
    /// One of each: a word may stand in a personal field or in another.
    pub words: Vec<Vec<Term>>,
}

impl Digests {
    /// With the key for personal fields, where there is one; `Err` when it is shorter than [`KEY_BYTES`].
    pub fn new(key: Option<&SecretString>) -> Result<Self, String> {
        let Some(secret) = key else { return Ok(Self::default()) };
        let bytes = secret.expose_secret().as_bytes();
        if bytes.len() < KEY_BYTES {
            return Err(format!("is {} bytes long; a key has at least {KEY_BYTES} random ones", bytes.len()));
        }
        Ok(Self { key: Some(hmac::Key::new(hmac::HMAC_SHA256, bytes)) })
    }

    /// Whether personal fields are searchable.
    pub fn have_key(&self) -> bool {
        self.key.is_some()
    }

    /// The terms of a body, at most [`limits::TERMS`]: numbers and codes first, then the words of personal fields, then the others'.
    pub fn of_body(&self, searchable: &Searchable, body: &Value) -> Vec<Term> {
        let mut terms = Vec::new();
        for field in searchable.fields() {
            let make = |form: &str| match field.personal {
                true => self.personal(form),
                false => Some(plain(form)),
            };
            let mut take = |form: &str| {
                if let Some(term) = make(form).filter(|term| !terms.contains(term)) {
                    terms.push(term);
                }
                terms.len() < limits::TERMS
            };
            field.visit(body, &mut |value| match field.manner {
                Manner::Text => words(&text::unaccented(value)).all(&mut take),
                Manner::Exact => Some(exact(value)).filter(|form| !form.is_empty()).is_none_or(|form| take(&form)),
            });
            if terms.len() >= limits::TERMS {
                break;
            }
        }
        terms
    }

    /// What a person typed, with accents or without; at most [`limits::SEARCH_WORDS`] words.
    pub fn asked(&self, typed: &str) -> AskedTerms {
        let mut seen = BTreeSet::new();
        let mut words: Vec<String> = words(&text::unaccented(typed)).map(str::to_owned).collect();
        words.retain(|word| seen.insert(word.clone()));
        words.truncate(limits::SEARCH_WORDS);
        let number = typed.chars().any(|c| c.is_ascii_digit());
        let whole = (words.len() > 1 && number).then(|| self.either(&exact(typed)));
        AskedTerms { whole, words: words.iter().map(|word| self.either(word)).collect() }
    }

    fn either(&self, form: &str) -> Vec<Term> {
        [Some(plain(form)), self.personal(form)].into_iter().flatten().collect()
    }

    fn personal(&self, form: &str) -> Option<Term> {
        let tag = hmac::sign(self.key.as_ref()?, form.as_bytes());
        first(tag.as_ref())
    }
}

/// A digest without a key, of what is not personal.
fn plain(form: &str) -> Term {
    let digest = digest::digest(&digest::SHA256, form.as_bytes());
    // Thirty-two bytes have a first eight.
    first(digest.as_ref()).unwrap_or(Term::new([0; 8]))
}

fn first(digest: &[u8]) -> Option<Term> {
    digest.first_chunk().copied().map(Term::new)
}

/// Words of a text that has no accents any more.
fn words(plain: &str) -> impl Iterator<Item = &str> {
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Letters and digits alone: `0381 9900 0001` and `038199000001` are one number. Empty when it is too long to be one.
fn exact(value: &str) -> String {
    match value.chars().nth(EXACT_CHARS) {
        Some(_too_long) => String::new(),
        None => text::unaccented(value).chars().filter(|c| c.is_alphanumeric()).collect(),
    }
}
