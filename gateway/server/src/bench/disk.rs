//! How fast the disk below a folder syncs: small appends, each flushed. It leaves no file behind.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use hdrhistogram::Histogram;
use tokio::time::Instant;

/// Appends measured.
const APPENDS: usize = 400;
/// Bytes of one append: a page of the journal's log.
const BYTES: usize = 4096;

/// Latency of one append and its sync, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sync {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Measures on the disk that holds `folder`.
pub(crate) async fn measure(folder: &Path) -> anyhow::Result<Sync> {
    let path = folder.join("sync-probe");
    tokio::task::spawn_blocking(move || {
        let measured = append_and_sync(&path);
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        measured
    })
    .await?
}

fn append_and_sync(path: &Path) -> anyhow::Result<Sync> {
    let mut file = File::create_new(path).with_context(|| format!("cannot write {}", path.display()))?;
    let page = [0x5A_u8; BYTES];
    let mut nanos = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3)?;
    for _ in 0..APPENDS {
        let began = Instant::now();
        file.write_all(&page)?;
        file.sync_data()?;
        nanos.saturating_record(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }
    #[expect(clippy::cast_precision_loss, reason = "at most a minute in nanoseconds")]
    let at = |quantile| nanos.value_at_quantile(quantile) as f64 / 1e6;
    Ok(Sync { p50: at(0.5), p99: at(0.99) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_measurement_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let sync = measure(folder.path()).await.unwrap();
        assert!(sync.p50 > 0.0 && sync.p50 <= sync.p99);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_an_error() {
        assert!(measure(Path::new("/nowhere/at/all")).await.is_err());
    }
}
