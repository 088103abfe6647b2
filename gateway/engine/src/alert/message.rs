//! What a target reads: one alert, a digest or a test, in Vietnamese and English, without personal data. Pure: letters in, words out.

use std::time::Duration;

use lienthong_core::fault::PublicText;
use lienthong_core::{Timestamp, text};
use serde_json::{Value, json};

use super::book::{Alert, Kind, Letter, Line};
use super::facts::{Seen, What};
use crate::local;

/// Lines of a digest that are written out.
const LINES_SHOWN: usize = 100;
/// Longest cause or reason within a text.
const WORDS: usize = 300;

/// One message, whatever carries it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The same for every try.
    pub id: String,
    pub kind: Kind,
    /// When it was made.
    pub at: Timestamp,
    pub urgent: bool,
    pub subject: PublicText,
    pub body: PublicText,
    /// For programs.
    pub data: Value,
}

/// An alert's letter.
pub(crate) fn of_alert(letter: &Letter, alert: &Alert, base: Option<&str>) -> Message {
    let (until, link) = (alert.resolved, linked(base, &alert.seen.page));
    let head = headline(letter.kind, &alert.rule, &alert.seen);
    let window = window(alert.seen.since, until);
    let body = PublicText {
        vi: body([&head.vi, &window.vi, &counted(&alert.seen).vi, &sampled(&alert.seen).vi], link.as_deref()),
        en: body([&head.en, &window.en, &counted(&alert.seen).en, &sampled(&alert.seen).en], link.as_deref()),
    };
    let data = json!({
        "alert": described(&alert.rule, &alert.seen, base),
        "fired_at": alert.fired,
        "resolved_at": until,
        "urgent": alert.urgent,
        "text": { "vi": body.vi, "en": body.en },
    });
    Message {
        id: letter.id.clone(),
        kind: letter.kind,
        at: letter.made,
        urgent: alert.urgent,
        subject: head,
        body,
        data,
    }
}

/// A digest of what happened, and how many still fire.
pub(crate) fn of_digest(letter: &Letter, lines: &[Line], more: u64, firing: u64, base: Option<&str>) -> Message {
    let all = more.saturating_add(lines.len() as u64);
    let subject = PublicText {
        vi: format!("Tổng hợp cảnh báo: {all} thay đổi, {firing} đang có"),
        en: format!("Alert digest: {all} changes, {firing} firing"),
    };
    let shown = || lines.iter().take(LINES_SHOWN);
    let told = |words: fn(&PublicText) -> &str| {
        shown()
            .map(|line| format!("{} {}", local::minute(line.at), words(&headline(line.kind, &line.rule, &line.seen))))
            .collect::<Vec<_>>()
    };
    let left = all.saturating_sub(shown().count() as u64);
    let link = linked(base, "/console/alerts");
    let write = |first: &str, mut lines: Vec<String>, rest: String| {
        lines.insert(0, first.to_owned());
        lines.extend((left > 0).then_some(rest));
        lines.extend(link.clone());
        lines.join("\n")
    };
    let body = PublicText {
        vi: write(&subject.vi, told(|words| &words.vi), format!("… và {left} thay đổi khác")),
        en: write(&subject.en, told(|words| &words.en), format!("… and {left} more")),
    };
    let of =
        |line: &Line| json!({ "at": line.at, "kind": line.kind, "alert": described(&line.rule, &line.seen, base) });
    let data = json!({
        "changes": shown().map(of).collect::<Vec<_>>(),
        "changes_left_out": left,
        "firing": firing,
        "text": { "vi": body.vi, "en": body.en },
    });
    Message { id: letter.id.clone(), kind: Kind::Digest, at: letter.made, urgent: false, subject, body, data }
}

/// What an operator sends to see whether a target can be reached.
pub fn of_test(id: String, by: &str, at: Timestamp, base: Option<&str>) -> Message {
    let by = text::excerpt(by, WORDS);
    let subject = PublicText { vi: "Thử gửi cảnh báo".to_owned(), en: "Test of an alert target".to_owned() };
    let link = linked(base, "/console/alerts");
    let body = PublicText {
        vi: body([&format!("Thư thử do {by} gửi; không có sự cố nào."), "", "", ""], link.as_deref()),
        en: body([&format!("A test sent by {by}; nothing is wrong."), "", "", ""], link.as_deref()),
    };
    let data = json!({ "by": by, "text": { "vi": body.vi, "en": body.en } });
    Message { id, kind: Kind::Test, at, urgent: false, subject, body, data }
}

/// One line: what it is, and whether it begins or ends.
pub fn headline(kind: Kind, rule: &str, seen: &Seen) -> PublicText {
    let (vi, en) = match kind {
        Kind::Fired => ("CẢNH BÁO", "ALERT"),
        Kind::Repeated => ("VẪN CÒN", "STILL FIRING"),
        Kind::Resolved => ("ĐÃ HẾT", "RESOLVED"),
        Kind::Passed => ("ĐÃ XẢY RA VÀ ĐÃ HẾT", "HAPPENED AND IS OVER"),
        Kind::Digest | Kind::Test => ("", ""),
    };
    let what = words(seen);
    let (here, drill) = if seen.drill { ("[DIỄN TẬP] ", "[DRILL] ") } else { ("", "") };
    PublicText { vi: format!("{here}{vi} [{rule}] {}", what.vi), en: format!("{drill}{en} [{rule}] {}", what.en) }
}

/// What it is, in a sentence.
pub fn words(seen: &Seen) -> PublicText {
    let system = seen.system.as_ref().map(ToString::to_string).unwrap_or_default();
    let (vi, en) = match &seen.what {
        What::Group { code, operation, vi, en } => (
            format!("{operation}: {} ({code})", text::excerpt(vi, WORDS)),
            format!("{operation}: {} ({code})", text::excerpt(en, WORDS)),
        ),
        What::Due { code, operation, overdue, near } => (
            format!("{operation} ({code}): {overdue} hồ sơ quá hẹn, {near} sắp đến hẹn"),
            format!("{operation} ({code}): {overdue} overdue, {near} due within four working hours"),
        ),
        What::Down { reason } => {
            (format!("hệ thống {system} ngừng đáp ứng ({reason})"), format!("system {system} is down ({reason})"))
        }
        What::Drain { at, will_miss } => {
            let open = seen.count;
            let missed = |text: &str| will_miss.map(|count| format!("; {count} {text}")).unwrap_or_default();
            let (vi, en) = match at.map(local::minute) {
                Some(at) => (format!("gửi hết lúc {at}"), format!("drained at {at}")),
                None => ("nhận vào nhiều hơn gửi đi".to_owned(), "more comes than goes".to_owned()),
            };
            (
                format!("{system}: {open} bản tin chờ, {vi}{}", missed("hồ sơ sẽ trễ hẹn")),
                format!("{system}: {open} wait, {en}{}", missed("promised dates will be missed")),
            )
        }
        What::Expiry { setting, subject, until } => {
            let whose =
                subject.as_deref().map(|subject| format!(" {}", text::excerpt(subject, WORDS))).unwrap_or_default();
            let until = local::minute(*until);
            (
                format!("{system}, {setting}:{whose} hết hạn {until}"),
                format!("{system}, {setting}:{whose} ends {until}"),
            )
        }
        What::Disk { sending: true } => {
            ("sắp hết đĩa: ngừng nhận mới".to_owned(), "the disk is short: nothing new is accepted".to_owned())
        }
        What::Disk { sending: false } => {
            ("hết đĩa: ngừng gửi".to_owned(), "the disk is full: nothing is sent".to_owned())
        }
        What::Journal { says } => (
            format!("nhật ký không đáp ứng: {}", text::excerpt(says, WORDS)),
            format!("the journal does not answer: {}", text::excerpt(says, WORDS)),
        ),
        What::Release { because } => (
            format!("đợt gửi lại tự tạm dừng: {}", text::excerpt(because, WORDS)),
            format!("a release paused by itself: {}", text::excerpt(because, WORDS)),
        ),
        What::Silent { client, after } => (
            format!("{client} ngừng gửi: im lặng quá {} đã khai báo", hours_vi(*after)),
            format!("{client} has stopped sending: silent for more than the declared {}", hours_en(*after)),
        ),
        What::Missed { client, least, weeks } => (
            format!("{client} ngừng gửi: vào giờ này, mỗi tuần trong {weeks} tuần qua đều có ít nhất {least} bản tin"),
            format!(
                "{client} has stopped sending: in these hours at least {least} messages came in each of {weeks} weeks"
            ),
        ),
        What::Approval { operation, fields } => (
            format!("{operation}: nội dung sửa ({fields} trường) chờ người thứ hai phê duyệt"),
            format!("{operation}: an amendment ({fields} fields) waits for a second person's approval"),
        ),
        What::More => (format!("và {} trường hợp khác", seen.count), format!("and {} more", seen.count)),
    };
    PublicText { vi, en }
}

fn window(since: Timestamp, until: Option<Timestamp>) -> PublicText {
    let from = local::minute(since);
    match until.map(local::minute) {
        Some(until) => PublicText { vi: format!("Từ {from} đến {until}"), en: format!("From {from} to {until}") },
        None => PublicText { vi: format!("Từ {from}"), en: format!("Since {from}") },
    }
}

fn counted(seen: &Seen) -> PublicText {
    match &seen.what {
        What::Group { .. } | What::Due { .. } | What::Drain { .. } | What::Release { .. } => {
            PublicText { vi: format!("Số lượng: {}", seen.count), en: format!("Count: {}", seen.count) }
        }
        What::Missed { least, .. } => {
            PublicText { vi: format!("Thường có ít nhất: {least}"), en: format!("Normally at least: {least}") }
        }
        What::Approval { fields, .. } => {
            PublicText { vi: format!("Số trường sửa: {fields}"), en: format!("Fields amended: {fields}") }
        }
        What::Down { .. }
        | What::Expiry { .. }
        | What::Disk { .. }
        | What::Journal { .. }
        | What::Silent { .. }
        | What::More => PublicText { vi: String::new(), en: String::new() },
    }
}

fn sampled(seen: &Seen) -> PublicText {
    let Some(sample) = &seen.sample else { return PublicText { vi: String::new(), en: String::new() } };
    let key = sample.key.as_deref().map(|key| format!("{key}, ")).unwrap_or_default();
    let (vi, en) = match seen.what {
        What::Silent { .. } | What::Missed { .. } => ("Bản tin cuối cùng", "Last message"),
        What::Group { .. }
        | What::Due { .. }
        | What::Down { .. }
        | What::Drain { .. }
        | What::Expiry { .. }
        | What::Disk { .. }
        | What::Journal { .. }
        | What::Release { .. }
        | What::Approval { .. }
        | What::More => ("Ví dụ", "Sample"),
    };
    PublicText {
        vi: format!("{vi}: {key}bản tin {}", sample.exchange),
        en: format!("{en}: {key}exchange {}", sample.exchange),
    }
}

/// A length of time in minutes, or from an hour on in hours with one digit where it says something.
fn length(seconds: u64) -> (String, bool) {
    match seconds {
        0..3600 => (seconds.div_ceil(60).to_string(), false),
        longer => {
            let hours = format!("{:.1}", Duration::from_secs(longer).as_secs_f64() / 3600.0);
            (hours.strip_suffix(".0").unwrap_or(&hours).to_owned(), true)
        }
    }
}

fn hours_vi(seconds: u64) -> String {
    let (number, in_hours) = length(seconds);
    format!("{} {}", number.replace('.', ","), if in_hours { "giờ" } else { "phút" })
}

fn hours_en(seconds: u64) -> String {
    let (number, in_hours) = length(seconds);
    let several = if number == "1" { "" } else { "s" };
    format!("{number} {}{several}", if in_hours { "hour" } else { "minute" })
}

fn body(lines: [&str; 4], link: Option<&str>) -> String {
    lines.into_iter().chain(link).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn linked(base: Option<&str>, page: &str) -> Option<String> {
    base.map(|base| format!("{base}{page}"))
}

fn described(rule: &str, seen: &Seen, base: Option<&str>) -> Value {
    let what = words(seen);
    json!({
        "rule": rule,
        "instance": seen.instance,
        "system": seen.system,
        "what": seen.what,
        "summary": { "vi": what.vi, "en": what.en },
        "since": seen.since,
        "count": seen.count,
        "sample": seen.sample,
        "link": linked(base, &seen.page),
        "drill": seen.drill,
    })
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn a_length_of_time_is_written_as_each_language_writes_it() {
        for (seconds, vi, en) in [
            (60, "1 phút", "1 minute"),
            (61, "2 phút", "2 minutes"),
            (3_600, "1 giờ", "1 hour"),
            (4 * 3_600, "4 giờ", "4 hours"),
            (16_200, "4,5 giờ", "4.5 hours"),
            (48 * 3_600, "48 giờ", "48 hours"),
        ] {
            assert_eq!((hours_vi(seconds).as_str(), hours_en(seconds).as_str()), (vi, en));
        }
    }
}
