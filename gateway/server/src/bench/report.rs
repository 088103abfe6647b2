//! What a bench run measured, against its yardstick and its target, for people and for programs. It measures nothing.

use serde::Serialize;

/// One number of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Row {
    /// `accept.throughput`, `backlog.memory`, …
    pub(crate) bench: &'static str,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    /// The same, measured on the bare proxy (for `backlog.*`: on this gateway without a backlog) in this run.
    pub(crate) yardstick: Option<f64>,
    /// Value over yardstick.
    pub(crate) ratio: Option<f64>,
    /// With a yardstick: the least ratio; without one: the most the value may be.
    pub(crate) target: Option<f64>,
    /// Whether the target is met; `None` where there is none.
    pub(crate) ok: Option<bool>,
}

impl Row {
    /// A number that is only told.
    pub(crate) fn told(bench: &'static str, value: f64, unit: &'static str) -> Self {
        Self { bench, value: rounded(value), unit, yardstick: None, ratio: None, target: None, ok: None }
    }

    /// Beside what the yardstick measured.
    pub(crate) fn beside(mut self, yardstick: f64) -> Self {
        self.ratio = (yardstick > 0.0).then(|| rounded(self.value / yardstick));
        self.yardstick = Some(rounded(yardstick));
        self
    }

    /// At least this part of the yardstick. A yardstick that measured nothing meets no target.
    pub(crate) fn at_least(mut self, ratio: f64) -> Self {
        self.target = Some(ratio);
        self.ok = Some(self.ratio.is_some_and(|measured| measured >= ratio));
        self
    }

    /// Below this value.
    pub(crate) fn below(mut self, limit: f64) -> Self {
        self.target = Some(limit);
        self.ok = Some(self.value < limit);
        self
    }

    fn cells(&self) -> Vec<String> {
        let target = match (self.target, self.yardstick) {
            (Some(target), Some(_)) => format!("≥ {target}"),
            (Some(target), None) => format!("< {}", number(target)),
            (None, _) => String::new(),
        };
        let ok = self.ok.map_or("", |ok| if ok { "yes" } else { "NO" });
        vec![
            self.bench.to_owned(),
            number(self.value),
            self.unit.to_owned(),
            self.yardstick.map_or_else(String::new, number),
            self.ratio.map_or_else(String::new, |ratio| format!("{ratio:.3}")),
            target,
            ok.to_owned(),
        ]
    }
}

/// Whether no target was missed.
pub(crate) fn all_met(rows: &[Row]) -> bool {
    rows.iter().all(|row| row.ok != Some(false))
}

/// What [`cells`] has over its columns.
pub(crate) const HEADINGS: [&str; 7] = ["bench", "value", "unit", "yardstick", "ratio", "target", "ok"];

/// All rows as people read them.
pub(crate) fn cells(rows: &[Row]) -> Vec<Vec<String>> {
    rows.iter().map(Row::cells).collect()
}

/// Three decimals are more than any of these numbers is worth.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Whole above a hundred, with its thousands apart; else with decimals.
fn number(value: f64) -> String {
    if value.abs() < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        let behind = digits.len() - place;
        if place > 0 && behind.is_multiple_of(3) && digit.is_ascii_digit() && !text.ends_with('-') {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_value_over_yardstick_and_meets_its_floor_from_equality_on() {
        let row = Row::told("accept.throughput", 4_000.0, "requests/s").beside(10_000.0).at_least(0.4);
        assert_eq!((row.ratio, row.ok), (Some(0.4), Some(true)));
        let row = Row::told("accept.throughput", 3_990.0, "requests/s").beside(10_000.0).at_least(0.4);
        assert_eq!((row.ratio, row.ok), (Some(0.399), Some(false)));
    }

    #[test]
    fn a_yardstick_that_measured_nothing_gives_no_ratio_and_meets_no_target() {
        let row = Row::told("call.throughput", 10.0, "requests/s").beside(0.0).at_least(0.45);
        assert_eq!((row.yardstick, row.ratio, row.ok), (Some(0.0), None, Some(false)));
    }

    #[test]
    fn a_limit_is_not_met_by_equality() {
        assert_eq!(Row::told("backlog.memory", 200.0, "MiB").below(200.0).ok, Some(false));
        assert_eq!(Row::told("backlog.memory", 199.9, "MiB").below(200.0).ok, Some(true));
    }

    #[test]
    fn a_row_without_a_target_fails_nothing() {
        let told = Row::told("disk.sync_p99", 0.3, "ms");
        assert!(all_met(std::slice::from_ref(&told)));
        assert!(!all_met(&[told, Row::told("backlog.memory", 300.0, "MiB").below(200.0)]));
    }

    #[test]
    fn a_json_line_has_exactly_the_promised_members_in_order() {
        let row = Row::told("accept.p99", 3.14567, "ms").beside(1.5);
        let line = serde_json::to_string(&row).unwrap();
        assert_eq!(
            line,
            r#"{"bench":"accept.p99","value":3.146,"unit":"ms","yardstick":1.5,"ratio":2.097,"target":null,"ok":null}"#
        );
    }

    #[test]
    fn the_table_shows_every_row_and_says_no_loudly() {
        let rows = [
            Row::told("accept.throughput", 15_234.4, "requests/s").beside(34_000.0).at_least(0.4),
            Row::told("backlog.memory", 1_234_567.0, "MiB").below(200.0),
        ];
        let [first, second] = cells(&rows).try_into().unwrap();
        assert_eq!(first, ["accept.throughput", "15 234", "requests/s", "34 000", "0.448", "≥ 0.4", "yes"]);
        assert_eq!(second, ["backlog.memory", "1 234 567", "MiB", "", "", "< 200", "NO"]);
        assert_eq!(first.len(), HEADINGS.len());
    }

    #[test]
    fn negative_numbers_keep_their_sign_beside_the_first_digit() {
        assert_eq!(number(-123_456.0), "-123 456");
        assert_eq!(number(-0.5), "-0.50");
    }
}
