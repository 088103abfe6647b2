//! Charts of what was measured of a system, drawn as SVG: attempts by what came of them, and how long they took. The table below each says the same in numbers.

use lienthong_core::Timestamp;
use lienthong_engine::vitals::{Hour, Latencies, Minute, Quantiles};
use maud::{Markup, html};

use super::parts::number;
use crate::text::Words;
use crate::time;

const WIDTH: usize = 720;
const HEIGHT: usize = 150;
const LEFT: usize = 46;
const BOTTOM: usize = 22;
const TOP: usize = 8;
/// Labels below the picture.
const LABELS: usize = 6;

/// One minute or hour as it is drawn.
pub(super) struct Point {
    pub(super) at: Timestamp,
    answered: u64,
    refused: u64,
    failed: u64,
    quantiles: Option<Quantiles>,
    down: bool,
}

/// What is drawn: every place in time from first to last, with what was measured there, if anything.
pub(super) struct Series {
    points: Vec<(usize, Point)>,
    first: Timestamp,
    step: i64,
    places: usize,
}

impl Series {
    /// The last `places` minutes up to now.
    pub(super) fn minutes(minutes: &[Minute], now: Timestamp, places: usize) -> Self {
        let points = minutes.iter().map(|minute| Point {
            at: minute.begins(),
            answered: u64::from(minute.answered),
            refused: u64::from(minute.refused),
            failed: u64::from(minute.failed),
            quantiles: minute.latencies.quantiles(),
            down: minute.down == Some(true),
        });
        Self::of(points, now, 60, places)
    }

    /// The last `places` hours up to now.
    pub(super) fn hours(hours: &[(Timestamp, Hour)], now: Timestamp, places: usize) -> Self {
        let quantiles = |latencies: &Latencies| latencies.quantiles();
        let points = hours.iter().map(|(at, hour)| Point {
            at: *at,
            answered: hour.answered,
            refused: hour.refused,
            failed: hour.failed,
            quantiles: quantiles(&hour.latencies),
            down: hour.down != 0,
        });
        Self::of(points, now, 3600, places)
    }

    fn of(points: impl Iterator<Item = Point>, now: Timestamp, step: i64, places: usize) -> Self {
        let last = now.as_second().div_euclid(step);
        let first = last.saturating_sub(i64::try_from(places).unwrap_or(i64::MAX)).saturating_add(1);
        let place = |point: &Point| usize::try_from(point.at.as_second().div_euclid(step).saturating_sub(first)).ok();
        let points = points.filter_map(|point| Some((place(&point).filter(|place| *place < places)?, point))).collect();
        let first = Timestamp::from_second(first.saturating_mul(step)).unwrap_or(Timestamp::UNIX_EPOCH);
        Self { points, first, step, places }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Both pictures and the numbers.
    pub(super) fn drawn(&self, words: &Words) -> Markup {
        html! {
            @if self.is_empty() { p { (words.health.nothing_measured) } } @else {
                (self.framed(words.health.attempts_chart, &number(self.most()), &self.bars()))
                (self.framed(words.health.latency_chart, &seconds(self.slowest()), &self.lines()))
                (self.numbers(words))
            }
        }
    }

    fn framed(&self, label: &str, highest: &str, content: &Markup) -> Markup {
        html! {
            figure.chart {
                svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(label) {
                    line.axis x1=(LEFT) x2=(WIDTH) y1=(HEIGHT - BOTTOM) y2=(HEIGHT - BOTTOM) {}
                    text x=(LEFT - 6) y=(TOP + 10) text-anchor="end" { (highest) }
                    text x=(LEFT - 6) y=(HEIGHT - BOTTOM) text-anchor="end" { "0" }
                    @for label in 0..LABELS { (self.label(label)) }
                    (content)
                }
                figcaption.quiet { (label) }
            }
        }
    }

    fn label(&self, label: usize) -> Markup {
        let place = self.places * label / LABELS;
        let seconds = i64::try_from(place).unwrap_or(0).saturating_mul(self.step);
        let at = self.first.as_second().saturating_add(seconds);
        let at = Timestamp::from_second(at).unwrap_or(self.first);
        let says =
            if self.step == 60 { time::clock(at) } else { time::day(at).get(..5).unwrap_or_default().to_owned() };
        html! { text x=(self.x(place)) y=(HEIGHT - 6) { (says) } }
    }

    fn x(&self, place: usize) -> usize {
        LEFT + (WIDTH - LEFT) * place / self.places.max(1)
    }

    fn most(&self) -> u64 {
        self.points.iter().map(|(_, point)| point.all()).max().unwrap_or_default()
    }

    fn slowest(&self) -> u64 {
        self.points.iter().filter_map(|(_, point)| point.quantiles).map(|all| millis(all.p99)).max().unwrap_or_default()
    }

    /// Stacked: what was answered below, then refused, then not served; a mark below the axis where the system was down.
    fn bars(&self) -> Markup {
        let (most, width) = (self.most().max(1), (self.x(1) - self.x(0)).max(1));
        html! {
            @for (place, point) in &self.points {
                @let (answered, refused, failed) = (height(point.answered, most), height(point.refused, most), height(point.failed, most));
                @let (x, ground) = (self.x(*place), HEIGHT - BOTTOM);
                rect.bar-good x=(x) width=(width) y=(ground - answered) height=(answered) {}
                rect.bar-warn x=(x) width=(width) y=(ground.saturating_sub(answered + refused)) height=(refused) {}
                rect.bar-bad x=(x) width=(width) y=(ground.saturating_sub(answered + refused + failed)) height=(failed) {}
                @if point.down { rect.bar-down x=(x) width=(width) y=(ground + 1) height="4" {} }
            }
        }
    }

    fn lines(&self) -> Markup {
        html! {
            (self.line("line-50", |all| all.p50))
            (self.line("line-95", |all| all.p95))
            (self.line("line-99", |all| all.p99))
        }
    }

    /// One line, broken where nothing was measured.
    fn line(&self, class: &str, of: fn(Quantiles) -> std::time::Duration) -> Markup {
        let slowest = self.slowest().max(1);
        let mut runs: Vec<Vec<(usize, usize)>> = Vec::new();
        let mut before = None;
        for (place, point) in &self.points {
            let Some(all) = point.quantiles else { continue };
            let drawn = (self.x(*place), HEIGHT - BOTTOM - height(millis(of(all)), slowest));
            match runs.last_mut() {
                Some(run) if before == place.checked_sub(1) => run.push(drawn),
                Some(_) | None => runs.push(vec![drawn]),
            }
            before = Some(*place);
        }
        html! {
            @for run in &runs {
                @if let [(x, y)] = run.as_slice() { circle class=(class) cx=(x) cy=(y) r="2" {} }
                @else { polyline class=(class) points=(run.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")) {} }
            }
        }
    }

    fn numbers(&self, words: &Words) -> Markup {
        let heads = [words.health.answered, words.health.refused, words.health.failed, words.health.latency];
        let shown = self.points.iter().rev().take(60);
        html! {
            details {
                summary { (words.health.chart_table) }
                table {
                    thead { tr { th scope="col" { (words.health.at) } @for head in heads { th.number scope="col" { (head) } } } }
                    tbody { @for (_, point) in shown { tr {
                        th scope="row" { (time::moment(point.at)) }
                        td.number { (number(point.answered)) } td.number { (number(point.refused)) } td.number { (number(point.failed)) }
                        td.number { (point.quantiles.map(took).unwrap_or_default()) }
                    } } }
                }
            }
        }
    }
}

impl Point {
    fn all(&self) -> u64 {
        self.answered.saturating_add(self.refused).saturating_add(self.failed)
    }
}

/// The three quantiles in seconds.
pub(super) fn took(Quantiles { p50, p95, p99 }: Quantiles) -> String {
    [p50, p95, p99].map(|of| seconds(millis(of))).join(" / ")
}

fn seconds(millis: u64) -> String {
    format!("{},{:02} s", millis / 1000, millis % 1000 / 10)
}

fn millis(of: std::time::Duration) -> u64 {
    u64::try_from(of.as_millis()).unwrap_or(u64::MAX)
}

/// Something is seen of everything that is not nothing.
fn height(of: u64, most: u64) -> usize {
    let room = u64::try_from(HEIGHT - BOTTOM - TOP).unwrap_or(0);
    let scaled = of.saturating_mul(room) / most.max(1);
    usize::try_from(scaled.max(u64::from(of > 0))).unwrap_or(0)
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn what_was_not_measured_is_a_gap_and_what_is_older_is_left_out() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let minute = |ago: i64, answered| Minute { minute: 30_000_000 - ago, answered, ..Minute::default() };
        let minutes = [minute(200, 1), minute(5, 2), minute(0, 1)];
        let series = Series::minutes(&minutes, now, 180);
        let places: Vec<usize> = series.points.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [174, 179]);
        let picture = series.bars().into_string();
        assert_eq!(picture.matches("bar-good").count(), 2);
        assert!(picture.contains("height=\"120\"") && picture.contains("height=\"60\""), "{picture}");
    }

    #[test]
    fn little_is_seen_too() {
        assert_eq!((height(0, 1_000_000), height(1, 1_000_000), height(5, 5)), (0, 1, 120));
        assert_eq!(seconds(1_234), "1,23 s");
    }
}
