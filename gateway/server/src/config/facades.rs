//! `facades/*.yaml`: paths that today's callers know, served in their dialect. It compiles no program and reads no secret.

mod build;
mod check;
mod compile;
mod examples;
mod model;
#[cfg(test)]
mod tests;

use lienthong_engine::routing::ProgramSource;

use super::folder::Folder;
use super::problems::Problems;
use super::routes::ProgramModel;
use super::sections::{At, Routes, Section};

pub(crate) use build::build;
pub(crate) use compile::{LoadedFacade, Surroundings, compile};
pub(crate) use model::{FacadeModel, UpstreamModel};

/// A façade as read, with the texts of its programs.
pub(crate) struct ReadFacade {
    pub(crate) at: At<FacadeModel>,
    /// By their pointers in the file.
    programs: Vec<(String, ProgramSource)>,
}

impl ReadFacade {
    fn program(&self, pointer: &str) -> Option<&ProgramSource> {
        self.programs.iter().find(|(at, _)| at == pointer).map(|(_, source)| source)
    }
}

/// Reads every façade and the texts of its programs.
pub(crate) fn facades(folder: &Folder, routes: &mut Routes, problems: &mut Problems) -> Vec<ReadFacade> {
    let mut section: Section<FacadeModel> = Section::default();
    for (file, text) in folder.section("facades") {
        if let Some(node) = problems.tree(file, text) {
            section.take(file, &node, "name", problems);
        }
    }
    for At { value, file, node } in &section.read {
        for (pointer, problem, remedy) in value.check() {
            problems.note(file, node.place_of(&pointer), problem, remedy);
        }
    }
    check::apart(&section.read, problems);
    section.read.into_iter().map(|at| with_programs(folder, at, routes, problems)).collect()
}

fn with_programs(folder: &Folder, at: At<FacadeModel>, routes: &mut Routes, problems: &mut Problems) -> ReadFacade {
    let named: Vec<(String, ProgramModel)> = at.value.programs();
    let mut programs = Vec::with_capacity(named.len());
    for (pointer, model) in named {
        let key = pointer.trim_start_matches('/');
        if let Some(source) = routes.program(folder, (&at.file, &at.node), key, Some(&model), problems) {
            programs.push((pointer, source));
        }
    }
    ReadFacade { at, programs }
}
