//! Queues of clients: whose they are, and that there is a broker they are at.

use super::{example, files, problems, told};

const BROKER: &str = "amqp:\n  url: env:BROKER\n";

fn with_broker(more: &str) -> String {
    format!("{}{BROKER}{more}", files(&example()).remove("gateway.yaml").unwrap())
}

fn with_queues(client: &str, text: &str) -> String {
    format!("{}amqp: {text}\n", files(&example()).remove(client).unwrap())
}

#[test]
fn queues_need_a_broker() {
    let client = with_queues("clients/one-stop.yaml", "{ submissions: [one-stop.submissions] }");
    let found = told(&problems(&[("clients/one-stop.yaml", &client)]));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("no broker"), "{found:#?}");
    let gateway = with_broker("");
    assert!(problems(&[("clients/one-stop.yaml", &client), ("gateway.yaml", &gateway)]).is_empty());
}

#[test]
fn a_queue_has_one_client_and_one_purpose() {
    let one = with_queues("clients/one-stop.yaml", "{ submissions: [shared, lienthong.dead-letters] }");
    let other = with_queues("clients/archive.yaml", "{ submissions: [shared] }");
    let gateway = with_broker("");
    let changes = [("clients/one-stop.yaml", &*one), ("clients/archive.yaml", &*other), ("gateway.yaml", &*gateway)];
    let found = told(&problems(&changes));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("`shared` is already a queue of client archive"), "{found:#?}");
    assert!(found[1].contains("`lienthong.dead-letters` is already the dead letters' queue"), "{found:#?}");
}

#[test]
fn a_queue_of_messages_is_no_queue_of_submissions() {
    let client = "{ submissions: [one-stop], messages: { queue: one-stop } }";
    let client = with_queues("clients/one-stop.yaml", client);
    let gateway = with_broker("");
    let found = told(&problems(&[("clients/one-stop.yaml", &client), ("gateway.yaml", &gateway)]));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("`one-stop` is already a queue of client one-stop"), "{found:#?}");
}

#[test]
fn a_client_with_a_name_that_names_no_system_has_no_messages() {
    let client = "id: a.b\namqp: { submissions: [a.b.submissions], messages: { queue: a.b.messages } }\n";
    let gateway = with_broker("");
    let found = told(&problems(&[("clients/dotted.yaml", client), ("gateway.yaml", &gateway)]));
    assert!(found.len() == 1 && found[0].contains("queue-a.b"), "{found:#?}");
}

#[test]
fn the_brokers_own_names_are_nobodys() {
    let gateway = with_broker("  dead_letters: { exchange: amq.topic }\n");
    let found = told(&problems(&[("gateway.yaml", &gateway)]));
    assert!(found.len() == 1 && found[0].contains("amq."), "{found:#?}");
}

#[test]
fn a_client_that_only_has_queues_needs_no_key() {
    let client = "id: archive-desk\noperations: [\"*\"]\namqp: { submissions: [archive-desk.submissions] }\n";
    let gateway = with_broker("");
    assert!(problems(&[("clients/archive-desk.yaml", client), ("gateway.yaml", &gateway)]).is_empty());
}
