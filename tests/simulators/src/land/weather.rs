//! How often the land office misbehaves by itself: seeded, the nth call meets the same fault; it must not look at the clock.

use super::faults::{Fault, Sort};
use crate::net::profile::FaultProfile;
use crate::net::rng::Rng;

/// Calls per thousand that meet a fault outside a burst.
const REAL_PER_MILLE: u64 = 12;
const HARSH_PER_MILLE: u64 = 190;
/// A burst: how often one begins, how long it lasts (calls), how often a call in it meets a fault.
const BURST_STARTS_PER_MILLE: u64 = 5;
const BURST_MIN: u64 = 6;
const BURST_SPREAD: u64 = 12;
const BURST_PER_MILLE: u64 = 350;
/// In the harsh profile: the calls at which the outage and the maintenance begin, and how long each lasts.
const OUTAGE_AT: u64 = 25;
const OUTAGE_MILLIS: u64 = 1200;
const MAINTENANCE_AT: u64 = 80;
const MAINTENANCE_MILLIS: u64 = 1500;
/// Draws before giving up on a fault that fits the call.
const DRAWS: usize = 6;

type Make = fn(&mut Rng) -> Fault;

/// What goes wrong, by weight. What would be refused for good ("đã tồn tại" of something else) is commanded only.
const MIX: &[(u64, Make)] = &[
    (24, |rng| Fault::Slow { millis: 100 + rng.below(900) }),
    (9, |_| Fault::ResetBeforeStore),
    (7, |_| Fault::ResetAfterStore),
    (9, |_| Fault::BadGatewayBeforeStore),
    (6, |_| Fault::BadGatewayAfterStore),
    (4, |_| Fault::HtmlPage),
    (3, |_| Fault::ServerError),
    (6, |_| Fault::TokenExpired),
    (8, |_| Fault::Throttled { retry_after: 1 }),
    (4, |_| Fault::ThrottledText),
    (6, |rng| Fault::AnswerLost { hold_millis: 200 + rng.below(1800) }),
    (8, |_| Fault::AlreadyExists),
    (2, |_| Fault::ContradictingData),
    (2, |_| Fault::TextsForTypes),
    (4, |_| Fault::TruncatedBody),
    (4, |_| Fault::EmptyBody),
];

/// Chooses faults by profile.
pub(super) struct Weather {
    profile: FaultProfile,
    rng: Rng,
    seen: u64,
    burst_left: u64,
}

impl Weather {
    pub(super) fn new(profile: FaultProfile, seed: u64) -> Self {
        Self { profile, rng: Rng::new(seed), seen: 0, burst_left: 0 }
    }

    pub(super) fn profile(&self) -> FaultProfile {
        self.profile
    }

    pub(super) fn set_profile(&mut self, profile: FaultProfile) {
        self.profile = profile;
        self.seen = 0;
        self.burst_left = 0;
    }

    pub(super) fn next(&mut self, sort: Sort) -> Option<Fault> {
        self.seen += 1;
        let chance = match self.profile {
            FaultProfile::None => return None,
            FaultProfile::Real => self.real_chance(),
            FaultProfile::Harsh if self.seen == OUTAGE_AT => return Some(Fault::Outage { millis: OUTAGE_MILLIS }),
            FaultProfile::Harsh if self.seen == MAINTENANCE_AT => {
                return Some(Fault::Maintenance { millis: MAINTENANCE_MILLIS, status: 503 });
            }
            FaultProfile::Harsh => HARSH_PER_MILLE,
        };
        if !self.rng.per_mille(chance) {
            return None;
        }
        (0..DRAWS).map(|_| draw(&mut self.rng)).find(|fault| fault.applies_to(sort))
    }

    fn real_chance(&mut self) -> u64 {
        if self.burst_left > 0 {
            self.burst_left -= 1;
            return BURST_PER_MILLE;
        }
        if self.rng.per_mille(BURST_STARTS_PER_MILLE) {
            self.burst_left = BURST_MIN + self.rng.below(BURST_SPREAD);
        }
        REAL_PER_MILLE
    }
}

fn draw(rng: &mut Rng) -> Fault {
    let mut point = rng.below(MIX.iter().map(|(weight, _)| weight).sum());
    for (weight, make) in MIX {
        if point < *weight {
            return make(rng);
        }
        point -= weight;
    }
    Fault::ResetBeforeStore
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(profile: FaultProfile, seed: u64) -> Vec<Option<Fault>> {
        let mut weather = Weather::new(profile, seed);
        (0..20_000).map(|_| weather.next(Sort::Receive)).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_and_the_profiles_their_share() {
        assert_eq!(run(FaultProfile::Harsh, 7), run(FaultProfile::Harsh, 7));
        assert_ne!(run(FaultProfile::Harsh, 7), run(FaultProfile::Harsh, 8));
        let share = |profile| run(profile, 3).iter().filter(|fault| fault.is_some()).count();
        assert_eq!(share(FaultProfile::None), 0);
        assert!((400..1200).contains(&share(FaultProfile::Real)), "{}", share(FaultProfile::Real));
        assert!((3000..5000).contains(&share(FaultProfile::Harsh)), "{}", share(FaultProfile::Harsh));
    }

    #[test]
    fn every_fault_of_the_mix_is_drawn_and_fits_its_call() {
        let faults = run(FaultProfile::Harsh, 11);
        let names: std::collections::BTreeSet<_> = faults.iter().flatten().map(Fault::name).collect();
        assert_eq!(names.len(), MIX.len() + 2);
        for sort in [Sort::Write, Sort::List, Sort::File] {
            let mut weather = Weather::new(FaultProfile::Harsh, 11);
            for fault in (0..5_000).filter_map(|_| weather.next(sort)) {
                assert!(fault.applies_to(sort), "{fault:?} on {sort:?}");
            }
        }
    }
}
