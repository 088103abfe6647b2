//! Reads the files of each section into their types. What the sections say of each other is checked by `references`.

use std::collections::BTreeMap;
use std::path::Path;

use lienthong_core::RetryPolicy;
use lienthong_engine::routing::{ProgramSource, RouteProblem, RouteSpec};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Problem;
use super::adapters::AdapterSettings;
use super::clients::ClientModel;
use super::expiry::ExpiresModel;
use super::folder::{Folder, GATEWAY};
use super::gateway::GatewayModel;
use super::load::{LoadedSystem, from_route};
use super::patterns::patterns;
use super::problems::Problems;
use super::routes::{ProgramModel, RouteModel, ToModel};
use super::systems::SystemModel;
use super::tests_model::TestModel;
use super::tree::{Kind, Node, Place};

/// A value with the file and node it was read from.
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) file: String,
    pub(crate) node: Node,
}

/// What was read of a section, and every name it declares, readable or not.
pub(crate) struct Section<T> {
    pub(crate) read: Vec<At<T>>,
    /// What has a problem of its own: still looked at for what it refers to.
    pub(crate) unread: Vec<(String, Node)>,
    pub(crate) declared: BTreeMap<String, (String, Place)>,
}

impl<T> Default for Section<T> {
    fn default() -> Self {
        Self { read: Vec::new(), unread: Vec::new(), declared: BTreeMap::new() }
    }
}

impl<T: DeserializeOwned + JsonSchema> Section<T> {
    /// Reads one value; its name is declared even when the rest of it cannot be read.
    pub(crate) fn take(&mut self, file: &str, node: &Node, name_key: &str, problems: &mut Problems) {
        if let Some(name) = node.get(name_key).and_then(Node::text) {
            let place = node.place_of(&format!("/{name_key}"));
            match self.declared.get(name) {
                Some((other, first)) => {
                    let problem = format!("`{name}` is taken already, in {other} line {}", first.line);
                    problems.note(file, place, problem, "give one of the two another name");
                }
                None => {
                    self.declared.insert(name.to_owned(), (file.to_owned(), place));
                }
            }
        }
        match problems.value(file, node) {
            Some(value) => self.read.push(At { value, file: file.to_owned(), node: node.clone() }),
            None => self.unread.push((file.to_owned(), node.clone())),
        }
    }
}

pub(crate) fn gateway(folder: &Folder, problems: &mut Problems) -> Option<GatewayModel> {
    let Some(text) = folder.file(GATEWAY) else {
        problems.note(GATEWAY, Place::default(), "this file is missing", "copy it from the example configuration");
        return None;
    };
    let node = problems.tree(GATEWAY, text)?;
    let model: GatewayModel = problems.value(GATEWAY, &node)?;
    for (pointer, problem, remedy) in model.check() {
        problems.note(GATEWAY, node.place_of(pointer), problem, remedy);
    }
    declared_expiries(GATEWAY, &node, &model.expires, problems);
    Some(model)
}

/// What is declared of a secret nobody uses would never be told.
fn declared_expiries(file: &str, node: &Node, declared: &[ExpiresModel], problems: &mut Problems) {
    for (place, one) in declared.iter().enumerate() {
        if let Some((problem, remedy)) = one.check(node) {
            problems.note(file, node.place_of(&format!("/expires/{place}/secret")), problem, remedy);
        }
    }
}

pub(crate) fn clients(folder: &Folder, problems: &mut Problems) -> Section<ClientModel> {
    let mut section: Section<ClientModel> = Section::default();
    for (file, text) in folder.section("clients") {
        if let Some(node) = problems.tree(file, text) {
            section.take(file, &node, "id", problems);
        }
    }
    for At { value, file, node } in &section.read {
        for (pointer, problem, remedy) in value.check() {
            problems.note(file, node.place_of(pointer), problem, remedy);
        }
    }
    shared_keys(&section, problems);
    section
}

/// A key or certificate that two clients share would prove neither.
fn shared_keys(section: &Section<ClientModel>, problems: &mut Problems) {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for At { value, file, node } in &section.read {
        let keys = value.keys.iter().map(ToString::to_string).enumerate();
        let certificates = value.certificates.iter().map(|certificate| format!("{certificate:?}")).enumerate();
        let proofs = keys.map(|(i, key)| (format!("/keys/{i}"), key));
        let proofs = proofs.chain(certificates.map(|(i, certificate)| (format!("/certificates/{i}"), certificate)));
        for (pointer, proof) in proofs {
            if let Some(owner) = owners.insert(proof, value.id.as_str()) {
                let problem = format!("client `{owner}` has this key or certificate too");
                problems.note(file, node.locate(&pointer).place, problem, "give each client its own");
            }
        }
    }
}

/// The systems section, with the settings of each adapter.
pub(crate) struct Systems {
    pub(crate) section: Section<SystemModel>,
    pub(crate) loaded: Vec<LoadedSystem>,
}

impl Systems {
    fn retry(&self, system: &str) -> RetryPolicy {
        let model = self.loaded.iter().map(|loaded| &loaded.model).find(|model| model.id.as_str() == system);
        model.map_or_else(RetryPolicy::default, |model| model.policy.policy().retry)
    }
}

pub(crate) fn systems(folder: &Folder, problems: &mut Problems) -> Systems {
    let mut section: Section<SystemModel> = Section::default();
    for (file, text) in folder.section("systems") {
        if let Some(node) = problems.tree(file, text) {
            section.take(file, &node, "id", problems);
        }
    }
    let mut loaded = Vec::new();
    for At { value, file, node } in &section.read {
        for (pointer, problem, remedy) in value.check() {
            problems.note(file, node.place_of(&pointer), problem, remedy);
        }
        declared_expiries(file, node, &value.expires, problems);
        let empty = Node { place: node.place, kind: Kind::Map(Vec::new()), bad: false };
        let written = node.get("settings").unwrap_or(&empty);
        let (settings, found) = AdapterSettings::read(value.adapter, written);
        problems.add(file, found);
        if let Some(settings) = settings {
            loaded.push(LoadedSystem {
                model: value.clone(),
                file: file.clone(),
                node: written.clone(),
                settings,
                written: problems.value(file, written).unwrap_or(Value::Null),
            });
        }
    }
    Systems { section, loaded }
}

/// The routes in their order, and where their programs stand.
pub(crate) struct Routes {
    pub(crate) section: Section<RouteModel>,
    pub(crate) specs: Vec<RouteSpec>,
    /// Programs of routes that cannot be read otherwise: (condition, transform) of each.
    pub(crate) loose: Vec<(Option<ProgramSource>, Option<ProgramSource>)>,
    programs: Vec<Inline>,
}

/// A program inside a YAML file.
struct Inline {
    file: String,
    first: usize,
    last: usize,
    indent: usize,
}

impl Routes {
    /// The text of a program that stands at a place of another section's item, remembered for the places of problems.
    pub(crate) fn program(
        &mut self,
        folder: &Folder,
        (file, node): (&str, &Node),
        key: &str,
        model: Option<&ProgramModel>,
        problems: &mut Problems,
    ) -> Option<ProgramSource> {
        let (source, inline) = source(folder, file, node, key, model?, problems)?;
        self.programs.extend(inline);
        Some(source)
    }

    /// The engine counts columns from the program's own margin; people count them from the file's.
    pub(crate) fn placed(&self, problem: RouteProblem) -> Problem {
        let mut problem = from_route(problem);
        let inside =
            |inline: &&Inline| inline.file == problem.file && (inline.first..=inline.last).contains(&problem.line);
        if let Some(inline) = self.programs.iter().find(inside) {
            problem.column = problem.column.map(|column| column + inline.indent);
        }
        problem
    }
}

pub(crate) fn routes(folder: &Folder, systems: &Systems, problems: &mut Problems) -> Routes {
    let mut routes = Routes { section: Section::default(), specs: Vec::new(), loose: Vec::new(), programs: Vec::new() };
    for (file, text) in folder.section("routes") {
        for node in list(file, text, "routes", problems) {
            routes.section.take(file, &node, "name", problems);
        }
    }
    for At { value, file, node } in &routes.section.read {
        let mut program = |key: &str, model: Option<&ProgramModel>| {
            let model = model?;
            let found = source(folder, file, node, key, model, problems)?;
            routes.programs.extend(found.1);
            Some(found.0)
        };
        let when = program("when", value.when.as_ref());
        let transform = program("transform", value.transform.as_ref());
        let patterns = patterns(value, &mut program);
        let retry = match &value.to {
            ToModel::Operation(operation) => systems.retry(operation.system()),
            ToModel::Inbox(_) | ToModel::Message(_) => RetryPolicy::default(),
        };
        routes.specs.push(value.spec((file, node.place.line), when, transform, patterns, retry));
    }
    for (file, node) in &routes.section.unread {
        let mut program = |key: &str| {
            let model = node.get(key).and_then(|node| super::read::read(node).0)?;
            let found = source(folder, file, node, key, &model, problems)?;
            routes.programs.extend(found.1);
            Some(found.0)
        };
        routes.loose.push((program("when"), program("transform")));
    }
    routes
}

/// A program's text and place; its file stands beside the file that names it, or in `routes`.
fn source(
    folder: &Folder,
    file: &str,
    route: &Node,
    key: &str,
    model: &ProgramModel,
    problems: &mut Problems,
) -> Option<(ProgramSource, Option<Inline>)> {
    let pointer = format!("/{key}");
    match model {
        ProgramModel::Inline(text) => {
            let node = route.locate(&pointer);
            let line = node.scalar().map_or(node.place.line, |scalar| scalar.text_line);
            // A block's place is where its text begins, indentation and all.
            let indent = node.place.column.saturating_sub(1);
            let last = line + text.lines().count();
            let inline = Inline { file: file.to_owned(), first: line, last, indent };
            Some((ProgramSource { file: file.to_owned(), line, text: text.clone() }, Some(inline)))
        }
        ProgramModel::File(path) => {
            let beside = Path::new(file).parent().unwrap_or(Path::new("")).join(path);
            let name = beside.to_string_lossy().replace('\\', "/");
            let Some(text) = folder.file(&name) else {
                let remedy = "name a .vrl file beside this one";
                problems.note(file, route.place_of(&pointer), format!("there is no file {name}"), remedy);
                return None;
            };
            Some((ProgramSource { file: name, line: 1, text: text.to_owned() }, None))
        }
    }
}

pub(crate) fn tests(folder: &Folder, problems: &mut Problems) -> Section<TestModel> {
    let mut section = Section::default();
    for (file, text) in folder.section("routes/tests") {
        for node in list(file, text, "tests", problems) {
            section.take(file, &node, "name", problems);
        }
    }
    section
}

/// The items of a file that holds one list under one key.
pub(super) fn list(file: &str, text: &str, key: &'static str, problems: &mut Problems) -> Vec<Node> {
    let Some(node) = problems.tree(file, text) else { return Vec::new() };
    let Kind::Map(entries) = &node.kind else {
        problems.note(file, node.place, "this file holds no map", format!("begin it with `{key}:` and a list below"));
        return Vec::new();
    };
    for entry in entries.iter().filter(|entry| entry.key != key) {
        problems.note(
            file,
            entry.key_place,
            format!("`{}` is not known here", entry.key),
            format!("this file holds `{key}:` only"),
        );
    }
    match node.get(key) {
        Some(Node { kind: Kind::List(items), .. }) => items.clone(),
        Some(other) => {
            problems.note(
                file,
                other.place,
                format!("`{key}` is no list"),
                "write each below it, beginning with `- name:`",
            );
            Vec::new()
        }
        None => {
            problems.note(file, node.place, format!("`{key}` is missing"), format!("begin this file with `{key}:`"));
            Vec::new()
        }
    }
}
