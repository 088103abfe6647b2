//! The public JSON: types of their own, so that the inside may change without the contract. They hold no logic but their conversion.

mod alert;
mod amend;
mod case;
mod drill;
mod event;
mod exchange;
mod expiry;
mod fault;
mod flow;
mod health;
mod inbox;
mod names;
mod operation;
mod operator;
mod preview;
mod reconciliation;
mod release;
mod report;
mod row;
mod search;
mod silence;
mod stall;
pub(crate) mod submission;
mod table;
mod window;

pub use alert::{Alert, AlertList, AlertTarget, AlertTest};
pub use amend::{
    AmendRequest, AmendmentOf, AmendmentOutcome, AmendmentResult, EditableContent, EditedName, OtherDelivery, Proposal,
    ProposalList,
};
pub use case::{
    ActList, AffectedKey, AffectedKeys, CaseAct, CaseFix, CaseNote, CaseSummary, ConcernedClient, Concerns, Deed, Hour,
    NoteText, Reason,
};
pub use drill::{Drill, DrillList, DrillRequest};
pub use event::{Event, EventGap};
pub use exchange::{
    Attempt, Delivery, Exchange, ExchangePage, Link, Made, OnBehalfOf, Receipt, ResendRequest, Timeline,
};
pub use expiry::Expiry;
pub use fault::{ConfigurationProblem, FieldProblem, Insight, ShownFault};
pub use flow::{Copied, Flow, FlowStateName, FlowStep, FlowStepName, StoodStill};
pub use health::{Age, Backlog, Bulk, Condition, Latency, LookedAt, Measured, RecentAttempts, ShownSign, SystemDetail};
pub use inbox::{Inbox, InboxMessage};
pub use names::{
    AttemptOutcomeName, ClassName, DeliveryStateName, EffectName, EventKindName, ExchangeStateName, FaultKindName,
    FoundByName, GateName, OriginName,
};
pub use operation::{Operation, OperationList, OperationSummary};
pub use operator::{
    Act, ErrorGroup, ErrorGroupDetail, ErrorGroupPage, GroupOutcome, Health, Poller, ProbeOutcome, ProbeResult,
    RefusedDelivery, Reloaded, System, SystemList,
};
pub use preview::{
    AgainstName, Cell, ChangedField, ComparedAttempt, ComparedList, Difference, Preview, PreviewCause, PreviewCounts,
    PreviewEdits, PreviewRequest, PreviewedDelivery, PreviewedSending, VerdictName,
};
pub use reconciliation::{
    ConfiguredReconciliation, Counted, Reconciliation, ReconciliationDifference, ReconciliationList,
    ReconciliationPage, ReconciliationRequest, RowProblem, SendRequest, SendingShown, SideState, TakenList, Totals,
    TotalsRow,
};
pub use release::{ReleaseInSteps, ReleaseList, ReleaseRequest};
pub use report::{Report, ReportLine};
pub use row::{AddedRow, AddedRowList, RowRequest, RowResult, RowStanding};
pub use search::SearchRequest;
pub use silence::{Silence, SilenceList};
pub use stall::{FlowList, StalledFlow, StalledKey, StalledStep};
pub use submission::Envelope;
pub use table::{Observed, Table, TableDetail, TableList, TableRow, Unmapped, UnmappedCodes};
pub use window::{MaintenanceWindow, WindowList, WindowRemoval, WindowRequest};
