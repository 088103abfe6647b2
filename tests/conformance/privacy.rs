//! Law: personal data and secrets show nowhere: not in `Debug`, not in faults, not in what is logged.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tracing_subscriber::fmt::MakeWriter;

use crate::bench::{Bench, SECRET};
use crate::server::{Raw, Step};
use crate::subjects::all;

/// Everything logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// Captures until the guard is dropped; tests run on one thread, spawned tasks too.
    fn capture(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber =
            tracing_subscriber::fmt().with_writer(self.clone()).with_max_level(tracing::Level::TRACE).finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock()).into_owned()
    }
}

/// Fails with the place, without repeating the whole.
fn free_of(bench: &Bench, place: &str, text: &str) {
    let folded = lienthong_core::text::folded(text);
    let markers = bench.subject.markers();
    for marker in markers.iter().map(String::as_str).chain([SECRET]).chain(bench.subject.shown()) {
        let shown = folded.contains(&lienthong_core::text::folded(marker));
        assert!(!shown, "{}", bench.says(&format!("{marker} shows in {place}")));
    }
}

#[tokio::test]
async fn the_inputs_hold_what_must_not_show() {
    for subject in all() {
        let input = subject.write().input.to_string();
        assert!(!subject.markers().is_empty());
        for marker in subject.markers() {
            assert!(
                input.contains(&marker),
                "{}: {marker} is not in the input: the laws here would be idle",
                subject.name()
            );
        }
    }
}

#[tokio::test]
async fn nothing_personal_is_logged_whatever_happens() {
    let steps = [
        Step::Good,
        Step::Cut,
        Step::Half,
        Step::Hang,
        Step::Say(Raw::page(500)),
        Step::Say(Raw::page(401)),
        Step::Say(Raw::new(200, "application/json", "{}")),
    ];
    for subject in all() {
        for step in &steps {
            for ask in [subject.write(), subject.read()] {
                let log = Log::default();
                let bench = Bench::answering(subject.clone(), step.clone()).await;
                let guard = log.capture();
                let outcome = bench.call_in(&bench.context(Duration::from_millis(300)), &ask).await;
                let _lookup = bench.look_up(&bench.subject.write(), Duration::from_secs(5)).await;
                drop(guard);
                free_of(&bench, "the log", &log.text());
                free_of(&bench, "Debug of the outcome", &format!("{outcome:?}"));
            }
        }
    }
}

#[tokio::test]
async fn a_system_that_repeats_what_it_was_told_does_not_make_it_show() {
    for subject in all() {
        for marker in subject.markers().into_iter().chain(subject.shown().map(str::to_owned)) {
            let words = format!("Công dân {} không hợp lệ", marker.to_uppercase());
            let bench = Bench::answering(subject.clone(), Step::Say(subject.refusal(&words))).await;
            let log = Log::default();
            let guard = log.capture();
            let fault = bench.call(&bench.subject.write()).await.unwrap_err();
            drop(guard);
            free_of(&bench, "the fault", &format!("{fault} {fault:?} {:?} {:?}", fault.public, fault.problems));
            free_of(&bench, "the log", &log.text());
        }
    }
}

#[tokio::test]
async fn debug_of_an_adapter_shows_no_secret() {
    for subject in all() {
        let bench = Bench::new(subject).await;
        bench.call(&bench.subject.write()).await.unwrap();
        free_of(&bench, "Debug of the adapter", &bench.built.shown);
    }
}

#[tokio::test]
async fn an_input_that_is_refused_is_refused_without_its_values() {
    for subject in all() {
        let bench = Bench::new(subject).await;
        let whole = bench.subject.write();
        let fields: Vec<String> = whole.input.as_object().unwrap().keys().cloned().collect();
        for field in fields {
            let mut ask = whole.clone();
            let value = ask.input.as_object_mut().unwrap().remove(&field).unwrap();
            ask.input[format!("{field}_misspelt")] = value;
            if let Err(fault) = bench.call(&ask).await {
                free_of(&bench, "a refusal", &format!("{fault} {fault:?}"));
            }
        }
    }
}
