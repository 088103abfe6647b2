//! The adapters this program has: their settings read, checked and built. It speaks no protocol.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lienthong_core::file::{FileStore, NoFiles};
use lienthong_core::inbound::InboundOperation;
use lienthong_core::program::{Compiler, Program, ProgramText};
use lienthong_core::secret::{ExposeSecret as _, SecretRef, SecretSource, SecretString};
use lienthong_core::{Adapter, Clock, Inbound, OperationSpec, Poller, Surroundings, SystemId};
use lienthong_land::{Land, LandConfig};
use lienthong_population::{Population, PopulationConfig};
use lienthong_portal::{Portal, PortalConfig};
use lienthong_rest::{Rest, RestConfig};
use lienthong_tax::{Tax, TaxConfig};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::expiry::{self, Found};
use super::read::{ReadProblem, read};
use super::secrets::Secrets;
use super::systems::AdapterKind;
use super::tree::Node;

/// Settings of one adapter, checked as far as this is possible without reading a secret.
#[derive(Debug, Clone)]
pub(crate) enum AdapterSettings {
    Land(Box<LandConfig>),
    Population(Box<PopulationConfig>),
    Portal(Box<PortalConfig>),
    Rest(Box<RestConfig>),
    Tax(Box<TaxConfig>),
}

/// All sides of an adapter.
struct Made {
    adapter: Arc<dyn Adapter>,
    inbound: Option<Arc<dyn Inbound>>,
    pollers: Vec<Arc<dyn Poller>>,
}

/// What every adapter of a process is built with, whatever its configuration says.
#[derive(Clone)]
pub(crate) struct Around {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) files: Arc<dyn FileStore>,
}

impl Around {
    /// For what only looks: nothing can be stored.
    pub(crate) fn without_files(clock: Arc<dyn Clock>) -> Self {
        Self { clock, files: Arc::new(NoFiles) }
    }
}

/// The language adapters' programs are written in, as one configuration has it.
#[derive(Clone)]
pub(crate) struct Language {
    pub(crate) compiler: Arc<dyn Compiler>,
    /// Digest of all that programs read besides their own text (code tables, own functions): an adapter that compiled
    /// something is built again when it differs.
    pub(crate) digest: String,
}

/// An adapter as it runs, with what it was made from: what did not change is kept on reload, sessions and all.
#[derive(Clone)]
pub(crate) struct BuiltAdapter {
    pub(crate) adapter: Arc<dyn Adapter>,
    pub(crate) inbound: Option<Arc<dyn Inbound>>,
    pub(crate) pollers: Vec<Arc<dyn Poller>>,
    /// The certificates among what it was built with.
    pub(crate) certificates: Vec<Found>,
    settings: serde_json::Value,
    secrets: BTreeMap<String, [u8; 32]>,
    /// The language's digest, where it compiled something.
    language: Option<String>,
}

impl AdapterSettings {
    /// Reads the settings below `node`; the problems' places are the file's.
    pub(crate) fn read(kind: AdapterKind, node: &Node) -> (Option<Self>, Vec<ReadProblem>) {
        match kind {
            AdapterKind::Land => settings(node, LandConfig::validate, Self::Land),
            AdapterKind::Population => settings(node, PopulationConfig::validate, Self::Population),
            AdapterKind::Portal => settings(node, PortalConfig::validate, Self::Portal),
            AdapterKind::Rest => settings(node, RestConfig::validate, Self::Rest),
            AdapterKind::Tax => settings(node, TaxConfig::validate, Self::Tax),
        }
    }

    /// What can be asked and what may come in.
    pub(crate) fn operations(&self, system: &SystemId) -> Result<(Vec<OperationSpec>, Vec<InboundOperation>), String> {
        match self {
            Self::Land(config) => Ok((config.operations(system)?, config.inbound_operations(system)?)),
            Self::Population(config) => Ok((config.operations(system)?, Vec::new())),
            Self::Portal(config) => Ok((config.operations(system)?, config.inbound_operations(system)?)),
            Self::Rest(config) => Ok((config.operations(system)?, config.inbound_operations(system)?)),
            Self::Tax(config) => Ok((config.operations(system)?, config.inbound_operations(system)?)),
        }
    }

    /// What is wrong with the programs an adapter is described by, as (pointer, problem); nothing where there are none.
    pub(crate) fn trial(&self, system: &SystemId, programs: &dyn Compiler) -> Vec<(String, String)> {
        match self {
            // What does not fit together already needs no trial.
            Self::Rest(config) if config.validate().is_empty() => config.trial(system, programs),
            Self::Rest(_) | Self::Land(_) | Self::Population(_) | Self::Portal(_) | Self::Tax(_) => Vec::new(),
        }
    }

    fn make(&self, system: &SystemId, around: &Surroundings<'_>) -> Result<Made, String> {
        match self {
            Self::Land(config) => {
                let land = Land::build(system.clone(), (**config).clone(), around)?;
                let (inbound, pollers) = (land.inbound(), land.pollers());
                Ok(Made { adapter: Arc::new(land), inbound, pollers })
            }
            Self::Population(config) => {
                let population = Population::build(system.clone(), (**config).clone(), around)?;
                Ok(Made { adapter: Arc::new(population), inbound: None, pollers: Vec::new() })
            }
            Self::Portal(config) => {
                let portal = Portal::build(system.clone(), (**config).clone(), around)?;
                let inbound = portal.inbound();
                Ok(Made { adapter: Arc::new(portal), inbound, pollers: Vec::new() })
            }
            Self::Rest(config) => {
                let rest = Rest::build(system.clone(), (**config).clone(), around)?;
                let inbound = rest.inbound();
                Ok(Made { adapter: Arc::new(rest), inbound, pollers: Vec::new() })
            }
            Self::Tax(config) => {
                let tax = Tax::build(system.clone(), (**config).clone(), around)?;
                Ok(Made { adapter: Arc::new(tax), inbound: None, pollers: Vec::new() })
            }
        }
    }

    /// Reads the secrets and builds the adapter, or keeps `previous` where neither settings, secrets nor language changed.
    pub(crate) fn build(
        &self,
        system: &SystemId,
        settings: &serde_json::Value,
        secrets: &Secrets,
        around: (&Around, &Language),
        previous: Option<&BuiltAdapter>,
    ) -> Result<BuiltAdapter, Vec<Missing>> {
        let (Around { clock, files }, language) = around;
        if let Some(previous) = previous.filter(|previous| previous.is_current(settings, secrets, language)) {
            return Ok(previous.clone());
        }
        let recorder = Recorder::of(secrets);
        let programs =
            Arc::new(CompilerInUse { compiler: Arc::clone(&language.compiler), used: AtomicBool::new(false) });
        let made = self.make(
            system,
            &Surroundings {
                secrets: &recorder,
                clock: Arc::clone(clock),
                files: Arc::clone(files),
                programs: Arc::clone(&programs) as Arc<dyn Compiler>,
            },
        );
        let missing = recorder.missing.into_inner();
        match made {
            _ if !missing.is_empty() => Err(missing),
            Ok(Made { adapter, inbound, pollers }) => {
                let (settings, secrets) = (settings.clone(), recorder.read.into_inner());
                let language = programs.used.load(Ordering::Acquire).then(|| language.digest.clone());
                let certificates = recorder.certificates.into_inner();
                Ok(BuiltAdapter { adapter, inbound, pollers, certificates, settings, secrets, language })
            }
            Err(problem) => Err(vec![Missing { reference: None, problem }]),
        }
    }
}

/// Settings of one type, with every problem at its place in the file.
fn settings<C: DeserializeOwned + JsonSchema>(
    node: &Node,
    validate: fn(&C) -> Vec<(String, String)>,
    wrap: fn(Box<C>) -> AdapterSettings,
) -> (Option<AdapterSettings>, Vec<ReadProblem>) {
    let (config, mut problems) = read::<C>(node);
    for (pointer, problem) in config.iter().flat_map(validate) {
        let place = node.place_of(&pointer);
        let key = pointer.rsplit('/').next().unwrap_or_default();
        let remedy = "correct this setting; the adapter's README says what it means".to_owned();
        problems.push(ReadProblem { place, problem: format!("`{key}` {problem}"), remedy });
    }
    (config.map(|config| wrap(Box::new(config))), problems)
}

impl BuiltAdapter {
    fn is_current(&self, settings: &serde_json::Value, secrets: &Secrets, language: &Language) -> bool {
        let unchanged = |(reference, digest): (&String, &[u8; 32])| {
            let value = reference.parse().ok().and_then(|reference| secrets.read(&reference).ok());
            value.is_some_and(|value| digest_of(&value) == *digest)
        };
        let same_language = self.language.as_ref().is_none_or(|digest| *digest == language.digest);
        self.settings == *settings && same_language && self.secrets.iter().all(unchanged)
    }
}

/// What an adapter cannot be built without.
#[derive(Debug)]
pub(crate) struct Missing {
    /// The reference as written, when it is a secret.
    pub(crate) reference: Option<String>,
    pub(crate) problem: String,
}

/// Remembers which secrets were read, by their digests, and which are missing. A missing one is stood in for, so that all of
/// them are found; what is built with it is thrown away.
struct Recorder<'s> {
    secrets: &'s Secrets,
    read: Mutex<BTreeMap<String, [u8; 32]>>,
    missing: Mutex<Vec<Missing>>,
    certificates: Mutex<Vec<Found>>,
}

impl<'s> Recorder<'s> {
    fn of(secrets: &'s Secrets) -> Self {
        Self { secrets, read: Mutex::default(), missing: Mutex::default(), certificates: Mutex::default() }
    }
}

impl SecretSource for Recorder<'_> {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        let value = self.secrets.read(reference).unwrap_or_else(|problem| {
            self.missing.lock().push(Missing { reference: Some(reference.to_string()), problem });
            SecretString::from("missing")
        });
        let name = reference.to_string();
        let known = self.read.lock().insert(name.clone(), digest_of(&value)).is_some();
        if !known {
            self.certificates.lock().extend(expiry::certificates(&name, value.expose_secret()));
        }
        Ok(value)
    }
}

/// Remembers whether anything was compiled.
struct CompilerInUse {
    compiler: Arc<dyn Compiler>,
    used: AtomicBool,
}

impl Compiler for CompilerInUse {
    fn compile(&self, text: &ProgramText) -> Result<Arc<dyn Program>, Vec<String>> {
        self.used.store(true, Ordering::Release);
        self.compiler.compile(text)
    }
}

fn digest_of(value: &SecretString) -> [u8; 32] {
    Sha256::digest(value.expose_secret().as_bytes()).into()
}
