//! What a preview came to: counts, causes, each delivery, and one delivery's differences field by field. It shows what it is given and reveals nothing itself.

use lienthong_engine::service::{Against, Difference, Preview, Previewed, Sending};
use maud::{Markup, html};

use super::difference::difference;
use super::marks::verdict;
use super::parts::{dossier_link, exchange_link, fault, number};
use super::preview::ROWS;
use crate::guard::Visit;
use crate::shown::{cell, shown};
use crate::text::{Words, fill};
use crate::time;

/// Counts, causes, deliveries.
pub(super) fn told(visit: &Visit, preview: &Preview) -> Markup {
    let words = visit.words();
    let of = &words.preview;
    let said = match preview.parked {
        Some(parked) => fill(
            of.previewed,
            &[("count", &number(preview.previewed)), ("parked", &number(parked)), ("version", &preview.configuration)],
        ),
        None => fill(of.one, &[("version", &preview.configuration)]),
    };
    html! {
        p role="status" { (said) @if preview.edited { " " strong { (of.edited) } } }
        table.counts {
            thead { tr { th scope="col" { (of.verdict) } th.number scope="col" { (of.count) } } }
            tbody { @for (of, count) in &preview.counts { tr { th scope="row" { (verdict(words, *of)) } td.number { (number(*count)) } } } }
        }
        @if !preview.causes.is_empty() { (causes(visit, preview)) }
        @if !preview.rows.is_empty() { (rows(visit, preview)) }
    }
}

fn causes(visit: &Visit, preview: &Preview) -> Markup {
    let words = visit.words();
    html! {
        h2 { (words.preview.causes) }
        div.wide tabindex="0" role="region" aria-label=(words.preview.causes) { table {
            thead { tr {
                th.number scope="col" { (words.preview.count) }
                @for head in [words.preview.verdict, words.errors.cause, words.common.operation] { th scope="col" { (head) } }
            } }
            tbody { @for cause in preview.causes.iter().take(ROWS) { tr {
                td.number { (number(cause.count)) }
                td { (verdict(words, cause.verdict)) }
                td {
                    (fault(visit, &cause.fault))
                    @for problem in cause.fault.problems.iter().take(3) { br; span.code { (cell(&problem.pointer)) } " " (cell(&problem.problem)) }
                }
                td { (cause.operation) }
            } } }
        } }
    }
}

fn rows(visit: &Visit, preview: &Preview) -> Markup {
    let words = visit.words();
    let of = &words.preview;
    html! {
        h2 { (of.each) }
        @if preview.rows.len() == ROWS { p.quiet { (fill(of.first_rows, &[("count", &number(ROWS as u64))])) } }
        div.wide tabindex="0" role="region" aria-label=(of.each) { table {
            thead { tr {
                @for head in [words.common.key, words.common.exchange, of.verdict, words.errors.why, of.difference] { th scope="col" { (head) } }
            } }
            tbody { @for row in &preview.rows { tr {
                td { @if let Some(subject) = &row.subject { (dossier_link(&subject.key)) } }
                td { (exchange_link(row.id.exchange)) }
                td { (verdict(words, row.verdict)) @if let Some(until) = row.until { br; span.quiet { (of.until) " " (time::moment(until)) } } }
                td {
                    @if let Some(why) = &row.fault { (fault(visit, why)) }
                    @if let Some(why) = &row.confirmation { br; span.quiet { (of.confirm) ": " (shown(visit.language.public(why))) } }
                    @if let Some(note) = &row.note { br; span.quiet { (cell(note)) } }
                }
                td { button type="submit" name="delivery" value=(row.id) aria-label={ (of.difference) " " (row.id) } { (of.difference) } }
            } } }
        } }
    }
}

/// One delivery field by field.
pub(super) fn compared(visit: &Visit, preview: &Preview) -> Markup {
    html! { @for row in &preview.rows { (one(visit, row)) } }
}

fn one(visit: &Visit, row: &Previewed) -> Markup {
    let words = visit.words();
    let of = &words.preview;
    html! {
        section.compared id="compared" {
            h2 { (fill(of.difference_title, &[("id", &row.id)])) }
            p { (verdict(words, row.verdict)) @if let Some(why) = &row.fault { " " (fault(visit, why)) } }
            @if row.sends.is_empty() { p { (of.nothing_sent) } }
            @for sending in &row.sends { (sent(words, sending)) }
        }
    }
}

fn sent(words: &Words, sending: &Sending) -> Markup {
    let of = &words.preview;
    html! {
        p { (fill(of.bytes, &[("bytes", &number(sending.bytes)), ("system", &sending.system)])) " (" (sending.operation) ")" }
        @match &sending.difference {
            None => p { (of.gone) },
            Some(difference) => (differing(words, difference)),
        }
    }
}

pub(super) fn differing(words: &Words, of: &Difference) -> Markup {
    let against = match of.against {
        Against::Sent { attempt } => fill(words.preview.against_sent, &[("attempt", &attempt)]),
        Against::Received => words.preview.against_received.to_owned(),
    };
    html! {
        p.quiet { (against) }
        (difference(words, &against, of))
    }
}
