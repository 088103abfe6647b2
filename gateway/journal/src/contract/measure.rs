//! Measured hours are kept as they were last written, for as long as asked; open deliveries are told with their times.

use lienthong_core::{StateName, Timestamp};

use super::make::{Desk, Draft, at, draft};
use super::{Broken, Checks, Outcome, done, refused, same};
use crate::measure::MEASURE_BYTES;
use crate::{Command, Measure, Pace, Refusal, Standstill};

pub(super) const CHECKS: Checks = &[
    ("a measured hour stands as it was last written, and is no event", |journal| Box::pin(written(Desk(journal)))),
    ("measured hours older than asked for are forgotten", |journal| Box::pin(forgotten(Desk(journal)))),
    ("a measure larger than the limit is refused whole", |journal| Box::pin(large(Desk(journal)))),
    ("open deliveries are told with their times, and no others", |journal| Box::pin(open(Desk(journal)))),
    ("a key stands still from what says so to what says otherwise", |journal| Box::pin(standstill(Desk(journal)))),
];

const HOUR: i64 = 3600;

fn hour(subject: &str, hour: i64, text: &str) -> Measure {
    Measure { subject: subject.to_owned(), hour: at(hour.saturating_mul(HOUR)), text: text.to_owned() }
}

fn measured(hours: Vec<Measure>, keep_from: Timestamp) -> Command {
    Command::Measure { hours, keep_from }
}

async fn written(desk: Desk) -> Outcome {
    let before = desk.0.last_event().await?;
    let first = vec![hour("system/portal", 0, "a"), hour("system/portal", 1, "b"), hour("system/tax", 0, "c")];
    done(desk.one(measured(first, at(0))).await?)?;
    done(desk.one(measured(vec![hour("system/portal", 1, "b2")], at(0))).await?)?;
    let texts = |rows: Vec<Measure>| rows.into_iter().map(|row| (row.hour, row.text)).collect::<Vec<_>>();
    let want = vec![(at(0), "a".to_owned()), (at(HOUR), "b2".to_owned())];
    same("one subject's", texts(desk.0.measures("system/portal", at(0), 10).await?), want.clone())?;
    let from_within = desk.0.measures("system/portal", at(HOUR + 60), 10).await?;
    same("from an hour's middle", texts(from_within), want.into_iter().skip(1).collect())?;
    same("at most", desk.0.measures("system/portal", at(0), 1).await?.len(), 1)?;
    same("no event", desk.0.last_event().await?, before)
}

async fn forgotten(desk: Desk) -> Outcome {
    done(desk.one(measured(vec![hour("client/a", 0, "old"), hour("client/a", 5, "new")], at(0))).await?)?;
    done(desk.one(measured(Vec::new(), at(5 * HOUR))).await?)?;
    let kept: Vec<_> = desk.0.measures("client/a", at(0), 10).await?.into_iter().map(|row| row.text).collect();
    same("kept", kept, vec!["new".to_owned()])
}

async fn large(desk: Desk) -> Outcome {
    let rows = vec![hour("client/a", 0, "fits"), hour("client/a", 1, &"x".repeat(MEASURE_BYTES + 1))];
    same("refused", refused(desk.one(measured(rows, at(0))).await?)?, Refusal::MemoTooLarge)?;
    same("nothing of it", desk.0.measures("client/a", at(0), 10).await?, Vec::new())
}

async fn open(desk: Desk) -> Outcome {
    let promised = draft("A")?.with(|acceptance| acceptance.exchange.due_at = Some(at(500)));
    let (undated, parked, over) = (draft("B")?.received(7), draft("C")?, draft("D")?);
    for draft in [&promised, &undated, &parked, &over] {
        desk.accept(draft).await?;
    }
    desk.park(parked.delivery(0), "sai").await?;
    desk.deliver(over.delivery(0)).await?;
    let open = desk.0.open_deliveries(10).await?;
    let mut rows: Vec<_> = open.rows.iter().map(|row| (row.state, row.due, row.received_at)).collect();
    rows.sort_by_key(|row| (row.0, row.1));
    let want = vec![
        (StateName::Queued, None, at(7)),
        (StateName::Queued, Some(at(500)), at(0)),
        (StateName::Parked, None, at(0)),
    ];
    same("open", (rows, open.truncated), (want, false))?;
    let some_of_them = desk.0.open_deliveries(2).await?;
    same("some of them", (some_of_them.rows.len(), some_of_them.truncated), (2, true))
}

async fn standstill(desk: Desk) -> Outcome {
    let says = |received: i64, pace: Option<Pace>| -> Result<Draft, Broken> {
        Ok(draft("A")?.received(received).with(|acceptance| acceptance.noted.pace = pace))
    };
    let stood = |since: i64, until: Option<i64>| Standstill { since: at(since), until: until.map(at) };
    let key = "A".parse()?;
    desk.accept(&says(1, Some(Pace::Runs))?).await?;
    same("nothing ended that had not begun", desk.0.standstills(&key).await?, Vec::new())?;
    let promised = says(2, None)?.with(|acceptance| acceptance.exchange.due_at = Some(at(500)));
    desk.accept(&promised).await?;
    for draft in [says(10, Some(Pace::StandsStill))?, says(20, Some(Pace::StandsStill))?, says(25, None)?] {
        desk.accept(&draft).await?;
    }
    same("it lasts", desk.0.standstills(&key).await?, vec![stood(10, None)])?;
    desk.accept(&says(30, Some(Pace::Runs))?).await?;
    desk.accept(&says(40, Some(Pace::StandsStill))?).await?;
    let both = vec![stood(10, Some(30)), stood(40, None)];
    same("twice", desk.0.standstills(&key).await?, both.clone())?;
    same("nobody else's", desk.0.standstills(&"B".parse()?).await?, Vec::new())?;
    let open = desk.0.open_deliveries(10).await?;
    let dated: Vec<_> = open.rows.into_iter().filter(|row| row.due.is_some()).map(|row| row.stood).collect();
    same("told with what is promised", dated, vec![both.clone()])?;
    // A clock that went back ends it where it began.
    desk.accept(&says(35, Some(Pace::Runs))?).await?;
    same("ended", desk.0.standstills(&key).await?, vec![stood(10, Some(30)), stood(40, Some(40))])
}
