//! A form that a browser sends twice is carried out once: the second sending waits for the first and gets its answer. It outlives no restart; what must hold longer is guarded by versions.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::Console;
use crate::form::{Fields, ONCE};
use crate::session::{Session, chance};

/// Forms remembered.
const FORMS: usize = 1_000;
/// How long: browsers and impatient people repeat within seconds. Who sends an old form later, from a page gone back to, means it.
const REMEMBERED: Duration = Duration::from_secs(120);
/// Larger answers are not kept.
const ANSWER_BYTES: usize = 64 * 1024;

/// What makes a page's forms known again.
pub(crate) fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(chance())
}

/// One form with what was typed into it. Typed otherwise it is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Known([u8; 32]);

impl Known {
    /// `None`: a form that may be sent as often as anybody likes.
    pub(crate) fn of(session: &Session, path: &str, fields: &Fields) -> Option<Self> {
        fields.some(ONCE)?;
        let mut digest = Sha256::new();
        for part in [session.id(), path, &fields.all()] {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
        Some(Self(digest.finalize().into()))
    }
}

/// What a form was answered.
#[derive(Debug, Clone)]
struct Told {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Told {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        // A page of ours is in memory: reading it cannot fail.
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// What was refused is not remembered: it may be sent again as it is, and pass.
    fn is_kept(&self) -> bool {
        (self.status.is_success() || self.status.is_redirection()) && self.body.len() <= ANSWER_BYTES
    }

    fn response(self) -> Response {
        let Self { status, headers, body } = self;
        (status, headers, Body::from(body)).into_response()
    }
}

type Answer = watch::Receiver<Option<Told>>;

/// The forms sent lately, with their answers where there are any yet.
#[derive(Debug, Default)]
pub(crate) struct Forms(HashMap<Known, (Duration, Answer)>);

impl Forms {
    /// The answer to wait for, and whoever has to give it, where the form is new.
    fn begin(&mut self, known: Known, now: Duration) -> (Answer, Option<watch::Sender<Option<Told>>>) {
        self.0.retain(|_, (sent, _)| now.saturating_sub(*sent) < REMEMBERED);
        if let Some((_, answer)) = self.0.get(&known) {
            return (answer.clone(), None);
        }
        if self.0.len() >= FORMS
            && let Some(oldest) = self.0.iter().min_by_key(|(_, (sent, _))| *sent).map(|(known, _)| *known)
        {
            self.0.remove(&oldest);
        }
        let (sender, answer) = watch::channel(None);
        self.0.insert(known, (now, answer.clone()));
        (answer, Some(sender))
    }
}

/// Carries a form out, or waits for the answer to the same one. It goes on when the browser that sent it goes away, as browsers do that
/// send a form twice.
pub(crate) async fn carried_out<F>(console: &Console, known: Known, work: F) -> Response
where
    F: Future<Output = Response> + Send + 'static,
{
    let (mut answer, sender) = console.0.once.lock().begin(known, console.0.parts.clock.monotonic());
    if let Some(sender) = sender {
        let console = console.clone();
        tokio::spawn(async move {
            let told = Told::of(work.await).await;
            if !told.is_kept() {
                console.0.once.lock().0.remove(&known);
            }
            sender.send_replace(Some(told));
        });
    }
    let told = answer.wait_for(Option::is_some).await.ok().and_then(|told| told.clone());
    match told {
        Some(told) => told.response(),
        None => {
            console.0.once.lock().0.remove(&known);
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    fn known(byte: u8) -> Known {
        Known([byte; 32])
    }

    #[test]
    fn a_form_is_known_again_for_a_while_and_the_memory_is_bounded() {
        let mut forms = Forms::default();
        let at = Duration::from_secs;
        let (_, first) = forms.begin(known(1), at(0));
        assert!(first.is_some() && forms.begin(known(1), at(119)).1.is_none());
        assert!(forms.begin(known(1), at(120)).1.is_some(), "forgotten");
        for place in 0..FORMS + 10 {
            let mut bytes = [9_u8; 32];
            bytes[..8].copy_from_slice(&place.to_be_bytes());
            let _asked = forms.begin(Known(bytes), at(120 + place as u64 / 100));
        }
        assert_eq!(forms.0.len(), FORMS);
    }
}
