//! The numbers of the overview, from what the service tells. Each is bounded in what it reads, and says when it stopped.

use std::collections::BTreeMap;

use lienthong_core::{Fault, Timestamp, limits};
use lienthong_engine::desk::Party;
use lienthong_engine::internal;
use lienthong_engine::service::{CaseView, SystemHealth, SystemView};
use lienthong_journal::{AtLeast, GroupFilter};

use crate::{Console, time};

/// Most pages of error groups that are added up.
const GROUP_PAGES: usize = 10;

/// Errors of one unit that must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Errors {
    pub(super) groups: u64,
    pub(super) parked: u64,
    pub(super) waiting: u64,
}

/// Everything the overview tells.
pub(super) struct Counts {
    /// Exchanges received today of which something is not at its target.
    pub(super) today: AtLeast,
    /// Deliveries not at their target.
    pub(super) open: u64,
    pub(super) errors: BTreeMap<Party, Errors>,
    /// Whether there are more groups than were added up.
    pub(super) more_groups: bool,
    pub(super) due: Due,
    pub(super) systems: Vec<SystemHealth>,
}

/// Promised dates of what is not at its target, over all systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Due {
    pub(super) overdue: u64,
    /// Within four working hours.
    pub(super) near: u64,
    /// When the backlogs were looked at; `None` before the first look.
    pub(super) at: Option<Timestamp>,
    /// Whether there is more than was looked at.
    pub(super) more: bool,
}

impl Due {
    fn of(systems: &[SystemHealth]) -> Self {
        let looked_at = systems.iter().filter_map(|health| health.backlog.as_ref());
        looked_at.fold(Self::default(), |due, (backlog, at, complete)| Self {
            overdue: due.overdue + backlog.overdue,
            near: due.near + backlog.near,
            at: due.at.max(Some(*at)),
            more: due.more || !complete,
        })
    }
}

impl Counts {
    pub(super) async fn of(console: &Console) -> Result<Self, Fault> {
        let systems = console.service().health().await?;
        let (errors, more_groups) = errors(console).await?;
        let today = console.service().open_since(time::midnight(console.now())).await?;
        let open = systems.iter().map(|health| open(&health.view)).sum();
        Ok(Self { today, open, errors, more_groups, due: Due::of(&systems), systems })
    }
}

/// What of a system is not at its target. What waits inside the gateway itself are mostly timers: they are late for nobody.
pub(super) fn open(view: &SystemView) -> u64 {
    let waiting = if view.system.as_str() == internal::SYSTEM { 0 } else { view.waiting };
    view.queued + waiting + view.verifying + view.in_flight + view.parked
}

async fn errors(console: &Console) -> Result<(BTreeMap<Party, Errors>, bool), Fault> {
    let (mut found, mut cursor) = (BTreeMap::<Party, Errors>::new(), None);
    for _ in 0..GROUP_PAGES {
        let brief = GroupFilter { brief: true, ..GroupFilter::default() };
        let page = console.service().cases(brief, cursor, limits::PAGE_ROWS).await?;
        for CaseView { group, verdict, .. } in &page.rows {
            let errors = found.entry(verdict.party).or_default();
            errors.groups += 1;
            errors.parked += group.parked;
            errors.waiting += group.waiting;
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok((found, cursor.is_some()))
}
