//! One address of the portal, with everything that is the same in each of its requests. It sends nothing.

use std::sync::Arc;

use http::header::ACCEPT;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use lienthong_core::secret::SecretString;
use lienthong_core::{Surroundings, SystemId};
use lienthong_kit::config::Address;
use lienthong_kit::endpoint::Endpoint;
use lienthong_kit::session::Sessions;
use lienthong_kit::token::{TokenParts, Tokens};
use lienthong_kit::transport::{Outgoing, Transport};
use reqwest::Url;

use super::login::PortalLogin;
use crate::config::{AxisConfig, Destination, EndpointConfig, LgspConfig, LgspPaths, ReadMethod, SentAs};
use crate::map::answer::Judge;
use crate::wire::request::Request;

/// Every request carries it, as the clients in the field do.
const CHARSET: HeaderName = HeaderName::from_static("charset");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const DSTCODE: HeaderName = HeaderName::from_static("dstcode");
const PROVIDER_URL: HeaderName = HeaderName::from_static("providerurl");

/// How one end point is spoken to.
pub(crate) struct Spoken {
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
    pub(crate) sessions: Sessions<SecretString>,
}

/// The provincial re-publication.
pub(crate) struct Lgsp {
    pub(crate) base: Url,
    pub(crate) tokens: Tokens,
    /// Where tokens are given, when they are fetched.
    pub(crate) tokens_at: Option<Address>,
    pub(crate) read_method: Method,
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

pub(crate) fn build(
    system: &SystemId,
    config: &EndpointConfig,
    around: &Surroundings<'_>,
    transport: &Transport,
    judge: &Arc<Judge>,
) -> Result<Endpoint<Spoken>, String> {
    let EndpointConfig { name, from, until, destination, axis, lgsp } = config;
    let at_name = |problem: String| format!("{name}: {problem}");
    let headers = destination_headers(destination.as_ref()).map_err(at_name)?;
    let query = destination.as_ref().filter(|destination| destination.sent_as == SentAs::Query);
    let form = match (axis, lgsp) {
        (Some(axis), None) => {
            let parts = SessionParts { system, around, transport, judge, headers: &headers };
            Form::Axis(build_axis(axis, query, parts).map_err(at_name)?)
        }
        (None, Some(lgsp)) => {
            let words = &judge.words;
            let parts =
                TokenParts { system: system.as_str(), secrets: around.secrets, clock: &around.clock, transport, words };
            Form::Lgsp(Box::new(build_lgsp(lgsp, query, parts).map_err(at_name)?))
        }
        (Some(_), Some(_)) | (None, None) => return Err(at_name("needs exactly one of axis and lgsp".into())),
    };
    Ok(Endpoint { name: name.clone(), from: *from, until: *until, value: Spoken { headers, form } })
}

#[derive(Clone, Copy)]
struct SessionParts<'a> {
    system: &'a SystemId,
    around: &'a Surroundings<'a>,
    transport: &'a Transport,
    judge: &'a Arc<Judge>,
    headers: &'a HeaderMap,
}

fn build_axis(config: &AxisConfig, query: Option<&Destination>, parts: SessionParts<'_>) -> Result<Axis, String> {
    let AxisConfig { base, organisation, username, password, session_lifetime, login_timeout } = config;
    let SessionParts { system, around, transport, judge, headers } = parts;
    let below = |path: &str| base.below(path).map(|url| addressed(url, query)).map_err(str::to_owned);
    let login = PortalLogin {
        username: around.secrets.read(username)?,
        password: around.secrets.read(password)?,
        url: below("mapi/login")?,
        headers: headers.clone(),
        lifetime: session_lifetime.0,
        transport: transport.clone(),
        judge: Arc::clone(judge),
        clock: Arc::clone(&around.clock),
    };
    let sessions = Sessions::new(system.as_str(), Arc::new(login), login_timeout.0, Arc::clone(&around.clock));
    Ok(Axis { call: below("mapi/g")?, organisation: organisation.clone(), sessions })
}

fn build_lgsp(config: &LgspConfig, query: Option<&Destination>, parts: TokenParts<'_>) -> Result<Lgsp, String> {
    let LgspConfig { base, token, grant, paths, read_method } = config;
    let tokens = match (token, grant) {
        (Some(reference), None) => Tokens::fixed(reference, parts.secrets)?,
        (None, Some(grant)) => Tokens::granted(grant, parts)?,
        (Some(_), Some(_)) | (None, None) => return Err("needs exactly one of token and grant".into()),
    };
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
        tokens,
        tokens_at: grant.as_ref().map(|grant| grant.address.clone()),
        read_method: match read_method {
            ReadMethod::Get => Method::GET,
            ReadMethod::Post => Method::POST,
        },
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
}

/// A request with a JSON body, as the portal's clients send it.
pub(crate) fn json(url: Url, body: Vec<u8>, headers: &HeaderMap) -> Outgoing {
    expecting_json(Outgoing::post(url, JSON, body)).with_headers(headers)
}

pub(crate) fn get(url: Url, headers: &HeaderMap) -> Outgoing {
    expecting_json(Outgoing::get(url)).with_headers(headers)
}

fn expecting_json(outgoing: Outgoing) -> Outgoing {
    outgoing.with_header(ACCEPT, JSON).with_header(CHARSET, HeaderValue::from_static("utf-8"))
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
