//! `errors acknowledge|assign|note|resolve|acts`: who has an error group, what is known of it, what operators did. It releases nothing.

use clap::Args;
use serde_json::{Value, json};

use super::errors::pages;
use super::remote::Gateway;
use super::show::{instant, list, rows, text};
use super::{Failure, Out};

/// An act on the case of a group.
#[derive(Debug, Args)]
pub(super) struct Case {
    group: String,
    /// Why; of `resolve`, what fixed it.
    #[arg(long)]
    reason: Option<String>,
    /// The case's version as you saw it: refused when somebody changed it meanwhile.
    #[arg(long, value_name = "VERSION")]
    seen: Option<u32>,
}

/// Which acts to list.
#[derive(Debug, Args)]
pub(super) struct Acts {
    /// What it was done to: case, delivery, exchange (its contents were shown), system.
    #[arg(long)]
    kind: Option<String>,
    /// Which of that kind.
    #[arg(long, requires = "kind")]
    id: Option<String>,
    /// Acts at most.
    #[arg(long, default_value_t = 100, value_name = "ROWS")]
    limit: usize,
}

impl Case {
    pub(super) async fn run(
        &self,
        gateway: &Gateway,
        verb: &str,
        owner: Option<String>,
        out: &Out,
    ) -> Result<(), Failure> {
        let body = json!({ "reason": self.reason, "owner": owner, "version": self.seen });
        let group = gateway.post(&["v1", "errors", &self.group, verb], &body, &[]).await?;
        print(&group, out);
        Ok(())
    }
}

pub(super) async fn note(gateway: &Gateway, group: &str, words: &str, out: &Out) -> Result<(), Failure> {
    let group = gateway.post(&["v1", "errors", group, "note"], &json!({ "text": words }), &[]).await?;
    print(&group, out);
    Ok(())
}

fn print(group: &Value, out: &Out) {
    if out.is_json() {
        out.value(group);
    } else {
        out.table(&["error group", &text(group, "id")], facts(group, None));
    }
}

/// What is known of a group's case, and of whom it concerns.
pub(super) fn facts(group: &Value, concerns: Option<&Value>) -> Vec<Vec<String>> {
    let case = group.get("case").unwrap_or(&Value::Null);
    let mut facts = vec![
        vec!["state".to_owned(), text(case, "state")],
        vec!["owner".to_owned(), text(case, "owner")],
        vec!["version".to_owned(), text(case, "version")],
        vec!["who must act".to_owned(), text(case, "who_must_act")],
    ];
    facts.extend(list(case, "reasons").iter().map(|reason| vec!["because".to_owned(), text(reason, "en")]));
    if let Some(concerns) = concerns {
        let names = ["keys", "overdue", "at_risk"];
        facts.extend(names.iter().map(|name| vec![name.replace('_', " "), text(concerns, name)]));
        let clients = list(concerns, "clients").iter();
        facts.extend(clients.map(|client| {
            vec!["client".to_owned(), format!("{} ({} parked)", text(client, "client"), text(client, "parked"))]
        }));
    }
    facts
}

/// What somebody wrote, with who and when.
pub(super) fn said(words: &Value, member: &str) -> String {
    format!("{} {}: {}", instant(words, "at"), text(words, "who"), text(words, member))
}

impl Acts {
    pub(super) async fn run(&self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        let given = [("kind", &self.kind), ("id", &self.id)];
        let query: Vec<_> =
            given.into_iter().filter_map(|(name, value)| value.clone().map(|value| (name, value))).collect();
        let acts = pages(gateway, &["v1", "acts"], query, "acts", self.limit).await?.0;
        if out.is_json() {
            acts.iter().for_each(|act| out.value(act));
            return Ok(());
        }
        let cells: [fn(&Value) -> String; 7] = [
            |row| instant(row, "at"),
            |row| text(row, "who"),
            |row| text(row, "verb"),
            |row| text(row, "kind"),
            |row| text(row, "id"),
            |row| text(row, "reason"),
            |row| if text(row, "verb") == "revealed" { text(row, "after") } else { String::new() },
        ];
        out.table(&["at", "who", "did", "to", "which", "why", "shown"], rows(&acts, &cells));
        Ok(())
    }
}
