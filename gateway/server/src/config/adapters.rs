//! The adapters this program has: their settings read, checked and built. It speaks no protocol.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_core::inbound::InboundOperation;
use lienthong_core::secret::{ExposeSecret as _, SecretRef, SecretSource, SecretString};
use lienthong_core::{Adapter, Clock, Inbound, OperationSpec, Poller, SystemId};
use lienthong_portal::{Portal, PortalConfig};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use super::read::{ReadProblem, read};
use super::secrets::Secrets;
use super::systems::AdapterKind;
use super::tree::Node;

/// Settings of one adapter, checked as far as this is possible without reading a secret.
#[derive(Debug, Clone)]
pub(crate) enum AdapterSettings {
    Portal(Box<PortalConfig>),
}

/// All sides of an adapter.
struct Made {
    adapter: Arc<dyn Adapter>,
    inbound: Option<Arc<dyn Inbound>>,
    pollers: Vec<Arc<dyn Poller>>,
}

/// An adapter as it runs, with what it was made from: what did not change is kept on reload, sessions and all.
#[derive(Clone)]
pub(crate) struct BuiltAdapter {
    pub(crate) adapter: Arc<dyn Adapter>,
    pub(crate) inbound: Option<Arc<dyn Inbound>>,
    pub(crate) pollers: Vec<Arc<dyn Poller>>,
    settings: serde_json::Value,
    secrets: BTreeMap<String, [u8; 32]>,
}

impl AdapterSettings {
    /// Reads the settings below `node`; the problems' places are the file's.
    pub(crate) fn read(kind: AdapterKind, node: &Node) -> (Option<Self>, Vec<ReadProblem>) {
        match kind {
            AdapterKind::Portal => {
                let (config, mut problems) = read::<PortalConfig>(node);
                for (pointer, problem) in config.iter().flat_map(PortalConfig::validate) {
                    let place = node.place_of(&pointer);
                    let key = pointer.rsplit('/').next().unwrap_or_default();
                    let remedy = "correct this setting; the adapter's README says what it means".to_owned();
                    problems.push(ReadProblem { place, problem: format!("`{key}` {problem}"), remedy });
                }
                (config.map(|config| Self::Portal(Box::new(config))), problems)
            }
        }
    }

    /// What can be asked and what may come in.
    pub(crate) fn operations(&self, system: &SystemId) -> Result<(Vec<OperationSpec>, Vec<InboundOperation>), String> {
        match self {
            Self::Portal(config) => Ok((config.operations(system)?, config.inbound_operations(system)?)),
        }
    }

    fn make(&self, system: &SystemId, secrets: &dyn SecretSource, clock: &Arc<dyn Clock>) -> Result<Made, String> {
        match self {
            Self::Portal(config) => {
                let portal = Portal::build(system.clone(), (**config).clone(), secrets, Arc::clone(clock))?;
                let inbound = portal.inbound();
                Ok(Made { adapter: Arc::new(portal), inbound, pollers: Vec::new() })
            }
        }
    }

    /// Reads the secrets and builds the adapter, or keeps `previous` where neither settings nor secrets changed.
    pub(crate) fn build(
        &self,
        system: &SystemId,
        settings: &serde_json::Value,
        secrets: &Secrets,
        clock: &Arc<dyn Clock>,
        previous: Option<&BuiltAdapter>,
    ) -> Result<BuiltAdapter, Vec<Missing>> {
        if let Some(previous) = previous.filter(|previous| previous.is_current(settings, secrets)) {
            return Ok(previous.clone());
        }
        let recorder = Recorder { secrets, read: Mutex::default(), missing: Mutex::default() };
        let made = self.make(system, &recorder, clock);
        let missing = recorder.missing.into_inner();
        match made {
            _ if !missing.is_empty() => Err(missing),
            Ok(Made { adapter, inbound, pollers }) => {
                let (settings, secrets) = (settings.clone(), recorder.read.into_inner());
                Ok(BuiltAdapter { adapter, inbound, pollers, settings, secrets })
            }
            Err(problem) => Err(vec![Missing { reference: None, problem }]),
        }
    }
}

impl BuiltAdapter {
    fn is_current(&self, settings: &serde_json::Value, secrets: &Secrets) -> bool {
        let unchanged = |(reference, digest): (&String, &[u8; 32])| {
            let value = reference.parse().ok().and_then(|reference| secrets.read(&reference).ok());
            value.is_some_and(|value| digest_of(&value) == *digest)
        };
        self.settings == *settings && self.secrets.iter().all(unchanged)
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
}

impl SecretSource for Recorder<'_> {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        let value = self.secrets.read(reference).unwrap_or_else(|problem| {
            self.missing.lock().push(Missing { reference: Some(reference.to_string()), problem });
            SecretString::from("missing")
        });
        self.read.lock().insert(reference.to_string(), digest_of(&value));
        Ok(value)
    }
}

fn digest_of(value: &SecretString) -> [u8; 32] {
    Sha256::digest(value.expose_secret().as_bytes()).into()
}
