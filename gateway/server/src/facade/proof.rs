//! How callers of a façade prove themselves: what they have always shown, compared in constant time. It knows no permission.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, Method, header};
use lienthong_core::secret::{ExposeSecret as _, SecretString};
use lienthong_core::{Fault, FaultCode, FaultKind, Timestamp};
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use super::{Asked, Issuer};
use crate::security::hash_key;

/// Everything that is given must hold.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    /// Hashes of static tokens.
    pub(crate) bearer: Vec<[u8; 32]>,
    pub(crate) basic: Option<Account>,
    pub(crate) header: Option<LgspHeader>,
    pub(crate) session: Option<Issued>,
    pub(crate) token: Option<Issued>,
}

/// A login or token end point, and what it issues.
#[derive(Debug)]
pub(crate) struct Issued {
    /// Below the façade's path.
    pub(crate) path: String,
    pub(crate) account: Account,
    pub(crate) issuer: Issuer,
}

/// A user and a password, by their hashes.
pub(crate) struct Account {
    username: [u8; 32],
    password: [u8; 32],
}

/// What the header of several provinces must hold.
pub(crate) struct LgspHeader {
    pub(crate) name: HeaderName,
    pub(crate) account: Account,
    /// Further fields that must have these values.
    pub(crate) further: Vec<(&'static str, String)>,
}

/// What a request asks for instead of an operation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Issuing<'p> {
    Session(&'p Issued),
    Token(&'p Issued),
}

impl Account {
    pub(crate) fn new(username: &SecretString, password: &SecretString) -> Self {
        Self { username: hash_key(username.expose_secret()), password: hash_key(password.expose_secret()) }
    }

    pub(crate) fn is(&self, username: &str, password: &str) -> bool {
        let user = hash_key(username).ct_eq(&self.username);
        bool::from(user & hash_key(password).ct_eq(&self.password))
    }
}

impl LgspHeader {
    /// Base64 of a JSON object.
    fn holds(&self, shown: &str) -> bool {
        let object = STANDARD.decode(shown.trim()).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let Some(object) = object else { return false };
        let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
        self.account.is(text("AccessKey"), text("SecretKey"))
            && self.further.iter().all(|(name, wanted)| text(name) == wanted)
    }
}

impl Proof {
    /// The login or token end point a request is for.
    pub(crate) fn issuing(&self, asked: &Asked) -> Option<Issuing<'_>> {
        let is_for = |issued: &&Issued| asked.method == Method::POST && issued.path == asked.below;
        let session = self.session.as_ref().filter(is_for).map(Issuing::Session);
        session.or_else(|| self.token.as_ref().filter(is_for).map(Issuing::Token))
    }

    /// What the head of a request must show.
    pub(crate) fn head(&self, headers: &HeaderMap, now: Timestamp) -> Result<(), Fault> {
        self.lgsp_header(headers)?;
        let authorization = text(headers, &header::AUTHORIZATION);
        if let Some(account) = &self.basic
            && !basic(authorization).is_some_and(|(user, password)| account.is(&user, &password))
        {
            return Err(refused("the user and password of a caller are not those of its façade"));
        }
        if self.bearer.is_empty() && self.token.is_none() {
            return Ok(());
        }
        let shown = scheme(authorization, "bearer").unwrap_or_default();
        let hash = hash_key(shown);
        let known = self.bearer.iter().fold(false, |known, one| known | bool::from(one.ct_eq(&hash)));
        let issued = self.token.as_ref().is_some_and(|token| token.issuer.knows(shown, now));
        if known || issued { Ok(()) } else { Err(refused("the token of a caller is not one of its façade's")) }
    }

    /// The header that goes with every request, that for a token too.
    pub(crate) fn lgsp_header(&self, headers: &HeaderMap) -> Result<(), Fault> {
        match &self.header {
            Some(wanted) if !text(headers, &wanted.name).is_some_and(|shown| wanted.holds(shown)) => {
                Err(refused("the key header of a caller is not its façade's"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether only the body proves a caller, so that nothing can be said before it is read.
    pub(crate) fn is_in_body(&self) -> bool {
        self.session.is_some()
    }

    /// What a body must show; `field` is where.
    pub(crate) fn body(&self, field: Option<&str>, body: &Value, now: Timestamp) -> Result<(), Fault> {
        let Some(session) = &self.session else { return Ok(()) };
        let shown = field.and_then(|field| body.pointer(field)).and_then(Value::as_str).unwrap_or_default();
        match session.issuer.knows(shown, now) {
            true => Ok(()),
            false => Err(refused("the session of a caller was not issued here or has ended")),
        }
    }
}

/// A header's text; one that is there twice proves nothing.
fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

fn scheme<'t>(authorization: Option<&'t str>, wanted: &str) -> Option<&'t str> {
    let (scheme, rest) = authorization?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| rest.trim())
}

/// The user and password of a Basic authorization.
pub(crate) fn basic(authorization: Option<&str>) -> Option<(String, String)> {
    let decoded = STANDARD.decode(scheme(authorization, "basic")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// `why` goes to the log only.
pub(crate) fn refused(why: &str) -> Fault {
    Fault::new(FaultKind::Unauthenticated, FaultCode::NoCredentials, why)
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for LgspHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LgspHeader({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn account(user: &str, password: &str) -> Account {
        Account::new(&SecretString::from(user), &SecretString::from(password))
    }

    fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    #[test]
    fn a_static_token_proves_its_caller_and_nothing_else_does() {
        let proof = Proof { bearer: vec![hash_key("one"), hash_key("two")], ..Proof::default() };
        assert!(proof.head(&headers(&[("authorization", "Bearer two".into())]), now()).is_ok());
        for wrong in ["Bearer three", "Basic dHdvOg==", "two", "Bearer "] {
            let refused = proof.head(&headers(&[("authorization", wrong.into())]), now()).unwrap_err();
            assert_eq!(refused.code, FaultCode::NoCredentials, "{wrong}");
        }
        assert!(proof.head(&HeaderMap::new(), now()).is_err());
    }

    #[test]
    fn basic_needs_both_user_and_password() {
        let proof = Proof { basic: Some(account("u", "p:q")), ..Proof::default() };
        let shown = |pair: &str| headers(&[("authorization", format!("Basic {}", STANDARD.encode(pair)))]);
        assert!(proof.head(&shown("u:p:q"), now()).is_ok());
        assert!(proof.head(&shown("u:p"), now()).is_err());
        assert!(proof.head(&shown("v:p:q"), now()).is_err());
    }

    #[test]
    fn the_key_header_goes_with_a_token_from_the_token_end_point() {
        let issuer = Issuer::new("f", &SecretString::from("s"), Duration::from_secs(60));
        let token = issuer.issue(now());
        let header = LgspHeader {
            name: HeaderName::from_static("lgspaccesstoken"),
            account: account("key", "secret"),
            further: vec![("AppName", "one-stop".to_owned())],
        };
        let token_place = Issued { path: "/token".into(), account: account("id", "s"), issuer };
        let proof = Proof { header: Some(header), token: Some(token_place), ..Proof::default() };
        let keys =
            |app: &str| STANDARD.encode(format!(r#"{{"AccessKey":"key","SecretKey":"secret","AppName":"{app}"}}"#));
        let bearer = ("authorization", format!("Bearer {token}"));
        assert!(proof.head(&headers(&[bearer.clone(), ("lgspaccesstoken", keys("one-stop"))]), now()).is_ok());
        assert!(proof.head(&headers(&[bearer.clone(), ("lgspaccesstoken", keys("other"))]), now()).is_err());
        assert!(proof.head(&headers(&[bearer]), now()).is_err());
    }

    #[test]
    fn nothing_secret_is_printed() {
        let proof = Proof { basic: Some(account("user-name", "pass-word")), ..Proof::default() };
        assert!(!format!("{proof:?}").contains("word"), "{proof:?}");
    }
}
