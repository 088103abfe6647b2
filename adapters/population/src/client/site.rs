//! One dated end point: its addresses, its fixed headers and its way to prove who asks. It sends nothing.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use lienthong_core::Clock;
use lienthong_core::secret::SecretSource;
use lienthong_kit::config::Address;
use lienthong_kit::token::TokenParts;
use lienthong_kit::transport::Transport;
use lienthong_kit::words::Words;
use reqwest::Url;

use super::access::Access;
use crate::config::{AccessConfig, Destination, EndpointConfig, OperationAddresses, SentAs};
use crate::operations::Asked;

const DESTINATION: &str = "dstcode";
const PROVIDER: &str = "providerurl";

pub(super) struct Site {
    find_citizen: Url,
    /// Only where no other address may take it.
    verify_citizen: Option<Url>,
    find_household: Option<Url>,
    confirm_marital_status: Option<Url>,
    /// Where tokens are given, when they are fetched.
    pub(super) tokens: Option<Address>,
    pub(super) headers: HeaderMap,
    pub(super) access: Access,
}

/// What a site is made with.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) system: &'a str,
    pub(super) secrets: &'a dyn SecretSource,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) transport: &'a Transport,
    pub(super) words: &'a Words,
}

impl<'a> Parts<'a> {
    /// What its tokens are made with.
    pub(super) fn tokens(self) -> TokenParts<'a> {
        let Self { system, secrets, clock, transport, words } = self;
        TokenParts { system, secrets, clock, transport, words }
    }
}

impl Site {
    pub(super) fn build(endpoint: &EndpointConfig, parts: Parts<'_>) -> Result<Self, String> {
        let EndpointConfig { name: _, from: _, until: _, address, addresses, destination, headers, access } = endpoint;
        let OperationAddresses { verify_citizen, find_household, confirm_marital_status } = addresses;
        let url = |address: &Address| with_destination(address.url().clone(), destination.as_ref());
        let other = |own: &Option<Address>| match (own, access) {
            (Some(own), _) => Some(url(own)),
            (None, AccessConfig::Ndxp(_) | AccessConfig::Lgsp(_)) => Some(url(address)),
            (None, AccessConfig::Wrapper(_)) => None,
        };
        let mut fixed = HeaderMap::new();
        for (name, value) in headers {
            fixed.insert(header_name(name)?, header_value(name, value)?);
        }
        if let Some(Destination { dstcode, provider_url: _, sent_as: SentAs::Header }) = destination {
            fixed.insert(HeaderName::from_static(DESTINATION), header_value(DESTINATION, dstcode)?);
        }
        Ok(Self {
            find_citizen: url(address),
            verify_citizen: other(verify_citizen),
            find_household: other(find_household),
            confirm_marital_status: other(confirm_marital_status),
            tokens: access.grant().map(|(_, grant)| grant.address.clone()),
            headers: fixed,
            access: Access::build(access, parts)?,
        })
    }

    pub(super) fn url(&self, asked: Asked) -> Option<&Url> {
        match asked {
            Asked::FindCitizen => Some(&self.find_citizen),
            Asked::VerifyCitizen => self.verify_citizen.as_ref(),
            Asked::FindHousehold => self.find_household.as_ref(),
            Asked::ConfirmMaritalStatus => self.confirm_marital_status.as_ref(),
        }
    }
}

/// The provider's address always goes in the query, the destination where clients of this axis put it.
fn with_destination(mut url: Url, destination: Option<&Destination>) -> Url {
    let Some(Destination { dstcode, provider_url, sent_as }) = destination else { return url };
    if *sent_as == SentAs::Query {
        url.query_pairs_mut().append_pair(DESTINATION, dstcode);
    }
    if let Some(provider) = provider_url {
        url.query_pairs_mut().append_pair(PROVIDER, provider);
    }
    url
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    HeaderName::try_from(name).map_err(|_| format!("{name} is no name a header can have"))
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(value).map_err(|_| format!("{name} holds characters a header cannot have"))
}
