//! What is asked of amendments and what is told of them. It decides nothing.

use std::sync::Arc;

use bytes::Bytes;
use lienthong_core::{
    Body, BusinessKey, DeliveryId, ExchangeMeta, Fault, OperationName, OperationSpec, StateName, SystemId, Timestamp,
};
use lienthong_journal::{AmendmentRecord, DeliveryRecord};

use crate::service::model::DeliveryOutcome;
use crate::service::preview::Difference;

/// What of a delivery is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// The message as it was received, for this delivery alone: its route goes to work on it again.
    Received,
    /// The delivery's own content, which was made when the message was accepted and goes as it is.
    Own,
}

/// An amendment as a person hands it in.
#[derive(Debug, Clone)]
pub struct Amendment {
    /// JSON.
    pub content: Bytes,
    /// The version of the delivery that was seen; another one is refused.
    pub seen: Option<u32>,
}

/// Which content is tried.
#[derive(Debug, Clone)]
pub enum Content {
    New(Bytes),
    /// What was put forward under this number.
    Kept(u32),
}

/// What became of an amendment.
#[derive(Debug, Clone)]
pub enum Amended {
    Sent(Box<DeliveryOutcome>),
    Proposed(ProposalView),
}

/// What an amendment would change.
#[derive(Debug, Clone)]
pub struct AmendmentTrial {
    pub delivery: DeliveryRecord,
    /// Against the content as it stands.
    pub difference: Difference,
    pub second_person: bool,
    /// What must be confirmed, if something must.
    pub confirmation: Option<Fault>,
}

/// All that an editor shows of a parked delivery.
#[derive(Debug, Clone)]
pub struct Editable {
    pub delivery: DeliveryRecord,
    pub exchange: Arc<ExchangeMeta>,
    pub edited: Edited,
    /// Whose input the content is.
    pub operation: OperationName,
    /// Its description, with the schema; `None` where nobody describes it.
    pub spec: Option<OperationSpec>,
    /// As it stands, with people's data.
    pub content: Body,
    pub second_person: bool,
    pub confirmation: Option<Fault>,
    /// The other deliveries of the message: they keep the content they have.
    pub others: Vec<(DeliveryId, SystemId, StateName)>,
    pub amendments: Vec<AmendmentRecord>,
    pub proposals: Vec<ProposalView>,
}

/// An amendment that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalView {
    pub delivery: DeliveryId,
    pub number: u32,
    pub by: String,
    pub at: Timestamp,
    pub reason: String,
    /// Its author confirmed what had to be confirmed.
    pub confirmed: bool,
    /// Pointers of what changes, and how many more there are.
    pub changed: Vec<String>,
    pub more: u64,
    /// The delivery moved since: it can only be taken back or refused.
    pub stale: bool,
    /// Of the delivery; `None` when retention has removed it.
    pub about: Option<ProposalAbout>,
}

/// What a proposal is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalAbout {
    pub key: BusinessKey,
    pub system: SystemId,
    pub operation: OperationName,
    pub state: StateName,
}

/// A proposal that can still be approved, for whoever tells that it waits.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub delivery: DeliveryId,
    pub number: u32,
    /// When it was proposed.
    pub at: Timestamp,
    pub system: SystemId,
    pub operation: OperationName,
    /// How many fields it changes.
    pub fields: u64,
}
