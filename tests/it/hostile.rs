//! Hostile input through every door of the real program: each message ends in a fault that names the field or the place, and leaves nothing half done.

mod rows;
mod world;

use world::World;

/// What all of it together may add to the memory of the gateway.
const MOST_MEMORY: u64 = 256 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_hostile_message_ends_in_a_clear_fault_and_leaves_nothing_half_done() {
    let world = World::start().await;
    world.province.dossier("H56.14-260115-0001", "received").await;
    let before = world.peak();
    let mut wrong = Vec::new();
    for row in rows::all(&world) {
        if let Err(problem) = world.run(&row).await {
            wrong.push(format!("{}: {problem}", row.what));
        }
    }
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
    world.is_at_rest().await;
    let grown = world.peak().saturating_sub(before);
    assert!(grown < MOST_MEMORY, "{grown} bytes more than before");
    assert_eq!(world.province.gateway.terminate(), 0);
}
