//! What is wrong with a façade beyond single values, and between façades. It reads no secret and compiles nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode};
use lienthong_core::limits;

use super::model::{
    AnswersModel, AuthenticationModel, EndpointModel, FacadeModel, ItemsModel, MigratedModel, ProcedureModel,
};
use crate::config::problems::Problems;
use crate::config::sections::At;
use crate::http::routes::reserved;

/// (pointer, problem, remedy).
type Found = Vec<(String, String, String)>;

impl FacadeModel {
    pub(super) fn check(&self) -> Found {
        let mut found = Found::new();
        let mut note =
            |at: &str, problem: String, remedy: &str| found.push((at.to_owned(), problem, remedy.to_owned()));
        if let Err(problem) = path(&self.path) {
            note("/path", format!("`path` {problem}"), "write it like /KetNoiMotCuaQuocGia");
        } else if let Some(first) = self.path.split('/').nth(1).filter(|first| is_reserved(first)) {
            let remedy = "choose a path that begins otherwise; callers' own paths stand below it";
            note("/path", format!("`/{first}` belongs to the gateway itself"), remedy);
        }
        if self.wait.0 > Duration::from_secs(limits::WAIT_SECONDS) {
            note("/wait", format!("`wait` is longer than {}s", limits::WAIT_SECONDS), "callers give up long before");
        }
        if self.endpoints.is_empty() {
            note("/endpoints", "`endpoints` is empty".to_owned(), "describe at least one path");
        }
        self.check_migration(&mut found);
        check_authentication(&self.authentication, self.upstream.is_some(), &mut found);
        check_answers(&self.answers, "/answers", &mut found);
        let mut names = BTreeSet::new();
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            let at = format!("/endpoints/{place}");
            if !names.insert(endpoint.name.as_str()) {
                let problem = format!("`{}` is the name of another end point too", endpoint.name);
                found.push((format!("{at}/name"), problem, "give one of the two another name".to_owned()));
            }
            self.check_endpoint(endpoint, place, &at, &mut found);
        }
        found
    }

    fn check_migration(&self, found: &mut Found) {
        let mut note = |at: String, problem: String, remedy: &str| found.push((at, problem, remedy.to_owned()));
        match (&self.migrated, &self.upstream) {
            (MigratedModel::Procedures(_), None) => {
                let problem = "`procedures` leaves some to the old address, and `upstream` is missing";
                note("/migrated".to_owned(), problem.to_owned(), "name the old address, or write `migrated: all`");
            }
            (MigratedModel::Procedures(_) | MigratedModel::All, _) => {}
        }
        if let MigratedModel::Procedures(codes) = &self.migrated {
            for (place, code) in codes.iter().enumerate().filter(|(_, code)| !is_national(code)) {
                let problem = format!("`{code}` is no national code of a procedure");
                note(
                    format!("/migrated/procedures/{place}"),
                    problem,
                    "write it like 1.000094, without the organisation",
                );
            }
        }
        if let Some(upstream) = &self.upstream {
            let mut problems = Vec::new();
            upstream.transport.check([("/base".to_owned(), &upstream.base)], &mut problems);
            for (at, problem) in problems {
                let key = at.rsplit('/').next().unwrap_or_default().to_owned();
                note(format!("/upstream{at}"), format!("`{key}` {problem}"), "correct the address or the transport");
            }
        }
    }

    fn check_endpoint(&self, endpoint: &EndpointModel, place: usize, at: &str, found: &mut Found) {
        let mut note = |below: &str, problem: &str, remedy: &str| {
            found.push((format!("{at}{below}"), problem.to_owned(), remedy.to_owned()));
        };
        if let Err(problem) = path(&endpoint.path) {
            note("/path", &format!("`path` {problem}"), "write it like /ThemMoi; it stands below the façade's");
        }
        let issuing = [
            self.authentication.session.as_ref().map(|session| &session.path),
            self.authentication.token.as_ref().map(|token| &token.path),
        ];
        if issuing.into_iter().flatten().any(|taken| *taken == endpoint.path) {
            note("/path", "`path` is the login's", "give one of the two another path");
        }
        let same = |other: &EndpointModel| {
            (other.method, &other.path, &other.when.query, &other.when.body)
                == (endpoint.method, &endpoint.path, &endpoint.when.query, &endpoint.when.body)
        };
        if self.endpoints.iter().take(place).any(same) {
            note(
                "/path",
                "an end point before it takes every request of this one",
                "say by `when` what tells them apart",
            );
        }
        let (ItemsModel::Each(pointer) | ItemsModel::One(pointer)) = &endpoint.items;
        let procedure = match &endpoint.procedure {
            Some(ProcedureModel::Item(pointer)) => Some(pointer),
            Some(ProcedureModel::OfKey(of_key)) => Some(&of_key.pointer),
            Some(ProcedureModel::Query(_)) | None => None,
        };
        let pointers = [("/items", Some(pointer)), ("/key", endpoint.key.as_ref()), ("/procedure", procedure)];
        for (below, pointer) in pointers {
            if pointer.is_some_and(|pointer| !(pointer.is_empty() || pointer.starts_with('/'))) {
                note(below, "is no JSON pointer", "write it as in RFC 6901: /MaHoSo");
            }
        }
        if endpoint.group && endpoint.key.is_none() {
            note("/group", "`group` has no key to group by", "give `key`");
        }
        if endpoint.wait.is_some_and(|wait| wait.0 > Duration::from_secs(limits::WAIT_SECONDS)) {
            note("/wait", &format!("`wait` is longer than {}s", limits::WAIT_SECONDS), "callers give up long before");
        }
        check_answers(&endpoint.answers, &format!("{at}/answers"), found);
    }
}

/// A path that begins with a slash, ends without one and leads nowhere else.
fn path(path: &str) -> Result<(), &'static str> {
    let segments = path.strip_prefix('/').ok_or("must begin with /")?;
    if segments.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return Err("must have no empty segment, and neither . nor ..");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@%".contains(c);
    if path.chars().all(plain) { Ok(()) } else { Err("must hold no query, no fragment and only what paths may hold") }
}

fn is_reserved(first: &str) -> bool {
    let grpc = first.starts_with("grpc.") || first.starts_with("lienthong.");
    grpc || reserved().iter().any(|reserved| reserved.eq_ignore_ascii_case(first))
}

fn is_national(code: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    code.split_once('.').is_some_and(|(kind, number)| digits(kind) && digits(number))
}

fn check_authentication(model: &AuthenticationModel, upstream: bool, found: &mut Found) {
    let AuthenticationModel { bearer, basic, lgsp_header, session, token } = model;
    let mut note = |at: &str, problem: &str, remedy: &str| {
        found.push((format!("/authentication{at}"), problem.to_owned(), remedy.to_owned()));
    };
    if bearer.is_empty() && basic.is_none() && lgsp_header.is_none() && session.is_none() && token.is_none() {
        note(
            "",
            "nothing proves a caller",
            "give what the client shows today: bearer, basic, lgsp_header, session or token",
        );
    }
    if basic.is_some() && (!bearer.is_empty() || token.is_some()) {
        note("/basic", "`basic` and a token cannot both stand in Authorization", "keep one of the two");
    }
    if lgsp_header.as_ref().is_some_and(|header| header.name.parse::<HeaderName>().is_err()) {
        note("/lgsp_header/name", "`name` is no name of a header", "write it like lgspaccesstoken");
    }
    let paths = [
        ("/session", session.as_ref().map(|session| &session.path)),
        ("/token", token.as_ref().map(|token| &token.path)),
    ];
    for (at, taken) in paths.into_iter().filter_map(|(at, path)| Some((at, path?))) {
        if let Err(problem) = path(taken) {
            note(&format!("{at}/path"), &format!("`path` {problem}"), "write it like /mapi/login");
        }
        if upstream {
            let remedy = "let these callers migrate whole, without `upstream`";
            note(at, "what is issued here is not known at the old address, so nothing could be relayed", remedy);
        }
    }
    if session.as_ref().is_some_and(|session| !session.field.starts_with('/')) {
        note("/session/field", "`field` is no JSON pointer", "write it as in RFC 6901: /session");
    }
}

fn check_answers(answers: &AnswersModel, at: &str, found: &mut Found) {
    let mut media_type = |at: String, text: &Option<String>| {
        if text.as_ref().is_some_and(|text| HeaderValue::from_str(text).is_err()) {
            found.push((
                at,
                "`content_type` cannot stand in a header".to_owned(),
                "write it like text/plain".to_owned(),
            ));
        }
    };
    media_type(format!("{at}/content_type"), &answers.content_type);
    for (outcome, answer) in answers.given() {
        media_type(format!("{at}/{}/content_type", outcome.as_str()), &answer.content_type);
    }
    for (outcome, answer) in answers.given() {
        if answer.status < 200 || StatusCode::from_u16(answer.status).is_err() {
            let at = format!("{at}/{}/status", outcome.as_str());
            found.push((
                at,
                "`status` is no HTTP status of an answer".to_owned(),
                "most dialects answer 200".to_owned(),
            ));
        }
    }
}

/// A path belongs to one façade.
pub(super) fn apart(read: &[At<FacadeModel>], problems: &mut Problems) {
    let below = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    for (place, one) in read.iter().enumerate() {
        for other in read.iter().take(place) {
            let (ours, theirs) = (&one.value.path, &other.value.path);
            if below(ours, theirs) || below(theirs, ours) {
                let problem = format!("`{ours}` and `{theirs}` of façade {} overlap", other.value.name);
                let remedy = "give each façade paths of its own, or join the two";
                problems.note(&one.file, one.node.place_of("/path"), problem, remedy);
            }
        }
    }
}
