//! Messages of callers that send no idempotency key: recognised by where they came in, whom they are about and what they say. It reads no wire.

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use lienthong_core::{ExchangeId, Fault};
use lienthong_journal::{ExchangeFilter, ExchangeRecord};

use super::fault::{defect, of_journal};
use super::model::{Caller, Receipt, Submission};
use super::{Service, digest};
use crate::config::Configuration;

/// How far back among a key's messages one is looked for that says something else.
const LOOKED_BACK: usize = 16;
/// Messages looked at in the journal at once.
const AT_ONCE: usize = 8;

/// Where messages came in that carry no idempotency key, and how long a repeat is taken for one.
#[derive(Debug, Clone)]
pub struct Door {
    /// A name that stays: two doors of one client never recognise each other's messages.
    pub name: String,
    pub window: Duration,
}

impl Service {
    /// As [`Service::submit_all`], for messages whose callers send no idempotency key: door, operation, key and content stand in for
    /// one, for the door's window. A repeat gets the first exchange again.
    ///
    /// The states of a dossier may come back to an earlier one (4, 5, 4): a message of an operation declared a snapshot is a repeat only
    /// as long as nothing else was said of its key since.
    pub async fn submit_recognised(
        &self,
        caller: &Caller,
        door: &Door,
        submissions: Vec<Submission>,
    ) -> Result<Vec<Result<Receipt, Fault>>, Fault> {
        let until = self.now().checked_add(door.window).map_err(|error| defect(error.to_string()))?;
        let config = self.configuration();
        let named = futures::stream::iter(submissions)
            .map(|submission| self.named(&config, caller, door, submission))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(self.submit_until(caller, named, until, |_refused| false).await)
    }

    async fn named(
        &self,
        config: &Configuration,
        caller: &Caller,
        door: &Door,
        mut submission: Submission,
    ) -> Result<Submission, Fault> {
        let is_snapshot = config.catalogue.get(&submission.operation).is_some_and(|entry| entry.spec.snapshot);
        let before = if is_snapshot { self.other_content_before(caller, &submission).await? } else { None };
        let before = before.map(|id| id.to_string()).unwrap_or_default();
        let content = digest::of_submission(&submission);
        let place = digest::of_bytes("door", format!("{} {before}", door.name).as_bytes());
        submission.idempotency_key = Some(format!("{}-{}", digest::hex(&place), digest::hex(&content)));
        Ok(submission)
    }

    /// The newest message of the same key and operation that says something else.
    async fn other_content_before(&self, caller: &Caller, ours: &Submission) -> Result<Option<ExchangeId>, Fault> {
        let filter = ExchangeFilter {
            key: Some(ours.key.clone()),
            operation: Some(ours.operation.clone()),
            client: Some(caller.client.clone()),
            ..ExchangeFilter::default()
        };
        let page = self.exchanges(filter, None, LOOKED_BACK).await?;
        // What the gateway made of a message on its way says nothing new.
        for record in page.rows.iter().filter(|record| record.meta.link.is_none()) {
            if !self.says_the_same(record, ours).await? {
                return Ok(Some(record.meta.id));
            }
        }
        Ok(None)
    }

    async fn says_the_same(&self, record: &ExchangeRecord, ours: &Submission) -> Result<bool, Fault> {
        if record.body_bytes != ours.body.len() as u64 {
            return Ok(false);
        }
        let body = self.journal.body(record.body).await.map_err(of_journal)?;
        Ok(body.is_some_and(|body| body == ours.body))
    }
}
