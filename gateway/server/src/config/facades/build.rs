//! Secrets of façades read, their old addresses prepared. It compiles nothing.

use std::sync::Arc;

use http::HeaderName;
use lienthong_core::Clock;
use lienthong_core::secret::{SecretRef, SecretSource, SecretString};

use super::compile::LoadedFacade;
use super::model::{AccountModel, AuthenticationModel, LgspHeaderModel};
use crate::config::problems::Problems;
use crate::facade::{Account, Facade, Facades, Issued, Issuer, LgspHeader, Proof, Upstream};

/// Every façade with its secrets; what is missing is told where its reference stands.
pub(crate) fn build(
    loaded: Vec<LoadedFacade>,
    secrets: &dyn SecretSource,
    clock: &Arc<dyn Clock>,
    problems: &mut Problems,
) -> Facades {
    let mut built = Vec::with_capacity(loaded.len());
    for facade in loaded {
        let mut reader = Reader { facade: &facade, secrets, problems };
        let proof = proof(&mut reader);
        let upstream = facade.upstream.as_ref().map(|model| Upstream::build(model, secrets, clock)).transpose();
        let upstream = upstream.unwrap_or_else(|problem| {
            let place = facade.node.place_of("/upstream");
            problems.note(&facade.file, place, problem, "the old address cannot be reached without it");
            None
        });
        built.push(Facade { plan: facade.plan, proof, upstream });
    }
    Facades::new(built)
}

struct Reader<'r> {
    facade: &'r LoadedFacade,
    secrets: &'r dyn SecretSource,
    problems: &'r mut Problems,
}

impl Reader<'_> {
    /// A missing one is stood in for, so that all of them are found; what is built with it is thrown away.
    fn read(&mut self, reference: &SecretRef) -> SecretString {
        self.secrets.read(reference).unwrap_or_else(|problem| {
            let LoadedFacade { file, node, .. } = self.facade;
            let place = node.find_text(&reference.to_string()).unwrap_or(node.place);
            self.problems.note(file, place, problem, "no caller of the façade can be recognised without it");
            SecretString::from("missing")
        })
    }

    fn account(&mut self, username: &SecretRef, password: &SecretRef) -> Account {
        Account::new(&self.read(username), &self.read(password))
    }
}

fn proof(reader: &mut Reader<'_>) -> Proof {
    let AuthenticationModel { bearer, basic, lgsp_header, session, token } = reader.facade.authentication.clone();
    let name = reader.facade.plan.name.clone();
    Proof {
        bearer: bearer.iter().map(|hash| hash.0).collect(),
        basic: basic.map(|AccountModel { username, password }| reader.account(&username, &password)),
        header: lgsp_header.and_then(|model| lgsp(reader, &model)),
        session: session.map(|model| Issued {
            path: model.path.clone(),
            account: reader.account(&model.username, &model.password),
            issuer: Issuer::new(&format!("session of {name}"), &reader.read(&model.password), model.lifetime.0),
        }),
        token: token.map(|model| Issued {
            path: model.path.clone(),
            account: reader.account(&model.client_id, &model.client_secret),
            issuer: Issuer::new(&format!("token of {name}"), &reader.read(&model.client_secret), model.lifetime.0),
        }),
    }
}

/// `None` where the header's name is none, which is told with the model.
fn lgsp(reader: &mut Reader<'_>, model: &LgspHeaderModel) -> Option<LgspHeader> {
    let LgspHeaderModel { name, access_key, secret_key, app_name, partner_code } = model;
    let further = [("AppName", app_name), ("PartnerCode", partner_code)];
    Some(LgspHeader {
        name: name.to_ascii_lowercase().parse::<HeaderName>().ok()?,
        account: reader.account(access_key, secret_key),
        further: further.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect(),
    })
}
