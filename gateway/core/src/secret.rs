//! References to secrets and wrappers that never print what they hold. It resolves nothing itself.

use std::fmt;
use std::str::FromStr;

pub use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Where a secret is to be found; configuration holds references, never values.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum SecretRef {
    /// `env:NAME`: an environment variable.
    Env(String),
    /// `file:PATH`: a file's content without its last line break.
    File(String),
}

/// Why a text is not a reference to a secret. It does not repeat the text, which may be the secret itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret is written env:NAME or file:PATH, never as a value")]
pub struct NotAReference;

impl FromStr for SecretRef {
    type Err = NotAReference;
    fn from_str(value: &str) -> Result<Self, NotAReference> {
        match value.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.to_owned())),
            Some(_) | None => Err(NotAReference),
        }
    }
}

impl TryFrom<String> for SecretRef {
    type Error = NotAReference;
    fn try_from(value: String) -> Result<Self, NotAReference> {
        value.parse()
    }
}

impl From<SecretRef> for String {
    fn from(value: SecretRef) -> String {
        value.to_string()
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
        }
    }
}

/// Reads secrets when an adapter is built; the server implements it over the environment and files.
pub trait SecretSource {
    /// The secret's value, or a text that names the reference and what to do.
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String>;
}

/// Personal data: serialises as itself, prints as `***`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct Personal<T>(pub T);

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_value_is_refused_without_being_repeated() {
        let refusal = "hunter2".parse::<SecretRef>().unwrap_err();
        assert!(!refusal.to_string().contains("hunter2"));
        assert_eq!("env:PORTAL".parse(), Ok(SecretRef::Env("PORTAL".into())));
    }

    #[test]
    fn personal_data_prints_as_stars_and_serialises_as_itself() {
        let name = Personal("Nguyễn Văn Mẫu".to_owned());
        assert_eq!(format!("{name:?}"), "***");
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"Nguyễn Văn Mẫu\"");
    }
}
