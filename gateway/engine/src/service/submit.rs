//! Accepting messages: checked at the door, routed, stored with their deliveries in one commit. What is refused leaves nothing behind.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange::Source;
use lienthong_core::{Body, ClientId, ExchangeId, ExchangeMeta, Fault, FaultCode, Timestamp, limits};
use lienthong_journal::{Acceptance, BodyInput, Command, CommandResult, Committed, Idempotency};

use super::door::{self, Place};
use super::fault::{advising, defect, of_journal, of_refusal, passes_by_itself, refused};
use super::model::{Caller, Receipt, Submission};
use super::quota::Excess;
use super::{Service, digest};
use crate::config::{ClientPolicy, Configuration};
use crate::draft::{self, Drafted};

impl Service {
    /// Validates, routes and stores one message; returns when it is on disk. The checks and their order are those of the
    /// module `door`: the first that fails is the fault, and nothing is kept.
    pub async fn submit(&self, caller: &Caller, submission: Submission) -> Result<Receipt, Fault> {
        let config = self.config.load_full();
        match self.checked(&config, caller, submission, kept_until(self.clock.now())).await {
            Ok(acceptance) => {
                let results = self.commit(vec![Command::Accept(acceptance)]).await?;
                self.receipt(results.into_iter().next()).await
            }
            Err(refused) => self.known_or(refused).await,
        }
    }

    /// Several messages of one stream, in order, each with its own result; one journal batch. One refused does not stop the others.
    pub async fn submit_all(&self, caller: &Caller, submissions: Vec<Submission>) -> Vec<Result<Receipt, Fault>> {
        self.submit_until(caller, submissions, kept_until(self.clock.now()), |_refused| false).await
    }

    /// As [`Service::submit_all`], up to the first message that is refused for what passes by itself ([`passes_by_itself`]): there the
    /// answers end. So whoever hands the rest in again later overtakes nothing.
    pub async fn submit_in_order(&self, caller: &Caller, submissions: Vec<Submission>) -> Vec<Result<Receipt, Fault>> {
        self.submit_until(caller, submissions, kept_until(self.clock.now()), passes_by_itself).await
    }

    /// `recognised_until`: how long their idempotency keys are remembered.
    pub(super) async fn submit_until(
        &self,
        caller: &Caller,
        submissions: Vec<Submission>,
        recognised_until: Timestamp,
        ends: impl Fn(&Fault) -> bool,
    ) -> Vec<Result<Receipt, Fault>> {
        let config = self.config.load_full();
        let mut refusals = Vec::with_capacity(submissions.len());
        let mut batch = Vec::with_capacity(submissions.len());
        for submission in submissions {
            let refusal = match self.checked(&config, caller, submission, recognised_until).await {
                Ok(acceptance) => {
                    batch.push(Command::Accept(acceptance));
                    None
                }
                Err(refused) => Some(refused),
            };
            let last = refusal.as_ref().is_some_and(|refused| ends(&refused.fault));
            refusals.push(refusal);
            if last {
                break;
            }
        }
        let mut committed = match batch.is_empty() {
            true => Ok(Vec::new().into_iter()),
            false => self.commit(batch).await.map(Vec::into_iter),
        };
        let mut answers = Vec::with_capacity(refusals.len());
        for refusal in refusals {
            answers.push(match (refusal, &mut committed) {
                (Some(refused), _) => self.known_or(refused).await,
                (None, Ok(results)) => self.receipt(results.next()).await,
                (None, Err(fault)) => Err(fault.clone()),
            });
        }
        answers
    }

    /// The whole door but the journal's own check.
    async fn checked(
        &self,
        config: &Configuration,
        caller: &Caller,
        submission: Submission,
        recognised_until: Timestamp,
    ) -> Result<Box<Acceptance>, Box<Refused>> {
        self.accepting().map_err(Refused::for_good)?;
        let default = ClientPolicy::default();
        let policy = config.clients.get(&caller.client).unwrap_or(&default);
        let now = self.clock.now();
        let again = |fault| Refused::of(caller, &submission, recognised_until, fault);
        let entry = door::options(config, policy, &submission, now).map_err(again)?;
        self.within_quota(&caller.client, policy).await.map_err(Refused::for_good)?;
        let input =
            door::content(config, entry, Some(&submission.key), &submission.body, Place::Body).map_err(again)?;
        let idempotency = idempotency(caller, &submission, recognised_until);
        let received = Body::json(submission.body.clone());
        let mut exchange = meta(config, caller, submission, now);
        match draft::deliveries(&*self.journal, config, &mut exchange, &received, &input).await {
            Ok(Drafted { deliveries, also, noted }) => {
                let body = BodyInput::New { content_type: received.content_type, bytes: received.bytes };
                Ok(Box::new(Acceptance { exchange, body, idempotency, deliveries, noted, also }))
            }
            Err(fault) => Err(Box::new(Refused { fault, idempotency })),
        }
    }

    /// A message accepted before is not refused for what has changed since: its expiry has passed, its route is gone.
    async fn known_or(&self, refused: Box<Refused>) -> Result<Receipt, Fault> {
        let Refused { fault, idempotency } = *refused;
        let Some(Idempotency { scope, key, fingerprint, expires_at: _ }) = idempotency else { return Err(fault) };
        match self.journal.recognised(&scope, &key, self.clock.now()).await {
            Ok(Some((exchange, first))) if first == fingerprint => self.replayed(exchange).await,
            Ok(_) | Err(_) => Err(fault),
        }
    }

    pub(super) async fn within_quota(&self, client: &ClientId, policy: &ClientPolicy) -> Result<(), Fault> {
        let now = self.clock.monotonic();
        let excess = self.shared.quotas.take(&*self.journal, client, policy, now).await.map_err(of_journal)?;
        match excess {
            None => Ok(()),
            Some(excess) => Err(over_quota(client, excess)),
        }
    }

    /// What the journal made of one acceptance, for the client.
    pub(super) async fn receipt(&self, result: Option<CommandResult>) -> Result<Receipt, Fault> {
        match result {
            Some(Ok(Committed::Accepted { exchange, key, heads: _, superseded: _ })) => {
                Ok(Receipt { id: exchange, state: ExchangeState::InProgress, key, replayed: false })
            }
            Some(Ok(Committed::Replayed { exchange })) => self.replayed(exchange).await,
            Some(Err(refusal)) => Err(of_refusal(&refusal)),
            Some(Ok(Committed::Moved { .. } | Committed::Leased(_) | Committed::Done)) | None => {
                Err(defect("the journal answered an acceptance with something else"))
            }
        }
    }

    /// The first receipt again, with the present state.
    async fn replayed(&self, id: ExchangeId) -> Result<Receipt, Fault> {
        match self.journal.exchange(id).await.map_err(of_journal)? {
            Some(record) => Ok(Receipt {
                id,
                state: ExchangeState::of(record.deliveries.iter().map(|delivery| delivery.state.name())),
                key: record.meta.key.clone(),
                replayed: true,
            }),
            // Keys outlive what they made: say so rather than guess how it ended.
            None => Err(advising(
                refused(FaultCode::WrongState, format!("exchange {id} of this idempotency key is no longer kept")),
                &format!("Bản tin {id} đã kết thúc và hết hạn lưu trữ."),
                &format!("It was accepted before as exchange {id}, has ended, and is no longer kept."),
            )),
        }
    }
}

fn over_quota(client: &ClientId, excess: Excess) -> Fault {
    let detail = match excess {
        Excess::Rate { .. } => format!("{client} submits faster than its rate"),
        Excess::Open { limit, .. } => format!("{client} has {limit} open deliveries or more"),
    };
    refused(FaultCode::QuotaExceeded, detail).with_retry_after(excess.retry_after())
}

/// A refused message, and how to recognise it if it was accepted before.
struct Refused {
    fault: Fault,
    idempotency: Option<Idempotency>,
}

impl Refused {
    /// What has nothing to do with the message is no reason to look for it.
    fn for_good(fault: Fault) -> Box<Self> {
        Box::new(Self { fault, idempotency: None })
    }

    fn of(caller: &Caller, submission: &Submission, recognised_until: Timestamp, fault: Fault) -> Box<Self> {
        Box::new(Self { fault, idempotency: idempotency(caller, submission, recognised_until) })
    }
}

fn idempotency(caller: &Caller, submission: &Submission, recognised_until: Timestamp) -> Option<Idempotency> {
    let key = submission.idempotency_key.clone()?;
    let fingerprint = digest::of_submission(submission);
    Some(Idempotency { scope: caller.client.clone(), key, fingerprint, expires_at: recognised_until })
}

/// Until when an idempotency key given now is remembered.
pub(super) fn kept_until(now: Timestamp) -> Timestamp {
    now.saturating_add(limits::IDEMPOTENCY_KEPT).unwrap_or(Timestamp::MAX)
}

fn meta(config: &Configuration, caller: &Caller, submission: Submission, now: Timestamp) -> ExchangeMeta {
    let Submission {
        operation,
        key,
        body: _,
        purpose,
        on_behalf_of,
        due_at,
        expires_at,
        not_before,
        aliases,
        class,
        idempotency_key: _,
        callback,
        trace,
    } = submission;
    ExchangeMeta {
        id: Service::new_id(now),
        client: caller.client.clone(),
        authenticated_by: caller.authenticated_by,
        source: Source::Client(caller.client.clone()),
        operation,
        key,
        aliases,
        purpose,
        on_behalf_of,
        due_at,
        expires_at,
        not_before,
        class,
        trace,
        callback,
        link: None,
        descent: None,
        call: false,
        config: config.version.clone(),
        received_at: now,
    }
}
