//! The words and codes of refusals as configuration lists them. It judges none.

use lienthong_core::text;
use lienthong_kit::config::Problems;
use lienthong_kit::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Phrases, compared in NFC without regard to case. What the database says is not public but for one: list what yours says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PopulationPhrases {
    /// Nobody fits. Most answers say so by holding nobody.
    pub not_found: Vec<String>,
    /// Procedure, unit or officer may not ask.
    pub forbidden: Vec<String>,
    /// The token or account is not accepted.
    pub session_expired: Vec<String>,
    pub throttled: Vec<String>,
    /// Said before anything is processed, in an answer or on an HTML page.
    pub maintenance: Vec<String>,
    /// Said with status 403: it takes no calls from our address.
    pub address_refused: Vec<String>,
}

impl Default for PopulationPhrases {
    fn default() -> Self {
        Self {
            not_found: Vec::new(),
            forbidden: vec!["chưa được cấp phép khai thác".to_owned()],
            session_expired: Vec::new(),
            throttled: Vec::new(),
            maintenance: Vec::new(),
            address_refused: Vec::new(),
        }
    }
}

/// What a code of a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    NotFound,
    /// The data asked with are refused.
    Rejected,
    /// Procedure, unit or officer may not ask.
    Forbidden,
    Unauthenticated,
    Throttled,
    /// Refused before anything is processed.
    Unavailable,
    /// Nobody can say what happened.
    Unknown,
}

impl PopulationPhrases {
    /// The part that the common judge of outcomes knows. There are no phrases of success: an answer is one by what it holds.
    pub(crate) fn common(&self) -> words::Phrases {
        let Self { not_found, forbidden: _, session_expired, throttled, maintenance, address_refused } = self;
        words::Phrases {
            success: Vec::new(),
            failure: Vec::new(),
            exists: Vec::new(),
            not_found: not_found.clone(),
            session_expired: session_expired.clone(),
            throttled: throttled.clone(),
            maintenance: maintenance.clone(),
            address_refused: address_refused.clone(),
            unreachable_file: Vec::new(),
        }
    }

    pub(crate) fn check(&self, found: &mut Problems) {
        let Self { not_found, forbidden, session_expired, throttled, maintenance, address_refused } = self;
        let lists = [
            ("not_found", not_found),
            ("forbidden", forbidden),
            ("session_expired", session_expired),
            ("throttled", throttled),
            ("maintenance", maintenance),
            ("address_refused", address_refused),
        ];
        for (name, list) in lists {
            for (place, phrase) in list.iter().enumerate() {
                if text::folded(phrase).chars().count() < 3 {
                    let problem = "is too short to tell anything: at least 3 characters";
                    found.push((format!("/phrases/{name}/{place}"), problem.to_owned()));
                }
            }
        }
    }
}
