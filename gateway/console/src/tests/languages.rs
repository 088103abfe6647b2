//! Every page in both languages, with no word of the other one.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::Value;

use super::world::{KEY, World, rejected};
use crate::Language;

/// Every word of a language by its place in the table.
fn words(language: Language) -> BTreeMap<String, String> {
    let table = serde_json::to_value(language.words()).unwrap();
    let groups = table.as_object().unwrap().clone();
    let fields = |(group, fields): (String, Value)| {
        let fields = fields.as_object().unwrap().clone();
        fields.into_iter().map(move |(name, word)| (format!("{group}.{name}"), word.as_str().unwrap().to_owned()))
    };
    groups.into_iter().flat_map(fields).collect()
}

fn gaps(sentence: &str) -> Vec<&str> {
    let mut gaps: Vec<&str> = sentence.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    gaps.sort_unstable();
    gaps
}

#[test]
fn both_tables_say_everything_with_the_same_gaps() {
    let (vi, en) = (words(Language::Vi), words(Language::En));
    for (place, word) in &vi {
        let other = &en[place];
        assert!(!word.trim().is_empty() && !other.trim().is_empty(), "{place}");
        assert_eq!(gaps(word), gaps(other), "{place}");
        assert_ne!(word, other, "{place} is not translated");
    }
}

/// The texts between tags and in labels.
fn texts(page: &str) -> Vec<String> {
    let between = page.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
    let labels = page.split("aria-label=\"").skip(1).filter_map(|rest| rest.split('"').next());
    between.chain(labels).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
}

#[tokio::test]
async fn no_page_has_a_word_of_the_other_language() {
    let world = World::new().await;
    let (id, group) = world.parked(rejected()).await;
    let mut browser = world.as_user("operator").await;
    let pages = [
        "/console".to_owned(),
        "/console/errors".to_owned(),
        format!("/console/errors/{group}"),
        format!("/console/errors/{group}/release"),
        format!("/console/errors/{group}/discard"),
        format!("/console/errors/{group}/preview"),
        format!("/console/deliveries/{id}.0/release"),
        format!("/console/deliveries/{id}.0/discard"),
        format!("/console/deliveries/{id}.0/preview"),
        "/console/releases".to_owned(),
        "/console/exchanges".to_owned(),
        format!("/console/exchanges/{id}"),
        format!("/console/exchanges/{id}/reveal"),
        "/console/acts".to_owned(),
        "/console/alerts".to_owned(),
        "/console/drills".to_owned(),
        "/console/dossier".to_owned(),
        format!("/console/dossier?key={KEY}"),
        "/console/search".to_owned(),
        "/console/flows".to_owned(),
        "/console/systems".to_owned(),
        "/console/systems/portal".to_owned(),
        "/console/systems/portal/windows".to_owned(),
        "/console/systems/portal/pause".to_owned(),
        "/console/systems/portal/probe".to_owned(),
        "/console/reconciliations".to_owned(),
        "/console/reports".to_owned(),
        "/console/tables".to_owned(),
        "/console/settings".to_owned(),
        "/console/login".to_owned(),
        "/console/nowhere".to_owned(),
    ];
    for language in Language::ALL {
        browser.get("/console/settings").await;
        let chosen = browser.post("/console/settings/language", &[("language", language.as_str())]).await;
        assert_eq!(chosen.status, StatusCode::SEE_OTHER);
        let other = words(language.other());
        let own: Vec<String> = words(language).into_values().collect();
        let foreign: Vec<&String> = other.values().filter(|word| !own.contains(word)).collect();
        for path in &pages {
            let page = browser.get(path).await;
            assert!(page.text.contains(&format!("<html lang=\"{}\">", language.as_str())), "{path}");
            let texts = texts(&page.text);
            let slips: Vec<_> = foreign.iter().filter(|word| texts.contains(word)).collect();
            assert!(slips.is_empty(), "{path} in {}: {slips:?}", language.as_str());
        }
    }
}
