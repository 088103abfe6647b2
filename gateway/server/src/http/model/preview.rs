//! Previews in the public JSON: what would come of a release. Hidden values are never written.

mod asked;

use lienthong_core::{ConfigVersion, Timestamp};
use lienthong_engine::service::{self, Against, Shown, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::fault::{Insight, ShownFault};

pub use asked::{Cell, PreviewEdits, PreviewRequest};

/// Stands for a value that is not shown.
const HIDDEN: &str = "***";

/// What a release would come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictName {
    /// It would come to the adapter's door and be let in.
    Passes,
    /// It would be parked again before anything is sent.
    Fails,
    /// It would pass, and the release must be confirmed: it may happen twice, or out of order.
    NeedsConfirmation,
    /// The target would first be asked whether it has happened.
    LookedUpFirst,
    /// Nothing would be sent yet.
    Waits,
    /// It cannot be released: a newer state was delivered, it is not parked, or nobody can read it.
    Refused,
    /// It cannot be previewed.
    NotPreviewed,
}

/// What a release would come to, as things stand. Nothing was sent, moved or kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Preview {
    /// The running configuration.
    #[schema(value_type = String)]
    pub configuration: ConfigVersion,
    /// Whether edits took the place of parts of it.
    pub edited: bool,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Parked in the whole group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked: Option<u64>,
    /// Previewed here.
    pub previewed: u64,
    pub counts: PreviewCounts,
    /// Why those that do not simply pass do not, the most frequent first.
    pub causes: Vec<PreviewCause>,
    pub deliveries: Vec<PreviewedDelivery>,
    /// More of the group is to be previewed from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Deliveries by verdict.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct PreviewCounts {
    pub passes: u64,
    pub fails: u64,
    pub needs_confirmation: u64,
    pub looked_up_first: u64,
    pub waits: u64,
    pub refused: u64,
    pub not_previewed: u64,
}

/// One cause, and how many it concerns.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PreviewCause {
    pub verdict: VerdictName,
    /// The group it would be parked in.
    pub error_group: String,
    pub system: String,
    pub operation: String,
    pub fault: ShownFault,
    pub sample_delivery: String,
    pub count: u64,
}

/// One delivery.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PreviewedDelivery {
    pub id: String,
    pub verdict: VerdictName,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<ShownFault>,
    /// Why its release must be confirmed, also where it would fail after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<ShownFault>,
    /// Until when it would wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where it would go; several where a message that was kept is routed anew.
    pub sends: Vec<PreviewedSending>,
}

/// One request at an adapter's door.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PreviewedSending {
    pub system: String,
    pub operation: String,
    pub route: String,
    /// Size of what would be sent.
    pub bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// What would be sent otherwise than before, field by field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Difference {
    pub against: AgainstName,
    /// The attempt that sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The very same bytes.
    pub identical: bool,
    pub fields: Vec<ChangedField>,
    /// Differing fields beyond those.
    pub more: u64,
}

/// Attempts of an exchange beside what was received.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ComparedList {
    /// The newest attempts of each delivery, in their order.
    pub attempts: Vec<ComparedAttempt>,
}

/// One attempt beside what its delivery began with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ComparedAttempt {
    pub delivery: String,
    pub attempt: u32,
    /// Left out where one of the two contents is no longer kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// What a difference is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgainstName {
    /// What was sent last.
    Sent,
    /// The body received: nothing was ever sent.
    Received,
}

/// One field that differs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangedField {
    /// An RFC 6901 pointer.
    #[schema(example = "/status")]
    pub pointer: String,
    /// Left out where the field was missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// Left out where the field would be missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// Its values are personal and shown as `***`.
    pub hidden: bool,
    /// A value is longer and shown to its beginning.
    pub cut: bool,
}

/// Declared in both directions, variant by variant.
macro_rules! verdicts {
    ($($variant:ident),+ $(,)?) => {
        impl From<Verdict> for VerdictName {
            fn from(verdict: Verdict) -> Self {
                match verdict {
                    $(Verdict::$variant => Self::$variant),+
                }
            }
        }

        impl From<VerdictName> for Verdict {
            fn from(name: VerdictName) -> Self {
                match name {
                    $(VerdictName::$variant => Self::$variant),+
                }
            }
        }
    };
}

verdicts!(Passes, Fails, NeedsConfirmation, LookedUpFirst, Waits, Refused, NotPreviewed);

impl Preview {
    pub fn of(preview: service::Preview, insight: Insight) -> Self {
        let service::Preview { configuration, edited, at, parked, previewed, counts, causes, rows, next } = preview;
        let mut shown = PreviewCounts::default();
        for (verdict, count) in counts {
            *shown.of(verdict) = count;
        }
        Self {
            configuration,
            edited,
            at,
            parked,
            previewed,
            counts: shown,
            causes: causes.into_iter().map(|cause| PreviewCause::of(&cause, insight)).collect(),
            deliveries: rows.into_iter().map(|row| PreviewedDelivery::of(row, insight)).collect(),
            next_cursor: next.map(|cursor| cursor.0),
        }
    }
}

impl PreviewCounts {
    fn of(&mut self, verdict: Verdict) -> &mut u64 {
        match verdict {
            Verdict::Passes => &mut self.passes,
            Verdict::Fails => &mut self.fails,
            Verdict::NeedsConfirmation => &mut self.needs_confirmation,
            Verdict::LookedUpFirst => &mut self.looked_up_first,
            Verdict::Waits => &mut self.waits,
            Verdict::Refused => &mut self.refused,
            Verdict::NotPreviewed => &mut self.not_previewed,
        }
    }
}

impl PreviewCause {
    fn of(cause: &service::Cause, insight: Insight) -> Self {
        let service::Cause { verdict, fingerprint, system, operation, fault, sample, count } = cause;
        Self {
            verdict: (*verdict).into(),
            error_group: fingerprint.to_string(),
            system: system.to_string(),
            operation: operation.to_string(),
            fault: ShownFault::of(fault, insight),
            sample_delivery: sample.to_string(),
            count: *count,
        }
    }
}

impl PreviewedDelivery {
    fn of(row: service::Previewed, insight: Insight) -> Self {
        let service::Previewed { id, verdict, subject, fault, confirmation, until, note, sends } = row;
        let subject = subject.as_ref();
        Self {
            id: id.to_string(),
            verdict: verdict.into(),
            key: subject.map(|subject| subject.key.to_string()),
            system: subject.map(|subject| subject.system.to_string()),
            operation: subject.map(|subject| subject.operation.to_string()),
            route: subject.map(|subject| subject.route.to_string()),
            fault: fault.as_ref().map(|fault| ShownFault::of(fault, insight)),
            confirmation: confirmation.as_ref().map(|fault| ShownFault::of(fault, insight)),
            until,
            note,
            sends: sends.into_iter().map(PreviewedSending::from).collect(),
        }
    }
}

impl From<service::Sending> for PreviewedSending {
    fn from(sending: service::Sending) -> Self {
        let service::Sending { system, operation, route, bytes, difference } = sending;
        Self {
            system: system.to_string(),
            operation: operation.to_string(),
            route: route.to_string(),
            bytes,
            difference: difference.map(Difference::from),
        }
    }
}

impl From<Vec<service::Compared>> for ComparedList {
    fn from(compared: Vec<service::Compared>) -> Self {
        let attempts = compared.into_iter().map(|one| {
            let service::Compared { delivery, attempt, difference } = one;
            ComparedAttempt { delivery: delivery.to_string(), attempt, difference: difference.map(Difference::from) }
        });
        Self { attempts: attempts.collect() }
    }
}

impl From<service::Difference> for Difference {
    fn from(difference: service::Difference) -> Self {
        let service::Difference { against, identical, fields, more } = difference;
        let (against, attempt) = match against {
            Against::Sent { attempt } => (AgainstName::Sent, Some(attempt)),
            Against::Received => (AgainstName::Received, None),
        };
        Self { against, attempt, identical, fields: fields.into_iter().map(ChangedField::from).collect(), more }
    }
}

impl From<service::FieldChange> for ChangedField {
    fn from(change: service::FieldChange) -> Self {
        let service::FieldChange { pointer, before, after } = change;
        let both = [before.as_ref(), after.as_ref()];
        let hidden = both.iter().flatten().any(|shown| matches!(shown, Shown::Hidden));
        let cut = both.iter().flatten().any(|shown| matches!(shown, Shown::Cut(_)));
        Self { pointer, before: before.map(value), after: after.map(value), hidden, cut }
    }
}

fn value(shown: Shown) -> Value {
    match shown {
        Shown::Value(value) => value,
        Shown::Cut(text) => Value::String(text),
        Shown::Hidden => Value::String(HIDDEN.to_owned()),
    }
}
