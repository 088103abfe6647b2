//! What the example finds exchanges by, field by field, and the key that people are found under.

use super::*;
use crate::config::{Around, Running, build, load_folder};

#[test]
fn the_example_finds_exchanges_by_these_fields() {
    let Ok(loaded) = load_folder(&altered(&[])) else { panic!("the example loads") };
    let mut fields = Vec::new();
    for entry in loaded.catalogue.iter() {
        for field in entry.searchable.fields() {
            let personal = if field.personal { " personal" } else { "" };
            fields.push(format!("{} {} {:?}{personal}", entry.spec.name, field.pointer, field.manner));
        }
    }
    fields.sort();
    let expected = [
        "land.receive-dossier /applicant/identity_number Exact personal",
        "land.receive-dossier /applicant/name Text personal",
        "land.tax-result-received /notices/*/notice_number Exact",
        "land.tax-result-received /notices/*/owner_name Text personal",
        "obligation.notice /decision_number Exact",
        "obligation.notice /owner_name Text personal",
        "obligation.notice /tax_code Exact personal",
        "population.find-citizen /identity_number Exact personal",
        "population.find-citizen /name Text personal",
        "population.find-citizen /old_identity_number Exact personal",
        "portal.sync-dossier /owner/identities/*/number Exact personal",
        "portal.sync-dossier /owner/name Text personal",
        "portal.sync-dossier /receipt_number Exact",
        "portal.sync-dossier /summary Text personal",
        "portal.sync-status /portal_code Exact",
        "portal.tax-notice-received /notices/*/decision_number Exact",
        "portal.tax-notice-received /notices/*/tax_code Exact personal",
        "portal.tax-receipt-received /payer/identity_number Exact personal",
        "portal.tax-receipt-received /payer/name Text personal",
        "portal.tax-receipt-received /payment/notice_number Exact",
        "portal.tax-receipt-received /tax_code Exact personal",
        "tax.find-land-ledger /owner_number Exact personal",
        "tax.find-taxpayer /tax_code Exact personal",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn a_key_that_is_too_short_is_a_problem_and_a_long_one_is_taken() {
    let text = files(&example()).remove("gateway.yaml").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    let with_key = format!("{text}\nsearch:\n  personal_key: \"file:{}\"\n", key.display());
    let told = |key_text: &str| {
        std::fs::write(&key, key_text).unwrap();
        let Ok(loaded) = load_folder(&altered(&[("gateway.yaml", &with_key)])) else { panic!("it loads") };
        let around = Around::without_files(std::sync::Arc::new(lienthong_engine::clock::SystemClock::new()));
        // Other secrets of the example are not there: only what is said of the key counts here.
        let problems = build(loaded, &Running::default(), &around).err().unwrap_or_default();
        problems.into_iter().filter(|problem| problem.problem.contains("personal_key")).count()
    };
    assert_eq!(told("short"), 1);
    assert_eq!(told("0123456789abcdef0123456789abcdef"), 0);
}
