//! Why a page was not answered, until the guard shows it to the person. It writes no page itself.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use lienthong_core::{Fault, FaultCode, FaultKind, Role};

/// A fault on its way to a page: a response extension.
#[derive(Debug, Clone)]
pub(crate) struct Refused(pub(crate) Box<Fault>);

/// What every page answers.
pub(crate) type Answer = Result<Response, Refused>;

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self(Box::new(fault))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A path of the console that there is none of.
pub(crate) fn no_such_page() -> Refused {
    Fault::new(FaultKind::NotFound, FaultCode::NoSuchPath, "no such page").into()
}

/// Somebody without the role that an act needs.
pub(crate) fn not_permitted(user: &str, role: Role) -> Refused {
    let why = format!("{user} is not {}", role.as_str());
    Fault::new(FaultKind::Forbidden, FaultCode::NotPermitted, why).into()
}

/// A form that another page sent.
pub(crate) fn foreign() -> Refused {
    Fault::new(FaultKind::Forbidden, FaultCode::NotPermitted, "the form was sent by another site").into()
}

/// A body that cannot be read from the journal.
pub(crate) fn unreadable(cause: &lienthong_journal::JournalError) -> Refused {
    let code = FaultCode::JournalUnavailable;
    Fault::new(code.kind(), code, format!("a body cannot be read: {cause}")).into()
}
