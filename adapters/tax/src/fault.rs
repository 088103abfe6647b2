//! What answers mean that are no results: SOAP faults, error codes, words. What HTTP means is the kit's.

use std::collections::BTreeMap;

use lienthong_core::{Fault, FaultCode, FaultKind, limits, text};
use lienthong_kit::hidden::{self, Hidden};
use lienthong_kit::words::{Said, Words};

use crate::config::{ErrorMeaning, ErrorsConfig, TaxConfig};
use crate::wire::answer::AnswerHeader;
use crate::wire::envelope::{SoapFault, Unread};

#[cfg(test)]
mod tests;

/// The fault codes of WS-Security (SOAP Message Security 1.1, 12): what came before anything was processed.
const NOT_PROVEN: [&str; 7] = [
    "UnsupportedSecurityToken",
    "UnsupportedAlgorithm",
    "InvalidSecurity",
    "InvalidSecurityToken",
    "FailedAuthentication",
    "FailedCheck",
    "SecurityTokenUnavailable",
];
/// The same, about the token's time.
const EXPIRED: &str = "MessageExpired";

/// Judges what is told in codes and words.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    pub(crate) words: Words,
    errors: BTreeMap<String, ErrorMeaning>,
}

impl Judge {
    pub(crate) fn new(config: &TaxConfig) -> Self {
        let ErrorsConfig(errors) = &config.errors;
        Self { words: Words::new(&config.phrases), errors: errors.clone() }
    }

    /// A SOAP fault is never success; which fault it is follows from its code, then from its words.
    pub(crate) fn soap(&self, fault: &SoapFault, hidden: Hidden<'_>) -> Fault {
        let SoapFault { code, words } = fault;
        let (kind, fault_code, detail) = if NOT_PROVEN.contains(&code.as_str()) || code == EXPIRED {
            as_kind(FaultKind::Unauthenticated, "the gateway does not accept our proof")
        } else {
            match self.by_words(words) {
                Some(found) => found,
                None if code == "Client" => as_kind(FaultKind::Rejected, "the gateway refuses the message"),
                None if code == "MustUnderstand" || code == "VersionMismatch" => {
                    as_kind(FaultKind::Mapping, "the gateway does not take SOAP as it is configured here")
                }
                None => as_kind(FaultKind::Unintelligible, "a SOAP fault that tells no outcome"),
            }
        };
        answered(kind, fault_code, detail, code, words, hidden)
    }

    /// The header's error, where there is one.
    pub(crate) fn header(&self, header: &AnswerHeader, hidden: Hidden<'_>) -> Result<(), Fault> {
        let AnswerHeader { message_id: _, reference: _, send_date: _, error_code, error_words } = header;
        let meaning = self.errors.get(error_code.as_str()).copied();
        let (kind, code, detail) = match meaning {
            Some(ErrorMeaning::None) => return Ok(()),
            None if error_code.is_empty() && error_words.is_empty() => return Ok(()),
            Some(meaning) => of_meaning(meaning),
            None => self.by_words(error_words).unwrap_or_else(|| {
                as_kind(FaultKind::Unintelligible, "an error code that is not configured; say in errors what it means")
            }),
        };
        Err(answered(kind, code, detail, error_code, error_words, hidden))
    }

    fn by_words(&self, words: &str) -> Option<Told> {
        match self.words.said(words) {
            Said::SessionExpired => Some(of_meaning(ErrorMeaning::Unauthenticated)),
            Said::Maintenance => Some(of_meaning(ErrorMeaning::Maintenance)),
            Said::Throttled => Some(of_meaning(ErrorMeaning::Throttled)),
            Said::Exists => Some(of_meaning(ErrorMeaning::Conflict)),
            Said::NotFound => Some(of_meaning(ErrorMeaning::NotFound)),
            Said::Failure => Some(of_meaning(ErrorMeaning::Rejected)),
            // An error that calls itself a success tells nothing.
            Said::Success | Said::Unknown => None,
        }
    }
}

type Told = (FaultKind, FaultCode, &'static str);

fn as_kind(kind: FaultKind, detail: &'static str) -> Told {
    (kind, kind.code(), detail)
}

fn of_meaning(meaning: ErrorMeaning) -> Told {
    match meaning {
        ErrorMeaning::None | ErrorMeaning::Rejected => as_kind(FaultKind::Rejected, "tax refuses the data"),
        ErrorMeaning::NotFound => as_kind(FaultKind::NotFound, "tax does not have what was asked for"),
        ErrorMeaning::Conflict => as_kind(FaultKind::Conflict, "tax has it already, or in another state"),
        ErrorMeaning::Throttled => as_kind(FaultKind::Throttled, "the gateway asks us to slow down"),
        ErrorMeaning::Maintenance => {
            (FaultKind::Unavailable, FaultCode::Maintenance, "the gateway says that it is in maintenance")
        }
        ErrorMeaning::Unauthenticated => as_kind(FaultKind::Unauthenticated, "the gateway does not accept our proof"),
        ErrorMeaning::Forbidden => as_kind(FaultKind::Forbidden, "the gateway forbids us this message"),
    }
}

fn answered(
    kind: FaultKind,
    fault_code: FaultCode,
    detail: &str,
    code: &str,
    words: &str,
    hidden: Hidden<'_>,
) -> Fault {
    // Cut first: hiding is not for whole books.
    let shown = hidden::without(&text::excerpt(words, 16 * limits::SYSTEM_TEXT_CHARS), hidden);
    let code = text::excerpt(code, 64);
    let code = Some(hidden::without(&code, hidden)).filter(|code| !code.is_empty());
    Fault::new(kind, fault_code, detail)
        .with_system_answer(code, Some(shown.as_str()).filter(|words| !words.is_empty()))
}

/// An answer that is not what it should be: it was sent, and nobody could read what became of it.
pub(crate) fn unread(error: &Unread) -> Fault {
    Fault::of(FaultKind::Unintelligible, format!("the answer cannot be read: {error}"))
}
