//! One queue's submissions: read in order, journaled in batches, acknowledged after the commit. It loses nothing and guesses nothing: what cannot be accepted is answered or kept with its reason.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{self, TryStreamExt as _};
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use lienthong_core::exchange::AuthenticatedBy;
use lienthong_core::{ClientId, Fault, FaultCode};
use lienthong_engine::service::{Receipt, Submission, passes_by_itself};
use tokio_util::sync::CancellationToken;

use super::hub::Hub;
use super::message::{self, Origin};
use super::pause::Pause;
use super::publisher::{Letter, name};
use super::topology;
use super::trouble::Trouble;
use crate::security::Identity;
use crate::state::AppState;

/// Messages committed together at most.
const BATCH: usize = 256;
/// Longest wait for queue and consumer to be there: a broker whose queue has no leader answers nothing.
const BEGIN_WITHIN: Duration = Duration::from_secs(30);
/// Dead letters and replies on their way at once.
const ANSWERS: usize = 16;
const TAG: &str = "lienthong";

/// A queue whose messages are one client's submissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) queue: String,
    pub(crate) client: ClientId,
    /// Replies may go to queues that begin with one of these.
    pub(crate) replies: Vec<String>,
}

/// Consumes one queue until it is told to stop, over all losses of the connection.
pub(super) struct Consuming {
    pub(super) state: AppState,
    pub(super) hub: Arc<Hub>,
    pub(super) source: Source,
    pub(super) stop: CancellationToken,
}

/// A message and what it asks, until it is settled.
struct Taken {
    delivery: Delivery,
    bytes: Bytes,
    asked: Result<Submission, Fault>,
}

impl Consuming {
    pub(super) async fn run(self) {
        let mut pause = Pause::between(Duration::from_millis(200), Duration::from_secs(30));
        let queue = self.source.queue.as_str();
        while !self.stop.is_cancelled() {
            let ended = self.consume(&mut pause).await;
            self.gauge(0.0);
            if let Err(trouble) = ended {
                let wait = pause.next();
                tracing::warn!(queue, %trouble, wait_ms = wait.as_millis(), "submissions are not consumed for now");
                self.rest(wait).await;
            }
        }
    }

    /// False when it was told to stop meanwhile.
    async fn rest(&self, wait: Duration) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = tokio::time::sleep(wait) => true,
        }
    }

    async fn consume(&self, pause: &mut Pause) -> Result<(), Trouble> {
        let queue = self.source.queue.as_str();
        let begun = tokio::time::timeout(BEGIN_WITHIN, self.begin()).await;
        let (channel, consumer) =
            begun.map_err(|_| Trouble::Lost(format!("no consumer within {BEGIN_WITHIN:?}")))??;
        tracing::info!(queue, client = %self.source.client, "consuming submissions");
        self.gauge(1.0);
        let mut batches = consumer.ready_chunks(BATCH);
        loop {
            let batch = tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                batch = batches.next() => batch,
            };
            let Some(batch) = batch else { return Err(Trouble::Lost("the queue's consumer ended".to_owned())) };
            let (taken, lost) = self.taken(batch);
            self.settle(taken, pause).await?;
            if let Some(error) = lost {
                return Err(Trouble::of(&error));
            }
        }
        // What was not settled stays the queue's.
        let cancelled = channel.basic_cancel(TAG.into(), BasicCancelOptions::default()).await;
        if let Err(error) = cancelled.and(channel.close(200, "the gateway stops".into()).await) {
            tracing::debug!(queue, %error, "the channel was not closed in order");
        }
        Ok(())
    }

    async fn begin(&self) -> Result<(Channel, Consumer), Trouble> {
        let link = &self.hub.incoming;
        topology::dead_letters(link, &self.hub.dead).await?;
        topology::queue(link, &self.source.queue, Some(&self.hub.dead)).await?;
        let channel = link.channel().await?;
        let prefetch = channel.basic_qos(self.hub.prefetch.get(), BasicQosOptions::default());
        prefetch.await.map_err(|error| Trouble::of(&error))?;
        let queue = name(&self.source.queue)?;
        let consuming = channel.basic_consume(queue, TAG.into(), BasicConsumeOptions::default(), FieldTable::default());
        let consumer = consuming.await.map_err(|error| Trouble::of(&error))?;
        Ok((channel, consumer))
    }

    /// Reads a batch; what came after a loss comes again.
    fn taken(&self, batch: Vec<lapin::Result<Delivery>>) -> (Vec<Taken>, Option<lapin::Error>) {
        let identity = self.identity();
        let mut taken = Vec::with_capacity(batch.len());
        for delivery in batch {
            match delivery {
                Ok(mut delivery) => {
                    let bytes = Bytes::from(std::mem::take(&mut delivery.data));
                    let asked = identity.as_ref().map_err(Fault::clone).and_then(|identity| {
                        message::read(&delivery.properties, &bytes, identity, self.state.limits.body_bytes)
                    });
                    taken.push(Taken { delivery, bytes, asked });
                }
                Err(error) => return (taken, Some(error)),
            }
        }
        (taken, None)
    }

    /// The client as it is configured at this moment.
    fn identity(&self) -> Result<Identity, Fault> {
        let directory = self.state.directory.load();
        match directory.get(&self.source.client) {
            Some(entry) if entry.enabled => Ok(Identity::new(Arc::clone(entry), AuthenticatedBy::Broker)),
            Some(_) | None => {
                let code = FaultCode::NoCredentials;
                Err(Fault::new(code.kind(), code, format!("client {} is disabled or gone", self.source.client)))
            }
        }
    }

    /// Settles all of them in order. One that is refused for what passes by itself is asked again after a pause, and nothing behind
    /// it before; meanwhile the broker keeps them as ours.
    async fn settle(&self, mut taken: Vec<Taken>, pause: &mut Pause) -> Result<(), Trouble> {
        while !taken.is_empty() {
            let mut fates = self.fates(&taken).await;
            let held =
                fates.last().and_then(|fate| fate.as_ref().err()).filter(|fault| passes_by_itself(fault)).cloned();
            if held.is_some() {
                fates.pop();
            }
            let rest = taken.split_off(fates.len());
            self.told(&taken, &fates).await?;
            if let Some(last) = taken.last() {
                self.acknowledge(last).await?;
                pause.reset();
            }
            taken = rest;
            if let Some(fault) = held {
                let wait = fault.retry_after.unwrap_or_default().max(pause.next());
                let (queue, code) = (self.source.queue.as_str(), fault.code.as_str());
                tracing::warn!(queue, code, wait_ms = wait.as_millis(), "submissions wait for what passes by itself");
                if !self.rest(wait).await {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// What becomes of each, in order, as far as it can be said now: at the first that has to wait the answers end, with its fault.
    async fn fates(&self, taken: &[Taken]) -> Vec<Result<Receipt, Fault>> {
        let submissions: Vec<Submission> =
            taken.iter().filter_map(|taken| taken.asked.as_ref().ok().cloned()).collect();
        let mut answers = match self.identity() {
            Ok(identity) => self.state.service.submit_in_order(&identity.caller(), submissions).await,
            Err(fault) => vec![Err(fault); submissions.len()],
        }
        .into_iter();
        let mut fates = Vec::with_capacity(taken.len());
        for taken in taken {
            let fate = match &taken.asked {
                Err(fault) => Err(fault.clone()),
                Ok(_) => match answers.next() {
                    Some(answer) => answer,
                    None => break,
                },
            };
            let waits = fate.as_ref().is_err_and(passes_by_itself);
            fates.push(fate);
            if waits {
                break;
            }
        }
        fates
    }

    /// Dead letters and replies are with the broker when this returns.
    async fn told(&self, taken: &[Taken], fates: &[Result<Receipt, Fault>]) -> Result<(), Trouble> {
        let telling = taken.iter().zip(fates).map(Ok::<_, Trouble>);
        stream::iter(telling).try_for_each_concurrent(ANSWERS, |(taken, fate)| self.tell(taken, fate)).await?;
        for fate in fates {
            let outcome = fate.as_ref().map_or_else(|fault| fault.code.as_str(), |_| "accepted");
            let queue = self.source.queue.clone();
            metrics::counter!("lienthong_amqp_submissions_total", "queue" => queue, "outcome" => outcome).increment(1);
        }
        Ok(())
    }

    async fn tell(&self, taken: &Taken, fate: &Result<Receipt, Fault>) -> Result<(), Trouble> {
        let Taken { delivery, bytes, asked: _ } = taken;
        if let Err(fault) = fate {
            let (queue, client) = (self.source.queue.as_str(), self.source.client.as_str());
            let origin = Origin {
                queue,
                client,
                exchange: delivery.exchange.as_str(),
                routing_key: delivery.routing_key.as_str(),
            };
            let properties = message::dead(&delivery.properties, &origin, fault, self.state.clock.now());
            let (exchange, key) = (name(self.hub.dead.exchange.as_str())?, name(queue)?);
            self.hub
                .publisher
                .publish(Letter { exchange, key, properties, body: bytes, mandatory: true }, || {})
                .await?;
            tracing::info!(queue, client, code = fault.code.as_str(), %fault, "a submission went to the dead letters");
        }
        let Some(to) = message::reply_to(&delivery.properties, &self.source.replies) else { return Ok(()) };
        let (properties, body) = message::reply(&delivery.properties, fate);
        // Whoever does not wait for its reply any more does without it.
        let letter = Letter { exchange: name("")?, key: to.clone(), properties, body: &body, mandatory: false };
        self.hub.publisher.publish(letter, || {}).await
    }

    /// This one and all before it are settled.
    async fn acknowledge(&self, last: &Taken) -> Result<(), Trouble> {
        let acknowledged = last.delivery.acker.ack(BasicAckOptions { multiple: true }).await;
        match acknowledged.map_err(|error| Trouble::of(&error))? {
            true => Ok(()),
            false => Err(Trouble::Lost("what was settled could not be acknowledged".to_owned())),
        }
    }

    fn gauge(&self, consuming: f64) {
        metrics::gauge!("lienthong_amqp_consuming", "queue" => self.source.queue.clone()).set(consuming);
    }
}
