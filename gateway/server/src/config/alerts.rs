//! `alerts/*.yaml`: rules and the targets they tell. What is firing is none of its business.

use std::collections::BTreeSet;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::secret::SecretSource;
use lienthong_core::{ClientId, SystemId};
use lienthong_engine::alert::{Alerting, Condition, Courier, Digest, Quiet, Rule, Target};
use schemars::JsonSchema;
use serde::Deserialize;

use super::clients::ClientModel;
use super::folder::Folder;
use super::gateway::GatewayModel;
use super::problems::Problems;
use super::sections::{At, Section, Systems};
use super::tree::{Entry, Kind, Node, Place};
use super::types::{Span, TimeOfDay};
use crate::alert::{self, EmailModel, WebhookModel};

/// Most rules, and most targets.
const MOST: usize = 100;

/// A file of rules, of targets, or of both.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AlertsFile {
    pub(crate) targets: Vec<TargetModel>,
    pub(crate) rules: Vec<RuleModel>,
}

/// Who is told: by a webhook or by e-mail, exactly one of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetModel {
    pub(crate) name: String,
    /// JSON by POST, signed after the Standard Webhooks specification.
    #[serde(default)]
    pub(crate) webhook: Option<WebhookModel>,
    #[serde(default)]
    pub(crate) email: Option<EmailModel>,
    /// A daily time in which only urgent rules tell it; the rest is told afterwards.
    #[serde(default)]
    pub(crate) quiet: Option<QuietModel>,
    /// Tells it of everything together, urgent rules apart: `hourly`, or `daily` at a time of day.
    #[serde(default)]
    pub(crate) digest: Option<DigestModel>,
}

/// Local to Asia/Ho_Chi_Minh; across midnight when `until` is earlier.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuietModel {
    pub(crate) from: TimeOfDay,
    pub(crate) until: TimeOfDay,
}

/// When a digest is sent.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DigestModel {
    /// At every full hour in which something happened.
    Hourly,
    /// At this time of day, local to Asia/Ho_Chi_Minh.
    Daily(TimeOfDay),
}

/// One rule.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleModel {
    /// Stable: what was told is remembered under it.
    pub(crate) name: String,
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    pub(crate) when: WhenModel,
    /// Systems it looks at; all when left out.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(crate) systems: Vec<SystemId>,
    /// With `silence`: clients it looks at, beside `systems`; everybody when both are left out.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(crate) clients: Vec<ClientId>,
    /// Names of targets.
    pub(crate) to: Vec<String>,
    /// Told again after this while it lasts; once when left out.
    #[serde(default)]
    pub(crate) repeat: Option<Span>,
    /// Neither quiet hours nor a digest hold it back.
    #[serde(default)]
    pub(crate) urgent: bool,
}

/// What is looked for.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WhenModel {
    /// A cause of sync errors that was not there before, or came back.
    NewGroup,
    /// More open deliveries with one cause than this.
    GroupOver(u64),
    /// So many promised dates of one cause have passed or are within four working hours.
    DeadlineAtRisk(NonZeroU64),
    /// A system has been down for longer than this; maintenance and pauses do not count.
    SystemDown(Span),
    /// At the present rates a system's backlog is not drained within this.
    DrainOver(Span),
    /// A certificate or secret ends within so many days.
    Expiry(NonZeroU32),
    /// The disk is short, or the journal does not answer.
    Trouble,
    /// A release in steps paused by itself.
    ReleasePaused,
    /// A client, or a system that pushes or is polled, normally sends and has stopped: by its `silence`, or by earlier weeks.
    Silence,
    /// An amendment waits for a second person for longer than this.
    ApprovalWaiting(Span),
}

fn yes() -> bool {
    true
}

impl WhenModel {
    fn condition(self) -> Condition {
        match self {
            Self::NewGroup => Condition::NewGroup,
            Self::GroupOver(n) => Condition::GroupOver(n),
            Self::DeadlineAtRisk(n) => Condition::DeadlineAtRisk(n),
            Self::SystemDown(longer) => Condition::SystemDown(longer.0),
            Self::DrainOver(longest) => Condition::DrainOver(longest.0),
            Self::Expiry(days) => Condition::Expiry(days.get()),
            Self::Trouble => Condition::Trouble,
            Self::ReleasePaused => Condition::ReleasePaused,
            Self::Silence => Condition::Silence,
            Self::ApprovalWaiting(longer) => Condition::ApprovalWaiting(longer.0),
        }
    }
}

impl TargetModel {
    fn target(&self, kind: &'static str, courier: Arc<dyn Courier>) -> Target {
        let digest = |digest: DigestModel| match digest {
            DigestModel::Hourly => Digest::Hourly,
            DigestModel::Daily(at) => Digest::Daily(at.0),
        };
        Target {
            name: self.name.clone(),
            kind,
            quiet: self.quiet.map(|quiet| Quiet { from: quiet.from.0, until: quiet.until.0 }),
            digest: self.digest.map(digest),
            courier,
        }
    }
}

impl RuleModel {
    fn rule(&self) -> Rule {
        Rule {
            name: self.name.clone(),
            condition: self.when.condition(),
            systems: self.systems.iter().cloned().collect::<BTreeSet<_>>(),
            clients: self.clients.iter().cloned().collect::<BTreeSet<_>>(),
            to: self.to.clone(),
            repeat: self.repeat.map(|repeat| repeat.0),
            urgent: self.urgent,
        }
    }
}

/// What was read and checked.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    /// With the file and place of each, for what is wrong with its secrets.
    targets: Vec<(TargetModel, String, Place)>,
    /// The enabled ones.
    rules: Vec<RuleModel>,
}

/// Reads and checks the files.
pub(crate) fn alerts(
    folder: &Folder,
    clients: &Section<ClientModel>,
    systems: &Systems,
    problems: &mut Problems,
) -> Alerts {
    let (mut targets, mut rules) = (Section::<TargetModel>::default(), Section::<RuleModel>::default());
    for (file, text) in folder.section("alerts") {
        let Some(node) = problems.tree(file, text) else { continue };
        let Kind::Map(entries) = &node.kind else {
            let remedy = "begin it with `targets:` or `rules:` and a list below";
            problems.note(file, node.place, "this file holds no map", remedy);
            continue;
        };
        for Entry { key, key_place, value } in entries {
            match key.as_str() {
                "targets" => {
                    items(file, key, value, problems)
                        .iter()
                        .for_each(|item| targets.take(file, item, "name", problems));
                }
                "rules" => {
                    items(file, key, value, problems).iter().for_each(|item| rules.take(file, item, "name", problems));
                }
                other => {
                    let remedy = "this file holds `targets:` and `rules:` only";
                    problems.note(file, *key_place, format!("`{other}` is not known here"), remedy);
                }
            }
        }
    }
    targets.read.iter().for_each(|target| check_target(target, problems));
    rules.read.iter().for_each(|rule| check_rule(rule, &targets, clients, systems, problems));
    let enabled = rules.read.into_iter().map(|rule| rule.value).filter(|rule| rule.enabled);
    let placed = |At { value, file, node }: At<TargetModel>| (value, file, node.place);
    Alerts { targets: targets.read.into_iter().map(placed).collect(), rules: enabled.collect() }
}

fn items(file: &str, key: &str, node: &Node, problems: &mut Problems) -> Vec<Node> {
    match &node.kind {
        Kind::List(items) if items.len() <= MOST => items.clone(),
        Kind::List(_) => {
            problems.note(file, node.place, format!("`{key}` has more than {MOST}"), "fewer rules that say more");
            Vec::new()
        }
        Kind::Null => Vec::new(),
        Kind::Map(_) | Kind::Scalar(_) => {
            problems.note(
                file,
                node.place,
                format!("`{key}` is no list"),
                "write each below it, beginning with `- name:`",
            );
            Vec::new()
        }
    }
}

/// A name goes into metrics and ids: short and plain.
fn check_name(name: &str, file: &str, node: &Node, problems: &mut Problems) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 48 || !name.chars().all(plain) {
        let remedy = "use at most 48 lower-case letters, digits and hyphens";
        problems.note(file, node.place_of("/name"), format!("`{name}` cannot be a name"), remedy);
    }
}

fn check_target(At { value, file, node }: &At<TargetModel>, problems: &mut Problems) {
    check_name(&value.name, file, node, problems);
    match (&value.webhook, &value.email) {
        (Some(webhook), None) => {
            for (pointer, problem, remedy) in webhook.check() {
                problems.note(file, node.place_of(&format!("/webhook{pointer}")), problem, remedy);
            }
        }
        (None, Some(email)) => {
            for (pointer, problem, remedy) in email.check() {
                problems.note(file, node.place_of(&format!("/email{pointer}")), problem, remedy);
            }
        }
        (Some(_), Some(_)) | (None, None) => {
            problems.note(file, node.place, "a target is a `webhook` or an `email`", "give exactly one of them");
        }
    }
    if value.quiet.is_some_and(|quiet| quiet.from == quiet.until) {
        problems.note(file, node.place_of("/quiet"), "this time is empty", "leave `quiet` out to tell it at any time");
    }
}

fn check_rule(
    At { value, file, node }: &At<RuleModel>,
    targets: &Section<TargetModel>,
    clients: &Section<ClientModel>,
    systems: &Systems,
    problems: &mut Problems,
) {
    check_name(&value.name, file, node, problems);
    if value.to.is_empty() {
        problems.note(file, node.place_of("/to"), "this rule tells nobody", "name a target, or disable the rule");
    }
    for (place, target) in value.to.iter().enumerate().filter(|(_, name)| !targets.declared.contains_key(*name)) {
        let near = super::suggest::nearest(target, targets.declared.keys().map(String::as_str));
        let remedy =
            near.map_or_else(|| "name a target of these files".to_owned(), |near| format!("did you mean `{near}`?"));
        problems.note(file, node.place_of(&format!("/to/{place}")), format!("there is no target `{target}`"), remedy);
    }
    for (place, system) in value.systems.iter().enumerate() {
        if !systems.section.declared.contains_key(system.as_str()) {
            let problem = format!("there is no system `{system}`");
            problems.note(
                file,
                node.place_of(&format!("/systems/{place}")),
                problem,
                "name a system of systems/*.yaml",
            );
        }
    }
    for (place, client) in value.clients.iter().enumerate() {
        if !clients.declared.contains_key(client.as_str()) {
            let problem = format!("there is no client `{client}`");
            let place = node.place_of(&format!("/clients/{place}"));
            problems.note(file, place, problem, "name a client of clients/*.yaml");
        }
    }
    if !value.clients.is_empty() && !matches!(value.when, WhenModel::Silence) {
        let place = node.place_of("/clients");
        problems.note(file, place, "this condition looks at no clients", "leave `clients` out, or use `systems`");
    }
    if value.repeat.is_some_and(|repeat| repeat.0 < Duration::from_secs(60)) {
        problems.note(
            file,
            node.place_of("/repeat"),
            "`repeat` is shorter than a minute",
            "give at least 1m, or leave it out",
        );
    }
}

/// Reads the secrets of the targets and prepares their couriers.
pub(crate) fn build(
    alerts: &Alerts,
    gateway: &GatewayModel,
    secrets: &dyn SecretSource,
    problems: &mut Problems,
) -> Alerting {
    let public_url = gateway.console.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
    let mut targets = Vec::new();
    for (value, file, place) in &alerts.targets {
        let built = match (&value.webhook, &value.email) {
            (Some(webhook), _) => alert::webhook(webhook, secrets).map(|courier| ("webhook", courier)),
            (None, Some(email)) => alert::email(email, secrets).map(|courier| ("email", courier)),
            (None, None) => continue,
        };
        match built {
            Ok((kind, courier)) => targets.push(value.target(kind, courier)),
            Err(problem) => {
                let problem = format!("target `{}`: {problem}", value.name);
                problems.note(file, *place, problem, "nobody is told by it without this");
            }
        }
    }
    Alerting { rules: alerts.rules.iter().map(RuleModel::rule).collect(), targets, public_url }
}
