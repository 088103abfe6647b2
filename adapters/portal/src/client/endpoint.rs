//! One dated address of the portal, with everything that is the same in each of its requests. It sends nothing.

use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use lienthong_core::secret::{ExposeSecret, SecretSource, SecretString};
use lienthong_core::{Clock, Timestamp};
use reqwest::Url;

use super::session::{Credentials, Sessions};
use super::transport::Transport;
use crate::config::{AxisConfig, Destination, EndpointConfig, LgspConfig, LgspPaths, ReadMethod, SentAs};
use crate::map::answer::Judge;
use crate::wire::request::Request;

const DSTCODE: HeaderName = HeaderName::from_static("dstcode");
const PROVIDER_URL: HeaderName = HeaderName::from_static("providerurl");

pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) from: Option<Timestamp>,
    until: Option<Timestamp>,
    /// What every request carries because of its destination.
    pub(crate) headers: HeaderMap,
    pub(crate) form: Form,
}

pub(crate) enum Form {
    Axis(Axis),
    Lgsp(Box<Lgsp>),
}

/// The raw form.
pub(crate) struct Axis {
    pub(crate) call: Url,
    pub(crate) organisation: String,
    pub(crate) sessions: Sessions,
}

/// The provincial re-publication.
pub(crate) struct Lgsp {
    pub(crate) base: Url,
    pub(crate) token: SecretString,
    pub(crate) read_method: Method,
    authorization: HeaderValue,
    urls: LgspUrls,
}

#[derive(Default)]
struct LgspUrls {
    add_dossier: Option<Url>,
    update_dossier: Option<Url>,
    progress: Option<Url>,
    status: Option<Url>,
    find_dossier: Option<Url>,
    procedures: Option<Url>,
    procedure: Option<Url>,
    agencies: Option<Url>,
    fields: Option<Url>,
}

impl Endpoint {
    pub(crate) fn build(
        config: &EndpointConfig,
        secrets: &dyn SecretSource,
        clock: &Arc<dyn Clock>,
        transport: &Transport,
        judge: &Arc<Judge>,
    ) -> Result<Self, String> {
        let EndpointConfig { name, from, until, destination, axis, lgsp } = config;
        let headers = destination_headers(destination.as_ref()).map_err(|problem| format!("{name}: {problem}"))?;
        let query = destination.as_ref().filter(|destination| destination.sent_as == SentAs::Query);
        let form = match (axis, lgsp) {
            (Some(axis), None) => {
                let parts = SessionParts { secrets, clock, transport, judge, headers: &headers };
                Form::Axis(build_axis(axis, query, parts).map_err(|problem| format!("{name}: {problem}"))?)
            }
            (None, Some(lgsp)) => {
                Form::Lgsp(Box::new(build_lgsp(lgsp, query, secrets).map_err(|problem| format!("{name}: {problem}"))?))
            }
            (Some(_), Some(_)) | (None, None) => return Err(format!("{name}: needs exactly one of axis and lgsp")),
        };
        Ok(Self { name: name.clone(), from: *from, until: *until, headers, form })
    }

    pub(crate) fn is_valid(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

#[derive(Clone, Copy)]
struct SessionParts<'a> {
    secrets: &'a dyn SecretSource,
    clock: &'a Arc<dyn Clock>,
    transport: &'a Transport,
    judge: &'a Arc<Judge>,
    headers: &'a HeaderMap,
}

fn build_axis(config: &AxisConfig, query: Option<&Destination>, parts: SessionParts<'_>) -> Result<Axis, String> {
    let AxisConfig { base, organisation, username, password, session_lifetime, login_timeout } = config;
    let SessionParts { secrets, clock, transport, judge, headers } = parts;
    let below = |path: &str| base.below(path).map(|url| addressed(url, query)).map_err(str::to_owned);
    let credentials = Credentials {
        username: secrets.read(username)?,
        password: secrets.read(password)?,
        url: below("mapi/login")?,
        headers: headers.clone(),
        lifetime: session_lifetime.0,
        timeout: login_timeout.0,
    };
    let sessions = Sessions::new(credentials, transport.clone(), Arc::clone(judge), Arc::clone(clock));
    Ok(Axis { call: below("mapi/g")?, organisation: organisation.clone(), sessions })
}

fn build_lgsp(config: &LgspConfig, query: Option<&Destination>, secrets: &dyn SecretSource) -> Result<Lgsp, String> {
    let LgspConfig { base, token: reference, paths, read_method } = config;
    let token = secrets.read(reference)?;
    let mut authorization = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        .map_err(|_| format!("{reference} holds characters a token cannot have"))?;
    authorization.set_sensitive(true);
    let url = |path: &Option<String>| -> Result<Option<Url>, String> {
        let Some(path) = path else { return Ok(None) };
        base.below(path).map(|url| Some(addressed(url, query))).map_err(|problem| format!("{path} {problem}"))
    };
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
    Ok(Lgsp {
        base: base.below("")?,
        token,
        read_method: match read_method {
            ReadMethod::Get => Method::GET,
            ReadMethod::Post => Method::POST,
        },
        authorization,
        urls: LgspUrls {
            add_dossier: url(add_dossier)?,
            update_dossier: url(update_dossier)?,
            progress: url(progress)?,
            status: url(status)?,
            find_dossier: url(find_dossier)?,
            procedures: url(procedures)?,
            procedure: url(procedure)?,
            agencies: url(agencies)?,
            fields: url(fields)?,
        },
    })
}

impl Lgsp {
    pub(crate) fn url(&self, request: Request<'_>) -> Option<&Url> {
        let urls = &self.urls;
        match request {
            Request::Dossier { updating: false, .. } => urls.add_dossier.as_ref(),
            Request::Dossier { updating: true, .. } => urls.update_dossier.as_ref(),
            Request::Progress(_) => urls.progress.as_ref(),
            Request::Status(_) => urls.status.as_ref(),
            Request::Find { .. } => urls.find_dossier.as_ref(),
            Request::Procedures => urls.procedures.as_ref(),
            Request::Procedure { .. } => urls.procedure.as_ref(),
            Request::Agencies => urls.agencies.as_ref(),
            Request::Fields => urls.fields.as_ref(),
        }
    }

    pub(crate) fn headers(&self, endpoint: &Endpoint) -> HeaderMap {
        let mut headers = endpoint.headers.clone();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers
    }
}

fn destination_headers(destination: Option<&Destination>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let Some(Destination { dstcode, provider_url, sent_as: SentAs::Header }) = destination else { return Ok(headers) };
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| format!("{text} cannot stand in a header"));
    headers.insert(DSTCODE, value(dstcode)?);
    if let Some(address) = provider_url {
        headers.insert(PROVIDER_URL, value(address)?);
    }
    Ok(headers)
}

fn addressed(mut url: Url, query: Option<&Destination>) -> Url {
    if let Some(Destination { dstcode, provider_url, sent_as: _ }) = query {
        // The axis wants its code as it is written, colons included.
        let mut all = url.query().map(|before| format!("{before}&")).unwrap_or_default();
        all.push_str("dstcode=");
        all.push_str(dstcode);
        url.set_query(Some(&all));
        if let Some(address) = provider_url {
            url.query_pairs_mut().append_pair("providerurl", address);
        }
    }
    url
}
