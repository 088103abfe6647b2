//! The timers that are open now, over all keys: which steps are waited for and which are late. It reads, and judges nothing.

use lienthong_core::{BusinessKey, OperationName, StateName, Timestamp};
use lienthong_journal::{Cursor, DeliveryRecord, ExchangeFilter, Journal, JournalError};

use super::timer::Timer;
use crate::internal;

/// Exchanges read at once.
const PAGE: usize = 200;

/// A timer as it lies in the journal.
pub(crate) struct OpenTimer {
    timer: Timer,
    pub(crate) key: BusinessKey,
    pub(crate) delivery: DeliveryRecord,
}

impl OpenTimer {
    /// The flow and the step it is of.
    pub(crate) fn step(&self) -> (String, String) {
        (self.timer.flow.clone(), self.timer.step.clone())
    }

    /// When the step's turn came.
    pub(crate) fn since(&self) -> Timestamp {
        self.timer.since
    }
}

/// Timers in this state, the oldest first, at most `most`; and whether there are more.
pub(crate) async fn open_timers(
    journal: &dyn Journal,
    state: StateName,
    most: usize,
) -> Result<(Vec<OpenTimer>, bool), JournalError> {
    let Ok(operation) = OperationName::new(internal::STALLED) else { return Ok((Vec::new(), false)) };
    let filter = ExchangeFilter {
        operation: Some(operation),
        state: Some(state),
        oldest_first: true,
        ..ExchangeFilter::default()
    };
    let (mut found, mut cursor): (Vec<OpenTimer>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = journal.exchanges(filter.clone(), cursor.take(), PAGE).await?;
        for record in page.rows {
            if found.len() == most {
                return Ok((found, true));
            }
            let timer = journal.body(record.body).await?.and_then(|body| Timer::read(&body));
            let delivery = record.deliveries.into_iter().find(|one| one.state.name() == state);
            if let (Some(timer), Some(delivery)) = (timer, delivery) {
                found.push(OpenTimer { timer, key: record.meta.key.clone(), delivery });
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok((found, false));
        }
    }
}
