//! Reconciliation (đối soát): what a province's own list says of its dossiers, what was handed over here, what the other side has. Pure rules and documents; it reads no journal and sends nothing.

pub mod compare;
pub mod judge;
pub mod parts;
pub mod read;
pub mod run;
pub mod spec;
pub mod tally;

pub use compare::{Aspect, Difference, Newer, Order, State, Told};
pub use judge::{Handed, Progress, Why};
pub use run::{Counts, Found, List, Phase, Run, Sending, Sent, Side, Wanted};
pub use spec::{DailySpec, ExportSpec, Fields, LookedUpSpec, Reconciliations, Spec};
pub use tally::{Cell, Place};
