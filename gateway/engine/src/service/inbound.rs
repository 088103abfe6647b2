//! Pushes from external systems: read by their adapter, stored whole before the reply, recognised when repeated, kept when nothing can be done with them. It speaks no dialect.

use lienthong_core::exchange::{AuthenticatedBy, Source, TraceContext};
use lienthong_core::inbound::{
    InboundContent, InboundMessage, InboundPart, InboundReply, InboundRequest, InboundResult, InboundSubmission,
};
use lienthong_core::{
    Body, BusinessKey, Class, ClientId, ExchangeMeta, Fault, FaultCode, OperationName, SystemId, Timestamp,
};
use lienthong_journal::{Acceptance, Command, CommandResult, Committed, Idempotency, Noted, Refusal};

use super::fault::{defect, of_refusal, refused};
use super::{Service, digest};
use crate::config::Configuration;
use crate::draft::{self, Drafted, UNREADABLE, UNROUTED, kept, ours, stored};

/// Where a push comes from and how it is recognised.
struct Push<'a> {
    system: &'a SystemId,
    /// `system-<name>`: whose exchanges these are.
    client: ClientId,
    dedupe_key: &'a str,
    recognised_until: Timestamp,
    trace: Option<TraceContext>,
    now: Timestamp,
}

/// What became of one message of a push.
enum Fate {
    Stored,
    Repeated,
}

impl Service {
    /// A push from an external system: authenticated, committed whole, answered in its dialect.
    ///
    /// `Err` is only for what is not a push to us: no such system (`LT-NO-SUCH-PATH`), or whatever the adapter's `read` says of a
    /// request that is not authenticated or not for it. That answer is ours, not their dialect's: who cannot prove to be the
    /// system is told nothing in its language, and nothing is kept. Every authenticated push gets a reply in the dialect.
    ///
    /// What no route takes is understood all the same: it is kept as a parked delivery and answered as accepted. A push is
    /// recognised by the adapter's key, the place of the message in it and the message's content, for the adapter's window; a
    /// repeat of one that was stored in part only (the rest having been refused) stores the rest.
    pub async fn inbound(&self, system: &SystemId, request: InboundRequest) -> Result<InboundReply, Fault> {
        let config = self.config.load_full();
        let inbound = config
            .inbound
            .get(system)
            .ok_or_else(|| refused(FaultCode::NoSuchPath, format!("no system {system} pushes to this gateway")))?;
        let message = inbound.read(&request)?;
        let result = match self.kept_whole(&config, system, trace(&request), message).await {
            Ok(result) => result,
            Err(fault) => {
                tracing::warn!(%system, code = fault.code.as_str(), detail = %fault.detail, "push not accepted");
                InboundResult::NotAccepted(fault)
            }
        };
        Ok(inbound.reply(&request, &result))
    }

    /// Everything a push or a page's message holds, on disk; `Err` when it is not, and then it must be sent again.
    pub(super) async fn kept_whole(
        &self,
        config: &Configuration,
        system: &SystemId,
        trace: Option<TraceContext>,
        message: InboundMessage,
    ) -> Result<InboundResult, Fault> {
        self.accepting()?;
        let InboundMessage { content, dedupe_key, dedupe_window, raw } = message;
        let now = self.clock.now();
        let push = Push {
            system,
            client: ClientId::new(&format!("system-{system}")).map_err(|error| defect(format!("{system}: {error}")))?,
            dedupe_key: &dedupe_key,
            recognised_until: now.checked_add(dedupe_window).map_err(|error| defect(error.to_string()))?,
            trace,
            now,
        };
        match content {
            InboundContent::Submissions(submissions) => self.understood(config, &push, submissions, Vec::new()).await,
            InboundContent::Partly { submissions, unreadable } => {
                self.understood(config, &push, submissions, unreadable).await
            }
            InboundContent::Unreadable { operation, fault } => {
                let whole = InboundPart { operation, key: None, fault, body: raw };
                let acceptance = unreadable(config, &push, 0, whole)?;
                // Sent again, it gets the first answer again: kept.
                self.stored(vec![Command::Accept(acceptance)]).await?.fates()?;
                Ok(InboundResult::Kept)
            }
        }
    }

    async fn acceptance(
        &self,
        config: &Configuration,
        push: &Push<'_>,
        place: usize,
        submission: &InboundSubmission,
    ) -> Result<Box<Acceptance>, Fault> {
        let content = digest::of_inbound(submission);
        let InboundSubmission { operation, key, aliases, body } = submission.clone();
        let mut exchange = push.meta(config, operation, key, aliases);
        let Drafted { deliveries, also, noted } = match self.route(config, &mut exchange, &body).await {
            Ok(drafted) => drafted,
            // Nothing of the message's: it is not accepted now, and sent again.
            Err(fault) if fault.code == FaultCode::JournalUnavailable => return Err(fault),
            Err(fault) => {
                let (meta, fault) = (&exchange, ours(fault));
                let deliveries = vec![kept(push.system, meta, &meta.operation, UNROUTED, fault)?];
                Drafted { deliveries, also: Vec::new(), noted: unrouted(config, meta, &body) }
            }
        };
        let idempotency = Some(push.recognising(place, content));
        Ok(Box::new(Acceptance { exchange, body: stored(body), idempotency, deliveries, noted, also }))
    }

    async fn understood(
        &self,
        config: &Configuration,
        push: &Push<'_>,
        submissions: Vec<InboundSubmission>,
        parts: Vec<InboundPart>,
    ) -> Result<InboundResult, Fault> {
        let mut batch = Vec::with_capacity(submissions.len() + parts.len());
        for (place, submission) in submissions.iter().enumerate() {
            batch.push(Command::Accept(self.acceptance(config, push, place, submission).await?));
        }
        for (place, part) in (submissions.len()..).zip(parts) {
            batch.push(Command::Accept(unreadable(config, push, place, part)?));
        }
        if batch.is_empty() {
            return Ok(InboundResult::Accepted);
        }
        let mut stored = self.stored(batch).await?;
        self.keep_aliases_apart(config, push, &submissions, &mut stored).await?;
        let fates = stored.fates()?;
        let repeated = fates.iter().all(|fate| matches!(fate, Fate::Repeated));
        Ok(match (submissions.is_empty(), repeated) {
            (true, _) => InboundResult::Kept,
            (false, true) => InboundResult::Repeated,
            (false, false) => InboundResult::Accepted,
        })
    }

    /// A message whose alias leads elsewhere already would be refused each time it is pushed: it is kept without its aliases, for a
    /// person, under the same recognition.
    async fn keep_aliases_apart(
        &self,
        config: &Configuration,
        push: &Push<'_>,
        submissions: &[InboundSubmission],
        stored: &mut Stored,
    ) -> Result<(), Fault> {
        let mut batch = Vec::new();
        let mut places = Vec::new();
        for (place, (result, submission)) in stored.0.iter().zip(submissions).enumerate() {
            if let Err(refusal @ Refusal::AliasTaken { .. }) = result {
                let bare = InboundSubmission { aliases: Vec::new(), ..submission.clone() };
                let mut acceptance = self.acceptance(config, push, place, &bare).await?;
                let (meta, fault) = (&acceptance.exchange, of_refusal(refusal));
                acceptance.deliveries = vec![kept(push.system, meta, &meta.operation, UNROUTED, fault)?];
                acceptance.also.clear();
                acceptance.idempotency = Some(push.recognising(place, digest::of_inbound(submission)));
                batch.push(Command::Accept(acceptance));
                places.push(place);
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        for (place, result) in places.into_iter().zip(self.stored(batch).await?.0) {
            if let Some(refused) = stored.0.get_mut(place) {
                *refused = result;
            }
        }
        Ok(())
    }

    /// One commit.
    async fn stored(&self, batch: Vec<Command>) -> Result<Stored, Fault> {
        self.commit(batch).await.map(Stored)
    }
}

/// The results of a push's messages, in their order.
struct Stored(Vec<CommandResult>);

impl Stored {
    /// Every message's fate, or the first refusal: then the push is not accepted as a whole, and sent again it finds what was stored.
    fn fates(self) -> Result<Vec<Fate>, Fault> {
        let fate = |result| match result {
            Ok(Committed::Accepted { .. }) => Ok(Fate::Stored),
            Ok(Committed::Replayed { .. }) => Ok(Fate::Repeated),
            Err(refusal) => Err(of_refusal(&refusal)),
            Ok(Committed::Moved { .. } | Committed::Leased(_) | Committed::Done) => {
                Err(defect("the journal answered an acceptance with something else"))
            }
        };
        self.0.into_iter().map(fate).collect()
    }
}

impl Push<'_> {
    fn meta(
        &self,
        config: &Configuration,
        operation: OperationName,
        key: BusinessKey,
        aliases: Vec<BusinessKey>,
    ) -> ExchangeMeta {
        ExchangeMeta {
            id: Service::new_id(self.now),
            client: self.client.clone(),
            authenticated_by: AuthenticatedBy::SystemSecret,
            source: Source::System(self.system.clone()),
            operation,
            key,
            aliases,
            purpose: None,
            on_behalf_of: None,
            due_at: None,
            expires_at: None,
            not_before: None,
            class: Class::Live,
            trace: self.trace.clone(),
            callback: None,
            link: None,
            descent: None,
            call: false,
            config: config.version.clone(),
            received_at: self.now,
        }
    }

    /// The content is part of the key, so that other content under an adapter's key is never taken for a repeat, nor refused.
    fn recognising(&self, place: usize, content: [u8; 32]) -> Idempotency {
        let named = digest::of_bytes("push", format!("{place} {}", self.dedupe_key).as_bytes());
        Idempotency {
            scope: self.client.clone(),
            key: format!("{}-{}", digest::hex(&named), digest::hex(&content)),
            fingerprint: content,
            expires_at: self.recognised_until,
        }
    }
}

/// Where it could not be read whom it is about, it is keyed by its own id.
fn unreadable(
    config: &Configuration,
    push: &Push<'_>,
    place: usize,
    InboundPart { operation, key, fault, body }: InboundPart,
) -> Result<Box<Acceptance>, Fault> {
    let idempotency = Some(push.recognising(place, digest::of_bytes("raw", &body.bytes)));
    let unnamed = BusinessKey::new(UNREADABLE).map_err(|error| defect(format!("a key of ours {error}")))?;
    let mut exchange = push.meta(config, operation, unnamed, Vec::new());
    exchange.key = match key {
        Some(key) => key,
        None => BusinessKey::new(&exchange.id.to_string())
            .map_err(|error| defect(format!("an exchange id as a key: {error}")))?,
    };
    let deliveries = vec![kept(push.system, &exchange, &exchange.operation, UNREADABLE, fault)?];
    Ok(Box::new(Acceptance {
        exchange,
        body: stored(body),
        idempotency,
        deliveries,
        noted: Noted::default(),
        also: Vec::new(),
    }))
}

/// What a message is found by that no route takes.
fn unrouted(config: &Configuration, meta: &ExchangeMeta, body: &Body) -> Noted {
    match serde_json::from_slice(&body.bytes) {
        Ok(input) => draft::noted(config, meta, &input),
        Err(_no_json) => Noted::default(),
    }
}

/// The W3C trace context of the request, where it has a well-formed one.
fn trace(request: &InboundRequest) -> Option<TraceContext> {
    let header = |name: &str| request.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.trim());
    let parent = header("traceparent")?;
    let parts: Vec<&str> = parent.split('-').collect();
    let hex = |part: &&str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit());
    let [version, trace, span, flags] = parts.as_slice() else { return None };
    let formed = hex(version, 2) && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    let state = header("tracestate").filter(|state| state.len() <= 512);
    formed.then(|| TraceContext { parent: parent.to_owned(), state: state.map(str::to_owned) })
}
