//! Every problem of a configuration at once, each with the pointer of the value it lies in. It reads no secret and opens nothing.

use lienthong_core::limits;
use lienthong_kit::config::{Address, Problems};
use lienthong_kit::endpoint::{Dates, check_active, check_list};

use super::{AttachmentLimits, Dialect, EndpointConfig, FilesConfig, LandConfig, ListConfig, ListsConfig, Paths};

impl LandConfig {
    /// What is wrong, as (JSON pointer, what and what to do). Empty means that [`crate::Land::build`] can only fail on secrets.
    pub fn validate(&self) -> Vec<(String, String)> {
        let mut found = Problems::new();
        let dates = |endpoint: &EndpointConfig| (endpoint.name.clone(), endpoint.from, endpoint.until);
        let dated: Vec<_> = self.endpoints.iter().map(dates).collect();
        check_list(dated.iter().map(|(name, from, until)| Dates { name, from: *from, until: *until }), &mut found);
        check_active(self.active.as_deref(), dated.iter().map(|(name, ..)| name.as_str()), &mut found);
        self.transport.check(self.addresses(), &mut found);
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            check_endpoint(self.dialect, endpoint, &format!("/endpoints/{place}"), &mut found);
        }
        self.phrases.check(&mut found);
        check_attachments(&self.attachments, &mut found);
        if let Some(files) = &self.files {
            self.check_files(files, &mut found);
        }
        if let Some(lists) = &self.lists {
            self.check_lists(lists, &mut found);
        }
        found
    }

    /// Every address spoken to, with its place.
    pub(crate) fn addresses(&self) -> Vec<(String, &Address)> {
        let mut all = Vec::new();
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            all.push((format!("/endpoints/{place}/base"), &endpoint.base));
            if let Some(oauth) = &endpoint.oauth {
                all.push((format!("/endpoints/{place}/oauth/token_url"), &oauth.token_url));
            }
        }
        if let Some(files) = &self.files {
            all.push(("/files/base".to_owned(), &files.base));
            all.extend(files.origins.iter().enumerate().map(|(place, one)| (format!("/files/origins/{place}"), one)));
        }
        all
    }

    fn check_files(&self, files: &FilesConfig, found: &mut Problems) {
        if files.max_bytes == 0 {
            found.push(("/files/max_bytes".into(), "must be at least 1".into()));
        }
        let has_token = self.endpoints.iter().any(|endpoint| endpoint.oauth.is_some());
        if files.authorized && !has_token {
            found.push(("/files/authorized".into(), "needs an end point with oauth to take the token from".into()));
        }
        for (place, origin) in files.origins.iter().enumerate() {
            if origin.url().path() != "/" {
                let problem = "must be an origin: scheme, host and port, without a path";
                found.push((format!("/files/origins/{place}"), problem.into()));
            }
        }
    }

    fn check_lists(&self, lists: &ListsConfig, found: &mut Problems) {
        let ListsConfig { officers, procedures, statuses, .. } = lists;
        let all = [("officers", officers), ("procedures", procedures), ("statuses", statuses)];
        if all.iter().all(|(_, list)| list.is_none()) {
            found.push(("/lists".into(), "names no list; remove it or name one".into()));
        }
        for (name, list) in all {
            let Some(list) = list else { continue };
            let ListConfig { path, rows, code, name: title } = list;
            for endpoint in &self.endpoints {
                if let Err(problem) = endpoint.base.below(path) {
                    found.push((format!("/lists/{name}/path"), problem.into()));
                }
            }
            if !(rows.is_empty() || rows.starts_with('/')) {
                found.push((format!("/lists/{name}/rows"), "must be a JSON pointer such as /data".into()));
            }
            for (field, value) in [("code", code), ("name", title)] {
                if value.trim().is_empty() {
                    found.push((format!("/lists/{name}/{field}"), "is empty".into()));
                }
            }
        }
    }
}

fn check_endpoint(dialect: Dialect, endpoint: &EndpointConfig, at: &str, found: &mut Problems) {
    let Paths { receive_dossier, supplement_dossier, return_result, report_wrong_dossier } = &endpoint.paths;
    let paths = [
        ("receive_dossier", receive_dossier),
        ("supplement_dossier", supplement_dossier),
        ("return_result", return_result),
        ("report_wrong_dossier", report_wrong_dossier),
    ];
    for (name, path) in paths {
        if let Some(Err(problem)) = path.as_deref().map(|path| endpoint.base.below(path)) {
            found.push((format!("{at}/paths/{name}"), problem.into()));
        }
    }
    if dialect == Dialect::Ilis && endpoint.oauth.is_none() {
        found.push((at.to_owned(), "needs oauth: iLIS takes nothing without a token".into()));
    }
}

fn check_attachments(limits_: &AttachmentLimits, found: &mut Problems) {
    let AttachmentLimits { papers, file_bytes, total_bytes } = limits_;
    for (name, value) in [("papers", papers), ("file_bytes", file_bytes), ("total_bytes", total_bytes)] {
        if *value == 0 {
            found.push((format!("/attachments/{name}"), "must be at least 1".into()));
        }
    }
    // Base64 makes 4 characters of 3 bytes, and the rest of the message needs room too.
    if total_bytes.saturating_mul(4) / 3 > limits::BODY_BYTES - 256 * 1024 {
        let problem = "is more than a message may carry; at most 7 MiB";
        found.push(("/attachments/total_bytes".into(), problem.into()));
    }
}

#[cfg(test)]
mod tests;
