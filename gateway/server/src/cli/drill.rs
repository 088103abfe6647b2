//! `drill`: lets a system fail for one test key, for a bounded time. Nothing of it reaches the system.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::remote::Remote;
use super::show::{instant, list, rows, text};
use super::{Failure, Out};

#[derive(Debug, Args)]
pub(crate) struct Drill {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Begins a drill; it ends by itself.
    Begin {
        system: String,
        /// A key that `drills.test_keys` of the configuration names.
        #[arg(long)]
        key: String,
        #[arg(long, value_enum)]
        fails: How,
        /// How long; at most two hours.
        #[arg(long, default_value_t = 600)]
        seconds: u64,
        /// Why; kept with the record.
        #[arg(long)]
        reason: String,
    },
    /// Lists every system's latest drill.
    List,
    /// Ends a system's drill before its time.
    End {
        system: String,
        #[arg(long)]
        reason: Option<String>,
    },
}

/// How the system fails.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum How {
    /// The connection is refused.
    Refused,
    /// No answer: the outcome is unknown.
    Timeout,
    /// The data are refused.
    Rejected,
    /// Our certificate is refused.
    Certificate,
    /// The maintenance page is shown.
    Maintenance,
}

impl How {
    fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Rejected => "rejected",
            Self::Certificate => "certificate",
            Self::Maintenance => "maintenance",
        }
    }
}

impl Drill {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let gateway = self.remote.connect()?;
        match self.act {
            Act::List => {
                let all = gateway.get(&["v1", "drills"], &[]).await?;
                print(list(&all, "drills"), out);
            }
            Act::Begin { system, key, fails, seconds, reason } => {
                let fails = fails.as_str();
                let body =
                    json!({ "system": system, "key": key, "fails": fails, "seconds": seconds, "reason": reason });
                print(&[gateway.post(&["v1", "drills"], &body, &[]).await?], out);
            }
            Act::End { system, reason } => {
                let body = json!({ "reason": reason });
                print(&[gateway.post(&["v1", "drills", &system, "end"], &body, &[]).await?], out);
            }
        }
        Ok(())
    }
}

fn print(drills: &[Value], out: &Out) {
    if out.is_json() {
        drills.iter().for_each(|drill| out.value(drill));
        return;
    }
    let cells: [fn(&Value) -> String; 7] = [
        |row| text(row, "system"),
        |row| if row.get("running") == Some(&Value::Bool(true)) { "running".to_owned() } else { "over".to_owned() },
        |row| text(row, "key"),
        |row| text(row, "fails"),
        |row| instant(row, "until"),
        |row| text(row, "by"),
        |row| text(row, "reason"),
    ];
    out.table(&["system", "drill", "key", "fails", "until", "by", "reason"], rows(drills, &cells));
}
