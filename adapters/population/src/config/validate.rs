//! Every problem of a configuration at once, each with the pointer of the value it lies in. It reads no secret and opens nothing.

use http::{HeaderName, HeaderValue};
use lienthong_formats::organisation;
use lienthong_kit::config::{Address, Problems};
use lienthong_kit::endpoint::{Dates, check_active, check_list};
use lienthong_kit::token::{GrantConfig, TokenConfig};

use super::{
    AccessConfig, AccountConfig, ConfirmMaritalStatusConfig, EndpointConfig, FindCitizenConfig, FindHouseholdConfig,
    LgspConfig, NdxpConfig, OperationAddresses, OperationsConfig, PopulationConfig, UnitConfig, UnitSent,
    VerifyCitizenConfig, WrapperConfig,
};
use crate::wire::longest;

#[cfg(test)]
mod tests;

impl PopulationConfig {
    /// What is wrong, as (JSON pointer, what and what to do). Empty means that [`crate::Population::build`] can only fail on secrets.
    pub fn validate(&self) -> Vec<(String, String)> {
        let mut found = Problems::new();
        let dates = |endpoint: &EndpointConfig| (endpoint.name.clone(), endpoint.from, endpoint.until);
        let dated: Vec<_> = self.endpoints.iter().map(dates).collect();
        check_list(dated.iter().map(|(name, from, until)| Dates { name, from: *from, until: *until }), &mut found);
        check_active(self.active.as_deref(), dated.iter().map(|(name, ..)| name.as_str()), &mut found);
        self.transport.check(self.addresses(), &mut found);
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            self.check_endpoint(endpoint, &format!("/endpoints/{place}"), &mut found);
        }
        check_operations(&self.operations, &mut found);
        check_unit(&self.unit, &mut found);
        if let Some(account) = &self.account {
            check_account(account, &mut found);
        }
        for (place, procedure) in self.procedures.iter().enumerate() {
            within(procedure, longest::PROCEDURE, format!("/procedures/{place}"), &mut found);
        }
        self.phrases.check(&mut found);
        found
    }

    /// Every address spoken to, with its place.
    pub(crate) fn addresses(&self) -> Vec<(String, &Address)> {
        let mut all = Vec::new();
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            let at = format!("/endpoints/{place}");
            all.push((format!("{at}/address"), &endpoint.address));
            for (name, address) in endpoint.addresses.named() {
                all.extend(address.map(|address| (format!("{at}/addresses/{name}"), address)));
            }
            if let Some((kind, grant)) = endpoint.access.grant() {
                all.push((format!("{at}/access/{kind}/token/granted/address"), &grant.address));
            }
        }
        all
    }

    fn check_endpoint(&self, endpoint: &EndpointConfig, at: &str, found: &mut Problems) {
        for (name, value) in &endpoint.headers {
            let at = format!("{at}/headers/{}", name.replace('~', "~0").replace('/', "~1"));
            if HeaderName::try_from(name.as_str()).is_err() {
                found.push((at.clone(), "is no name a header can have".into()));
            }
            if HeaderValue::from_str(value).is_err() {
                found.push((at, "holds characters a header cannot have".into()));
            }
        }
        if let Some(destination) = &endpoint.destination {
            header_text(&destination.dstcode, format!("{at}/destination/dstcode"), found);
        }
        match &endpoint.access {
            AccessConfig::Ndxp(NdxpConfig { road_client, .. }) => {
                header_text(road_client, format!("{at}/access/ndxp/road_client"), found);
            }
            AccessConfig::Lgsp(LgspConfig { token, officers }) => {
                let at = format!("{at}/access/lgsp");
                if officers.is_empty() {
                    found.push((format!("{at}/officers"), "needs at least one officer, or nobody may ask".into()));
                }
                check_token(token, &at, found);
            }
            AccessConfig::Wrapper(WrapperConfig { token, success_codes, .. }) => {
                self.check_wrapper(endpoint, at, found);
                let at = format!("{at}/access/wrapper");
                if success_codes.is_empty() {
                    let problem = "needs at least one code, or nobody is ever found";
                    found.push((format!("{at}/success_codes"), problem.into()));
                }
                check_token(token, &at, found);
            }
        }
    }

    /// The wrapper's request names no operation, so that only an address can.
    fn check_wrapper(&self, endpoint: &EndpointConfig, at: &str, found: &mut Problems) {
        let OperationsConfig { find_citizen: _, verify_citizen, find_household, confirm_marital_status } =
            &self.operations;
        let offered = [verify_citizen.is_some(), find_household.is_some(), confirm_marital_status.is_some()];
        for ((name, address), offered) in endpoint.addresses.named().into_iter().zip(offered) {
            if offered && address.is_none() {
                let problem = "is missing: the wrapper's request does not name the operation";
                found.push((format!("{at}/addresses/{name}"), problem.into()));
            }
        }
    }
}

impl OperationAddresses {
    fn named(&self) -> [(&'static str, Option<&Address>); 3] {
        let Self { verify_citizen, find_household, confirm_marital_status } = self;
        [
            ("verify_citizen", verify_citizen.as_ref()),
            ("find_household", find_household.as_ref()),
            ("confirm_marital_status", confirm_marital_status.as_ref()),
        ]
    }
}

impl AccessConfig {
    pub(crate) fn grant(&self) -> Option<(&'static str, &GrantConfig)> {
        let (kind, token) = match self {
            Self::Ndxp(_) => return None,
            Self::Lgsp(config) => ("lgsp", &config.token),
            Self::Wrapper(config) => ("wrapper", &config.token),
        };
        token.grant().map(|grant| (kind, grant))
    }
}

fn check_token(token: &TokenConfig, at: &str, found: &mut Problems) {
    if let Some(grant) = token.grant() {
        grant.check(&format!("{at}/token/granted"), found);
    }
}

fn check_operations(operations: &OperationsConfig, found: &mut Problems) {
    let OperationsConfig { find_citizen, verify_citizen, find_household, confirm_marital_status } = operations;
    let mut code = |operation: &str, code: &str| {
        within(code, longest::INTEGRATION_CODE, format!("/operations/{operation}/integration_code"), found);
    };
    let FindCitizenConfig { integration_code } = find_citizen;
    code("find_citizen", integration_code);
    let mut elements = Vec::new();
    if let Some(VerifyCitizenConfig { integration_code, exists }) = verify_citizen {
        code("verify_citizen", integration_code);
        elements.push(("verify_citizen/exists", exists));
    }
    if let Some(FindHouseholdConfig { integration_code, member }) = find_household {
        code("find_household", integration_code);
        elements.push(("find_household/member", member));
    }
    if let Some(ConfirmMaritalStatusConfig { integration_code, person, status }) = confirm_marital_status {
        code("confirm_marital_status", integration_code);
        elements.extend([("confirm_marital_status/person", person), ("confirm_marital_status/status", status)]);
    }
    for (place, name) in elements {
        if name.is_empty() || name.contains([':', ' ', '/', '<']) {
            found.push((format!("/operations/{place}"), "must be an element's name without prefix".into()));
        }
    }
}

fn check_unit(unit: &UnitConfig, found: &mut Problems) {
    let UnitConfig { sent, default } = unit;
    if let Some(id) = default {
        if organisation::form(id).is_none() {
            found.push(("/unit/default".into(), "is no organisation id such as H56.14 or 000.00.14.H56".into()));
        }
        if *sent == UnitSent::Never {
            found.push(("/unit/default".into(), "has no effect: units are never sent".into()));
        }
    }
}

fn check_account(account: &AccountConfig, found: &mut Problems) {
    let AccountConfig { name, phone } = account;
    if let Some(name) = name {
        within(name, longest::ACCOUNT, "/account/name".into(), found);
    }
    within(phone, longest::PHONE, "/account/phone".into(), found);
}

fn within(text: &str, limit: usize, at: String, found: &mut Problems) {
    if text.trim().is_empty() {
        found.push((at, "is empty".into()));
    } else if text.chars().count() > limit {
        found.push((at, format!("is longer than {limit} characters")));
    }
}

fn header_text(text: &str, at: String, found: &mut Problems) {
    if text.trim().is_empty() {
        found.push((at, "is empty".into()));
    } else if HeaderValue::from_str(text).is_err() {
        found.push((at, "holds characters a header cannot have".into()));
    }
}
