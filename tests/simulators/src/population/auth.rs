//! The three ways a caller proves itself, each really verified; it must not look at what is asked.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::options::{LgspAccount, NdxpAccount, PopulationOptions, TimestampUnit};
use crate::net::rng::Rng;

/// Which generation a request proved itself by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    Ndxp,
    Lgsp,
    Bearer,
}

impl Proof {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ndxp => "ndxp",
            Self::Lgsp => "lgsp",
            Self::Bearer => "bearer",
        }
    }
}

/// More tokens than this are never valid at once; the oldest goes.
const TOKENS: usize = 1000;

/// The tokens given and not yet ended.
pub(super) struct Tokens {
    ttl: Duration,
    rng: Rng,
    valid: HashMap<String, Instant>,
}

impl Tokens {
    pub(super) fn new(ttl: Duration, seed: u64) -> Self {
        Self { ttl, rng: Rng::new(seed ^ 0x70CE), valid: HashMap::new() }
    }

    pub(super) fn give(&mut self) -> Value {
        let now = Instant::now();
        self.valid.retain(|_, ends| *ends > now);
        if self.valid.len() >= TOKENS
            && let Some(oldest) = self.valid.iter().min_by_key(|(_, ends)| **ends).map(|(token, _)| token.clone())
        {
            self.valid.remove(&oldest);
        }
        let token = format!("{:016x}{:016x}", self.rng.next(), self.rng.next());
        self.valid.insert(token.clone(), now + self.ttl);
        json!({
            "access_token": token, "scope": "am_application_scope default",
            "token_type": "Bearer", "expires_in": self.ttl.as_secs()
        })
    }

    pub(super) fn is_valid(&self, token: &str) -> bool {
        self.valid.get(token).is_some_and(|ends| *ends > Instant::now())
    }

    pub(super) fn end(&mut self, token: &str) {
        self.valid.remove(token);
    }

    pub(super) fn end_all(&mut self) {
        self.valid.clear();
    }

    pub(super) fn count(&self) -> u64 {
        let now = Instant::now();
        self.valid.values().filter(|ends| **ends > now).count() as u64
    }
}

pub(super) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    header(headers, "authorization")?.strip_prefix("Bearer ")
}

/// Who asks in SOAP: Basic is NDXP, Bearer the provincial LGSP. The error names what does not hold.
pub(super) fn soap(
    options: &PopulationOptions,
    tokens: &Tokens,
    headers: &HeaderMap,
    path: &str,
    now_ms: u64,
) -> Result<Proof, &'static str> {
    // SOAP 1.1 asks for the header; clients send it empty, in quotes.
    if !matches!(header(headers, "soapaction"), Some("\"\"" | "")) {
        return Err("bad-soapaction");
    }
    let authorization = header(headers, "authorization").ok_or("no-authorization")?;
    if let Some(basic) = authorization.strip_prefix("Basic ") {
        let account = options.ndxp.as_ref().ok_or("ndxp-not-taken")?;
        return ndxp(options, account, headers, basic, path, now_ms).map(|()| Proof::Ndxp);
    }
    let account = options.lgsp.as_ref().ok_or("lgsp-not-taken")?;
    let token = bearer(headers).ok_or("unknown-authorization")?;
    if !tokens.is_valid(token) {
        return Err("bad-token");
    }
    access_token(account, headers)?;
    officer(account, headers).map(|()| Proof::Lgsp)
}

/// Who asks through the JSON wrapper.
pub(super) fn wrapper(
    options: &PopulationOptions,
    tokens: &Tokens,
    headers: &HeaderMap,
) -> Result<Proof, &'static str> {
    match bearer(headers) {
        Some(token) if options.static_token.as_deref() == Some(token) || tokens.is_valid(token) => Ok(Proof::Bearer),
        Some(_) => Err("bad-token"),
        None => Err("no-authorization"),
    }
}

/// Whether the token service may give a token.
pub(super) fn token(options: &PopulationOptions, headers: &HeaderMap, body: &[u8]) -> Result<(), &'static str> {
    if body != b"grant_type=client_credentials" {
        return Err("bad-grant");
    }
    access_token(options.lgsp.as_ref().ok_or("lgsp-not-taken")?, headers)
}

fn ndxp(
    options: &PopulationOptions,
    account: &NdxpAccount,
    headers: &HeaderMap,
    basic: &str,
    path: &str,
    now_ms: u64,
) -> Result<(), &'static str> {
    if header(headers, "x-road-client") != Some(&account.road_client) {
        return Err("bad-road-client");
    }
    if header(headers, "apikey") != Some(&account.api_key) {
        return Err("bad-api-key");
    }
    let stamp = header(headers, "timestamp").ok_or("no-timestamp")?;
    fresh(options, stamp, now_ms)?;
    let told = STANDARD.decode(basic).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or("bad-basic")?;
    let (user, hash) = told.split_once(':').ok_or("bad-basic")?;
    let asked = format!("http://{}{path}", header(headers, "host").unwrap_or_default());
    let address = account.service_url.as_deref().unwrap_or(&asked);
    let mut hasher = Sha256::new();
    for part in [address, &account.user, stamp, &account.secret_key] {
        hasher.update(part);
    }
    let wanted: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if user == account.user && hash == wanted { Ok(()) } else { Err("bad-basic") }
}

/// Milliseconds have been 13 digits since 2001, seconds 10.
fn fresh(options: &PopulationOptions, stamp: &str, now_ms: u64) -> Result<(), &'static str> {
    let number: u64 = stamp.parse().map_err(|_| "bad-timestamp")?;
    let at_ms = match (options.timestamps, stamp.len()) {
        (TimestampUnit::Millis | TimestampUnit::Either, 13) => number,
        (TimestampUnit::Seconds | TimestampUnit::Either, 10) => number.saturating_mul(1000),
        (_, _) => return Err("bad-timestamp"),
    };
    let apart = Duration::from_millis(now_ms.abs_diff(at_ms));
    if apart <= options.clock_tolerance { Ok(()) } else { Err("stale-timestamp") }
}

fn access_token(account: &LgspAccount, headers: &HeaderMap) -> Result<(), &'static str> {
    let told = header(headers, "lgspaccesstoken").ok_or("no-lgspaccesstoken")?;
    let told = STANDARD.decode(told).map_err(|_| "bad-lgspaccesstoken")?;
    let told: Map<String, Value> = serde_json::from_slice(&told).map_err(|_| "bad-lgspaccesstoken")?;
    let holds = [
        ("AccessKey", &account.access_key),
        ("SecretKey", &account.secret_key),
        ("AppName", &account.app_name),
        ("PartnerCode", &account.partner_code),
        ("PartnerCodeCus", &account.partner_code_cus),
    ]
    .into_iter()
    .all(|(name, wanted)| told.get(name).and_then(Value::as_str) == Some(wanted));
    if holds { Ok(()) } else { Err("bad-lgspaccesstoken") }
}

fn officer(account: &LgspAccount, headers: &HeaderMap) -> Result<(), &'static str> {
    let told = header(headers, "authhash").ok_or("no-authhash")?;
    let told = STANDARD.decode(told).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or("bad-authhash")?;
    let known = told
        .split_once(':')
        .is_some_and(|(name, password)| account.officers.iter().any(|(n, p)| n == name && p == password));
    if known { Ok(()) } else { Err("bad-authhash") }
}
