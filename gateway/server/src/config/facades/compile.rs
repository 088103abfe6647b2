//! Façades compiled: programs, answers, what they refer to. Every problem is told where it stands; no secret is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode};
use lienthong_core::program::Program;
use lienthong_core::{Effect, OperationName};
use lienthong_engine::routing::{Catalogue, Entry, Programs};

use super::ReadFacade;
use super::examples::try_out;
use super::model::{
    AnswersModel, AuthenticationModel, EndpointModel, FacadeModel, ItemsModel, MethodModel, MigratedModel,
    ProcedureModel, UpstreamModel,
};
use crate::config::clients::ClientModel;
use crate::config::gateway::GatewayModel;
use crate::config::problems::Problems;
use crate::config::sections::{At, Routes, Section, Systems};
use crate::config::suggest::nearest;
use crate::config::tree::Node;
use crate::facade::{Endpoint, Migrated, Outcome, Place, Plan, ProcedurePlace, Template};

const JSON: &str = "application/json";

/// A façade without a problem that could be found without reading secrets.
pub(crate) struct LoadedFacade {
    pub(crate) plan: Plan,
    pub(crate) authentication: AuthenticationModel,
    pub(crate) upstream: Option<UpstreamModel>,
    pub(crate) file: String,
    pub(crate) node: Node,
    /// Examples that were tried.
    pub(crate) examples: usize,
}

/// Programs by their file and line: one that several end points name is compiled once.
type Compiled = BTreeMap<(String, usize), Arc<dyn Program>>;

/// What façades refer to.
pub(crate) struct Surroundings<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) programs: &'a Programs,
    pub(crate) clients: &'a Section<ClientModel>,
    pub(crate) systems: &'a Systems,
    /// Knows where programs stand.
    pub(crate) routes: &'a Routes,
    pub(crate) gateway: Option<&'a GatewayModel>,
}

/// The enabled façades that have no problem; disabled ones are looked at too.
pub(crate) fn compile(read: Vec<ReadFacade>, around: &Surroundings<'_>, problems: &mut Problems) -> Vec<LoadedFacade> {
    let (mut loaded, mut compiled) = (Vec::new(), Compiled::new());
    for facade in read {
        refers(&facade.at, around, problems);
        let Some(plan) = plan(&facade, around, &mut compiled, problems) else { continue };
        let examples = try_out(&facade.at, &plan, around.catalogue, problems);
        let At { value, file, node } = facade.at;
        let FacadeModel { enabled, authentication, upstream, .. } = value;
        if enabled {
            loaded.push(LoadedFacade { plan, authentication, upstream, file, node, examples });
        }
    }
    loaded
}

fn refers(at: &At<FacadeModel>, around: &Surroundings<'_>, problems: &mut Problems) {
    let At { value, file, node } = at;
    let client = value.client.as_str();
    if !around.clients.declared.contains_key(client) {
        let near = nearest(client, around.clients.declared.keys().map(String::as_str));
        let remedy =
            near.map_or_else(|| "describe it in clients/".to_owned(), |near| format!("did you mean `{near}`?"));
        problems.note(file, node.place_of("/client"), format!("there is no client `{client}`"), remedy);
    }
    let limit = around.gateway.map(|gateway| gateway.limits.body);
    if let (Some(own), Some(port)) = (value.body_limit, limit)
        && own > port
    {
        let problem = "`body_limit` is above the port's own";
        problems.note(file, node.place_of("/body_limit"), problem, "lower it, or raise limits.body in gateway.yaml");
    }
    if value.enabled {
        serves(at, around, problems);
    }
}

/// What an enabled façade asks for must be there to be asked.
fn serves(at: &At<FacadeModel>, around: &Surroundings<'_>, problems: &mut Problems) {
    let At { value, file, node } = at;
    let known = around.clients.read.iter().find(|known| known.value.id == value.client);
    let disabled = |name: &str| {
        let systems = &around.systems.section.read;
        systems.iter().any(|system| system.value.id.as_str() == name && !system.value.enabled)
    };
    for (place, endpoint) in value.endpoints.iter().enumerate() {
        let place = node.place_of(&format!("/endpoints/{place}/operation"));
        let may = |client: &At<ClientModel>| client.value.operations.iter().any(|p| p.0.matches(&endpoint.operation));
        if !known.is_none_or(may) {
            let problem = format!("client `{}` may not ask for `{}`", value.client, endpoint.operation);
            problems.note(file, place, problem, "add the operation to the client");
        }
        let system = endpoint.operation.system();
        if disabled(system) {
            let remedy = "disable the façade too; to stop sending for a while, enable the system and pause it";
            problems.note(file, place, format!("system `{system}` is disabled"), remedy);
        }
    }
}

fn plan(
    facade: &ReadFacade,
    around: &Surroundings<'_>,
    compiled: &mut Compiled,
    problems: &mut Problems,
) -> Option<Plan> {
    let At { value, .. } = &facade.at;
    let mut compiler = Compiler { facade, around, compiled, problems, whole: true };
    let answers = compiler.answers("", &value.answers, &value.answers);
    let mut endpoints = Vec::with_capacity(value.endpoints.len());
    for (place, endpoint) in value.endpoints.iter().enumerate() {
        endpoints.extend(compiler.endpoint(place, endpoint));
    }
    compiler.answered("/answers", &answers, &answers, needed(value));
    for (place, endpoint) in endpoints.iter().enumerate() {
        let needed: &[Outcome] = match endpoint.is_read {
            true => &[Outcome::Delivered, Outcome::Failed, Outcome::Refused],
            false => &[Outcome::Delivered, Outcome::Pending, Outcome::Failed, Outcome::Refused],
        };
        compiler.answered(&format!("/endpoints/{place}/name"), &endpoint.answers, &answers, needed);
    }
    let complete = compiler.whole && endpoints.len() == value.endpoints.len();
    complete.then(|| Plan {
        name: value.name.to_string(),
        client: value.client.clone(),
        path: value.path.clone(),
        body_limit: value.body_limit.map(|limit| limit.bytes()),
        repeat_window: value.repeat_window.0,
        migrated: match &value.migrated {
            MigratedModel::All => Migrated::All,
            MigratedModel::Procedures(codes) => Migrated::Procedures(codes.clone()),
        },
        session_field: value.authentication.session.as_ref().map(|session| session.field.clone()),
        endpoints,
        answers,
    })
}

/// What is told where no end point has a say.
fn needed(value: &FacadeModel) -> &'static [Outcome] {
    match value.upstream {
        Some(_) => &[Outcome::Refused, Outcome::Unauthenticated, Outcome::Lost],
        None => &[Outcome::Refused, Outcome::Unauthenticated],
    }
}

struct Compiler<'c, 'p> {
    facade: &'c ReadFacade,
    around: &'c Surroundings<'c>,
    compiled: &'p mut Compiled,
    problems: &'p mut Problems,
    whole: bool,
}

impl Compiler<'_, '_> {
    fn note(&mut self, pointer: &str, problem: String, remedy: &str) {
        self.whole = false;
        let At { file, node, .. } = &self.facade.at;
        self.problems.note(file, node.place_of(pointer), problem, remedy);
    }

    fn program(&mut self, pointer: &str) -> Option<Arc<dyn Program>> {
        let source = self.facade.program(pointer)?;
        let place = (source.file.clone(), source.line);
        if let Some(program) = self.compiled.get(&place) {
            return Some(Arc::clone(program));
        }
        match self.around.programs.freestanding(source) {
            Ok(program) => {
                self.compiled.insert(place, Arc::clone(&program));
                Some(program)
            }
            Err(found) => {
                found.into_iter().for_each(|problem| self.problems.push(self.around.routes.placed(problem)));
                None
            }
        }
    }

    fn answers(&mut self, at: &str, own: &AnswersModel, facade: &AnswersModel) -> BTreeMap<Outcome, Template> {
        let mut answers = BTreeMap::new();
        for (outcome, answer) in own.given() {
            let Some(program) = self.program(&format!("{at}/answers/{}/program", outcome.as_str())) else {
                self.whole = false;
                continue;
            };
            let named = answer.content_type.as_ref().or(own.content_type.as_ref()).or(facade.content_type.as_ref());
            let text = named.map_or(JSON, String::as_str);
            // What cannot be read was told with the model.
            let (Ok(status), Ok(media_type)) = (StatusCode::from_u16(answer.status), HeaderValue::from_str(text))
            else {
                continue;
            };
            answers.insert(outcome, Template { status, media_type, json: is_json(text), program });
        }
        answers
    }

    fn answered(
        &mut self,
        at: &str,
        own: &BTreeMap<Outcome, Template>,
        facade: &BTreeMap<Outcome, Template>,
        needed: &[Outcome],
    ) {
        // Answers that do not compile are told already.
        if !self.whole {
            return;
        }
        for outcome in needed.iter().filter(|outcome| !own.contains_key(outcome) && !facade.contains_key(outcome)) {
            let problem = format!("there is no answer `{}`", outcome.as_str());
            self.note(at, problem, "add it under `answers`, of the façade or of the end point");
        }
    }

    fn endpoint(&mut self, place: usize, model: &EndpointModel) -> Option<Endpoint> {
        let at = format!("/endpoints/{place}");
        let is_read = self.entry(&at, &model.operation)?.spec.effect == Effect::Read;
        if let Some(ProcedureModel::OfKey(of_key)) = &model.procedure {
            self.entry(&format!("{at}/procedure/of_key"), &of_key.operation)?;
        }
        if !is_read && model.key.is_none() {
            self.note(
                &format!("{at}/operation"),
                "`key` is missing".to_owned(),
                "say where an item has its business key",
            );
        }
        if is_read && matches!(model.items, ItemsModel::Each(_)) {
            self.note(
                &format!("{at}/items"),
                "one question is asked at a time".to_owned(),
                "write `one:` with a pointer",
            );
        }
        let answers = self.answers(&at, &model.answers, &self.facade.at.value.answers.clone());
        let Some(program) = self.program(&format!("{at}/program")) else {
            self.whole = false;
            return None;
        };
        let wait = model.wait.unwrap_or(self.facade.at.value.wait);
        Some(Endpoint {
            name: model.name.to_string(),
            method: method(model.method),
            path: model.path.clone(),
            query: model.when.query.clone(),
            body: model.when.body.clone(),
            operation: model.operation.clone(),
            is_read,
            values: model.values.clone(),
            place: match &model.items {
                ItemsModel::Each(pointer) => Place::Each(pointer.clone()),
                ItemsModel::One(pointer) => Place::One(pointer.clone()),
            },
            key: model.key.clone(),
            group: model.group,
            most: model.most.get(),
            procedure: model.procedure.as_ref().map(procedure),
            wait: wait.0,
            program,
            answers,
        })
    }

    fn entry(&mut self, at: &str, operation: &OperationName) -> Option<&Entry> {
        let catalogue = self.around.catalogue;
        let found = catalogue.get(operation).filter(|entry| !entry.inbound);
        if found.is_none() {
            let names: Vec<String> =
                catalogue.iter().filter(|entry| !entry.inbound).map(|entry| entry.spec.name.to_string()).collect();
            let near = nearest(operation.as_str(), names.iter().map(String::as_str));
            let remedy = near.map_or_else(|| "enable its system".to_owned(), |near| format!("did you mean `{near}`?"));
            self.note(&format!("{at}/operation"), format!("there is no operation `{operation}` to ask for"), &remedy);
        }
        found
    }
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == JSON || essence == "text/json" || essence.ends_with("+json")
}

fn method(model: MethodModel) -> Method {
    match model {
        MethodModel::Get => Method::GET,
        MethodModel::Post => Method::POST,
        MethodModel::Put => Method::PUT,
        MethodModel::Patch => Method::PATCH,
        MethodModel::Delete => Method::DELETE,
    }
}

fn procedure(model: &ProcedureModel) -> ProcedurePlace {
    match model {
        ProcedureModel::Item(pointer) => ProcedurePlace::Item(pointer.clone()),
        ProcedureModel::Query(name) => ProcedurePlace::Query(name.clone()),
        ProcedureModel::OfKey(of_key) => ProcedurePlace::OfKey(of_key.operation.clone(), of_key.pointer.clone()),
    }
}
