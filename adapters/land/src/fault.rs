//! What the land office's answers mean in words; what HTTP means is the kit's. It reads no JSON.

pub(crate) mod words;
