//! The client's own sequence numbers, carried in fields the gateway does not change; only tests and the sandbox put them there.

use serde_json::Value;

use super::history::WriteKind;

const SNAPSHOT_MARK: &str = "lienthong-seq=";

/// The mark of a write, when it has one.
pub(super) fn mark_of(kind: WriteKind, content: &Value) -> Option<u64> {
    let text = |field: &str| content.get(field).and_then(Value::as_str);
    match kind {
        WriteKind::Insert | WriteKind::Update => text("ThongTinKhac").and_then(snapshot_mark),
        WriteKind::Progress => text("NoiDungXuLy").and_then(ending_mark),
        WriteKind::Status => text("NoiDung").and_then(ending_mark),
    }
}

/// `… lienthong-seq=17 …`
fn snapshot_mark(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once(SNAPSHOT_MARK)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// `… [#17]`
fn ending_mark(text: &str) -> Option<u64> {
    let (_, number) = text.trim_end().strip_suffix(']')?.rsplit_once("[#")?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_where_they_stand() {
        assert_eq!(snapshot_mark("lienthong-seq=17"), Some(17));
        assert_eq!(snapshot_mark("Nộp hộ; lienthong-seq=3; xem thêm"), Some(3));
        assert_eq!(snapshot_mark("Nộp hộ"), None);
        assert_eq!(snapshot_mark("lienthong-seq="), None);
        assert_eq!(ending_mark("Thẩm định hồ sơ [#42]"), Some(42));
        assert_eq!(ending_mark("Thẩm định [#4] lại"), None);
        assert_eq!(ending_mark("Thẩm định [#x]"), None);
    }
}
