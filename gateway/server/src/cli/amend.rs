//! `errors content|amend|amendments`: mends one parked message and decides on what others have proposed. The gateway checks, keeps and sends.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::exchanges::print_deliveries;
use super::remote::Gateway;
use super::show::{instant, list, rows, text};
use super::{Failure, Out};

/// A parked delivery's content, to be mended in an editor.
#[derive(Debug, Args)]
pub(super) struct Content {
    /// The delivery (`<exchange>.<number>`).
    delivery: String,
    /// Why you look; it holds people's data.
    #[arg(long)]
    reason: String,
    /// Prints the schema that it has to pass instead.
    #[arg(long)]
    schema: bool,
}

/// Other content for a parked delivery.
#[derive(Debug, Args)]
pub(super) struct Amend {
    /// The delivery (`<exchange>.<number>`).
    delivery: String,
    /// The whole content as it should be, JSON; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
    /// Why; kept with the record.
    #[arg(long)]
    reason: Option<String>,
    /// The delivery's version as you saw it: refused when it moved meanwhile.
    #[arg(long, value_name = "VERSION")]
    seen: Option<u32>,
    /// You know that it may be sent twice, or out of order.
    #[arg(long)]
    confirm: bool,
    /// Only tells what would change.
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: shows people's data, for the reason given.
    #[arg(long, requires = "dry_run")]
    reveal: bool,
}

/// Amendments that wait for a second person.
#[derive(Debug, Subcommand)]
pub(super) enum Amendments {
    /// Lists them.
    List,
    /// Shows what one would change; with a reason, people's data too.
    Show {
        delivery: String,
        number: u32,
        #[arg(long)]
        reason: Option<String>,
    },
    /// Approves what somebody else proposed; it is sent at once.
    Approve { delivery: String, number: u32 },
    /// Refuses one, or takes one's own back.
    Refuse {
        delivery: String,
        number: u32,
        #[arg(long)]
        reason: String,
    },
}

impl Content {
    pub(super) async fn run(&self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        let query = [("reason", self.reason.clone())];
        let found = gateway.get(&["v1", "deliveries", &self.delivery, "content"], &query).await?;
        if out.is_json() {
            out.value(&found);
            return Ok(());
        }
        let member = if self.schema { "schema" } else { "content" };
        let shown = found.get(member).unwrap_or(&Value::Null);
        out.line(serde_json::to_string_pretty(shown).map_err(|error| Failure::because(member, error))?);
        let delivery = found.get("delivery").unwrap_or(&Value::Null);
        out.note(format_args!("{} at version {}", text(&found, "operation"), text(delivery, "version")));
        out.note("the receiver is not told that it is a correction: its protocol has no place for that");
        if found.get("second_person") == Some(&Value::Bool(true)) {
            out.note("a second person has to approve an amendment");
        }
        for other in list(&found, "others") {
            out.note(format_args!("{} to {} keeps its content", text(other, "id"), text(other, "system")));
        }
        Ok(())
    }
}

impl Amend {
    pub(super) async fn run(&self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        let read = match self.body.as_os_str() == "-" {
            true => std::io::read_to_string(std::io::stdin()),
            false => std::fs::read_to_string(&self.body),
        };
        let shown = self.body.display();
        let written = read.map_err(|error| Failure::because(&format!("--body {shown}"), error))?;
        // As it was written: numbers are not read and written anew.
        let raw: &RawValue =
            serde_json::from_str(&written).map_err(|error| Failure::Usage(format!("--body {shown}: {error}")))?;
        let rest = json!({
            "reason": self.reason, "seen": self.seen, "confirm": self.confirm, "dry_run": self.dry_run,
            "reveal": self.reveal,
        });
        let rest = rest.to_string();
        let rest = rest.strip_prefix('{').unwrap_or_default();
        let body = format!("{{\"body\":{raw},{rest}");
        let url = gateway.address(&["v1", "deliveries", &self.delivery, "amend"], &[])?;
        let answer = gateway.send(Method::POST, url, &[], Some(body)).await?.accepted()?;
        print(&answer, out);
        Ok(())
    }
}

impl Amendments {
    pub(super) async fn run(&self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        match self {
            Self::List => listed(gateway, out).await,
            Self::Show { delivery, number, reason } => {
                let query: Vec<_> = reason.iter().map(|reason| ("reason", reason.clone())).collect();
                let number = number.to_string();
                let parts = ["v1", "deliveries", delivery, "amendments", &number];
                print(&gateway.get(&parts, &query).await?, out);
                Ok(())
            }
            Self::Approve { delivery, number } => {
                let number = number.to_string();
                let parts = ["v1", "deliveries", delivery, "amendments", &number, "approve"];
                let answer = gateway.post(&parts, &json!({}), &[]).await?;
                if out.is_json() {
                    out.value(&answer);
                } else {
                    print_deliveries(std::slice::from_ref(&answer), out);
                }
                Ok(())
            }
            Self::Refuse { delivery, number, reason } => {
                let number = number.to_string();
                let parts = ["v1", "deliveries", delivery, "amendments", &number, "refuse"];
                gateway.post(&parts, &json!({ "reason": reason }), &[]).await?;
                out.note("refused; the delivery stays parked");
                Ok(())
            }
        }
    }
}

async fn listed(gateway: &Gateway, out: &Out) -> Result<(), Failure> {
    let found = gateway.get(&["v1", "amendments"], &[]).await?;
    let proposals = list(&found, "proposals");
    if out.is_json() {
        proposals.iter().for_each(|proposal| out.value(proposal));
        return Ok(());
    }
    let cells: [fn(&Value) -> String; 8] = [
        |row| text(row, "delivery"),
        |row| text(row, "number"),
        |row| text(row, "operation"),
        |row| text(row, "key"),
        |row| text(row, "by"),
        |row| instant(row, "at"),
        |row| text(row, "reason"),
        |row| if row.get("stale") == Some(&Value::Bool(true)) { "it moved since".to_owned() } else { String::new() },
    ];
    out.table(&["delivery", "number", "operation", "key", "by", "at", "why", "stale"], rows(proposals, &cells));
    Ok(())
}

fn print(answer: &Value, out: &Out) {
    if out.is_json() {
        out.value(answer);
        return;
    }
    out.line(match text(answer, "outcome").as_str() {
        "sent" => "sent",
        "proposed" => "proposed: a second person has to approve it",
        _tried => "nothing was done; it would change:",
    });
    if let Some(difference) = answer.get("difference") {
        let cells: [fn(&Value) -> String; 3] =
            [|row| text(row, "pointer"), |row| text(row, "before"), |row| text(row, "after")];
        out.table(&["field", "now", "amended"], rows(list(difference, "fields"), &cells));
    }
    if let Some(fault) = answer.get("confirmation").filter(|fault| fault.is_object()) {
        out.note(format_args!("needs --confirm: {}", text(fault, "text_en")));
    }
    if let Some(delivery) = answer.get("delivery").filter(|delivery| delivery.is_object()) {
        print_deliveries(std::slice::from_ref(delivery), out);
    }
}
