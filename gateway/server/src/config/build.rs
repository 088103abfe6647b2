//! From a checked configuration to what runs: secrets are read, adapters and TLS are built. Nothing is swapped here.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lienthong_console::{SessionKey, Sessions, Users};
use lienthong_core::secret::SecretSource;
use lienthong_core::{Adapter, Inbound, SystemId};
use lienthong_engine::Configuration;
use lienthong_engine::alert::Alerting;
use lienthong_engine::config::Watch;
use lienthong_engine::drill::TestKeys;
use lienthong_engine::expiry::Expiry;
use lienthong_engine::routing::Programs;
use lienthong_engine::terms::Digests;

use super::adapters::{Around, BuiltAdapter, Language, Missing};
use super::alerts;
use super::amqp;
use super::callback;
use super::clients::ClientModel;
use super::console;
use super::expiry::{self, Noticing};
use super::facades;
use super::gateway::GatewayModel;
use super::load::{Loaded, LoadedSystem};
use super::operators;
use super::problems::Problems;
use super::secrets::Secrets;
use super::tls;
use super::tree::Place;
use super::{Problem, folder};
use crate::amqp::Hub;
use crate::facade::Facades;
use crate::security::ClientDirectory;

/// A configuration ready to run.
pub(crate) struct Built {
    pub(crate) root: PathBuf,
    pub(crate) gateway: GatewayModel,
    pub(crate) configuration: Configuration,
    pub(crate) directory: ClientDirectory,
    pub(crate) facades: Facades,
    pub(crate) console: Operators,
    pub(crate) tls: Option<Arc<rustls::ServerConfig>>,
    /// The message broker.
    pub(crate) hub: Option<Arc<Hub>>,
    pub(crate) running: Running,
}

/// Who may log in to the console, and how.
pub(crate) struct Operators {
    pub(crate) users: Users,
    pub(crate) sessions: Sessions,
    /// What sessions are signed with; of this process alone where none is configured.
    pub(crate) key: Option<SessionKey>,
}

/// What a later reload may keep.
#[derive(Clone, Default)]
pub(crate) struct Running {
    adapters: BTreeMap<SystemId, BuiltAdapter>,
    hub: Option<Arc<Hub>>,
}

/// Reads secrets and certificates and builds everything; `running` lends the adapters whose settings and secrets are the same.
/// Every problem at once; on any, what runs is untouched.
pub(crate) fn build(loaded: Loaded, running: &Running, around: &Around) -> Result<Built, Vec<Problem>> {
    let language = language(&loaded);
    let Loaded {
        root,
        version,
        gateway,
        clients,
        operators,
        systems,
        catalogue,
        tables,
        routes,
        flows,
        paces,
        facades,
        alerts,
        approval,
        silences,
        reconciliations,
        ..
    } = loaded;
    crate::app::install_crypto();
    let secrets = Secrets { root: root.clone() };
    let mut problems = Problems::default();
    let adapters = build_adapters(&systems, &secrets, (around, &language), running, &mut problems);
    let tls = build_tls(&gateway, &root, &secrets, &mut problems);
    let noticing = Noticing::new(&secrets);
    let callbacks = callback::build(&clients, &noticing, &mut problems);
    let hub = build_hub(&gateway, &clients, &noticing, running, &mut problems);
    let alerting = alerts::build(&alerts, &gateway, &noticing, &mut problems);
    let facades = facades::build(facades, &secrets, &around.clock, &mut problems);
    let digests = build_digests(&gateway, &secrets, &mut problems);
    let console = Operators {
        users: operators::build(operators, &secrets, &mut problems),
        sessions: console::sessions(&gateway),
        key: console::session_key(&gateway, &secrets, &mut problems),
    };
    let problems = problems.finish();
    if !problems.is_empty() {
        return Err(problems);
    }
    let outbound = |(id, built): (&SystemId, &BuiltAdapter)| (id.clone(), Arc::clone(&built.adapter));
    let pushed = |(id, built): (&SystemId, &BuiltAdapter)| built.inbound.clone().map(|inbound| (id.clone(), inbound));
    let until = expiries(&gateway, &root, &systems, &adapters, &noticing.into_found());
    let mut configuration = Configuration {
        version,
        systems: systems.iter().map(|system| (system.model.id.clone(), system.model.policy.policy())).collect(),
        clients: clients.iter().map(|client| (client.id.clone(), client.policy())).collect(),
        adapters: adapters.iter().map(outbound).collect::<HashMap<SystemId, Arc<dyn Adapter>>>(),
        pollers: adapters.values().flat_map(|built| built.pollers.iter().cloned()).collect(),
        inbound: adapters.iter().filter_map(pushed).collect::<HashMap<SystemId, Arc<dyn Inbound>>>(),
        catalogue,
        tables,
        routes,
        flows,
        paces,
        reconciliations,
        reports: gateway.reports.reports(),
        digests,
        watch: Watch { silences, ..watch(&gateway, until, alerting) },
        approval,
    }
    .with_gateway();
    callback::add(callbacks, &mut configuration);
    amqp::add_mailboxes(&clients, hub.as_ref(), &mut configuration);
    let directory = ClientDirectory::new(clients.iter().map(ClientModel::entry));
    let running = Running { adapters, hub: hub.clone() };
    Ok(Built { root, gateway, configuration, directory, facades, console, tls, hub, running })
}

fn build_tls(
    gateway: &GatewayModel,
    root: &Path,
    secrets: &Secrets,
    problems: &mut Problems,
) -> Option<Arc<rustls::ServerConfig>> {
    match gateway.listen.tls.as_ref().map(|model| tls::build(model, root, secrets)).transpose() {
        Ok(tls) => tls,
        Err(found) => {
            found.into_iter().for_each(|(problem, remedy)| {
                problems.push(Problem { file: folder::GATEWAY.to_owned(), line: 0, column: None, problem, remedy });
            });
            None
        }
    }
}

fn watch(gateway: &GatewayModel, expiries: Arc<[Expiry]>, alerting: Alerting) -> Watch {
    Watch {
        expiries,
        alerting: Arc::new(alerting),
        test_keys: TestKeys(gateway.drills.test_keys.clone()),
        ..Watch::default()
    }
}

/// Until when what this configuration uses holds.
fn expiries(
    gateway: &GatewayModel,
    root: &Path,
    systems: &[LoadedSystem],
    adapters: &BTreeMap<SystemId, BuiltAdapter>,
    found: &[expiry::Found],
) -> Arc<[Expiry]> {
    let mut all = expiry::of_gateway(gateway, root, found);
    for LoadedSystem { model, written, .. } in systems {
        let built = adapters.get(&model.id).into_iter().flat_map(|built| &built.certificates);
        all.extend(built.map(|one| one.expiry(&model.id, written, &one.reference)));
        all.extend(expiry::declared(&model.expires, &model.id, written));
    }
    all.into()
}

/// What makes exchanges searchable, with the key for personal fields where there is one.
fn build_digests(gateway: &GatewayModel, secrets: &Secrets, problems: &mut Problems) -> Digests {
    let key = gateway.search.personal_key.as_ref().map(|key| secrets.read(key)).transpose();
    match key.and_then(|key| Digests::new(key.as_ref())) {
        Ok(digests) => digests,
        Err(problem) => {
            let remedy = "make one with `openssl rand -hex 32`, readable for the gateway's account only; keep it as long as the journal";
            problems.note(folder::GATEWAY, Place::default(), format!("search.personal_key: {problem}"), remedy);
            Digests::default()
        }
    }
}

/// The broker as configured; the one that runs when nothing of it changed, so that its connections stay.
fn build_hub(
    gateway: &GatewayModel,
    clients: &[ClientModel],
    secrets: &dyn SecretSource,
    running: &Running,
    problems: &mut Problems,
) -> Option<Arc<Hub>> {
    match Hub::build(gateway.amqp.as_ref()?, clients, secrets) {
        Ok(built) => match &running.hub {
            Some(hub) if hub.is_same(&built) => Some(Arc::clone(hub)),
            Some(_) | None => Some(Arc::new(built)),
        },
        Err(problem) => {
            let problem = format!("amqp: {problem}");
            problems.note(folder::GATEWAY, Place::default(), problem, "the broker cannot be reached without it");
            None
        }
    }
}

/// One system alone, enabled or not, with its own secrets and nobody else's. `None`: it is not configured.
pub(crate) fn build_system(
    loaded: &Loaded,
    system: &SystemId,
    around: &Around,
) -> Option<Result<Arc<dyn Adapter>, Vec<Problem>>> {
    let language = language(loaded);
    let found = loaded.systems.iter().chain(&loaded.disabled).find(|one| one.model.id == *system)?;
    crate::app::install_crypto();
    let secrets = Secrets { root: loaded.root.clone() };
    let mut problems = Problems::default();
    let around = (around, &language);
    let built = build_adapters(std::slice::from_ref(found), &secrets, around, &Running::default(), &mut problems);
    Some(match built.get(system) {
        Some(built) => Ok(Arc::clone(&built.adapter)),
        None => Err(problems.finish()),
    })
}

/// What compiles the programs of systems that configuration describes: the language of routes, over the same code tables.
fn language(loaded: &Loaded) -> Language {
    Language { compiler: Arc::new(Programs::over(&loaded.tables)), digest: loaded.tables_digest.clone() }
}

fn build_adapters(
    systems: &[LoadedSystem],
    secrets: &Secrets,
    around: (&Around, &Language),
    running: &Running,
    problems: &mut Problems,
) -> BTreeMap<SystemId, BuiltAdapter> {
    let mut adapters = BTreeMap::new();
    for LoadedSystem { model, file, node, settings, written } in systems {
        match settings.build(&model.id, written, secrets, around, running.adapters.get(&model.id)) {
            Ok(built) => {
                adapters.insert(model.id.clone(), built);
            }
            Err(missing) => {
                for Missing { reference, problem } in missing {
                    let place = reference.as_deref().and_then(|text| node.find_text(text)).unwrap_or(node.place);
                    problems.note(file, place, problem, "the system cannot be reached without it");
                }
            }
        }
    }
    adapters
}
