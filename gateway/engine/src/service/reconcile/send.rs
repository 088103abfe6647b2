//! Sending what was chosen of a run's differences: each looked at once more, then through the door every message goes through, once. It overwrites nothing that may be newer there unless its person said so.

use bytes::Bytes;
use lienthong_core::{Class, Fault};
use lienthong_journal::Actor;

use super::super::Service;
use super::super::fault::{of_journal, passes_by_itself};
use super::super::model::Submission;
use super::kept;
use super::lookup::{Answered, Doing};
use super::view::RunView;
use crate::reconcile::judge::Progress;
use crate::reconcile::{Aspect, Found, Newer, Sending, Sent, Spec, State};

/// What became of one difference.
enum Became {
    Sent(Sent),
    /// The person stopped it.
    Stopped,
}

impl Service {
    /// Sends the chosen of the next piece of what was found, and keeps what became of each. Answers the run as it stands then.
    pub(crate) async fn send_on(&self, mut view: RunView) -> Result<RunView, Fault> {
        let Some(sending) = view.run.sending.clone() else { return Ok(view) };
        let spec = self.spec(&view.run.name)?;
        let mut with = Vec::new();
        let (mut sent, mut not_sent) = (0_u64, 0_u64);
        if let Some((mut chunk, version)) = self.found_chunk(&view.id, sending.chunk).await? {
            let mut changed = false;
            for found in chunk.found.iter_mut().filter(|found| sending.wanted.holds(found)) {
                match self.send_one(&spec, &view.id, found, &sending).await? {
                    Became::Stopped => return self.a_reconciliation(&view.id).await,
                    Became::Sent(became) => {
                        match &became {
                            Sent::As(_) => sent += 1,
                            Sent::Not(_) => not_sent += 1,
                        }
                        found.sent = Some(became);
                        changed = true;
                    }
                }
            }
            if changed {
                let name = kept::found_name(&view.id, sending.chunk);
                with.push(self.piece(&name, version, Some(kept::written(&chunk)?))?);
            }
        }
        if let Some(going) = &mut view.run.sending {
            going.chunk = going.chunk.saturating_add(1);
            going.sent = going.sent.saturating_add(sent);
            going.not_sent = going.not_sent.saturating_add(not_sent);
            if going.chunk >= view.run.found {
                view.run.sending_over(self.clock.now());
            }
        }
        self.keep_run(view, with, ("sent", &Actor::Gateway, None)).await
    }

    /// The idempotency key names run and place: dying between the message and the note of it sends it no second time.
    async fn send_one(&self, spec: &Spec, run: &str, found: &Found, sending: &Sending) -> Result<Became, Fault> {
        let idempotency_key = format!("reconciliation/{run}/{}", found.place);
        let now = self.clock.now();
        let known = self.journal.recognised(&spec.client, &idempotency_key, now).await.map_err(of_journal)?;
        if let Some((exchange, _)) = known {
            return Ok(Became::Sent(Sent::As(exchange)));
        }
        let Some(body) = &found.body else {
            return Ok(not("the province's list does not have it: there is nothing to send"));
        };
        if found.difference.newer != Newer::Here && !sending.confirmed {
            return Ok(not(
                "the other side may hold a newer state: it is overwritten only when a person confirms that",
            ));
        }
        if let Some(why) = self.outdated(spec, found).await? {
            return Ok(not(why));
        }
        match self.changed_there(spec, run, found).await? {
            Changed::No => {}
            Changed::Yes => return Ok(not("the other side changed it since it was compared: compare again")),
            Changed::Stopped => return Ok(Became::Stopped),
        }
        let submission = Submission {
            operation: spec.operation.clone(),
            key: found.key.clone(),
            body: Bytes::from(body.to_string()),
            purpose: Some(sending.reason.clone()),
            on_behalf_of: None,
            due_at: None,
            expires_at: None,
            not_before: None,
            aliases: Vec::new(),
            class: Class::Live,
            idempotency_key: Some(idempotency_key),
            callback: None,
            trace: None,
        };
        match self.submit(&spec.caller(), submission).await {
            Ok(receipt) => Ok(Became::Sent(Sent::As(receipt.id))),
            Err(fault) if passes_by_itself(&fault) => Err(fault),
            Err(fault) => Ok(Became::Sent(Sent::Not(fault.to_string()))),
        }
    }

    /// Why a difference is not what it was: something newer of the key was handed over, or is about to go.
    async fn outdated(&self, spec: &Spec, found: &Found) -> Result<Option<&'static str>, Fault> {
        let newest = self.handed(spec, &found.key, found.here.as_ref()).await?.map(|(handed, _)| handed);
        let was = found.handed.as_ref().map(|handed| handed.exchange);
        Ok(match newest {
            Some(newest) if Some(newest.exchange) != was => {
                Some("something of this key was handed over since it was compared: compare again")
            }
            Some(newest) if newest.same && newest.progress == Progress::OnItsWay => {
                Some("the same is on its way already")
            }
            Some(newest) if newest.same && newest.progress == Progress::Parked => {
                Some("the same is parked here: repair its sync error and release it")
            }
            Some(_) | None => None,
        })
    }

    async fn changed_there(&self, spec: &Spec, run: &str, found: &Found) -> Result<Changed, Fault> {
        let Some(lookup) = &spec.lookup else { return Ok(Changed::No) };
        let missed = found.difference.aspects.contains(&Aspect::MissingThere);
        Ok(match self.look_up(spec, lookup, &found.key, (run, Doing::Sending)).await? {
            None => Changed::Stopped,
            Some(Answered::Has(now)) if missed || is_another(found.there.as_ref(), &now) => Changed::Yes,
            Some(Answered::HasNot) if !missed => Changed::Yes,
            Some(Answered::Has(_) | Answered::HasNot | Answered::Nothing) => Changed::No,
        })
    }
}

enum Changed {
    No,
    Yes,
    Stopped,
}

fn is_another(was: Option<&State>, now: &State) -> bool {
    let was = was.and_then(|was| was.status.as_ref());
    was.zip(now.status.as_ref()).is_some_and(|(was, now)| was != now)
}

fn not(why: &str) -> Became {
    Became::Sent(Sent::Not(why.to_owned()))
}
