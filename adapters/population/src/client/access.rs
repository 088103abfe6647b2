//! How one end point is asked and shown who asks: NDXP's hash, a token with an officer's key, or a token alone. It sends nothing but for tokens.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use lienthong_core::network::{Opened, SessionState};
use lienthong_core::secret::{ExposeSecret, SecretRef, SecretSource, SecretString};
use lienthong_core::{Fault, FaultKind, Timestamp};
use lienthong_kit::auth;
use lienthong_kit::token::{ShownToken, Tokens};
use parking_lot::Mutex;
use reqwest::Url;

use super::ndxp::Ndxp;
use super::site::Parts;
use crate::config::{AccessConfig, FieldNames, LgspConfig, OfficerKey, WrapperConfig};
use crate::map::question::no_key_of_officer;

const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");
const AUTH_HASH: HeaderName = HeaderName::from_static("authhash");
/// SOAP 1.1 §6.1.1: the header must be there; two quotes mean the address that is asked.
const NO_ACTION: HeaderValue = HeaderValue::from_static("\"\"");

pub(super) struct Access {
    pub(super) form: Form,
    proof: Proof,
    /// Everything that was read to make the proof.
    secrets: Vec<SecretString>,
}

/// In which form questions are put.
pub(super) enum Form {
    Soap,
    Wrapper { field_names: FieldNames, user_name_service: Option<String>, success_codes: Vec<String> },
}

enum Proof {
    Ndxp(Ndxp),
    Lgsp { tokens: Tokens, officers: BTreeMap<String, HeaderValue> },
    Bearer(Tokens),
}

/// What goes along with one request.
pub(super) struct Shown {
    pub(super) headers: HeaderMap,
    token: Option<ShownToken>,
}

impl Access {
    pub(super) fn build(config: &AccessConfig, parts: Parts<'_>) -> Result<Self, String> {
        let noted = Noted { secrets: parts.secrets, read: Mutex::default() };
        let parts = Parts { secrets: &noted, ..parts };
        let (form, proof) = match config {
            AccessConfig::Ndxp(config) => (Form::Soap, Proof::Ndxp(Ndxp::build(config, parts.secrets)?)),
            AccessConfig::Lgsp(LgspConfig { token, officers }) => {
                let mut keys = BTreeMap::new();
                for (officer, OfficerKey { name, password }) in officers {
                    let (name, password) = (parts.secrets.read(name)?, parts.secrets.read(password)?);
                    let pair = STANDARD.encode(format!("{}:{}", name.expose_secret(), password.expose_secret()));
                    keys.insert(officer.clone(), auth::sensitive(&pair)?);
                }
                (Form::Soap, Proof::Lgsp { tokens: Tokens::build(token, parts.tokens())?, officers: keys })
            }
            AccessConfig::Wrapper(WrapperConfig { token, field_names, user_name_service, success_codes }) => {
                let form = Form::Wrapper {
                    field_names: *field_names,
                    user_name_service: user_name_service.clone(),
                    success_codes: success_codes.clone(),
                };
                (form, Proof::Bearer(Tokens::build(token, parts.tokens())?))
            }
        };
        Ok(Self { form, proof, secrets: noted.read.into_inner() })
    }

    /// The headers of one request to `url`; `officer` is who asks, nobody in a probe.
    ///
    /// # Errors
    /// `forbidden` when the officer has no key, and what a login may come to; nothing of the attempt was sent.
    pub(super) async fn show(&self, now: Timestamp, url: &Url, officer: Option<&str>) -> Result<Shown, Fault> {
        let mut headers = HeaderMap::new();
        match self.form {
            Form::Soap => drop(headers.insert(SOAP_ACTION, NO_ACTION)),
            Form::Wrapper { .. } => {}
        }
        let token = match &self.proof {
            Proof::Ndxp(ndxp) => {
                ndxp.show(now, url, &mut headers).map_err(not_shown)?;
                None
            }
            Proof::Lgsp { tokens, officers } => {
                if let Some(officer) = officer {
                    let key = officers.get(officer).ok_or_else(no_key_of_officer)?;
                    headers.insert(AUTH_HASH, key.clone());
                }
                Some(tokens.show().await?)
            }
            Proof::Bearer(tokens) => Some(tokens.show().await?),
        };
        if let Some(token) = &token {
            headers.extend(token.headers.clone());
        }
        Ok(Shown { headers, token })
    }

    pub(super) fn standing(&self) -> SessionState {
        match &self.proof {
            Proof::Ndxp(_) => SessionState::Sessionless,
            Proof::Lgsp { tokens, officers: _ } | Proof::Bearer(tokens) => tokens.standing(),
        }
    }

    /// The token alone, fetched when there is none.
    pub(super) async fn open(&self) -> Result<Opened, Fault> {
        match &self.proof {
            Proof::Ndxp(_) => Ok(Opened::Sessionless),
            Proof::Lgsp { tokens, officers: _ } | Proof::Bearer(tokens) => tokens.open().await,
        }
    }

    /// What must not show in a fault, should the database repeat it.
    pub(super) fn secrets<'s>(&'s self, shown: &'s Shown) -> Vec<&'s str> {
        let mut all: Vec<&str> = shown.headers.values().filter_map(|value| value.to_str().ok()).collect();
        all.retain(|value| *value != "\"\"");
        all.extend(shown.token.iter().flat_map(ShownToken::secrets));
        all.extend(self.secrets.iter().map(ExposeSecret::expose_secret));
        all
    }

    /// A token that was refused is not used again.
    pub(super) fn forget_refused<T>(&self, shown: &Shown, outcome: &Result<T, Fault>) {
        match (&self.proof, &shown.token) {
            (Proof::Lgsp { tokens, officers: _ } | Proof::Bearer(tokens), Some(token)) => {
                tokens.forget_refused(token, outcome);
            }
            (Proof::Ndxp(_), _) | (Proof::Lgsp { .. } | Proof::Bearer(_), None) => {}
        }
    }
}

/// Remembers which secrets were read.
struct Noted<'s> {
    secrets: &'s dyn SecretSource,
    read: Mutex<Vec<SecretString>>,
}

impl SecretSource for Noted<'_> {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        let value = self.secrets.read(reference)?;
        self.read.lock().push(value.clone());
        Ok(value)
    }
}

fn not_shown(problem: String) -> Fault {
    Fault::of(FaultKind::Unauthenticated, format!("a credential {problem}"))
}
