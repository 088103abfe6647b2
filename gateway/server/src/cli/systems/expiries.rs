//! `systems expiries`: until when certificates and secrets hold, the soonest first. It reads no file: the gateway tells of those in use.

use jiff::Timestamp;
use serde_json::Value;

use crate::cli::Out;
use crate::cli::show::{instant, list, text};

/// Prints the expiries of all systems.
pub(super) fn print(answer: &Value, out: &Out) {
    let systems = list(answer, "systems");
    let mut all: Vec<(&Value, &Value)> =
        systems.iter().flat_map(|system| list(system, "expiries").iter().map(move |expiry| (system, expiry))).collect();
    all.sort_by_key(|(_, expiry)| text(expiry, "until").parse::<Timestamp>().ok());
    if out.is_json() {
        for (system, expiry) in all {
            let mut shown = expiry.clone();
            if let Some(fields) = shown.as_object_mut() {
                fields.insert("system".to_owned(), Value::String(text(system, "name")));
            }
            out.value(&shown);
        }
        return;
    }
    let row = |(system, expiry): (&Value, &Value)| {
        vec![
            text(system, "name"),
            text(expiry, "setting"),
            text(expiry, "material"),
            instant(expiry, "until"),
            text(expiry, "subject"),
            text(expiry, "reference"),
        ]
    };
    let headings = ["system", "setting", "material", "until", "subject", "reference"];
    out.table(&headings, all.into_iter().map(row).collect());
}
