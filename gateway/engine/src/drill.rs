//! Fire drills: one system fails in a chosen way for one test key, for a bounded time. Pure: what is injected instead of a call, and until when.

use std::time::Duration;

use lienthong_core::fault::PublicText;
use lienthong_core::{BusinessKey, Fault, FaultCode, FieldProblem, SystemId, Timestamp};
use serde::{Deserialize, Serialize};

/// Stands as the system's own code in every fault of a drill, and so in the name of its error group.
pub const MARK: &str = "DRILL";
/// No drill lasts longer.
pub const LONGEST: Duration = Duration::from_secs(2 * 3600);
/// None is shorter.
pub const SHORTEST: Duration = Duration::from_secs(10);

/// How the system fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fails {
    /// Nobody listens; nothing was sent.
    Refused,
    /// It was sent and nobody answers: the outcome is unknown.
    Timeout,
    /// The data are refused.
    Rejected,
    /// Our certificate is refused.
    Certificate,
    /// It shows its maintenance page.
    Maintenance,
}

impl Fails {
    pub const ALL: [Self; 5] = [Self::Refused, Self::Timeout, Self::Rejected, Self::Certificate, Self::Maintenance];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Rejected => "rejected",
            Self::Certificate => "certificate",
            Self::Maintenance => "maintenance",
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fails| fails.as_str() == text)
    }

    fn code(self) -> FaultCode {
        match self {
            Self::Refused => FaultCode::Unreachable,
            Self::Timeout => FaultCode::Timeout,
            Self::Rejected => FaultCode::Rejected,
            Self::Certificate => FaultCode::CertificateRefused,
            Self::Maintenance => FaultCode::Maintenance,
        }
    }

    /// What an attempt comes to, and whether it counts as sent. Nothing is.
    pub fn outcome(self) -> (Fault, bool) {
        let code = self.code();
        let PublicText { vi, en } = code.public();
        let mut fault = Fault::new(code.kind(), code, "a fire drill: nothing was sent to the system")
            .with_system_answer(Some(MARK.to_owned()), None);
        fault.public = PublicText { vi: format!("DIỄN TẬP: {vi}"), en: format!("FIRE DRILL: {en}") };
        if self == Self::Rejected {
            fault = fault.with_problem(FieldProblem::new("", "is refused by a fire drill"));
        }
        (fault, self == Self::Timeout)
    }
}

/// Whether a fault was made by a drill.
pub fn is_drill(fault: &Fault) -> bool {
    fault.system_code.as_deref() == Some(MARK)
}

/// One drill, running or over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    pub system: SystemId,
    /// The one key that fails.
    pub key: BusinessKey,
    pub fails: Fails,
    pub by: String,
    pub reason: String,
    pub began: Timestamp,
    /// Ends by itself then.
    pub until: Timestamp,
    /// Ended by an operator before.
    pub ended: Option<Timestamp>,
}

impl Drill {
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.began <= now && now < self.until
    }
}

/// Which keys are for tests: exactly, or all that begin so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestKeys(pub Vec<String>);

impl TestKeys {
    /// Least characters before a star: fewer would name real dossiers too.
    pub const LEAST: usize = 8;

    /// Why a pattern cannot be one.
    pub fn problem(pattern: &str) -> Option<&'static str> {
        match pattern.split_once('*') {
            Some((_, rest)) if !rest.is_empty() => Some("a star stands at the end only"),
            Some((start, _)) if start.chars().count() < Self::LEAST => {
                Some("at least eight characters stand before the star, or it would name real dossiers")
            }
            Some(_) => None,
            None if pattern.trim().is_empty() => Some("it is empty"),
            None => None,
        }
    }

    pub fn has(&self, key: &BusinessKey) -> bool {
        let key = key.as_str();
        self.0.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => key.starts_with(start),
            None => key == pattern,
        })
    }
}

#[cfg(test)]
mod tests {
    use lienthong_core::fault::fingerprint;

    use super::*;

    #[test]
    fn every_fault_of_a_drill_says_that_it_is_one_and_is_in_a_group_of_its_own() {
        let (system, operation) = ("portal".parse().unwrap(), "portal.sync-dossier".parse().unwrap());
        for fails in Fails::ALL {
            let (fault, _) = fails.outcome();
            assert!(
                is_drill(&fault) && fault.public.vi.contains("DIỄN TẬP") && fault.public.en.contains("DRILL"),
                "{fails:?}"
            );
            let real = Fault::of(fault.kind, "real");
            assert!(!is_drill(&real));
            assert_ne!(fingerprint(&system, &operation, &fault), fingerprint(&system, &operation, &real), "{fails:?}");
            assert_eq!(Fails::of(fails.as_str()), Some(fails));
        }
    }

    #[test]
    fn test_keys_are_named_narrowly() {
        for (pattern, good) in [
            ("H56.14-000101-*", true),
            ("H56.14-000101-0001", true),
            ("H56*", false),
            ("*", false),
            ("H56.14-*-0001", false),
            (" ", false),
        ] {
            assert_eq!(TestKeys::problem(pattern).is_none(), good, "{pattern}");
        }
        let keys = TestKeys(vec!["H56.14-000101-*".to_owned(), "TEST-1".to_owned()]);
        for (key, is) in
            [("H56.14-000101-0007", true), ("TEST-1", true), ("TEST-12", false), ("H56.14-250115-0007", false)]
        {
            assert_eq!(keys.has(&key.parse().unwrap()), is, "{key}");
        }
    }
}
