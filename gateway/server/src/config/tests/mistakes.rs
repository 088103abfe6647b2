//! A folder full of mistakes: each is told at once, with file, line and what to do.

use super::{problems, told};

const GATEWAY: &str = "\
organisation: H56
lisetn:
  address: 127.0.0.1:8443
journal:
  folder: data
  accept_above: 10MB
  send_above: 1GiB
retention:
  bodies: 500d
telemetry:
  format: xml
";

const CLIENTS: &str = "\
id: One Stop
keys: [hunter2-hunter2]
operations: [portal.sync-dosier, taxes.*]
weight: 0
";

const DOUBLE: &str = "\
id: one-stop
keys:
  - sha256:6dbf9f4a9ab6ee0f3a0ac3ba6ec5ab7c0f5d7b1a2a9f87e4b5ab8ab2c6b0e2d1
";

const SYSTEM: &str = "\
id: second
adapter: portl
policy:
  timeout: soon
  gate: {failures: 0}
settings:
  endpoint: []
";

const ROUTES: &str = "\
routes:
  - name: broken-program
    from: any_client
    operations: [portal.sync-dossier]
    to: {operation: portal.sync-dossier}
    transform: |
      .summary = upcase(.summary)
      .note = nonsense(.note)
  - name: nowhere
    from: {clients: [two-stop]}
    operations: [portal.sync-dossier]
    to: {operation: portal.sync-dosier}
  - name: no-target
    from: any_client
    operations: [portal.sync-dossier]
    when: {file: missing.vrl}
    on_parked: wait
    transform: .note = nonsenses(.note)
  - name: superseding
    from: any_client
    operations: [portal.sync-progress]
    to: {operation: portal.sync-progress}
    supersede: true
";

const TESTS: &str = "\
tests:
  - name: dangling
    from: {client: two-stop}
    operation: portal.sync-dosier
    key: H56-1
    body: {}
    expect: {deliveries: [{route: nowere}]}
";

const BROKEN: &str = "routes:\n  - name: [unclosed\n";

/// Where each mistake stands, and a part of what is said of it.
const EXPECTED: [(&str, &str); 24] = [
    ("clients/bad.yaml:1", "`id`"),
    ("clients/bad.yaml:2", "a key is given by its hash only"),
    ("clients/bad.yaml:4", "`weight`"),
    ("clients/bad.yaml:3", "there is no operation `portal.sync-dosier` | did you mean `portal.sync-dossier`?"),
    ("clients/bad.yaml:3", "there is no system `taxes`"),
    ("clients/one-stop.yaml:", "`one-stop` is taken already, in clients/double.yaml line 1"),
    ("gateway.yaml:1", "`listen` is missing"),
    ("gateway.yaml:2", "`lisetn` is not known here | did you mean `listen`?"),
    ("gateway.yaml:6", "`accept_above`: a size is written like"),
    ("gateway.yaml:11", "`format`: `xml` is not one of the choices"),
    ("routes/90-bad.yaml:7", "fallible"),
    ("routes/90-bad.yaml:8", "undefined function"),
    ("routes/90-bad.yaml:10", "there is no client `two-stop`"),
    ("routes/90-bad.yaml:13", "`to` is missing"),
    ("routes/90-bad.yaml:16", "there is no file routes/missing.vrl"),
    ("routes/90-bad.yaml:17", "`on_parked`: `wait` is not one of the choices"),
    ("routes/90-bad.yaml:18", "undefined function"),
    ("routes/91-syntax.yaml:", "not YAML"),
    ("routes/tests/bad.yaml:3", "there is no client `two-stop`"),
    ("routes/tests/bad.yaml:4", "did you mean `portal.sync-dossier`?"),
    ("routes/tests/bad.yaml:7", "did you mean `nowhere`?"),
    ("systems/second.yaml:2", "`portl` is not one of the choices | did you mean `portal`?"),
    ("systems/second.yaml:4", "`timeout`: a duration is written like"),
    ("systems/second.yaml:5", "`failures`"),
];

#[test]
fn a_folder_full_of_mistakes_tells_every_one_at_once() {
    let found = problems(&[
        ("gateway.yaml", GATEWAY),
        ("clients/bad.yaml", CLIENTS),
        ("clients/double.yaml", DOUBLE),
        ("systems/second.yaml", SYSTEM),
        ("routes/90-bad.yaml", ROUTES),
        ("routes/91-syntax.yaml", BROKEN),
        ("routes/tests/bad.yaml", TESTS),
    ]);
    let found = told(&found);
    for (place, word) in EXPECTED {
        assert!(found.iter().any(|line| line.starts_with(place) && line.contains(word)), "{place} {word}\n{found:#?}");
    }
    assert!(found.iter().all(|line| !line.contains("hunter2")), "{found:#?}");
    // The portal's own operations are known, so what is wrong with these routes is told as well.
    assert!(
        found.iter().any(|line| line.starts_with("routes/90-bad.yaml:9") && line.contains("sync-dosier")),
        "{found:#?}"
    );
    assert!(
        found.iter().any(|line| line.starts_with("routes/90-bad.yaml:19") && line.contains("supersede")),
        "{found:#?}"
    );
}
