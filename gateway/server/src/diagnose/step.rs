//! One step of a diagnosis: how it ended, what was seen, who must act. It tries nothing, and holds no secret and nobody's data.

use std::fmt::Display;
use std::time::Duration;

use lienthong_core::fault::PublicText;

/// What is tried, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepName {
    /// The host's addresses.
    Name,
    /// The way there from this machine.
    Route,
    /// A TCP connection.
    Connect,
    /// The proxy's own connection onwards.
    Proxy,
    Tls,
    /// Their clock against ours.
    Clock,
    Login,
    /// One harmless question.
    Read,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ok,
    Failed,
    Skipped,
}

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Network,
    Target,
    Configuration,
    Certificate,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Host,
    Addresses,
    FixedAddresses,
    SourceAddress,
    Address,
    HttpStatus,
    Version,
    Cipher,
    Subject,
    Issuer,
    Names,
    ValidUntil,
    DaysLeft,
    Authorities,
    ClientCertificate,
    TheirTime,
    OurTime,
    Offset,
    Fault,
    SystemCode,
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) label: Label,
    pub(crate) value: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) name: StepName,
    pub(crate) outcome: Outcome,
    pub(crate) took: Option<Duration>,
    pub(crate) seen: Vec<Seen>,
    /// Why it failed or was skipped, or what to mind although it is well.
    pub(crate) said: Option<PublicText>,
    /// Of a failed one.
    pub(crate) who: Option<Who>,
}

impl Step {
    pub(crate) fn ok(name: StepName) -> Self {
        Self { name, outcome: Outcome::Ok, took: None, seen: Vec::new(), said: None, who: None }
    }

    pub(crate) fn failed(name: StepName, who: Who, said: PublicText) -> Self {
        Self { outcome: Outcome::Failed, said: Some(said), who: Some(who), ..Self::ok(name) }
    }

    pub(crate) fn skipped(name: StepName, said: PublicText) -> Self {
        Self { outcome: Outcome::Skipped, said: Some(said), ..Self::ok(name) }
    }

    pub(crate) fn with(mut self, label: Label, value: impl Display) -> Self {
        self.seen.push(Seen { label, value: value.to_string() });
        self
    }

    pub(crate) fn after(self, took: Duration) -> Self {
        Self { took: Some(took), ..self }
    }

    /// The same step, found to have failed after all.
    pub(crate) fn but(self, who: Who, said: PublicText) -> Self {
        Self { outcome: Outcome::Failed, said: Some(said), who: Some(who), ..self }
    }

    pub(crate) fn minding(self, said: PublicText) -> Self {
        Self { said: Some(said), ..self }
    }
}

/// A text in both languages.
pub(crate) fn text(vi: impl Into<String>, en: impl Into<String>) -> PublicText {
    PublicText { vi: vi.into(), en: en.into() }
}
