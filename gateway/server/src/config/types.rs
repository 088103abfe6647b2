//! Values with a form of their own: durations, sizes, times of day, key hashes. It knows no section of the configuration.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

/// Reads a type from a text and says in the schema what the text looks like.
macro_rules! text_form {
    ($type:ty, $name:literal, $about:literal, $($example:literal),+) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $about, "examples": [$($example),+] })
            }
        }
    };
}

/// A positive duration: `500ms`, `30s`, `5m`, `1h 30m`, `400d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

text_form!(
    Span,
    "Span",
    "A duration: a number with ms, s, m, h or d; several may follow each other.",
    "30s",
    "1h 30m",
    "400d"
);

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a duration is written like 500ms, 30s, 5m, 1h 30m or 400d, and is longer than nothing";
        let mut rest = value.trim();
        let mut total = Duration::ZERO;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(FORM)?;
            let number: u64 = rest.get(..digits).and_then(|text| text.parse().ok()).ok_or(FORM)?;
            let tail = rest.get(digits..).unwrap_or_default();
            let unit = tail.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(tail.len());
            let milliseconds: u64 = match tail.get(..unit).unwrap_or_default() {
                "ms" => 1,
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return Err(FORM),
            };
            let part = number.checked_mul(milliseconds).map(Duration::from_millis).ok_or(FORM)?;
            total = total.checked_add(part).ok_or(FORM)?;
            rest = tail.get(unit..).unwrap_or_default().trim_start();
        }
        // A thousand years: beyond it, sums with time stamps overflow.
        if total.is_zero() || total > Duration::from_secs(365_000 * 86_400) { Err(FORM) } else { Ok(Self(total)) }
    }
}

/// A number of bytes: `512`, `64KiB`, `10MiB`, `2GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

text_form!(Size, "Size", "A number of bytes, with KiB, MiB or GiB where wanted.", "64KiB", "10MiB", "2GiB");

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a size is written like 512, 64KiB, 10MiB or 2GiB";
        let value = value.trim();
        let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
        let number: u64 = value.get(..digits).and_then(|text| text.parse().ok()).ok_or(FORM)?;
        let factor: u64 = match value.get(digits..).unwrap_or_default().trim_start() {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return Err(FORM),
        };
        number.checked_mul(factor).map(Self).ok_or(FORM)
    }
}

impl Size {
    /// For limits of things in memory.
    pub fn bytes(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// A time of day, `HH:MM`, local to Asia/Ho_Chi_Minh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeOfDay(pub(crate) civil::Time);

text_form!(TimeOfDay, "TimeOfDay", "A time of day, HH:MM, local to Asia/Ho_Chi_Minh.", "22:00");

impl FromStr for TimeOfDay {
    type Err = &'static str;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a time of day is written HH:MM, from 00:00 to 23:59";
        let (hour, minute) = value.split_once(':').ok_or(FORM)?;
        if hour.len() != 2 || minute.len() != 2 {
            return Err(FORM);
        }
        let (hour, minute) = (hour.parse().map_err(|_| FORM)?, minute.parse().map_err(|_| FORM)?);
        civil::Time::new(hour, minute, 0, 0).map(Self).map_err(|_| FORM)
    }
}

/// How long a step of a flow may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WithinModel(pub(crate) lienthong_engine::flow::Within);

text_form!(
    WithinModel,
    "Within",
    "How long it may take: 2wd (working days), 16wh (working hours), 3d, 16h or 30m.",
    "2wd",
    "16wh",
    "3d"
);

impl FromStr for WithinModel {
    type Err = &'static str;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        value.parse().map(Self)
    }
}

/// A day, `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day(pub(crate) civil::Date);

text_form!(Day, "Day", "A day, YYYY-MM-DD.", "2026-01-01");

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        value.parse().map(Self).map_err(|_| "a day is written YYYY-MM-DD, and there is such a day")
    }
}

/// An instant, RFC 3339 with its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(pub(crate) jiff::Timestamp);

text_form!(Instant, "Instant", "An instant with its offset (RFC 3339).", "2027-01-30T22:00:00+07:00");

impl FromStr for Instant {
    type Err = &'static str;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        value.parse().map(Self).map_err(|_| "an instant is written with its offset, like 2027-01-30T22:00:00+07:00")
    }
}

/// The SHA-256 of an API key: `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash(pub [u8; 32]);

text_form!(
    KeyHash,
    "KeyHash",
    "The hash of an API key, as `lienthong hash-key` prints it.",
    "sha256:…64 hexadecimal digits…"
);

impl FromStr for KeyHash {
    type Err = &'static str;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        const FORM: &str =
            "a key is given by its hash only, `sha256:` and 64 hexadecimal digits, as `lienthong hash-key` prints it";
        let hex = value.strip_prefix("sha256:").ok_or(FORM)?;
        digest(hex).map(Self).ok_or(FORM)
    }
}

impl KeyHash {
    /// The hash under which this key is configured.
    pub fn of(key: &str) -> Self {
        Self(crate::security::hash_key(key))
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex(&self.0))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// 64 hexadecimal digits, colons between them allowed as certificate tools print them.
pub(crate) fn digest(text: &str) -> Option<[u8; 32]> {
    let digits: String = text.chars().filter(|c| *c != ':').collect();
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    let mut bytes = [0_u8; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text cannot fail.
        let _written: fmt::Result = write!(text, "{byte:02x}");
        text
    })
}

/// A token bucket: so many a second, and so many at once.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateModel {
    /// How many a second; a fraction is allowed.
    pub per_second: PerSecond,
    /// How many at once after a pause; the same as per_second when left out.
    #[serde(default)]
    pub burst: Option<std::num::NonZeroU32>,
}

/// A rate above nothing.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
pub struct PerSecond(pub f64);

impl<'de> Deserialize<'de> for PerSecond {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rate = f64::deserialize(deserializer)?;
        if rate > 0.0 && rate <= 1e6 {
            Ok(Self(rate))
        } else {
            Err(D::Error::custom("a rate is above 0 and at most 1000000"))
        }
    }
}

impl JsonSchema for PerSecond {
    fn schema_name() -> Cow<'static, str> {
        "PerSecond".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000 })
    }
}

impl RateModel {
    pub(crate) fn policy(self) -> lienthong_engine::config::RatePolicy {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to lie within 0 and a million"
        )]
        let rounded = self.per_second.0.ceil() as u32;
        let burst = self.burst.or_else(|| std::num::NonZeroU32::new(rounded)).unwrap_or(std::num::NonZeroU32::MIN);
        lienthong_engine::config::RatePolicy { per_second: self.per_second.0, burst }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_sums_of_units_and_never_empty() {
        assert_eq!("1h 30m".parse(), Ok(Span(Duration::from_secs(5400))));
        assert_eq!("400d".parse(), Ok(Span(Duration::from_secs(400 * 86_400))));
        assert_eq!("500ms".parse(), Ok(Span(Duration::from_millis(500))));
        for bad in ["", "0s", "10", "-5s", "5 minutes", "5x", "99999999999999999999s", "18446744073709551615d"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_have_binary_units_only() {
        assert_eq!("64KiB".parse(), Ok(Size(65_536)));
        assert_eq!("512".parse(), Ok(Size(512)));
        for bad in ["", "1KB", "KiB", "1.5MiB", "-1", "99999999999999GiB"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }

    #[test]
    fn times_of_day_have_two_digits_each() {
        assert_eq!("22:05".parse(), Ok(TimeOfDay(civil::time(22, 5, 0, 0))));
        for bad in ["24:00", "7:00", "07:60", "07:00:00", "7h"] {
            assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_hash_survives_its_own_text_and_a_bare_key_is_refused() {
        let hash = KeyHash::of("a long random key");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!("a long random key".parse::<KeyHash>().is_err());
        assert!(digest(&format!("{}é", "a".repeat(62))).is_none());
    }
}
