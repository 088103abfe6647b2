//! Façades: paths that today's callers know, served in their dialect over the same service functions. They know no dialect by themselves: configuration does.

mod answer;
mod home;
mod issued;
mod items;
mod moved;
mod plan;
mod proof;
mod relay;
mod serve;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) use answer::{Ended, Standing, Template, event};
pub(crate) use issued::Issuer;
pub(crate) use items::Item;
pub(crate) use moved::Migrated;
pub(crate) use plan::{Asked, Endpoint, Place, Plan, ProcedurePlace};
pub(crate) use proof::{Account, Issued, LgspHeader, Proof, refused};
pub(crate) use relay::Upstream;
pub(crate) use serve::serve;

/// What a caller is told, in its dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Every message is delivered, or the question is answered.
    Delivered,
    /// On disk, and not yet synchronised.
    Pending,
    /// A message failed, or was refused beside others that were not.
    Failed,
    /// Nothing was received.
    Refused,
    /// The caller did not prove who it is.
    Unauthenticated,
    /// The old address did not answer.
    Lost,
}

impl Outcome {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Unauthenticated => "unauthenticated",
            Self::Lost => "lost",
        }
    }
}

/// One façade, ready to serve.
#[derive(Debug)]
pub(crate) struct Facade {
    pub(crate) plan: Plan,
    pub(crate) proof: Proof,
    pub(crate) upstream: Option<Upstream>,
}

/// Every façade of a configuration; no path belongs to two of them.
#[derive(Debug, Clone, Default)]
pub struct Facades(Vec<Arc<Facade>>);

impl Facades {
    pub(crate) fn new(all: Vec<Facade>) -> Self {
        Self(all.into_iter().map(Arc::new).collect())
    }

    /// The façade a path belongs to, and the rest of the path, which is empty or begins with `/`.
    pub(crate) fn of<'p>(&self, path: &'p str) -> Option<(Arc<Facade>, &'p str)> {
        self.0.iter().find_map(|facade| {
            let below = path.strip_prefix(facade.plan.path.as_str())?;
            (below.is_empty() || below.starts_with('/')).then(|| (Arc::clone(facade), below))
        })
    }
}
