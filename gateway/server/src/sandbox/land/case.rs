//! One land dossier as the one-stop desk knows it, and the messages the desk sends about it. It reads no inbox.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use lienthong_core::{SignedDuration, Timestamp};
use lienthong_simulators::population::Citizen;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::super::client::Gateway;
use super::super::desks::{Promise, Tally};
use super::super::life;

const PROCEDURE: &str = "1.012784.000.00.00.H56";
const DAYS: i64 = 20;

/// A notice as it reached the desk: decision and place among those of its decision.
pub(super) type NoticeKey = (String, u64);

/// A dossier at the desk.
pub(super) struct Case {
    pub(super) code: String,
    owner: String,
    owner_number: String,
    received_at: Timestamp,
    due_at: Timestamp,
    status: &'static str,
    next_mark: u64,
    /// Messages sent, so that each has a key of its own.
    sent: u64,
    /// How often each notice came with its amount, and how often without.
    pub(super) notices: BTreeMap<NoticeKey, Heard>,
    pub(super) supplements: Vec<Value>,
    /// Decisions whose receipt the desk has.
    pub(super) receipts: BTreeSet<String>,
    /// SHA-256 of each result file that was fetched.
    pub(super) files: BTreeSet<String>,
    /// How often the portal relayed its notices.
    pub(super) relayed: u8,
    /// What is owed and until when, as the tax authority's ledger says: decision and due date.
    pub(super) ledger: BTreeSet<(String, String)>,
    /// Decisions the citizen has paid.
    pub(super) paid: BTreeSet<String>,
    finished_at: Option<Timestamp>,
    returned_at: Option<Timestamp>,
}

/// How often a notice reached the desk.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Heard {
    pub(super) from_portal: u32,
    pub(super) from_land: u32,
}

impl Case {
    /// The applicant is somebody the population database knows.
    pub(super) fn new(seed: u64, number: u64, applicant: &Citizen, now: Timestamp) -> Self {
        let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(7_919).wrapping_add(number));
        let received_at = now.saturating_sub(SignedDuration::from_hours(rng.random_range(1..72))).unwrap_or(now);
        let day = received_at.to_zoned(life::vietnam()).strftime("%y%m%d").to_string();
        Self {
            code: format!("H56.14-{day}-{:04}", 5000 + number),
            owner: applicant.name.clone(),
            owner_number: applicant.id.clone(),
            received_at,
            due_at: received_at.saturating_add(SignedDuration::from_hours(DAYS * 24)).unwrap_or(received_at),
            status: "received",
            next_mark: 1,
            sent: 0,
            notices: BTreeMap::new(),
            supplements: Vec::new(),
            receipts: BTreeSet::new(),
            files: BTreeSet::new(),
            relayed: 0,
            ledger: BTreeSet::new(),
            paid: BTreeSet::new(),
            finished_at: None,
            returned_at: None,
        }
    }

    /// The citizen has the result, and every file of it is here.
    pub(super) fn is_over(&self) -> bool {
        self.returned_at.is_some() && !self.files.is_empty()
    }

    pub(super) fn owner(&self) -> (&str, &str) {
        (&self.owner, &self.owner_number)
    }

    /// Received at the desk: told to the portal, handed to the land office.
    pub(super) async fn receive(&mut self, gateway: &Gateway, tally: &Tally) -> anyhow::Result<()> {
        self.reach("received", (gateway, tally)).await?;
        let body = json!({
            "code": self.code,
            "area": { "province_code": "38", "commune_code": "14758" },
            "received_by": "canbo01",
            "received_at": self.received_at,
            "due_at": self.due_at,
            "asset_address": "Xã Mẫu Sơn",
            // Nobody types the address: the population database knows it.
            "applicant": { "name": self.owner, "identity_number": self.owner_number },
            "process": { "code": "1.012786", "name": "Đăng ký biến động quyền sử dụng đất (mẫu)" },
            "parcels": [{ "number": "35", "map_sheet": "45", "square_metres": "120.5" }],
        });
        self.tell("land.receive-dossier", body, Vec::new(), (gateway, tally)).await
    }

    /// Papers the land office asked for: the citizen brings them, the desk hands them on.
    pub(super) async fn supplement(&mut self, (gateway, tally): (&Gateway, &Tally)) -> anyhow::Result<()> {
        let round = self.supplements.len() + 1;
        self.supplements.push(json!({
            "id": format!("{}-BS{round}", self.code), "requested_by": "Trần Thị Mẫu", "requested_at": self.received_at,
            "content": "Đề nghị bổ sung trích đo thửa đất", "previous_due_at": self.due_at,
        }));
        self.reach("supplement_required", (gateway, tally)).await?;
        let body = json!({
            "code": self.code, "note": format!("Đã bổ sung lần {round}"),
            "papers": [{ "name": "Trích đo thửa đất", "originals": 1 }],
        });
        self.tell("land.supplement-dossier", body, Vec::new(), (gateway, tally)).await?;
        self.reach("processing", (gateway, tally)).await
    }

    /// The land office is done: the result is here, then with the citizen, and the land office learns of it.
    pub(super) async fn give_back(&mut self, now: Timestamp, to: (&Gateway, &Tally)) -> anyhow::Result<()> {
        self.finished_at = Some(now);
        self.reach("finished", to).await?;
        self.returned_at = Some(now);
        self.reach("returned", to).await?;
        let body = json!({ "code": self.code, "returned_at": now });
        self.tell("land.return-result", body, Vec::new(), to).await
    }

    /// A new status, told to the portal; one that stands already is not told again.
    pub(super) async fn reach(&mut self, status: &'static str, to: (&Gateway, &Tally)) -> anyhow::Result<()> {
        if self.next_mark > 1 && self.status == status {
            return Ok(());
        }
        self.status = status;
        let mark = self.next_mark;
        self.next_mark += 1;
        let body = self.snapshot(mark);
        self.tell(life::DOSSIER, body, vec![mark], to).await
    }

    fn snapshot(&self, mark: u64) -> Value {
        let results = match self.finished_at {
            None => json!([]),
            Some(_) => json!([{
                "name": "GiayChungNhan.pdf", "id": "1", "component_code": "0", "catalogue_code": "KQ.G13.000001",
                "url": format!("https://dvc.example.gov.vn/file/{}/gcn", self.code),
            }]),
        };
        json!({
            "code": self.code,
            "procedure_code": PROCEDURE,
            "procedure_name": "Đăng ký biến động đất đai (mẫu)",
            "field_code": "G13-DD01",
            "field_name": "Đất đai",
            "channel": "in_person",
            "owner": {
                "name": self.owner, "kind": "citizen",
                "identities": [{ "kind": "citizen_id", "number": self.owner_number }],
            },
            "other_information": format!("lienthong-seq={mark}"),
            "received_at": self.received_at,
            "due_at": self.due_at,
            "finished_at": self.finished_at,
            "returned_at": self.returned_at,
            "status": self.status,
            "handling_unit": "Chi nhánh VPĐKĐĐ Mẫu",
            "supplements": self.supplements,
            "results": results,
        })
    }

    async fn tell(
        &mut self,
        operation: &'static str,
        body: Value,
        marks: Vec<u64>,
        (gateway, tally): (&Gateway, &Tally),
    ) -> anyhow::Result<()> {
        self.sent += 1;
        let envelope = json!({
            "operation": operation, "key": self.code, "due_at": self.due_at, "body": body, "purpose": PROCEDURE,
            "on_behalf_of": { "unit": "H56.14", "officer": "canbo01" },
        });
        tally.submitted.fetch_add(1, Ordering::Relaxed);
        let exchange = gateway.submit(&envelope, &format!("{}-land-{}", self.code, self.sent)).await?;
        tally.accepted.fetch_add(1, Ordering::Relaxed);
        tally.promises.lock().push(Promise { exchange, operation, key: self.code.clone(), marks });
        Ok(())
    }
}
