//! What operators work with, as pure rules: whose turn an error group is, where its case stands. It asks no store and knows no protocol.

pub mod backlog;
pub mod bulk;
pub mod case;
pub mod due;
pub mod health;
pub mod release;
pub mod silence;
pub mod verdict;
pub mod window;

pub use case::{Case, CaseState, Fix, Note};
pub use release::{Because, Going, Pace, Release};
pub use verdict::{Party, Verdict};
