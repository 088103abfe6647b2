//! Measured hours: each in place of what was written of it before. It reads none of them.

use lienthong_core::Timestamp;

use super::store::{Store, Verdict};
use crate::error::Refusal;
use crate::measure::{MEASURE_BYTES, Measure};
use crate::record::Committed;
use crate::sqlite::codes::micros;
use crate::sqlite::read::cases::HOUR;
use crate::sqlite::sql::Sql;

impl Store<'_> {
    pub(super) fn measure(&mut self, hours: &[Measure], keep_from: Timestamp) -> Verdict<Committed> {
        if self.closed_for_new {
            return Ok(Err(Refusal::DiskFull));
        }
        if hours.iter().any(|measure| measure.text.len() > MEASURE_BYTES) {
            return Ok(Err(Refusal::MemoTooLarge));
        }
        for Measure { subject, hour, text } in hours {
            self.sql.get(Sql::MeasurePut)?.execute((subject, micros(*hour).div_euclid(HOUR), text))?;
        }
        self.sql.get(Sql::MeasureForget)?.execute((micros(keep_from).div_euclid(HOUR),))?;
        Ok(Ok(Committed::Done))
    }
}
