//! Forms with files that are none of ours, too many, too large, or of people who may not hand them over: refused, and read to their end.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;

use super::browser::BOUNDARY;
use super::world::World;

const LISTS: &str = "/console/reconciliations/lists";
const MEBIBYTE: usize = 1 << 20;

/// A body of so many mebibytes after its beginning, and how many of them were read.
fn counted(beginning: &str, mebibytes: usize) -> (Body, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&read);
    let piece = Bytes::from(vec![b'x'; MEBIBYTE]);
    let rest = std::iter::repeat_n(piece, mebibytes).inspect(move |_| {
        counts.fetch_add(1, Ordering::SeqCst);
    });
    let pieces = std::iter::once(Bytes::from(beginning.to_owned())).chain(rest);
    (Body::from_stream(tokio_stream::iter(pieces.map(Ok::<_, Infallible>))), read)
}

fn beginning(token: &str) -> String {
    let field = "Content-Disposition: form-data; name=";
    let token = format!("--{BOUNDARY}\r\n{field}\"token\"\r\n\r\n{token}\r\n");
    format!("{token}--{BOUNDARY}\r\n{field}\"here\"; filename=\"a.csv\"\r\n\r\ncode,status\n")
}

async fn nothing_began(world: &World) {
    assert!(world.service.reconciliations().await.unwrap().is_empty());
}

#[tokio::test]
async fn only_the_forms_own_files_are_taken_each_once() {
    let world = World::reconciling().await;
    let mut browser = world.as_user("operator").await;
    let fields = [("name", "dossiers")];
    let one = ("here", "a.csv", "code,status\n");
    for files in [vec![one, ("elsewhere", "b.csv", "")], vec![one, one], vec![("", "b.csv", ""), one]] {
        let page = browser.post_files(LISTS, &fields, &files).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{files:?}");
        assert!(page.text.contains("LT-BAD-PARAMETER"), "{}", page.text);
    }
    nothing_began(&world).await;
}

#[tokio::test]
async fn a_form_with_more_parts_than_any_of_ours_is_refused() {
    let world = World::reconciling().await;
    let mut browser = world.as_user("operator").await;
    let empty = [("", "")].repeat(100);
    assert_eq!(browser.post_files(LISTS, &empty, &[]).await.status, StatusCode::BAD_REQUEST);
    let none_chosen = [("here", "", "")].repeat(100);
    assert_eq!(browser.post_files(LISTS, &[("name", "dossiers")], &none_chosen).await.status, StatusCode::BAD_REQUEST);
    nothing_began(&world).await;
}

#[tokio::test]
async fn files_of_somebody_without_the_role_are_refused_before_they_are_received() {
    let world = World::reconciling().await;
    let mut browser = world.as_user("viewer").await;
    // Whoever received it would say that it breaks off.
    let (body, read) = counted(&beginning(&browser.token.clone()), 20);
    let page = browser.post_parts(LISTS, body).await;
    assert_eq!((page.status, read.load(Ordering::SeqCst)), (StatusCode::FORBIDDEN, 20), "{}", page.text);
    nothing_began(&world).await;
}

#[tokio::test]
async fn a_form_without_any_part_of_ours_is_refused_at_its_limit_and_read_to_its_end() {
    let world = World::reconciling().await;
    let mut browser = world.as_user("operator").await;
    let headers = format!("--{BOUNDARY}\r\nContent-Disposition: ");
    for begins in ["", headers.as_str()] {
        let (body, read) = counted(begins, 80);
        let page = browser.post_parts(LISTS, body).await;
        assert_eq!((page.status, read.load(Ordering::SeqCst)), (StatusCode::PAYLOAD_TOO_LARGE, 80), "{}", page.text);
    }
    nothing_began(&world).await;
}

#[tokio::test]
async fn a_form_without_a_session_is_not_read_for_long() {
    let world = World::reconciling().await;
    let mut browser = world.browser();
    let (body, read) = counted(&beginning("none"), 64);
    let page = browser.post_parts(LISTS, body).await;
    assert_eq!((page.status, read.load(Ordering::SeqCst)), (StatusCode::UNAUTHORIZED, 8), "{}", page.text);
}

#[tokio::test]
async fn a_form_that_has_no_turn_is_read_to_its_end() {
    let world = World::reconciling().await;
    let mut browser = world.as_user("operator").await;
    world.console.0.uploads.close();
    let (body, read) = counted(&beginning(&browser.token.clone()), 20);
    let page = browser.post_parts(LISTS, body).await;
    assert!(page.text.contains("LT-OVERLOADED"), "{}", page.text);
    assert_eq!(read.load(Ordering::SeqCst), 20);
    nothing_began(&world).await;
}
