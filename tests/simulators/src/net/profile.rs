//! The names of how badly a simulated system misbehaves by itself; it must not choose a fault.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How badly a system misbehaves by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultProfile {
    /// Only commanded faults.
    #[default]
    None,
    /// A few calls in a hundred, with short bursts.
    Real,
    /// About one call in five, one short outage and one maintenance period early in the run.
    Harsh,
}

impl FromStr for FaultProfile {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
            "real" => Ok(Self::Real),
            "harsh" => Ok(Self::Harsh),
            other => anyhow::bail!("unknown fault profile `{other}`: use none, real or harsh"),
        }
    }
}

impl fmt::Display for FaultProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Real => "real",
            Self::Harsh => "harsh",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::FaultProfile;

    #[test]
    fn profile_names_are_read_and_written() {
        for name in ["none", "real", "harsh"] {
            assert_eq!(name.parse::<FaultProfile>().unwrap().to_string(), name);
        }
        assert!("wild".parse::<FaultProfile>().is_err());
    }
}
