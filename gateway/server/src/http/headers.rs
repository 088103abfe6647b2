//! Our request headers: `Prefer`, `Idempotency-Key`, `Lienthong-*`. It reads no body and no credentials.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use lienthong_core::{BusinessKey, Fault, OnBehalfOf, limits};

use super::params::bad;

/// `Idempotency-Key`: visible ASCII, as given.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    const NAME: &str = "Idempotency-Key";
    let Some(value) = single(headers, NAME)? else { return Ok(None) };
    let text = value.to_str().map_err(|_| bad(NAME, "may hold only visible ASCII characters"))?.trim();
    match text.len() {
        0 => Err(bad(NAME, "is empty")),
        length if length > limits::IDEMPOTENCY_KEY_BYTES => {
            Err(bad(NAME, format!("is longer than {} characters", limits::IDEMPOTENCY_KEY_BYTES)))
        }
        _fits => Ok(Some(text.to_owned())),
    }
}

/// `Prefer: wait=N` (RFC 7240), cut to [`limits::WAIT_SECONDS`]. What cannot be read is a preference not understood, and ignored as the RFC asks.
pub(crate) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let preferences = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let seconds = preferences.flat_map(|value| value.split(',')).find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        let wanted = name.trim().eq_ignore_ascii_case("wait");
        wanted.then(|| value.trim().trim_matches('"').parse::<u64>().ok()).flatten()
    })?;
    (seconds > 0).then(|| Duration::from_secs(seconds.min(limits::WAIT_SECONDS)))
}

/// `Lienthong-Purpose`: why, for the record.
pub(crate) fn purpose(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    note(headers, "Lienthong-Purpose")
}

/// `Lienthong-Unit` and `Lienthong-Officer`: for whom.
pub(crate) fn on_behalf_of(headers: &HeaderMap) -> Result<Option<OnBehalfOf>, Fault> {
    let (unit, officer) = (note(headers, "Lienthong-Unit")?, note(headers, "Lienthong-Officer")?);
    Ok((unit.is_some() || officer.is_some()).then_some(OnBehalfOf { unit, officer }))
}

/// `Lienthong-Key`: the business key a call is recorded under.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<BusinessKey>, Fault> {
    const NAME: &str = "Lienthong-Key";
    words(headers, NAME)?.map(|text| BusinessKey::new(&text).map_err(|problem| bad(NAME, problem))).transpose()
}

fn note(headers: &HeaderMap, name: &str) -> Result<Option<String>, Fault> {
    let Some(text) = words(headers, name)? else { return Ok(None) };
    if text.chars().count() > limits::NOTE_CHARS {
        return Err(bad(name, format!("is longer than {} characters", limits::NOTE_CHARS)));
    }
    Ok(Some(text))
}

/// A header's words: UTF-8 as it is, or percent-encoded.
fn words(headers: &HeaderMap, name: &str) -> Result<Option<String>, Fault> {
    let Some(value) = single(headers, name)? else { return Ok(None) };
    let text = decoded(value.as_bytes()).ok_or_else(|| bad(name, "is not UTF-8, plain or percent-encoded"))?;
    let text = lienthong_core::text::nfc(text.trim());
    Ok((!text.is_empty()).then_some(text))
}

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a HeaderValue>, Fault> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() { Err(bad(name, "is given twice")) } else { Ok(first) }
}

fn decoded(bytes: &[u8]) -> Option<String> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let (high, low) = (char::from(rest.next()?).to_digit(16)?, char::from(rest.next()?).to_digit(16)?);
                plain.push(u8::try_from(high * 16 + low).ok()?);
            }
            other => plain.push(other),
        }
    }
    String::from_utf8(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &[u8])]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        map
    }

    #[test]
    fn a_wish_to_wait_is_found_among_others_and_cut() {
        let wish = |value: &[u8]| wait(&headers(&[("prefer", value)]));
        assert_eq!(wish(b"wait=10"), Some(Duration::from_secs(10)));
        assert_eq!(wish(b"respond-async, Wait=\"5\"; x=y"), Some(Duration::from_secs(5)));
        assert_eq!(wish(b"wait=9999"), Some(Duration::from_secs(limits::WAIT_SECONDS)));
        for ignored in [&b"wait=soon"[..], b"wait=0", b"wait", b"handling=lenient", b"wait=-1"] {
            assert_eq!(wish(ignored), None);
        }
        let two = headers(&[("prefer", b"return=minimal"), ("prefer", b"wait=3")]);
        assert_eq!(wait(&two), Some(Duration::from_secs(3)));
    }

    #[test]
    fn an_idempotency_key_is_one_short_visible_text() {
        let key = |value: &[u8]| idempotency_key(&headers(&[("idempotency-key", value)]));
        assert_eq!(key(b"h56-0007-3").unwrap().as_deref(), Some("h56-0007-3"));
        assert_eq!(idempotency_key(&HeaderMap::new()).unwrap(), None);
        for wrong in [&b""[..], "ưu tiên".as_bytes(), "a".repeat(256).as_bytes()] {
            assert_eq!(key(wrong).unwrap_err().problems[0].pointer, "Idempotency-Key");
        }
        let twice = headers(&[("idempotency-key", b"a"), ("idempotency-key", b"b")]);
        assert!(idempotency_key(&twice).is_err());
    }

    #[test]
    fn words_come_plain_or_percent_encoded() {
        let plain = headers(&[("lienthong-purpose", "Giải quyết hồ sơ".as_bytes())]);
        let encoded = headers(&[("lienthong-purpose", b"Gi%E1%BA%A3i quy%E1%BA%BFt h%E1%BB%93 s%C6%A1")]);
        assert_eq!(purpose(&plain).unwrap().as_deref(), Some("Giải quyết hồ sơ"));
        assert_eq!(purpose(&encoded).unwrap(), purpose(&plain).unwrap());
        for wrong in [&b"100%"[..], b"%zz", b"%ff"] {
            assert!(purpose(&headers(&[("lienthong-purpose", wrong)])).is_err());
        }
        let long = "x".repeat(limits::NOTE_CHARS + 1);
        assert!(purpose(&headers(&[("lienthong-purpose", long.as_bytes())])).is_err());
    }

    #[test]
    fn on_behalf_of_needs_one_of_two() {
        assert_eq!(on_behalf_of(&HeaderMap::new()).unwrap(), None);
        let found = on_behalf_of(&headers(&[("lienthong-unit", b"H56.14")])).unwrap().unwrap();
        assert_eq!((found.unit.as_deref(), found.officer), (Some("H56.14"), None));
    }
}
