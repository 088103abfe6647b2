//! `MaYeuCau` from an attempt's reference: unique by construction, the same for the same attempt, never longer than the database takes. It draws no chance and reads no clock.

use lienthong_core::DeliveryId;
use sha2::{Digest, Sha256};

use crate::wire::longest;

/// `<uuid>.<index>.<attempt>` becomes the exchange's 32 digits with index and attempt behind hyphens, so that an operator who is given
/// a request's id finds the exchange. What would be too long that way has the exchange's id in base 36.
pub(crate) fn request_id(reference: &str) -> String {
    let parts = parts(reference);
    let readable = parts.map(|(id, index, attempt)| format!("{id:032x}-{index}-{attempt}"));
    let short = || parts.map(|(id, index, attempt)| [id, index.into(), attempt.into()].map(base_36).join("-"));
    let fits = |id: &String| id.len() <= longest::REQUEST_ID;
    readable.filter(fits).or_else(|| short().filter(fits)).unwrap_or_else(|| digest(reference))
}

/// Exchange, index and attempt, of a reference that prints again as it was read: so two references never become one.
fn parts(reference: &str) -> Option<(u128, u16, u32)> {
    let (delivery, attempt) = reference.rsplit_once('.')?;
    let (delivery, attempt): (DeliveryId, u32) = (delivery.parse().ok()?, attempt.parse().ok()?);
    let DeliveryId { exchange, index } = delivery;
    (format!("{delivery}.{attempt}") == reference).then(|| (exchange.0.as_u128(), index, attempt))
}

fn base_36(mut number: u128) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).ok().and_then(|digit| char::from_digit(digit, 36));
        digits.extend(digit);
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

/// A reference of another form: 160 bits of its digest.
fn digest(reference: &str) -> String {
    Sha256::digest(reference.as_bytes())
        .iter()
        .take(longest::REQUEST_ID / 2)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reference(id: u128, index: u16, attempt: u32) -> String {
        let hex = format!("{id:032x}");
        let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        format!("{uuid}.{index}.{attempt}")
    }

    #[test]
    fn a_request_id_shows_the_exchange_and_counts_the_attempts() {
        let id = request_id("01994f3e-0000-7000-8000-000000000001.0.1");
        assert_eq!(id, "01994f3e000070008000000000000001-0-1");
        assert_eq!(request_id("01994f3e-0000-7000-8000-000000000001.0.2"), "01994f3e000070008000000000000001-0-2");
    }

    #[test]
    fn a_reference_of_another_form_has_an_id_too() {
        for reference in ["probe", "", "0.0.1", "01994f3e-0000-7000-8000-000000000001.00.1"] {
            let id = request_id(reference);
            assert_eq!((id.len(), &id), (40, &request_id(reference)));
        }
    }

    proptest! {
        #[test]
        fn two_attempts_never_have_one_id(
            a in (any::<u128>(), any::<u16>(), any::<u32>()), b in (any::<u128>(), any::<u16>(), any::<u32>()),
        ) {
            let (first, second) = (request_id(&reference(a.0, a.1, a.2)), request_id(&reference(b.0, b.1, b.2)));
            prop_assert_eq!(a == b, first == second);
            prop_assert!(first.len() <= 40 && first.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        }

        #[test]
        fn attempts_of_one_delivery_differ(id in any::<u128>(), index in any::<u16>(), n in any::<u32>(), m in any::<u32>()) {
            let of = |attempt| request_id(&reference(id, index, attempt));
            prop_assert_eq!(n == m, of(n) == of(m));
        }

        #[test]
        fn no_reference_panics(reference in "\\PC{0,80}") {
            prop_assert!(request_id(&reference).len() <= 40);
        }
    }
}
