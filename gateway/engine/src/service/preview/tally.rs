//! What a preview adds up to: counts, causes, and the deliveries told of one by one with their differences. It judges none.

use std::collections::{BTreeMap, HashMap};

use lienthong_core::operation::Text;
use lienthong_core::{
    Body, ContentType, DeliveryId, Fault, Fingerprint, OperationName, SystemId, Timestamp, fault as faults,
};
use lienthong_journal::{Cursor, Head};

use super::course::Letter;
use super::difference::{Marked, difference};
use super::judge::{Judge, Judged, Why};
use super::model::{Against, Cause, DIFFERENCES, Extent, Preview, Previewed, ROWS, Sending, Subject, Verdict};
use crate::config::Configuration;
use crate::service::Service;
use crate::service::fault::{no_such, of_journal};

/// Adds up.
pub(super) struct Tally {
    preview: Preview,
    /// At most one for each delivery previewed.
    causes: HashMap<(Verdict, Fingerprint), Cause>,
    extent: Extent,
    most_rows: usize,
}

impl Tally {
    pub(super) fn new(config: &Configuration, edited: bool, at: Timestamp, extent: Extent) -> Self {
        let most = if extent.differences { DIFFERENCES } else { ROWS };
        let preview = Preview {
            configuration: config.version.clone(),
            edited,
            at,
            parked: None,
            previewed: 0,
            counts: BTreeMap::new(),
            causes: Vec::new(),
            rows: Vec::new(),
            next: None,
        };
        Self { preview, causes: HashMap::new(), extent, most_rows: extent.rows.min(most) }
    }

    pub(super) fn of_group(&mut self, parked: u64) {
        self.preview.parked = Some(parked);
    }

    pub(super) fn goes_on(&mut self, next: Option<Cursor>) {
        self.preview.next = next;
    }

    pub(super) async fn add(&mut self, judge: &Judge<'_>, id: DeliveryId, judged: Judged) -> Result<(), Fault> {
        let verdict = judged.verdict;
        self.preview.previewed += 1;
        *self.preview.counts.entry(verdict).or_default() += 1;
        if let Some(why) = &judged.why {
            self.because(verdict, why, id);
        }
        let wanted = self.extent.only.is_none_or(|only| only == verdict);
        if wanted && self.preview.rows.len() < self.most_rows {
            let row = self.row(judge, id, judged).await?;
            self.preview.rows.push(row);
        }
        Ok(())
    }

    fn because(&mut self, verdict: Verdict, why: &Why, id: DeliveryId) {
        let Why { fault, system, operation } = why;
        let fingerprint = faults::fingerprint(system, operation, fault);
        let cause = self.causes.entry((verdict, fingerprint.clone())).or_insert_with(|| Cause {
            verdict,
            fingerprint,
            system: system.clone(),
            operation: operation.clone(),
            fault: fault.clone(),
            sample: id,
            count: 0,
        });
        cause.count += 1;
    }

    async fn row(&self, judge: &Judge<'_>, id: DeliveryId, judged: Judged) -> Result<Previewed, Fault> {
        let Judged { verdict, head, why, confirmation, until, note, letters } = judged;
        let Some(head) = head else { return Ok(nobody(id, verdict)) };
        let sends = self.sends(judge, &head, letters).await?;
        let delivery = &head.delivery;
        let subject = Subject {
            key: head.exchange.key.clone(),
            system: delivery.system.clone(),
            operation: delivery.operation.clone(),
            route: delivery.route.clone(),
        };
        let fault = why.map(|why| why.fault);
        Ok(Previewed { id, verdict, subject: Some(subject), fault, confirmation, until, note, sends })
    }

    async fn sends(&self, judge: &Judge<'_>, head: &Head, letters: Vec<Letter>) -> Result<Vec<Sending>, Fault> {
        let before = match self.extent.differences && !letters.is_empty() {
            true => before(judge.service, head).await?,
            false => None,
        };
        let sends = letters.into_iter().map(|letter| {
            let Letter { system, operation, route, body } = letter;
            let difference = before.as_ref().map(|(against, earlier)| {
                let marked = self.marked(judge.config, head, &system, &operation);
                difference(*against, earlier, &body, &marked)
            });
            Sending { system, operation, route, bytes: body.bytes.len() as u64, difference }
        });
        Ok(sends.collect())
    }

    /// What is marked in what was received or in what is sent is hidden in both.
    fn marked(&self, config: &Configuration, head: &Head, system: &SystemId, operation: &OperationName) -> Marked {
        if self.extent.reveal {
            return Marked::Nothing;
        }
        let received = personal(config, system, &head.exchange.operation);
        match received.zip(personal(config, system, operation)) {
            Some((received, sent)) => Marked::by(received.iter().chain(sent)),
            None => Marked::Everything,
        }
    }

    pub(super) fn told(self) -> Preview {
        let mut causes: Vec<Cause> = self.causes.into_values().collect();
        causes.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.fingerprint.as_str().cmp(b.fingerprint.as_str())));
        causes.truncate(ROWS);
        Preview { causes, ..self.preview }
    }
}

/// There is no such delivery.
fn nobody(id: DeliveryId, verdict: Verdict) -> Previewed {
    Previewed {
        id,
        verdict,
        subject: None,
        fault: Some(no_such("delivery", id)),
        confirmation: None,
        until: None,
        note: None,
        sends: Vec::new(),
    }
}

/// What an operation marks; `None`: nobody describes it.
pub(in crate::service) fn personal<'c>(
    config: &'c Configuration,
    system: &SystemId,
    operation: &OperationName,
) -> Option<&'c [Text]> {
    let entry = config.catalogue.get(operation).map(|entry| &entry.spec);
    let of_adapter = || config.adapters.get(system)?.operations().iter().find(|spec| spec.name == *operation);
    entry.or_else(of_adapter).map(|spec| spec.personal.as_slice())
}

/// What was sent last; where nothing was, the body received. `None`: it is no longer kept.
async fn before(service: &Service, head: &Head) -> Result<Option<(Against, Body)>, Fault> {
    let attempts = match head.delivery.attempts {
        0 => Vec::new(),
        _some => service.journal.attempts(head.delivery.id).await.map_err(of_journal)?,
    };
    let (against, stored, content_type) = match attempts.last() {
        Some(last) => (Against::Sent { attempt: last.attempt }, last.sent, last.sent_type),
        // What has content of its own was given its type by whoever made it; what is routed is JSON.
        None if head.delivery.body.is_some() => (Against::Received, head.body_id, ContentType::Json),
        None => (Against::Received, head.body_id, head.content_type),
    };
    let bytes = service.journal.body(stored).await.map_err(of_journal)?;
    Ok(bytes.map(|bytes| (against, Body { content_type, bytes })))
}
