//! Amendments in the public JSON: what can be edited, what would change, what became of it. Hidden values are never written.

use bytes::Bytes;
use lienthong_core::{Body, Fault, Timestamp};
use lienthong_engine::service::{self, Amended, Edited};
use lienthong_journal::{Actor, AmendmentRecord};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::exchange::Delivery;
use super::fault::{Insight, ShownFault};
use super::names::DeliveryStateName;
use super::preview::Difference;
use crate::http::body::note;

/// Other content for a parked delivery.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendRequest<'a> {
    /// The whole content, as the operation's schema says.
    #[serde(borrow)]
    #[schema(value_type = Object)]
    body: &'a RawValue,
    /// Mandatory, but where nothing is done; kept with the record.
    #[serde(default)]
    #[schema(max_length = 500, example = "the name was misspelt, confirmed with the ward")]
    reason: Option<String>,
    /// The version of the delivery that was seen: refused when it moved meanwhile.
    #[serde(default)]
    pub seen: Option<u32>,
    /// The operator knows that it may send twice, or out of order.
    #[serde(default)]
    pub confirm: bool,
    /// Only tells what would change.
    #[serde(default)]
    pub dry_run: bool,
    /// With `dry_run`: marked fields are shown, for the reason given.
    #[serde(default)]
    pub reveal: bool,
}

impl AmendRequest<'_> {
    pub(crate) fn content(&self) -> Bytes {
        Bytes::copy_from_slice(self.body.get().as_bytes())
    }

    pub(crate) fn reason(&self) -> Result<Option<String>, Fault> {
        note("/reason", self.reason.clone())
    }
}

/// What of a delivery is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EditedName {
    /// The message as it was received, for this delivery alone: its route goes to work on it again.
    Received,
    /// The delivery's own content, made when the message was accepted: it goes as it is.
    Own,
}

/// A parked delivery's content, with what helps to mend it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EditableContent {
    pub delivery: Delivery,
    pub key: String,
    pub edited: EditedName,
    /// Whose input the content is.
    pub operation: String,
    /// Its JSON Schema; nothing where nobody describes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub schema: Option<Value>,
    /// Pointers of personal data.
    pub personal: Vec<String>,
    /// As it stands.
    #[schema(value_type = Object)]
    pub content: Value,
    /// An amendment is a proposal until a second person approves it.
    pub second_person: bool,
    /// What must be confirmed, if something must.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<ShownFault>,
    /// Other deliveries of the message: they keep the content they have.
    pub others: Vec<OtherDelivery>,
    /// What was put forward so far; 0 is its own content as it was born.
    pub amendments: Vec<AmendmentOf>,
    pub proposals: Vec<Proposal>,
}

/// Another delivery of the same message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OtherDelivery {
    pub id: String,
    pub system: String,
    pub state: DeliveryStateName,
}

/// One content that was put forward.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AmendmentOf {
    pub number: u32,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub bytes: u64,
    /// Whether the delivery sends it.
    pub in_force: bool,
}

/// An amendment that waits for a second person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Proposal {
    pub delivery: String,
    pub number: u32,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub reason: String,
    /// Its author confirmed that it may send twice, or out of order.
    pub confirmed: bool,
    /// Pointers of what changes.
    pub changed: Vec<String>,
    /// Changes beyond those.
    pub more: u64,
    /// The delivery moved since: it can only be refused or taken back.
    pub stale: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<DeliveryStateName>,
}

/// Amendments that wait for a second person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProposalList {
    pub proposals: Vec<Proposal>,
}

/// What became of an amendment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AmendmentOutcome {
    /// Nothing was done.
    Tried,
    /// It waits for a second person.
    Proposed,
    /// It goes to its target.
    Sent,
}

/// What became of an amendment, or would.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AmendmentResult {
    pub outcome: AmendmentOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// Whether a second person has to approve it.
    pub second_person: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<ShownFault>,
}

impl EditableContent {
    pub(crate) fn of(editable: service::Editable, insight: Insight) -> Self {
        let service::Editable {
            delivery,
            exchange,
            edited,
            operation,
            spec,
            content,
            second_person,
            confirmation,
            others,
            amendments,
            proposals,
        } = editable;
        let in_force = delivery.amended;
        let personal = spec.as_ref().map(|spec| spec.personal.iter().map(ToString::to_string).collect());
        Self {
            delivery: Delivery::of(&delivery, &[], insight),
            key: exchange.key.to_string(),
            edited: match edited {
                Edited::Received => EditedName::Received,
                Edited::Own => EditedName::Own,
            },
            operation: operation.to_string(),
            schema: spec.map(|spec| spec.input),
            personal: personal.unwrap_or_default(),
            content: value(&content),
            second_person,
            confirmation: confirmation.as_ref().map(|fault| ShownFault::of(fault, insight)),
            others: others
                .into_iter()
                .map(|(id, system, state)| OtherDelivery {
                    id: id.to_string(),
                    system: system.to_string(),
                    state: state.into(),
                })
                .collect(),
            amendments: amendments.into_iter().map(|record| AmendmentOf::of(record, in_force)).collect(),
            proposals: proposals.into_iter().map(Proposal::from).collect(),
        }
    }
}

fn value(content: &Body) -> Value {
    let text = || Value::String(String::from_utf8_lossy(&content.bytes).into_owned());
    serde_json::from_slice(&content.bytes).unwrap_or_else(|_| text())
}

impl AmendmentOf {
    fn of(record: AmendmentRecord, in_force: Option<u32>) -> Self {
        let AmendmentRecord { number, body: _, content_type: _, body_bytes, at, actor, reason } = record;
        let by = match actor {
            Actor::Gateway => None,
            Actor::Client(client) => Some(client.to_string()),
            Actor::Operator(name) => Some(name),
        };
        Self { number, at, by, reason, bytes: body_bytes, in_force: in_force == Some(number) }
    }
}

impl From<service::ProposalView> for Proposal {
    fn from(view: service::ProposalView) -> Self {
        let service::ProposalView { delivery, number, by, at, reason, confirmed, changed, more, stale, about } = view;
        let about = about.as_ref();
        Self {
            delivery: delivery.to_string(),
            number,
            by,
            at,
            reason,
            confirmed,
            changed,
            more,
            stale,
            key: about.map(|about| about.key.to_string()),
            system: about.map(|about| about.system.to_string()),
            operation: about.map(|about| about.operation.to_string()),
            state: about.map(|about| about.state.into()),
        }
    }
}

impl AmendmentResult {
    pub(crate) fn of(amended: Amended, insight: Insight) -> Self {
        let nothing = Self {
            outcome: AmendmentOutcome::Sent,
            delivery: None,
            proposal: None,
            difference: None,
            second_person: false,
            confirmation: None,
        };
        match amended {
            Amended::Sent(outcome) => Self { delivery: Some(Delivery::of(&outcome.delivery, &[], insight)), ..nothing },
            Amended::Proposed(view) => Self {
                outcome: AmendmentOutcome::Proposed,
                proposal: Some(view.into()),
                second_person: true,
                ..nothing
            },
        }
    }

    pub(crate) fn tried(trial: service::AmendmentTrial, insight: Insight) -> Self {
        let service::AmendmentTrial { delivery, difference, second_person, confirmation } = trial;
        Self {
            outcome: AmendmentOutcome::Tried,
            delivery: Some(Delivery::of(&delivery, &[], insight)),
            proposal: None,
            difference: Some(difference.into()),
            second_person,
            confirmation: confirmation.as_ref().map(|fault| ShownFault::of(fault, insight)),
        }
    }
}
