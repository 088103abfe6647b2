//! The whole router over a real service, journal and dispatcher, with one external system made of memory.

mod amendments;
mod bad_input;
mod contract;
mod events;
mod exchanges;
mod files;
mod health;
mod inbox;
mod load;
mod operators;
mod permissions;
mod previews;
mod search;
mod system;
pub(crate) mod world;
