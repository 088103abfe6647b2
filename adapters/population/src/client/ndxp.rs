//! NDXP's proof: Basic over a SHA-256 of service address, user, time and key, with the time beside it. It reads no clock.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use lienthong_core::Timestamp;
use lienthong_core::secret::{ExposeSecret, SecretSource, SecretString};
use lienthong_kit::auth;
use reqwest::Url;
use sha2::{Digest, Sha256};

use crate::config::{NdxpConfig, TimestampUnit};

const TIMESTAMP: HeaderName = HeaderName::from_static("timestamp");
const ROAD_CLIENT: HeaderName = HeaderName::from_static("x-road-client");
const API_KEY: HeaderName = HeaderName::from_static("apikey");

pub(super) struct Ndxp {
    user: SecretString,
    secret_key: SecretString,
    api_key: Option<SecretString>,
    road_client: HeaderValue,
    timestamps: TimestampUnit,
    service_url: Option<String>,
}

impl Ndxp {
    pub(super) fn build(config: &NdxpConfig, secrets: &dyn SecretSource) -> Result<Self, String> {
        let NdxpConfig { user, secret_key, api_key, road_client, timestamps, service_url } = config;
        Ok(Self {
            user: secrets.read(user)?,
            secret_key: secrets.read(secret_key)?,
            api_key: api_key.as_ref().map(|reference| secrets.read(reference)).transpose()?,
            road_client: HeaderValue::from_str(road_client)
                .map_err(|_| "road_client holds characters a header cannot have".to_owned())?,
            timestamps: *timestamps,
            service_url: service_url.clone(),
        })
    }

    /// Puts the proof of a request to `url` at `now` into its headers.
    pub(super) fn show(&self, now: Timestamp, url: &Url, headers: &mut HeaderMap) -> Result<(), String> {
        let stamp = match self.timestamps {
            TimestampUnit::Milliseconds => now.as_millisecond().to_string(),
            TimestampUnit::Seconds => now.as_second().to_string(),
        };
        let asked = self.service_url.clone().unwrap_or_else(|| without_query(url));
        let user = self.user.expose_secret();
        let mut hash = Sha256::new();
        for part in [asked.as_str(), user, &stamp, self.secret_key.expose_secret()] {
            hash.update(part.as_bytes());
        }
        let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        headers.insert(AUTHORIZATION, auth::basic(user, &SecretString::from(hash))?);
        headers.insert(TIMESTAMP, HeaderValue::from_str(&stamp).map_err(|error| error.to_string())?);
        headers.insert(ROAD_CLIENT, self.road_client.clone());
        if let Some(key) = &self.api_key {
            headers.insert(API_KEY, auth::sensitive(key.expose_secret())?);
        }
        Ok(())
    }
}

fn without_query(url: &Url) -> String {
    let mut plain = url.clone();
    plain.set_query(None);
    plain.into()
}
