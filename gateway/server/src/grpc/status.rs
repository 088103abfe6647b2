//! Faults as gRPC statuses: code by kind, public text, and the whole problem as JSON in a trailer.

use lienthong_core::{Fault, FaultCode, FaultKind, FieldProblem};
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

use crate::http::problem::Problem;

/// The trailer that carries the RFC 9457 problem as JSON.
pub(crate) const PROBLEM_TRAILER: &str = "lienthong-problem-bin";

/// The status a client sees. The fault's internal detail goes to the log only.
pub fn status_of(fault: &Fault, trace_id: Option<&str>) -> Status {
    let problem = Problem::of(fault, trace_id);
    let mut trailers = MetadataMap::new();
    if let Ok(json) = serde_json::to_vec(&problem) {
        trailers.insert_bin(PROBLEM_TRAILER, MetadataValue::from_bytes(&json));
    }
    if let Some(wait) = fault.retry_after {
        trailers.insert("retry-after", MetadataValue::from(wait.as_secs().max(1)));
    }
    let code = Code::from_i32(fault.grpc_code());
    Status::with_metadata(code, format!("{}: {}", problem.code, problem.detail), trailers)
}

/// A defect of ours.
pub(crate) fn defect(what: &str) -> Fault {
    Fault::of(FaultKind::Internal, what)
}

/// The problems of a refused configuration, each as a field problem that names its place.
pub(crate) fn configuration(problems: &[crate::config::Problem]) -> Fault {
    let place = |problem: &crate::config::Problem| {
        FieldProblem::new(
            format!("{}:{}", problem.file, problem.line),
            format!("{} ({})", problem.problem, problem.remedy),
        )
    };
    Fault::new(FaultKind::Conflict, FaultCode::ConfigurationRefused, format!("{} problems", problems.len()))
        .with_problems(problems.iter().map(place))
}
