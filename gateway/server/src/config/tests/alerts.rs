//! Rules and targets of alerts with mistakes: each told with its line and what to do.

use super::{problems, told};

const ALERTS: &str = "\
targets:
  - name: Duty Desk
    webhook: { url: \"http://duty.h56.example/x\", secrets: [] }
  - name: both
    webhook: { url: \"https://duty.h56.example/x\", secrets: [\"env:A\"] }
    email: { server: mail.h56.example, port: 25, from: a@h56.example, to: [b@h56.example] }
  - name: mail
    email: { server: mail.h56.example, port: 25, from: nobody, to: [b@h56.example] }
rules:
  - name: one
    when: { group_above: 5 }
    to: [both]
  - name: two
    when: { system_down: 10m }
    to: [bot]
    systems: [portall]
    repeat: 5s
  - name: two
    when: new_group
    to: []
  - name: three
    when: { approval_waiting: 4h }
    to: [both]
    clients: [one-stopp]
ruels: []
";

#[test]
fn mistakes_in_alerts_are_told_with_their_lines() {
    let found = told(&problems(&[("alerts/duty.yaml", ALERTS)]));
    let lines: Vec<&str> = found.iter().map(|one| one.split(' ').next().unwrap()).collect();
    let expected = [2, 3, 3, 4, 8, 11, 15, 16, 17, 18, 20, 24, 24, 25].map(|line| format!("alerts/duty.yaml:{line}"));
    assert_eq!(lines, expected, "{found:#?}");
    assert!(found[6].contains("did you mean `both`?"), "{found:#?}");
}
