//! Standstills of keys: begun and ended by what is accepted, gone with their key. It reads none of them.

use lienthong_core::Timestamp;

use super::store::Store;
use crate::pace::Pace;
use crate::sqlite::codes::micros;
use crate::sqlite::fail::Fail;

impl Store<'_> {
    /// Saying twice that time stands still begins nothing anew; a clock that went back ends nothing before it began.
    pub(super) fn pace(&mut self, key: i64, pace: Pace, at: Timestamp) -> Result<(), Fail> {
        let sql = match pace {
            Pace::StandsStill => {
                "INSERT INTO standstill (bkey, since) SELECT ?1, ?2 \
                 WHERE NOT EXISTS (SELECT 1 FROM standstill WHERE bkey = ?1 AND until IS NULL) \
                 ON CONFLICT (bkey, since) DO UPDATE SET until = NULL"
            }
            Pace::Runs => "UPDATE standstill SET until = max(since, ?2) WHERE bkey = ?1 AND until IS NULL",
        };
        self.connection().prepare_cached(sql)?.execute((key, micros(at)))?;
        Ok(())
    }

    pub(super) fn forget_pace(&mut self, key: i64) -> Result<(), Fail> {
        self.connection().prepare_cached("DELETE FROM standstill WHERE bkey = ?1")?.execute((key,))?;
        Ok(())
    }
}
