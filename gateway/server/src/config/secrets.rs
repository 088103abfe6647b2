//! Secrets from the environment and from files, when adapters and ports are built. It keeps none.

use std::path::{Path, PathBuf};

use lienthong_core::secret::{SecretRef, SecretSource, SecretString};

/// Longest secret file, in bytes: keys and certificates are shorter.
const SECRET_BYTES: u64 = 1 << 20;

/// The process's environment and files; relative paths begin at the configuration folder.
#[derive(Debug, Clone)]
pub(crate) struct Secrets {
    pub(crate) root: PathBuf,
}

impl SecretSource for Secrets {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        let value = match reference {
            SecretRef::Env(name) => std::env::var(name).map_err(|_| {
                format!("the environment variable {name} is not set; set it before the gateway starts, or refer to a file: file:PATH")
            })?,
            SecretRef::File(path) => read_file(&self.root.join(Path::new(path)))?,
        };
        if value.is_empty() {
            return Err(format!("{reference} is empty; give it a value"));
        }
        Ok(SecretString::from(value))
    }
}

fn read_file(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let facts = std::fs::metadata(path).map_err(|error| {
        format!("{shown} cannot be read ({error}); create it, readable for the gateway's account only")
    })?;
    if facts.len() > SECRET_BYTES {
        return Err(format!("{shown} has {} bytes, which is no secret; check the path", facts.len()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read ({error})"))?;
    let end = text.strip_suffix('\n').unwrap_or(&text);
    Ok(end.strip_suffix('\r').unwrap_or(end).to_owned())
}

#[cfg(test)]
mod tests {
    use lienthong_core::secret::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_file_loses_its_last_line_break_only() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("key"), "a b \r\n").unwrap();
        let secrets = Secrets { root: root.path().to_owned() };
        let secret = secrets.read(&"file:key".parse().unwrap()).unwrap();
        assert_eq!(secret.expose_secret(), "a b ");
    }

    #[test]
    fn a_missing_secret_names_its_reference_and_what_to_do() {
        let secrets = Secrets { root: PathBuf::from("/nowhere") };
        let missing = secrets.read(&"env:LIENTHONG_TEST_NOT_SET".parse().unwrap()).unwrap_err();
        assert!(missing.contains("LIENTHONG_TEST_NOT_SET") && missing.contains("set it"), "{missing}");
        let missing = secrets.read(&"file:key".parse().unwrap()).unwrap_err();
        assert!(missing.contains("/nowhere/key"), "{missing}");
    }
}
