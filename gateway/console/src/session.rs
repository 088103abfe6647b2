//! Who is logged in, proven by a signed cookie and nothing kept but logouts. It reads no request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lienthong_core::Timestamp;
use lienthong_core::secret::ExposeSecret as _;
use ring::hmac;

use crate::{Sessions, User};

/// The cookie's name; over HTTPS its prefix keeps other hosts from setting it.
const PLAIN: &str = "lienthong-console";
const SECURE: &str = "__Host-lienthong-console";
/// A cookie is renewed when its last use is older than this.
const RENEWED_AFTER: Duration = Duration::from_secs(60);
/// Logouts remembered at once; each for as long as a session lasts.
const ENDED: usize = 10_000;

/// Signs sessions. With another key every session is over.
#[derive(Clone)]
pub struct SessionKey(Arc<hmac::Key>);

impl SessionKey {
    /// A key of this process alone: its sessions end with it.
    pub fn random() -> Result<Self, String> {
        let chance = ring::rand::SystemRandom::new();
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &chance);
        key.map(|key| Self(Arc::new(key))).map_err(|_| "the system gives no random numbers".to_owned())
    }

    /// A key made of a secret: sessions outlive the process.
    pub fn of(secret: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, text.as_bytes()))
    }

    fn verify(&self, text: &str, signature: &str) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        hmac::verify(&self.0, text.as_bytes(), &signature).is_ok()
    }
}

/// One login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) user: String,
    id: String,
    /// Seconds since the epoch.
    began: i64,
    seen: i64,
}

impl Session {
    pub(crate) fn begin(user: &str, now: Timestamp) -> Self {
        let id = URL_SAFE_NO_PAD.encode(chance());
        Self { user: user.to_owned(), id, began: now.as_second(), seen: now.as_second() }
    }

    /// The cookie's value. The user's password hash is signed too: with another password every session is over.
    pub(crate) fn seal(&self, key: &SessionKey, user: &User) -> String {
        let said = self.said();
        let signature = key.sign(&signed(&said, user));
        format!("{said}|{signature}")
    }

    fn said(&self) -> String {
        let Self { user, id, began, seen } = self;
        format!("{user}|{id}|{began}|{seen}")
    }

    /// The user's name a cookie claims, to look the user up by: nothing is proven yet.
    pub(crate) fn claimed(cookie: &str) -> Option<&str> {
        cookie.split('|').next()
    }

    /// The session a cookie proves, if it is this user's and still lasts.
    pub(crate) fn open(key: &SessionKey, cookie: &str, user: &User, now: Timestamp, limits: &Sessions) -> Option<Self> {
        let (said, signature) = cookie.rsplit_once('|')?;
        if !key.verify(&signed(said, user), signature) {
            return None;
        }
        let mut parts = said.split('|');
        let (name, id) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let (began, seen) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let session = Self { user: name, id, began, seen };
        let lasts = |since: i64, limit: Duration| {
            let age = now.as_second().saturating_sub(since);
            u64::try_from(age).map_or(true, |age| age < limit.as_secs())
        };
        (session.user == user.name && lasts(began, limits.longest) && lasts(seen, limits.idle)).then_some(session)
    }

    /// Which session it is, among those of everybody.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// What every form of the session carries, so that no other page can send it.
    pub(crate) fn token(&self, key: &SessionKey) -> String {
        key.sign(&format!("form|{}|{}", self.user, self.id))
    }

    pub(crate) fn is_token(&self, key: &SessionKey, token: &str) -> bool {
        key.verify(&format!("form|{}|{}", self.user, self.id), token)
    }

    /// The session as used now, where that is worth a new cookie.
    pub(crate) fn renewed(&self, now: Timestamp) -> Option<Self> {
        let age = now.as_second().saturating_sub(self.seen);
        let due = u64::try_from(age).is_ok_and(|age| age >= RENEWED_AFTER.as_secs());
        due.then(|| Self { seen: now.as_second(), ..self.clone() })
    }

    /// When it is over at the latest.
    pub(crate) fn ends(&self, limits: &Sessions) -> i64 {
        let longest = i64::try_from(limits.longest.as_secs()).unwrap_or(i64::MAX);
        self.began.saturating_add(longest)
    }
}

fn signed(said: &str, user: &User) -> String {
    format!("session|{said}|{}", user.password.expose_secret())
}

pub(crate) fn chance() -> [u8; 16] {
    use ring::rand::SecureRandom as _;
    let mut bytes = [0_u8; 16];
    // A session id is no secret: the signature protects it. All zeros would only mean that logouts end more than one.
    let _filled: Result<(), _> = ring::rand::SystemRandom::new().fill(&mut bytes);
    bytes
}

/// Sessions that were logged out of before they were over.
#[derive(Debug, Default)]
pub(crate) struct Ended(HashMap<String, i64>);

impl Ended {
    /// Remembers a logout until the session would be over. When too many are remembered, those that end first are forgotten.
    pub(crate) fn add(&mut self, session: &Session, limits: &Sessions, now: Timestamp) {
        self.0.retain(|_, ends| *ends > now.as_second());
        if self.0.len() >= ENDED {
            let mut ends: Vec<i64> = self.0.values().copied().collect();
            ends.sort_unstable();
            let cut = ends.get(ENDED / 2).copied().unwrap_or_default();
            self.0.retain(|_, end| *end > cut);
        }
        self.0.insert(session.id.clone(), session.ends(limits));
    }

    pub(crate) fn holds(&self, session: &Session) -> bool {
        self.0.contains_key(&session.id)
    }
}

/// The `Set-Cookie` value of a session; of none, one that takes it back.
pub(crate) fn cookie(value: Option<&str>, limits: &Sessions) -> String {
    // Strict would show a login page to whoever follows a link from a letter; nothing is done by a GET.
    let common = "Path=/; HttpOnly; SameSite=Lax";
    let (name, secure) = if limits.secure { (SECURE, "; Secure") } else { (PLAIN, "") };
    match value {
        Some(value) => format!("{name}={value}; {common}{secure}"),
        None => format!("{name}=; Max-Age=0; {common}{secure}"),
    }
}

/// The session cookie's name.
pub(crate) fn cookie_name(limits: &Sessions) -> &'static str {
    if limits.secure { SECURE } else { PLAIN }
}

#[cfg(test)]
mod unit {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Language;

    fn user(password: &str) -> User {
        User {
            name: "an".to_owned(),
            display: "An".to_owned(),
            password: password.to_owned().into(),
            roles: BTreeSet::new(),
            language: Language::Vi,
        }
    }

    const LIMITS: Sessions =
        Sessions { idle: Duration::from_secs(1800), longest: Duration::from_secs(36_000), secure: true };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_session_is_proven_only_unchanged_in_time_and_with_the_same_password() {
        let key = SessionKey::of(b"key");
        let session = Session::begin("an", at(1000));
        let cookie = session.seal(&key, &user("one"));
        let open = |cookie: &str, who: &User, when: i64| Session::open(&key, cookie, who, at(when), &LIMITS);
        assert_eq!(open(&cookie, &user("one"), 1100), Some(session.clone()));
        assert_eq!(open(&cookie, &user("another"), 1100), None);
        assert_eq!(open(&cookie.replace("an|", "binh|"), &user("one"), 1100), None);
        assert_eq!(open(&cookie.replace("|1000|", "|9000|"), &user("one"), 1100), None);
        assert_eq!(open(&cookie, &user("one"), 1000 + 1800), None);
        assert_eq!(Session::open(&SessionKey::of(b"other"), &cookie, &user("one"), at(1100), &LIMITS), None);
        let kept_busy = Session { seen: 36_900, ..session }.seal(&key, &user("one"));
        assert!(open(&kept_busy, &user("one"), 36_950).is_some());
        assert_eq!(open(&kept_busy, &user("one"), 37_000), None);
    }

    #[test]
    fn a_form_token_belongs_to_its_session() {
        let key = SessionKey::of(b"key");
        let (one, other) = (Session::begin("an", at(0)), Session::begin("an", at(0)));
        assert!(one.is_token(&key, &one.token(&key)));
        assert!(!other.is_token(&key, &one.token(&key)));
        assert!(!one.is_token(&key, ""));
    }

    #[test]
    fn a_logout_is_remembered_and_the_memory_is_bounded() {
        let mut ended = Ended::default();
        let left = Session::begin("an", at(50_000));
        for second in 0..12_000 {
            ended.add(&Session::begin("an", at(second)), &LIMITS, at(0));
        }
        assert!(ended.0.len() <= ENDED);
        ended.add(&left, &LIMITS, at(50_000));
        assert!(ended.holds(&left));
    }

    #[test]
    fn the_cookie_is_kept_from_scripts_and_from_plain_http() {
        let set = cookie(Some("value"), &LIMITS);
        assert_eq!(set, "__Host-lienthong-console=value; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert!(cookie(None, &Sessions { secure: false, ..LIMITS }).starts_with("lienthong-console=; Max-Age=0;"));
    }
}
