//! `silence` of clients and systems: how long each may be silent before it is reported. It judges no silence.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_core::ClientId;
use lienthong_engine::desk::silence::SilencePolicy;
use schemars::JsonSchema;
use serde::Deserialize;

use super::calendars::Calendars;
use super::clients::ClientModel;
use super::load::LoadedSystem;
use super::problems::Problems;
use super::sections::Section;
use super::suggest::nearest;
use super::tree::Node;
use super::types::Span;

/// How long a client or system that normally sends may be silent; learned from earlier weeks when left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SilenceModel {
    /// Longer silence is reported.
    pub after: Span,
    /// The calendar whose working time is counted; all time when left out.
    #[serde(default)]
    pub during: Option<String>,
}

/// What is declared, by client; that of a system is called `system-<name>`.
pub(super) fn silences(
    clients: &Section<ClientModel>,
    systems: &[LoadedSystem],
    calendars: &Calendars,
    problems: &mut Problems,
) -> Arc<BTreeMap<ClientId, SilencePolicy>> {
    let of_clients = clients.read.iter().map(|at| (Some(at.value.id.clone()), &at.value.silence, &at.file, &at.node));
    let of_systems = systems.iter().map(|system| {
        let client = ClientId::new(&format!("system-{}", system.model.id)).ok();
        (client, &system.model.silence, &system.file, &system.node)
    });
    let mut all = BTreeMap::new();
    for (client, silence, file, node) in of_clients.chain(of_systems) {
        let (Some(client), Some(silence)) = (client, silence) else { continue };
        let during = silence.during.as_deref().and_then(|name| calendar(name, calendars, (file, node), problems));
        all.insert(client, SilencePolicy { after: silence.after.0, during });
    }
    Arc::new(all)
}

fn calendar(
    name: &str,
    calendars: &Calendars,
    (file, node): (&str, &Node),
    problems: &mut Problems,
) -> Option<lienthong_engine::flow::SharedCalendar> {
    let found = calendars.get(name);
    if found.is_none() && !calendars.is_unread(name) {
        let near = nearest(name, calendars.names());
        let remedy =
            near.map_or_else(|| "describe it in calendars/".to_owned(), |near| format!("did you mean `{near}`?"));
        problems.note(file, node.place_of("/silence/during"), format!("there is no calendar `{name}`"), remedy);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::load;
    use super::super::tests::{example, files, problems, told};

    #[test]
    fn a_declared_silence_is_read_with_its_calendar_and_an_unknown_one_is_named() {
        let loaded = load(&example()).unwrap_or_else(|found| panic!("{:#?}", told(&found)));
        let one_stop = loaded.silences.get("one-stop").unwrap();
        assert_eq!((one_stop.after, one_stop.during.is_some()), (Duration::from_secs(4 * 3600), true));
        let all = files(&example());
        let written = all.get("clients/one-stop.yaml").unwrap().replace("during: province", "during: provinse");
        let found = told(&problems(&[("clients/one-stop.yaml", &written)]));
        assert!(
            matches!(found.as_slice(), [one] if one.contains("no calendar `provinse`") && one.contains("`province`")),
            "{found:?}"
        );
    }
}
