//! `flows/*.yaml`: what should happen to a key across systems, and within what time. It compiles no program.

use lienthong_core::{OperationName, RouteName};
use lienthong_engine::flow::{EndSpec, FlowSpec, MatchSpec, On, SharedCalendar, StepSpec};
use lienthong_engine::routing::ProgramSource;
use schemars::JsonSchema;
use serde::Deserialize;

use super::calendars::Calendars;
use super::folder::Folder;
use super::problems::Problems;
use super::routes::ProgramModel;
use super::sections::{At, Routes, Section};
use super::suggest::nearest;
use super::types::WithinModel;

/// One flow.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlowModel {
    /// Lower-case letters, digits and '-'.
    #[schemars(with = "String")]
    pub(crate) name: RouteName,
    /// One sentence: what it is.
    pub(crate) summary: String,
    /// The calendar of its working time; the only one when left out.
    #[serde(default)]
    pub(crate) calendar: Option<String>,
    /// Any of these messages of a key begins it, again once it is over.
    pub(crate) begins_with: Vec<MatchModel>,
    /// In the order people think of them.
    pub(crate) steps: Vec<StepModel>,
    /// Time stands still from any of these …
    #[serde(default)]
    pub(crate) pause_when: Vec<MatchModel>,
    /// … to any of these.
    #[serde(default)]
    pub(crate) resume_when: Vec<MatchModel>,
    /// Ways to be over early.
    #[serde(default)]
    pub(crate) end_when: Vec<EndModel>,
}

/// A message that counts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MatchModel {
    /// An operation, or a declared message.
    #[schemars(with = "String")]
    pub(crate) operation: OperationName,
    /// `accepted` when it came to us or was made here, `delivered` when its target took it.
    pub(crate) on: OnModel,
    /// A VRL predicate over what was accepted or sent; always when left out.
    #[serde(default)]
    pub(crate) when: Option<ProgramModel>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnModel {
    Accepted,
    Delivered,
}

/// One step.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepModel {
    #[schemars(with = "String")]
    pub(crate) name: RouteName,
    /// Any of these completes it.
    pub(crate) completed_by: Vec<MatchModel>,
    /// The steps that come before it; left out: the one that stands before it. None (`[]`): the flow's beginning.
    #[serde(default)]
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) after: Option<Vec<RouteName>>,
    /// How long it may take: `2wd`, `16wh` (working time), `3d`, `16h`; for ever when left out.
    #[serde(default)]
    pub(crate) within: Option<WithinModel>,
    /// The unit or party that must act.
    #[serde(default)]
    pub(crate) who_acts: String,
    /// It may happen again, and then what comes after it is waited for again.
    #[serde(default)]
    pub(crate) repeats: bool,
}

/// A way to be over early.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndModel {
    /// What the timeline calls it.
    pub(crate) name: String,
    #[schemars(with = "String")]
    pub(crate) operation: OperationName,
    pub(crate) on: OnModel,
    #[serde(default)]
    pub(crate) when: Option<ProgramModel>,
}

pub(crate) fn flows(
    folder: &Folder,
    calendars: &Calendars,
    routes: &mut Routes,
    problems: &mut Problems,
) -> Vec<FlowSpec> {
    let mut section: Section<FlowModel> = Section::default();
    for (file, text) in folder.section("flows") {
        if let Some(node) = problems.tree(file, text) {
            section.take(file, &node, "name", problems);
        }
    }
    let mut specs = Vec::with_capacity(section.read.len());
    for at in &section.read {
        let calendar = calendar(at, calendars, problems);
        let program = |place: &str, model: Option<&ProgramModel>| {
            routes.program(folder, (&at.file, &at.node), place, model, problems)
        };
        specs.push(spec(at, calendar, program));
    }
    specs
}

fn calendar(at: &At<FlowModel>, calendars: &Calendars, problems: &mut Problems) -> Option<SharedCalendar> {
    match (&at.value.calendar, calendars.only()) {
        (None, only) => only,
        (Some(name), _) => {
            let found = calendars.get(name);
            if found.is_none() && !calendars.is_unread(name) {
                let near = nearest(name, calendars.names());
                let remedy = near
                    .map_or_else(|| "describe it in calendars/".to_owned(), |near| format!("did you mean `{near}`?"));
                let place = at.node.locate("/calendar").place;
                problems.note(&at.file, place, format!("there is no calendar `{name}`"), remedy);
            }
            found
        }
    }
}

fn spec(
    at: &At<FlowModel>,
    calendar: Option<SharedCalendar>,
    mut program: impl FnMut(&str, Option<&ProgramModel>) -> Option<ProgramSource>,
) -> FlowSpec {
    let At { value, file, node } = at;
    let mut all = |place: &str, models: &[MatchModel]| -> Vec<MatchSpec> {
        let one = |(index, model): (usize, &MatchModel)| MatchSpec {
            operation: model.operation.clone(),
            on: model.on.into(),
            when: program(&format!("{place}/{index}/when"), model.when.as_ref()),
        };
        models.iter().enumerate().map(one).collect()
    };
    let begins = all("begins_with", &value.begins_with);
    let pauses = all("pause_when", &value.pause_when);
    let resumes = all("resume_when", &value.resume_when);
    let mut steps: Vec<StepSpec> = Vec::with_capacity(value.steps.len());
    for (index, step) in value.steps.iter().enumerate() {
        let before = steps.last().map(|before| before.name.clone());
        let named = |names: &Vec<RouteName>| names.iter().map(ToString::to_string).collect();
        steps.push(StepSpec {
            name: step.name.to_string(),
            line: node.locate(&format!("/steps/{index}")).place.line,
            completed_by: all(&format!("steps/{index}/completed_by"), &step.completed_by),
            after: step.after.as_ref().map_or_else(|| before.into_iter().collect(), named),
            within: step.within.map(|within| within.0),
            who_acts: step.who_acts.clone(),
            repeats: step.repeats,
        });
    }
    let ends = value.end_when.iter().enumerate().map(|(index, end)| EndSpec {
        name: end.name.clone(),
        on: MatchSpec {
            operation: end.operation.clone(),
            on: end.on.into(),
            when: program(&format!("end_when/{index}/when"), end.when.as_ref()),
        },
    });
    FlowSpec {
        name: value.name.to_string(),
        summary: value.summary.clone(),
        file: file.clone(),
        line: node.place.line,
        begins,
        ends: ends.collect(),
        steps,
        pauses,
        resumes,
        calendar,
    }
}

impl From<OnModel> for On {
    fn from(on: OnModel) -> Self {
        match on {
            OnModel::Accepted => Self::Accepted,
            OnModel::Delivered => Self::Delivered,
        }
    }
}
