//! What a system's Vietnamese words mean: pure, by configured phrases. A phrase nobody knows means nothing, never success.

use lienthong_core::text;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::Problems;

/// Phrases by which answers tell an outcome, compared in NFC without regard to case. The defaults are those of public client code;
/// how a system says that a session has ended, that we are too fast or that it is in maintenance is not public: list what yours says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Phrases {
    pub success: Vec<String>,
    /// Failure wins over success: "không thành công" contains "thành công".
    pub failure: Vec<String>,
    /// An insert met an existing record.
    pub exists: Vec<String>,
    /// An update or a search met no record.
    pub not_found: Vec<String>,
    /// The session must be renewed. Empty by default.
    pub session_expired: Vec<String>,
    /// We are asked to slow down. Empty by default.
    pub throttled: Vec<String>,
    /// Said before anything is processed, in an answer or on an HTML page. Empty by default.
    pub maintenance: Vec<String>,
    /// Said with status 403: the system takes no calls from our address. Empty by default.
    pub address_refused: Vec<String>,
    /// A refusal because the system (the portal) cannot fetch a file by the link it was given. Empty by default.
    pub unreachable_file: Vec<String>,
}

impl Default for Phrases {
    fn default() -> Self {
        let one = |phrase: &str| vec![phrase.to_owned()];
        Self {
            success: one("thành công"),
            failure: one("không thành công"),
            exists: one("đã tồn tại"),
            not_found: one("không tồn tại"),
            session_expired: Vec::new(),
            throttled: Vec::new(),
            maintenance: Vec::new(),
            address_refused: Vec::new(),
            unreachable_file: Vec::new(),
        }
    }
}

impl Phrases {
    /// What is wrong with them, `at` being the pointer of the whole.
    pub fn check(&self, at: &str, found: &mut Problems) {
        let Self {
            success,
            failure,
            exists,
            not_found,
            session_expired,
            throttled,
            maintenance,
            address_refused,
            unreachable_file,
        } = self;
        let lists = [
            ("success", success),
            ("failure", failure),
            ("exists", exists),
            ("not_found", not_found),
            ("session_expired", session_expired),
            ("throttled", throttled),
            ("maintenance", maintenance),
            ("address_refused", address_refused),
            ("unreachable_file", unreachable_file),
        ];
        for (name, list) in lists {
            for (place, phrase) in list.iter().enumerate() {
                if text::folded(phrase).chars().count() < 3 {
                    let problem = "is too short to tell anything: at least 3 characters";
                    found.push((format!("{at}/{name}/{place}"), problem.into()));
                }
            }
        }
        if success.is_empty() {
            found.push((format!("{at}/success"), "needs at least one phrase, or nothing is ever delivered".into()));
        }
    }
}

/// What a message says, by the phrase that weighs most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    SessionExpired,
    Maintenance,
    Throttled,
    Exists,
    NotFound,
    Failure,
    Success,
    Unknown,
}

/// The phrases, folded once.
#[derive(Debug, Clone)]
pub struct Words {
    success: Vec<String>,
    failure: Vec<String>,
    exists: Vec<String>,
    not_found: Vec<String>,
    session_expired: Vec<String>,
    throttled: Vec<String>,
    maintenance: Vec<String>,
    address_refused: Vec<String>,
    unreachable_file: Vec<String>,
}

/// Words that turn what follows them into its opposite.
const NEGATIONS: [&str; 3] = ["không", "chưa", "chẳng"];

impl Words {
    pub fn new(phrases: &Phrases) -> Self {
        let Phrases {
            success,
            failure,
            exists,
            not_found,
            session_expired,
            throttled,
            maintenance,
            address_refused,
            unreachable_file,
        } = phrases;
        let folded = |list: &[String]| list.iter().map(|phrase| text::folded(phrase)).collect();
        Self {
            success: folded(success),
            failure: folded(failure),
            exists: folded(exists),
            not_found: folded(not_found),
            session_expired: folded(session_expired),
            throttled: folded(throttled),
            maintenance: folded(maintenance),
            address_refused: folded(address_refused),
            unreachable_file: folded(unreachable_file),
        }
    }

    /// Whether what came with a 403 says that it is our address that is refused.
    pub fn refuse_our_address(&self, message: &str) -> bool {
        holds(&self.address_refused, message)
    }

    /// Whether a refusal says that a file could not be fetched by its link.
    pub fn miss_a_file(&self, message: &str) -> bool {
        holds(&self.unreachable_file, message)
    }

    /// The order is the meaning: refusals that come before processing, then the two answers that lead to another request, then
    /// failure, which wins over success because "không thành công" contains "thành công".
    pub fn said(&self, message: &str) -> Said {
        let message = text::folded(message);
        let has = |phrases: &[String]| phrases.iter().any(|phrase| message.contains(phrase.as_str()));
        let ranked = [
            (Said::SessionExpired, &self.session_expired),
            (Said::Maintenance, &self.maintenance),
            (Said::Throttled, &self.throttled),
            (Said::Exists, &self.exists),
            (Said::NotFound, &self.not_found),
            (Said::Failure, &self.failure),
        ];
        match ranked.into_iter().find(|(_, phrases)| has(phrases)) {
            Some((said, _)) => said,
            None => self.success_or_its_opposite(&message),
        }
    }

    fn success_or_its_opposite(&self, message: &str) -> Said {
        let mut said = Said::Unknown;
        for phrase in &self.success {
            for (at, _) in message.match_indices(phrase.as_str()) {
                match negated(message.get(..at).unwrap_or("")) {
                    Negated::JustBefore => return Said::Failure,
                    // "không được cập nhật thành công", "không có lỗi cập nhật thành công": only a person can tell.
                    Negated::Somewhere => return Said::Unknown,
                    Negated::No => said = Said::Success,
                }
            }
        }
        said
    }
}

fn holds(phrases: &[String], message: &str) -> bool {
    let message = text::folded(message);
    phrases.iter().any(|phrase| message.contains(phrase.as_str()))
}

enum Negated {
    JustBefore,
    Somewhere,
    No,
}

/// Whether the clause that ends here holds a negation.
fn negated(before: &str) -> Negated {
    let clause = before.rsplit(['.', ',', ';', ':', '!', '?', '|']).next().unwrap_or("");
    let mut words = clause.split_whitespace().rev();
    match words.next() {
        Some(last) if NEGATIONS.contains(&last) => Negated::JustBefore,
        Some(_) if words.any(|word| NEGATIONS.contains(&word)) => Negated::Somewhere,
        Some(_) | None => Negated::No,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words() -> Words {
        let list = |one: &str| vec![one.to_owned()];
        Words::new(&Phrases {
            session_expired: list("Phiên làm việc đã hết hạn"),
            throttled: list("quá nhiều yêu cầu"),
            maintenance: list("hệ thống đang bảo trì"),
            ..Phrases::default()
        })
    }

    #[test]
    fn outcomes_are_told_by_phrases() {
        for (message, said) in [
            ("Thành công", Said::Success),
            ("Đồng bộ THÀNH  CÔNG!", Said::Success),
            ("Mã hồ sơ H56.14-250115-0007 đã tồn tại", Said::Exists),
            ("Hồ sơ không tồn tại trên hệ thống", Said::NotFound),
            ("PHIÊN LÀM VIỆC ĐÃ HẾT HẠN", Said::SessionExpired),
            ("Quá nhiều yêu cầu, thử lại sau", Said::Throttled),
            ("Hệ thống đang bảo trì", Said::Maintenance),
            ("", Said::Unknown),
            ("OK", Said::Unknown),
            ("Đã ghi nhận", Said::Unknown),
        ] {
            assert_eq!(words().said(message), said, "{message}");
        }
    }

    #[test]
    fn failure_wins_because_it_contains_success() {
        assert_eq!(words().said("Cập nhật không thành công"), Said::Failure);
        assert_eq!(words().said("1 hồ sơ thành công, 1 hồ sơ không thành công"), Said::Failure);
    }

    #[test]
    fn a_negation_before_success_is_no_success() {
        assert_eq!(words().said("Cập nhật chưa thành công"), Said::Failure);
        assert_eq!(words().said("Hồ sơ không được cập nhật thành công"), Said::Unknown);
        assert_eq!(words().said("Không có lỗi. Cập nhật thành công"), Said::Success);
    }

    #[test]
    fn phrases_that_only_sharpen_a_refusal_mean_nothing_by_themselves() {
        let list = |one: &str| vec![one.to_owned()];
        let words = Words::new(&Phrases {
            address_refused: list("địa chỉ IP chưa được đăng ký"),
            unreachable_file: list("không tải được tệp"),
            ..Phrases::default()
        });
        assert!(words.refuse_our_address("<h1>Địa chỉ  IP chưa được đăng ký</h1>"));
        assert!(words.miss_a_file("KHÔNG TẢI ĐƯỢC TỆP https://a.test/kq.pdf"));
        assert_eq!(words.said("không tải được tệp"), Said::Unknown);
        assert!(!words.refuse_our_address("") && !words.miss_a_file("Cập nhật không thành công"));
    }

    #[test]
    fn an_existing_dossier_is_recognised_within_a_failure() {
        assert_eq!(words().said("Thêm mới không thành công: mã hồ sơ đã tồn tại"), Said::Exists);
    }

    #[test]
    fn decomposed_unicode_and_case_make_no_difference() {
        use unicode_normalization::UnicodeNormalization;
        let decomposed: String = "Đồng bộ Thành Công".nfd().collect();
        assert_eq!(words().said(&decomposed), Said::Success);
    }

    proptest! {
        #[test]
        fn no_message_panics_and_unknown_is_never_success(message in "\\PC*") {
            let said = words().said(&message);
            prop_assert!(said != Said::Success || text::folded(&message).contains("thành công"));
        }
    }
}
