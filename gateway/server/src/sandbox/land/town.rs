//! The rest of the world: the tax office decides and has the portal relay its notices, citizens pay on the portal. Both push to the gateway as the portal does.

use std::collections::BTreeSet;

use lienthong_simulators::portal::{PushShape, TaxReceipt, TermSpelling};
use lienthong_simulators::tax::Tax;
use serde_json::{Value, json};

use super::super::client::Gateway;
use super::super::life;
use super::LandRun;
use super::case::Case;

/// The notices of one in so many dossiers come twice.
const REPEATED: usize = 3;

impl LandRun<'_> {
    /// The portal relays one file with the notices of every dossier the tax office has decided on since, and some notices a
    /// second time in a later file; how many dossiers there were.
    pub(super) async fn relay_notices(&mut self) -> anyhow::Result<usize> {
        let tax = self.neighbours.tax;
        let due = |(place, case): &(usize, &Case)| match case.relayed {
            0 => true,
            1 => place.is_multiple_of(REPEATED),
            _often_enough => false,
        };
        let decided = self.cases.values().enumerate().filter(due).map(|(_, case)| case);
        let decided = decided.filter(|case| !tax.debts(&case.code).is_empty());
        let codes: Vec<String> = decided.map(|case| case.code.clone()).collect();
        if codes.is_empty() {
            return Ok(0);
        }
        let names: Vec<&str> = codes.iter().map(String::as_str).collect();
        let spelling = if codes.len().is_multiple_of(2) { TermSpelling::Joined } else { TermSpelling::Underscored };
        let file = tax.notices(&names, spelling);
        let day = self.clock.now().to_zoned(life::vietnam()).strftime("%Y%m%d").to_string();
        let address = format!("{}/in/portal/nhantbthuedvcqg", self.gateway.base);
        let pusher = self.neighbours.portal.pusher();
        let reply = pusher.push_tax_file(&address, &day, file.xml.as_bytes()).await?;
        // 1: the same file was taken before.
        anyhow::ensure!(matches!(reply.error_code(), Some(0 | 1)), "the portal's file was refused: {}", reply.body);
        for code in &codes {
            if let Some(case) = self.cases.get_mut(code) {
                case.relayed += 1;
            }
        }
        Ok(codes.len())
    }

    /// Citizens whose notices reached the desk are told there until when they owe, by the tax authority's ledger, and pay each
    /// decision on the portal; how many questions and payments there were.
    pub(super) async fn pay(&mut self) -> anyhow::Result<usize> {
        let address = format!("{}/in/portal/nhanhsdvcqg", self.gateway.base);
        let pusher = self.neighbours.portal.pusher();
        let paid_at = self.clock.now().to_zoned(life::vietnam()).strftime("%Y%m%d%H%M%S").to_string();
        let tax = self.neighbours.tax;
        let mut happened = 0;
        for case in self.cases.values_mut() {
            let unpaid = unpaid(case);
            if unpaid.is_empty() {
                continue;
            }
            if case.ledger.is_empty() {
                happened += usize::from(read_ledger(&self.gateway, tax, case).await?);
                continue;
            }
            for decision in unpaid {
                let debts = tax.debts(&case.code);
                let amount: u64 = debts.iter().filter(|debt| debt.decision == decision).map(|debt| debt.amount).sum();
                let receipt = receipt(case, &decision, amount, &paid_at);
                let reply = pusher.push_tax_receipt(&address, &receipt, PushShape::Correct).await?;
                anyhow::ensure!(reply.error_code() == Some(0), "the portal's receipt was refused: {}", reply.body);
                tax.paid(&case.code, &decision);
                case.paid.insert(decision);
                happened += 1;
            }
        }
        Ok(happened)
    }
}

/// Asks the land ledger about the dossier, through the gateway; false when it could not be asked now.
async fn read_ledger(gateway: &Gateway, tax: &Tax, case: &mut Case) -> anyhow::Result<bool> {
    let Some(owner) = tax.debts(&case.code).first().map(|debt| debt.owner_number.clone()) else { return Ok(false) };
    let question = json!({ "dossier_code": case.code, "owner_number": owner });
    let (status, answer) = gateway.ask("tax.find-land-ledger", &question).await?;
    if status == 429 || status >= 500 {
        return Ok(false);
    }
    anyhow::ensure!(status == 200, "the land ledger was not read: {status} {answer}");
    let list = |of: &Value, name: &str| of.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let entries = list(&answer, "totals").into_iter().flat_map(|total| list(&total, "entries"));
    case.ledger.extend(entries.map(|entry| (text(&entry, "decision_number"), text(&entry, "due_date"))));
    Ok(true)
}

/// Decisions whose notice came with its amount and that nobody paid.
fn unpaid(case: &Case) -> BTreeSet<String> {
    let told = case.notices.iter().filter(|(_, heard)| heard.from_portal > 0).map(|((decision, _), _)| decision);
    told.filter(|decision| !case.paid.contains(*decision)).cloned().collect()
}

fn receipt(case: &Case, decision: &str, amount: u64, paid_at: &str) -> TaxReceipt {
    let (payer, payer_id) = case.owner();
    TaxReceipt {
        dossier: case.code.clone(),
        payer: payer.to_owned(),
        payer_id: payer_id.to_owned(),
        tax_code: "2800000002".to_owned(),
        decision: decision.to_owned(),
        paid_at: paid_at.to_owned(),
        amount: amount.to_string(),
        file_url: format!("https://dvc.example.gov.vn/bien-lai/{decision}"),
    }
}
