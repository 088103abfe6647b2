//! One run of a reconciliation as a document: what was received, how far it is, what was found, what was sent of it. Pure; it stores nothing.

use jiff::civil::Date;
use lienthong_core::{BusinessKey, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::compare::{Aspect, Difference, Newer, State};
use super::judge::{Handed, Why};
use super::read::Row;
use super::tally::{Cell, Place};

/// Sendings of one run that are told.
const MOST_SENDINGS: usize = 50;

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The province's.
    Here,
    /// The other side's.
    There,
}

impl Side {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::There => "there",
        }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Receiving,
    Comparing,
    Done,
    /// A person stopped it.
    Stopped,
    Failed,
}

impl Phase {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Comparing => "comparing",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }

    pub fn is_over(self) -> bool {
        match self {
            Self::Receiving | Self::Comparing => false,
            Self::Done | Self::Stopped | Self::Failed => true,
        }
    }
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The reconciliation's name.
    pub name: String,
    /// Who began it; the gateway where it began by itself.
    pub by: String,
    pub began: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// The days compared, both included.
    pub from: Date,
    pub to: Date,
    pub phase: Phase,
    /// Why it failed, or what it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Whether the gateway reads the lists from the files of its daily run.
    #[serde(default)]
    pub from_files: bool,
    /// Its lists are received in one act: whole, or not at all.
    #[serde(default)]
    pub at_once: bool,
    /// The file that never came, where that is why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    pub here: List,
    /// The other side's list, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<List>,
    /// Chunks of the province's list that were compared.
    pub compared: u32,
    /// Chunks of what was found.
    pub found: u32,
    pub counts: Counts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<Sending>,
    /// Sendings that are over, the newest last.
    pub sent: Vec<Sending>,
}

/// What was received of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct List {
    pub parts: u32,
    /// Stored pieces.
    pub chunks: u32,
    pub lines: u64,
    pub rows: u64,
    /// Rows that could not be read.
    pub refused: u64,
    /// The first of them: line and why.
    pub told: Vec<(u64, String)>,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Keys compared.
    pub keys: u64,
    pub equal: u64,
    pub different: u64,
    pub missing_there: u64,
    pub missing_here: u64,
    pub status: u64,
    pub due: u64,
    pub returned: u64,
    /// Differences of which the other side holds the newer state.
    pub newer_there: u64,
    /// Rows outside the days asked for.
    pub outside: u64,
    /// Rows that say again what another row of their key says.
    pub repeated: u64,
    /// Rows whose key stands in another row that says something else; the newest, or the last, was compared.
    pub conflicting: u64,
    /// Keys the other side was asked about.
    pub asked: u64,
    /// Keys it gave no answer about: they were compared with what was handed over here.
    pub unanswered: u64,
}

/// One key that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub place: u32,
    pub key: BusinessKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<State>,
    pub difference: Difference,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed: Option<Handed>,
    pub why: Why,
    /// What would be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
}

/// What became of a difference that was to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    As(lienthong_core::ExchangeId),
    /// It was not, and why.
    Not(String),
}

/// Differences on their way to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    pub by: String,
    pub reason: String,
    /// Whether the person said that a state that may be newer on the other side is to be overwritten.
    pub confirmed: bool,
    pub wanted: Wanted,
    pub began: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Chunks that are over.
    pub chunk: u32,
    pub sent: u64,
    pub not_sent: u64,
}

/// Which differences; all given conditions hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wanted {
    /// These, where any is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aspect: Option<Aspect>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer: Option<Newer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    /// Of the province's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<BusinessKey>,
}

/// A stored piece of a list.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rows {
    pub rows: Vec<Row>,
}

/// A stored piece of what was found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FoundChunk {
    pub cells: Vec<(Place, Cell)>,
    pub found: Vec<Found>,
}

impl Run {
    pub fn list(&self, side: Side) -> Option<&List> {
        match side {
            Side::Here => Some(&self.here),
            Side::There => self.there.as_ref(),
        }
    }

    pub fn list_mut(&mut self, side: Side) -> &mut List {
        match side {
            Side::Here => &mut self.here,
            Side::There => self.there.get_or_insert_default(),
        }
    }

    /// Whether a day is among those asked for; what tells no day is.
    pub fn covers(&self, day: Option<Date>) -> bool {
        day.is_none_or(|day| self.from <= day && day <= self.to)
    }

    /// What is sent is over.
    pub fn sending_over(&mut self, now: Timestamp) {
        if let Some(mut sending) = self.sending.take() {
            sending.ended = Some(now);
            // Ten thousand places are of no more use.
            sending.wanted.places.clear();
            self.sent.push(sending);
            let over = self.sent.len().saturating_sub(MOST_SENDINGS);
            self.sent.drain(..over);
        }
    }
}

impl Counts {
    pub fn count(&mut self, difference: &Difference) {
        self.different += 1;
        for aspect in &difference.aspects {
            let counted = match aspect {
                Aspect::MissingThere => &mut self.missing_there,
                Aspect::MissingHere => &mut self.missing_here,
                Aspect::Status => &mut self.status,
                Aspect::Due => &mut self.due,
                Aspect::Returned => &mut self.returned,
            };
            *counted += 1;
        }
        if difference.newer == Newer::There && difference.aspects != [Aspect::MissingHere] {
            self.newer_there += 1;
        }
    }
}

impl Wanted {
    pub fn holds(&self, found: &Found) -> bool {
        let Self { places, aspect, newer, why, unit, procedure, status, key } = self;
        let state = found.here.as_ref().or(found.there.as_ref());
        let is = |asked: &Option<String>, told: fn(&State) -> &Option<String>| {
            asked.is_none() || state.is_some_and(|state| told(state) == asked)
        };
        (places.is_empty() || places.contains(&found.place))
            && aspect.is_none_or(|aspect| found.difference.aspects.contains(&aspect))
            && newer.is_none_or(|newer| found.difference.newer == newer)
            && why.is_none_or(|why| found.why == why)
            && key.as_ref().is_none_or(|key| found.key == *key)
            && is(unit, |state| &state.unit)
            && is(procedure, |state| &state.procedure)
            && is(status, |state| &state.status)
    }
}
