//! From texts to a checked configuration: pure, reads no secret, opens nothing. `build` does the rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lienthong_core::delivery::OnParked;
use lienthong_core::{ClientId, ConfigVersion, RouteName, SystemId};
use lienthong_engine::desk::silence::SilencePolicy;
use lienthong_engine::flow::Flows;
use lienthong_engine::pace::Paces;
use lienthong_engine::reconcile::Reconciliations;
use lienthong_engine::routing::{
    Catalogue, OrderKeySpec, Patterns, ProgramSource, Programs, RouteProblem, RouteSource, RouteSpec, RouteTable,
    RouteTarget, RouteTest,
};
use lienthong_engine::tables::Tables;
use serde_json::Value;

use super::Problem;
use super::adapters::AdapterSettings;
use super::alerts::{self, Alerts};
use super::amqp;
use super::calendars;
use super::clients::ClientModel;
use super::facades::{self, LoadedFacade};
use super::flows;
use super::folder::Folder;
use super::gateway::GatewayModel;
use super::messages;
use super::operators::{self, LoadedOperator};
use super::problems::Problems;
use super::promises;
use super::reconciliations;
use super::references::References;
use super::sections::{self, Routes, Section};
use super::silence;
use super::systems::SystemModel;
use super::tables;
use super::tree::{Node, Place};

/// A configuration without a problem that could be found without reading secrets.
pub struct Loaded {
    /// Where relative paths begin.
    pub root: PathBuf,
    pub version: ConfigVersion,
    pub gateway: GatewayModel,
    pub clients: Vec<ClientModel>,
    pub(crate) operators: Vec<LoadedOperator>,
    /// The enabled ones.
    pub(crate) systems: Vec<LoadedSystem>,
    /// The others: they can be diagnosed before they are enabled.
    pub(crate) disabled: Vec<LoadedSystem>,
    pub catalogue: Catalogue,
    /// Code tables.
    pub tables: Arc<Tables>,
    pub routes: RouteTable,
    pub flows: Flows,
    pub paces: Arc<Paces>,
    /// How long clients and systems may be silent, where it is declared.
    pub(crate) silences: Arc<BTreeMap<ClientId, SilencePolicy>>,
    pub(crate) reconciliations: Reconciliations,
    /// The enabled ones.
    pub(crate) facades: Vec<LoadedFacade>,
    /// Rules and targets of alerts.
    pub(crate) alerts: Alerts,
    /// What one person alone may not do.
    pub(crate) approval: lienthong_engine::config::Approval,
    pub tests: Vec<RouteTest>,
    /// Changes when a code table does.
    pub(crate) tables_digest: String,
    /// The texts it was read from.
    pub(crate) folder: Folder,
}

/// One system with its adapter's settings.
#[derive(Debug)]
pub(crate) struct LoadedSystem {
    pub(crate) model: SystemModel,
    pub(crate) file: String,
    /// Its settings, for the places of problems.
    pub(crate) node: Node,
    pub(crate) settings: AdapterSettings,
    /// The settings as written, to tell whether a reload changed them.
    pub(crate) written: Value,
}

impl Loaded {
    /// Every system's name, enabled or not.
    pub(crate) fn all_systems(&self) -> impl Iterator<Item = &SystemId> {
        self.systems.iter().chain(&self.disabled).map(|system| &system.model.id)
    }
}

/// Reads and checks a folder; every problem of all its files, or none.
pub fn load(root: &Path) -> Result<Loaded, Vec<Problem>> {
    load_folder(&Folder::read(root)?)
}

/// As [`load`], from texts at hand.
pub fn load_folder(folder: &Folder) -> Result<Loaded, Vec<Problem>> {
    let mut problems = Problems::default();
    let gateway = sections::gateway(folder, &mut problems);
    let clients = sections::clients(folder, &mut problems);
    let operators = operators::operators(folder, &mut problems);
    amqp::check(gateway.as_ref(), &clients, &mut problems);
    let systems = sections::systems(folder, &mut problems);
    let messages = messages::messages(folder, &systems, &mut problems);
    let tables = tables::tables(folder, &mut problems);
    let programs = Programs::over(&tables);
    try_systems(&systems.loaded, &programs, &mut problems);
    let mut routes = sections::routes(folder, &systems, &mut problems);
    let calendars = calendars::calendars(folder, &mut problems);
    let flows = flows::flows(folder, &calendars, &mut routes, &mut problems);
    let paces = promises::paces(folder, gateway.as_ref(), &mut routes, &mut problems);
    let silences = silence::silences(&clients, &systems.loaded, &calendars, &mut problems);
    let facades = facades::facades(folder, &mut routes, &mut problems);
    let alerts = alerts::alerts(folder, &clients, &systems, &mut problems);
    let tests = sections::tests(folder, &mut problems);
    let mut catalogue = catalogue(&systems.loaded, &mut problems);
    messages::declare(&messages, &mut catalogue, &mut problems);
    tables::check_observed(&tables, &catalogue, &mut problems);
    let approval = gateway.as_ref().map(|gateway| gateway.approval.build(&catalogue, &mut problems));
    let references = References::new(&clients, &systems, &routes.section, &catalogue);
    references.check(&clients, &routes.section, &tests.read, &mut problems);
    let specs = routes.specs.iter().filter(|spec| references.can_be_compiled(spec)).cloned().collect();
    let table = compiled(RouteTable::compile_with(specs, &catalogue, &programs), &routes, &mut problems);
    let flows = Flows::compile(references.known_flows(flows), &catalogue, &programs);
    let flows = compiled(flows, &routes, &mut problems);
    let paces = compiled(Paces::compile(paces, &catalogue, &programs), &routes, &mut problems);
    let reconciled = reconciliations::load((folder, &mut routes), (&references, &catalogue), &programs, &mut problems);
    let around = facades::Surroundings {
        catalogue: &catalogue,
        programs: &programs,
        clients: &clients,
        systems: &systems,
        routes: &routes,
        gateway: gateway.as_ref(),
    };
    let facades = facades::compile(facades, &around, &mut problems);
    check_loose(&routes, &catalogue, &programs, &mut problems);
    let problems = problems.finish();
    let (Some(gateway), Some(version), true) = (gateway, folder.version(), problems.is_empty()) else {
        return Err(problems);
    };
    let (enabled, disabled) = systems.loaded.into_iter().partition(|system| system.model.enabled);
    Ok(Loaded {
        root: folder.root.clone(),
        version,
        gateway,
        clients: values(clients),
        operators,
        systems: enabled,
        disabled,
        catalogue,
        tables,
        routes: table,
        flows,
        paces: Arc::new(paces),
        silences,
        reconciliations: reconciled,
        facades,
        alerts,
        approval: approval.unwrap_or_default(),
        folder: folder.clone(),
        tables_digest: folder.digest(|path| path.starts_with("tables/")),
        tests: tests.read.into_iter().map(|at| at.value.test((&at.file, at.node.place.line))).collect(),
    })
}

/// What was compiled, or nothing and its problems.
fn compiled<T: Default>(made: Result<T, Vec<RouteProblem>>, routes: &Routes, problems: &mut Problems) -> T {
    made.unwrap_or_else(|found| {
        found.into_iter().for_each(|problem| problems.push(routes.placed(problem)));
        T::default()
    })
}

/// Programs of systems that configuration describes, each with its example.
fn try_systems(systems: &[LoadedSystem], programs: &Programs, problems: &mut Problems) {
    for LoadedSystem { model, file, node, settings, written: _ } in systems {
        for (pointer, problem) in settings.trial(&model.id, programs) {
            let key = pointer.rsplit('/').next().unwrap_or_default();
            let remedy = "correct the program or the example; the adapter's README says what programs see";
            problems.note(file, node.place_of(&pointer), format!("`{key}`: {problem}"), remedy);
        }
    }
}

/// The code tables of a folder alone, for programs that run beside the gateway.
pub(crate) fn load_tables(root: &Path) -> Result<Arc<Tables>, Vec<Problem>> {
    let mut problems = Problems::default();
    let tables = tables::tables(&Folder::read(root)?, &mut problems);
    let problems = problems.finish();
    if problems.is_empty() { Ok(tables) } else { Err(problems) }
}

/// The operations of every system, disabled ones too: a disabled route may name them.
fn catalogue(systems: &[LoadedSystem], problems: &mut Problems) -> Catalogue {
    let (mut asked, mut pushed) = (Vec::new(), Vec::new());
    for system in systems {
        match system.settings.operations(&system.model.id) {
            Ok((outbound, inbound)) => {
                asked.extend(outbound);
                pushed.extend(inbound);
            }
            Err(problem) => {
                problems.note(&system.file, system.node.place, problem, "choose another id for this system")
            }
        }
    }
    Catalogue::build(&asked, &pushed).unwrap_or_else(|found| {
        for problem in found {
            let remedy = "this is a defect of the adapter, not of the configuration: report it";
            problems.note("systems", Place::default(), problem, remedy);
        }
        Catalogue::default()
    })
}

/// A parked snapshot that newer ones passed would undo them when it is released: it holds its lane, or gives way to them.
fn passed_snapshots(specs: &[RouteSpec], catalogue: &Catalogue) -> Vec<RouteProblem> {
    let is_snapshot = |spec: &RouteSpec| match &spec.to {
        RouteTarget::Operation(operation) => catalogue.get(operation).is_some_and(|entry| entry.spec.snapshot),
        RouteTarget::Inbox(_) | RouteTarget::Message(_) => false,
    };
    let passed = |spec: &&RouteSpec| spec.on_parked == OnParked::Skip && !spec.supersede && is_snapshot(spec);
    let problem = |spec: &RouteSpec| RouteProblem {
        file: spec.file.clone(),
        line: spec.line,
        column: None,
        problem: format!(
            "route {} lets newer snapshots pass a parked one, which would undo them when released",
            spec.name
        ),
        remedy: "hold the lane (`on_parked: hold`), or let newer ones replace it (`supersede: true`)".to_owned(),
    };
    specs.iter().filter(passed).map(problem).collect()
}

fn check_loose(routes: &Routes, catalogue: &Catalogue, programs: &Programs, problems: &mut Problems) {
    let loose = loose_programs(routes, catalogue, programs).into_iter();
    loose.chain(passed_snapshots(&routes.specs, catalogue)).for_each(|problem| problems.push(routes.placed(problem)));
}

/// What is wrong with the programs of routes that cannot be read otherwise: compiled within a route made up for it.
fn loose_programs(routes: &Routes, catalogue: &Catalogue, programs: &Programs) -> Vec<RouteProblem> {
    let asked = catalogue.iter().find(|entry| !entry.inbound && !entry.message);
    let (Some(entry), Ok(name)) = (asked, RouteName::new("unread")) else {
        return Vec::new();
    };
    let operation = &entry.spec.name;
    let compile = |(when, transform): &(Option<ProgramSource>, Option<ProgramSource>)| {
        let spec = RouteSpec {
            name: name.clone(),
            file: String::new(),
            line: 0,
            enabled: true,
            from: RouteSource::AnyClient,
            operations: vec![operation.clone()],
            when: when.clone(),
            transform: transform.clone(),
            to: RouteTarget::Operation(operation.clone()),
            order_key: OrderKeySpec::BusinessKey,
            class: None,
            retry: None,
            on_parked: OnParked::Hold,
            supersede: false,
            stop: false,
            patterns: Patterns::default(),
        };
        RouteTable::compile_with(vec![spec], catalogue, programs).err().unwrap_or_default()
    };
    let found = routes.loose.iter().flat_map(compile);
    found.filter(|problem| !problem.file.is_empty()).collect()
}

fn values<T>(section: Section<T>) -> Vec<T> {
    section.read.into_iter().map(|at| at.value).collect()
}

/// A route's problem as a problem of the configuration.
pub(crate) fn from_route(problem: RouteProblem) -> Problem {
    let RouteProblem { file, line, column, problem, remedy } = problem;
    Problem { file, line, column, problem, remedy }
}
