//! Codes without a row: seen by operators with counts, released by a reload that adds the row; another system's list beside ours.

use std::sync::Arc;

use lienthong_core::FaultCode;
use lienthong_core::delivery::ExchangeState;
use lienthong_core::inbound::InboundRequest;
use lienthong_journal::GroupFilter;
use serde_json::json;

use super::fixture::{CODE, World, notices, program, province, refused, straight, submission, system};
use crate::routing::RouteSpec;
use crate::tables::{ObservedSpec, TableSpec, TableText, Tables};

fn tables(rows: &str) -> Arc<Tables> {
    let observed = ObservedSpec {
        operation: "portal.notify-tax".parse().unwrap(),
        when: None,
        items: "/codes".to_owned(),
        code: "/code".to_owned(),
        column: "number".to_owned(),
    };
    let spec = TableSpec {
        name: "statuses".to_owned(),
        key: vec!["word".to_owned()],
        values: vec!["number".to_owned()],
        observed: Some(observed),
        ..TableSpec::default()
    };
    let text = TableText { file: "tables/statuses.csv".to_owned(), text: format!("word,number\n{rows}") };
    Arc::new(Tables::build([(spec, text)]).unwrap())
}

fn mapped() -> RouteSpec {
    RouteSpec {
        transform: program(".status = to_int!(lookup!(\"statuses\", .note, at: %exchange.received_at))\ndel(.note)"),
        ..straight("portal.sync-dossier")
    }
}

async fn reload(world: &World, version: &str, rows: &str) -> u64 {
    world.reload_with(version, vec![mapped(), notices()], tables(rows)).await
}

#[tokio::test]
async fn codes_without_a_row_are_counted_over_dossiers_and_go_when_the_row_is_there() {
    let world = World::new().await;
    reload(&world, "v2", "received,2\n").await;
    let mut ids = Vec::new();
    for (number, word) in ["received", "lost", "lost", "odd"].into_iter().enumerate() {
        let code = format!("H56.14-250115-{number:04}");
        let body = json!({"code": code, "status": 1, "note": word});
        let receipt = world.service.submit(&province(), submission("portal.sync-dossier", &code, &body, &code)).await;
        ids.push(receipt.unwrap().id);
    }
    world.until(ids[0], ExchangeState::Delivered).await;
    for id in &ids[1..] {
        world.until(*id, ExchangeState::Attention).await;
    }
    let found = world.service.unmapped().await.unwrap();
    let told: Vec<_> = found.codes.iter().map(|code| (code.table.as_str(), code.code.as_str(), code.parked)).collect();
    assert_eq!(told, [("statuses", "lost", 2), ("statuses", "odd", 1)]);
    assert_eq!(found.codes[0].fields.iter().collect::<Vec<_>>(), ["/note"]);
    assert!(!found.truncated && found.codes[0].problem.contains("table statuses"), "{found:?}");
    let groups = world.service.groups(GroupFilter::default(), None, 10).await.unwrap();
    assert!(groups.rows.iter().all(|group| group.sample.code == FaultCode::CodeUnmapped));

    assert_eq!(reload(&world, "v3", "received,2\nlost,3\n").await, 3, "what a reload may mend goes again");
    world.until(ids[1], ExchangeState::Delivered).await;
    world.until(ids[3], ExchangeState::Attention).await;
    let left = world.service.unmapped().await.unwrap();
    assert_eq!(left.codes.iter().map(|code| code.code.as_str()).collect::<Vec<_>>(), ["odd"]);
}

#[tokio::test]
async fn a_table_that_is_not_there_is_told_so() {
    let world = World::new().await;
    refused(world.service.table("nothing").await, FaultCode::NoSuchRecord);
    reload(&world, "v2", "received,2\n").await;
    let view = world.service.table("statuses").await.unwrap();
    assert_eq!((view.table.rows().len(), view.observed), (1, None));
    assert_eq!(world.service.tables().len(), 1);
}

#[tokio::test]
async fn what_the_other_sides_list_lacks_shows_before_a_message_fails_on_it() {
    let world = World::new().await;
    reload(&world, "v2", "received,2\nprocessing,4\n").await;
    for codes in [json!([{"code": "1"}]), json!([{"code": "2"}, {"code": 9}])] {
        let notices = json!([{"code": CODE, "codes": codes}]);
        let request = InboundRequest {
            method: "POST".to_owned(),
            path: "/notify".to_owned(),
            query: None,
            headers: Vec::new(),
            body: json!({"secret": "s3cret", "notices": notices}).to_string().into(),
        };
        assert_eq!(world.service.inbound(&system(), request).await.unwrap().status, 200);
        world.clock.advance(std::time::Duration::from_secs(60));
    }
    let observed = world.service.table("statuses").await.unwrap().observed.unwrap();
    let lacking = (observed.counterparts.unknown_there, observed.counterparts.unknown_here);
    assert_eq!(lacking, (vec!["4".to_owned()], vec!["9".to_owned()]), "the newest list counts");
}
