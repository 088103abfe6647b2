//! Operators as configured, and their passwords' hashes. It keeps no password and reads no configuration.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use lienthong_core::Role;
use lienthong_core::secret::{ExposeSecret as _, SecretString};

use crate::Language;

/// Longest password taken, in bytes.
pub const PASSWORD_BYTES: usize = 1024;
/// Shortest password that is hashed, in characters.
pub const PASSWORD_CHARS: usize = 12;
/// Memory of one verification, in KiB: what is configured outside of this is refused.
const MEMORY_KIB: std::ops::RangeInclusive<u32> = 19_456..=262_144;
const PASSES: std::ops::RangeInclusive<u32> = 1..=16;

/// One operator.
#[derive(Debug, Clone)]
pub struct User {
    /// Records name the operator by it for ever.
    pub name: String,
    pub display: String,
    /// An argon2id hash in PHC form.
    pub password: SecretString,
    pub roles: BTreeSet<Role>,
    pub language: Language,
}

impl User {
    /// Whether the operator has this role or one that includes it.
    pub fn has(&self, role: Role) -> bool {
        self.roles.iter().any(|held| *held >= role)
    }
}

/// All operators who may log in.
#[derive(Debug, Clone, Default)]
pub struct Users(HashMap<String, Arc<User>>);

impl Users {
    /// Of two with one name the later counts; configuration refuses that.
    pub fn new(users: impl IntoIterator<Item = User>) -> Self {
        Self(users.into_iter().map(|user| (user.name.clone(), Arc::new(user))).collect())
    }

    pub fn get(&self, name: &str) -> Option<&Arc<User>> {
        self.0.get(name)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether a name may be an operator's: lower-case letters, digits, `-`, `_`, `.`, at most 64.
pub fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    (1..=lienthong_core::limits::NAME_BYTES).contains(&name.len()) && name.chars().all(allowed)
}

/// The hash of a password with a salt of its own, in PHC form. It takes a while on purpose.
pub fn hash(password: &str) -> Result<String, String> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|error| format!("the password cannot be hashed: {error}"))
}

/// Why a text is no hash that can be relied on, if it is none. The text is not repeated.
pub fn check_hash(text: &str) -> Result<(), &'static str> {
    const FORM: &str = "is no argon2id hash as `lienthong hash-password` prints it";
    let parsed = PasswordHash::new(text).map_err(|_| FORM)?;
    if parsed.algorithm.as_str() != "argon2id" || parsed.hash.is_none() || parsed.salt.is_none() {
        return Err(FORM);
    }
    let number = |name: &str| parsed.params.get_decimal(name);
    let memory = number("m").is_some_and(|memory| MEMORY_KIB.contains(&memory));
    if memory && number("t").is_some_and(|passes| PASSES.contains(&passes)) {
        return Ok(());
    }
    Err("has parameters outside of 19 to 256 MiB of memory and 1 to 16 passes")
}

/// Compared when nobody has the name, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// Whether the password is this user's. It takes as long for nobody, who has none.
pub(crate) fn verify(user: Option<&User>, password: &str) -> bool {
    let hash = user.map_or(NOBODY.as_str(), |user| user.password.expose_secret());
    let matches =
        PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    matches && user.is_some()
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_only_and_two_hashes_of_it_differ() {
        let (one, other) = (hash("mật khẩu rất dài").unwrap(), hash("mật khẩu rất dài").unwrap());
        assert_ne!(one, other);
        assert!(one.starts_with("$argon2id$v=19$"), "{one}");
        check_hash(&one).unwrap();
        let user = User {
            name: "an".to_owned(),
            display: "An".to_owned(),
            password: one.into(),
            roles: BTreeSet::from([Role::Approver]),
            language: Language::Vi,
        };
        assert!(verify(Some(&user), "mật khẩu rất dài"));
        assert!(!verify(Some(&user), "mật khẩu rất dàI"));
        assert!(!verify(None, "nobody has this password"));
        assert!(user.has(Role::Operator) && !user.has(Role::Administrator));
    }

    #[test]
    fn a_weak_or_foreign_hash_is_told_without_repeating_it() {
        for bad in [
            "secret",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNo",
            "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNo",
            "$argon2id$v=19$m=4000000,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNo",
        ] {
            let problem = check_hash(bad).unwrap_err();
            assert!(!problem.contains(bad), "{problem}");
        }
    }

    #[test]
    fn names_stay_readable_for_ever() {
        assert!(is_name("nguyen.van-an_2"));
        for bad in ["", "An", "a b", "a|b", "ân", &"a".repeat(65)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
