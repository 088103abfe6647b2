//! Every adapter of the workspace, in every form it speaks. A new adapter is one line here and one file beside.

mod land;
mod population;
mod portal;
mod rest;
mod tax;

use std::sync::Arc;

use crate::subject::Subject;

pub(crate) fn all() -> Vec<Arc<dyn Subject>> {
    vec![
        Arc::new(portal::Axis),
        Arc::new(portal::Lgsp),
        Arc::new(land::Vbdlis),
        Arc::new(land::Ilis),
        Arc::new(population::Ndxp),
        Arc::new(population::Lgsp),
        Arc::new(population::Wrapper),
        Arc::new(rest::Json),
        Arc::new(rest::Legacy),
        Arc::new(tax::Split),
        Arc::new(tax::Plain),
    ]
}

/// Whether an adapter of the workspace has no subject here.
#[test]
fn every_adapter_of_the_workspace_is_a_subject() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let names: Vec<&str> = all().iter().map(|subject| subject.name()).collect();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("adapters");
    for adapter in std::fs::read_dir(folder).unwrap() {
        let path = adapter.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let speaks = path.join("src/lib.rs");
        let is_adapter = std::fs::read_to_string(speaks).is_ok_and(|text| text.contains("impl Adapter for"));
        let tested = names.iter().any(|subject| subject.split(' ').next() == Some(name.as_str()));
        assert!(!is_adapter || tested, "{name} has no subject in tests/conformance");
    }
}
