//! The one-stop desk reads its inbox and acts on each message as its officers would. It sends nothing that no message asked for.

use serde_json::Value;

use super::super::client::Inboxed;
use super::LandRun;
use super::case::Case;

impl LandRun<'_> {
    /// Reads what waits, acts on it, acknowledges it; how many messages there were.
    pub(super) async fn read_inbox(&mut self) -> anyhow::Result<usize> {
        let messages = self.gateway.inbox().await?;
        let count = messages.len();
        for message in messages {
            self.act_on(&message).await?;
            self.gateway.acknowledge(&message.id).await?;
        }
        Ok(count)
    }

    async fn act_on(&mut self, Inboxed { id: _, operation, key, body }: &Inboxed) -> anyhow::Result<()> {
        let Some(case) = self.cases.get_mut(key) else { return Ok(()) };
        let to = (&self.gateway, &*self.tally);
        match operation.as_str() {
            "land.dossier-forwarded" => case.reach("processing", to).await,
            "land.supplement-requested" => case.supplement(to).await,
            "obligation.notice" => {
                heard(case, body);
                case.reach("payment_required", to).await
            }
            "portal.tax-receipt-received" => {
                case.receipts.insert(text(body, "/payment/notice_number"));
                if case.notices.keys().all(|(decision, _)| case.receipts.contains(decision)) {
                    case.reach("processing", to).await?;
                }
                Ok(())
            }
            "land.dossier-finished" if text(body, "/end") == "result" => case.give_back(self.clock.now(), to).await,
            "land.fetch-file" => {
                case.files.insert(text(body, "/answer/sha256"));
                Ok(())
            }
            _nothing_to_do => Ok(()),
        }
    }
}

fn heard(case: &mut Case, notice: &Value) {
    let instalment = notice.pointer("/instalment").and_then(Value::as_u64).unwrap_or(0);
    let heard = case.notices.entry((text(notice, "/decision_number"), instalment)).or_default();
    match notice.pointer("/amount") {
        Some(_) => heard.from_portal += 1,
        None => heard.from_land += 1,
    }
}

fn text(body: &Value, pointer: &str) -> String {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
