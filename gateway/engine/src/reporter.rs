//! Keeps the days of reports counted while the gateway runs. It decides nothing about them.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::Service;

/// Between two looks: today is told at most this late.
const LOOK: Duration = Duration::from_secs(1);
/// Between two pages while there is more, so that catching up holds up nobody.
const BREATH: Duration = Duration::from_millis(20);
/// Before counting begins again after a journal that failed.
const AGAIN: Duration = Duration::from_secs(5);

/// Runs until `stopping`.
pub async fn run(service: Service, stopping: CancellationToken) {
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            () = counted(&service) => {}
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}

/// Until something fails; then what is in memory is worth nothing any more.
async fn counted(service: &Service) {
    let mut counting = match service.counting().await {
        Ok(counting) => counting,
        Err(fault) => return tracing::warn!(%fault, "reports cannot be counted and are tried again"),
    };
    loop {
        match service.count_on(&mut counting).await {
            Ok(true) => tokio::time::sleep(BREATH).await,
            Ok(false) => tokio::time::sleep(LOOK).await,
            Err(fault) => return tracing::warn!(%fault, "reports cannot be counted and are tried again"),
        }
    }
}
