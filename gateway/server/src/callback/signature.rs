//! Signatures of the Standard Webhooks specification: over id, time stamp and the message's own bytes, one for each secret. It sends nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::signature::Ed25519KeyPair;

/// The specification allows symmetric secrets of 24 to 64 bytes.
const SYMMETRIC_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
const SEED_BYTES: usize = 32;

/// What signs.
pub(crate) enum Key {
    /// `whsec_…`: HMAC-SHA256, scheme `v1`.
    Symmetric(hmac::Key),
    /// `whsk_…`: Ed25519, scheme `v1a`.
    Asymmetric(Box<Ed25519KeyPair>),
}

impl Key {
    /// Reads a secret; the text never repeats it.
    pub(crate) fn read(secret: &str) -> Result<Self, &'static str> {
        const FORM: &str = "holds no secret of the Standard Webhooks specification: `whsec_` and 24 to 64 bytes in base64, or `whsk_` and an Ed25519 key";
        let decoded = |text: &str| STANDARD.decode(text.trim()).map_err(|_| FORM);
        match (secret.trim().strip_prefix("whsec_"), secret.trim().strip_prefix("whsk_")) {
            (Some(text), _) => {
                let bytes = decoded(text)?;
                match SYMMETRIC_BYTES.contains(&bytes.len()) {
                    true => Ok(Self::Symmetric(hmac::Key::new(hmac::HMAC_SHA256, &bytes))),
                    false => Err(FORM),
                }
            }
            (None, Some(text)) => ed25519(&decoded(text)?).ok_or(FORM),
            (None, None) => Err(FORM),
        }
    }

    fn sign(&self, content: &[u8]) -> String {
        match self {
            Self::Symmetric(key) => format!("v1,{}", STANDARD.encode(hmac::sign(key, content))),
            Self::Asymmetric(pair) => format!("v1a,{}", STANDARD.encode(pair.sign(content))),
        }
    }
}

/// The seed alone, or the seed and its public key as most libraries keep it.
fn ed25519(bytes: &[u8]) -> Option<Key> {
    let (seed, public) = bytes.split_at_checked(SEED_BYTES)?;
    let pair = match public.is_empty() {
        true => Ed25519KeyPair::from_seed_unchecked(seed),
        false => Ed25519KeyPair::from_seed_and_public_key(seed, public),
    };
    pair.ok().map(|pair| Key::Asymmetric(Box::new(pair)))
}

/// The header's value: all signatures, with blanks between them. A receiver needs only one that it can verify.
pub(crate) fn header(keys: &[Key], id: &str, timestamp: i64, message: &[u8]) -> String {
    let mut content = format!("{id}.{timestamp}.").into_bytes();
    content.extend_from_slice(message);
    keys.iter().map(|key| key.sign(&content)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const MESSAGE: &[u8] = br#"{"test": 2432232314}"#;
    const SYMMETRIC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    /// The key of RFC 8032, 7.1, test 1; the signature below was made with OpenSSL.
    const ASYMMETRIC: &str = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
    const WITH_PUBLIC: &str =
        "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==";

    fn signed(secrets: &[&str]) -> String {
        let keys: Vec<Key> = secrets.iter().map(|secret| Key::read(secret).unwrap()).collect();
        header(&keys, ID, AT, MESSAGE)
    }

    #[test]
    fn the_specifications_own_vector_is_signed_as_it_says() {
        assert_eq!(signed(&[SYMMETRIC]), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn an_ed25519_signature_is_what_openssl_makes_of_the_same() {
        let theirs = "v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbzEHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw==";
        assert_eq!(signed(&[ASYMMETRIC]), theirs);
        assert_eq!(signed(&[WITH_PUBLIC]), theirs);
    }

    #[test]
    fn several_secrets_make_several_signatures() {
        let both = signed(&[SYMMETRIC, ASYMMETRIC]);
        let parts: Vec<&str> = both.split(' ').collect();
        assert_eq!(parts, [signed(&[SYMMETRIC]), signed(&[ASYMMETRIC])]);
    }

    #[test]
    fn what_is_no_secret_is_refused_without_being_repeated() {
        let mismatched = format!("whsk_{}", STANDARD.encode([7_u8; 64]));
        for bad in
            ["", "hunter2hunter2", "whsec_", "whsec_!!!!", "whsec_aHVudGVyMg==", "whsk_aHVudGVyMg==", &mismatched]
        {
            let problem = Key::read(bad).err().unwrap();
            assert!(!problem.contains("hunter2") && !problem.contains("aHVudGVyMg"), "{problem}");
        }
    }
}
