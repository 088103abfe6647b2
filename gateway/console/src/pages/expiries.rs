//! Until when certificates and secrets hold, as a part of the systems page. It shows references and never what they lead to.

use lienthong_core::Timestamp;
use lienthong_engine::expiry::{Expiry, Material};
use lienthong_engine::service::SystemView;
use maud::{Markup, html};

use crate::guard::Visit;
use crate::shown::{cell, shown};
use crate::time;

/// Fewer days than these are worth a mark.
const SOON: i64 = 30;

pub(super) fn section(visit: &Visit, views: &[SystemView], now: Timestamp) -> Markup {
    let words = visit.words();
    let told = &words.expiries;
    let mut all: Vec<&Expiry> = views.iter().flat_map(|view| &view.expiries).collect();
    all.sort_by_key(|expiry| expiry.until);
    html! {
        h2 #expiries { (told.title) }
        @if all.is_empty() { p.quiet { (told.none) } }
        @else {
            div.wide tabindex="0" role="region" aria-labelledby="expiries" {
                table {
                    thead { tr {
                        @for head in [words.common.system, told.what, told.until] { th scope="col" { (head) } }
                        th.number scope="col" { (told.left) }
                    } }
                    tbody { @for expiry in all { (row(visit, expiry, now)) } }
                }
            }
        }
    }
}

fn row(visit: &Visit, expiry: &Expiry, now: Timestamp) -> Markup {
    let told = &visit.words().expiries;
    let days = expiry.days_left(now);
    let material = match expiry.material {
        Material::Certificate => told.certificate,
        Material::Secret => told.secret,
    };
    html! {
        tr {
            th scope="row" { (expiry.system) }
            td {
                (material) ": " span.code { (cell(&expiry.setting)) }
                @if let Some(subject) = &expiry.subject { br; span.quiet { (cell(subject)) } }
                br; span.quiet { (shown(&expiry.reference)) }
            }
            td { (time::moment(expiry.until)) }
            td.number {
                @if now >= expiry.until { span.badge.bad { span aria-hidden="true" { "■" } " " (told.ended) } }
                @else if days < SOON { span.badge.warn { span aria-hidden="true" { "!" } " " (days) } }
                @else { (days) }
            }
        }
    }
}
