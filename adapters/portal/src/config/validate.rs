//! Every problem of a configuration at once, each with the pointer of the value it lies in. It reads no secret and opens nothing.

use lienthong_kit::config::{Address, Problems};
use lienthong_kit::endpoint::{self, Dates};

use super::{EndpointConfig, LgspConfig, LgspPaths, PortalConfig};
use crate::map::code;

impl PortalConfig {
    /// What is wrong, as (JSON pointer, what and what to do). Empty means that [`crate::Portal::build`] can only fail on secrets.
    pub fn validate(&self) -> Problems {
        let mut found = Problems::new();
        self.check_endpoints(&mut found);
        self.check_codes(&mut found);
        self.phrases.check("/phrases", &mut found);
        for status in self.lossy_statuses.keys() {
            if self.lossy_statuses.get(status) == Some(status) {
                found.push((format!("/lossy_statuses/{}", status.name()), "maps a status to itself; remove it".into()));
            }
        }
        for (name, limit) in self.limits() {
            if limit == 0 {
                found.push((format!("/field_limits/{name}"), "must be at least 1".into()));
            }
        }
        found
    }

    fn check_endpoints(&self, found: &mut Problems) {
        endpoint::check_list(self.endpoints.iter().map(dates), found);
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            check_endpoint(endpoint, &format!("/endpoints/{place}"), found);
        }
        endpoint::check_active(self.active.as_deref(), self.endpoints.iter().map(|one| one.name.as_str()), found);
        self.transport.check(self.addresses(), found);
    }

    /// Every address with its pointer.
    fn addresses(&self) -> impl Iterator<Item = (String, &Address)> {
        self.endpoints.iter().enumerate().flat_map(|(place, endpoint)| {
            let axis = endpoint.axis.as_ref().map(|axis| (format!("/endpoints/{place}/axis/base"), &axis.base));
            let lgsp = endpoint.lgsp.as_ref().map(|lgsp| (format!("/endpoints/{place}/lgsp/base"), &lgsp.base));
            let grant = endpoint.lgsp.as_ref().and_then(|lgsp| lgsp.grant.as_ref());
            let tokens = grant.map(|grant| (format!("/endpoints/{place}/lgsp/grant/address"), &grant.address));
            axis.into_iter().chain(lgsp).chain(tokens)
        })
    }

    /// Whether any end point is spoken to with TLS.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.addresses().any(|(_, address)| address.is_https())
    }

    fn check_codes(&self, found: &mut Problems) {
        let rule = &self.dossier_codes;
        if rule.serial_digits_min == 0 || rule.serial_digits_min > rule.serial_digits_max {
            found.push(("/dossier_codes/serial_digits_min".into(), "must be 1 to serial_digits_max".into()));
        }
        if rule.serial_digits_max > 18 {
            found.push(("/dossier_codes/serial_digits_max".into(), "must be at most 18".into()));
        }
        for (place, organisation) in rule.organisations.iter().enumerate() {
            if !code::is_level_one(organisation) {
                let problem = "must be a level-1 organisation code: one capital letter and two digits, such as H56";
                found.push((format!("/dossier_codes/organisations/{place}"), problem.into()));
            }
        }
    }

    fn limits(&self) -> [(&'static str, usize); 6] {
        let limits = &self.field_limits;
        [
            ("summary", limits.summary),
            ("note", limits.note),
            ("paper_name", limits.paper_name),
            ("result_name", limits.result_name),
            ("officer", limits.officer),
            ("other", limits.other),
        ]
    }
}

fn dates(endpoint: &EndpointConfig) -> Dates<'_> {
    let EndpointConfig { name, from, until, destination: _, axis: _, lgsp: _ } = endpoint;
    Dates { name, from: *from, until: *until }
}

fn check_endpoint(endpoint: &EndpointConfig, at: &str, found: &mut Problems) {
    match (&endpoint.axis, &endpoint.lgsp) {
        (Some(axis), None) => {
            if axis.organisation.trim().is_empty() {
                found.push((format!("{at}/axis/organisation"), "is empty".into()));
            }
        }
        (None, Some(lgsp)) => check_lgsp(lgsp, &format!("{at}/lgsp"), found),
        (None, None) | (Some(_), Some(_)) => {
            found.push((at.to_owned(), "needs exactly one of axis and lgsp".into()));
        }
    }
    if let Some(destination) = &endpoint.destination {
        let texts = [("dstcode", Some(&destination.dstcode)), ("provider_url", destination.provider_url.as_ref())];
        for (name, value) in texts {
            if value.is_some_and(|value| value.is_empty() || !value.bytes().all(|b| b.is_ascii_graphic())) {
                found.push((format!("{at}/destination/{name}"), "must be printable ASCII without blanks".into()));
            }
        }
    }
}

fn check_lgsp(lgsp: &LgspConfig, at: &str, found: &mut Problems) {
    match (&lgsp.token, &lgsp.grant) {
        (Some(_), None) => {}
        (None, Some(grant)) => grant.check(&format!("{at}/grant"), found),
        (Some(_), Some(_)) | (None, None) => {
            found.push((at.to_owned(), "needs exactly one of token and grant".into()));
        }
    }
    for (name, path) in paths(&lgsp.paths) {
        let Some(path) = path else { continue };
        if let Err(problem) = lgsp.base.below(path) {
            found.push((format!("{at}/paths/{name}"), problem.into()));
        }
    }
    if paths(&lgsp.paths).iter().all(|(_, path)| path.is_none()) {
        found.push((format!("{at}/paths"), "names no service".into()));
    }
    match (&lgsp.paths.add_dossier, &lgsp.paths.update_dossier) {
        (Some(_), Some(_)) | (None, None) => {}
        (Some(_), None) | (None, Some(_)) => {
            let problem = "add_dossier and update_dossier are needed together: a dossier is inserted or updated";
            found.push((format!("{at}/paths"), problem.into()));
        }
    }
}

fn paths(paths: &LgspPaths) -> [(&'static str, Option<&str>); 9] {
    let LgspPaths {
        add_dossier,
        update_dossier,
        progress,
        status,
        find_dossier,
        procedures,
        procedure,
        agencies,
        fields,
    } = paths;
    [
        ("add_dossier", add_dossier.as_deref()),
        ("update_dossier", update_dossier.as_deref()),
        ("progress", progress.as_deref()),
        ("status", status.as_deref()),
        ("find_dossier", find_dossier.as_deref()),
        ("procedures", procedures.as_deref()),
        ("procedure", procedure.as_deref()),
        ("agencies", agencies.as_deref()),
        ("fields", fields.as_deref()),
    ]
}

#[cfg(test)]
mod tests;
