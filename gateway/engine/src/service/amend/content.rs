//! What of a delivery is amended, and whether other content is fit to take its place. It writes nothing.

use lienthong_core::exchange::Source;
use lienthong_core::machine::Event;
use lienthong_core::{Body, ContentType, DeliveryId, DeliveryState, Fault, FaultCode, FieldProblem, OperationName};
use lienthong_journal::{DeliveryRecord, Head, Refusal};
use serde_json::Value;

use super::Edited;
use crate::config::Configuration;
use crate::dispatch::content::Contents;
use crate::draft::ROW;
use crate::queue::is_queue;
use crate::routing::Entry;
use crate::service::door::{self, Place};
use crate::service::fault::{advising, no_such, of_journal, of_refusal, refused, wrong_field};
use crate::service::operate::next;
use crate::service::preview::Against;
use crate::service::preview::course::{Course, Walk};
use crate::service::preview::difference::{Marked, difference};
use crate::service::preview::tally::personal;
use crate::service::{Service, reroute};

/// A parked delivery with the content that is amended.
pub(super) struct Subject<'c> {
    pub(super) head: Head,
    pub(super) edited: Edited,
    /// Whose input the content is.
    pub(super) operation: OperationName,
    pub(super) entry: Option<&'c Entry>,
    /// As it stands.
    pub(super) before: Body,
    /// What of it is personal.
    pub(super) marked: Marked,
}

impl Service {
    /// Fails for what is not parked and for what no person can amend.
    pub(super) async fn subject<'c>(&self, config: &'c Configuration, id: DeliveryId) -> Result<Subject<'c>, Fault> {
        let head = self.journal.delivery(id).await.map_err(of_journal)?;
        let head = head.ok_or_else(|| no_such("delivery", id))?;
        let delivery = &head.delivery;
        next(config, delivery, &Event::Amended, self.clock.now())?;
        let (edited, operation) = match delivery.body {
            Some(_) => (Edited::Own, delivery.operation.clone()),
            None => (Edited::Received, head.exchange.operation.clone()),
        };
        let entry = config.catalogue.get(&operation).filter(|_| is_described(&head, edited));
        let bytes = self.journal.body(delivery.body.unwrap_or(head.body_id)).await.map_err(of_journal)?;
        let bytes = bytes.ok_or_else(|| refused(FaultCode::WrongState, "its body is no longer kept"))?;
        let before = Body { content_type: head.content_type, bytes };
        if before.content_type != ContentType::Json || (entry.is_none() && !is_free(&head, edited)) {
            return Err(not_amendable(&delivery.id));
        }
        let marked = personal(config, &delivery.system, &operation).map_or(Marked::Everything, Marked::by);
        Ok(Subject { head, edited, operation, entry, before, marked })
    }

    /// The way to the adapter's door, as a preview goes it. A fault says what would park it again.
    pub(super) async fn comes_to_the_door(
        &self,
        config: &Configuration,
        subject: &Subject<'_>,
        after: &Body,
        value: &Value,
    ) -> Result<(), Fault> {
        subject.goes_the_same_way(config, value)?;
        let mut head = subject.head.clone();
        head.delivery.state = DeliveryState::Queued;
        head.content_type = after.content_type;
        head.body_bytes = after.bytes.len() as u64;
        head.body = Some(after.bytes.clone());
        let contents = Contents { journal: &*self.journal, config, clock: &*self.clock };
        let walk = Walk { contents, now: self.clock.now() };
        match walk.of(&mut head).await? {
            Course::Goes { letter, note: _ } => in_one_piece(config, &letter.operation, &letter.body),
            Course::Waits(_) | Course::Asks => Ok(()),
            Course::Stops(fault) => Err(advising(
                fault,
                "Nội dung đã sửa vẫn chưa gửi được.",
                "With this content it would be parked again.",
            )),
            Course::Over(why) => Err(refused(FaultCode::WrongState, why)),
            Course::Nowhere => {
                let system = &subject.head.delivery.system;
                Err(refused(FaultCode::WrongState, format!("the configuration describes no {system}")))
            }
        }
    }

    /// The content of that number.
    pub(super) async fn kept_content(&self, id: DeliveryId, number: u32) -> Result<Body, Fault> {
        let all = self.journal.amendments(id).await.map_err(of_journal)?;
        let gone = || no_such("amendment", format!("{id} {number}"));
        let record = all.into_iter().find(|record| record.number == number).ok_or_else(gone)?;
        let bytes = self.journal.body(record.body).await.map_err(of_journal)?.ok_or_else(gone)?;
        Ok(Body { content_type: record.content_type, bytes })
    }

    pub(super) async fn next_number(&self, id: DeliveryId) -> Result<u32, Fault> {
        let all = self.journal.amendments(id).await.map_err(of_journal)?;
        Ok(all.last().map_or(0, |last| last.number).saturating_add(1))
    }
}

impl Subject<'_> {
    /// Refused when the delivery is not at the version that was seen.
    pub(super) fn seen_at(&self, seen: Option<u32>) -> Result<(), Fault> {
        let DeliveryRecord { version, state, .. } = &self.head.delivery;
        match seen {
            Some(seen) if seen != *version => {
                Err(of_refusal(&Refusal::Stale { version: *version, state: state.name() }))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The content as it stands; null when it is no JSON.
    pub(super) fn value(&self) -> Value {
        serde_json::from_slice(&self.before.bytes).unwrap_or(Value::Null)
    }

    /// Pointers of what `after` changes, without a value, and how many more there are.
    pub(super) fn changed(&self, after: &Body) -> (Vec<String>, u64) {
        let found = difference(Against::Received, &self.before, after, &Marked::Everything);
        (found.fields.into_iter().map(|field| field.pointer).collect(), found.more)
    }

    /// The content held against the schema, the key and the adapter's own rules.
    pub(super) fn validated(&self, config: &Configuration, after: &Body) -> Result<Value, Fault> {
        let Some(entry) = self.entry else { return door::json(&after.bytes, Place::Body) };
        door::size(entry, after.bytes.len())?;
        let value = door::content(config, entry, None, &after.bytes, Place::Body)?;
        match self.other_key(entry, &value) {
            None => Ok(value),
            Some(problem) => Err(advising(
                refused(FaultCode::Invalid, "the key is another one").with_problem(problem),
                "Không sửa được mã định danh; hãy hủy và gửi bản tin mới.",
                "What a message is about cannot be amended; discard it and submit a new one.",
            )),
        }
    }

    /// A message stays about what it is about: its lane and all that was said of it hang on that.
    fn other_key(&self, entry: &Entry, after: &Value) -> Option<FieldProblem> {
        let pointer = entry.spec.key_field.as_deref()?;
        let same = self.value().pointer(pointer) == after.pointer(pointer);
        let named = || after.pointer(pointer).and_then(Value::as_str) == Some(self.head.exchange.key.as_str());
        let problem = || FieldProblem::new(format!("/body{pointer}"), "is the key, which cannot be amended");
        (!same && !named()).then(problem)
    }

    /// Its route takes it still, in the same lane.
    fn goes_the_same_way(&self, config: &Configuration, after: &Value) -> Result<(), Fault> {
        let (delivery, meta) = (&self.head.delivery, &self.head.exchange);
        let Some(route) = config.routes.route(&delivery.route).filter(|_| self.edited == Edited::Received) else {
            return Ok(());
        };
        let same_lane = match route.order_key(meta, &self.value()) {
            Ok(before) => before == route.order_key(meta, after)?,
            Err(_) => true,
        };
        if !same_lane {
            return Err(another_message("it stands in another lane"));
        }
        let on_its_way = meta.descent.as_ref().is_some_and(|descent| descent.stage.is_some());
        if on_its_way || !route.spec.enabled {
            return Ok(());
        }
        let plan = config.routes.plan(meta, after)?;
        match plan.deliveries.iter().any(|planned| planned.route.spec.name == delivery.route) {
            true => Ok(()),
            false => Err(another_message(&format!("route {} does not take it", delivery.route))),
        }
    }
}

fn another_message(what: &str) -> Fault {
    advising(
        refused(FaultCode::WrongState, format!("with this content {what}")),
        "Với nội dung này bản tin đi đường khác; hãy hủy và gửi bản tin mới.",
        "It would be another message; discard it and submit a new one.",
    )
}

/// One delivery has one effect: what needs several requests is a message of its own.
fn in_one_piece(config: &Configuration, operation: &OperationName, body: &Body) -> Result<(), Fault> {
    let splits = config.catalogue.get(operation).filter(|entry| entry.spec.splits);
    let Some((entry, adapter)) = splits.zip(config.adapters.get(operation.system())) else { return Ok(()) };
    let parts = adapter.split(&entry.spec.name, body)?.len();
    if parts == 1 {
        return Ok(());
    }
    Err(advising(
        wrong_field(FaultCode::Invalid, "/body", format!("needs {parts} requests; a delivery is one")),
        "Nội dung cần nhiều lần gửi; hãy hủy và gửi bản tin mới.",
        "It needs several requests; discard it and submit a new one.",
    ))
}

fn is_element(head: &Head) -> bool {
    reroute::is_kept(&head.delivery) && head.delivery.route.as_str() == ROW
}

/// Whether the catalogue tells what its content is.
fn is_described(head: &Head, edited: Edited) -> bool {
    let delivery = &head.delivery;
    match (edited, &head.exchange.source) {
        (Edited::Own, _) => !is_queue(&delivery.system) && !delivery.system.is_inbox(),
        // `{input, answer}`: nobody's input.
        (Edited::Received, Source::Answer(_)) => false,
        (Edited::Received, Source::Client(_) | Source::System(_) | Source::Gateway) => {
            !is_element(head) && !reroute::is_unreadable(delivery)
        }
    }
}

/// What nobody describes and people may mend all the same: answers, and elements of lists, which their routes hold against schemas.
fn is_free(head: &Head, edited: Edited) -> bool {
    edited == Edited::Received && (is_element(head) || matches!(head.exchange.source, Source::Answer(_)))
}

fn not_amendable(id: &DeliveryId) -> Fault {
    advising(
        refused(FaultCode::WrongState, format!("{id} carries nothing that people wrote")),
        "Nội dung này do hệ thống tạo hoặc không đọc được nên không sửa được.",
        "The gateway made it, or nobody could read it: release it, or settle it by hand and discard it.",
    )
}
