//! Digests that recognise a message sent again: over everything that makes it the same message, lengths included. They store nothing.

use lienthong_core::inbound::InboundSubmission;
use lienthong_core::{BusinessKey, Class, Timestamp};
use sha2::{Digest, Sha256};

use super::model::Submission;

/// A digest in the making; every part is preceded by its length, so that no two lists of parts run together.
struct Parts(Sha256);

impl Parts {
    /// `what` keeps digests of different things apart.
    fn of(what: &str) -> Self {
        let mut parts = Self(Sha256::new());
        parts.text(what);
        parts
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Absent and empty are different.
    fn optional(&mut self, text: Option<&str>) {
        self.0.update([u8::from(text.is_some())]);
        self.text(text.unwrap_or(""));
    }

    fn time(&mut self, time: Option<Timestamp>) {
        self.0.update([u8::from(time.is_some())]);
        self.0.update(time.map_or(0, Timestamp::as_nanosecond).to_le_bytes());
    }

    fn keys(&mut self, keys: &[BusinessKey]) {
        self.0.update((keys.len() as u64).to_le_bytes());
        for key in keys {
            self.text(key.as_str());
        }
    }

    fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Over operation, key, the raw body bytes and the options. The raw bytes, because a client that sends again sends what it
/// sent; the trace is left out, because every request has its own.
pub(super) fn of_submission(submission: &Submission) -> [u8; 32] {
    let Submission {
        operation,
        key,
        body,
        purpose,
        on_behalf_of,
        due_at,
        expires_at,
        not_before,
        aliases,
        class,
        idempotency_key: _,
        callback,
        trace: _,
    } = submission;
    let mut parts = Parts::of("submission");
    parts.text(operation.as_str());
    parts.text(key.as_str());
    parts.bytes(body);
    parts.optional(purpose.as_deref());
    parts.0.update([u8::from(on_behalf_of.is_some())]);
    parts.optional(on_behalf_of.as_ref().and_then(|behalf| behalf.unit.as_deref()));
    parts.optional(on_behalf_of.as_ref().and_then(|behalf| behalf.officer.as_deref()));
    parts.time(*due_at);
    parts.time(*expires_at);
    parts.time(*not_before);
    parts.keys(aliases);
    parts.0.update([u8::from(*class == Class::Bulk)]);
    // Only where there is one: digests made before there were callbacks stay as they are.
    if let Some(callback) = callback {
        parts.text(callback);
    }
    parts.finish()
}

/// Over what a resend asks for.
pub(super) fn of_resend(id: lienthong_core::ExchangeId, reason: &str) -> [u8; 32] {
    let mut parts = Parts::of("resend");
    parts.bytes(id.0.as_bytes());
    parts.text(reason);
    parts.finish()
}

/// Over the content of one message of a push.
pub(super) fn of_inbound(submission: &InboundSubmission) -> [u8; 32] {
    let InboundSubmission { operation, key, aliases, body } = submission;
    let mut parts = Parts::of("inbound");
    parts.text(operation.as_str());
    parts.text(key.as_str());
    parts.keys(aliases);
    parts.text(body.content_type.media_type());
    parts.bytes(&body.bytes);
    parts.finish()
}

/// Over raw bytes.
pub(super) fn of_bytes(what: &str, bytes: &[u8]) -> [u8; 32] {
    let mut parts = Parts::of(what);
    parts.bytes(bytes);
    parts.finish()
}

/// Lower-case hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _written = write!(text, "{byte:02x}");
        text
    })
}
