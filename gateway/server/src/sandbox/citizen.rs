//! Citizens whose data need not be typed: dossiers filled in from the population database on their way, and questions of officers. It judges by what the portal and the database were told.

use std::sync::atomic::Ordering;

use lienthong_core::{BusinessKey, StateName, Timestamp};
use lienthong_engine::service::Service;
use lienthong_simulators::population::{Citizen, Population};
use lienthong_simulators::portal::Portal;
use serde_json::{Value, json};

use super::client::Gateway;
use super::desks::{Promise, Tally};
use super::life;

const PROCEDURE: &str = "1.001193.000.00.00.H56";
const QUESTION: &str = "population.find-citizen";
/// Tries of one question: the database may be down, and a question is never queued.
const TRIES: u32 = 200;

/// One run.
pub(super) struct CitizenRun<'s> {
    gateway: &'s Gateway,
    population: &'s Population,
    portal: &'s Portal,
    tally: &'s Tally,
    now: Timestamp,
    /// Dossier codes and whose they are.
    cases: Vec<(String, &'s Citizen)>,
    answered: u64,
    wrong: u64,
}

/// What a run came to.
#[derive(Debug, Clone, Default)]
pub(super) struct CitizenVerdict {
    pub(super) dossiers: u64,
    /// Dossiers that were filled in and that the portal has.
    pub(super) filled_in: u64,
    /// Questions answered with the citizen they were about.
    pub(super) answered: u64,
    /// Neither at the portal nor waiting for a person.
    pub(super) lost: u64,
    /// Answers about somebody else.
    pub(super) wrong: u64,
}

impl<'s> CitizenRun<'s> {
    /// `dossiers` dossiers of citizens who still give the number of their old card.
    pub(super) fn new(
        gateway: &'s Gateway,
        (population, portal): (&'s Population, &'s Portal),
        tally: &'s Tally,
        dossiers: u64,
        now: Timestamp,
    ) -> Self {
        let day = now.to_zoned(life::vietnam()).strftime("%y%m%d").to_string();
        let citizens = population.citizens().iter().filter(|citizen| citizen.old_id.is_some());
        let cases = (1..=dossiers).zip(citizens);
        let cases = cases.map(|(number, citizen)| (format!("H56.14-{day}-{:04}", 7000 + number), citizen)).collect();
        Self { gateway, population, portal, tally, now, cases, answered: 0, wrong: 0 }
    }

    /// Every dossier submitted, and every citizen asked about once.
    pub(super) async fn live(&mut self) -> anyhow::Result<()> {
        for (code, citizen) in &self.cases {
            let envelope = json!({
                "operation": life::DOSSIER, "key": code, "purpose": "Đăng ký khai sinh",
                "on_behalf_of": { "unit": "H56.14", "officer": "canbo01" }, "body": self.dossier(code, citizen),
            });
            self.tally.submitted.fetch_add(1, Ordering::Relaxed);
            let exchange = self.gateway.submit(&envelope, &format!("{code}-1")).await?;
            self.tally.accepted.fetch_add(1, Ordering::Relaxed);
            let promise = Promise { exchange, operation: life::DOSSIER, key: code.clone(), marks: vec![1] };
            self.tally.promises.lock().push(promise);
        }
        for (_, citizen) in &self.cases {
            match self.find(citizen).await? {
                Some(answer) if answer.pointer("/identity_number") == Some(&json!(citizen.id)) => self.answered += 1,
                Some(_) => self.wrong += 1,
                None => {}
            }
        }
        Ok(())
    }

    async fn find(&self, citizen: &Citizen) -> anyhow::Result<Option<Value>> {
        let question = json!({
            "purpose": { "procedure_code": "1.001193", "officer": "canbo01", "unit": "H56.14" },
            "identity_number": citizen.id, "name": citizen.name,
        });
        for _ in 0..TRIES {
            let (status, answer) = self.gateway.ask(QUESTION, &question).await?;
            match status {
                200 => return Ok(Some(answer)),
                429 | 500.. => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
                refused => anyhow::bail!("{QUESTION} was refused with {refused}: {answer}"),
            }
        }
        Ok(None)
    }

    /// The owner gives the old card's number; the portal is to have the personal one.
    fn dossier(&self, code: &str, citizen: &Citizen) -> Value {
        json!({
            "code": code,
            "procedure_code": PROCEDURE,
            "procedure_name": "Đăng ký khai sinh (mẫu)",
            "owner": {
                "name": citizen.name, "kind": "citizen",
                "identities": [{ "kind": "identity_card", "number": citizen.old_id }],
            },
            "other_information": "lienthong-seq=1",
            "received_at": self.now,
            "status": "received",
        })
    }

    pub(super) async fn judge(&self, service: &Service) -> anyhow::Result<CitizenVerdict> {
        let mut verdict = CitizenVerdict {
            dossiers: self.cases.len() as u64,
            answered: self.answered,
            wrong: self.wrong,
            ..CitizenVerdict::default()
        };
        let asked = self.population.report().tally.answers.get("found").copied().unwrap_or(0);
        for (code, _) in &self.cases {
            let timeline = service.timeline(&BusinessKey::new(code)?).await?;
            let deliveries = || timeline.exchanges.iter().flat_map(|detail| &detail.record.deliveries);
            let filled = deliveries().any(|delivery| {
                delivery.operation.as_str() == QUESTION && delivery.state.name() == StateName::Delivered
            });
            let there = self.portal.dossier(code).is_some();
            let parked = deliveries().any(|delivery| delivery.state.name() == StateName::Parked);
            verdict.filled_in += u64::from(there && filled);
            verdict.lost += u64::from(!there && !parked);
        }
        anyhow::ensure!(asked >= verdict.filled_in, "more was filled in than the population database answered");
        Ok(verdict)
    }
}
