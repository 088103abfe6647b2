//! Configuration values with a form of their own: durations and addresses. It knows no system.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use lienthong_core::SignedDuration;
use reqwest::Url;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A positive duration, written `10m`, `1h 30m` or `PT10M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Wait(pub Duration);

impl FromStr for Wait {
    type Err = &'static str;
    fn from_str(value: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a duration is written like 10m, 1h 30m or PT10M and is longer than nothing";
        let signed: SignedDuration = value.parse().map_err(|_| FORM)?;
        let wait = Duration::try_from(signed).map_err(|_| FORM)?;
        if wait.is_zero() { Err(FORM) } else { Ok(Self(wait)) }
    }
}

impl TryFrom<String> for Wait {
    type Error = &'static str;
    fn try_from(value: String) -> Result<Self, Self::Error> {
        value.parse()
    }
}

impl From<Wait> for String {
    fn from(wait: Wait) -> Self {
        SignedDuration::try_from(wait.0).map_or_else(|_| format!("{}s", wait.0.as_secs()), |signed| signed.to_string())
    }
}

impl JsonSchema for Wait {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "A duration: 10m, 1h 30m or PT10M.", "examples": ["10m", "6s"] })
    }
}

/// An absolute `http` or `https` address without query, fragment or user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(Url);

impl Address {
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The host's name or address, in lower case.
    pub fn host(&self) -> String {
        super::network::bare(self.0.host_str().unwrap_or_default())
    }

    /// The address with `path` (which may carry a query) put below it.
    pub fn below(&self, path: &str) -> Result<Url, &'static str> {
        let joined = format!("{}/{}", self.0.as_str().trim_end_matches('/'), path.trim_start_matches('/'));
        let url = Url::parse(&joined).map_err(|_| "does not make a valid address below the base")?;
        if url.origin() == self.0.origin() { Ok(url) } else { Err("leads to another host than the base") }
    }
}

impl FromStr for Address {
    type Err = &'static str;
    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(value).map_err(|_| "is not an address such as https://host.example/path")?;
        let plain = matches!(url.scheme(), "http" | "https") && url.has_host();
        let bare = url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        match (plain, bare, anonymous) {
            (true, true, true) => Ok(Self(url)),
            (false, _, _) => Err("must be http or https and name a host"),
            (true, false, _) => Err("must have neither query nor fragment"),
            (true, true, false) => Err("must not hold a user or password"),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = &'static str;
    fn try_from(value: String) -> Result<Self, Self::Error> {
        value.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0.into()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl JsonSchema for Address {
    fn schema_name() -> Cow<'static, str> {
        "Address".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "uri", "pattern": "^https?://", "description": "An absolute address without query." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_by_people_and_never_empty() {
        assert_eq!("10m".parse(), Ok(Wait(Duration::from_secs(600))));
        assert_eq!("1h 30m".parse(), Ok(Wait(Duration::from_secs(5400))));
        assert!("0s".parse::<Wait>().is_err());
        assert!("-5s".parse::<Wait>().is_err());
        assert!("10".parse::<Wait>().is_err());
        assert_eq!(String::from(Wait(Duration::from_secs(600))).parse(), Ok(Wait(Duration::from_secs(600))));
    }

    #[test]
    fn an_address_keeps_its_path_and_its_host() {
        let base: Address = "http://ss.test:8080/XrdAdapter/RestService/forward/".parse().unwrap();
        let url = base.below("/mapi/login").unwrap();
        assert_eq!(url.as_str(), "http://ss.test:8080/XrdAdapter/RestService/forward/mapi/login");
        assert_eq!(base.below("x?isUpdating=True").unwrap().query(), Some("isUpdating=True"));
        for bad in ["ftp://a.test", "https://", "https://u:p@a.test", "https://a.test/?x=1", "a.test"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }
}
