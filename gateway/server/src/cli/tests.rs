//! The command line as people type it.

use clap::{CommandFactory as _, Parser as _};

use super::*;

#[test]
fn every_command_explains_itself() {
    Cli::command().debug_assert();
    for command in Cli::command().get_subcommands() {
        assert!(command.get_about().is_some(), "{}", command.get_name());
    }
}

#[test]
fn commands_are_read_with_json_before_or_after() {
    for line in [
        "lienthong serve --config x --listen 127.0.0.1:0",
        "lienthong --json check --config x --without-secrets",
        "lienthong check --schema",
        "lienthong check --schema folder",
        "lienthong submit file.jsonl --url http://127.0.0.1:1 --api-key k --concurrency 4 --json",
        "lienthong submit -",
        "lienthong exchanges",
        "lienthong exchanges list --state parked --limit 5",
        "lienthong exchanges show 0199c2f0-7b1a-7c3e-9d55-0f6f1f0a2b3c",
        "lienthong exchanges timeline 000.00.14.H56-250115-0007",
        "lienthong exchanges resend x --reason again",
        "lienthong errors preview x --rows provinces=rows.csv --transform dossiers=new.vrl --differences --only fails",
        "lienthong errors preview a.0 b.0 --reveal --reason disputed",
        "lienthong errors release x --confirm",
        "lienthong errors discard x --reason wrong",
        "lienthong systems expiries --json",
        "lienthong drill list",
        "lienthong drill begin portal --key H56.14-000101-0001 --fails rejected --reason training",
        "lienthong drill end portal",
        "lienthong alerts",
        "lienthong alerts targets",
        "lienthong alerts test duty --reason trial",
        "lienthong systems pause * --reason maintenance",
        "lienthong backup --journal a --to b",
        "lienthong simulate portal --listen 127.0.0.1:0 --profile harsh --seed 7",
        "lienthong hash-key",
    ] {
        assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
    }
}

#[test]
fn wrong_usage_is_refused_with_code_two() {
    for line in [
        "lienthong",
        "lienthong fly",
        "lienthong backup --journal a",
        "lienthong exchanges resend x",
        "lienthong errors preview",
        "lienthong errors preview x --reveal",
        "lienthong simulate moon",
    ] {
        let refused = Cli::try_parse_from(line.split(' ')).err();
        assert_eq!(refused.map(|error| error.exit_code()), Some(2), "{line}");
    }
}

#[test]
fn exit_codes_tell_failure_usage_and_configuration_apart() {
    let codes = [Failure::Failed(String::new()), Failure::Usage(String::new()), Failure::Configuration(Vec::new())];
    assert_eq!(codes.map(|failure| failure.code()), [1, 2, 78]);
}
