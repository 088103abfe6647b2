//! Maintenance windows of operators: set, changed, removed, listed; what they change is in force at once and over restarts. It sends nothing.

use std::collections::HashMap;

use lienthong_core::{Fault, FaultCode, SignedDuration, SystemId, Timestamp};
use lienthong_journal::{Actor, Command, Journal, JournalError, MemoChange, MemoName, MemoRecord, Refusal};

use super::fault::{defect, no_such, of_journal, of_refusal, refused, wrong_field};
use super::model::OperatorAct;
use super::{Service, door};
use crate::desk::window::{When, Window};

/// The memos of windows, by id.
const KIND: &str = "window";
/// Windows kept at once; older ones that are over are forgotten when one is set.
pub const MOST_WINDOWS: usize = 200;
const MOST_READ: usize = 2 * MOST_WINDOWS;
/// Single windows that are over are kept this long.
const KEPT: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Windows that are in force, by system.
pub(crate) type Windows = HashMap<SystemId, Vec<Window>>;

/// A window as operators see it.
#[derive(Debug, Clone)]
pub struct WindowView {
    /// `None` for one that is configured.
    pub id: Option<String>,
    pub version: u32,
    pub system: SystemId,
    pub when: When,
    /// Why, and who set it last and when; a configured one has none of them.
    pub reason: Option<String>,
    pub by: Option<(String, Timestamp)>,
    /// The opening that is not over.
    pub opening: Option<(Timestamp, Timestamp)>,
    /// Whether it is open now.
    pub open: bool,
}

impl Service {
    /// Windows of one system or of all, those that open first before the others, configured ones included.
    pub async fn windows(&self, system: Option<&SystemId>) -> Result<Vec<WindowView>, Fault> {
        let (config, now) = (self.config.load_full(), self.clock.now());
        if let Some(system) = system
            && !config.systems.contains_key(system)
        {
            return Err(no_such("system", system));
        }
        let kept = self.kept_windows().await?;
        let mut views: Vec<WindowView> =
            kept.into_iter().map(|(id, version, window)| view(id, version, window, now)).collect();
        for (system, policy) in &config.systems {
            views.extend(policy.maintenance.iter().map(|window| configured(system, When::from(window), now)));
        }
        views.retain(|view| system.is_none_or(|system| view.system == *system));
        views.sort_by_key(|view| view.opening.map_or(Timestamp::MAX, |(from, _)| from));
        Ok(views)
    }

    /// Sets a window; the reason says why. `LT-BAD-PARAMETER` for one that makes no sense.
    pub async fn set_window(&self, act: &OperatorAct, system: &SystemId, when: When) -> Result<WindowView, Fault> {
        let now = self.clock.now();
        let window = self.a_window(act, system, when, now)?;
        self.forget_old(now).await?;
        if self.kept_windows().await?.len() >= MOST_WINDOWS {
            return Err(refused(FaultCode::WrongState, format!("{MOST_WINDOWS} windows are kept already; remove one")));
        }
        let id = Self::new_id(now).to_string();
        self.keep_window(act, &id, 0, Some(&window), "set").await?;
        Ok(view(id, 1, window, now))
    }

    /// Another time or reason for a window; one that is open is in force as changed at once. `seen`: the version its operator saw.
    pub async fn change_window(
        &self,
        act: &OperatorAct,
        (system, id): (&SystemId, &str),
        seen: Option<u32>,
        when: When,
    ) -> Result<WindowView, Fault> {
        let now = self.clock.now();
        let window = self.a_window(act, system, when, now)?;
        let version = self.standing(system, id, seen).await?.version;
        self.keep_window(act, id, version, Some(&window), "changed").await?;
        Ok(view(id.to_owned(), version.saturating_add(1), window, now))
    }

    /// Removes a window; one that is open ends now, and one message goes first.
    pub async fn remove_window(
        &self,
        act: &OperatorAct,
        (system, id): (&SystemId, &str),
        seen: Option<u32>,
    ) -> Result<WindowView, Fault> {
        reason_of(act)?;
        let found = self.standing(system, id, seen).await?;
        self.keep_window(act, id, found.version, None, "removed").await?;
        Ok(found)
    }

    fn a_window(&self, act: &OperatorAct, system: &SystemId, when: When, now: Timestamp) -> Result<Window, Fault> {
        if !self.config.load().systems.contains_key(system) {
            return Err(no_such("system", system));
        }
        if let Some((field, problem)) = when.problem(now) {
            return Err(wrong_field(FaultCode::BadParameter, field, problem));
        }
        let reason = reason_of(act)?;
        Ok(Window { system: system.clone(), when, reason, by: act.operator.clone(), at: now })
    }

    async fn standing(&self, system: &SystemId, id: &str, seen: Option<u32>) -> Result<WindowView, Fault> {
        let memo = self.journal.memo(&name(id)).await.map_err(of_journal)?.ok_or_else(|| no_such("window", id))?;
        let version = memo.version;
        let window = read(&memo).filter(|window| window.system == *system).ok_or_else(|| no_such("window", id))?;
        if seen.is_some_and(|seen| seen != version) {
            return Err(of_refusal(&Refusal::MemoChanged { version }));
        }
        Ok(view(id.to_owned(), version, window, self.clock.now()))
    }

    async fn keep_window(
        &self,
        act: &OperatorAct,
        id: &str,
        version: u32,
        window: Option<&Window>,
        verb: &str,
    ) -> Result<(), Fault> {
        let text = window.map(serde_json::to_string).transpose();
        let change = MemoChange {
            name: name(id),
            version,
            text: text.map_err(|error| defect(format!("a window cannot be written: {error}")))?,
            at: self.clock.now(),
            actor: Actor::Operator(act.operator.clone()),
            verb: verb.to_owned(),
            reason: act.reason.clone(),
            remember: true,
        };
        // One change after the other: what is in force must be what was written last.
        let _turn = self.shared.windows.lock().await;
        match self.commit(vec![Command::Memo(Box::new(change))]).await?.pop() {
            Some(Ok(_)) => {}
            Some(Err(refusal)) => return Err(of_refusal(&refusal)),
            None => return Err(defect("the journal gave no result for a window")),
        }
        self.dispatcher.set_windows(in_force(&*self.journal).await.map_err(of_journal)?);
        Ok(())
    }

    async fn kept_windows(&self) -> Result<Vec<(String, u32, Window)>, Fault> {
        let memos = self.journal.memos(KIND, None, MOST_READ).await.map_err(of_journal)?;
        Ok(memos.into_iter().filter_map(|memo| Some((memo.id.clone(), memo.version, read(&memo)?))).collect())
    }

    /// Single windows that have been over for long.
    async fn forget_old(&self, now: Timestamp) -> Result<(), Fault> {
        let before = now.saturating_sub(KEPT).unwrap_or(now);
        let kept = self.kept_windows().await?.into_iter();
        let old = kept.filter(|(_, _, window)| matches!(&window.when, When::Once { until, .. } if *until < before));
        let drops = old.map(|(id, version, _)| {
            Command::Memo(Box::new(MemoChange {
                name: name(&id),
                version,
                text: None,
                at: now,
                actor: Actor::Gateway,
                verb: "forgotten".to_owned(),
                reason: None,
                remember: false,
            }))
        });
        let drops: Vec<Command> = drops.collect();
        if !drops.is_empty() {
            self.commit(drops).await?;
        }
        Ok(())
    }
}

/// What operators keep, as it is in force.
pub(crate) async fn in_force(journal: &dyn Journal) -> Result<Windows, JournalError> {
    let mut windows = Windows::new();
    for window in journal.memos(KIND, None, MOST_READ).await?.iter().filter_map(read) {
        windows.entry(window.system.clone()).or_default().push(window);
    }
    Ok(windows)
}

fn read(memo: &MemoRecord) -> Option<Window> {
    let MemoRecord { id, text, .. } = memo;
    serde_json::from_str(text).inspect_err(|error| tracing::error!(id, %error, "a window cannot be read")).ok()
}

fn name(id: &str) -> MemoName {
    MemoName { kind: KIND, id: id.to_owned() }
}

fn reason_of(act: &OperatorAct) -> Result<String, Fault> {
    let reason = act.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let reason = reason.ok_or_else(|| wrong_field(FaultCode::ReasonMissing, "/reason", "is required"))?;
    door::note("/reason", Some(reason))?;
    Ok(reason.to_owned())
}

fn view(id: String, version: u32, window: Window, now: Timestamp) -> WindowView {
    let Window { system, when, reason, by, at } = window;
    WindowView { id: Some(id), version, reason: Some(reason), by: Some((by, at)), ..configured(&system, when, now) }
}

fn configured(system: &SystemId, when: When, now: Timestamp) -> WindowView {
    let opening = when.opening(now);
    let open = opening.is_some_and(|(from, _)| from <= now);
    WindowView { id: None, version: 0, system: system.clone(), when, reason: None, by: None, opening, open }
}
