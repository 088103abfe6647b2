//! `hash-key`: a new API key and its hash. The key is shown once and kept nowhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use serde_json::json;

use super::{Failure, Out};
use crate::config::KeyHash;

/// Bytes of chance in a key: more than anyone can try.
const KEY_BYTES: usize = 32;

#[derive(Debug, Args)]
pub(crate) struct HashKey {
    /// Hashes the key given on standard input instead of making a new one.
    #[arg(long)]
    stdin: bool,
}

impl HashKey {
    pub(crate) fn run(&self, out: &Out) -> Result<(), Failure> {
        let key = if self.stdin { given()? } else { made() };
        let hash = KeyHash::of(&key).to_string();
        if out.is_json() {
            let shown = if self.stdin { json!({ "hash": hash }) } else { json!({ "key": key, "hash": hash }) };
            out.value(&shown);
        } else if self.stdin {
            out.line(hash);
        } else {
            out.line(format_args!("key   {key}"));
            out.line(format_args!("hash  {hash}"));
            out.note("give the key to the client over a safe way; put the hash under `keys` in clients/<client>.yaml");
        }
        Ok(())
    }
}

fn made() -> String {
    let chance: [u8; KEY_BYTES] = rand::random();
    format!("lt_{}", URL_SAFE_NO_PAD.encode(chance))
}

fn given() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| Failure::because("standard input cannot be read", error))?;
    let key = line.trim_end_matches(['\r', '\n']);
    // A fast hash is safe only for keys nobody can guess.
    if key.len() < KEY_BYTES {
        return Err(Failure::Usage(format!(
            "a key must have at least {KEY_BYTES} characters; run without --stdin to make one"
        )));
    }
    Ok(key.to_owned())
}
