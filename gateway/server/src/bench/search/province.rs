//! The exchanges of an imaginary province, each told from its number alone: names spread as names are, everything else its own. It asks nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, bail};
use lienthong_core::delivery::OnParked;
use lienthong_core::exchange::{AuthenticatedBy, Source};
use lienthong_core::fault::fingerprint;
use lienthong_core::secret::SecretString;
use lienthong_core::{
    Class, Clock as _, ConfigVersion, ContentType, DeliveryState, ExchangeId, ExchangeMeta, Fault, FaultKind,
    FieldProblem, OperationName, SystemId, Timestamp,
};
use lienthong_engine::clock::SystemClock;
use lienthong_engine::terms::{Digests, Searchable};
use lienthong_journal::sqlite::{SqliteJournal, SqliteOptions};
use lienthong_journal::{Acceptance, BodyInput, Command, Journal as _, Lane, NewDelivery, Noted};
use serde_json::{Value, json};

const OPERATION: &str = "portal.sync-dossier";
/// Acceptances of one commit.
const BATCH: u64 = 1_000;
const SURNAMES: [&str; 10] = ["Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng"];
const GIVEN: [&str; 16] = [
    "An", "Bình", "Chi", "Dũng", "Đào", "Giang", "Hà", "Hùng", "Khánh", "Lan", "Minh", "Nga", "Phúc", "Quân", "Sơn",
    "Yến",
];
const SUMMARIES: [&str; 4] =
    ["Đăng ký khai sinh", "Cấp giấy phép xây dựng nhà ở", "Chuyển quyền sử dụng đất", "Đăng ký kết hôn"];

/// So many exchanges.
#[derive(Debug, Clone, Copy)]
pub(super) struct Province {
    pub(super) exchanges: u64,
}

/// What every acceptance shares.
struct Shared {
    searchable: Searchable,
    digests: Digests,
    system: SystemId,
    operation: OperationName,
    config: ConfigVersion,
    /// Of the first exchange, in seconds; the others follow it second by second, the last one now.
    beginning: i64,
}

impl Province {
    pub(super) fn code(self, number: u64) -> String {
        format!("H56.14-250115-{number:010}")
    }

    pub(super) fn number(self, number: u64) -> String {
        format!("{:012}", 1_000_000_007 * (number + 1) % 899_999_999_989 + 1)
    }

    pub(super) fn receipt(self, number: u64) -> String {
        format!("BL-2026/{number:08}")
    }

    /// Four in ten have one surname; half the middle words are one of two that never meet.
    pub(super) fn name(self, number: u64) -> String {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let of = |words: &[&'static str], by: u64| words.get((mixed / by % words.len() as u64) as usize).copied();
        let middle = if mixed.is_multiple_of(2) { "Văn" } else { "Thị" };
        let (surname, given) = (of(&SURNAMES, 7).unwrap_or_default(), of(&GIVEN, 77).unwrap_or_default());
        format!("{surname} {middle} {given} {given}{}", mixed / 1_771 % 97)
    }

    fn body(self, number: u64) -> Value {
        let summary = SUMMARIES.get((number % SUMMARIES.len() as u64) as usize).copied().unwrap_or_default();
        json!({
            "code": self.code(number), "receipt_number": self.receipt(number), "summary": summary,
            "procedure_code": "1.000094.000.00.00.H56", "status": "received", "received_at": "2026-01-15T08:30:00+07:00",
            "owner": {"name": self.name(number), "kind": "citizen", "identities": [{"kind": "citizen_id", "number": self.number(number)}]},
        })
    }

    /// One in twenty is parked, with one of four causes; the others were delivered.
    fn fault(self, number: u64) -> Option<Fault> {
        let field = ["/owner/name", "/owner/identities/0/number", "/summary", "/receipt_number"]
            .get((number / 20 % 4) as usize)?;
        let fault =
            || Fault::of(FaultKind::Rejected, "refused").with_problem(FieldProblem::new(*field, "is not known"));
        number.is_multiple_of(20).then(fault)
    }

    fn acceptance(self, number: u64, shared: &Shared) -> anyhow::Result<Acceptance> {
        let body = self.body(number);
        let at = Timestamp::from_second(shared.beginning + i64::try_from(number)?)?;
        let millis = u64::try_from(at.as_millisecond())?;
        let random = number.to_be_bytes();
        let mut bytes = [0; 10];
        bytes.iter_mut().zip(random).for_each(|(byte, from)| *byte = from);
        let client: lienthong_core::ClientId = "one-stop".parse()?;
        let exchange = ExchangeMeta {
            id: ExchangeId(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()),
            client: client.clone(),
            authenticated_by: AuthenticatedBy::ApiKey,
            source: Source::Client(client.clone()),
            operation: shared.operation.clone(),
            key: self.code(number).parse()?,
            aliases: Vec::new(),
            purpose: None,
            on_behalf_of: None,
            due_at: None,
            expires_at: None,
            not_before: None,
            class: Class::Live,
            trace: None,
            callback: None,
            link: None,
            descent: None,
            call: false,
            config: shared.config.clone(),
            received_at: at,
        };
        let fault = self.fault(number);
        let delivery = NewDelivery {
            system: shared.system.clone(),
            operation: shared.operation.clone(),
            route: "dossiers".parse()?,
            client,
            // What was delivered has left its lane.
            lane: fault.as_ref().map(|_| Lane {
                key: exchange.key.clone().into(),
                on_parked: OnParked::Hold,
                supersede: false,
            }),
            state: if fault.is_some() { DeliveryState::Parked } else { DeliveryState::Delivered },
            body: None,
            fault: fault.map(|fault| {
                let print = fingerprint(&shared.system, &shared.operation, &fault);
                (fault, print)
            }),
            attempt: None,
        };
        let terms = shared.digests.of_body(&shared.searchable, &body);
        let body = BodyInput::New { content_type: ContentType::Json, bytes: body.to_string().into() };
        Ok(Acceptance {
            exchange,
            body,
            idempotency: None,
            deliveries: vec![delivery],
            noted: Noted { terms, pace: None },
            also: Vec::new(),
        })
    }

    /// Writes them all into a journal that nobody else has open, as the gateway of this configuration would.
    pub(super) async fn fill(self, config: PathBuf, journal: PathBuf, done: &AtomicU64) -> anyhow::Result<()> {
        let loaded = match crate::config::load(&config) {
            Ok(loaded) => loaded,
            Err(problems) => bail!("the bench's configuration has {} problems", problems.len()),
        };
        let operation: OperationName = OPERATION.parse()?;
        let entry = loaded.catalogue.get(&operation).context("the portal takes dossiers")?;
        let key = SecretString::from(crate::fixture::SEARCH_KEY);
        let clock = Arc::new(SystemClock::new());
        let shared = Shared {
            searchable: entry.searchable.clone(),
            digests: Digests::new(Some(&key)).map_err(anyhow::Error::msg)?,
            system: "portal".parse()?,
            operation,
            config: loaded.version.clone(),
            beginning: clock.now().as_second() - i64::try_from(self.exchanges)?,
        };
        let journal = SqliteJournal::open(SqliteOptions::new(journal, clock))?;
        for first in (0..self.exchanges).step_by(usize::try_from(BATCH)?) {
            let numbers = first..(first + BATCH).min(self.exchanges);
            let batch = numbers.map(|number| Ok(Command::Accept(Box::new(self.acceptance(number, &shared)?))));
            for result in journal.commit(batch.collect::<anyhow::Result<_>>()?).await? {
                result.map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
        journal.close().await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_are_everybodys_own_and_names_are_shared_as_names_are() {
        let province = Province { exchanges: 10_000 };
        let numbers: HashSet<String> = (0..province.exchanges).map(|number| province.number(number)).collect();
        assert_eq!(numbers.len(), 10_000);
        assert!(numbers.iter().all(|number| number.len() == 12));
        let named = |word: &str| (0..province.exchanges).filter(|number| province.name(*number).contains(word)).count();
        assert!((3_000..5_000).contains(&named("Nguyễn")), "{}", named("Nguyễn"));
        assert!((4_000..6_000).contains(&named("Văn")) && named("Văn") + named("Thị") == 10_000);
        assert_eq!((0..10_000).filter(|number| province.fault(*number).is_some()).count(), 500);
    }
}
