//! Showing people's data to an operator is an act: on disk with its reason before anything is shown. It shows nothing itself.

use lienthong_core::{DeliveryId, ExchangeId, Fault, FaultCode};
use lienthong_journal::{ActRecord, Actor, Command};
use serde_json::{Value, json};

use super::Service;
use super::fault::{defect, of_refusal, wrong_field};
use super::model::OperatorAct;

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revealed {
    /// A content of an exchange: `received`, `sent.` or `answer.` with an attempt's reference; a piece of it where it is long.
    Body { exchange: ExchangeId, which: String, piece: Option<usize> },
    /// A parked delivery's content, to be amended.
    Content(DeliveryId),
    /// The marked fields of what a delivery would send.
    Difference(DeliveryId),
    /// A file that came with a message, by its SHA-256.
    File(String),
}

impl Revealed {
    /// What the act was done to, and what was shown of it.
    fn told(&self) -> (&'static str, String, Value) {
        const EXCHANGE: &str = "exchange";
        match self {
            Self::Body { exchange, which, piece: None } => (EXCHANGE, exchange.to_string(), json!({ "shown": which })),
            Self::Body { exchange, which, piece: Some(piece) } => {
                (EXCHANGE, exchange.to_string(), json!({ "shown": which, "piece": piece }))
            }
            Self::Content(id) => (EXCHANGE, id.exchange.to_string(), json!({ "shown": "content", "delivery": id })),
            Self::Difference(id) => {
                (EXCHANGE, id.exchange.to_string(), json!({ "shown": "marked_fields", "delivery": id }))
            }
            Self::File(name) => ("file", name.clone(), json!({ "shown": "file" })),
        }
    }
}

impl Service {
    /// Remembers who is shown what and why; shown is only what was remembered. The reason is mandatory (`LT-REASON-MISSING`). The server
    /// has decided that the caller may see it.
    pub async fn reveal(&self, act: &OperatorAct, shown: &[Revealed]) -> Result<(), Fault> {
        let reason = act.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        let reason = reason.ok_or_else(|| wrong_field(FaultCode::ReasonMissing, "/reason", "is required"))?;
        super::door::note("/reason", Some(reason))?;
        let at = self.clock.now();
        let record = |what: &Revealed| {
            let (kind, id, shown) = what.told();
            Command::Act(Box::new(ActRecord {
                seq: 0,
                at,
                actor: Actor::Operator(act.operator.clone()),
                verb: "revealed".to_owned(),
                kind: kind.to_owned(),
                id,
                reason: Some(reason.to_owned()),
                before: None,
                after: Some(shown.to_string()),
            }))
        };
        let results = self.commit(shown.iter().map(record).collect()).await?;
        if results.len() != shown.len() {
            return Err(defect("the journal gave no result for what was revealed"));
        }
        results.into_iter().try_for_each(|result| result.map(drop).map_err(|refusal| of_refusal(&refusal)))?;
        for what in shown {
            let ((kind, id, shown), operator) = (what.told(), &act.operator);
            tracing::info!(target: "lienthong::audit", %operator, kind, id, %shown, reason, "revealed");
        }
        Ok(())
    }
}
