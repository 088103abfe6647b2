//! Runs releases in steps: one turn of each that runs, again and again, over restarts too. It decides nothing about them.

use std::collections::HashMap;
use std::time::Duration;

use lienthong_core::FaultCode;
use tokio_util::sync::CancellationToken;

use crate::desk::release::Going;
use crate::service::{ReleaseView, Service};

/// Between two turns.
const TURN: Duration = Duration::from_millis(200);
/// Between two looks for releases while none runs.
const IDLE: Duration = Duration::from_secs(2);
/// Releases in one turn where no rate is set.
const MOST_A_TURN: usize = 200;

/// Runs until `stopping`.
pub async fn run(service: Service, stopping: CancellationToken) {
    let mut allowances = HashMap::new();
    loop {
        let running = turns(&service, &mut allowances).await;
        let wait = if running { TURN } else { IDLE };
        tokio::select! {
            () = stopping.cancelled() => return,
            () = service.release_begun() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// One turn of each; answers whether any runs.
async fn turns(service: &Service, allowances: &mut HashMap<String, f64>) -> bool {
    let releases = match service.releases().await {
        Ok(releases) => releases,
        Err(fault) => {
            tracing::warn!(%fault, "releases cannot be read and are looked at again");
            service.saw_releases(None);
            return true;
        }
    };
    service.saw_releases(Some(&releases));
    let running: Vec<ReleaseView> = releases.into_iter().filter(|view| view.release.going == Going::Running).collect();
    allowances.retain(|id, _| running.iter().any(|view| view.id == *id));
    let any = !running.is_empty();
    for view in running {
        let id = view.id.clone();
        let most = allowance(&view, allowances);
        match service.advance(view, most).await {
            Ok(_) => {}
            // An operator paused or stopped it in this very moment.
            Err(fault) if fault.code == FaultCode::WrongState => {}
            Err(fault) => tracing::warn!(release = id, %fault, "a release did not go on and is tried again"),
        }
    }
    any
}

/// How many may go in this turn: what its rate adds, and what earlier turns left of a whole one.
fn allowance(view: &ReleaseView, allowances: &mut HashMap<String, f64>) -> usize {
    let Some(per_second) = view.release.pace.per_second else { return MOST_A_TURN };
    let left = allowances.entry(view.id.clone()).or_insert(1.0);
    let whole = left.floor();
    *left = left.fract() + f64::from(per_second) * TURN.as_secs_f64();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, at least 0, at most a rate")]
    let whole = whole as usize;
    whole.min(MOST_A_TURN)
}
