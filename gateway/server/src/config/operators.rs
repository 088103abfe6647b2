//! `operators/*.yaml`: the people who log in to the console. It holds hashes or references to them, never passwords.

use std::collections::BTreeSet;

use lienthong_console::users::{check_hash, is_name};
use lienthong_console::{Language, User, Users};
use lienthong_core::Role;
use lienthong_core::secret::{ExposeSecret as _, SecretRef, SecretSource, SecretString};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::folder::Folder;
use super::problems::Problems;
use super::sections::{At, Section};
use super::tree::Node;

/// One person.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperatorModel {
    /// What they log in with: lower-case letters, digits, '-', '_' and '.'; records name the person by it for ever.
    pub name: String,
    /// How the console greets them.
    #[serde(default)]
    pub display: Option<String>,
    /// Somebody disabled cannot log in, and sessions that are open end.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The hash that `lienthong hash-password` prints, or a reference to it: `file:` or `env:`.
    #[schemars(with = "String")]
    pub password: PasswordModel,
    /// What they may do: viewer, operator, approver, administrator; each includes the ones before it.
    pub roles: BTreeSet<Role>,
    /// The console's language until they choose another: vi or en.
    #[serde(default)]
    pub language: Language,
}

/// A hash, or where it is to be found. `Debug` shows neither.
#[derive(Clone)]
pub(crate) enum PasswordModel {
    Hash(SecretString),
    Reference(SecretRef),
}

impl std::fmt::Debug for PasswordModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordModel(***)")
    }
}

impl<'de> Deserialize<'de> for PasswordModel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const FORM: &str = "a password is given by its hash, as `lienthong hash-password` prints it, or by a reference to \
                            the hash, env:NAME or file:PATH; never as it is";
        let text = String::deserialize(deserializer)?;
        if text.starts_with('$') {
            return match check_hash(&text) {
                Ok(()) => Ok(Self::Hash(text.into())),
                Err(problem) => Err(D::Error::custom(format!("this hash {problem}"))),
            };
        }
        text.parse().map(Self::Reference).map_err(|_| D::Error::custom(FORM))
    }
}

fn yes() -> bool {
    true
}

impl OperatorModel {
    fn check(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        let mut found = Vec::new();
        if !is_name(&self.name) {
            let remedy = "use lower-case letters, digits, '-', '_' and '.', at most 64";
            found.push(("/name", "this is no name to log in with", remedy));
        }
        if self.roles.is_empty() {
            found.push((
                "/roles",
                "this person may do nothing at all",
                "give at least `viewer`, or set `enabled: false`",
            ));
        }
        found
    }
}

/// One person, and where they are described.
#[derive(Debug)]
pub(crate) struct LoadedOperator {
    model: OperatorModel,
    file: String,
    node: Node,
}

pub(crate) fn operators(folder: &Folder, problems: &mut Problems) -> Vec<LoadedOperator> {
    let mut section: Section<OperatorModel> = Section::default();
    for (file, text) in folder.section("operators") {
        if let Some(node) = problems.tree(file, text) {
            section.take(file, &node, "name", problems);
        }
    }
    for At { value, file, node } in &section.read {
        for (pointer, problem, remedy) in value.check() {
            problems.note(file, node.place_of(pointer), problem, remedy);
        }
    }
    section.read.into_iter().map(|At { value, file, node }| LoadedOperator { model: value, file, node }).collect()
}

/// Those who may log in, with their hashes read.
pub(crate) fn build(operators: Vec<LoadedOperator>, secrets: &dyn SecretSource, problems: &mut Problems) -> Users {
    let enabled = operators.into_iter().filter(|operator| operator.model.enabled);
    let users: Vec<User> = enabled
        .filter_map(|LoadedOperator { model, file, node }| match hash(&model.password, secrets) {
            Ok(password) => Some(user(model, password)),
            Err(problem) => {
                let remedy = "put there what `lienthong hash-password` prints";
                problems.note(&file, node.place_of("/password"), problem, remedy);
                None
            }
        })
        .collect();
    Users::new(users)
}

fn user(model: OperatorModel, password: SecretString) -> User {
    let OperatorModel { name, display, enabled: _, password: _, roles, language } = model;
    User { display: display.unwrap_or_else(|| name.clone()), name, password, roles, language }
}

fn hash(password: &PasswordModel, secrets: &dyn SecretSource) -> Result<SecretString, String> {
    match password {
        PasswordModel::Hash(hash) => Ok(hash.clone()),
        PasswordModel::Reference(reference) => {
            let hash = secrets.read(reference)?;
            check_hash(hash.expose_secret()).map_err(|problem| format!("what is in {reference} {problem}"))?;
            Ok(hash)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Problem;

    const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNo";

    struct Kept;

    impl SecretSource for Kept {
        fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
            match reference {
                SecretRef::File(_) => Ok(HASH.to_owned().into()),
                SecretRef::Env(_) => Ok("mật khẩu".to_owned().into()),
            }
        }
    }

    fn read(files: &[(&str, &str)]) -> (Users, Vec<Problem>) {
        let files = files.iter().map(|(name, text)| (format!("operators/{name}.yaml"), (*text).to_owned()));
        let mut problems = Problems::default();
        let found = operators(&Folder::of(".", files), &mut problems);
        let users = build(found, &Kept, &mut problems);
        (users, problems.finish())
    }

    #[test]
    fn hashes_are_taken_as_they_are_or_from_where_they_are_kept() {
        let value = format!("name: an\npassword: {HASH}\nroles: [approver]\n");
        let (users, problems) = read(&[
            ("an", &value),
            ("binh", "name: binh\ndisplay: Bà Bình\npassword: file:x\nroles: [viewer]\nlanguage: en\n"),
            ("chi", "name: chi\nenabled: false\npassword: env:MISSING\nroles: [viewer]\n"),
        ]);
        assert_eq!(problems, []);
        assert!(users.get("an").unwrap().has(Role::Operator));
        assert_eq!(users.get("binh").unwrap().display, "Bà Bình");
        assert!(users.get("chi").is_none());
    }

    #[test]
    fn passwords_weak_hashes_and_doubled_names_are_told_and_never_repeated() {
        let (_, problems) = read(&[
            ("a", "name: an\npassword: MatKhau123\nroles: [viewer]\n"),
            ("b", "name: an\npassword: env:PLAIN\nroles: [viewer]\n"),
            ("c", "name: Ông\npassword: file:x\nroles: []\n"),
            ("d", "name: dung\npassword: $argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$c29tZWhhc2g\nroles: [viewer]\n"),
        ]);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 6, "{told:#?}");
        assert!(told.iter().all(|text| !text.contains("MatKhau123") && !text.contains("mật khẩu")), "{told:#?}");
    }
}
