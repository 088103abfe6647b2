//! The gateway's own shapes and names: messages, the SOAP around them, answers. They never leave this crate and hold no rule.

pub(crate) mod answer;
pub(crate) mod envelope;
pub(crate) mod request;
pub(crate) mod security;
