//! `exchanges`: lists, shows, follows a key, cancels, sends again. The gateway decides what is allowed.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::errors::print_difference;
use super::remote::{Gateway, Remote};
use super::show::{cause, fault, instant, list, rows, text};
use super::{Failure, Out};

/// Rows asked for at once.
const PAGE: usize = 200;

#[derive(Debug, Args)]
pub(crate) struct Exchanges {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Lists exchanges, newest first.
    List(Filter),
    /// Searches: by id, error group, key or alias, number or words, together with what `list` takes.
    Search {
        /// What to look for. Names and titles are found by word, with accents or without, numbers as a whole.
        text: String,
        #[command(flatten)]
        filter: Filter,
    },
    /// Shows one exchange with its deliveries and every attempt.
    Show { id: String },
    /// Shows what the newest attempts sent otherwise than was received, field by field.
    Differences { id: String },
    /// Shows everything known of one business key or alias, oldest first.
    Timeline { key: String },
    /// Cancels what of an exchange is not sent yet.
    Cancel { id: String },
    /// Sends a delivered exchange again, as a new one linked to it.
    Resend {
        id: String,
        /// Why; kept with the new exchange.
        #[arg(long)]
        reason: String,
        /// Makes a repeated command harmless; made from id and reason when left out.
        #[arg(long, value_name = "KEY")]
        idempotency_key: Option<String>,
    },
}

/// Which exchanges to list; all given conditions hold.
#[derive(Debug, Default, Args)]
pub(crate) struct Filter {
    /// The business key or an alias.
    #[arg(long)]
    key: Option<String>,
    #[arg(long)]
    operation: Option<String>,
    #[arg(long)]
    system: Option<String>,
    /// Of any delivery: queued, waiting, in_flight, verifying, delivered, parked, cancelled, discarded, superseded.
    #[arg(long)]
    state: Option<String>,
    #[arg(long)]
    client: Option<String>,
    /// Received at or after, RFC 3339.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Received before, RFC 3339.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[arg(long)]
    route: Option<String>,
    /// Kind of the present fault of a delivery, such as `rejected`.
    #[arg(long, value_name = "KIND")]
    fault: Option<String>,
    /// Code of the present fault of a delivery, such as `LT-REJECTED`.
    #[arg(long)]
    code: Option<String>,
    /// Error group of a delivery.
    #[arg(long)]
    group: Option<String>,
    /// A field that a delivery's fault complains about, or what it lies in, as a JSON pointer.
    #[arg(long, value_name = "POINTER")]
    field: Option<String>,
    /// A delivery moved at or after, RFC 3339.
    #[arg(long, value_name = "TIME")]
    updated_since: Option<String>,
    /// The first 8 or more digits of an exchange's id.
    #[arg(long, value_name = "DIGITS")]
    id: Option<String>,
    /// Rows at most.
    #[arg(long, default_value_t = 100, value_name = "ROWS")]
    limit: usize,
    #[arg(skip)]
    text: Option<String>,
}

impl Exchanges {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let gateway = self.remote.connect()?;
        match self.act.unwrap_or_else(|| Act::List(Filter { limit: 100, ..Filter::default() })) {
            Act::List(filter) => print_list(&filter.read(&gateway).await?, out),
            Act::Search { text, filter } => {
                let filter = Filter { text: Some(text), ..filter };
                print_list(&filter.read(&gateway).await?, out);
            }
            Act::Show { id } => print_one(&gateway.get(&["v1", "exchanges", &id], &[]).await?, out),
            Act::Differences { id } => {
                print_differences(&gateway.get(&["v1", "exchanges", &id, "differences"], &[]).await?, out);
            }
            Act::Timeline { key } => print_timeline(&gateway.get(&["v1", "keys", &key], &[]).await?, out),
            Act::Cancel { id } => {
                print_one(&gateway.post(&["v1", "exchanges", &id, "cancel"], &json!({}), &[]).await?, out);
            }
            Act::Resend { id, reason, idempotency_key } => {
                let key = idempotency_key.unwrap_or_else(|| super::submit::derived(&["resend", &id, &reason]));
                let body = json!({ "reason": reason });
                let parts = ["v1", "exchanges", &id, "resend"];
                let receipt = gateway.post(&parts, &body, &[("idempotency-key", &key)]).await?;
                if out.is_json() {
                    out.value(&receipt);
                } else {
                    out.line(format_args!("{} is {}", text(&receipt, "id"), text(&receipt, "state")));
                }
            }
        }
        Ok(())
    }
}

impl Filter {
    fn query(&self) -> Vec<(&'static str, String)> {
        let given = [
            ("key", &self.key),
            ("operation", &self.operation),
            ("system", &self.system),
            ("state", &self.state),
            ("client", &self.client),
            ("from", &self.from),
            ("to", &self.to),
            ("route", &self.route),
            ("fault", &self.fault),
            ("code", &self.code),
            ("group", &self.group),
            ("field", &self.field),
            ("updated_since", &self.updated_since),
            ("id", &self.id),
        ];
        given.into_iter().filter_map(|(name, value)| value.clone().map(|value| (name, value))).collect()
    }

    /// As many pages as the limit needs.
    async fn read(&self, gateway: &Gateway) -> Result<Vec<Value>, Failure> {
        let mut found = Vec::new();
        let mut cursor: Option<String> = None;
        while found.len() < self.limit {
            let mut query = self.query();
            query.push(("limit", PAGE.min(self.limit - found.len()).to_string()));
            query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let page = match &self.text {
                None => gateway.get(&["v1", "exchanges"], &query).await?,
                // Not in the address: it may be a person's name.
                Some(text) => gateway.post(&["v1", "search"], &searching(text, &query), &[]).await?,
            };
            found.extend(list(&page, "exchanges").iter().cloned());
            cursor = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
            if cursor.is_none() {
                break;
            }
        }
        Ok(found)
    }
}

fn searching(text: &str, query: &[(&str, String)]) -> Value {
    let member = |(name, value): &(&str, String)| {
        let value = match (*name, value.parse::<u32>()) {
            ("limit", Ok(rows)) => Value::from(rows),
            (_, _) => Value::from(value.as_str()),
        };
        ((*name).to_owned(), value)
    };
    let text = ("text".to_owned(), Value::from(text));
    Value::Object(query.iter().map(member).chain([text]).collect())
}

fn print_list(exchanges: &[Value], out: &Out) {
    if out.is_json() {
        exchanges.iter().for_each(|exchange| out.value(exchange));
        return;
    }
    let headings = ["received", "exchange", "operation", "key", "state", "client"];
    let cells: [fn(&Value) -> String; 6] = [
        |row| instant(row, "received_at"),
        |row| text(row, "id"),
        |row| text(row, "operation"),
        |row| text(row, "key"),
        |row| text(row, "state"),
        |row| text(row, "client"),
    ];
    out.table(&headings, rows(exchanges, &cells));
}

fn print_one(exchange: &Value, out: &Out) {
    if out.is_json() {
        out.value(exchange);
        return;
    }
    let fields =
        ["id", "operation", "key", "state", "client", "received_at", "due_at", "expires_at", "class", "purpose"];
    let facts = fields.iter().chain(&["configuration", "trace_id"]);
    let facts = facts
        .map(|name| vec![(*name).to_owned(), text(exchange, name)])
        .filter(|row| row.iter().all(|cell| !cell.is_empty()));
    out.table(&["exchange", ""], facts.collect());
    print_deliveries(list(exchange, "deliveries"), out);
    for delivery in list(exchange, "deliveries") {
        let attempts = list(delivery, "attempt_records");
        if attempts.is_empty() {
            continue;
        }
        out.line(format_args!("attempts of {}", text(delivery, "id")));
        let cells: [fn(&Value) -> String; 5] = [
            |row| text(row, "number"),
            |row| instant(row, "started_at"),
            |row| instant(row, "ended_at"),
            |row| text(row, "outcome"),
            fault,
        ];
        out.table(&["#", "started", "ended", "outcome", "fault"], rows(attempts, &cells));
    }
}

fn print_differences(answer: &Value, out: &Out) {
    if out.is_json() {
        out.value(answer);
        return;
    }
    for attempt in list(answer, "attempts") {
        let what = format!("{}, attempt {}", text(attempt, "delivery"), text(attempt, "attempt"));
        match attempt.get("difference") {
            Some(difference) => print_difference(&what, difference, out),
            None => out.line(format_args!("{what}: its content is no longer kept")),
        }
    }
}

/// Also used for the deliveries of an error group.
pub(super) fn print_deliveries(deliveries: &[Value], out: &Out) {
    let cells: [fn(&Value) -> String; 6] = [
        |row| text(row, "id"),
        |row| text(row, "operation"),
        |row| text(row, "state"),
        |row| text(row, "attempts"),
        |row| instant(row, "updated_at"),
        |row| [fault(row), cause(row)].join(" ").trim().to_owned(),
    ];
    out.table(&["delivery", "operation", "state", "attempts", "updated", "fault"], rows(deliveries, &cells));
}

/// Where a flow stands, step by step.
fn print_flow(flow: &Value, out: &Out) {
    let name = [text(flow, "name"), text(flow, "summary")].join(": ");
    out.line(format_args!("flow {name} is {} since {}", text(flow, "state"), instant(flow, "began_at")));
    let cells: [fn(&Value) -> String; 5] = [
        |row| text(row, "name"),
        |row| text(row, "state"),
        |row| instant(row, "due_at"),
        |row| instant(row, "done_at"),
        |row| text(row, "who_acts"),
    ];
    out.table(&["step", "state", "due", "done", "who acts"], rows(list(flow, "steps"), &cells));
}

fn print_timeline(timeline: &Value, out: &Out) {
    if out.is_json() {
        out.value(timeline);
        return;
    }
    out.line(format_args!("key {}", text(timeline, "key")));
    list(timeline, "flows").iter().for_each(|flow| print_flow(flow, out));
    let mut lines = Vec::new();
    for exchange in list(timeline, "exchanges") {
        for delivery in list(exchange, "deliveries") {
            lines.push(vec![
                instant(exchange, "received_at"),
                text(delivery, "id"),
                text(delivery, "operation"),
                text(delivery, "state"),
                instant(delivery, "updated_at"),
                fault(delivery),
            ]);
        }
    }
    out.table(&["received", "delivery", "operation", "state", "updated", "fault"], lines);
    for copy in list(timeline, "copies") {
        let (at, exchange, note) = (instant(copy, "at"), text(copy, "exchange"), text(copy, "note"));
        out.line(format_args!("{at} copy of {exchange}: {note}"));
    }
    for stood in list(timeline, "stood_still") {
        let (since, until) = (instant(stood, "since"), instant(stood, "until"));
        let until = if until.is_empty() { "now".to_owned() } else { until };
        out.line(format_args!("promised dates stood still from {since} to {until}"));
    }
    if timeline.get("truncated") == Some(&Value::Bool(true)) {
        out.note("older or newer exchanges were left out; list them with `exchanges list --key`");
    }
}
