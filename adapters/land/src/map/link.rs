//! Where a file's link leads: below the configured base, or to an allowed origin; nowhere else. It opens nothing.

use lienthong_kit::config::Address;
use reqwest::Url;

/// What of a file's address may be answered with.
pub(crate) struct Place {
    pub(crate) url: Url,
    /// Whether it lies at the base's own origin: only there the token may go.
    pub(crate) at_base: bool,
}

/// Resolves the link, or says what is wrong with it. A relative one is put below the base, also when it begins with a slash, as the
/// clients seen do; `//host`, `\\host` and `..` lead nowhere else.
pub(crate) fn resolve(link: &str, base: &Address, origins: &[Address]) -> Result<Place, &'static str> {
    let link = link.trim();
    if link.is_empty() {
        return Err("is empty");
    }
    if link.contains('\\') || link.chars().any(char::is_control) {
        return Err("holds characters an address cannot have");
    }
    let url = match Url::parse(link) {
        Ok(url) => url,
        Err(_) if link.starts_with("//") => return Err("names a host without its scheme"),
        Err(_) => below(link, base)?,
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err("is neither http nor https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user or password");
    }
    let at_base = url.origin() == base.url().origin();
    let allowed = at_base || origins.iter().any(|origin| origin.url().origin() == url.origin());
    if allowed { Ok(Place { url, at_base }) } else { Err("leads to a host that is not allowed; see files.origins") }
}

fn below(link: &str, base: &Address) -> Result<Url, &'static str> {
    let url = base.below(link)?;
    // `..` is resolved by now.
    let root = base.url().path().trim_end_matches('/');
    let inside = url.path().strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    if inside { Ok(url) } else { Err("leads out of the base's path") }
}

/// The last part of the path, decoded.
pub(crate) fn last_part(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    decoded(last)
}

/// Percent-decoded, where the result is UTF-8.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, behind @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let value = digit(*high)?.checked_mul(16)?.checked_add(digit(*low)?)?;
                bytes.push(u8::try_from(value).ok()?);
                rest = behind;
            }
            (byte, _) => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// The file's name in a `Content-Disposition`: `filename*=UTF-8''…` before `filename="…"` (RFC 6266).
pub(crate) fn disposed(header: &str) -> Option<String> {
    let mut plain = None;
    for part in header.split(';').map(str::trim) {
        let Some((name, value)) = part.split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "filename*" => {
                let encoded = value.get(..7).filter(|mark| mark.eq_ignore_ascii_case("utf-8''")).and(value.get(7..));
                if let Some(name) = encoded.and_then(decoded) {
                    return Some(name);
                }
            }
            "filename" => plain = Some(value.to_owned()),
            _other => {}
        }
    }
    plain.filter(|name| !name.is_empty())
}

/// A name that is no path and that a terminal may show; never empty.
pub(crate) fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown = lienthong_core::text::shown(last);
    let cut: String = shown.trim().trim_matches('.').chars().take(255).collect();
    if cut.is_empty() { "file".to_owned() } else { cut }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base() -> Address {
        "https://land.test/qlhs".parse().unwrap()
    }

    fn resolved(link: &str) -> Result<String, &'static str> {
        let origins = ["https://files.test:8443".parse().unwrap()];
        resolve(link, &base(), &origins).map(|place| place.url.to_string())
    }

    #[test]
    fn relative_links_lie_below_the_configured_base() {
        assert_eq!(resolved("/files/1.pdf").as_deref(), Ok("https://land.test/qlhs/files/1.pdf"));
        assert_eq!(
            resolved("files/tờ trình.pdf").as_deref(),
            Ok("https://land.test/qlhs/files/t%E1%BB%9D%20tr%C3%ACnh.pdf")
        );
        assert_eq!(resolved("a?id=7").as_deref(), Ok("https://land.test/qlhs/a?id=7"));
    }

    #[test]
    fn absolute_links_go_to_allowed_origins_alone() {
        assert_eq!(resolved("https://land.test/other/1.pdf").as_deref(), Ok("https://land.test/other/1.pdf"));
        assert!(resolved("https://files.test:8443/1.pdf").is_ok());
        for bad in [
            "https://files.test/1.pdf",
            "http://land.test/qlhs/1.pdf",
            "https://land.test.evil.test/1.pdf",
            "https://land.test@evil.test/1.pdf",
            "https://evil.test/?land.test",
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
            "ftp://land.test/1.pdf",
            "//evil.test/1.pdf",
            "\\\\evil.test\\1.pdf",
            "/\\evil.test/1.pdf",
            "../../secret",
            "/%2e%2e/secret",
            "https://u:p@land.test/1.pdf",
            "",
            "javascript:alert(1)",
            "a\nb",
        ] {
            assert!(resolved(bad).is_err(), "{bad} gave {:?}", resolved(bad));
        }
    }

    #[test]
    fn names_are_names_and_no_paths() {
        assert_eq!(disposed("attachment; filename=\"a.pdf\"").as_deref(), Some("a.pdf"));
        assert_eq!(disposed("attachment; filename=x; filename*=UTF-8''t%E1%BB%9D.pdf").as_deref(), Some("tờ.pdf"));
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("a\u{202e}fdp.exe"), "a fdp.exe");
        assert_eq!(plain_name("/"), "file");
        assert_eq!(last_part(&"https://a.test/x/t%E1%BB%9D.pdf?y=1".parse().unwrap()).as_deref(), Some("tờ.pdf"));
    }

    proptest! {
        #[test]
        fn no_link_panics_and_none_leaves_the_allowed_origins(link in "\\PC{0,60}") {
            if let Ok(place) = resolve(&link, &base(), &[]) {
                prop_assert_eq!(place.url.host_str(), Some("land.test"));
                prop_assert!(place.at_base);
            }
            let _names = (disposed(&link), plain_name(&link));
        }
    }
}
