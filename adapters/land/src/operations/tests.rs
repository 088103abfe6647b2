//! Tests of the catalogue: examples fit their models, effects are what the land office's behaviour allows, nothing is offered that is not configured.

use lienthong_core::operation::Effect;

use super::*;
use crate::tests::support;

fn system() -> SystemId {
    SystemId::new("land").unwrap()
}

fn names(config: &LandConfig) -> Vec<String> {
    all(&system(), config).unwrap().into_iter().map(|spec| spec.name.to_string()).collect()
}

#[test]
fn what_may_happen_twice_is_an_upsert_and_what_may_not_is_once() {
    let specs = all(&system(), &support::config("http://land.test")).unwrap();
    let effect = |verb: &str| specs.iter().find(|spec| spec.name.as_str() == format!("land.{verb}")).unwrap().effect;
    assert_eq!(effect("receive-dossier"), Effect::Upsert);
    assert_eq!(effect("return-result"), Effect::Upsert);
    assert_eq!(effect("supplement-dossier"), Effect::Once);
    assert_eq!(effect("report-wrong-dossier"), Effect::Once);
    assert_eq!(effect("fetch-file"), Effect::Upsert);
    assert_eq!(effect("list-officers"), Effect::Read);
    assert!(specs.iter().all(|spec| !spec.snapshot && spec.lookup.is_none()));
}

#[test]
fn every_example_is_an_input_of_its_operation() {
    for spec in all(&system(), &support::config("http://land.test")).unwrap() {
        let asked = Asked::of(&system(), &spec.name).unwrap();
        let land = support::land();
        assert_eq!(land.check_input(asked, &spec.example), Ok(()), "{}", spec.name);
        assert!(spec.input.is_object() && spec.output.is_object(), "{}", spec.name);
    }
}

#[test]
fn nothing_is_offered_that_is_not_configured() {
    let mut config = support::config("http://land.test");
    config.files = None;
    config.lists = None;
    assert_eq!(
        names(&config),
        ["land.receive-dossier", "land.supplement-dossier", "land.return-result", "land.report-wrong-dossier"]
    );
    config.dialect = Dialect::Ilis;
    assert_eq!(names(&config), ["land.receive-dossier", "land.supplement-dossier", "land.return-result"]);
    config.endpoints[0].paths.report_wrong_dossier = Some("PhanHoi".into());
    assert_eq!(names(&config).len(), 4);
}
