//! Their clock against ours: the `Date` of whatever they answer. Systems that check time stamps refuse us when the two differ.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use lienthong_core::network::NetworkEndpoint;
use lienthong_core::{Clock, SignedDuration, Timestamp};

use super::line::{Line, exchange};
use super::proxy::{authority, authorization};
use super::step::{Label, Step, StepName, Who, text};

/// Clocks that differ by more are a problem.
const TOLERATED: SignedDuration = SignedDuration::from_secs(60);

/// One `HEAD /`: whatever is answered carries a date.
pub(super) async fn compare(
    clock: &dyn Clock,
    endpoint: &NetworkEndpoint,
    line: &mut Line,
    patience: Duration,
) -> Step {
    let began = clock.monotonic();
    let answered = exchange(line, &request(endpoint), patience).await;
    let took = clock.monotonic().saturating_sub(began);
    let ours = clock.now();
    let head = match answered {
        Ok(head) => head,
        Err(error) => {
            let said = text(
                "Kết nối được nhưng không có trả lời HTTP nào.",
                "The connection stands, but no answer in HTTP comes.",
            );
            return Step::failed(StepName::Clock, Who::Target, said).with(Label::Error, error).after(took);
        }
    };
    let step = Step::ok(StepName::Clock).with(Label::HttpStatus, head.status).after(took);
    match head.date.as_deref().and_then(read) {
        Some(theirs) => compared(step, theirs, ours),
        None => {
            let said = text("Trả lời không có ngày giờ (Date).", "The answer tells no time (Date).");
            Step { outcome: super::step::Outcome::Skipped, ..step.minding(said) }
        }
    }
}

fn request(endpoint: &NetworkEndpoint) -> String {
    let host = authority(&endpoint.place);
    let plain_proxy = endpoint.proxy.as_ref().filter(|_| !endpoint.place.encrypted);
    let target = if plain_proxy.is_some() { format!("{}/", endpoint.place) } else { "/".to_owned() };
    let proof = plain_proxy.map(authorization).unwrap_or_default();
    format!("HEAD {target} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n{proof}\r\n")
}

fn read(date: &str) -> Option<Timestamp> {
    DateTimeParser::new().relaxed_weekday(true).parse_zoned(date).ok().map(|zoned| zoned.timestamp())
}

fn compared(step: Step, theirs: Timestamp, ours: Timestamp) -> Step {
    let offset = theirs.duration_since(ours);
    let seconds = offset.as_secs();
    let step = step
        .with(Label::TheirTime, theirs.round(jiff::Unit::Second).unwrap_or(theirs))
        .with(Label::OurTime, ours.round(jiff::Unit::Second).unwrap_or(ours))
        .with(Label::Offset, format!("{seconds:+} s"));
    if offset.abs() <= TOLERATED {
        return step;
    }
    let said = text(
        "Hai đồng hồ lệch nhau quá 60 giây. So cả hai với máy chủ thời gian (NTP): nếu giờ của cổng sai thì sửa ở cổng, nếu không thì báo đơn vị vận hành hệ thống đích.",
        "The clocks differ by more than 60 seconds. Compare both with a time server (NTP): mend this machine's if it is wrong, else tell the operator of the target system.",
    );
    step.but(Who::Configuration, said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::step::Outcome;

    #[test]
    fn clocks_may_differ_by_a_minute_in_both_directions() {
        let ours: Timestamp = "2026-01-05T01:00:00Z".parse().unwrap();
        let step = |seconds| compared(Step::ok(StepName::Clock), ours + SignedDuration::from_secs(seconds), ours);
        assert_eq!((step(60).outcome, step(-60).outcome), (Outcome::Ok, Outcome::Ok));
        let late = step(-61);
        assert_eq!((late.outcome, late.who), (Outcome::Failed, Some(Who::Configuration)));
        assert_eq!(late.seen.last().unwrap().value, "-61 s");
        assert_eq!(read("Mon, 05 Jan 2026 01:00:00 GMT"), Some(ours));
        assert_eq!(read("yesterday"), None);
    }
}
