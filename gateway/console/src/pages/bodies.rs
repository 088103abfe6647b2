//! Revealing a content, with a reason that is recorded, in pieces of bounded size. It alone shows personal data.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use lienthong_core::{Fault, FaultCode, Role};
use lienthong_engine::service::{ExchangeDetail, OperatorAct, Revealed};
use lienthong_journal::BodyId;
use maud::{Markup, html};

use super::message::named;
use super::parts::{acting, again, choice, exchange_path, number, reason};
use crate::form::{Fields, Form, bad};
use crate::guard::Visit;
use crate::layout::token;
use crate::refused::{Answer, Refused, unreadable};
use crate::shown::block;
use crate::text::fill;
use crate::{Console, layout};

/// Bytes of one piece.
const PIECE: usize = 64 * 1024;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/exchanges/{id}/reveal", get(ask).post(reveal))
}

async fn ask(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    visit.require(Role::Operator)?;
    let detail = console.service().exchange(named(&id)?).await?;
    Ok(asking(&visit, &detail, &Fields::default(), &html! {}))
}

async fn reveal(State(console): State<Console>, visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let detail = console.service().exchange(named(&id)?).await?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => return Ok(asking(&visit, &detail, &fields, &again(visit.words(), true))),
    };
    let reason = fields.reason()?;
    let which = fields.some("which").unwrap_or(RECEIVED);
    let body =
        contents(&visit, &detail).into_iter().find(|content| content.value == which).ok_or_else(|| bad("which"))?;
    let piece = fields.parsed::<usize>("piece")?.unwrap_or(1);
    // On record before anything is read.
    let act = OperatorAct { operator: visit.user.name.clone(), reason: Some(reason), confirmed: false };
    let what = Revealed::Body { exchange: detail.record.meta.id, which: which.to_owned(), piece: Some(piece) };
    console.service().reveal(&act, &[what]).await?;
    let bytes =
        console.journal().body(body.id).await.map_err(|cause| unreadable(&cause))?.ok_or_else(|| gone(&visit))?;
    Ok(shown(&visit, &detail, &fields, &bytes, piece))
}

fn gone(visit: &Visit) -> Refused {
    let code = FaultCode::NoSuchRecord;
    let mut fault = Fault::new(code.kind(), code, "retention has removed the body");
    let said = visit.words().message.gone.to_owned();
    fault.public = lienthong_core::fault::PublicText { vi: said.clone(), en: said };
    fault.into()
}

const RECEIVED: &str = "received";

/// One content of an exchange.
struct Content {
    value: String,
    name: String,
    id: BodyId,
}

/// What was received, sent and answered, in that order.
fn contents(visit: &Visit, detail: &ExchangeDetail) -> Vec<Content> {
    let words = &visit.words().message;
    let mut found = vec![Content { value: RECEIVED.to_owned(), name: words.body.to_owned(), id: detail.record.body }];
    for attempt in detail.attempts.iter().flat_map(|(_, attempts)| attempts) {
        let named = |says: &str| fill(says, &[("reference", &attempt.reference)]);
        let value = |what: &str| format!("{what}.{}", attempt.reference);
        found.push(Content { value: value("sent"), name: named(words.sent), id: attempt.sent });
        if let Some(id) = attempt.answer {
            found.push(Content { value: value("answer"), name: named(words.answered), id });
        }
    }
    found
}

fn asking(visit: &Visit, detail: &ExchangeDetail, typed: &Fields, notice: &Markup) -> Response {
    let words = visit.words();
    let path = exchange_path(detail.record.meta.id);
    let options: Vec<_> = contents(visit, detail).into_iter().map(|content| (content.value, content.name)).collect();
    let (first, rest) = (words.message.body, options.get(1..).unwrap_or_default());
    let fields = html! {
        (choice("which", words.message.which, first, typed.get("which"), rest))
        (reason(words, typed.get("reason"), true))
    };
    let content = html! {
        (notice)
        p { (words.message.reveal_says) }
        (acting(visit, &format!("{path}/reveal"), words.message.reveal, &path, &fields))
    };
    layout::page(visit, words.message.reveal_title, &content)
}

fn shown(visit: &Visit, detail: &ExchangeDetail, fields: &Fields, bytes: &Bytes, piece: usize) -> Response {
    let words = visit.words();
    let path = exchange_path(detail.record.meta.id);
    let pieces = bytes.len().div_ceil(PIECE).max(1);
    let piece = piece.clamp(1, pieces);
    let content = html! {
        p.quiet {
            (fill(words.message.bytes, &[("bytes", &number(bytes.len() as u64))])) " · "
            (fill(words.message.piece, &[("piece", &piece), ("pieces", &pieces)]))
        }
        (block(&String::from_utf8_lossy(cut(bytes, piece))))
        @if piece < pieces {
            form method="post" action={ (path) "/reveal" } {
                (token(visit))
                input type="hidden" name="which" value=(fields.get("which"));
                input type="hidden" name="reason" value=(fields.get("reason"));
                input type="hidden" name="piece" value=(piece + 1);
                p.buttons { button type="submit" { (words.message.next_piece) } }
            }
        }
        p { a href=(path) { (words.common.back) } }
    };
    layout::page(visit, words.message.reveal_title, &content)
}

/// One piece, counted from 1, cut between characters where the content is UTF-8.
fn cut(bytes: &[u8], piece: usize) -> &[u8] {
    let boundary = |place: usize| {
        let is_inside = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        let back = (0..4).map(|step| place.saturating_sub(step)).find(|at| !is_inside(*at));
        back.unwrap_or(place).min(bytes.len())
    };
    let (start, end) = (boundary((piece - 1) * PIECE), boundary((piece * PIECE).min(bytes.len())));
    bytes.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn pieces_put_together_are_the_whole_and_break_no_character() {
        let whole = "Đồng bộ 🙂 ".repeat(20_000).into_bytes();
        let pieces = whole.len().div_ceil(PIECE);
        let cuts: Vec<&[u8]> = (1..=pieces).map(|piece| cut(&whole, piece)).collect();
        assert_eq!(cuts.concat(), whole);
        assert!(cuts.iter().all(|piece| std::str::from_utf8(piece).is_ok() && piece.len() <= PIECE + 3));
        assert_eq!(cut(&[0x80; 9], 1).len(), 9);
        assert_eq!(cut(b"", 1), b"");
    }
}
