//! Words of the record of acts, in both languages. It formats nothing.

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Acts {
    pub(crate) title: &'static str,
    pub(crate) of_it: &'static str,
    pub(crate) at: &'static str,
    pub(crate) who: &'static str,
    pub(crate) did: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) id: &'static str,
    pub(crate) shown: &'static str,
}

pub(super) const VI: Acts = Acts {
    title: "Thao tác của người vận hành",
    of_it: "Ai đã xem nội dung",
    at: "Lúc",
    who: "Ai",
    did: "Thao tác",
    kind: "Đối tượng",
    id: "Mã đối tượng",
    shown: "Nội dung đã xem",
};

pub(super) const EN: Acts = Acts {
    title: "What operators did",
    of_it: "Who was shown contents",
    at: "At",
    who: "Who",
    did: "Did",
    kind: "To what",
    id: "Which",
    shown: "Shown",
};
