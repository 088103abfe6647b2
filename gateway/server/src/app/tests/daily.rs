//! The daily reconciliation of a whole gateway on a clock moved by hand: its file on time, late, half-written, never whole, never; over restarts.

use lienthong_core::Timestamp;
use lienthong_engine::reconcile::Phase;
use lienthong_engine::service::RunView;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::*;
use crate::lists::Lists;

const MINUTE: Duration = Duration::from_secs(60);
const RECONCILIATION: &str = "\
name: dossiers
summary: Dossiers of the one-stop platform against what was handed over.
operation: portal.sync-dossier
client: one-stop
fields: { status: /status }
export: { columns: [code, status], map: { file: row.vrl } }
daily: { at: \"05:30\", file: \"lists/dossiers-{day}.csv\", wait: 1h }
";
const ROW: &str = ". = { \"key\": .code, \"body\": { \"code\": .code, \"status\": .status } }";
const LIST: &str = "code,status\nH56.14-260115-0001,received\n";

/// Begins at five in Vietnam, on the sixteenth; goes on by itself, and as a test moves it.
struct ByHand {
    began: Instant,
    moved: Mutex<Duration>,
}

impl ByHand {
    fn advance(&self, by: Duration) {
        *self.moved.lock() += by;
    }
}

impl Clock for ByHand {
    fn now(&self) -> Timestamp {
        let began: Timestamp = "2026-01-15T22:00:00Z".parse().unwrap();
        began + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed() + *self.moved.lock()
    }
}

struct Days {
    ground: Ground,
    clock: Arc<ByHand>,
}

impl Days {
    async fn new() -> Self {
        let ground = Ground::new().await;
        let folder = ground.path().join("reconciliations");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("dossiers.yaml"), RECONCILIATION).unwrap();
        std::fs::write(folder.join("row.vrl"), ROW).unwrap();
        std::fs::create_dir_all(ground.path().join("lists")).unwrap();
        let began = Instant::now();
        Self { ground, clock: Arc::new(ByHand { began, moved: Mutex::default() }) }
    }

    /// A gateway that does not look for lists by itself.
    async fn start(&self) -> App {
        let options =
            Options { clock: Arc::clone(&self.clock) as _, lists_every: 24 * 60 * MINUTE, ..Options::default() };
        App::start(config::load(self.ground.path()).unwrap(), options).await.unwrap()
    }

    /// Whoever looks for lists when a test says so.
    fn lists(&self, app: &App) -> Lists {
        Lists::new(app.state().service.clone(), self.ground.path().to_owned())
    }

    fn write(&self, day: &str, list: &str) {
        std::fs::write(self.ground.path().join(format!("lists/dossiers-{day}.csv")), list).unwrap();
    }
}

/// Every run, after a look for what is due.
async fn due(app: &App) -> Vec<RunView> {
    app.state().service.begin_due_reconciliations().await.unwrap();
    app.state().service.reconciliations().await.unwrap()
}

/// The newest run, once it is as wanted.
async fn until(app: &App, wanted: impl Fn(&RunView) -> bool) -> RunView {
    let looking = async {
        loop {
            let newest = app.state().service.reconciliations().await.unwrap().pop();
            if let Some(view) = newest.filter(|view| wanted(view)) {
                return view;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking).await.expect("the run never came to what was awaited")
}

/// The newest run after a look for lists.
async fn looked(app: &App, lists: &mut Lists) -> RunView {
    lists.look().await.unwrap();
    app.state().service.reconciliations().await.unwrap().pop().unwrap()
}

/// The newest run after so many looks as a file needs that stays as it is.
async fn looked_enough(app: &App, lists: &mut Lists) -> RunView {
    for _ in 0..2 {
        looked(app, lists).await;
    }
    looked(app, lists).await
}

fn waits_because(view: &RunView, why: &str) {
    let waits = view.waits.as_ref().is_some_and(|waits| waits.contains(why));
    assert!(view.run.phase == Phase::Receiving && waits, "{why}: {view:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_there_on_time_is_compared_at_its_time_once_a_day_over_a_restart() {
    let days = Days::new().await;
    days.write("2026-01-15", LIST);
    let app = days.start().await;
    let mut lists = days.lists(&app);
    days.clock.advance(29 * MINUTE);
    assert!(due(&app).await.is_empty(), "not before its time");
    days.clock.advance(2 * MINUTE);
    looked_enough(&app, &mut lists).await;
    let view = until(&app, |view| view.run.phase == Phase::Done).await;
    assert_eq!((view.run.to.to_string().as_str(), view.run.counts.missing_there), ("2026-01-15", 1));
    app.stop().await;
    let app = days.start().await;
    let mut lists = days.lists(&app);
    assert_eq!(due(&app).await.len(), 1, "once a day");
    days.write("2026-01-16", LIST);
    days.clock.advance(24 * 60 * MINUTE);
    looked_enough(&app, &mut lists).await;
    let view = until(&app, |view| view.run.to.to_string() == "2026-01-16" && view.run.phase == Phase::Done).await;
    assert_eq!((view.run.by.as_str(), due(&app).await.len()), ("gateway", 2));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_looks_for_lists_by_itself() {
    let days = Days::new().await;
    days.write("2026-01-15", LIST);
    days.clock.advance(31 * MINUTE);
    let options =
        Options { clock: Arc::clone(&days.clock) as _, lists_every: Duration::from_millis(20), ..Options::default() };
    // Nothing ran before: what is due today is begun by the gateway itself.
    let app = App::start(config::load(days.ground.path()).unwrap(), options).await.unwrap();
    until(&app, |view| view.run.phase == Phase::Done).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_list_is_waited_for_and_taken_when_it_is_whole() {
    let days = Days::new().await;
    let app = days.start().await;
    let mut lists = days.lists(&app);
    days.clock.advance(31 * MINUTE);
    waits_because(&looked(&app, &mut lists).await, "dossiers-2026-01-15.csv is not there");
    days.clock.advance(50 * MINUTE);
    days.write("2026-01-15", "code,sta");
    waits_because(&looked(&app, &mut lists).await, "still being written");
    days.write("2026-01-15", LIST);
    waits_because(&looked(&app, &mut lists).await, "still being written");
    looked_enough(&app, &mut lists).await;
    let view = until(&app, |view| view.run.phase.is_over()).await;
    assert_eq!((view.run.phase, view.run.here.rows, view.waits), (Phase::Done, 1, None));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_came_while_the_gateway_was_down_is_compared_though_its_wait_is_over() {
    let days = Days::new().await;
    let app = days.start().await;
    days.clock.advance(31 * MINUTE);
    waits_because(&looked(&app, &mut days.lists(&app)).await, "is not there");
    app.stop().await;
    days.write("2026-01-15", LIST);
    days.clock.advance(4 * 60 * MINUTE);
    let app = days.start().await;
    let mut lists = days.lists(&app);
    waits_because(&looked(&app, &mut lists).await, "still being written");
    looked_enough(&app, &mut lists).await;
    let view = until(&app, |view| view.run.phase.is_over()).await;
    assert_eq!((view.run.phase, view.run.here.rows, view.run.missing), (Phase::Done, 1, None));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_never_whole_ends_the_run_some_time_after_its_wait() {
    let days = Days::new().await;
    let app = days.start().await;
    let mut lists = days.lists(&app);
    days.clock.advance(31 * MINUTE);
    days.write("2026-01-15", LIST);
    looked(&app, &mut lists).await;
    days.clock.advance(61 * MINUTE);
    let (mut list, mut looks) = (LIST.to_owned(), 0);
    let view = loop {
        list.push_str("H56.14-260115-0002,received\n");
        days.write("2026-01-15", &list);
        let view = looked(&app, &mut lists).await;
        if view.run.phase.is_over() {
            break view;
        }
        waits_because(&view, "still being written");
        looks += 1;
    };
    assert_eq!((view.run.phase, looks, view.run.missing), (Phase::Failed, 300, None));
    assert!(view.run.because.unwrap().contains("still being written long after it was due"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_never_comes_ends_the_run_and_says_who_must_act() {
    let days = Days::new().await;
    let app = days.start().await;
    days.clock.advance(31 * MINUTE);
    waits_because(&looked(&app, &mut days.lists(&app)).await, "is not there");
    app.stop().await;
    days.clock.advance(30 * MINUTE);
    let app = days.start().await;
    let mut lists = days.lists(&app);
    waits_because(&looked(&app, &mut lists).await, "is not there");
    days.clock.advance(31 * MINUTE);
    let view = looked(&app, &mut lists).await;
    assert_eq!(view.run.phase, Phase::Failed);
    assert!(view.run.missing.unwrap().ends_with("lists/dossiers-2026-01-15.csv"));
    assert!(view.run.because.unwrap().contains("the province's system has to write it"));
    // A day later everything goes its way again.
    days.write("2026-01-16", LIST);
    days.clock.advance(24 * 60 * MINUTE);
    looked_enough(&app, &mut lists).await;
    let view = until(&app, |view| view.run.to.to_string() == "2026-01-16" && view.run.phase.is_over()).await;
    assert_eq!((view.run.phase, due(&app).await.len()), (Phase::Done, 2));
    app.stop().await;
}
