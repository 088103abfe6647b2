//! What an office does with a dossier, step after step, decided by its seed and code alone; it must not do it.

use std::collections::VecDeque;

use jiff::SignedDuration;

use super::dossiers::{Dossier, Waiting};
use super::options::{LandOptions, Script};
use super::push::{FileLink, Notice, Push};
use crate::net::rng::Rng;

/// One step of the office, or something it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Forward,
    RequestSupplement,
    AwaitSupplement,
    ConfirmSupplement,
    SendSlip,
    AwaitNotices,
    TellNotices,
    AwaitPayment,
    Finish,
    /// Ends without a result.
    GiveUp,
}

impl Step {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::RequestSupplement => "request-supplement",
            Self::AwaitSupplement => "await-supplement",
            Self::ConfirmSupplement => "confirm-supplement",
            Self::SendSlip => "send-slip",
            Self::AwaitNotices => "await-notices",
            Self::TellNotices => "tell-notices",
            Self::AwaitPayment => "await-payment",
            Self::Finish => "finish",
            Self::GiveUp => "give-up",
        }
    }
}

/// The steps of one dossier.
pub(super) fn plan(rng: &mut Rng, script: &Script, has_tax: bool) -> VecDeque<Step> {
    let forwards = 1 + rng.below(script.forwards.max(1));
    let (supplement, exempt) = (rng.per_mille(script.supplements), rng.per_mille(script.exempt));
    let withdrawn = rng.per_mille(script.withdrawn);
    let mut steps = VecDeque::from([Step::Forward]);
    if supplement {
        steps.extend([Step::RequestSupplement, Step::AwaitSupplement, Step::ConfirmSupplement]);
    }
    if withdrawn {
        steps.push_back(Step::GiveUp);
        return steps;
    }
    steps.extend((1..forwards).map(|_| Step::Forward));
    if !exempt {
        if has_tax {
            steps.push_back(Step::SendSlip);
        }
        steps.extend([Step::AwaitNotices, Step::TellNotices, Step::AwaitPayment]);
    }
    steps.push_back(Step::Finish);
    steps
}

impl Dossier {
    /// The push of a step, and what the office expects from then on. `None`: the step pushes nothing.
    pub(super) fn push_of(&mut self, step: Step, code: &str, options: &LandOptions) -> Option<Push> {
        let officer = self.officer(options);
        let file = |name: &str, end: &str| FileLink {
            name: name.to_owned(),
            link: format!("/files/{}-{end}.pdf", code.replace('.', "-")),
        };
        Some(match step {
            Step::Forward => {
                let at = self.pass(2, 20);
                let until = at.checked_add(SignedDuration::from_hours(72)).unwrap_or(at);
                let status = pick(&mut self.rng, options.statuses.iter().map(|status| status.code.as_str()), "TD");
                let (place, note) = (self.pushes.len() + 1, "Chuyển thẩm định".to_owned());
                let files = vec![file("Tờ trình", &format!("to-trinh-{place}"))];
                Push::Forward { from: officer, to: self.officer(options), status, note, at, until, files }
            }
            Step::RequestSupplement => {
                self.waiting = Some(Waiting::Supplement);
                self.supplemented = false;
                let note = "Đề nghị bổ sung trích đo thửa đất".to_owned();
                let file = Some(file("Phiếu yêu cầu bổ sung", "bo-sung"));
                Push::RequestSupplement { officer, at: self.pass(2, 20), note, file }
            }
            Step::ConfirmSupplement => {
                let at = self.pass(12, 90);
                let due = at.checked_add(SignedDuration::from_hours(24 * 15)).unwrap_or(at);
                Push::SupplementReceived { at, due }
            }
            Step::TellNotices => {
                self.waiting = (!self.is_settled()).then_some(Waiting::Payment);
                let (at, notices) = (self.pass(24, 90), self.notices.clone());
                Push::TaxResult { officer, at, note: String::new(), notices }
            }
            Step::Finish => {
                self.finished = true;
                let files = vec![file("Giấy chứng nhận", "gcn")];
                Push::Finished { officer, at: self.pass(12, 60), outcome: 0, files }
            }
            Step::GiveUp => {
                self.finished = true;
                Push::Finished { officer, at: self.pass(12, 60), outcome: 1, files: Vec::new() }
            }
            Step::AwaitSupplement | Step::SendSlip | Step::AwaitNotices | Step::AwaitPayment => return None,
        })
    }

    /// What the office expects after a push that nobody's script made.
    pub(super) fn expects_after(&mut self, push: &Push) {
        match push {
            Push::RequestSupplement { .. } => {
                self.waiting = Some(Waiting::Supplement);
                self.supplemented = false;
            }
            Push::TaxResult { notices, .. } => {
                self.notices.clone_from(notices);
                self.waiting = (!self.is_settled()).then_some(Waiting::Payment);
            }
            Push::Finished { .. } => self.finished = true,
            Push::Forward { .. } | Push::SupplementReceived { .. } | Push::Other { .. } => {}
        }
    }

    fn officer(&mut self, options: &LandOptions) -> String {
        pick(&mut self.rng, options.officers.iter().map(|officer| officer.code.as_str()), "canbo01")
    }

    /// Notices of an office without a tax office behind it.
    pub(super) fn own_notices(&mut self) -> Vec<Notice> {
        let serial = 1 + self.rng.below(9_000_000);
        let owner = self.receipt.owner.clone();
        let number = |offset: u64| format!("LTB2512345-TK{:07}/TB-CCT", serial + offset);
        vec![
            Notice::about(owner.clone(), "Thuế thu nhập từ chuyển nhượng bất động sản".to_owned(), number(0)),
            Notice::about(owner, "Lệ phí trước bạ nhà đất".to_owned(), number(1)),
        ]
    }
}

fn pick<'t>(rng: &mut Rng, from: impl Iterator<Item = &'t str>, otherwise: &str) -> String {
    let all: Vec<&str> = from.collect();
    let place = usize::try_from(rng.below(all.len() as u64)).unwrap_or(0);
    all.get(place).copied().unwrap_or(otherwise).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_the_same_for_the_same_seed_and_ends() {
        let script = Script { withdrawn: 200, exempt: 200, ..Script::default() };
        let of = |seed: u64, tax: bool| plan(&mut Rng::new(seed), &script, tax);
        assert_eq!(of(7, true), of(7, true));
        let all: Vec<VecDeque<Step>> = (0..500).map(|seed| of(seed, true)).collect();
        for steps in &all {
            assert_eq!(steps.front(), Some(&Step::Forward));
            assert!(matches!(steps.back(), Some(Step::Finish | Step::GiveUp)));
        }
        let having = |step: Step| all.iter().filter(|steps| steps.contains(&step)).count();
        assert!((80..180).contains(&having(Step::RequestSupplement)), "{}", having(Step::RequestSupplement));
        assert!((250..400).contains(&having(Step::SendSlip)), "{}", having(Step::SendSlip));
        assert!(having(Step::GiveUp) > 50);
        assert!((0..500).all(|seed| !of(seed, false).contains(&Step::SendSlip)));
    }
}
