//! The dossiers an office has and what each message of the desk does to one; it must not push, and knows no wire.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::answers::Outcome;
use super::message::{Message, Receipt, Said};
use super::options::{Entry, LandOptions, Texts};
use super::push::Notice;
use super::report::{Counts, DossierReport, PushRecord, Stage};
use super::script::{Step, plan};
use crate::net::digest::Digest;
use crate::net::rng::Rng;

/// Codes of messages about dossiers nobody received, kept at most.
const STRANGERS: usize = 10_000;
/// Pushes remembered of one dossier.
const PUSHES: usize = 100;

/// What a dossier waits for from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    Supplement,
    Payment,
}

pub(super) struct Dossier {
    pub(super) receipt: Receipt,
    content: Value,
    digest: Digest,
    pub(super) counts: Counts,
    /// Messages that must not come twice.
    seen: HashSet<Digest>,
    pub(super) pushes: Vec<PushRecord>,
    pub(super) plan: VecDeque<Step>,
    pub(super) rng: Rng,
    /// Where the office's own time of this dossier stands.
    pub(super) at: Timestamp,
    pub(super) waiting: Option<Waiting>,
    /// Somebody works on its next step.
    pub(super) busy: bool,
    pub(super) supplemented: bool,
    pub(super) slip: Option<String>,
    pub(super) notices: Vec<Notice>,
    settled: BTreeSet<String>,
    pub(super) finished: bool,
    returned: bool,
}

/// What the office goes by when it decides.
#[derive(Clone, Copy)]
pub(super) struct Office<'a> {
    pub(super) options: &'a LandOptions,
    pub(super) officers: &'a [Entry],
    /// Whether slips go to a tax office.
    pub(super) has_tax: bool,
}

#[derive(Default)]
pub(super) struct Dossiers {
    all: HashMap<String, Dossier>,
    /// Codes in the order they came.
    order: Vec<String>,
    /// Messages about dossiers that were not received.
    strangers: HashMap<String, u64>,
}

impl Dossiers {
    pub(super) fn get(&self, code: &str) -> Option<&Dossier> {
        self.all.get(code)
    }

    pub(super) fn get_mut(&mut self, code: &str) -> Option<&mut Dossier> {
        self.all.get_mut(code)
    }

    pub(super) fn codes(&self) -> &[String] {
        &self.order
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Dossier> {
        self.all.values()
    }

    pub(super) fn totals(&self) -> Counts {
        let mut totals = Counts { out_of_order: self.strangers.values().sum(), ..Counts::default() };
        self.all.values().for_each(|dossier| totals.add(&dossier.counts));
        totals
    }

    /// What the office decides about a message, by what it has.
    pub(super) fn decide(&mut self, message: Message, office: Office<'_>) -> Outcome {
        let Message { code, digest, content, said } = message;
        let texts = &office.options.texts;
        match (said, self.all.get_mut(&code)) {
            (Said::Receive(_), Some(known)) => known.received_again(digest, &code, texts),
            (Said::Receive(receipt), None) => self.receive(code, (digest, content, *receipt), office),
            (Said::Supplement { words }, Some(dossier)) => dossier.supplement(digest, &words, texts),
            (Said::Return, Some(dossier)) => dossier.hand_over(&code, texts),
            (Said::Wrong, Some(dossier)) => {
                dossier.note_once(digest);
                dossier.counts.wrong_results += 1;
                Outcome::Done
            }
            (Said::Supplement { .. } | Said::Return | Said::Wrong, None) => {
                if self.strangers.len() < STRANGERS {
                    *self.strangers.entry(code.clone()).or_default() += 1;
                }
                Outcome::Refused(filled(&texts.no_dossier, &code))
            }
        }
    }

    fn receive(
        &mut self,
        code: String,
        (digest, content, receipt): (Digest, Value, Receipt),
        office: Office<'_>,
    ) -> Outcome {
        let Office { options, officers, has_tax } = office;
        let texts = &options.texts;
        if officers.iter().all(|known| known.code != receipt.officer) {
            return Outcome::Refused(filled(&texts.unknown_officer, &receipt.officer));
        }
        if options.strict_procedures && options.procedures.iter().all(|known| known.code != receipt.procedure) {
            return Outcome::Refused(filled(&texts.unknown_procedure, &receipt.procedure));
        }
        if self.all.len() >= options.limits.dossiers {
            return Outcome::Refused(texts.full.clone());
        }
        let mut rng = Rng::new(options.seed ^ hash(&code));
        let dossier = Dossier {
            plan: plan(&mut rng, &options.script, has_tax),
            at: receipt.received_at,
            receipt,
            content,
            digest,
            counts: Counts { receipts: 1, ..Counts::default() },
            seen: HashSet::new(),
            pushes: Vec::new(),
            rng,
            waiting: None,
            busy: false,
            supplemented: false,
            slip: None,
            notices: Vec::new(),
            settled: BTreeSet::new(),
            finished: false,
            returned: false,
        };
        self.order.push(code.clone());
        self.all.insert(code, dossier);
        Outcome::Done
    }
}

impl Dossier {
    fn received_again(&mut self, digest: Digest, code: &str, texts: &Texts) -> Outcome {
        self.counts.receipts += 1;
        if digest == self.digest {
            self.counts.repeated += 1;
        } else {
            self.counts.changed += 1;
        }
        self.counts.out_of_order += u64::from(self.finished);
        Outcome::Refused(filled(&texts.exists, code))
    }

    fn supplement(&mut self, digest: Digest, words: &str, texts: &Texts) -> Outcome {
        self.note_once(digest);
        let Some(waiting) = self.waiting else {
            self.counts.unasked += 1;
            return Outcome::Refused(texts.not_waiting.clone());
        };
        self.counts.supplements += 1;
        match waiting {
            Waiting::Supplement => {
                self.supplemented = true;
                self.waiting = None;
            }
            Waiting::Payment => self.settle(words),
        }
        Outcome::Done
    }

    /// The notices the words name are paid; words that name none pay all.
    fn settle(&mut self, words: &str) {
        let named: Vec<String> =
            self.notices.iter().map(|notice| notice.number.clone()).filter(|number| words.contains(number)).collect();
        match named.is_empty() {
            true => self.pay_all(),
            false => self.settled.extend(named),
        }
        if self.is_settled() {
            self.waiting = None;
        }
    }

    pub(super) fn pay_all(&mut self) {
        self.settled.extend(self.notices.iter().map(|notice| notice.number.clone()));
        if self.waiting == Some(Waiting::Payment) {
            self.waiting = None;
        }
    }

    pub(super) fn is_settled(&self) -> bool {
        self.notices.iter().all(|notice| self.settled.contains(&notice.number))
    }

    fn hand_over(&mut self, code: &str, texts: &Texts) -> Outcome {
        if self.returned {
            self.counts.returned_again += 1;
            return Outcome::Refused(filled(&texts.returned, code));
        }
        self.counts.out_of_order += u64::from(!self.finished);
        self.counts.returned += 1;
        self.returned = true;
        Outcome::Done
    }

    fn note_once(&mut self, digest: Digest) {
        self.counts.doubled += u64::from(!self.seen.insert(digest));
    }

    pub(super) fn remember(&mut self, record: PushRecord) {
        match record.result() {
            Some(1) => self.counts.pushed += 1,
            Some(_) => self.counts.refused += 1,
            None => self.counts.unanswered += 1,
        }
        self.counts.pushed_again += record.sends.saturating_sub(1);
        if self.pushes.len() < PUSHES {
            self.pushes.push(record);
        }
    }

    /// Some hours later.
    pub(super) fn pass(&mut self, least: u64, spread: u64) -> Timestamp {
        let hours = i64::try_from(least + self.rng.below(spread)).unwrap_or(1);
        self.at = self.at.checked_add(SignedDuration::from_hours(hours)).unwrap_or(self.at);
        self.at
    }

    pub(super) fn stage(&self) -> Stage {
        match (self.returned, self.finished, self.waiting) {
            (true, _, _) => Stage::Returned,
            (false, true, _) => Stage::Finished,
            (false, false, Some(Waiting::Supplement)) => Stage::WaitingForSupplement,
            (false, false, Some(Waiting::Payment)) => Stage::WaitingForPayment,
            (false, false, None) => Stage::Working,
        }
    }

    pub(super) fn report(&self, code: &str) -> DossierReport {
        DossierReport {
            code: code.to_owned(),
            stage: self.stage(),
            next: self.plan.front().map(|step| step.name().to_owned()),
            content: self.content.clone(),
            counts: self.counts,
            pushes: self.pushes.clone(),
            notices: self.notices.iter().map(|notice| notice.number.clone()).collect(),
        }
    }
}

fn filled(text: &str, with: &str) -> String {
    text.replace("{}", with)
}

pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
