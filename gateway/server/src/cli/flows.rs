//! `flows`: at which steps the dossiers of a running gateway stand, and which are late. It changes nothing.

use clap::Args;
use serde_json::Value;

use super::remote::Remote;
use super::show::{instant, list, rows, text};
use super::{Failure, Out};

/// `flows`.
#[derive(Debug, Args)]
pub(crate) struct Flows {
    #[command(flatten)]
    remote: Remote,
    /// Only this flow, with the dossiers that have been late longest.
    flow: Option<String>,
}

impl Flows {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let answer = self.remote.connect()?.get(&["v1", "flows"], &[]).await?;
        let asked = |flow: &&Value| self.flow.as_ref().is_none_or(|name| text(flow, "name") == *name);
        let flows: Vec<&Value> = list(&answer, "flows").iter().filter(asked).collect();
        if let Some(name) = self.flow.as_ref().filter(|_| flows.is_empty()) {
            return Err(Failure::Failed(format!("the running configuration has no flow {name}")));
        }
        for flow in flows {
            if out.is_json() {
                out.value(flow);
                continue;
            }
            print(flow, self.flow.is_some(), out);
        }
        if answer.get("truncated") == Some(&Value::Bool(true)) {
            out.note("more steps are open than were looked at: the numbers are the least they can be");
        }
        Ok(())
    }
}

fn print(flow: &Value, with_keys: bool, out: &Out) {
    let cells: [fn(&Value) -> String; 5] = [
        |row| text(row, "name"),
        |row| text(row, "who_acts"),
        |row| if row.get("limited") == Some(&Value::Bool(true)) { text(row, "waiting") } else { "no limit".to_owned() },
        |row| text(row, "late"),
        |row| text(row, "group"),
    ];
    let name = text(flow, "name");
    out.table(&[&name, "who acts", "waiting", "late", "error group"], rows(list(flow, "steps"), &cells));
    if !with_keys {
        return;
    }
    let cells: [fn(&Value) -> String; 3] =
        [|row| text(row, "key"), |row| instant(row, "since"), |row| instant(row, "late_since")];
    for step in list(flow, "steps").iter().filter(|step| !list(step, "longest").is_empty()) {
        out.table(&[&text(step, "name"), "waiting since", "late since"], rows(list(step, "longest"), &cells));
    }
}
