//! Rows that operators added, laid over the tables at the start and whenever one is added: the same files as before, with the journal's rows. It reads no folder.

use std::sync::Weak;

use async_trait::async_trait;
use lienthong_core::{Fault, FaultCode};
use lienthong_engine::service::{TakesRows, rows_kept};
use lienthong_engine::tables::{AddedRow, Laid};
use lienthong_journal::Journal;

use super::StartError;
use super::reload::Inner;
use crate::config::{Around, Built, Folder, Problem, build, load_folder};

/// What is built from the files, built again with the journal's rows where there are any.
pub(super) async fn over(
    built: Built,
    folder: &Folder,
    journal: &dyn Journal,
    around: &Around,
) -> Result<Built, StartError> {
    let unread = |fault: Fault| StartError::Assembly(anyhow::anyhow!("the rows that operators added: {fault}"));
    let rows = rows_kept(journal).await.map_err(unread)?;
    if rows.is_empty() {
        return Ok(built);
    }
    let running = built.running.clone();
    let (folder, around) = (folder.clone(), around.clone());
    let again = tokio::task::spawn_blocking(move || with_rows(&folder, &rows, &running, &around)).await;
    let again = again.map_err(|error| StartError::Assembly(error.into()))?.map_err(StartError::Configuration)?;
    tell(&again);
    Ok(again)
}

/// Loads and builds from texts at hand.
pub(super) fn with_rows(
    folder: &Folder,
    rows: &[AddedRow],
    running: &crate::config::Running,
    around: &Around,
) -> Result<Built, Vec<Problem>> {
    load_folder(&folder.with_rows(rows)).and_then(|loaded| build(loaded, running, around))
}

/// Rows that mean nothing any more are told at every load.
pub(super) fn tell(built: &Built) {
    for (row, laid) in built.configuration.tables.added() {
        match laid {
            Laid::InForce => {}
            Laid::InFile => {
                tracing::warn!(table = %row.table, row = %row.id, "an added row stands in the file by now; remove it from the added ones");
            }
            Laid::SetAside(why) => {
                tracing::warn!(table = %row.table, row = %row.id, why, "an added row contradicts its file and is set aside");
            }
        }
    }
}

/// Holds the running configuration no longer than the gateway lives.
pub(super) struct Taker(pub(super) Weak<Inner>);

#[async_trait]
impl TakesRows for Taker {
    async fn take_rows(&self) -> Result<(), Fault> {
        let code = FaultCode::ShuttingDown;
        let inner = self.0.upgrade().ok_or_else(|| Fault::new(code.kind(), code, "the gateway is stopping"))?;
        let code = FaultCode::Internal;
        let taking = tokio::spawn(async move { inner.take_rows().await });
        taking.await.unwrap_or_else(|error| Err(Fault::new(code.kind(), code, format!("it ended badly: {error}"))))
    }
}
