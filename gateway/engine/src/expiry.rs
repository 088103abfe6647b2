//! Until when certificates and secrets hold, as files and configuration say: what is shown before it is too late. It reads no file.

use std::fmt;

use lienthong_core::{SignedDuration, SystemId, Timestamp};
use serde::{Deserialize, Serialize};

const DAY: i64 = 24 * 3600;

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Material {
    /// Its end was read from the file in use.
    Certificate,
    /// Its end stands in the configuration.
    Secret,
}

impl Material {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Secret => "secret",
        }
    }
}

/// Something that is used until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// The system it is used for; the gateway's own are those of its internal system.
    pub system: SystemId,
    pub material: Material,
    /// Where the configuration names it, such as `transport.identity`.
    pub setting: String,
    /// What the configuration writes there: a reference or a path, never a value.
    pub reference: String,
    /// Whose certificate it is.
    pub subject: Option<String>,
    /// The first instant at which it no longer holds.
    pub until: Timestamp,
}

impl Expiry {
    /// Whole days from `now`; negative once it has ended.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        let left: SignedDuration = self.until.duration_since(now);
        left.as_secs().div_euclid(DAY)
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.system, self.setting)
    }
}

/// The expiries of one system, the soonest first.
pub fn of_system(all: &[Expiry], system: &SystemId) -> Vec<Expiry> {
    let mut found: Vec<Expiry> = all.iter().filter(|expiry| expiry.system == *system).cloned().collect();
    found.sort_by(|a, b| a.until.cmp(&b.until).then_with(|| a.setting.cmp(&b.setting)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(system: &str, setting: &str, until: &str) -> Expiry {
        Expiry {
            system: system.parse().unwrap(),
            material: Material::Certificate,
            setting: setting.to_owned(),
            reference: "file:x.pem".to_owned(),
            subject: None,
            until: until.parse().unwrap(),
        }
    }

    #[test]
    fn days_are_whole_and_negative_once_it_is_over() {
        let expiry = ending("portal", "transport.ca", "2026-03-10T00:00:00Z");
        for (now, days) in [
            ("2026-03-01T00:00:00Z", 9),
            ("2026-03-09T00:00:01Z", 0),
            ("2026-03-10T00:00:00Z", 0),
            ("2026-03-10T00:00:01Z", -1),
        ] {
            assert_eq!(expiry.days_left(now.parse().unwrap()), days, "{now}");
        }
    }

    #[test]
    fn a_system_is_shown_its_own_and_the_soonest_first() {
        let all = [
            ending("portal", "b", "2026-05-01T00:00:00Z"),
            ending("tax", "a", "2026-03-01T00:00:00Z"),
            ending("portal", "a", "2026-04-01T00:00:00Z"),
        ];
        let found = of_system(&all, &"portal".parse().unwrap());
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["portal a", "portal b"]);
    }
}
