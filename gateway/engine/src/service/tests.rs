//! Tests of the use cases over a real journal and dispatcher, with one external system made of memory. They hold no logic of their own.

mod act;
mod bounds;
mod call;
mod callback;
mod cancel;
mod chains;
mod door;
mod fixture;
mod flows;
mod group;
mod idempotency;
mod inbound;
mod inbox;
mod kills;
mod polls;
mod preview;
mod queue;
mod recognised;
mod refusals;
mod resend;
mod split;
mod stages;
mod systems;
mod tables;
mod timeline;
mod wait;
