//! `messages/*.yaml`: messages of our own, which routes make and take. It compiles no schema.

use std::borrow::Cow;

use lienthong_core::{OperationName, SystemId};
use lienthong_engine::internal;
use lienthong_engine::routing::{Catalogue, Message};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::folder::Folder;
use super::problems::Problems;
use super::sections::{At, Section, Systems};

/// One declared message.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageModel {
    /// `noun.noun`, such as `obligation.notice`; the first part names no system.
    #[schemars(with = "String")]
    pub(crate) name: OperationName,
    /// One sentence: what it says.
    pub(crate) summary: String,
    /// JSON Schema (2020-12) of its body.
    pub(crate) schema: Value,
    /// A body that passes the schema; people in it are made up.
    pub(crate) example: Value,
    /// A JSON pointer to its business key.
    pub(crate) key: String,
    /// JSON pointers, with `*` for any element, of personal data.
    #[serde(default)]
    pub(crate) personal: Vec<String>,
}

impl MessageModel {
    fn message(&self) -> Message {
        let Self { name, summary, schema, example, key, personal } = self.clone();
        Message {
            name,
            summary: Cow::Owned(summary),
            schema,
            example,
            key: Cow::Owned(key),
            personal: personal.into_iter().map(Cow::Owned).collect(),
        }
    }
}

pub(crate) fn messages(folder: &Folder, systems: &Systems, problems: &mut Problems) -> Section<MessageModel> {
    let mut section: Section<MessageModel> = Section::default();
    for (file, text) in folder.section("messages") {
        if let Some(node) = problems.tree(file, text) {
            section.take(file, &node, "name", problems);
        }
    }
    for At { value, file, node } in &section.read {
        let first = value.name.system();
        if systems.section.declared.contains_key(first) || [internal::SYSTEM, SystemId::INBOX].contains(&first) {
            let problem = format!("`{}` reads as an operation of the system `{first}`", value.name);
            problems.note(file, node.place_of("/name"), problem, "begin the message's name with another noun");
        }
        let pointers =
            value.personal.iter().enumerate().map(|(place, pointer)| (format!("/personal/{place}"), pointer));
        for (place, pointer) in pointers.chain([("/key".to_owned(), &value.key)]) {
            if !pointer.starts_with('/') {
                let problem = format!("`{pointer}` is no JSON pointer");
                problems.note(file, node.locate(&place).place, problem, "write it as in RFC 6901: `/dossier/code`");
            }
        }
    }
    section
}

/// Puts the messages into the catalogue; what is wrong with a schema or an example is told where its message stands.
pub(crate) fn declare(section: &Section<MessageModel>, catalogue: &mut Catalogue, problems: &mut Problems) {
    for At { value, file, node } in &section.read {
        for (_, problem) in catalogue.declare(&[value.message()]) {
            let place = if problem.contains("example") { "/example" } else { "/schema" };
            problems.note(file, node.place_of(place), problem, "correct the message's schema, or its example");
        }
    }
}
