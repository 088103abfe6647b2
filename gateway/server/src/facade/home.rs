//! Who serves a request's messages: the gateway, or the old address. It relays nothing and stores nothing.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::{BusinessKey, Fault, FaultCode, FaultKind, OperationName};
use lienthong_journal::{ExchangeFilter, ExchangeRecord};
use serde_json::Value;

use super::items::{Item, wrong};
use super::plan::{Asked, Endpoint, ProcedurePlace};
use super::{Facade, Migrated};
use crate::state::AppState;

/// Exchanges of a key that are looked at: what is older cannot be open while these are not, but where parked ones are passed.
const LOOKED_AT: usize = 50;

/// Who serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    Gateway,
    OldAddress,
}

impl Facade {
    /// Who serves these messages. One request has one home: its answer is one.
    ///
    /// A message whose key still has something open here stays here, whatever its procedure: nothing of it may be overtaken.
    pub(crate) async fn home(
        &self,
        state: &AppState,
        endpoint: &Endpoint,
        asked: &Asked,
        items: &[Item],
    ) -> Result<Home, Fault> {
        let Some(procedure) = endpoint.procedure.as_ref().filter(|_| self.upstream.is_some()) else {
            return Ok(Home::Gateway);
        };
        if self.plan.migrated == Migrated::All {
            return Ok(Home::Gateway);
        }
        let mut home = None;
        for item in items {
            let found = self.home_of(state, procedure, asked, item).await?;
            if *home.get_or_insert(found) != found {
                return Err(wrong("", "holds messages of procedures that are served in two places: send them apart"));
            }
        }
        Ok(home.unwrap_or(Home::Gateway))
    }

    async fn home_of(
        &self,
        state: &AppState,
        procedure: &ProcedurePlace,
        asked: &Asked,
        item: &Item,
    ) -> Result<Home, Fault> {
        let key = item.key.as_deref().map(BusinessKey::new).transpose();
        let key = key.map_err(|problem| wrong("/key", &problem.to_string()))?;
        let code = match (procedure, &key) {
            (ProcedurePlace::Item(pointer), _) => {
                let first = item.elements.first();
                first.and_then(|element| element.pointer(pointer)).and_then(Value::as_str).map(str::to_owned)
            }
            (ProcedurePlace::Query(name), _) => asked.parameter(name).map(str::to_owned),
            (ProcedurePlace::OfKey(operation, pointer), Some(key)) => {
                self.told_before(state, key, operation, pointer).await?
            }
            (ProcedurePlace::OfKey(..), None) => None,
        };
        if self.plan.migrated.holds(code.as_deref()) {
            return Ok(Home::Gateway);
        }
        match key {
            Some(key) if self.has_open(state, &key).await? => Ok(Home::Gateway),
            Some(_) | None => Ok(Home::OldAddress),
        }
    }

    async fn has_open(&self, state: &AppState, key: &BusinessKey) -> Result<bool, Fault> {
        let rows = self.of_key(state, key, None).await?;
        Ok(rows.iter().any(|record| {
            match ExchangeState::of(record.deliveries.iter().map(|delivery| delivery.state.name())) {
                ExchangeState::InProgress | ExchangeState::Attention => true,
                ExchangeState::Delivered | ExchangeState::Closed => false,
            }
        }))
    }

    /// What the newest message of an operation about this key says at a pointer.
    async fn told_before(
        &self,
        state: &AppState,
        key: &BusinessKey,
        operation: &OperationName,
        pointer: &str,
    ) -> Result<Option<String>, Fault> {
        let rows = self.of_key(state, key, Some(operation)).await?;
        // What the gateway made of a message on its way is not what its sender said.
        let Some(newest) = rows.iter().find(|record| record.meta.link.is_none()) else { return Ok(None) };
        let body = state.journal.body(newest.body).await.map_err(|cause| unreadable(&cause))?;
        let body = body.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        Ok(body.and_then(|body| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned)))
    }

    /// What this façade's client sent about a key, newest first.
    async fn of_key(
        &self,
        state: &AppState,
        key: &BusinessKey,
        operation: Option<&OperationName>,
    ) -> Result<Vec<ExchangeRecord>, Fault> {
        let filter = ExchangeFilter {
            key: Some(key.clone()),
            operation: operation.cloned(),
            client: Some(self.plan.client.clone()),
            ..ExchangeFilter::default()
        };
        Ok(state.service.exchanges(filter, None, LOOKED_AT).await?.rows)
    }
}

pub(super) fn unreadable(cause: &lienthong_journal::JournalError) -> Fault {
    let code = FaultCode::JournalUnavailable;
    let kind: FaultKind = code.kind();
    Fault::new(kind, code, format!("a body cannot be read: {cause}"))
}
