//! `tables/tables.yaml` and the CSV files it names: read into the engine's tables. It looks nothing up.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use lienthong_core::OperationName;
use lienthong_engine::routing::Catalogue;
use lienthong_engine::tables::{ObservedSpec, TableSpec, TableText, Tables};
use schemars::JsonSchema;
use serde::Deserialize;

use super::folder::{ADDED, Folder};
use super::load::from_route;
use super::problems::Problems;
use super::sections::{At, Section, list};
use super::suggest::nearest;
use super::tree::Place;

/// The one file of declarations.
pub(crate) const TABLES: &str = "tables/tables.yaml";

/// The code tables; each names the CSV file of its rows.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TablesFile {
    #[expect(dead_code, reason = "names the key in the generated schema; the list is read item by item")]
    pub(crate) tables: Vec<TableModel>,
}

/// One code table.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableModel {
    /// Programs look it up by this name.
    pub(crate) name: String,
    /// A CSV file beside this one, with a header.
    pub(crate) file: PathBuf,
    /// What it is for, for people.
    pub(crate) description: String,
    /// Where its facts come from.
    #[serde(default)]
    pub(crate) source: Option<String>,
    /// The columns that make a code.
    pub(crate) key: Vec<String>,
    /// The columns a code leads to.
    pub(crate) values: Vec<String>,
    /// Once a code holds, there must be a row for every later day.
    #[serde(default)]
    pub(crate) total: bool,
    /// Whether values lead back to one code: `true` for all value columns, or their names.
    #[serde(default)]
    pub(crate) one_to_one: OneToOne,
    /// Columns whose content is never shown in faults.
    #[serde(default)]
    pub(crate) personal: Vec<String>,
    /// How another system's own list of these codes is recognised, so that what has no counterpart shows before it fails.
    #[serde(default)]
    pub(crate) observed: Option<ObservedModel>,
}

/// Which value columns lead back to one code.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum OneToOne {
    All(bool),
    Columns(Vec<String>),
}

impl Default for OneToOne {
    fn default() -> Self {
        Self::All(false)
    }
}

/// How another system's own list is found in a message it sends.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObservedModel {
    /// The message that carries the list: `land.list-received`.
    #[schemars(with = "String")]
    pub(crate) operation: OperationName,
    /// Pointer and text that tell this list from others in the same message.
    #[serde(default)]
    pub(crate) when: Option<WhenModel>,
    /// Pointer to the array of entries.
    pub(crate) items: String,
    /// Pointer to the code inside an entry.
    pub(crate) code: String,
    /// The column of this table that holds that system's code.
    pub(crate) column: String,
}

/// What tells one list from others.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhenModel {
    pub(crate) pointer: String,
    pub(crate) is: String,
}

impl TableModel {
    fn spec(&self, line: usize) -> TableSpec {
        let Self { name, file: _, description, source, key, values, total, one_to_one, personal, observed } = self;
        TableSpec {
            name: name.clone(),
            file: TABLES.to_owned(),
            line,
            description: description.clone(),
            source: source.clone(),
            key: key.clone(),
            values: values.clone(),
            total: *total,
            one_to_one: match one_to_one {
                OneToOne::All(true) => values.clone(),
                OneToOne::All(false) => Vec::new(),
                OneToOne::Columns(columns) => columns.clone(),
            },
            personal: personal.clone(),
            observed: observed.as_ref().map(ObservedModel::spec),
        }
    }
}

impl ObservedModel {
    fn spec(&self) -> ObservedSpec {
        let Self { operation, when, items, code, column } = self;
        ObservedSpec {
            operation: operation.clone(),
            when: when.as_ref().map(|when| (when.pointer.clone(), when.is.clone())),
            items: items.clone(),
            code: code.clone(),
            column: column.clone(),
        }
    }
}

/// Every table, or the problems of all of them.
pub(crate) fn tables(folder: &Folder, problems: &mut Problems) -> Arc<Tables> {
    let mut section: Section<TableModel> = Section::default();
    if let Some(text) = folder.file(TABLES) {
        for node in list(TABLES, text, "tables", problems) {
            section.take(TABLES, &node, "name", problems);
        }
    }
    let mut named: BTreeSet<String> = BTreeSet::new();
    let mut declared = Vec::new();
    for At { value, node, .. } in &section.read {
        let file = format!("tables/{}", value.file.to_string_lossy().replace('\\', "/"));
        match folder.file(&file) {
            Some(text) => {
                declared.push((value.spec(node.place.line), TableText { file: file.clone(), text: text.to_owned() }))
            }
            None => {
                let remedy = "name a .csv file beside this one";
                problems.note(TABLES, node.place_of("/file"), format!("there is no file {file}"), remedy);
            }
        }
        named.insert(file);
    }
    if section.unread.is_empty() {
        strays(folder, &named, problems);
    }
    let tables = Tables::build(declared).unwrap_or_else(|found| {
        found.into_iter().for_each(|problem| problems.push(from_route(problem)));
        Tables::default()
    });
    match folder.file(ADDED).map(serde_json::from_str) {
        None => Arc::new(tables),
        Some(Ok(rows)) => Arc::new(tables.laid(rows)),
        Some(Err(error)) => {
            problems.note(ADDED, Place::default(), error.to_string(), "report this defect of the gateway");
            Arc::new(tables)
        }
    }
}

/// A misspelt message of a system that is there would never be found; a system that is not there may come later.
pub(crate) fn check_observed(tables: &Tables, catalogue: &Catalogue, problems: &mut Problems) {
    for table in tables.iter() {
        let Some(observed) = &table.spec.observed else { continue };
        let system = observed.operation.system();
        let names: Vec<&str> = catalogue.iter().map(|entry| entry.spec.name.as_str()).collect();
        let is_there = names.iter().any(|name| name.split('.').next() == Some(system));
        if is_there && catalogue.get(&observed.operation).is_none() {
            let problem = format!("table {}: there is no message {}", table.spec.name, observed.operation);
            let near = nearest(observed.operation.as_str(), names.iter().copied());
            let remedy = near.map_or("`GET /v1/operations` lists what comes in".to_owned(), |near| {
                format!("did you mean `{near}`?")
            });
            problems.note(TABLES, Place { line: table.spec.line, column: 0 }, problem, remedy);
        }
    }
}

/// Files that nothing names would never be read.
fn strays(folder: &Folder, named: &BTreeSet<String>, problems: &mut Problems) {
    for file in folder.files.keys() {
        let stray = file.starts_with("tables/") && file != TABLES && file != ADDED && !named.contains(file);
        if stray {
            let remedy = "name it in tables/tables.yaml, or remove it";
            problems.note(file, Place::default(), "no table is declared for this file", remedy);
        }
    }
}
