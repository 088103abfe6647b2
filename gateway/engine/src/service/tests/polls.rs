//! Polled systems: messages before their cursor, the acknowledgement after both, nothing twice, nothing lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use lienthong_core::inbound::{InboundContent, InboundMessage, InboundSubmission};
use lienthong_core::poller::{Page, PollCursor, PollRequest, PollSchedule, PollTime, Poller};
use lienthong_core::{Body, CallContext, ExchangeMeta, Fault, FaultKind, SystemId};
use lienthong_journal::{ExchangeFilter, Journal as _};
use parking_lot::Mutex;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::fixture::{World, system, until};
use crate::poll;

const NAME: &str = "notices";

/// Serves numbered pages of one message each; the cursor is the number of the next.
struct Pages {
    system: SystemId,
    pages: usize,
    asked: Mutex<Vec<Option<String>>>,
    fails: AtomicUsize,
}

impl Pages {
    fn new(pages: usize) -> Arc<Self> {
        Arc::new(Self { system: system(), pages, asked: Mutex::default(), fails: AtomicUsize::new(0) })
    }

    fn page(&self, number: usize) -> Page {
        let body = Body::json(json!({"code": format!("H56.14-250115-{number:04}"), "amount": number}).to_string());
        let submission = InboundSubmission {
            operation: "portal.notify-tax".parse().unwrap(),
            key: format!("H56.14-250115-{number:04}").parse().unwrap(),
            aliases: Vec::new(),
            body: body.clone(),
        };
        let message = InboundMessage {
            content: InboundContent::Submissions(vec![submission]),
            dedupe_key: format!("page-{number}"),
            dedupe_window: Duration::from_secs(3600),
            raw: body,
        };
        let acknowledgement = Body::json(json!({"code": "H56.14-250115-0001", "page": number}).to_string());
        Page {
            messages: if number < self.pages { vec![message] } else { Vec::new() },
            next: PollCursor((number + 1).min(self.pages).to_string()),
            acknowledgement: (number < self.pages).then(|| ("portal.sync-dossier".parse().unwrap(), acknowledgement)),
            more: number + 1 < self.pages,
        }
    }
}

#[async_trait]
impl Poller for Pages {
    fn system(&self) -> &SystemId {
        &self.system
    }
    fn name(&self) -> &str {
        NAME
    }
    fn schedule(&self) -> PollSchedule {
        PollSchedule { when: PollTime::Every(Duration::from_secs(600)), pages: 2 }
    }
    async fn poll(&self, _: &CallContext, request: PollRequest<'_>) -> Result<Page, Fault> {
        let cursor = request.cursor.map(|cursor| cursor.0.clone());
        self.asked.lock().push(cursor.clone());
        if self.fails.load(Ordering::Acquire) > 0 {
            self.fails.fetch_sub(1, Ordering::AcqRel);
            return Err(Fault::of(FaultKind::Unavailable, "not now"));
        }
        Ok(self.page(cursor.map_or(0, |cursor| cursor.parse().unwrap())))
    }
}

async fn world(pages: &Arc<Pages>) -> World {
    let world = World::new().await;
    world.poll(Arc::clone(pages) as Arc<dyn Poller>);
    world
}

fn start(world: &World) -> CancellationToken {
    let stopping = CancellationToken::new();
    tokio::spawn(poll::run(world.service.clone(), stopping.clone()));
    stopping
}

async fn of_operation(world: &World, operation: &str) -> Vec<Arc<ExchangeMeta>> {
    let operation = Some(operation.parse().unwrap());
    let filter = ExchangeFilter { operation, oldest_first: true, ..ExchangeFilter::default() };
    world.journal.exchanges(filter, None, 100).await.unwrap().rows.into_iter().map(|row| row.meta).collect()
}

#[tokio::test]
async fn pages_are_stored_acknowledged_and_not_asked_for_again() {
    let pages = Pages::new(3);
    let world = world(&pages).await;
    let _stopping = start(&world);
    until(async || (world.journal.cursor("poll/portal/notices").await.unwrap().as_deref() == Some("3")).then_some(()))
        .await;
    let notices = of_operation(&world, "portal.notify-tax").await;
    let keys: Vec<&str> = notices.iter().map(|meta| meta.key.as_str()).collect();
    assert_eq!(keys, ["H56.14-250115-0000", "H56.14-250115-0001", "H56.14-250115-0002"]);
    // Two pages at a time, the third as soon as the first two are done, and in the order of their cursors.
    assert_eq!(*pages.asked.lock(), [None, Some("1".to_owned()), Some("2".to_owned())]);
    let acknowledged = of_operation(&world, "portal.sync-dossier").await;
    assert_eq!(acknowledged.len(), 3);
    let view = world.service.systems().await.unwrap().remove(0).pollers.remove(0);
    assert_eq!((view.name.as_str(), view.messages, view.fault), (NAME, 3, None));
}

#[tokio::test]
async fn a_page_asked_for_again_after_a_crash_is_recognised() {
    let pages = Pages::new(1);
    let world = world(&pages).await;
    // The messages of the page are on disk and its cursor is not: the process died in between.
    world
        .service
        .polled(&*pages, Page { next: PollCursor("0".to_owned()), acknowledgement: None, ..pages.page(0) })
        .await
        .unwrap();
    let _stopping = start(&world);
    world.clock.advance(Duration::from_secs(700));
    until(async || (world.journal.cursor("poll/portal/notices").await.unwrap().as_deref() == Some("1")).then_some(()))
        .await;
    assert_eq!(of_operation(&world, "portal.notify-tax").await.len(), 1);
    assert_eq!(of_operation(&world, "portal.sync-dossier").await.len(), 1);
}

#[tokio::test]
async fn a_poll_that_fails_is_shown_and_tried_again_and_a_paused_system_is_not_asked() {
    let pages = Pages::new(1);
    pages.fails.store(1, Ordering::Release);
    let world = world(&pages).await;
    world.hold().await;
    let _stopping = start(&world);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(pages.asked.lock().len(), 0, "paused");
    world.flow().await;
    let failed = until(async || world.service.systems().await.unwrap().remove(0).pollers.remove(0).fault).await;
    assert_eq!((failed.kind, pages.asked.lock().len()), (FaultKind::Unavailable, 1));
    world.clock.advance(Duration::from_secs(60));
    until(async || (world.journal.cursor("poll/portal/notices").await.unwrap().as_deref() == Some("1")).then_some(()))
        .await;
}
