//! `hash-password`: the hash of an operator's password. The password is shown only when it was made here, and kept nowhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use lienthong_console::users;
use serde_json::json;

use super::{Failure, Out};

/// Bytes of chance in a password made here: more than anyone can try.
const MADE_BYTES: usize = 15;

#[derive(Debug, Args)]
pub(crate) struct HashPassword {
    /// Makes a random password and prints it with its hash, instead of reading one from standard input.
    #[arg(long)]
    make: bool,
}

impl HashPassword {
    pub(crate) fn run(&self, out: &Out) -> Result<(), Failure> {
        let password = if self.make { made() } else { given()? };
        let hash = users::hash(&password).map_err(Failure::Failed)?;
        match (out.is_json(), self.make) {
            (true, true) => out.value(&json!({ "password": password, "hash": hash })),
            (true, false) => out.value(&json!({ "hash": hash })),
            (false, true) => {
                out.line(format_args!("password  {password}"));
                out.line(format_args!("hash      {hash}"));
            }
            (false, false) => out.line(hash),
        }
        if !out.is_json() {
            out.note(
                "put the hash under `password` in operators/<name>.yaml, or into the file or variable it refers to",
            );
        }
        Ok(())
    }
}

/// A password nobody can guess.
pub(crate) fn made() -> String {
    let chance: [u8; MADE_BYTES] = rand::random();
    URL_SAFE_NO_PAD.encode(chance)
}

fn given() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| Failure::because("standard input cannot be read", error))?;
    checked(line.trim_end_matches(['\r', '\n']))
}

fn checked(password: &str) -> Result<String, Failure> {
    if password.chars().count() < users::PASSWORD_CHARS {
        let least = users::PASSWORD_CHARS;
        return Err(Failure::Usage(format!("a password has at least {least} characters; --make makes one")));
    }
    if password.len() > users::PASSWORD_BYTES {
        return Err(Failure::Usage(format!("a password has at most {} bytes", users::PASSWORD_BYTES)));
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_endless_passwords_are_not_hashed() {
        assert!(checked("ngắn").is_err());
        assert!(checked(&"a".repeat(users::PASSWORD_BYTES + 1)).is_err());
        assert_eq!(checked("mười hai ký tự").unwrap(), "mười hai ký tự");
        assert!(checked(&made()).is_ok() && made() != made());
    }
}
