//! Synchronous questions: read operations only, checked like submissions, routed, recorded by the dispatcher, never queued.

use lienthong_core::exchange::Source;
use lienthong_core::{Body, BusinessKey, Class, ExchangeMeta, Fault, FaultCode, FaultKind};

use super::Service;
use super::door::{self, Place};
use super::fault::{advising, defect, wrong_field};
use super::model::{CallAnswer, CallSubmission, Caller};
use crate::config::{ClientPolicy, Configuration};
use crate::dispatch::PlannedCall;
use crate::draft;
use crate::routing::{Entry, RouteTarget};

impl Service {
    /// Asks synchronously (`read` operations only): routed, admitted, recorded, never queued.
    ///
    /// Checks, in order: `LT-SHUTTING-DOWN`, `LT-DISK-FULL` (a call is journaled too), `LT-UNKNOWN-OPERATION`, `LT-NOT-CALLABLE`,
    /// `LT-BAD-PARAMETER`, `LT-BODY-TOO-LARGE`, `LT-QUOTA-EXCEEDED`, `LT-BAD-JSON`, `LT-INVALID`, the adapter's own, `LT-NO-ROUTE`.
    /// Field pointers lead into the input. A call counts against the client's rate, not against its open deliveries.
    pub async fn call(&self, caller: &Caller, call: CallSubmission) -> Result<CallAnswer, Fault> {
        self.accepting()?;
        let config = self.config.load_full();
        let entry = door::asked(&config, &call.operation)?;
        callable(entry)?;
        door::notes(call.purpose.as_deref(), call.on_behalf_of.as_ref())?;
        door::size(entry, call.body.len())?;
        let default = ClientPolicy::default();
        let policy = config.clients.get(&caller.client).unwrap_or(&default);
        self.within_quota(&caller.client, &ClientPolicy { open_deliveries: None, ..policy.clone() }).await?;
        let planned = self.planned(&config, entry, caller, call)?;
        let exchange = planned.meta.id;
        let body = self.dispatcher.call(planned).await?;
        Ok(CallAnswer { exchange, body })
    }

    fn planned(
        &self,
        config: &Configuration,
        entry: &Entry,
        caller: &Caller,
        call: CallSubmission,
    ) -> Result<PlannedCall, Fault> {
        let CallSubmission { operation, body, key, purpose, on_behalf_of, trace, timeout } = call;
        let input = door::content(config, entry, key.as_ref(), &body, Place::Whole)?;
        let now = self.clock.now();
        let id = Self::new_id(now);
        let key = match key.or_else(|| door::own_key(entry, &input)) {
            Some(key) => key,
            // A question about nobody in particular stands for itself.
            None => BusinessKey::new(&id.to_string()).map_err(|error| defect(format!("an exchange id {error}")))?,
        };
        let meta = ExchangeMeta {
            id,
            client: caller.client.clone(),
            authenticated_by: caller.authenticated_by,
            source: Source::Client(caller.client.clone()),
            operation,
            key,
            aliases: Vec::new(),
            purpose,
            on_behalf_of,
            due_at: None,
            expires_at: None,
            not_before: None,
            class: Class::Live,
            trace,
            callback: None,
            link: None,
            descent: None,
            call: true,
            config: config.version.clone(),
            received_at: now,
        };
        let route = config.routes.for_call(&meta, &input)?;
        let RouteTarget::Operation(target) = &route.spec.to else {
            let detail = format!("route {} leads a call to an inbox", route.spec.name);
            return Err(Fault::of(FaultKind::Mapping, detail));
        };
        let received = Body::json(body);
        Ok(PlannedCall {
            noted: draft::noted(config, &meta, &input),
            body: route.transform(&meta, &received)?,
            route: route.spec.name.clone(),
            system: draft::system(config, target.system())?,
            operation: target.clone(),
            meta,
            received,
            timeout,
        })
    }
}

fn callable(entry: &Entry) -> Result<(), Fault> {
    match entry.spec.is_callable() {
        true => Ok(()),
        false => Err(advising(
            wrong_field(FaultCode::NotCallable, "", "is the input of an operation that changes something: submit it"),
            "Hãy gửi thao tác này qua /v1/exchanges.",
            "Submit it with POST /v1/exchanges.",
        )),
    }
}
