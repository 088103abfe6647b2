//! The configuration folder: read whole, checked whole, every problem at once with file, line and remedy.

mod adapters;
mod alerts;
mod amqp;
mod approval;
mod build;
mod calendars;
mod callback;
mod clients;
mod console;
mod de;
mod expiry;
mod facades;
mod failure;
mod flows;
mod folder;
mod gateway;
mod load;
mod messages;
mod operators;
mod patterns;
mod problems;
mod promises;
mod read;
mod reconciliations;
mod references;
mod routes;
mod schema;
mod secrets;
mod sections;
mod shapes;
mod silence;
mod suggest;
mod systems;
mod tables;
mod tests_model;
mod tls;
mod tree;
mod types;

use std::fmt;

pub(crate) use adapters::Around;
pub use amqp::{BrokerModel, ClientQueuesModel, DeadLettersModel};
pub(crate) use build::{Built, Operators, Running, build, build_system};
pub use callback::CallbackModel;
pub use clients::ClientModel;
pub(crate) use facades::UpstreamModel;
pub use folder::Folder;
pub use gateway::{GatewayModel, LogFormat, OtlpModel, RetentionModel, TelemetryModel};
pub use load::{Loaded, load, load_folder};
pub(crate) use load::{from_route, load_tables};
pub use schema::{SCHEMAS, schemas};
pub use types::KeyHash;
pub(crate) use types::Span;
pub(crate) use types::hex;

/// One problem of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Relative to the configuration folder.
    pub file: String,
    /// From 1; 0 when the whole file is meant.
    pub line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    pub problem: String,
    pub remedy: String,
}

impl fmt::Display for Problem {
    /// `file:line:column: problem (remedy)`, the way editors find places.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        write!(f, ": {} ({})", self.problem, self.remedy)
    }
}

#[cfg(test)]
mod tests;
