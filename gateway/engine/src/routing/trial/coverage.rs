//! Which routes and which sides of their conditions the passing tests have tried. It runs no test.

use std::collections::BTreeMap;

use lienthong_core::{ExchangeMeta, RouteName};
use serde_json::Value;

use super::super::table::RouteTable;

/// One enabled route and what passing tests tried of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteCoverage {
    pub route: RouteName,
    pub file: String,
    pub line: usize,
    /// Whether it has a condition: a second branch to try.
    pub conditional: bool,
    /// Passing tests whose message it took.
    pub taken: usize,
    /// Passing tests whose message its condition turned away.
    pub passed_over: usize,
}

impl RouteCoverage {
    /// What no passing test tried, in words; `None` when everything was.
    pub fn missing(&self) -> Option<&'static str> {
        match (self.taken > 0, self.passed_over > 0, self.conditional) {
            (true, true, _) | (true, false, false) => None,
            (true, false, true) => Some("no test has a message its condition turns away"),
            (false, true, _) => Some("no test has a message it takes"),
            (false, false, true) => Some("no test tries either side of its condition"),
            (false, false, false) => Some("no test has a message it takes"),
        }
    }
}

/// Counts per route while tests run.
#[derive(Default)]
pub(super) struct Tried(BTreeMap<RouteName, (usize, usize)>);

impl Tried {
    /// A test passed: its message went through `taken`; other routes' conditions may have turned it away.
    pub(super) fn passed(&mut self, table: &RouteTable, meta: &ExchangeMeta, body: &Value, taken: &[RouteName]) {
        for route in taken {
            self.0.entry(route.clone()).or_default().0 += 1;
        }
        for route in table.candidates(meta).filter(|route| !taken.contains(&route.spec.name)) {
            if route.when.is_some() && route.wants(meta, body) == Ok(false) {
                self.0.entry(route.spec.name.clone()).or_default().1 += 1;
            }
        }
    }

    /// Every enabled route, in order.
    pub(super) fn of(&self, table: &RouteTable) -> Vec<RouteCoverage> {
        let enabled = table.iter().filter(|route| route.spec.enabled);
        let covered = enabled.map(|route| {
            let (taken, passed_over) = self.0.get(&route.spec.name).copied().unwrap_or_default();
            RouteCoverage {
                route: route.spec.name.clone(),
                file: route.spec.file.clone(),
                line: route.spec.line,
                conditional: route.when.is_some(),
                taken,
                passed_over,
            }
        });
        covered.collect()
    }
}
