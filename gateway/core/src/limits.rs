//! Every limit of the public contract, in one place. It decides nothing else.

use std::time::Duration;

/// Longest name of a system, client, operation or route, in bytes (they are ASCII).
pub const NAME_BYTES: usize = 64;
/// Longest business key, alias or order key, in characters.
pub const KEY_CHARS: usize = 128;
/// Most aliases one exchange may carry.
pub const ALIASES: usize = 16;
/// Longest `Idempotency-Key`, in bytes.
pub const IDEMPOTENCY_KEY_BYTES: usize = 255;
/// Longest purpose, unit, officer or operator's reason, in characters.
pub const NOTE_CHARS: usize = 500;
/// Default largest body of a submission, in bytes; an operation may allow less.
pub const BODY_BYTES: usize = 10 * 1024 * 1024;
/// Bodies above this live in files beside the journal, in bytes.
pub const INLINE_BODY_BYTES: usize = 64 * 1024;
/// Largest answer read from an external system, in bytes.
pub const ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// Longest excerpt of an external system's own words kept in a fault, in characters.
pub const SYSTEM_TEXT_CHARS: usize = 500;
/// Most deliveries one exchange may fan out to.
pub const DELIVERIES: usize = 64;
/// Longest chain of exchanges that make each other.
pub const CHAIN_DEPTH: u8 = 16;
/// Most elements one message is split into.
pub const SPLIT_ITEMS: usize = 5_000;
/// Most rows of one page of a list.
pub const PAGE_ROWS: usize = 500;
/// Fewest digits of an id that it is found by; more exchanges begin alike than a list could show otherwise.
pub const ID_PREFIX_DIGITS: usize = 8;
/// Most terms one exchange is found by.
pub const TERMS: usize = 16;
/// Longest text searched for, in characters.
pub const SEARCH_CHARS: usize = 200;
/// Most words of a text searched for; what comes after them is not looked at.
pub const SEARCH_WORDS: usize = 8;
/// Most field problems reported at once.
pub const FIELD_PROBLEMS: usize = 50;
/// Idempotency keys outlive bodies: how long they are kept.
pub const IDEMPOTENCY_KEPT: Duration = Duration::from_secs(400 * 24 * 3600);
/// An exchange without a due date is ranked as if due this long after it was received.
pub const DEFAULT_LEAD: Duration = Duration::from_secs(24 * 3600);
/// Longest `Prefer: wait`, in seconds.
pub const WAIT_SECONDS: u64 = 60;
