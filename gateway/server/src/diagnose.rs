//! What keeps us from a system: every step of the way tried in order, each with what was seen and who must act. It changes nothing.

pub(crate) mod chain;
mod clock;
mod line;
mod network;
mod page;
mod proxy;
mod session;
mod show;
mod step;
#[cfg(test)]
mod tests;
mod tls;
mod trust;
mod words;

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::network::{NetworkEndpoint, NetworkProxy, Purpose};
use lienthong_core::{Adapter, Clock, SystemId, Timestamp};

pub(crate) use page::page;
pub(crate) use show::{json, table};
pub(crate) use step::{Outcome, Step, StepName};

use line::Line;
use session::not_tried;

/// Whom to diagnose, for whom.
pub(crate) struct Subject {
    pub(crate) organisation: String,
    pub(crate) system: SystemId,
    pub(crate) adapter: Arc<dyn Adapter>,
}

/// What was found.
pub(crate) struct Report {
    pub(crate) organisation: String,
    pub(crate) system: SystemId,
    pub(crate) began: Timestamp,
    pub(crate) endpoints: Vec<EndpointReport>,
    /// Login and read.
    pub(crate) session: Vec<Step>,
}

/// The way to one host.
pub(crate) struct EndpointReport {
    pub(crate) purpose: Purpose,
    /// As the configuration calls it.
    pub(crate) name: String,
    /// `https://host:port`.
    pub(crate) place: String,
    pub(crate) proxy: Option<String>,
    pub(crate) steps: Vec<Step>,
}

impl Report {
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.endpoints.iter().flat_map(|endpoint| &endpoint.steps).chain(&self.session)
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.steps().all(|step| step.outcome != Outcome::Failed)
    }
}

/// Tries everything. `patience`: how long a login or a read may take.
pub(crate) async fn diagnose(subject: Subject, clock: &Arc<dyn Clock>, patience: Duration) -> Report {
    let Subject { organisation, system, adapter } = subject;
    let began = clock.now();
    let mut endpoints = Vec::new();
    for endpoint in adapter.endpoints(began) {
        endpoints.push(way(clock.as_ref(), endpoint).await);
    }
    let session = if endpoints.iter().any(EndpointReport::blocks_session) {
        [StepName::Login, StepName::Read].map(|name| Step::skipped(name, not_tried()))
    } else {
        session::steps(adapter.as_ref(), clock, patience).await
    };
    Report { organisation, system, began, endpoints, session: session.into() }
}

impl EndpointReport {
    /// Whether login and read have no way: files may be elsewhere, and clocks may differ.
    fn blocks_session(&self) -> bool {
        let needed = match self.purpose {
            Purpose::System | Purpose::Login => true,
            Purpose::Files => false,
        };
        needed && self.steps.iter().any(|step| step.outcome == Outcome::Failed && step.name != StepName::Clock)
    }
}

async fn way(clock: &dyn Clock, endpoint: NetworkEndpoint) -> EndpointReport {
    let mut steps = Vec::new();
    let line = reach(clock, &endpoint, &mut steps).await;
    match line {
        Some(mut line) => {
            steps.push(clock::compare(clock, &endpoint, &mut line, endpoint.connect_timeout.saturating_mul(3)).await)
        }
        None => {
            let left = planned(&endpoint).into_iter().skip(steps.len());
            let left: Vec<Step> = left.map(|name| Step::skipped(name, not_tried())).collect();
            steps.extend(left);
        }
    }
    let NetworkEndpoint { purpose, name, place, proxy, .. } = endpoint;
    let proxy = proxy.map(|proxy| proxy.place.to_string());
    EndpointReport { purpose, name, place: place.to_string(), proxy, steps }
}

/// The steps there are for this host, in order.
fn planned(endpoint: &NetworkEndpoint) -> Vec<StepName> {
    let mut steps = vec![StepName::Name, StepName::Route, StepName::Connect];
    let tunnelled = |proxy: &&NetworkProxy| endpoint.place.encrypted || proxy.place.encrypted;
    steps.extend(endpoint.proxy.as_ref().filter(tunnelled).map(|_| StepName::Proxy));
    steps.extend(endpoint.place.encrypted.then_some(StepName::Tls));
    steps.push(StepName::Clock);
    steps
}

/// The line to the system, each step written down; it ends at the first that fails.
async fn reach(clock: &dyn Clock, endpoint: &NetworkEndpoint, steps: &mut Vec<Step>) -> Option<Line> {
    let (step, addresses) = network::resolve(clock, endpoint).await;
    steps.push(step);
    if addresses.is_empty() {
        return None;
    }
    let step = network::route(endpoint, &addresses).await;
    let routed = step.outcome == Outcome::Ok;
    steps.push(step);
    if !routed {
        return None;
    }
    let (step, stream) = network::connect(clock, endpoint, &addresses).await;
    steps.push(step);
    let mut line: Line = Box::new(stream?);
    if let Some(proxy) = &endpoint.proxy {
        if proxy.place.encrypted {
            let (step, encrypted) = tls::encrypt(clock, endpoint, &proxy.place.host, line).await;
            line = match encrypted {
                Some(line) => line,
                None => {
                    steps.push(Step { name: StepName::Proxy, ..step });
                    return None;
                }
            };
        }
        if endpoint.place.encrypted {
            let (step, tunnelled) = proxy::tunnel(clock, endpoint, proxy, line).await;
            steps.push(step);
            line = tunnelled?;
        }
    }
    if endpoint.place.encrypted {
        let (step, encrypted) = tls::encrypt(clock, endpoint, &endpoint.place.host, line).await;
        steps.push(step);
        return encrypted;
    }
    Some(line)
}
