//! The words of the land office as configuration lists them. It judges none.

use lienthong_core::text;
use lienthong_kit::config::Problems;
use lienthong_kit::words;
use schemars::JsonSchema;
use serde::Deserialize;

/// Phrases, compared in NFC without regard to case. The defaults are substrings that public client code looks for, and names of
/// fields; how the land office words the rest is not public: list what yours says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LandPhrases {
    pub success: Vec<String>,
    /// Failure wins over success: "không thành công" contains "thành công".
    pub failure: Vec<String>,
    /// An insert met an existing dossier.
    pub exists: Vec<String>,
    /// The result was returned before.
    pub returned: Vec<String>,
    /// The land office has no such dossier.
    pub not_found: Vec<String>,
    /// A supplement nobody asked for.
    pub not_waiting: Vec<String>,
    /// What a phrase must be said of, in its own clause, to be about the dossier.
    pub dossier: Vec<String>,
    /// What, named in the clause, makes it be about something else.
    pub other_things: Vec<String>,
    /// Words for the officer's account, for answers that say it does not exist.
    pub officer: Vec<String>,
    /// Words for the procedure, for answers that say it does not exist.
    pub procedure: Vec<String>,
    pub session_expired: Vec<String>,
    pub throttled: Vec<String>,
    /// Said before anything is processed, in JSON or on an HTML page.
    pub maintenance: Vec<String>,
    /// Said with status 403: it takes no calls from our address.
    pub address_refused: Vec<String>,
}

impl Default for LandPhrases {
    fn default() -> Self {
        let all = |phrases: &[&str]| phrases.iter().map(|phrase| (*phrase).to_owned()).collect();
        Self {
            success: all(&["thành công"]),
            failure: all(&["không thành công", "thất bại"]),
            exists: all(&["đã tồn tại"]),
            returned: all(&["đã được trả"]),
            not_found: all(&["không tìm thấy", "không tồn tại"]),
            not_waiting: all(&["không chờ bổ sung"]),
            dossier: all(&["số biên nhận", "hồ sơ"]),
            other_things: all(&["giấy tờ", "tập tin", "tệp", "thửa"]),
            officer: all(&["người tiếp nhận", "cán bộ", "tài khoản", "người dùng"]),
            procedure: all(&["quy trình", "thủ tục"]),
            session_expired: Vec::new(),
            throttled: Vec::new(),
            maintenance: Vec::new(),
            address_refused: Vec::new(),
        }
    }
}

impl LandPhrases {
    /// The part that the common judge of outcomes knows: "exists" and "not found" are weighed by this crate.
    pub(crate) fn common(&self) -> words::Phrases {
        words::Phrases {
            success: self.success.clone(),
            failure: self.failure.clone(),
            exists: Vec::new(),
            not_found: Vec::new(),
            session_expired: self.session_expired.clone(),
            throttled: self.throttled.clone(),
            maintenance: self.maintenance.clone(),
            address_refused: self.address_refused.clone(),
            unreachable_file: Vec::new(),
        }
    }

    pub(crate) fn check(&self, found: &mut Problems) {
        self.common().check("/phrases", found);
        let Self { exists, returned, not_found, not_waiting, dossier, other_things, officer, procedure, .. } = self;
        let lists = [
            ("exists", exists),
            ("returned", returned),
            ("not_found", not_found),
            ("not_waiting", not_waiting),
            ("dossier", dossier),
            ("other_things", other_things),
            ("officer", officer),
            ("procedure", procedure),
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
