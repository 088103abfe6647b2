//! Messages, patterns of routes, flows and calendars in a folder: read whole, and every mistake told where it stands.

use super::{example, files, problems, told};

const MESSAGES: &str = "\
name: portal.notice
summary: A notice.
key: dossier
schema: {type: object, required: [dossier]}
example: {dosier: H56}
";

const ROUTES: &str = "\
routes:
  - name: splits-nothing
    from: {system: portal}
    operations: [portal.tax-notice-received]
    split: {items: notices, each: '. = {\"dossier\": .itm, \"x\": nonsense(.item)}'}
    to: {inbox: one-stop}
  - name: unknown-message
    from: {system: portal}
    operations: [portal.tax-notice-received]
    to: {message: obligation.notise}
  - name: waits
    from: gateway
    operations: [obligation.notice]
    await: {any_of: [land.receive-dossier], within: soon}
    to: {inbox: one-stop}
  - name: fills
    from: {clients: [one-stop]}
    operations: [portal.sync-dossier]
    enrich: {operation: portal.sync-status, input: '.x = upcase(.name)', into: owner}
    to: {operation: portal.sync-dossier}
  - name: round-one
    from: gateway
    operations: [obligation.notice]
    to: {message: obligation.notice}
  - name: answers
    from: {answer_of: portal.tax-notice-received}
    to: {inbox: one-stop}
  - name: taps
    from: {clients: [one-stop]}
    operations: [portal.sync-dossier]
    tap: true
    stop: true
    to: {inbox: one-stop}
";

const FLOW: &str = "\
name: land
summary: Land.
calendar: provinse
begins_with:
  - {operation: portal.tax-notice-recieved, on: accepted}
steps:
  - name: paid
    completed_by: [{operation: portal.tax-receipt-received, on: delivered, when: .paid}]
    within: 3wd
    after: [nowhere]
  - name: paid
    completed_by: []
    within: 3 weeks
pause_when:
  - {operation: portal.sync-dossier, on: delivered}
";

const CALENDAR: &str = "\
name: odd
working_days: []
office_hours: [{from: \"11:30\", until: \"07:30\"}]
holidays: [2026-02-30]
";

#[test]
fn mistakes_in_messages_patterns_and_calendars_are_told_where_they_stand() {
    let found = told(&problems(&[
        ("messages/bad.yaml", MESSAGES),
        ("routes/90-bad.yaml", ROUTES),
        ("calendars/odd.yaml", CALENDAR),
    ]));
    for (place, word) in [
        ("messages/bad.yaml:1", "reads as an operation of the system `portal`"),
        ("messages/bad.yaml:3", "`dossier` is no JSON pointer"),
        ("messages/bad.yaml:5", "its example breaks its input schema"),
        ("routes/90-bad.yaml:2", "`split` and makes no declared message"),
        ("routes/90-bad.yaml:2", "`split/items`"),
        ("routes/90-bad.yaml:5", "undefined function"),
        ("routes/90-bad.yaml:7", "there is no message obligation.notise | declared are obligation.notice"),
        ("routes/90-bad.yaml:14", "`within`: a duration is written like"),
        ("routes/90-bad.yaml:16", "portal.sync-status does more than read"),
        ("routes/90-bad.yaml:16", "`enrich/into`"),
        ("routes/90-bad.yaml:19", "fallible"),
        ("routes/90-bad.yaml:25", "portal.tax-notice-received is sent to no system"),
        ("routes/90-bad.yaml:28", "taps and stops"),
        ("calendars/odd.yaml:4", "a day is written YYYY-MM-DD"),
    ] {
        assert!(found.iter().any(|line| line.starts_with(place) && line.contains(word)), "{place} {word}\n{found:#?}");
    }
}

#[test]
fn a_chain_that_leads_back_is_refused_with_its_way() {
    let round = "\
routes:
  - {name: there, from: gateway, operations: [obligation.notice], to: {operation: portal.sync-dossier}, transform: '. = {}'}
  - {name: back, from: {answer_of: portal.sync-dossier}, to: {message: obligation.notice}}
";
    let found = told(&problems(&[("routes/90-round.yaml", round)]));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].contains("closes a loop")
            && found[0].contains("obligation.notice → the answer of portal.sync-dossier"),
        "{found:#?}"
    );
}

#[test]
fn mistakes_in_flows_are_told_where_they_stand() {
    let found = told(&problems(&[("flows/bad.yaml", FLOW)]));
    assert!(found[0].starts_with("flows/bad.yaml:13 `within`: is written like 2wd"), "{found:#?}");
    let readable = FLOW.replace("within: 3 weeks", "within: 3d");
    let found = told(&problems(&[("flows/bad.yaml", &readable)]));
    for (place, word) in [
        ("flows/bad.yaml:3", "there is no calendar `provinse` | did you mean `province`?"),
        ("flows/bad.yaml:1", "portal.tax-notice-recieved"),
        ("flows/bad.yaml:1", "portal.tax-receipt-received comes to us or is made here"),
        ("flows/bad.yaml:1", "pauses and never goes on"),
        ("flows/bad.yaml:7", "there is no step nowhere"),
        ("flows/bad.yaml:7", "nobody is named who must act"),
        ("flows/bad.yaml:8", "the condition is"),
        ("flows/bad.yaml:11", "step paid stands twice"),
        ("flows/bad.yaml:11", "nothing completes step paid"),
    ] {
        assert!(found.iter().any(|line| line.starts_with(place) && line.contains(word)), "{place} {word}\n{found:#?}");
    }
    let without = FLOW.replace("calendar: provinse\n", "");
    let mut other = files(&example());
    other.retain(|path, _| !path.starts_with("calendars/") && !path.starts_with("flows/"));
    other.insert("flows/bad.yaml".to_owned(), without.replace("within: 3 weeks", "within: 3d"));
    let found = crate::config::load_folder(&crate::config::Folder::of(example(), other)).map(|_| ()).unwrap_err();
    assert!(told(&found).iter().any(|line| line.contains("counts working time, and there is no calendar")));
}

const TRIED: &str = "\
tests:
  - name: each notice becomes a message of its own, and a bad one an error
    from: {system: portal}
    operation: portal.tax-notice-received
    key: H56.14-260105-0011
    body:
      code: H56.14-260105-0011
      day: 2026-01-20
      notices:
        - {tax_code: \"0100000001\", decision_number: A, decision_date: 2026-01-19, subject: Fee, amount: \"1500000\"}
        - {tax_code: \"0100000001\", decision_number: B, decision_date: 2026-01-19, subject: \"\", amount: \"1500000\"}
    expect:
      deliveries:
        - route: notices-from-portal
          to: {message: obligation.notice}
          stages: []
          children:
            - key: H56.14-260105-0011
              body: {dossier: H56.14-260105-0011, channel: portal, decision_number: A, instalment: 1, decision_date: 2026-01-19, subject: Fee, amount: \"1500000\", tax_code: \"0100000001\"}
              recognised_by: [H56.14-260105-0011, A, 1]
            - fault: {kind: invalid}
  - name: a notice waits for its dossier
    from: gateway
    operation: obligation.notice
    key: H56.14-260105-0011
    body: {dossier: H56.14-260105-0011, channel: land, decision_number: A, instalment: 1, subject: Fee}
    expect:
      deliveries: [{route: notices-to-desk, to: {inbox: one-stop}, stages: [await]}]
";

#[test]
fn route_tests_expect_stages_messages_and_what_they_are_recognised_by() {
    let loaded = |tests: &str| {
        let folder = super::altered(&[("routes/tests/40-obligation-notices.yaml", tests)]);
        let loaded = crate::config::load_folder(&folder).unwrap_or_else(|found| panic!("{:#?}", told(&found)));
        let report = loaded.routes.run_tests(&loaded.catalogue, &loaded.tests);
        report.failures.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(loaded(TRIED), Vec::<String>::new());
    let wrong = TRIED.replace("stages: [await]", "stages: []").replace("0011, A, 1]", "0011, B, 1]");
    let found = loaded(&wrong);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].contains("message 1: what it is recognised by differs")
            && found[0].contains("expected \"B\", got \"A\""),
        "{found:#?}"
    );
    assert!(found[1].contains("expected the stages [], got [await]"), "{found:#?}");
}

const GATEWAY: &str = "\
organisation: H56
listen: {address: 127.0.0.1:0}
journal: {folder: data}
promises:
  stand_still:
    - {operation: portal.sync-dosier, when: '.status == \"supplement_required\"'}
    - {operation: portal.sync-dossier, when: '.status == nonsense(.status)'}
    - {operation: portal.sync-progress, when: '.status == \"supplement_required\"'}
    - {operation: portal.sync-progress, when: '.status == \"payment_required\"'}
";

#[test]
fn mistakes_in_what_stops_the_clock_are_told_where_they_stand() {
    let found = told(&problems(&[("gateway.yaml", GATEWAY)]));
    for (place, word) in [
        ("gateway.yaml:6", "promised dates look for portal.sync-dosier, and there is no such operation"),
        ("gateway.yaml:7", "undefined function"),
        ("gateway.yaml:9", "portal.sync-progress twice"),
    ] {
        assert!(found.iter().any(|line| line.starts_with(place) && line.contains(word)), "{place} {word}\n{found:#?}");
    }
}
