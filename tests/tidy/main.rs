//! Holds the house rules: who may depend on whom, file and function length, file headers, documented fault codes, no leftovers.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

mod dependencies;
mod docs;
mod files;
mod functions;
mod tree;
