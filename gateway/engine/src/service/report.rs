//! Reports as use cases: days as they are kept, added up to what was asked for. Who counts is in its module.

mod count;

use jiff::civil::Date;
use lienthong_core::{Fault, FaultCode};

use super::Service;
use super::fault::{of_journal, wrong_field};
use crate::reconcile::spec::local_day;
use crate::report::{Asked, ReportRow, Summing};

/// Most days of one report.
const MOST_DAYS: i32 = 366;
/// Days read at once.
const PAGE: usize = 50;

impl Service {
    /// A report of the days asked for, both included: the present month where nothing is said. Days that are over do not change any more; today
    /// is what was counted up to now.
    pub async fn report(&self, asked: &Asked) -> Result<Vec<ReportRow>, Fault> {
        let (from, to) = self.report_days(asked)?;
        let mut summing = Summing::default();
        // A day's systems follow it: `2026-01-15/portal`.
        let (mut after, end) = (from.to_string(), format!("{to}0"));
        loop {
            let memos = self.journal.memos(count::DAYS, Some(&after), PAGE).await.map_err(of_journal)?;
            let Some(last) = memos.last().map(|memo| memo.id.clone()) else { break };
            for memo in memos {
                if memo.id >= end {
                    return Ok(summing.rows());
                }
                let (day, system) = count::named(&memo.id)?;
                summing.add(asked, day, system, &count::read(&memo.id, &memo.text)?);
            }
            after = last;
        }
        Ok(summing.rows())
    }

    /// The days a report covers.
    pub fn report_days(&self, asked: &Asked) -> Result<(Date, Date), Fault> {
        let today = local_day(self.clock.now());
        let to = asked.to.unwrap_or(today);
        let from = asked.from.unwrap_or_else(|| to.first_of_month());
        if from > to {
            return Err(wrong_field(FaultCode::BadParameter, "/to", "is before from"));
        }
        if from.until(to).map_or(i32::MAX, |span| span.get_days()) >= MOST_DAYS {
            return Err(wrong_field(
                FaultCode::BadParameter,
                "/from",
                format!("is {MOST_DAYS} days before to, or more"),
            ));
        }
        Ok((from, to))
    }
}
