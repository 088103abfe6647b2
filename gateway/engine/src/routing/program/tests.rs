//! Programs: what is refused when loaded and where, what they see, and how they fail on a message.

use std::sync::LazyLock;

use lienthong_core::{FaultCode, FaultKind};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::routing::fixture::{any_json, dossier, meta, program};

fn source(text: &str) -> ProgramSource {
    program(text).unwrap()
}

fn predicate(text: &str) -> Predicate {
    Programs::new().predicate(&source(text)).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn transform(text: &str) -> Transform {
    Programs::new().transform(&source(text)).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn refused(text: &str) -> Vec<RouteProblem> {
    Programs::new().transform(&source(text)).err().unwrap()
}

fn holds(text: &str, body: &Json) -> Result<bool, Fault> {
    predicate(text).holds(&meta("one-stop", "portal.sync-dossier"), body)
}

fn apply(text: &str, body: &Json) -> Result<Json, Fault> {
    let received = Body::json(serde_json::to_vec(body).unwrap());
    transform(text).apply(&meta("one-stop", "portal.sync-dossier"), &received)
}

#[test]
fn programs_run_in_vietnamese_time() {
    assert!(matches!(Programs::new().zone, TimeZone::Named(_)));
    let made = apply(r#".at = parse_timestamp!("2025-01-15 08:00", "%Y-%m-%d %H:%M")"#, &json!({})).unwrap();
    assert_eq!(made, json!({"at": "2025-01-15T01:00:00Z"}));
}

#[test]
fn a_program_that_reads_clock_chance_or_environment_is_refused_by_its_line() {
    for call in ["now()", "get_env_var!(\"HOME\")", "random_int!(0, 9)", "uuid_v4()", "dns_lookup!(\"a.test\")"] {
        let problems = refused(&format!(".code = .code\n.made = {call}\n"));
        let [problem] = problems.as_slice() else { panic!("{problems:#?}") };
        assert_eq!((problem.file.as_str(), problem.line, problem.column), ("routes.yaml", 21, Some(9)), "{call}");
        assert!(problem.problem.contains("is not offered to routes"), "{problem}");
        assert!(!problem.remedy.is_empty());
    }
}

#[test]
fn writing_personal_data_to_the_log_is_refused() {
    assert!(refused("log(.owner)")[0].problem.contains("writes to the log"));
}

#[test]
fn an_unhandled_failure_is_a_problem_at_its_place() {
    let problems = refused("\n\n  .fee = to_int(.fee)");
    let [problem] = problems.as_slice() else { panic!("{problems:#?}") };
    assert_eq!((problem.line, problem.column), (22, Some(10)));
    assert!(problem.problem.contains("VRL E103"), "{problem}");
    assert!(problem.remedy.contains("??"));
}

#[test]
fn all_problems_of_a_program_are_told_at_once() {
    let lines: Vec<usize> = refused(".a = now()\n.b = upcas(\"x\")\n.c = to_int(.c)").iter().map(|p| p.line).collect();
    assert_eq!(lines, [20, 21, 22]);
}

#[test]
fn a_misspelt_function_is_corrected() {
    assert!(refused(".b = upcas(\"x\")")[0].remedy.contains("upcase"));
}

#[test]
fn a_syntax_error_has_its_line() {
    let problems = refused(".a = 1\n.b = = 2\n");
    assert_eq!(problems[0].line, 21, "{problems:#?}");
}

#[test]
fn a_result_nobody_takes_is_a_problem_unless_its_name_says_so() {
    let problems = refused("upcase(\"x\")\nname = .owner\n.done = true");
    assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [20, 21], "{problems:#?}");
    assert!(apply("_name = .owner\n_loud = upcase(\"x\")\n.done = true", &json!({})).is_ok());
    let in_abort =
        "owner = string!(.owner)\nif owner == \"\" { abort \"no {{ owner }}\" }\nwhy = \"x\"\nif .a == 1 { abort why }";
    assert!(Programs::new().transform(&source(in_abort)).is_ok(), "used in an abort's message");
}

#[test]
fn a_program_over_its_size_is_refused() {
    let long = format!(".a = \"{}\"", "x".repeat(PROGRAM_BYTES));
    assert!(refused(&long)[0].problem.contains("longer than"));
}

#[test]
fn a_condition_must_be_true_or_false_when_loaded() {
    for text in [".urgent", "\"yes\"", "1", "if .a == 1 { true }", "if .a == 1 { return .b }\ntrue"] {
        let problems = Programs::new().predicate(&source(text)).err().unwrap();
        assert!(problems[0].problem.contains("not true or false") && problems[0].line == 20, "{text}: {problems:#?}");
    }
    assert!(holds(".urgent == true", &json!({"urgent": true})).unwrap());
}

#[test]
fn a_condition_changes_nothing() {
    for text in [".a = 1\ntrue", "del(.a)\ntrue", "%exchange.key = \"x\"\ntrue"] {
        let problems = Programs::new().predicate(&source(text)).err().unwrap();
        assert_eq!(problems[0].line, 20, "{text}: {problems:#?}");
    }
}

#[test]
fn a_condition_sees_body_and_exchange() {
    let text = r#".status == 4 && .fees[0].amount == 150000 && starts_with(%exchange.key, "H56.14") &&
        %exchange.client == "one-stop" && %exchange.class == "live" && %exchange.unit == "H56.14" &&
        !exists(%exchange.officer) && %exchange.officer == null && %exchange.due_at == t'2025-01-15T01:02:03.5Z'"#;
    assert!(holds(text, &dossier()).unwrap());
    assert!(!holds(".status == 5", &dossier()).unwrap());
    assert!(holds("%exchange == get!(%, [\"exchange\"]) && exists(%exchange.id)", &dossier()).unwrap());
}

#[test]
fn an_unknown_field_of_the_exchange_is_refused_by_its_line() {
    let problems = refused(".a = %exchange.key\n.b = %exchange.kee\n.c = %message");
    let told: Vec<_> = problems.iter().map(|p| (p.line, p.column, p.problem.as_str())).collect();
    assert_eq!(told, [(21, Some(6), "there is no `%exchange.kee`"), (22, Some(6), "there is no `%message`")]);
}

#[test]
fn the_exchange_is_read_only_for_transforms() {
    assert_eq!(refused("%exchange.key = \"other\"")[0].line, 20);
    assert_eq!(refused("del(%exchange.key)")[0].line, 20);
}

#[test]
fn a_transform_leaves_its_result_in_the_event_and_what_it_returns_is_not_looked_at() {
    let text = r#". = {"ma": .code, "ten": upcase(string!(.owner.name)), "phi": .fees[0].amount}
        "ignored""#;
    assert_eq!(
        apply(text, &dossier()).unwrap(),
        json!({"ma": "H56.14-250115-0007", "ten": "NGUYỄN VĂN MẪU", "phi": 150000})
    );
    assert_eq!(apply("if .a == 1 { return null }\n.a = 2", &json!({"a": 1})).unwrap(), json!({"a": 1}));
}

#[test]
fn a_failed_function_names_file_line_function_and_field_and_never_the_value() {
    let body = json!({"fees": [{"amount": "Nguyen Van Mau 0123456789"}]});
    let fault = apply(".code = \"x\"\n.total = to_int!(.fees[0].amount)", &body).unwrap_err();
    assert_eq!((fault.kind, fault.code), (FaultKind::Mapping, FaultCode::Mapping));
    assert!(fault.detail.starts_with("routes.yaml:21:10: `to_int!(.fees[0].amount)` failed"), "{}", fault.detail);
    assert_eq!(fault.problems[0].pointer, "/fees/0/amount");
    assert_eq!(fault.problems[0].value_class.as_deref(), Some("string"));
    let stored = serde_json::to_string(&fault).unwrap();
    assert!(!stored.contains("0123456789") && !stored.contains("Nguyen"), "{stored}");
}

#[test]
fn a_missing_field_is_told_as_missing_and_a_made_one_is_not_blamed_on_the_sender() {
    let missing = apply(".total = to_int!(.fee)", &json!({})).unwrap();
    assert_eq!(missing, json!({"total": 0}), "VRL takes null for zero");
    let missing = apply(".total = parse_int!(.fee)", &json!({})).unwrap_err();
    assert_eq!(
        (missing.problems[0].pointer.as_str(), missing.problems[0].value_class.as_deref()),
        ("/fee", Some("missing"))
    );
    let made = apply(".fee = \"x\"\n.total = to_int!(.fee)", &json!({"fee": 1})).unwrap_err();
    assert_eq!(made.problems[0].pointer, "");
}

#[test]
fn an_abort_tells_the_authors_words_and_no_value_written_into_them() {
    let said = apply("if .status == 9 {\n  abort \"dossier is closed\"\n}", &json!({"status": 9})).unwrap_err();
    assert!(said.detail.contains("routes.yaml:21") && said.detail.contains("dossier is closed"), "{}", said.detail);
    let text = "owner = string!(.owner)\nabort \"refused for {{ owner }}\"";
    let with_value = apply(text, &json!({"owner": "Nguyễn Văn Mẫu"})).unwrap_err();
    assert!(!serde_json::to_string(&with_value).unwrap().contains("Nguyễn"));
}

#[test]
fn a_library_that_repeats_the_value_is_cut_before_it() {
    let secret = "owner Nguyễn-Văn-Mẫu\nphone 0900000000";
    let calls = [
        "parse_key_value",
        "parse_json",
        "parse_xml",
        "parse_csv",
        "parse_url",
        "parse_int",
        "parse_float",
        "parse_bytes",
        "parse_tokens",
        "to_int",
        "to_float",
        "to_bool",
        "decode_base64",
        "parse_query_string",
    ];
    let timestamps =
        ["parse_timestamp!(.a, \"%Y\")", "parse_duration!(.a, \"s\")", "parse_regex!(.a, r'^x$')"].map(str::to_owned);
    let mut failed = 0;
    for call in calls.map(|name| format!("{name}!(.a)")).into_iter().chain(timestamps) {
        let program = source(&format!(".b = {call}"));
        let Ok(transform) = Programs::new().transform(&program) else { continue };
        let received = Body::json(serde_json::to_vec(&json!({"a": secret})).unwrap());
        let Err(fault) = transform.apply(&meta("one-stop", "portal.sync-dossier"), &received) else { continue };
        let told = serde_json::to_string(&fault).unwrap().to_lowercase();
        assert!(!told.contains("nguyễn") && !told.contains("0900000000") && !told.contains("phone"), "{call}: {told}");
        failed += 1;
    }
    assert!(failed >= 10, "only {failed} of the calls fail");
}

#[test]
fn a_condition_that_fails_is_a_mapping_fault() {
    let fault = holds("contains(string!(.code), \"H56\")", &json!({"code": 7})).unwrap_err();
    assert_eq!(fault.code, FaultCode::Mapping);
    assert_eq!(
        (fault.problems[0].pointer.as_str(), fault.problems[0].value_class.as_deref()),
        ("/code", Some("integer"))
    );
}

#[test]
fn a_program_needs_an_object_of_json() {
    assert_eq!(holds(".a == 1", &json!([1])).unwrap_err().problems[0].value_class.as_deref(), Some("array"));
    assert_eq!(apply(".a = 1", &json!("text")).unwrap_err().code, FaultCode::Mapping);
    let xml = Body { content_type: ContentType::Xml, bytes: "<a/>".into() };
    let fault = transform(".a = 1").apply(&meta("one-stop", "portal.sync-dossier"), &xml).unwrap_err();
    assert_eq!(fault.problems[0].value_class.as_deref(), Some("application/xml"));
}

#[test]
fn a_number_beyond_64_bits_is_refused_and_never_rounded() {
    let received = Body::json(&br#"{"fee": 92233720368547758070}"#[..]);
    let fault = transform(".a = 1").apply(&meta("one-stop", "portal.sync-dossier"), &received).unwrap_err();
    assert_eq!((fault.code, fault.problems[0].pointer.as_str()), (FaultCode::Mapping, "/fee"));
}

#[test]
fn bytes_that_are_no_text_do_not_leave_a_transform() {
    let fault = apply(".file = decode_base64!(\"//79\")", &json!({})).unwrap_err();
    assert_eq!(
        (fault.problems[0].pointer.as_str(), fault.problems[0].value_class.as_deref()),
        ("/file", Some("bytes"))
    );
}

#[test]
fn a_program_that_takes_too_many_steps_is_stopped() {
    let text = ".n = 0\nfor_each(range!(0, 2000)) -> |_i, _a| {\n  for_each(range!(0, 2000)) -> |_j, _b| { .n = 1 }\n}";
    let fault = apply(text, &json!({})).unwrap_err();
    assert!(fault.detail.contains("steps"), "{}", fault.detail);
}

#[test]
fn a_function_that_panics_is_a_fault_of_the_message() {
    let fault = apply(".a = (\"xx\" * .n) ?? null", &json!({"n": i64::MAX})).unwrap_err();
    assert!(fault.detail.contains("panicked"), "{}", fault.detail);
}

const CONDITIONS: [&str; 6] = [
    ".status == 4 || .a == \"x\"",
    "exists(.fees[0].amount)",
    "string!(.a) == \"1\"",
    "length!(.fees) > 1 && %exchange.class == \"live\"",
    "(to_int(.a) ?? 0) > 3 || (to_string(.b) ?? \"\") == \"x\"",
    "is_object(.) && keys(.) != []",
];

const TRANSFORMS: [&str; 6] = [
    ". = {\"code\": .a, \"n\": to_int(.status) ?? null}",
    ".fees = map_values(object(.fees) ?? {}) -> |value| { to_string(value) ?? null }",
    ".c.d[2].e = .a\ndel(.b)",
    ".a = encode_json(.)\n.b = parse_json!(.a)",
    ".a = upcase(string!(.a))\n.s = slice!(.a, 0, 1)",
    ".total = (.a + .b) ?? (.a * .b) ?? null\n.m = mod(.a, 3) ?? null",
];

static COMPILED: LazyLock<(Vec<Predicate>, Vec<Transform>)> =
    LazyLock::new(|| (CONDITIONS.map(predicate).into(), TRANSFORMS.map(transform).into()));

/// The same conditions, shown the whole body.
static WIDE: LazyLock<Vec<Predicate>> = LazyLock::new(|| {
    let wide =
        CONDITIONS.map(predicate).into_iter().map(|Predicate(narrow)| Compiled { body: BodyReads::Whole, ..narrow });
    wide.map(Predicate).collect()
});

proptest! {
    /// Whatever the body, a program gives a result or a mapping fault.
    #[test]
    fn programs_never_panic(body in any_json(), which in 0_usize..6) {
        let meta = meta("one-stop", "portal.sync-dossier");
        let received = Body::json(serde_json::to_vec(&body).unwrap());
        let condition = COMPILED.0[which].holds(&meta, &body).err();
        for fault in condition.into_iter().chain(COMPILED.1[which].apply(&meta, &received).err()) {
            prop_assert_eq!(fault.code, FaultCode::Mapping);
            prop_assert!(!fault.detail.contains("panicked"), "{}", fault.detail);
        }
    }

    /// A condition that is shown only the fields it names tells the same as one shown everything.
    #[test]
    fn conditions_lose_nothing_by_seeing_only_what_they_name(body in any_json(), which in 0_usize..6) {
        let meta = meta("one-stop", "portal.sync-dossier");
        prop_assert_eq!(COMPILED.0[which].holds(&meta, &body).ok(), WIDE[which].holds(&meta, &body).ok());
    }
}

#[test]
fn a_condition_is_shown_only_the_fields_it_names() {
    let BodyReads::Fields(names) = &COMPILED.0[0].0.body else { panic!("the whole body") };
    assert_eq!(names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["a", "status"]);
    assert!(matches!(COMPILED.0[5].0.body, BodyReads::Whole));
}
