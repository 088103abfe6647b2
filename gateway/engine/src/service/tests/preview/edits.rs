//! Edits that are not yet live: what is wrong with them is told where it stands, and nothing is half applied.

use lienthong_core::{Fault, FaultCode};

use super::{asked, counts, different, group, mapped, row, submitted, tables};
use crate::service::tests::fixture::{World, refused};
use crate::service::{Edits, Extent, Verdict};

async fn world() -> World {
    let world = World::new().await;
    world.reload_with("v2", vec![mapped()], tables("received,2\n")).await;
    submitted(&world, &["lost"]).await;
    world
}

fn transform(route: &str, text: &str) -> Edits {
    Edits { transforms: [(route.to_owned(), text.to_owned())].into(), ..Edits::default() }
}

async fn problems(world: &World, edits: Edits) -> Vec<(String, String)> {
    let asking = asked(world, group(world).await, edits, Extent::default()).await;
    let fault: Fault = refused(asking, FaultCode::BadParameter);
    fault.problems.into_iter().map(|problem| (problem.pointer, problem.problem)).collect()
}

#[tokio::test]
async fn a_transform_not_yet_live_is_tried_to_the_adapters_door() {
    let world = world().await;
    let good = transform("portal-sync-dossier", ".status = 7\ndel(.note)");
    let preview = asked(&world, group(&world).await, good, different()).await.unwrap();
    assert_eq!(counts(&preview), [("passes", 1)]);
    // The target's schema, then the adapter's own rules.
    for (text, code, pointer) in [
        (".status = \"seven\"", FaultCode::Mapping, "/status"),
        (".code = \"000.00.14.H56-250115-0007\"", FaultCode::DossierCode, "/code"),
        (".status = to_int!(.note)", FaultCode::Mapping, "/note"),
    ] {
        let preview = asked(&world, group(&world).await, transform("portal-sync-dossier", text), different()).await;
        let preview = preview.unwrap();
        let fault = preview.rows[0].fault.as_ref().unwrap();
        assert_eq!((preview.rows[0].verdict, fault.code), (Verdict::Fails, code), "{text}: {fault}");
        assert_eq!(fault.problems[0].pointer, pointer, "{text}");
        assert!(preview.rows[0].sends.is_empty());
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_transform_is_told_at_its_line() {
    let world = world().await;
    let found = problems(&world, transform("portal-sync-dossier", ".status = 1\n.x = nothing(.y)")).await;
    assert_eq!(found[0].0, "/edits/transforms/portal-sync-dossier");
    assert!(found[0].1.starts_with("line 2, column"), "{found:?}");
    let found = problems(&world, transform("nowhere", ".")).await;
    assert_eq!(found[0].0, "/edits/transforms/nowhere");
    let tableless =
        transform("portal-sync-dossier", ".status = to_int!(lookup!(\"none\", .note, at: %exchange.received_at))");
    assert!(problems(&world, tableless).await[0].1.contains("there is no table none"));
}

#[tokio::test]
async fn what_is_wrong_with_a_row_is_told_at_the_row_and_nothing_of_the_others_is_tried() {
    let world = world().await;
    let mut edits = row("lost", "3");
    edits.tables.get_mut("statuses").unwrap().push([("word".to_owned(), " odd".to_owned())].into());
    edits.tables.insert("none".to_owned(), Vec::new());
    edits.transforms.insert("portal-sync-dossier".to_owned(), "(".to_owned());
    let found = problems(&world, edits).await;
    let places: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(places, ["/edits/tables/none", "/edits/tables/statuses/1", "/edits/transforms/portal-sync-dossier"]);
    let other = asked(&world, group(&world).await, row("received", "9"), Extent::default()).await.unwrap();
    assert_eq!(counts(&other), [("fails", 1)], "a row of the same code and day takes the other's place");
}

#[tokio::test]
async fn edits_have_their_bounds() {
    let world = world().await;
    let one = row("lost", "3").tables["statuses"][0].clone();
    let edits = Edits { tables: [("statuses".to_owned(), vec![one; 1_001])].into(), ..Edits::default() };
    assert_eq!(problems(&world, edits).await[0].0, "/edits/tables");
}
