//! What the land office pushes: authenticated by a secret in its address, read, and answered in its dialect. Pure; it stores and routes nothing.

mod address;
mod operations;
mod raw;

use std::time::Duration;

use lienthong_core::fault::{FaultCode, FaultKind, FieldProblem};
use lienthong_core::inbound::{
    InboundContent, InboundMessage, InboundOperation, InboundReply, InboundRequest, InboundResult, InboundSubmission,
};
use lienthong_core::secret::SecretString;
use lienthong_core::{BusinessKey, Fault, Inbound, OperationName, SystemId, limits};
use lienthong_kit::input;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::{Dialect, UnreadableReply, Zone};
use crate::map::{self, incoming};
use crate::wire::inbound as wire;
use address::Service;
use raw::Raw;

pub(crate) use operations::{Kind, all as operations_of};

#[cfg(test)]
mod tests;

/// The inbound side of one land office.
pub(crate) struct LandInbound {
    system: SystemId,
    dialect: Dialect,
    secret: SecretString,
    manners: Manners,
    operations: Vec<InboundOperation>,
}

/// How a push is read, recognised and answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manners {
    pub(crate) window: Duration,
    pub(crate) unreadable: UnreadableReply,
    pub(crate) zone: Zone,
}

/// What of a push is understood, with the name it is recognised by.
struct Understood {
    submission: InboundSubmission,
    natural: String,
}

impl LandInbound {
    pub(crate) fn new(
        system: SystemId,
        dialect: Dialect,
        secret: SecretString,
        manners: Manners,
    ) -> Result<Self, String> {
        let operations = operations::all(&system)?;
        Ok(Self { system, dialect, secret, manners, operations })
    }

    fn name(&self, kind: Kind) -> Result<OperationName, Fault> {
        kind.name(&self.system).map_err(|problem| Fault::of(FaultKind::Internal, problem))
    }

    fn understand(&self, service: Service, raw: &Raw) -> Result<Understood, Fault> {
        let zone = self.manners.zone;
        match service {
            Service::Forward => {
                let read = understood(incoming::forwarded(body::<wire::Forward>(raw)?, zone))?;
                self.submission(Kind::Forwarded, &read.code, &[], &read)
            }
            Service::RequestSupplement => {
                let read = understood(incoming::supplement_requested(body::<wire::RequestSupplement>(raw)?, zone))?;
                self.submission(Kind::SupplementRequested, &read.code, &[], &read)
            }
            Service::SupplementReceived => {
                let read = understood(incoming::supplement_received(body::<wire::SupplementReceived>(raw)?, zone))?;
                self.submission(Kind::SupplementReceived, &read.code, &[], &read)
            }
            Service::TaxResult => {
                let read = understood(incoming::tax_result(body::<wire::TaxResult>(raw)?, zone))?;
                let numbers: Vec<&str> = read.notices.iter().map(|notice| notice.notice_number.as_str()).collect();
                self.submission(Kind::TaxResult, &read.code, &numbers, &read)
            }
            Service::Finished => {
                let read = understood(incoming::finished(body::<wire::Finished>(raw)?, zone))?;
                self.submission(Kind::Finished, &read.code, &[], &read)
            }
            Service::Undocumented(_) => Err(unreadable("", "has fields that are not public")),
        }
    }

    fn submission(
        &self,
        kind: Kind,
        code: &str,
        notice_numbers: &[&str],
        read: &impl Serialize,
    ) -> Result<Understood, Fault> {
        let key = BusinessKey::new(code)
            .map_err(|error| unreadable("/SoBienNhan", &format!("is a dossier code that {error}")))?;
        let mut aliases: Vec<BusinessKey> = Vec::new();
        for alias in notice_numbers.iter().filter_map(|number| BusinessKey::new(number).ok()) {
            if alias != key && !aliases.contains(&alias) && aliases.len() < limits::ALIASES {
                aliases.push(alias);
            }
        }
        let submission = InboundSubmission { operation: self.name(kind)?, key, aliases, body: map::json(read)? };
        Ok(Understood { submission, natural: code.to_owned() })
    }
}

/// The fields of a push, wherever its shape allows.
fn body<T: DeserializeOwned>(raw: &Raw) -> Result<T, Fault> {
    let text = raw.text().map_err(|error| unreadable("", &error.to_string()))?;
    serde_json::from_str(text).map_err(|error| {
        let FieldProblem { pointer, problem, .. } = input::place::<T>(text.as_bytes(), &error);
        unreadable(&pointer, &problem)
    })
}

fn understood<T>(read: Result<T, incoming::Unreadable>) -> Result<T, Fault> {
    read.map_err(|incoming::Unreadable { pointer, problem }| unreadable(pointer, problem))
}

fn unreadable(pointer: &str, problem: &str) -> Fault {
    Fault::of(FaultKind::Invalid, format!("an authenticated push cannot be read: {pointer} {problem}"))
        .with_problem(FieldProblem::new(pointer, problem))
}

impl Inbound for LandInbound {
    fn system(&self) -> &SystemId {
        &self.system
    }

    fn operations(&self) -> &[InboundOperation] {
        &self.operations
    }

    fn read(&self, request: &InboundRequest) -> Result<InboundMessage, Fault> {
        let name = address::authenticated(self.dialect, request, &self.secret)?;
        let Some(service) = Service::named(&name) else {
            return Err(Fault::new(
                FaultKind::NotFound,
                FaultCode::NoSuchPath,
                "the land office pushes to other paths",
            ));
        };
        if request.method != "POST" {
            return Err(Fault::new(
                FaultKind::Invalid,
                FaultCode::MethodNotAllowed,
                "the land office pushes with POST",
            ));
        }
        let raw = Raw::of(&request.body, &self.secret);
        let (content, natural) = match self.understand(service, &raw) {
            Ok(Understood { submission, natural }) => (InboundContent::Submissions(vec![submission]), natural),
            Err(fault) => {
                let operation = self.name(service.kind())?;
                (InboundContent::Unreadable { operation, fault }, "unreadable".to_owned())
            }
        };
        let dedupe_key = format!("{}:{natural}:{}", service.name(), raw.digest());
        Ok(InboundMessage { content, dedupe_key, dedupe_window: self.manners.window, raw: raw.into_body() })
    }

    fn reply(&self, _: &InboundRequest, result: &InboundResult) -> InboundReply {
        match result {
            InboundResult::Accepted | InboundResult::Repeated => said(1, "Thành công"),
            InboundResult::Kept => match self.manners.unreadable {
                UnreadableReply::Error => said(0, "Đã lưu bản tin nhưng không đọc được nội dung"),
                UnreadableReply::Success => said(1, "Thành công"),
            },
            InboundResult::NotAccepted(fault) => said(0, &fault.public.vi),
        }
    }
}

/// Every answer is HTTP 200 with the outcome in the body, as the clients seen give it.
fn said(result: u8, message: &str) -> InboundReply {
    let body = serde_json::to_vec(&wire::Reply { result, message }).unwrap_or_default();
    InboundReply { status: 200, content_type: "application/json; charset=utf-8", body: body.into() }
}
