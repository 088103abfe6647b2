//! Law: a lookup is true to what happened. What tells nothing is a fault or unknown, never done or not done.

use std::time::Duration;

use lienthong_core::Lookup;

use crate::bench::Bench;
use crate::server::{Raw, Step};
use crate::subject::{LookupCase, Told};
use crate::subjects::all;

const LONG_AGO: Duration = Duration::from_secs(7 * 24 * 3600);

fn told(found: &Lookup) -> Told {
    match found {
        Lookup::Done(_) => Told::Done,
        Lookup::NotDone => Told::NotDone,
        Lookup::Unknown => Told::Unknown,
    }
}

#[tokio::test]
async fn a_lookup_tells_what_the_system_shows() {
    for subject in all() {
        for LookupCase { what, answer, age, told: expected } in subject.lookups() {
            let bench = Bench::answering(subject.clone(), Step::Say(answer)).await;
            let found = bench.look_up(&bench.subject.write(), age).await;
            let found = found.unwrap_or_else(|fault| panic!("{}", bench.says(&format!("{what}: {fault}"))));
            assert_eq!(told(&found), expected, "{}", bench.says(what));
        }
    }
}

#[tokio::test]
async fn what_tells_nothing_is_never_done_or_not_done() {
    let nothing = [
        Step::Cut,
        Step::Half,
        Step::Say(Raw::page(200)),
        Step::Say(Raw::page(404)),
        Step::Say(Raw::page(500)),
        Step::Say(Raw::page(502)),
        Step::Say(Raw::page(503)),
        Step::Say(Raw::new(200, "application/json", "")),
        Step::Say(Raw::new(200, "application/json", "[]")),
        Step::Say(Raw::new(200, "application/json", "{\"")),
        Step::Say(Raw::new(200, "text/xml", "<a/>")),
    ];
    for subject in all() {
        for step in &nothing {
            let bench = Bench::answering(subject.clone(), step.clone()).await;
            if let Ok(found) = bench.look_up(&bench.subject.write(), LONG_AGO).await {
                assert_eq!(told(&found), Told::Unknown, "{}", bench.says("a lookup guessed"));
            }
        }
    }
}

#[tokio::test]
async fn an_operation_without_a_lookup_sends_nothing_for_one_and_claims_nothing() {
    for subject in all().into_iter().filter(|subject| subject.lookups().is_empty()) {
        let bench = Bench::new(subject).await;
        let write = bench.subject.write();
        let declared = bench.built.adapter.operations().iter().find(|spec| spec.name.as_str() == write.operation);
        assert!(declared.unwrap().lookup.is_none(), "{}", bench.says("declares a lookup that no case shows"));
        if let Ok(found) = bench.look_up(&write, LONG_AGO).await {
            assert_ne!(told(&found), Told::Done, "{}", bench.says("done without a lookup"));
        }
    }
}
