//! One suite of laws for every adapter: a file a family of laws, a file a subject. No law knows a protocol, no subject knows a law.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

mod attempts;
mod bench;
mod bytes;
mod citizens;
mod deadlines;
mod faults;
mod hostile;
mod limits;
mod lookups;
mod ministry;
mod privacy;
mod pushes;
mod server;
mod sessions;
mod subject;
mod subjects;
mod unknown;
