//! The upper steps: login and one read, by the adapter itself, exactly as traffic does. It tells faults by their public side only.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::fault::{Origin, PublicText};
use lienthong_core::network::Opened;
use lienthong_core::{Adapter, CallContext, Clock, Fault, FaultKind};

use super::step::{Label, Outcome, Step, StepName, Who, text};

/// Login, then one read; the second only after the first.
pub(super) async fn steps(adapter: &dyn Adapter, clock: &Arc<dyn Clock>, patience: Duration) -> [Step; 2] {
    let cx = CallContext::new("diagnose", patience, Arc::clone(clock));
    let began = clock.monotonic();
    let opened = tokio::time::timeout(patience, adapter.open_session(&cx)).await;
    let took = clock.monotonic().saturating_sub(began);
    let login = match opened.unwrap_or_else(|_| Err(late())) {
        Ok(Opened::Session) => Step::ok(StepName::Login).after(took),
        Ok(Opened::Sessionless) => Step::skipped(
            StepName::Login,
            text("Hệ thống này không cần đăng nhập.", "This system knows us without a login."),
        ),
        Err(fault) => told(StepName::Login, &fault).after(took),
    };
    if login.outcome == Outcome::Failed {
        return [login, Step::skipped(StepName::Read, not_tried())];
    }
    let began = clock.monotonic();
    let probed = tokio::time::timeout(patience, adapter.probe(&cx)).await;
    let took = clock.monotonic().saturating_sub(began);
    let read = match probed.unwrap_or_else(|_| Err(late())) {
        Ok(()) => Step::ok(StepName::Read),
        Err(fault) => told(StepName::Read, &fault),
    };
    [login, read.after(took)]
}

/// Why the upper steps are not tried.
pub(super) fn not_tried() -> PublicText {
    text("Không thử vì một bước trước không đạt.", "Not tried, since a step before it failed.")
}

fn late() -> Fault {
    Fault::of(FaultKind::Timeout, "no end within the time of a diagnosis")
}

fn told(name: StepName, fault: &Fault) -> Step {
    let who = match fault.kind.origin() {
        Origin::Network => Who::Network,
        Origin::Target => Who::Target,
        // What the source would have to mend is here our own question.
        Origin::Gateway | Origin::Source => Who::Configuration,
    };
    let step = Step::failed(name, who, fault.public.clone()).with(Label::Fault, fault.code.as_str());
    match &fault.system_code {
        Some(code) => step.with(Label::SystemCode, code),
        None => step,
    }
}
