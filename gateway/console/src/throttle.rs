//! How often a login may fail, by user and by address, in bounded memory. It knows no password.

use std::collections::HashMap;
use std::time::Duration;

/// Failures of one user name within the window before it must wait.
const BY_USER: u32 = 10;
/// Failures of one address within the window: an office shares one.
const BY_ADDRESS: u32 = 50;
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Names and addresses remembered at once.
const REMEMBERED: usize = 20_000;

/// Whose failures are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// As typed, cut: whether there is such a user makes no difference.
    User(String),
    Address(Option<std::net::IpAddr>),
}

impl Who {
    fn limit(&self) -> u32 {
        match self {
            Self::User(_) => BY_USER,
            Self::Address(_) => BY_ADDRESS,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    since: Duration,
}

/// Recent failures; times are monotonic.
#[derive(Debug, Default)]
pub(crate) struct Throttle(HashMap<Who, Failures>);

impl Throttle {
    /// Counts a try as failed before it is made, so that tries at once are counted too; `Err` says how long to wait instead.
    pub(crate) fn begin(&mut self, who: &[Who], now: Duration) -> Result<(), Duration> {
        let waits = who.iter().filter_map(|one| {
            let failures = self.0.get(one)?;
            let age = now.saturating_sub(failures.since);
            (age < WINDOW && failures.count >= one.limit()).then(|| WINDOW.saturating_sub(age))
        });
        if let Some(wait) = waits.max() {
            return Err(wait);
        }
        if self.0.len() + who.len() > REMEMBERED {
            self.0.retain(|_, failures| now.saturating_sub(failures.since) < WINDOW);
        }
        for one in who {
            if self.0.len() >= REMEMBERED && !self.0.contains_key(one) {
                // Someone is trying thousands of names at once: until their window is over, nobody new is let in.
                return Err(WINDOW);
            }
            let failures = self.0.entry(one.clone()).or_insert(Failures { count: 0, since: now });
            if now.saturating_sub(failures.since) >= WINDOW {
                *failures = Failures { count: 0, since: now };
            }
            failures.count += 1;
        }
        Ok(())
    }

    /// A try that succeeded: the user's failures are forgotten, the address's is taken back.
    pub(crate) fn succeeded(&mut self, who: &[Who]) {
        for one in who {
            match one {
                Who::User(_) => {
                    self.0.remove(one);
                }
                Who::Address(_) => {
                    if let Some(failures) = self.0.get_mut(one) {
                        failures.count = failures.count.saturating_sub(1);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn an() -> [Who; 2] {
        [Who::User("an".to_owned()), Who::Address(Some([192, 0, 2, 1].into()))]
    }

    #[test]
    fn a_name_waits_after_ten_failures_and_may_come_again() {
        let mut throttle = Throttle::default();
        for _ in 0..BY_USER {
            throttle.begin(&an(), MINUTE).unwrap();
        }
        assert_eq!(throttle.begin(&an(), MINUTE * 2), Err(MINUTE * 14));
        throttle.begin(&an(), MINUTE * 16).unwrap();
    }

    #[test]
    fn one_address_may_not_try_many_names() {
        let mut throttle = Throttle::default();
        let who = |n: u32| [Who::User(format!("name-{n}")), Who::Address(None)];
        for n in 0..BY_ADDRESS {
            throttle.begin(&who(n), MINUTE).unwrap();
        }
        assert!(throttle.begin(&who(999), MINUTE).is_err());
    }

    #[test]
    fn who_logs_in_rightly_never_waits() {
        let mut throttle = Throttle::default();
        for _ in 0..200 {
            throttle.begin(&an(), MINUTE).unwrap();
            throttle.succeeded(&an());
        }
    }

    #[test]
    fn memory_is_bounded_whatever_names_are_tried() {
        let mut throttle = Throttle::default();
        for n in 0..30_000_u32 {
            let address = std::net::IpAddr::from(n.to_be_bytes());
            let _full = throttle.begin(&[Who::User(n.to_string()), Who::Address(Some(address))], MINUTE);
        }
        assert!(throttle.0.len() <= REMEMBERED);
    }
}
