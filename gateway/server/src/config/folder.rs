//! The configuration's files as texts, with their version. It reads them and understands none.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use lienthong_core::ConfigVersion;
use lienthong_engine::tables::AddedRow;
use sha2::{Digest as _, Sha256};

use super::Problem;
use super::suggest::nearest;
use super::types::hex;

/// The sections and what their files end with.
const SECTIONS: [(&str, &[&str]); 12] = [
    ("clients", &["yaml"]),
    ("operators", &["yaml"]),
    ("systems", &["yaml"]),
    ("messages", &["yaml"]),
    ("calendars", &["yaml"]),
    ("flows", &["yaml", "vrl"]),
    ("facades", &["yaml", "vrl"]),
    ("alerts", &["yaml"]),
    ("routes", &["yaml", "vrl"]),
    ("routes/tests", &["yaml"]),
    ("tables", &["yaml", "csv"]),
    ("reconciliations", &["yaml", "vrl"]),
];
/// The one file that stands alone.
pub(crate) const GATEWAY: &str = "gateway.yaml";
/// Where added rows stand among the files; no file of the disk has such a name.
pub(crate) const ADDED: &str = "tables/added rows";
/// Largest file, in bytes.
const FILE_BYTES: u64 = 4 << 20;
/// Most files.
const FILES: usize = 10_000;

/// All files of a configuration by their path within it, `/` between the parts.
#[derive(Debug, Clone)]
pub struct Folder {
    pub root: PathBuf,
    pub(crate) files: BTreeMap<String, String>,
}

impl Folder {
    /// A configuration that is not on disk; `root` is where relative paths in it begin.
    pub fn of(root: impl Into<PathBuf>, files: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { root: root.into(), files: files.into_iter().collect() }
    }

    /// The same with rows that operators added, as a file of its own: they are part of the version.
    #[must_use]
    pub fn with_rows(&self, rows: &[AddedRow]) -> Self {
        let mut folder = self.clone();
        folder.files.remove(ADDED);
        if !rows.is_empty() {
            let text = serde_json::to_string(rows).unwrap_or_default();
            folder.files.insert(ADDED.to_owned(), text);
        }
        folder
    }

    /// Reads every file that has a meaning; what stands where it would never be read is a problem, not a silence.
    pub fn read(root: &Path) -> Result<Self, Vec<Problem>> {
        let mut reader = FolderReader { root, files: BTreeMap::new(), problems: Vec::new() };
        reader.run();
        if !reader.problems.is_empty() {
            return Err(reader.problems);
        }
        Ok(Self { root: root.to_owned(), files: reader.files })
    }

    /// The files of one section that end in `.yaml`, in the order of their names.
    pub(crate) fn section(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(move |(path, text)| {
            let (section, file) = path.rsplit_once('/')?;
            (section == name && file.ends_with(".yaml")).then_some((path.as_str(), text.as_str()))
        })
    }

    pub(crate) fn file(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// `v-` and the first 12 hexadecimal digits of the SHA-256 over all names and contents.
    pub fn version(&self) -> Option<ConfigVersion> {
        ConfigVersion::new(&format!("v-{}", self.digest(|_| true).get(..12)?)).ok()
    }

    /// The SHA-256 over names and contents of some files, hexadecimal.
    pub(crate) fn digest(&self, of: impl Fn(&str) -> bool) -> String {
        let mut digest = Sha256::new();
        for (path, text) in self.files.iter().filter(|(path, _)| of(path)) {
            for part in [path, text] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part.as_bytes());
            }
        }
        hex(&digest.finalize())
    }
}

struct FolderReader<'r> {
    root: &'r Path,
    files: BTreeMap<String, String>,
    problems: Vec<Problem>,
}

impl FolderReader<'_> {
    fn run(&mut self) {
        if !self.root.is_dir() {
            let remedy = "give the folder that holds gateway.yaml: --config DIR";
            self.note(".", format!("{} is not a folder", self.root.display()), remedy);
            return;
        }
        if self.root.join(GATEWAY).is_file() {
            self.take(GATEWAY);
        } else {
            self.note(GATEWAY, "this file is missing", "copy it from the example configuration and adapt it");
        }
        for (section, endings) in SECTIONS {
            for (name, is_folder) in self.names(section) {
                let path = format!("{section}/{name}");
                let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
                if !is_folder && endings.contains(&ending) {
                    self.take(&path);
                } else if !is_folder && is_yaml(&name) {
                    self.note(&path, "this file is not read", "let its name end in .yaml");
                }
            }
        }
        self.strays();
    }

    /// Files that look as if they were meant to be read.
    fn strays(&mut self) {
        for (name, is_folder) in self.names("") {
            if !is_folder && is_yaml(&name) && name != GATEWAY {
                let remedy = "the top folder holds gateway.yaml only; the rest stands in clients, operators, systems, messages, calendars, flows, facades, tables, reconciliations, routes and routes/tests";
                self.note(&name, "this file is not read", remedy);
            }
            if !is_folder || SECTIONS.iter().any(|(section, _)| *section == name) {
                continue;
            }
            if self.names(&name).iter().any(|(file, is_folder)| !is_folder && is_yaml(file)) {
                let near = nearest(&name, SECTIONS.iter().map(|(section, _)| *section));
                let remedy = near.map_or_else(
                    || {
                        "the folders are clients, operators, systems, messages, calendars, flows, facades, tables, reconciliations, routes and routes/tests"
                            .to_owned()
                    },
                    |near| format!("did you mean `{near}`?"),
                );
                self.note(&name, "the files of this folder are not read", remedy);
            }
        }
    }

    /// Names in a folder, sorted; none when there is no such folder.
    fn names(&mut self, folder: &str) -> Vec<(String, bool)> {
        let mut names = Vec::new();
        let entries = match std::fs::read_dir(self.root.join(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return names,
            Err(error) => {
                self.note(
                    folder,
                    format!("this folder cannot be read: {error}"),
                    "check that the gateway's account may read it",
                );
                return names;
            }
        };
        for entry in entries {
            match entry {
                Ok(entry) => {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    if !name.starts_with('.') {
                        names.push((name, entry.path().is_dir()));
                    }
                }
                Err(error) => {
                    self.note(folder, format!("this folder cannot be listed: {error}"), "check the disk it lies on");
                    break;
                }
            }
            if names.len() > FILES {
                self.note(folder, format!("this folder holds more than {FILES} files"), "put fewer files there");
                break;
            }
        }
        names.sort();
        names
    }

    fn take(&mut self, path: &str) {
        let full = self.root.join(path);
        let size = std::fs::metadata(&full).map_or(0, |facts| facts.len());
        if size > FILE_BYTES {
            self.note(path, format!("this file has {size} bytes; {FILE_BYTES} are read at most"), "split it");
            return;
        }
        match std::fs::read_to_string(&full) {
            Ok(text) => {
                self.files.insert(path.to_owned(), text);
            }
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                self.note(path, "this file is not UTF-8", "save it as UTF-8");
            }
            Err(error) => {
                self.note(
                    path,
                    format!("this file cannot be read: {error}"),
                    "check that the gateway's account may read it",
                );
            }
        }
    }

    fn note(&mut self, file: &str, problem: impl Into<String>, remedy: impl Into<String>) {
        let (problem, remedy) = (problem.into(), remedy.into());
        self.problems.push(Problem { file: file.to_owned(), line: 0, column: None, problem, remedy });
    }
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn the_version_changes_with_a_name_and_with_a_content() {
        let version = |path: &str, text: &str| Folder::of(".", [(path.to_owned(), text.to_owned())]).version().unwrap();
        let first = version("a.yaml", "x");
        assert_eq!(first, version("a.yaml", "x"));
        assert_ne!(first, version("b.yaml", "x"));
        assert_ne!(first, version("a.yaml", "y"));
        assert!(first.as_str().starts_with("v-") && first.as_str().len() == 14);
    }

    #[test]
    fn what_would_never_be_read_is_reported() {
        let root = folder(&[
            ("clients/a.yml", ""),
            ("client/b.yaml", ""),
            ("extra.yaml", ""),
            ("notes/x.md", ""),
            ("README.md", ""),
        ]);
        let problems = Folder::read(root.path()).unwrap_err();
        let files: Vec<_> = problems.iter().map(|problem| problem.file.as_str()).collect();
        assert_eq!(files, ["gateway.yaml", "clients/a.yml", "client", "extra.yaml"]);
        assert_eq!(problems[2].remedy, "did you mean `clients`?");
    }

    #[test]
    fn every_section_is_read_in_the_order_of_names() {
        let root = folder(&[
            ("gateway.yaml", "g"),
            ("routes/20.yaml", "2"),
            ("routes/10.yaml", "1"),
            ("routes/x.vrl", "p"),
            ("routes/tests/t.yaml", "t"),
        ]);
        let folder = Folder::read(root.path()).unwrap();
        let routes: Vec<_> = folder.section("routes").collect();
        assert_eq!(routes, [("routes/10.yaml", "1"), ("routes/20.yaml", "2")]);
        assert_eq!(folder.section("routes/tests").count(), 1);
        assert_eq!(folder.file("routes/x.vrl"), Some("p"));
    }
}
