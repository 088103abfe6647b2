//! `reconciliations/*.yaml`: whose list is compared with what the other side has, how rows are read, how the other side is asked. It opens no list.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::program::{Compiler as _, Program, ProgramText};
use lienthong_core::{ClientId, OperationName, RouteName};
use lienthong_engine::reconcile::{DailySpec, ExportSpec, Fields, LookedUpSpec, Order, Reconciliations, Spec};
use lienthong_engine::routing::{Catalogue, ProgramSource, Programs};
use lienthong_formats::encoding::Encoding;
use schemars::JsonSchema;
use serde::Deserialize;

use super::folder::Folder;
use super::problems::Problems;
use super::references::References;
use super::routes::ProgramModel;
use super::sections::{At, Routes, Section};
use super::types::{Span, TimeOfDay};

/// Most look-ups a second towards another side: more is not polite.
const MOST_A_SECOND: f64 = 50.0;
/// Shortest and longest wait for a file.
const LEAST_WAIT: Duration = Duration::from_secs(60);
const MOST_WAIT: Duration = Duration::from_secs(86_400);
/// What stands for the day in a file's name.
const DAY: &str = "{day}";
/// Most rows one list may be allowed to have.
const MOST_ROWS: u64 = 1_000_000;

/// One reconciliation (đối soát).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReconciliationModel {
    /// Lower-case letters, digits and '-'.
    #[schemars(with = "String")]
    name: RouteName,
    /// One sentence: what is compared with what.
    summary: String,
    /// What is handed over here, and what a difference is sent as.
    #[schemars(with = "String")]
    operation: OperationName,
    /// In whose name the other side is asked and differences are sent.
    #[schemars(with = "String")]
    client: ClientId,
    /// Where the operation's body tells what is compared.
    fields: FieldsModel,
    /// The province's list.
    export: ExportModel,
    /// The other side's list, where one can be had.
    #[serde(default)]
    there: Option<ExportModel>,
    /// How the other side is asked about one key, where it can be asked.
    #[serde(default)]
    lookup: Option<LookupModel>,
    /// Statuses from the first to the last; those of one line may follow each other both ways.
    #[serde(default)]
    order: Vec<Vec<String>>,
    /// When it runs by itself.
    #[serde(default)]
    daily: Option<DailyRunModel>,
    /// How long differences are kept.
    #[serde(default = "a_month")]
    keep: Span,
    /// Most rows of one list.
    #[serde(default = "two_hundred_thousand")]
    most_rows: u64,
}

/// JSON pointers into the operation's body; what is left out is not compared.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct FieldsModel {
    unit: Option<String>,
    procedure: Option<String>,
    status: Option<String>,
    /// The day a key belongs to.
    day: Option<String>,
    due: Option<String>,
    returned: Option<String>,
    /// When it was last changed: tells which side is newer where both tell it.
    changed: Option<String>,
}

/// How a list is read: CSV with a header, or JSON lines.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExportModel {
    /// `utf-8`, `windows-1258`, `tcvn3` or `vni`.
    #[serde(default = "utf8")]
    encoding: String,
    /// What separates columns of CSV: one character, or `tab`.
    #[serde(default = "comma")]
    delimiter: String,
    /// Columns each list must have.
    #[serde(default)]
    columns: Vec<String>,
    /// A VRL program that makes `{key, body}` of a row, whose columns are texts in `.`.
    map: ProgramModel,
}

/// How the other side is asked about one key.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LookupModel {
    /// A read operation.
    #[schemars(with = "String")]
    operation: OperationName,
    /// The member of its input that holds the key.
    field: String,
    /// A JSON pointer to whether there is such a key; left out, any answer says that there is.
    #[serde(default)]
    exists: Option<String>,
    /// A JSON pointer to the status, where the answer tells one.
    #[serde(default)]
    status: Option<String>,
    /// Questions a second, at most 50.
    #[serde(default = "five")]
    per_second: f64,
}

/// A run of every day.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DailyRunModel {
    at: TimeOfDay,
    /// The province's list; `{day}` in its name is the last day compared, yyyy-MM-dd. A relative path begins at the configuration folder.
    file: String,
    /// The other side's list, where it comes as a file; named with `{day}` too.
    #[serde(default)]
    there: Option<String>,
    /// Days compared, up to the day before.
    #[serde(default = "one")]
    days: u16,
    /// How long a file that is late is waited for: a minute to a day.
    #[serde(default = "three_hours")]
    wait: Span,
}

/// What was read, with the programs' texts.
struct ReadReconciliation {
    at: At<ReconciliationModel>,
    export: Option<ProgramSource>,
    there: Option<ProgramSource>,
}

/// What reconciliations may name.
pub(crate) type Known<'k> = (&'k References, &'k Catalogue);

fn read(folder: &Folder, routes: &mut Routes, problems: &mut Problems) -> Vec<ReadReconciliation> {
    let mut section: Section<ReconciliationModel> = Section::default();
    for (file, text) in folder.section("reconciliations") {
        if let Some(node) = problems.tree(file, text) {
            section.take(file, &node, "name", problems);
        }
    }
    let with_programs = |at: At<ReconciliationModel>| {
        let mut program = |place: &str, model: Option<&ProgramModel>| {
            routes.program(folder, (&at.file, &at.node), place, model, problems)
        };
        let export = program("export/map", Some(&at.value.export.map));
        let there = program("there/map", at.value.there.as_ref().map(|there| &there.map));
        ReadReconciliation { at, export, there }
    };
    section.read.into_iter().map(with_programs).collect()
}

pub(crate) fn load(
    (folder, routes): (&Folder, &mut Routes),
    known: Known<'_>,
    programs: &Programs,
    problems: &mut Problems,
) -> Reconciliations {
    let read = read(folder, routes, problems);
    let specs = read.iter().filter_map(|one| compiled(one, known, programs, problems).map(Arc::new));
    Reconciliations(specs.collect::<Vec<_>>().into())
}

fn compiled(read: &ReadReconciliation, known: Known<'_>, programs: &Programs, problems: &mut Problems) -> Option<Spec> {
    let ReadReconciliation { at, export, there } = read;
    check(at, known, problems);
    let model = &at.value;
    let export = list(at, "/export", &model.export, export.as_ref(), programs, problems);
    let there_spec = match &model.there {
        Some(there_model) => Some(list(at, "/there", there_model, there.as_ref(), programs, problems)?),
        None => None,
    };
    let order = Order::new(model.order.clone()).map_err(|twice| {
        let place = at.node.place_of("/order");
        problems.note(&at.file, place, format!("status `{twice}` stands twice"), "give each status one place");
    });
    let FieldsModel { unit, procedure, status, day, due, returned, changed } = model.fields.clone();
    Some(Spec {
        name: model.name.to_string(),
        summary: model.summary.clone(),
        operation: model.operation.clone(),
        client: model.client.clone(),
        fields: Fields { unit, procedure, status, day, due, returned, changed },
        export: export?,
        there: there_spec,
        lookup: model.lookup.as_ref().map(|lookup| LookedUpSpec {
            operation: lookup.operation.clone(),
            field: lookup.field.clone(),
            exists: lookup.exists.clone(),
            status: lookup.status.clone(),
            per_second: lookup.per_second,
        }),
        order: order.ok()?,
        daily: model.daily.as_ref().map(|daily| DailySpec {
            at: daily.at.0,
            file: daily.file.clone(),
            there: daily.there.clone(),
            days: daily.days,
            wait: daily.wait.0,
        }),
        keep: model.keep.0,
        most_rows: model.most_rows,
    })
}

fn check(at: &At<ReconciliationModel>, (references, catalogue): Known<'_>, problems: &mut Problems) {
    let (model, place) = (&at.value, |pointer: &str| at.node.locate(pointer).place);
    let file = at.file.as_str();
    references.check_client(model.client.as_str(), (file, place("/client")), problems);
    references.check_operation(model.operation.as_str(), (file, place("/operation")), problems);
    let readable = |name: &OperationName| catalogue.get(name).is_none_or(|entry| entry.spec.is_callable());
    if catalogue.get(&model.operation).is_some_and(|entry| entry.spec.is_callable()) {
        let problem = format!("`{}` changes nothing: no difference can be sent by it", model.operation);
        problems.note(file, place("/operation"), problem, "name the operation that dossiers are sent by");
    }
    if let Some(lookup) = &model.lookup {
        references.check_operation(lookup.operation.as_str(), (file, place("/lookup/operation")), problems);
        if !readable(&lookup.operation) {
            let problem = format!("`{}` changes something", lookup.operation);
            problems.note(file, place("/lookup/operation"), problem, "look up with a read operation");
        }
        if !(lookup.per_second > 0.0 && lookup.per_second <= MOST_A_SECOND) {
            let problem = "`per_second` is no polite rate".to_owned();
            problems.note(file, place("/lookup/per_second"), problem, "give a number above 0, at most 50");
        }
    }
    let FieldsModel { unit, procedure, status, day, due, returned, changed } = &model.fields;
    let fields = [
        ("unit", unit),
        ("procedure", procedure),
        ("status", status),
        ("day", day),
        ("due", due),
        ("returned", returned),
        ("changed", changed),
    ];
    let lookup = model.lookup.as_ref();
    let pointers = fields.into_iter().map(|(name, at)| (format!("/fields/{name}"), at.as_ref()));
    let answers = [
        ("exists", lookup.and_then(|lookup| lookup.exists.as_ref())),
        ("status", lookup.and_then(|lookup| lookup.status.as_ref())),
    ];
    let answers = answers.into_iter().map(|(name, at)| (format!("/lookup/{name}"), at));
    for (where_, pointer) in pointers.chain(answers) {
        if pointer.is_some_and(|pointer| !pointer.starts_with('/')) {
            let problem = "this is no JSON pointer".to_owned();
            problems.note(file, place(&where_), problem, "write it as in RFC 6901: `/owner/name`");
        }
    }
    if !(1..=MOST_ROWS).contains(&model.most_rows) {
        problems.note(file, place("/most_rows"), "`most_rows` is out of bounds", "allow 1 to 1000000 rows");
    }
    if let Some(daily) = &model.daily {
        check_daily(at, daily, problems);
    }
}

fn check_daily(at: &At<ReconciliationModel>, daily: &DailyRunModel, problems: &mut Problems) {
    let (file, place) = (at.file.as_str(), |pointer: &str| at.node.locate(pointer).place);
    if !(1..=366).contains(&daily.days) {
        problems.note(file, place("/daily/days"), "`days` is out of bounds", "compare 1 to 366 days");
    }
    if daily.wait.0 < LEAST_WAIT {
        let remedy = "wait a minute at least: a file is taken when it has not changed for some seconds";
        problems.note(file, place("/daily/wait"), "`wait` is shorter than a minute", remedy);
    }
    if daily.wait.0 > MOST_WAIT {
        problems.note(file, place("/daily/wait"), "`wait` is longer than a day", "the next day has its own run");
    }
    let there = daily.there.as_ref().map(|there| ("/daily/there", there));
    for (pointer, named) in [("/daily/file", &daily.file)].into_iter().chain(there) {
        if !named.contains(DAY) {
            let remedy = "write `{day}` into its name, and let a file of its own be written every day";
            problems.note(file, place(pointer), "one file would be compared every day", remedy);
        }
    }
    if daily.there.is_some() && at.value.there.is_none() {
        let remedy = "describe the other side's list under `there`";
        problems.note(file, place("/daily/there"), "there is a file of the other side and no way to read it", remedy);
    }
}

fn list(
    at: &At<ReconciliationModel>,
    place: &str,
    model: &ExportModel,
    source: Option<&ProgramSource>,
    programs: &Programs,
    problems: &mut Problems,
) -> Option<ExportSpec> {
    let mut note = |pointer: &str, problem: String, remedy: &str| {
        problems.note(&at.file, at.node.locate(&format!("{place}{pointer}")).place, problem, remedy);
    };
    let encoding = Encoding::named(&model.encoding);
    if encoding.is_none() {
        note(
            "/encoding",
            format!("`{}` is no encoding known here", model.encoding),
            "write utf-8, windows-1258, tcvn3 or vni",
        );
    }
    let delimiter = match model.delimiter.as_bytes() {
        b"tab" => Some(b'\t'),
        [one] if one.is_ascii() && !one.is_ascii_alphanumeric() && *one != b'"' => Some(*one),
        _other => None,
    };
    if delimiter.is_none() {
        note("/delimiter", "this separates no columns".to_owned(), "write one character such as `,` or `;`, or `tab`");
    }
    let make = source.and_then(|source| match compiled_program(source, programs) {
        Ok(program) => Some(program),
        Err(found) => {
            found.into_iter().for_each(|problem| note("/map", problem, "correct the program"));
            None
        }
    });
    Some(ExportSpec { encoding: encoding?, delimiter: delimiter?, columns: model.columns.clone(), make: make? })
}

fn compiled_program(source: &ProgramSource, programs: &Programs) -> Result<Arc<dyn Program>, Vec<String>> {
    programs.compile(&ProgramText { place: source.file.clone(), text: source.text.clone() })
}

fn utf8() -> String {
    "utf-8".to_owned()
}

fn comma() -> String {
    ",".to_owned()
}

fn five() -> f64 {
    5.0
}

fn one() -> u16 {
    1
}

fn three_hours() -> Span {
    Span(Duration::from_secs(3 * 3_600))
}

fn a_month() -> Span {
    Span(Duration::from_secs(30 * 86_400))
}

fn two_hundred_thousand() -> u64 {
    200_000
}
