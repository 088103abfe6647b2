//! `errors`: sync errors by their cause. It releases and gives up whole groups or single deliveries; the gateway keeps who and why.

use clap::{Args, Subcommand};
use lienthong_core::DeliveryId;
use lienthong_core::text::excerpt;
use serde_json::{Value, json};

mod preview;

pub(super) use preview::print_difference;

use super::amend::{Amend, Amendments, Content};
use super::cases::{self, Acts, Case};
use super::exchanges::print_deliveries;
use super::releases::{Pace, Releases};
use super::remote::{Gateway, Remote};
use super::show::{cause, fault, inner, instant, list, rows, text};
use super::{Failure, Out};

#[derive(Debug, Args)]
pub(crate) struct Errors {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Lists groups of sync errors, each with one cause.
    List(Filter),
    /// Shows a group, the keys it concerns, and its parked deliveries.
    Show {
        group: String,
        /// Deliveries at most.
        #[arg(long, default_value_t = 100, value_name = "ROWS")]
        limit: usize,
    },
    /// Tells what a release would come to, now or with rows and transforms not yet live; sends nothing.
    Preview(preview::Preview),
    /// Sends parked deliveries again.
    Release {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        pace: Pace,
    },
    /// Releases in steps: their progress, pause, resume, stop.
    #[command(subcommand)]
    Releases(Releases),
    /// Gives parked deliveries up; what waits behind them moves on.
    Discard(Target),
    /// Prints a parked delivery's content, to be mended.
    Content(Content),
    /// Puts other content in the place of what a parked delivery was to send, and sends it.
    Amend(Amend),
    /// Amendments that wait for a second person.
    #[command(subcommand)]
    Amendments(Amendments),
    /// Says that you look at a group.
    Acknowledge(Case),
    /// Gives a group to a person or unit; without one, gives it back.
    Assign {
        #[command(flatten)]
        case: Case,
        #[arg(long)]
        owner: Option<String>,
    },
    /// Writes something down about a group.
    Note { group: String, text: String },
    /// Says what fixed a group, for the next time it is seen.
    Resolve(Case),
    /// Lists what operators did, newest first.
    Acts(Acts),
}

#[derive(Debug, Default, Args)]
struct Filter {
    #[arg(long)]
    system: Option<String>,
    #[arg(long)]
    operation: Option<String>,
    /// The fault's kind, such as rejected.
    #[arg(long)]
    kind: Option<String>,
    /// Groups at most.
    #[arg(long, default_value_t = 100, value_name = "ROWS")]
    limit: usize,
}

#[derive(Debug, Args)]
struct Target {
    /// A group's id, or one delivery's (`<exchange>.<number>`).
    id: String,
    /// Why; kept with the record. Needed to give something up.
    #[arg(long)]
    reason: Option<String>,
    /// You know that it may be sent twice, or out of order.
    #[arg(long)]
    confirm: bool,
}

/// Of a cause this much stands in the list; `errors show` has the whole.
const CAUSE_CHARS: usize = 70;

impl Errors {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let gateway = self.remote.connect()?;
        match self.act.unwrap_or_else(|| Act::List(Filter { limit: 100, ..Filter::default() })) {
            Act::List(filter) => filter.run(&gateway, out).await,
            Act::Show { group, limit } => show(&gateway, &group, limit, out).await,
            Act::Preview(preview) => preview.run(&gateway, out).await,
            Act::Release { target, pace } if pace.is_in_steps() => {
                pace.begin(&gateway, &target.id, (target.reason.as_deref(), target.confirm), out).await
            }
            Act::Release { target, pace: _ } => target.run(&gateway, "release", out).await,
            Act::Releases(releases) => releases.run(&gateway, out).await,
            Act::Discard(target) => target.run(&gateway, "discard", out).await,
            Act::Content(content) => content.run(&gateway, out).await,
            Act::Amend(amend) => amend.run(&gateway, out).await,
            Act::Amendments(amendments) => amendments.run(&gateway, out).await,
            Act::Acknowledge(case) => case.run(&gateway, "acknowledge", None, out).await,
            Act::Assign { case, owner } => case.run(&gateway, "assign", owner, out).await,
            Act::Note { group, text } => cases::note(&gateway, &group, &text, out).await,
            Act::Resolve(case) => case.run(&gateway, "resolve", None, out).await,
            Act::Acts(acts) => acts.run(&gateway, out).await,
        }
    }
}

impl Filter {
    async fn run(&self, gateway: &Gateway, out: &Out) -> Result<(), Failure> {
        let given = [("system", &self.system), ("operation", &self.operation), ("kind", &self.kind)];
        let query: Vec<_> =
            given.into_iter().filter_map(|(name, value)| value.clone().map(|value| (name, value))).collect();
        let groups = pages(gateway, &["v1", "errors"], query, "groups", self.limit).await?.0;
        if out.is_json() {
            groups.iter().for_each(|group| out.value(group));
            return Ok(());
        }
        let cells: [fn(&Value) -> String; 10] = [
            |row| text(row, "id"),
            |row| inner(row, "case", "state"),
            |row| inner(row, "case", "who_must_act"),
            |row| text(row, "operation"),
            |row| format!("{}: {}", inner(row, "fault", "code"), excerpt(&cause(row), CAUSE_CHARS)),
            |row| text(row, "parked"),
            |row| text(row, "waiting"),
            |row| text(row, "held_behind"),
            |row| text(row, "seen"),
            |row| instant(row, "last_seen"),
        ];
        let headings = [
            "group",
            "state",
            "who must act",
            "operation",
            "cause",
            "parked",
            "waiting",
            "held behind",
            "seen",
            "last seen",
        ];
        out.table(&headings, rows(&groups, &cells));
        Ok(())
    }
}

async fn show(gateway: &Gateway, group: &str, limit: usize, out: &Out) -> Result<(), Failure> {
    let (deliveries, first) = pages(gateway, &["v1", "errors", group], Vec::new(), "deliveries", limit).await?;
    let keys = gateway.get(&["v1", "errors", group, "keys"], &[("limit", limit.clamp(1, 500).to_string())]).await?;
    if out.is_json() {
        out.value(&json!({ "group": first.get("group"), "keys": keys, "deliveries": deliveries }));
        return Ok(());
    }
    if let Some(group) = first.get("group") {
        let fixes = list(&first, "fixes").iter();
        let notes = list(&first, "notes").iter();
        let names =
            ["id", "system", "operation", "first_seen", "last_seen", "seen", "parked", "waiting", "held_behind"];
        let mut facts: Vec<_> = names.iter().map(|name| vec![name.replace('_', " "), text(group, name)]).collect();
        facts.push(vec!["fault".to_owned(), fault(group)]);
        facts.push(vec!["cause".to_owned(), cause(group)]);
        facts.extend(cases::facts(group, first.get("concerns")));
        facts.extend(fixes.map(|fix| vec!["fixed before".to_owned(), cases::said(fix, "how")]));
        facts.extend(notes.map(|note| vec!["note".to_owned(), cases::said(note, "text")]));
        out.table(&["error group", ""], facts);
    }
    print_keys(&keys, out);
    print_deliveries(&deliveries, out);
    Ok(())
}

/// The dossiers concerned, and how many are not listed.
fn print_keys(keys: &Value, out: &Out) {
    let listed = list(keys, "keys");
    if !listed.is_empty() {
        let cells: [fn(&Value) -> String; 2] = [|row| text(row, "key"), |row| text(row, "parked")];
        out.table(&["key", "parked"], rows(listed, &cells));
    }
    let count = |name: &str| keys.get(name).and_then(Value::as_u64).unwrap_or_default();
    let (more, hidden) = (count("more"), count("hidden"));
    if more > 0 {
        out.line(format_args!("… and {more} more keys"));
    }
    if hidden > 0 {
        out.line(format_args!("{hidden} keys are personal data and not shown"));
    }
}

/// Rows of a list over as many pages as the limit needs, and the first page for what else it says.
pub(super) async fn pages(
    gateway: &Gateway,
    parts: &[&str],
    query: Vec<(&'static str, String)>,
    member: &str,
    limit: usize,
) -> Result<(Vec<Value>, Value), Failure> {
    let (mut found, mut first, mut cursor) = (Vec::new(), Value::Null, None::<String>);
    while found.len() < limit.max(1) {
        let mut query = query.clone();
        query.push(("limit", limit.clamp(1, 200).to_string()));
        query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        let page = gateway.get(parts, &query).await?;
        found.extend(list(&page, member).iter().cloned());
        cursor = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
        if first.is_null() {
            first = page;
        }
        if cursor.is_none() {
            break;
        }
    }
    found.truncate(limit);
    Ok((found, first))
}

impl Target {
    async fn run(&self, gateway: &Gateway, verb: &str, out: &Out) -> Result<(), Failure> {
        let body = json!({ "reason": self.reason, "confirm": self.confirm });
        if self.id.parse::<DeliveryId>().is_ok() {
            let answer = gateway.post(&["v1", "deliveries", &self.id, verb], &body, &[]).await?;
            if out.is_json() {
                out.value(&answer);
            } else {
                print_deliveries(std::slice::from_ref(&answer), out);
            }
            return Ok(());
        }
        let outcome = gateway.post(&["v1", "errors", &self.id, verb], &body, &[]).await?;
        let refused = list(&outcome, "refused");
        if out.is_json() {
            out.value(&outcome);
        } else {
            out.line(format_args!("{} moved, {} not moved", text(&outcome, "moved"), refused.len()));
            let cells: [fn(&Value) -> String; 2] = [|row| text(row, "delivery"), |row| text(row, "reason")];
            if !refused.is_empty() {
                out.table(&["not moved", "why"], rows(refused, &cells));
            }
        }
        if refused.is_empty() {
            return Ok(());
        }
        let count = refused.len();
        Err(Failure::Failed(format!(
            "{count} not moved; look at each with `exchanges show`, check at the target, then repeat with --confirm where that is asked"
        )))
    }
}
