//! Two contents field by field, as a table. Values that are personal were hidden before they came here.

use lienthong_engine::service::{Difference, FieldChange, Shown};
use maud::{Markup, html};

use super::parts::number;
use crate::shown::{cell, shown};
use crate::text::{Words, fill};

/// The table, called so, or a sentence where no field differs.
pub(super) fn difference(words: &Words, called: &str, difference: &Difference) -> Markup {
    let of = &words.preview;
    html! {
        @if difference.identical { p { (of.identical) } } @else if difference.fields.is_empty() { p { (of.no_fields) } } @else {
            div.wide tabindex="0" role="region" aria-label=(called) { table.differences {
                thead { tr { @for head in [of.field, of.before, of.after] { th scope="col" { (head) } } } }
                tbody { @for field in &difference.fields { (changed(words, field)) } }
            } }
        }
        @if difference.more > 0 { p.quiet { (fill(of.more_fields, &[("count", &number(difference.more))])) } }
    }
}

fn changed(words: &Words, FieldChange { pointer, before, after }: &FieldChange) -> Markup {
    html! {
        tr {
            th.code scope="row" { (cell(pointer)) }
            td.before { (side(words, before.as_ref())) }
            td.after { (side(words, after.as_ref())) }
        }
    }
}

fn side(words: &Words, value: Option<&Shown>) -> Markup {
    match value {
        None => html! { span.quiet { (words.preview.absent) } },
        Some(Shown::Hidden) => html! { span.quiet { "••• " (words.preview.hidden) } },
        Some(Shown::Cut(beginning)) => html! { (shown(beginning)) "…" },
        Some(Shown::Value(value)) => match value.as_str() {
            Some(text) => shown(text),
            None => html! { span.code { (shown(&value.to_string())) } },
        },
    }
}
