//! Every problem of a configuration at once, each with the pointer of the value it lies in. It reads no secret and opens nothing.

use std::collections::BTreeSet;

use lienthong_core::text;

use super::{EndpointConfig, LgspPaths, Phrases, PortalConfig};
use crate::map::code;

type Problems = Vec<(String, String)>;

impl PortalConfig {
    /// What is wrong, as (JSON pointer, what and what to do). Empty means that [`crate::Portal::build`] can only fail on secrets.
    pub fn validate(&self) -> Problems {
        let mut found = Problems::new();
        self.check_endpoints(&mut found);
        self.check_codes(&mut found);
        check_phrases(&self.phrases, &mut found);
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
        if self.endpoints.is_empty() {
            found.push(("/endpoints".into(), "needs at least one end point".into()));
        }
        let mut names = BTreeSet::new();
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            let at = format!("/endpoints/{place}");
            if endpoint.name.trim().is_empty() {
                found.push((format!("{at}/name"), "is empty".into()));
            }
            if !names.insert(endpoint.name.as_str()) {
                found.push((format!("{at}/name"), "is used by another end point too".into()));
            }
            check_endpoint(endpoint, &at, found);
        }
        if let Some(active) = self.active.as_deref().filter(|active| !names.contains(active)) {
            found.push(("/active".into(), format!("names no end point: {}", text::excerpt(active, 60))));
        }
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

fn check_endpoint(endpoint: &EndpointConfig, at: &str, found: &mut Problems) {
    if let (Some(from), Some(until)) = (endpoint.from, endpoint.until)
        && from >= until
    {
        found.push((format!("{at}/until"), "must be later than from".into()));
    }
    match (&endpoint.axis, &endpoint.lgsp) {
        (Some(axis), None) => {
            if axis.organisation.trim().is_empty() {
                found.push((format!("{at}/axis/organisation"), "is empty".into()));
            }
        }
        (None, Some(lgsp)) => {
            for (name, path) in paths(&lgsp.paths) {
                let Some(path) = path else { continue };
                if let Err(problem) = lgsp.base.below(path) {
                    found.push((format!("{at}/lgsp/paths/{name}"), problem.into()));
                }
            }
            if paths(&lgsp.paths).iter().all(|(_, path)| path.is_none()) {
                found.push((format!("{at}/lgsp/paths"), "names no service".into()));
            }
            match (&lgsp.paths.add_dossier, &lgsp.paths.update_dossier) {
                (Some(_), Some(_)) | (None, None) => {}
                (Some(_), None) | (None, Some(_)) => {
                    let problem =
                        "add_dossier and update_dossier are needed together: a dossier is inserted or updated";
                    found.push((format!("{at}/lgsp/paths"), problem.into()));
                }
            }
        }
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

fn check_phrases(phrases: &Phrases, found: &mut Problems) {
    let Phrases { success, failure, exists, not_found, session_expired, throttled, maintenance } = phrases;
    let lists = [
        ("success", success),
        ("failure", failure),
        ("exists", exists),
        ("not_found", not_found),
        ("session_expired", session_expired),
        ("throttled", throttled),
        ("maintenance", maintenance),
    ];
    for (name, list) in lists {
        for (place, phrase) in list.iter().enumerate() {
            if text::folded(phrase).chars().count() < 3 {
                found.push((
                    format!("/phrases/{name}/{place}"),
                    "is too short to tell anything: at least 3 characters".into(),
                ));
            }
        }
    }
    if success.is_empty() {
        found.push(("/phrases/success".into(), "needs at least one phrase, or nothing is ever delivered".into()));
    }
}

#[cfg(test)]
mod tests;
