//! The life of one dossier, from the one-stop desk to its end, as the messages a provincial system would send. It sends nothing.

use lienthong_core::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::people::{self, Procedure};

/// One message of a dossier's life, in order.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) operation: &'static str,
    pub(crate) key: String,
    pub(crate) idempotency_key: String,
    pub(crate) due_at: Timestamp,
    pub(crate) body: Value,
    /// The marks it carries: one per snapshot, one per progress step.
    pub(crate) marks: Vec<u64>,
}

pub(crate) const DOSSIER: &str = "portal.sync-dossier";
pub(crate) const PROGRESS: &str = "portal.sync-progress";

/// How a dossier ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Returned,
    /// Finished, not yet fetched by the citizen.
    Finished,
    Refused,
    Withdrawn,
    Stopped,
}

/// A dossier being written, state by state.
struct Life {
    rng: StdRng,
    code: String,
    procedure: Procedure,
    owner: Value,
    received_at: Timestamp,
    due_at: Timestamp,
    /// Where its own time stands.
    at: Timestamp,
    status: &'static str,
    supplements: Vec<Value>,
    finished_at: Option<Timestamp>,
    returned_at: Option<Timestamp>,
    refused_at: Option<Timestamp>,
    next_mark: u64,
    messages: Vec<Message>,
}

/// The messages of dossier `number` of a run; the same seed gives the same life.
pub(crate) fn of(seed: u64, number: u64, now: Timestamp) -> Vec<Message> {
    let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(number));
    let ending = ending(&mut rng);
    let mut life = Life::begin(rng, number, now);
    life.reach("received", "Tiếp nhận hồ sơ", 1);
    if ending == Ending::Refused {
        life.refused_at = Some(life.at);
        life.reach("not_accepted", "Từ chối tiếp nhận hồ sơ", 1);
        return life.messages;
    }
    // One in twelve is worked on in so many steps that one request cannot carry them.
    let steps = if life.rng.random_range(0..12) == 0 { 13 } else { life.rng.random_range(1..4) };
    life.reach("processing", "Thẩm định hồ sơ", steps);
    let supplements = [0, 0, 0, 1, 1, 2].get(life.rng.random_range(0..6)).copied().unwrap_or(0);
    for round in 0..supplements {
        life.ask_for_supplement(round);
    }
    if life.procedure.fee > 0 {
        life.reach("payment_required", "Yêu cầu thực hiện nghĩa vụ tài chính", 1);
        life.reach("processing", "Đã hoàn thành nghĩa vụ tài chính", 1);
    }
    life.end(ending);
    life.messages
}

fn ending(rng: &mut StdRng) -> Ending {
    match rng.random_range(0..100) {
        0..70 => Ending::Returned,
        70..80 => Ending::Finished,
        80..88 => Ending::Refused,
        88..94 => Ending::Withdrawn,
        _rest => Ending::Stopped,
    }
}

impl Life {
    fn begin(mut rng: StdRng, number: u64, now: Timestamp) -> Self {
        let procedure = people::procedure(&mut rng);
        let received_at = earlier(now, hours(rng.random_range(24..24 * 30)));
        let day = received_at.to_zoned(vietnam()).strftime("%y%m%d").to_string();
        // Every seventh carries the older form of the organisation id: both live side by side.
        let prefix = if number.is_multiple_of(7) { "000.00.14.H56" } else { "H56.14" };
        let owner = json!({
            "name": people::owner(&mut rng),
            "kind": "citizen",
            "phone": "0900000000",
            "identities": [{ "kind": "citizen_id", "number": people::citizen_id(&mut rng) }],
        });
        let due_at = later(received_at, hours(procedure.days * 24));
        Self {
            code: format!("{prefix}-{day}-{number:04}"),
            procedure,
            owner,
            received_at,
            due_at,
            at: received_at,
            status: "new",
            supplements: Vec::new(),
            finished_at: None,
            returned_at: None,
            refused_at: None,
            next_mark: 1,
            messages: Vec::new(),
            rng,
        }
    }

    /// A new status: the snapshot, then the steps that led there.
    fn reach(&mut self, status: &'static str, what: &str, steps: u64) {
        self.status = status;
        self.snapshot();
        self.progress(what, steps);
        self.pass(2..30);
    }

    /// Supplement asked and received; the promised date moves.
    fn ask_for_supplement(&mut self, round: usize) {
        let (asked_at, previous) = (self.at, self.due_at);
        let id = format!("{}-BS{}", self.code, round + 1);
        let officer = people::officer(&mut self.rng);
        self.supplements.push(json!({
            "id": id, "requested_by": officer, "requested_at": asked_at,
            "content": "Đề nghị bổ sung bản sao có chứng thực", "previous_due_at": previous,
        }));
        self.reach("supplement_required", "Yêu cầu bổ sung giấy tờ", 1);
        self.pass(20..120);
        self.due_at = later(previous, later_by(asked_at, self.at));
        let (received_at, new_due_at) = (self.at, self.due_at);
        if let Some(entry) = self.supplements.last_mut().and_then(Value::as_object_mut) {
            entry.insert("received_at".into(), json!(received_at));
            entry.insert("new_due_at".into(), json!(new_due_at));
        }
        self.reach("processing", "Tiếp nhận giấy tờ bổ sung", 1);
    }

    fn end(&mut self, ending: Ending) {
        match ending {
            Ending::Withdrawn => self.reach("withdrawn", "Công dân yêu cầu rút hồ sơ", 1),
            Ending::Stopped => self.reach("stopped", "Dừng xử lý hồ sơ", 1),
            Ending::Refused => {}
            Ending::Finished | Ending::Returned => {
                self.finished_at = Some(self.at);
                self.reach("finished", "Đã xử lý xong", 1);
                if ending == Ending::Returned {
                    // Some come back late: after the promised date.
                    self.pass(1..96);
                    self.returned_at = Some(self.at);
                    self.reach("returned", "Đã trả kết quả", 1);
                }
            }
        }
    }

    fn snapshot(&mut self) {
        let mark = self.mark();
        let body = self.dossier(mark);
        self.push(DOSSIER, body, vec![mark]);
    }

    fn progress(&mut self, what: &str, count: u64) {
        let mut marks = Vec::new();
        let mut steps = Vec::new();
        for _ in 0..count {
            let mark = self.mark();
            let officer = people::officer(&mut self.rng);
            marks.push(mark);
            steps.push(json!({
                "officer": officer, "position": "Chuyên viên", "at": self.at, "department": "Bộ phận Một cửa",
                "content": format!("{what} [#{mark}]"), "status": self.status, "started_at": self.received_at,
                "due_at": self.due_at,
            }));
            self.pass(1..3);
        }
        self.push(PROGRESS, json!({ "code": self.code, "steps": steps }), marks);
    }

    fn push(&mut self, operation: &'static str, body: Value, marks: Vec<u64>) {
        let first = marks.first().copied().unwrap_or(0);
        self.messages.push(Message {
            operation,
            key: self.code.clone(),
            idempotency_key: format!("{}/{first}", self.code),
            due_at: self.due_at,
            body,
            marks,
        });
    }

    fn dossier(&self, mark: u64) -> Value {
        let fees = match self.procedure.fee {
            0 => json!([]),
            amount => json!([{ "name": "Lệ phí", "code": "LP01", "collection": "2", "amount": amount, "kind": "2" }]),
        };
        let results = match self.finished_at {
            None => json!([]),
            Some(_) => json!([{
                "name": "KetQua.pdf", "id": "1", "component_code": "0", "catalogue_code": "KQ.G15.000018",
                "url": format!("https://dvc.example.gov.vn/file/{}/ket-qua", self.code),
            }]),
        };
        json!({
            "code": self.code,
            "procedure_code": self.procedure.code,
            "procedure_name": self.procedure.name,
            "field_code": self.procedure.field_code,
            "field_name": self.procedure.field_name,
            "channel": "online",
            "owner": self.owner,
            "summary": "Đề nghị giải quyết thủ tục hành chính (mẫu)",
            "other_information": format!("lienthong-seq={mark}"),
            "submitted_at": earlier(self.received_at, hours(1)),
            "received_at": self.received_at,
            "due_at": self.due_at,
            "finished_at": self.finished_at,
            "returned_at": self.returned_at,
            "refused_at": self.refused_at,
            "status": self.status,
            "return_method": "direct",
            "handling_unit": people::unit(&mut StdRng::seed_from_u64(self.received_at.as_second().unsigned_abs())),
            "has_digitised_papers": true,
            "connected_databases": ["7"],
            "papers": [{
                "id": "1", "file_name": "ToKhai.pdf", "component_code": "KQ.G15.000001",
                "url": format!("https://dvc.example.gov.vn/file/{}/to-khai", self.code), "digitised": true,
            }],
            "fees": fees,
            "supplements": self.supplements,
            "results": results,
        })
    }

    fn mark(&mut self) -> u64 {
        let mark = self.next_mark;
        self.next_mark += 1;
        mark
    }

    /// Its own time goes on by some hours.
    fn pass(&mut self, range: std::ops::Range<i64>) {
        let by = self.rng.random_range(range);
        self.at = later(self.at, hours(by));
    }
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_sub(by).unwrap_or(at)
}

fn later_by(from: Timestamp, to: Timestamp) -> SignedDuration {
    to.duration_since(from)
}

/// UTC+7 all year since 1975.
pub(super) fn vietnam() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::fixed(jiff::tz::offset(7))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(dossiers: u64) -> Vec<Vec<Message>> {
        let now: Timestamp = "2026-03-02T02:00:00Z".parse().unwrap();
        (1..=dossiers).map(|number| of(7, number, now)).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_lives() {
        let texts = |lives: Vec<Vec<Message>>| lives.iter().flatten().map(|m| m.body.to_string()).collect::<Vec<_>>();
        assert_eq!(texts(run(20)), texts(run(20)));
    }

    #[test]
    fn every_ending_turn_and_form_occurs() {
        let lives = run(300);
        let seen = |text: &str| lives.iter().flatten().any(|message| message.body.to_string().contains(text));
        for status in
            ["returned", "finished", "not_accepted", "withdrawn", "stopped", "supplement_required", "payment_required"]
        {
            assert!(seen(&format!("\"status\":\"{status}\"")), "{status}");
        }
        assert!(seen("-BS2"), "supplement asked twice");
        assert!(lives.iter().flatten().any(|message| message.operation == PROGRESS && message.marks.len() > 10));
        assert!(lives.iter().flatten().any(|message| message.key.starts_with("000.00.14.H56-")));
        let late = |message: &Message| {
            let date = |field: &str| message.body[field].as_str().map(|text| text.parse::<Timestamp>().unwrap());
            date("returned_at").is_some_and(|returned| returned > date("due_at").unwrap())
        };
        assert!(lives.iter().flatten().any(late), "some come back late");
    }

    #[test]
    fn marks_rise_within_a_dossier() {
        for life in run(50) {
            let marks: Vec<u64> = life.iter().flat_map(|message| message.marks.clone()).collect();
            assert!(marks.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
