//! The land office's own shapes and names. They never leave this crate and hold no rule.

pub(crate) mod answer;
pub(crate) mod inbound;
pub(crate) mod request;
