//! What an HTTP exchange means when it is no readable answer: statuses, pages, lost connections. It judges no data.

use std::time::Duration;

use lienthong_core::file::FileError;
use lienthong_core::{Fault, FaultCode, FaultKind, Timestamp, text};

use crate::transport::Reply;
use crate::words::{Said, Words};

mod certificate;
#[cfg(test)]
mod tests;

pub(crate) use certificate::expired;

/// What kind of data belongs where we read: markup is a page of errors for one system and the answer itself for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// JSON or plain text: any markup is a page.
    Json,
    /// XML: only HTML is a page. A SOAP fault comes with status 500 (or 400) and is data to judge; never take it for success.
    Xml,
}

/// How much of a page is searched for phrases, in bytes.
const PAGE_BYTES: usize = 64 * 1024;
/// Longest wait taken from `Retry-After`.
const LONGEST_WAIT: Duration = Duration::from_secs(366 * 24 * 3600);

/// The fault of an answer that is none: every status but 2xx, and every page of HTML. `None`: there is something to judge.
pub fn of_reply(words: &Words, reply: &Reply, expected: Expected, now: Timestamp) -> Option<Fault> {
    let markup = is_page(&reply.body);
    let page = match expected {
        Expected::Json => markup,
        Expected::Xml => is_html(&reply.body),
    };
    let fault = |kind: FaultKind, detail: &str| Some(answered(reply, kind, kind.code(), detail));
    if let Some(refused) = of_certificate_page(reply) {
        return Some(refused);
    }
    match reply.status {
        200..=299 if !page => None,
        // Some front ends answer 200 while the system behind them is down; only a known page is known to come first.
        200..=299 if in_maintenance(words, &reply.body) => Some(maintenance(reply, now)),
        200..=299 => fault(FaultKind::Unintelligible, "a page of HTML where an answer belongs"),
        400 | 422 | 500 if markup && !page => None,
        400 | 422 if !page => fault(FaultKind::Rejected, "the system refuses the request"),
        401 => fault(FaultKind::Unauthenticated, "the system does not accept our session or token"),
        403 if words.refuse_our_address(&head(&reply.body)) => {
            let detail = "the system takes no calls from our address (transport.source_address)";
            Some(answered(reply, FaultKind::Unauthenticated, FaultCode::AddressRefused, detail))
        }
        403 => fault(FaultKind::Forbidden, "the system forbids us this request"),
        429 => {
            Some(waiting(answered(reply, FaultKind::Throttled, FaultCode::Throttled, "too many requests"), reply, now))
        }
        503 if in_maintenance(words, &reply.body) => Some(maintenance(reply, now)),
        503 => {
            let fault = answered(reply, FaultKind::Unavailable, FaultCode::Unavailable, "the system is not serving");
            Some(waiting(fault, reply, now))
        }
        _other => fault(FaultKind::Unintelligible, "a status that tells no outcome"),
    }
}

/// The page by which servers that let a handshake pass refuse our certificate afterwards, before they pass the request on: 400 or
/// 403 with a title of nginx's (`The SSL certificate error`, `No required SSL certificate was sent`), or its own 495 and 496.
pub fn of_certificate_page(reply: &Reply) -> Option<Fault> {
    let told = match reply.status {
        400 | 403 => {
            page_title(&reply.body).is_some_and(|title| title.to_ascii_lowercase().contains("ssl certificate"))
        }
        495 | 496 => true,
        _other => false,
    };
    told.then(|| {
        let detail = "the server refuses our client certificate (transport.identity)";
        answered(reply, FaultKind::Unauthenticated, FaultCode::CertificateRefused, detail)
    })
}

fn maintenance(reply: &Reply, now: Timestamp) -> Fault {
    let fault = answered(reply, FaultKind::Unavailable, FaultCode::Maintenance, "a known maintenance page");
    waiting(fault, reply, now)
}

fn answered(reply: &Reply, kind: FaultKind, code: FaultCode, detail: &str) -> Fault {
    let title = page_title(&reply.body);
    Fault::new(kind, code, format!("HTTP {}: {detail}", reply.status))
        .with_system_answer(Some(format!("HTTP {}", reply.status)), title.as_deref())
}

/// The fault with the wait its `Retry-After` asks for.
pub fn waiting(fault: Fault, reply: &Reply, now: Timestamp) -> Fault {
    match reply.retry_after().and_then(|header| wait(header, now)) {
        Some(wait) => fault.with_retry_after(wait),
        None => fault,
    }
}

/// `Retry-After` as seconds or as a date; a date that has passed asks for no wait.
fn wait(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(LONGEST_WAIT));
    }
    let until = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_zoned(header).ok()?.timestamp();
    Some(Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO).min(LONGEST_WAIT))
}

/// Whether the body is markup: some systems send JSON labelled as HTML, so the label decides nothing.
pub fn is_page(body: &[u8]) -> bool {
    without_mark(body).iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
}

/// Whether the body is HTML and not some other markup.
pub fn is_html(body: &[u8]) -> bool {
    let start = head(without_mark(body)).to_ascii_lowercase();
    let mut rest = start.trim_start();
    // What may stand before the first element of either: `<?xml …?>` and comments.
    loop {
        let end = match rest {
            declared if declared.starts_with("<?") => "?>",
            comment if comment.starts_with("<!--") => "-->",
            _element => break,
        };
        match rest.split_once(end) {
            Some((_, after)) => rest = after.trim_start(),
            None => return false,
        }
    }
    rest.starts_with("<!doctype html") || HTML.iter().any(|name| begins_with_element(rest, name))
}

/// Elements that pages were seen to begin with; no data of ours does.
const HTML: [&str; 6] = ["html", "head", "body", "p", "div", "h1"];

fn begins_with_element(text: &str, name: &str) -> bool {
    let after = text.strip_prefix('<').and_then(|rest| rest.strip_prefix(name));
    after.is_some_and(|after| after.starts_with(|c: char| c == '>' || c.is_ascii_whitespace()))
}

/// The body without a byte order mark.
pub fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

fn in_maintenance(words: &Words, body: &[u8]) -> bool {
    words.said(&head(body)) == Said::Maintenance
}

/// The beginning of a page, as text.
fn head(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..PAGE_BYTES).unwrap_or(body)).into_owned()
}

/// What a page calls itself: the one part of it that is shown.
fn page_title(body: &[u8]) -> Option<String> {
    if !is_page(body) {
        return None;
    }
    let head = head(body);
    let lower = head.to_ascii_lowercase();
    let from = lower.find("<title>")?.checked_add("<title>".len())?;
    let until = lower.get(from..)?.find("</title>")?.checked_add(from)?;
    Some(text::excerpt(head.get(from..until)?.trim(), 120))
}

/// A request that got no answer. `sent`: the connection had begun to read its body.
pub fn of_send_error(error: reqwest::Error, sent: bool) -> Fault {
    if let Some(refused) = certificate::refused(&error) {
        return refused;
    }
    let detail = chain(&error.without_url());
    let (connect, timeout, builder) = (detail.connect, detail.timeout, detail.builder);
    let kind = match (builder, connect || !sent, timeout) {
        (true, _, _) => FaultKind::Internal,
        (false, true, _) => FaultKind::Unreachable,
        (false, false, true) => FaultKind::Timeout,
        (false, false, false) => FaultKind::Interrupted,
    };
    Fault::of(kind, detail.words)
}

/// A file that broke off while it was read.
pub(crate) fn of_broken_file(error: reqwest::Error) -> Fault {
    let detail = chain(&error.without_url());
    Fault::of(if detail.timeout { FaultKind::Timeout } else { FaultKind::Interrupted }, detail.words)
}

/// A file that was not stored. One that is longer than the gateway keeps is refused as data; everything else is ours to mend.
pub fn of_unstored(error: FileError) -> Fault {
    let kind = match error {
        FileError::TooLong(_) => FaultKind::Rejected,
        FileError::NoRoom | FileError::Storage(_) => FaultKind::Internal,
    };
    Fault::of(kind, error.to_string())
}

/// An answer that broke off, or was longer than the limit.
pub fn of_broken_answer(status: u16, why: &str) -> Fault {
    Fault::of(FaultKind::Unintelligible, format!("HTTP {status}: {why}"))
        .with_system_answer(Some(format!("HTTP {status}")), None)
}

/// The whole call took longer than it may.
pub fn of_elapsed(limit: Duration, sent: bool) -> Fault {
    match sent {
        true => Fault::of(FaultKind::Timeout, format!("no answer within {limit:?}")),
        false => Fault::of(FaultKind::Unreachable, format!("nothing could be sent within {limit:?}")),
    }
}

/// A login that failed: nothing of the attempt was sent, so the outcome is never unknown.
pub fn of_login(fault: Fault) -> Fault {
    let kind = match fault.kind {
        FaultKind::Timeout | FaultKind::Interrupted => FaultKind::Unreachable,
        FaultKind::Unintelligible => FaultKind::Unavailable,
        FaultKind::Rejected | FaultKind::Conflict | FaultKind::NotFound | FaultKind::Invalid | FaultKind::Forbidden => {
            FaultKind::Unauthenticated
        }
        FaultKind::Unreachable
        | FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::Unauthenticated
        | FaultKind::Mapping
        | FaultKind::Expired
        | FaultKind::Internal => fault.kind,
    };
    let code = if kind == fault.kind { fault.code } else { kind.code() };
    Fault { kind, code, public: code.public(), detail: format!("login: {}", fault.detail), ..fault }
}

struct Chain {
    words: String,
    connect: bool,
    timeout: bool,
    builder: bool,
}

/// An error with everything below it, for the log. The address is left out: its query may name a dossier.
fn chain(error: &reqwest::Error) -> Chain {
    let mut words = error.to_string();
    let mut below = std::error::Error::source(error);
    while let Some(cause) = below {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        below = cause.source();
    }
    Chain { words, connect: error.is_connect(), timeout: error.is_timeout(), builder: error.is_builder() }
}
