//! `backup`: copies a journal folder while the gateway that owns it runs, large bodies and files included. It changes nothing in the journal.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::{Failure, Out};

/// Restoring is starting: stop the gateway, put the copy where `journal.folder` points, start it.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The journal's folder, as `journal.folder` in gateway.yaml names it.
    #[arg(long, value_name = "DIR")]
    journal: PathBuf,
    /// Where the copy goes; must not exist yet.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

impl Backup {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let bar = out.bar(None, "{spinner} {bytes} of {total_bytes} {bar:40} {bytes_per_sec}");
        let shown = bar.clone();
        let progress = Arc::new(move |done: u64, all: u64| {
            shown.set_length(all);
            shown.set_position(done);
        });
        let (from, to) = (self.journal.clone(), self.to.clone());
        let copied =
            tokio::task::spawn_blocking(move || lienthong_journal::sqlite::backup_folder(&from, &to, progress)).await;
        bar.finish_and_clear();
        let copied = copied.map_err(|error| Failure::because("the backup ended badly", error))?;
        copied.map_err(|error| Failure::because(&format!("{} is not backed up", self.journal.display()), error))?;
        if out.is_json() {
            out.value(&json!({ "journal": self.journal, "copy": self.to, "bytes": bar.position() }));
        } else {
            out.line(format_args!("{} holds a consistent copy of {}", self.to.display(), self.journal.display()));
            out.note("to restore it: stop the gateway, put the copy where journal.folder points, start the gateway");
        }
        Ok(())
    }
}
