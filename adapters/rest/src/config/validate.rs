//! Every problem of a configuration at once, each with the pointer of the value it lies in. It reads no secret, compiles nothing and opens nothing.

mod operations;
#[cfg(test)]
mod tests;

use http::{HeaderName, HeaderValue};
use lienthong_core::text;
use lienthong_kit::config::Problems;
use lienthong_kit::endpoint::{Dates, check_active, check_list};

use super::{
    AuthenticationConfig, EndpointConfig, MethodName, ProblemsConfig, RestConfig, RuleConfig, StatusPattern, Then,
    WhenConfig, Where,
};
use crate::template::Template;

/// Headers that the client writes itself.
const RESERVED: [&str; 6] = ["host", "content-length", "transfer-encoding", "connection", "content-type", "te"];
/// Most rules of one list.
const RULES: usize = 200;

impl RestConfig {
    /// What is wrong, as (JSON pointer, what and what to do). Empty means that [`RestConfig::trial`] may look at the programs.
    pub fn validate(&self) -> Problems {
        let mut found = Problems::new();
        let dates = |one: &EndpointConfig| (one.name.clone(), one.from, one.until);
        let dates: Vec<_> = self.endpoints.iter().map(dates).collect();
        check_list(dates.iter().map(|(name, from, until)| Dates { name, from: *from, until: *until }), &mut found);
        check_active(self.active.as_deref(), self.endpoints.iter().map(|one| one.name.as_str()), &mut found);
        self.transport.check(self.addresses(), &mut found);
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            check_proof(&endpoint.authentication, &format!("/endpoints/{place}/authentication"), &mut found);
        }
        for (name, value) in &self.headers {
            let at = under("/headers", name);
            check_header_name(name, &at, &mut found);
            if !is_header_text(value) {
                found.push((at, "cannot stand in a header: printable ASCII only".into()));
            }
        }
        check_rules(&self.outcomes, "/outcomes", &mut found);
        if let Some(probe) = &self.probe {
            self.check_probe(&probe.path, probe.method, &probe.status, &mut found);
        }
        self.check_operations(&mut found);
        found
    }

    fn check_probe(&self, path: &str, method: MethodName, status: &[StatusPattern], found: &mut Problems) {
        let mut note = |at: &str, problem: &str| found.push((format!("/probe/{at}"), problem.to_owned()));
        match method {
            MethodName::Get | MethodName::Head => {}
            MethodName::Post | MethodName::Put | MethodName::Patch | MethodName::Delete => {
                note("method", "may change something at the system; a probe is GET or HEAD");
            }
        }
        if status.is_empty() {
            note("status", "needs at least one status, such as 2xx");
        }
        if path.parse::<Template>().ok().and_then(|template| template.constant().map(str::to_owned)).is_none() {
            note("path", "must not hold placeholders: a probe has no input");
        } else if self.endpoints.iter().any(|endpoint| endpoint.base.below(path).is_err()) {
            note("path", "does not make a valid address below the base");
        }
    }
}

/// Whether a text can stand in a header: printable ASCII.
pub(crate) fn is_header_text(text: &str) -> bool {
    HeaderValue::from_str(text).is_ok_and(|value| value.to_str().is_ok())
}

/// A pointer below another, its last name escaped.
pub(super) fn under(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

pub(super) fn check_header_name(name: &str, at: &str, found: &mut Problems) {
    let lower = name.to_ascii_lowercase();
    if name.parse::<HeaderName>().is_err() {
        found.push((at.to_owned(), "is no name of a header".into()));
    } else if RESERVED.contains(&lower.as_str()) {
        let problem = "is written by the client itself; a body's type is `content_type` below `body`";
        found.push((at.to_owned(), problem.into()));
    } else if lower == "authorization" {
        let problem = "holds a secret, and secrets are references: use `authentication` of the end point";
        found.push((at.to_owned(), problem.into()));
    }
}

fn check_proof(config: &AuthenticationConfig, at: &str, found: &mut Problems) {
    match config {
        AuthenticationConfig::None | AuthenticationConfig::Basic(_) | AuthenticationConfig::Bearer(_) => {}
        AuthenticationConfig::ApiKey(key) => match key.place {
            Where::Header if key.name.parse::<HeaderName>().is_err() => {
                found.push((format!("{at}/api_key/name"), "is no name of a header".into()));
            }
            Where::Query if key.name.trim().is_empty() => {
                found.push((format!("{at}/api_key/name"), "is empty".into()));
            }
            Where::Header | Where::Query => {}
        },
        AuthenticationConfig::OAuth2(oauth) => {
            let own = ["grant_type", "scope", "client_id", "client_secret"];
            for name in oauth.fields.keys().filter(|name| own.contains(&name.as_str())) {
                let problem = "is written by the adapter itself; remove it";
                found.push((under(&format!("{at}/oauth2/fields"), name), problem.into()));
            }
        }
    }
}

pub(super) fn check_rules(rules: &[RuleConfig], at: &str, found: &mut Problems) {
    if rules.len() > RULES {
        found.push((at.to_owned(), format!("holds more than {RULES} rules; join them with `one_of` and `contains`")));
    }
    for (place, rule) in rules.iter().enumerate() {
        check_rule(rule, &format!("{at}/{place}"), found);
    }
}

fn check_rule(rule: &RuleConfig, at: &str, found: &mut Problems) {
    let RuleConfig { when, then, code, text: words, problems } = rule;
    let WhenConfig { status, at: place, equals, one_of, contains, exists, page_contains, program } = when;
    let mut note = |below: &str, problem: &str| found.push((format!("{at}{below}"), problem.to_owned()));
    let tests = usize::from(equals.is_some())
        + usize::from(!one_of.is_empty())
        + usize::from(!contains.is_empty())
        + usize::from(exists.is_some());
    if tests == 0 && status.is_empty() && page_contains.is_empty() && program.is_none() {
        note("/when", "holds for every answer; give at least one condition");
    }
    match (place, tests) {
        (Some(_), 0) => {
            note("/when/at", "points at a value nobody asks about; give equals, one_of, contains or exists")
        }
        (None, 1..) => note("/when", "asks about a value; `at` must point at it"),
        (Some(_), 1..) | (None, 0) => {}
    }
    for (below, pointer) in [("/when/at", place), ("/code", code), ("/text", words)] {
        if pointer.as_ref().is_some_and(|pointer| !is_pointer(pointer)) {
            note(below, "is no JSON pointer; write /error/code");
        }
    }
    if let Some(ProblemsConfig { at: list, field, code, fields }) = problems {
        let pointers = [("at", Some(list)), ("field", Some(field)), ("code", code.as_ref())];
        for (name, pointer) in pointers {
            if pointer.is_some_and(|pointer| !is_pointer(pointer)) {
                note(&format!("/problems/{name}"), "is no JSON pointer; write /errors or /field");
            }
        }
        for (name, pointer) in fields.iter().filter(|(_, pointer)| !is_pointer(pointer)) {
            note(&under("/problems/fields", name), &format!("{pointer} is no JSON pointer; write /owner/name"));
        }
    }
    for (name, phrases) in [("contains", contains), ("page_contains", page_contains)] {
        for (place, phrase) in phrases.iter().enumerate() {
            if text::folded(phrase).chars().count() < 3 {
                note(&format!("/when/{name}/{place}"), "is too short to tell anything: at least 3 characters");
            }
        }
    }
    if *then == Then::Success {
        let refusing = |pattern: &StatusPattern| !pattern.is_success();
        if status.iter().any(refusing) && tests == 0 && program.is_none() {
            note("/when/status", "takes a refusal for success whatever the answer says; say by `at` what makes it one");
        }
        if !page_contains.is_empty() {
            note("/when/page_contains", "is for failure only: a page shows no success");
        }
        if code.is_some() || words.is_some() || problems.is_some() {
            note("", "has code, text or problems, which only a failure has; remove them");
        }
    }
}

/// RFC 6901.
pub(super) fn is_pointer(text: &str) -> bool {
    let escaped = |at: usize| text.get(at.saturating_add(1)..).is_some_and(|rest| rest.starts_with(['0', '1']));
    (text.is_empty() || text.starts_with('/')) && text.match_indices('~').all(|(at, _)| escaped(at))
}
