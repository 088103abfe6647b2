//! Ends that are declared of secrets: at the right place, of secrets that are used.

use super::{example, files, problems, told};

#[test]
fn an_end_declared_of_a_secret_nobody_uses_is_a_problem() {
    let portal = files(&example()).remove("systems/portal.yaml").unwrap();
    let with = |name: &str| {
        let declared =
            format!("\nexpires:\n  - {{ secret: \"env:{name}\", until: 2027-03-31 }}\n\n# The adapter's own");
        portal.replace("\n# The adapter's own", &declared)
    };
    assert!(problems(&[("systems/portal.yaml", &with("LIENTHONG_PORTAL_PASSWORD"))]).is_empty());
    let unused = with("LIENTHONG_PORTAL_PASSWORT");
    let line = unused.lines().position(|line| line.contains("PASSWORT")).unwrap() + 1;
    let found = told(&problems(&[("systems/portal.yaml", &unused)]));
    let expected = format!(
        "systems/portal.yaml:{line} `env:LIENTHONG_PORTAL_PASSWORT` is not used in this file | write the reference exactly as the setting that uses it does, or remove this entry"
    );
    assert_eq!(found, [expected]);
}
