//! The main job as a newcomer runs it.

use std::process::Command;

use serde_json::Value;

use crate::harness::program;

fn run(arguments: &[&str]) -> (i32, Value, String) {
    let output = Command::new(program()).arg("sandbox").args(["--exit", "--json"]).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = text.lines().last().unwrap_or_default();
    let noise = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = serde_json::from_str(last).unwrap_or_else(|_| panic!("the last line is JSON: {text}\n{noise}"));
    (output.status.code().unwrap_or(-1), summary, noise)
}

fn nothing_lost(summary: &Value) {
    for name in ["lost", "duplicated", "out_of_order"] {
        assert_eq!(summary[name], 0, "{name}: {summary}");
    }
    assert_eq!(summary["submitted"], summary["accepted"], "{summary}");
    assert!(summary["delivered"].as_u64().unwrap() > 0, "{summary}");
    assert!(summary["per_second"].as_f64().unwrap() > 0.0 && summary["p99_ms"].as_f64().unwrap() > 0.0, "{summary}");
}

#[test]
fn a_portal_without_faults_gets_everything_at_the_first_attempt() {
    let (code, summary, noise) = run(&["--scenario", "dossier", "--dossiers", "40", "--faults", "none", "--seed", "3"]);
    assert_eq!(code, 0, "{noise}");
    nothing_lost(&summary);
    assert_eq!(summary["delivered"], summary["submitted"]);
    assert_eq!((summary["retried"].clone(), summary["parked"].clone()), (0.into(), 0.into()));
}

#[test]
fn a_portal_that_misbehaves_loses_doubles_and_reorders_nothing() {
    for (profile, seed) in [("real", "5"), ("harsh", "6")] {
        let (code, summary, noise) =
            run(&["--scenario", "dossier", "--dossiers", "60", "--faults", profile, "--seed", seed]);
        assert_eq!(code, 0, "{profile}: {noise}");
        nothing_lost(&summary);
        assert!(summary["retried"].as_u64().unwrap() > 0, "{profile}: {summary}");
    }
}

#[test]
fn the_data_folder_can_be_chosen_and_a_bad_option_is_a_usage_error() {
    let folder = tempfile::TempDir::new().unwrap();
    let data = folder.path().join("data");
    let (code, summary, noise) = run(&["--dossiers", "3", "--faults", "none", "--data", data.to_str().unwrap()]);
    assert_eq!(code, 0, "{noise}");
    nothing_lost(&summary);
    assert!(data.exists());
    let refused = Command::new(program()).args(["sandbox", "--faults", "nonsense"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn a_land_dossier_passes_desk_land_office_tax_and_portal_and_comes_back() {
    let (code, summary, noise) = run(&["--scenario", "land", "--dossiers", "8", "--faults", "none", "--seed", "4"]);
    assert_eq!(code, 0, "{noise}");
    nothing_lost(&summary);
    let land = &summary["land"];
    assert_eq!(land["returned"], 8, "{summary}");
    assert_eq!(land["flows_completed"], 8, "{summary}");
    // Of each dossier: income tax, and two instalments of one decision.
    assert_eq!(land["notices"], 24, "{summary}");
    // The ledger alone tells the due dates, in which two instalments differ.
    assert_eq!(land["due_dates"], 24, "{summary}");
    assert_eq!(land["receipts"], 16, "{summary}");
    assert_eq!(land["files"], 8, "{summary}");
    assert!(land["copies"].as_u64().unwrap() > 0, "{summary}");
    assert_eq!(summary["parked"], 0, "{summary}");
}

#[test]
fn citizens_data_are_filled_in_and_not_typed() {
    let (code, summary, noise) = run(&["--scenario", "citizen", "--dossiers", "12", "--faults", "none", "--seed", "4"]);
    assert_eq!(code, 0, "{noise}");
    nothing_lost(&summary);
    let dossiers = summary["citizens"]["dossiers"].as_u64().unwrap();
    assert!(dossiers > 0, "{summary}");
    assert_eq!(summary["citizens"]["filled_in"], dossiers, "{summary}");
    assert_eq!(summary["citizens"]["answered"], dossiers, "{summary}");
}

#[test]
fn all_four_systems_misbehave_at_once_and_nothing_is_lost_doubled_or_reordered() {
    let (code, summary, noise) = run(&["--dossiers", "50", "--faults", "real", "--seed", "8"]);
    assert_eq!(code, 0, "{noise}");
    nothing_lost(&summary);
    let (land, citizens) = (&summary["land"], &summary["citizens"]);
    let settled = land["returned"].as_u64().unwrap() + land["waiting_for_a_person"].as_u64().unwrap();
    assert!(settled >= land["dossiers"].as_u64().unwrap(), "{summary}");
    assert!(citizens["answered"].as_u64().unwrap() > 0, "{summary}");
}
