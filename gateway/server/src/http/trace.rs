//! W3C trace context: taken from the request when it is valid, made anew when it is not. It records no span.

use lienthong_core::exchange::TraceContext;

/// Longest `tracestate` kept, in characters (the specification asks for at least 512).
const STATE_CHARS: usize = 512;
/// `version-traceid-parentid-flags` of version 00.
const PARENT_CHARS: usize = 55;

/// The context a request came with; `None` without a valid `traceparent`. A `tracestate` counts only beside a valid parent.
pub fn context_of(parent: Option<&str>, state: Option<&str>) -> Option<TraceContext> {
    let parent = parent.and_then(valid_parent)?;
    Some(TraceContext { parent, state: state.and_then(valid_state) })
}

/// A new trace that begins with us, not sampled.
pub fn new_context() -> TraceContext {
    let (trace, span): (u128, u64) = (rand::random(), rand::random());
    TraceContext { parent: format!("00-{:032x}-{:016x}-00", trace.max(1), span.max(1)), state: None }
}

/// The parent as version 00 writes it. A later version is read as far as 00 defines it, as the specification asks.
fn valid_parent(text: &str) -> Option<String> {
    let text = text.trim();
    let known = text.get(..PARENT_CHARS)?;
    let mut parts = known.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let shaped = parts.next().is_none()
        && hex(version, 2)
        && version != "ff"
        && (text.len() == PARENT_CHARS || (version != "00" && text.as_bytes().get(PARENT_CHARS) == Some(&b'-')))
        && hex(trace, 32)
        && hex(span, 16)
        && hex(flags, 2);
    let empty = |id: &str| id.bytes().all(|digit| digit == b'0');
    (shaped && !empty(trace) && !empty(span)).then(|| format!("00-{trace}-{span}-{flags}"))
}

fn hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn valid_state(text: &str) -> Option<String> {
    let text = text.trim();
    let printable = text.bytes().all(|b| (b' '..=b'~').contains(&b));
    (!text.is_empty() && text.len() <= STATE_CHARS && printable).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_valid_parent_is_kept_with_its_state() {
        let taken = context_of(Some(PARENT), Some("province=h56")).unwrap();
        assert_eq!((taken.parent.as_str(), taken.state.as_deref()), (PARENT, Some("province=h56")));
        assert_eq!(taken.trace_id(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
    }

    #[test]
    fn what_the_specification_calls_invalid_is_not_taken() {
        let zero_trace = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
        let zero_span = "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01";
        let upper = PARENT.to_uppercase();
        let (longer, version) = (format!("{PARENT}-more"), PARENT.replacen("00", "ff", 1));
        for wrong in ["", "nonsense", zero_trace, zero_span, &upper, &longer, &version, &PARENT[..54]] {
            assert_eq!(context_of(Some(wrong), Some("a=b")), None, "{wrong}");
        }
        assert_eq!(context_of(None, Some("a=b")), None);
        assert_eq!(context_of(Some("00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01"), None), None);
    }

    #[test]
    fn a_later_version_is_read_as_far_as_we_know_it() {
        let later = PARENT.replacen("00", "cc", 1) + "-what-the-future-holds";
        assert_eq!(context_of(Some(&later), None).unwrap().parent, PARENT);
    }

    #[test]
    fn a_new_context_is_one_we_would_take() {
        let made = new_context();
        assert_eq!(context_of(Some(&made.parent), None), Some(made));
    }
}
