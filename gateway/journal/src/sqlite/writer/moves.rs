//! A delivery moves: version, attempt, state, lane, follow-ups and event in one step. It decides no state; the caller's machine did.

use lienthong_core::{DeliveryId, StateName, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::accept::{Born, Plan, done_code, is_due};
use super::lane::{LaneChange, now};
use super::recent::Found;
use super::replay::twins;
use super::store::{About, Happening, Store, Verdict};
use crate::command::{Acceptance, AttemptEnd, AttemptStart, BodyInput, SystemSetting, Transition};
use crate::desk::ActRecord;
use crate::error::Refusal;
use crate::record::{Actor, AttemptOutcome, BodyId, Committed, EventKind, Head};
use crate::sqlite::bodies::Filed;
use crate::sqlite::codes::{micros, state_code};
use crate::sqlite::fail::Fail;
use crate::sqlite::row::{DELIVERY_COLUMNS, DeliveryRow, StoredState, id_bytes, text};
use crate::sqlite::sql::Sql;
use crate::sqlite::stored::{fault_to_text, key_of};

impl Store<'_> {
    pub(super) fn transition(&mut self, to: &Transition, filed: &Filed) -> Verdict<Committed> {
        let Some(found) = self.find(to.delivery)? else { return Ok(Err(Refusal::NoSuchDelivery)) };
        if let Some(refusal) = stale(&found.row, to)? {
            return Ok(Err(refusal));
        }
        let children = match self.plan_children(&to.spawn)? {
            Ok(children) => children,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let row = found.row;
        let (system, operation, client) = {
            let known = self.shared.names.known();
            (known.systems.value(row.system)?, known.operations.value(row.operation)?, known.clients.value(row.client)?)
        };
        let about = About {
            delivery: to.delivery,
            system: (&system, row.system),
            operation: (&operation, row.operation),
            client: (&client, row.client),
            key: &found.key,
        };
        let sent = match &to.start {
            Some(start) => Some(self.begin_attempt(row.seq, start, found.whole, filed)?),
            None => None,
        };
        if let Some(end) = &to.end {
            self.end_attempt(row.seq, end, filed)?;
        }
        let kept = to.fault.as_ref().map(|fault| self.fault(fault, &about, to.at)).transpose()?;
        let mut next = standing(&row, to);
        (next.fault_group, next.fault) = kept.map(|kept| (kept.group, kept.text)).unzip();
        let head = self.write_move(&row, &mut next, to.at)?;
        if to.state.name().is_final() {
            self.recent.forget_exchange(&to.delivery.exchange);
        }
        self.act_of_move(to, row.state.name()?.as_str())?;
        self.happened(&about, happening(to));
        let spawned = self.write_children(&to.spawn, children, filed)?;
        let (delivery, version) = (to.delivery, next.version);
        Ok(Ok(Committed::Moved { delivery, version, sent, head: head.map(Box::new), spawned }))
    }

    pub(super) fn find(&mut self, id: DeliveryId) -> Result<Option<Found>, Fail> {
        if let Some(found) = self.recent.get(id) {
            return Ok(Some(found));
        }
        let statement = self.sql.get(Sql::DeliveryFind)?;
        let mut rows = statement.query((id_bytes(&id.exchange), id.index))?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let delivery = DeliveryRow::read(row)?;
        let key = key_of(text(row, DELIVERY_COLUMNS)?)?;
        let whole = delivery.whole(row.get(DELIVERY_COLUMNS + 1)?);
        let found = Found { row: delivery, key, whole: BodyId(whole) };
        drop(rows);
        self.recent.put(id.exchange, found.clone());
        Ok(Some(found))
    }

    /// Writes the new standing and what it means for the lane; answers who may go now.
    fn write_move(&mut self, old: &DeliveryRow, next: &mut DeliveryRow, at: Timestamp) -> Result<Option<Head>, Fail> {
        let change = self.settle_lane(old, next)?;
        if old.done == next.done && old.head == next.head {
            self.write_standing_in_place(next)?;
        } else {
            self.write_standing(next)?;
        }
        self.moved(old, next.state.code);
        match change {
            LaneChange::Promote(first) => return self.promote(&first, now(at)),
            LaneChange::PromoteNext => {
                let lane = next.lane.unwrap_or_default();
                return match self.first_holder(lane, next.system)? {
                    Some(first) if !first.head => self.promote(&first, now(at)),
                    Some(_) | None => Ok(None),
                };
            }
            LaneChange::Demote(head) => self.demote(&head)?,
            LaneChange::Nothing => {}
        }
        if next.head && is_due(&next.state, now(at)) { self.load_head(next.seq) } else { Ok(None) }
    }

    /// Stores what is sent and that it is about to be. `whole` is the content the delivery was born with.
    pub(super) fn begin_attempt(
        &mut self,
        delivery: i64,
        start: &AttemptStart,
        whole: BodyId,
        filed: &Filed,
    ) -> Result<BodyId, Fail> {
        let AttemptStart { attempt, reference, at, sent, config } = start;
        let (sent, sent_type, _) = match sent {
            // The exchange's own reference keeps it as long as the attempt.
            BodyInput::Stored(id) if *id == whole => self.about_body(*id)?,
            other => self.body(other, filed)?,
        };
        let config = self.shared.names.config(self.connection(), config)?;
        let row = params![delivery, attempt, reference, micros(*at), config, sent.0, sent_type];
        self.sql.get(Sql::AttemptAdd)?.execute(row)?;
        Ok(sent)
    }

    fn end_attempt(&mut self, delivery: i64, end: &AttemptEnd, filed: &Filed) -> Result<(), Fail> {
        let AttemptEnd { attempt, at, outcome, answer } = end;
        let answer = answer.as_ref().map(|answer| self.body(answer, filed)).transpose()?.map(|(id, _, _)| id.0);
        let (code, fault) = outcome_columns(outcome)?;
        let row = params![delivery, attempt, micros(*at), code, fault, answer];
        if self.sql.get(Sql::AttemptEnd)?.execute(row)? == 1 {
            return Ok(());
        }
        // A lookup settles what an earlier outcome left open: the later word stands, an earlier answer is kept unless replaced.
        let statement = self.sql.get(Sql::AttemptAnswer)?;
        let Some(before) = statement.query_row((delivery, attempt), |row| row.get::<_, Option<i64>>(0)).optional()?
        else {
            return Err(Fail::Misuse(format!("attempt {attempt} ends that never began")));
        };
        if let (Some(before), Some(_)) = (before, answer) {
            self.release_body(BodyId(before))?;
        }
        let row = params![delivery, attempt, micros(*at), code, fault, answer.or(before)];
        self.sql.get(Sql::AttemptEndAgain)?.execute(row)?;
        Ok(())
    }

    /// Plans of all follow-ups, or the refusal of the first that cannot be.
    pub(super) fn plan_children(&mut self, spawn: &[Acceptance]) -> Verdict<Vec<Plan>> {
        if let Some(refusal) = twins(spawn) {
            return Ok(Err(refusal));
        }
        let mut plans = Vec::with_capacity(spawn.len());
        for child in spawn {
            match self.plan(child, false)? {
                Ok(plan @ (Plan::Fresh(_) | Plan::Copy(..))) => plans.push(plan),
                Ok(Plan::Replayed(exchange)) => return Ok(Err(Refusal::ChildExists(exchange))),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        Ok(Ok(plans))
    }

    fn write_children(&mut self, spawn: &[Acceptance], plans: Vec<Plan>, filed: &Filed) -> Result<Vec<Head>, Fail> {
        let mut heads = Vec::new();
        for (place, (child, plan)) in spawn.iter().zip(plans).enumerate() {
            // An elder sibling may have made the key or alias this one planned to make.
            let plan = if place == 0 { plan } else { self.plan_again(child)? };
            match plan {
                Plan::Fresh(fresh) => {
                    let Born { key: _, heads: born, superseded: _ } = self.write(child, &fresh, filed)?;
                    heads.extend(born);
                }
                Plan::Copy(first, key) => self.copied(child, first, &key)?,
                Plan::Replayed(_) => return Err(twice()),
            }
        }
        Ok(heads)
    }

    fn plan_again(&mut self, child: &Acceptance) -> Result<Plan, Fail> {
        match self.plan(child, false)? {
            Ok(plan @ (Plan::Fresh(_) | Plan::Copy(..))) => Ok(plan),
            Ok(Plan::Replayed(_)) => Err(twice()),
            Err(refusal) => Err(Fail::Misuse(format!("follow-ups of one outcome contradict each other: {refusal}"))),
        }
    }

    pub(super) fn lease(&mut self, deliveries: &[DeliveryId], until: Timestamp, at: Timestamp) -> Verdict<Committed> {
        let mut leased = 0;
        for id in deliveries {
            if let Some(found) = self.find(*id)?
                && self.lease_one(*id, &found, until, at)?
            {
                leased += 1;
            }
        }
        Ok(Ok(Committed::Leased(leased)))
    }

    fn lease_one(&mut self, id: DeliveryId, found: &Found, until: Timestamp, at: Timestamp) -> Result<bool, Fail> {
        let row = &found.row;
        let (system, operation, client) = {
            let known = self.shared.names.known();
            (known.systems.value(row.system)?, known.operations.value(row.operation)?, known.clients.value(row.client)?)
        };
        if !(system.is_inbox() && row.head && is_due(&row.state, micros(at))) {
            return Ok(false);
        }
        let next = DeliveryRow {
            version: row.version.saturating_add(1),
            state: StoredState::of(lienthong_core::DeliveryState::Waiting { until }),
            attempts: row.attempts.saturating_add(1),
            updated_at: micros(at),
            ..row.clone()
        };
        self.write_standing_in_place(&next)?;
        self.moved(row, next.state.code);
        let about = About {
            delivery: id,
            system: (&system, row.system),
            operation: (&operation, row.operation),
            client: (&client, row.client),
            key: &found.key,
        };
        let what = Happening {
            at,
            kind: EventKind::InboxLeased,
            state: StateName::Waiting,
            attempt: Some(next.attempts),
            fault: None,
            actor: Actor::Client(client.clone()),
            note: None,
        };
        self.happened(&about, what);
        Ok(true)
    }

    pub(super) fn set(&mut self, setting: &SystemSetting) -> Verdict<Committed> {
        let SystemSetting { system, paused, reason, actor, at } = setting;
        let id = self.shared.names.system(self.connection(), system)?;
        let (kind, name) = super::store::actor_columns(actor);
        self.sql.get(Sql::SettingPut)?.execute((id, paused, reason, kind, name, micros(*at)))?;
        let deed = if *paused { "paused" } else { "resumed" };
        if let Actor::Operator(_) = actor {
            self.act(&ActRecord {
                seq: 0,
                at: *at,
                actor: actor.clone(),
                verb: deed.to_owned(),
                kind: "system".to_owned(),
                id: system.to_string(),
                reason: reason.clone(),
                before: None,
                after: None,
            })?;
        }
        let text = reason.as_ref().map_or_else(|| deed.to_owned(), |reason| format!("{deed}: {reason}"));
        self.note(*at, EventKind::SystemSet, Some(system), actor.clone(), Some(text))
    }
}

fn twice() -> Fail {
    Fail::Misuse("follow-ups of one outcome are the same".to_owned())
}

/// Refused when it moved meanwhile, when it would be sent without being its lane's head, or when its attempt began already.
pub(super) fn stale(row: &DeliveryRow, to: &Transition) -> Result<Option<Refusal>, Fail> {
    let out_of_turn = to.state.name() == StateName::InFlight && row.lane.is_some() && !row.head;
    let begun = to.start.as_ref().is_some_and(|start| start.attempt <= row.attempts);
    if row.version == to.version && !out_of_turn && !begun {
        return Ok(None);
    }
    Ok(Some(Refusal::Stale { version: row.version, state: row.state.name()? }))
}

fn standing(row: &DeliveryRow, to: &Transition) -> DeliveryRow {
    DeliveryRow {
        version: row.version.saturating_add(1),
        state: StoredState::of(to.state),
        attempts: to.attempts,
        spent: to.spent,
        unsettled: to.unsettled,
        updated_at: micros(to.at),
        done: row.lane.map(|_| done_code(to.state, row.on_parked)),
        ..row.clone()
    }
}

fn happening(to: &Transition) -> Happening<'_> {
    let attempt = to.start.as_ref().map(|start| start.attempt).or(to.end.as_ref().map(|end| end.attempt));
    Happening {
        at: to.at,
        kind: to.event,
        state: to.state.name(),
        attempt,
        fault: to.fault.as_ref(),
        actor: to.actor.clone(),
        note: to.note.clone(),
    }
}

fn outcome_columns(outcome: &AttemptOutcome) -> Result<(i64, Option<String>), Fail> {
    Ok(match outcome {
        AttemptOutcome::Delivered => (1, None),
        AttemptOutcome::Failed(fault) => (2, Some(fault_to_text(fault, None)?)),
        AttemptOutcome::Lost => (3, None),
        AttemptOutcome::FoundDone => (4, None),
        AttemptOutcome::FoundNotDone => (5, None),
    })
}

/// Whether a state's code is that of a delivery that is over.
pub(super) fn is_over(code: i64) -> bool {
    StateName::ALL.into_iter().any(|state| state.is_final() && state_code(state) == code)
}
