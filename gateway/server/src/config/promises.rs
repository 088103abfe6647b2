//! Promised dates: which messages say that a dossier's time stands still. It compiles no program.

use lienthong_core::OperationName;
use lienthong_engine::pace::PaceSpec;
use schemars::JsonSchema;
use serde::Deserialize;

use super::folder::{Folder, GATEWAY};
use super::gateway::GatewayModel;
use super::problems::Problems;
use super::routes::ProgramModel;
use super::sections::Routes;
use super::tree::parse;

/// When the time of promised dates stands still besides outages of the target.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PromisesModel {
    /// One entry an operation whose messages tell how a dossier stands.
    pub stand_still: Vec<StandStillModel>,
}

/// When messages of one operation say that time stands still; every other message of it says that time runs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StandStillModel {
    /// An operation, or a declared message.
    #[schemars(with = "String")]
    pub(crate) operation: OperationName,
    /// A VRL predicate over what was accepted, for example a status; name procedures in it where only some of them say so.
    pub(crate) when: ProgramModel,
}

pub(crate) fn paces(
    folder: &Folder,
    gateway: Option<&GatewayModel>,
    routes: &mut Routes,
    problems: &mut Problems,
) -> Vec<PaceSpec> {
    let Some((gateway, node)) = gateway.zip(folder.file(GATEWAY).and_then(|text| parse(text).0)) else {
        return Vec::new();
    };
    let file = GATEWAY.to_owned();
    let entries = gateway.promises.stand_still.iter().enumerate();
    let specs = entries.filter_map(|(index, model)| {
        let place = format!("promises/stand_still/{index}/when");
        let when = routes.program(folder, (&file, &node), &place, Some(&model.when), problems)?;
        Some(PaceSpec { operation: model.operation.clone(), when })
    });
    specs.collect()
}
