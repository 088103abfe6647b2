//! What a façade's file may say. Every value has its meaning here and nowhere else.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use lienthong_core::{ClientId, OperationName, RouteName};
use lienthong_kit::config::{Address, TransportConfig, Wait};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::config::routes::ProgramModel;
use crate::config::types::{Size, Span};
use crate::facade::Outcome;

mod authentication;

pub(crate) use authentication::{AccountModel, AuthenticationModel, LgspHeaderModel};

/// Paths of one client that keeps speaking as it does today.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FacadeModel {
    /// Lower-case letters, digits and '-'; repeats are recognised under it, so it stays.
    #[schemars(with = "String")]
    pub(crate) name: RouteName,
    /// What it is for, for people.
    #[serde(default)]
    #[expect(dead_code, reason = "for people who read the file")]
    pub(crate) description: Option<String>,
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// Whose identity, permissions and quotas apply.
    #[schemars(with = "String")]
    pub(crate) client: ClientId,
    /// What all its paths begin with: `/KetNoiMotCuaQuocGia`.
    pub(crate) path: String,
    /// How callers prove themselves: everything that is given must hold.
    pub(crate) authentication: AuthenticationModel,
    /// Procedures that go through the gateway: `all`, or `procedures: [1.000094]`. Every other one is relayed to `upstream`.
    #[serde(default)]
    pub(crate) migrated: MigratedModel,
    /// The old address, for what is not migrated and for paths no end point names. Left out: there is none any more.
    #[serde(default)]
    pub(crate) upstream: Option<UpstreamModel>,
    /// How long an answer waits for the real outcome; at most 60s.
    #[serde(default = "eight_seconds")]
    pub(crate) wait: Span,
    /// How long the same message is taken for a repeat.
    #[serde(default = "quarter_of_an_hour")]
    pub(crate) repeat_window: Span,
    /// Largest request body; the port's own limit when left out.
    #[serde(default)]
    pub(crate) body_limit: Option<Size>,
    /// What callers are told, for every end point that says nothing else.
    #[serde(default)]
    pub(crate) answers: AnswersModel,
    /// In order: the first whose path, method and conditions fit takes the request.
    pub(crate) endpoints: Vec<EndpointModel>,
}

/// Which procedures go through the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MigratedModel {
    #[default]
    All,
    /// By their national codes; a local code (`1.000094.000.00.00.H56`) belongs to its national one.
    Procedures(Vec<String>),
}

/// The old address. Requests are relayed to it once, unchanged, and its answers are handed back unchanged.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpstreamModel {
    /// What stood where the façade's `path` stands now.
    pub(crate) base: Address,
    #[serde(default = "thirty_seconds")]
    pub(crate) timeout: Wait,
    /// The HTTP client and the network it stands in, as for adapters.
    #[serde(default)]
    pub(crate) transport: TransportConfig,
}

/// What callers are told of each outcome.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswersModel {
    /// The type of answers that name none: `application/json`. Where it is no JSON, programs leave a text.
    #[serde(default)]
    pub(crate) content_type: Option<String>,
    /// Every message is delivered, or the question is answered.
    #[serde(default)]
    pub(crate) delivered: Option<AnswerModel>,
    /// Received and on disk, and not yet synchronised.
    #[serde(default)]
    pub(crate) pending: Option<AnswerModel>,
    /// At least one message failed and needs a person, or was refused beside others that were not.
    #[serde(default)]
    pub(crate) failed: Option<AnswerModel>,
    /// Nothing was received.
    #[serde(default)]
    pub(crate) refused: Option<AnswerModel>,
    /// The caller did not prove who it is.
    #[serde(default)]
    pub(crate) unauthenticated: Option<AnswerModel>,
    /// The old address did not answer: `.fault.sent` says whether the request may have reached it.
    #[serde(default)]
    pub(crate) lost: Option<AnswerModel>,
}

/// One answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerModel {
    /// The HTTP status.
    #[serde(default = "ok")]
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) content_type: Option<String>,
    /// Leaves the answer in `.`.
    pub(crate) program: ProgramModel,
}

/// One path that callers know.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointModel {
    /// Lower-case letters, digits and '-'; repeats are recognised under it, so it stays.
    #[schemars(with = "String")]
    pub(crate) name: RouteName,
    #[serde(default)]
    pub(crate) method: MethodModel,
    /// Below the façade's path: `/ThemMoi`.
    pub(crate) path: String,
    /// What else must hold for this end point to take a request.
    #[serde(default)]
    pub(crate) when: WhenModel,
    /// What is asked. A read operation is called, any other submitted.
    #[schemars(with = "String")]
    pub(crate) operation: OperationName,
    /// What programs see as `.values`: the difference between adding and updating, for one.
    #[serde(default)]
    pub(crate) values: Map<String, Value>,
    /// Where the messages stand: `each: ""` for a bare array, `each: /data` for one in an envelope, `one: ""` for a single object.
    #[serde(default)]
    pub(crate) items: ItemsModel,
    /// Where an item has its business key: `/MaHoSo`. Needed unless the operation is a read.
    #[serde(default)]
    pub(crate) key: Option<String>,
    /// Items of one key become one message: the program sees `.items` instead of `.item`.
    #[serde(default)]
    pub(crate) group: bool,
    /// Most items of one request.
    #[serde(default = "hundred")]
    pub(crate) most: NonZeroUsize,
    /// Where the procedure stands that decides who serves an item; left out: the gateway does.
    #[serde(default)]
    pub(crate) procedure: Option<ProcedureModel>,
    /// Instead of the façade's.
    #[serde(default)]
    pub(crate) wait: Option<Span>,
    /// Makes of an item what the operation takes: leaves `body` in `.`, and `key`, `due_at`, `aliases`, `purpose`, `on_behalf_of`,
    /// `expires_at`, `not_before` and `class` where there are any.
    pub(crate) program: ProgramModel,
    /// Instead of the façade's.
    #[serde(default)]
    pub(crate) answers: AnswersModel,
    /// Requests and what becomes of them; `lienthong check` tries them.
    #[serde(default)]
    pub(crate) examples: Vec<ExampleModel>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum MethodModel {
    Get,
    #[default]
    Post,
    Put,
    Patch,
    Delete,
}

/// Conditions; case does not count.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhenModel {
    /// Query parameters and their values: `isUpdating: "True"`.
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    /// Texts of the body by JSON pointer: `/service: DongBoHoSoMC`.
    #[serde(default)]
    pub(crate) body: BTreeMap<String, String>,
}

/// Where the messages stand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ItemsModel {
    /// Each element of the array a JSON pointer leads to.
    Each(String),
    /// The object a JSON pointer leads to; a request without a body has an empty one.
    One(String),
}

impl Default for ItemsModel {
    fn default() -> Self {
        Self::One(String::new())
    }
}

/// Where an item's procedure stands.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProcedureModel {
    /// In the item itself, by JSON pointer.
    Item(String),
    /// In a query parameter.
    Query(String),
    /// In the newest message of that operation about the same key; one nobody knows is relayed.
    OfKey(OfKeyModel),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfKeyModel {
    #[schemars(with = "String")]
    pub(crate) operation: OperationName,
    /// Into that operation's input.
    pub(crate) pointer: String,
}

/// A request and what becomes of it. People and numbers in it are made up.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExampleModel {
    /// What it shows.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    /// The request's body.
    #[serde(default)]
    pub(crate) body: Value,
    /// What the program leaves for each message, in order.
    pub(crate) submissions: Vec<Value>,
    /// What the operation answers, for the answer `delivered`.
    #[serde(default)]
    pub(crate) answer: Value,
    /// What the caller is told of some outcomes, by their names; messages that fail do so with `LT-REJECTED` and the text "Không hợp lệ".
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub(crate) answers: BTreeMap<Outcome, Value>,
}

fn yes() -> bool {
    true
}

fn ok() -> u16 {
    200
}

fn hundred() -> NonZeroUsize {
    NonZeroUsize::new(100).unwrap_or(NonZeroUsize::MIN)
}

fn eight_seconds() -> Span {
    Span(Duration::from_secs(8))
}

fn thirty_seconds() -> Wait {
    Wait(Duration::from_secs(30))
}

fn quarter_of_an_hour() -> Span {
    Span(Duration::from_secs(15 * 60))
}

impl AnswersModel {
    /// Each answer that is given, by its outcome.
    pub(super) fn given(&self) -> impl Iterator<Item = (Outcome, &AnswerModel)> {
        let Self { content_type: _, delivered, pending, failed, refused, unauthenticated, lost } = self;
        let all = [
            (Outcome::Delivered, delivered),
            (Outcome::Pending, pending),
            (Outcome::Failed, failed),
            (Outcome::Refused, refused),
            (Outcome::Unauthenticated, unauthenticated),
            (Outcome::Lost, lost),
        ];
        all.into_iter().filter_map(|(outcome, answer)| Some((outcome, answer.as_ref()?)))
    }
}

impl FacadeModel {
    /// Every program with its pointer.
    pub(super) fn programs(&self) -> Vec<(String, ProgramModel)> {
        let of = |at: &str, answers: &AnswersModel| -> Vec<(String, ProgramModel)> {
            let one = |(outcome, answer): (Outcome, &AnswerModel)| {
                (format!("{at}/answers/{}/program", outcome.as_str()), answer.program.clone())
            };
            answers.given().map(one).collect()
        };
        let mut all = of("", &self.answers);
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            let at = format!("/endpoints/{place}");
            all.push((format!("{at}/program"), endpoint.program.clone()));
            all.extend(of(&at, &endpoint.answers));
        }
        all
    }
}
