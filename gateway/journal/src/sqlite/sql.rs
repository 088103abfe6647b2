//! The writer's statements, prepared once for the life of a connection. It holds no logic.

use rusqlite::{Connection, Statement};

use super::fail::{Fail, corrupt};
use super::row::DELIVERY;

/// One statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sql {
    KeyFind,
    KeyText,
    KeyAdd,
    KeyLead,
    KeyUsed,
    KeyLed,
    IdempotencyFind,
    IdempotencyDrop,
    IdempotencyAdd,
    BodyAdd,
    BodyAbout,
    BodyShare,
    ExchangeFind,
    ExchangeAdd,
    ChildFind,
    DeliveryAdd,
    DeliveryFind,
    DeliveryMove,
    DeliveryLeave,
    DeliveryHead,
    LaneFirst,
    LaneReplaceable,
    AttemptAdd,
    AttemptEnd,
    AttemptAnswer,
    AttemptEndAgain,
    EventAdd,
    GroupFind,
    GroupAdd,
    GroupSeen,
    GroupIsOpen,
    GroupHour,
    TallyAdd,
    SettingPut,
    CursorPut,
    RecognisedFind,
    RecognisedAdd,
    MemoFind,
    MemoPut,
    MemoDrop,
    ActAdd,
    MeasurePut,
    MeasureForget,
}

/// Each statement in the order of the enum; `{DELIVERY}` stands for the columns of a delivery.
const TEXTS: [(Sql, &str); 43] = [
    (Sql::KeyFind, "SELECT id, leads_to FROM bkey WHERE text = ?1"),
    (Sql::KeyText, "SELECT text FROM bkey WHERE id = ?1"),
    (Sql::KeyAdd, "INSERT INTO bkey (id, text, leads_to) VALUES (?1, ?2, ?3)"),
    (Sql::KeyLead, "UPDATE bkey SET leads_to = ?2 WHERE id = ?1"),
    (Sql::KeyUsed, "SELECT 1 FROM exchange WHERE bkey = ?1 LIMIT 1"),
    (Sql::KeyLed, "SELECT 1 FROM bkey WHERE leads_to = ?1 LIMIT 1"),
    (Sql::IdempotencyFind, "SELECT fingerprint, exchange, expires_at FROM idempotency WHERE scope = ?1 AND key = ?2"),
    (Sql::IdempotencyDrop, "DELETE FROM idempotency WHERE scope = ?1 AND key = ?2"),
    (
        Sql::IdempotencyAdd,
        "INSERT INTO idempotency (scope, key, fingerprint, exchange, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    ),
    (Sql::BodyAdd, "INSERT INTO body (id, codec, content_type, size, file, bytes) VALUES (?1, 0, ?2, ?3, ?4, ?5)"),
    (Sql::BodyAbout, "SELECT content_type, size FROM body WHERE id = ?1"),
    (
        Sql::BodyShare,
        "INSERT INTO body_share (body, extra) VALUES (?1, 1) ON CONFLICT (body) DO UPDATE SET extra = extra + 1",
    ),
    (Sql::ExchangeFind, "SELECT seq FROM exchange WHERE id = ?1"),
    (
        Sql::ExchangeAdd,
        "INSERT INTO exchange (seq, id, bkey, facet, class, config, received_at, body, body_bytes, content_type, \
         link, meta, terms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    ),
    (Sql::ChildFind, "SELECT id FROM exchange WHERE link = ?1"),
    (
        Sql::DeliveryAdd,
        "INSERT INTO delivery (seq, system, operation, route, client, class, lane, on_parked, rank, received_at, \
         body, done, head, ready, timer, version, state, attempt, how, wake_at, attempts, spent, unsettled, \
         updated_at, fault_group, fault) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
         ?15, ?16, ?17, ?18, ?19, ?20, ?21, 0, NULL, ?22, ?23, ?24)",
    ),
    (
        Sql::DeliveryFind,
        "SELECT {DELIVERY}, k.text, e.body FROM exchange e JOIN delivery d ON d.seq = (e.seq << 16) | ?2 JOIN \
         bkey k ON k.id = e.bkey WHERE e.id = ?1",
    ),
    (
        Sql::DeliveryMove,
        "UPDATE delivery SET ready = ?2, timer = ?3, version = ?4, state = ?5, attempt = ?6, how = ?7, wake_at = \
         ?8, attempts = ?9, spent = ?10, unsettled = ?11, updated_at = ?12, fault_group = ?13, fault = ?14 WHERE \
         seq = ?1",
    ),
    (
        Sql::DeliveryLeave,
        "UPDATE delivery SET ready = ?2, timer = ?3, version = ?4, state = ?5, attempt = ?6, how = ?7, wake_at = \
         ?8, attempts = ?9, spent = ?10, unsettled = ?11, updated_at = ?12, fault_group = ?13, fault = ?14, done \
         = ?15, head = ?16 WHERE seq = ?1",
    ),
    (Sql::DeliveryHead, "UPDATE delivery SET head = ?2, ready = ?3, timer = ?4 WHERE seq = ?1"),
    (
        Sql::LaneFirst,
        "SELECT {DELIVERY} FROM delivery d WHERE d.lane = ?1 AND d.system = ?2 AND d.done = 0 ORDER BY d.seq \
         LIMIT 1",
    ),
    (
        Sql::LaneReplaceable,
        "SELECT {DELIVERY}, e.id, k.text FROM delivery d JOIN exchange e ON e.seq = d.seq >> 16 JOIN bkey k ON \
         k.id = e.bkey WHERE d.lane = ?1 AND d.system = ?2 AND d.done IN (0, 2) AND d.operation = ?3 AND d.state \
         IN (0, 1, 5) AND d.unsettled IS NULL AND d.seq < ?4 ORDER BY d.seq",
    ),
    (
        Sql::AttemptAdd,
        "INSERT INTO attempt (delivery, attempt, reference, started_at, config, sent, sent_type) VALUES (?1, ?2, \
         ?3, ?4, ?5, ?6, ?7)",
    ),
    (
        Sql::AttemptEnd,
        "UPDATE attempt SET ended_at = ?3, outcome = ?4, fault = ?5, answer = ?6 WHERE delivery = ?1 AND attempt \
         = ?2 AND ended_at IS NULL",
    ),
    (Sql::AttemptAnswer, "SELECT answer FROM attempt WHERE delivery = ?1 AND attempt = ?2"),
    (
        Sql::AttemptEndAgain,
        "UPDATE attempt SET ended_at = ?3, outcome = ?4, fault = ?5, answer = ?6 WHERE delivery = ?1 AND attempt \
         = ?2",
    ),
    (
        Sql::EventAdd,
        "INSERT INTO event (seq, at, kind, exchange, place, system, client, operation, bkey, state, attempt, \
         fault, fingerprint, actor_kind, actor, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, \
         ?13, ?14, ?15, ?16)",
    ),
    (Sql::GroupFind, "SELECT id FROM error_group WHERE fingerprint = ?1"),
    (
        Sql::GroupAdd,
        "INSERT INTO error_group (id, fingerprint, system, operation, kind, first_seen, last_seen, seen, fault, \
         sample, place, opened_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?6)",
    ),
    (
        Sql::GroupSeen,
        "UPDATE error_group SET kind = ?2, last_seen = max(last_seen, ?3), seen = seen + ?4, fault = ?5, sample = \
         ?6, place = ?7, opened_at = ifnull(?8, opened_at), reopened = reopened + (?8 IS NOT NULL) WHERE id = ?1",
    ),
    (
        Sql::GroupIsOpen,
        "SELECT 1 FROM delivery INDEXED BY delivery_group WHERE fault_group IS NOT NULL AND fault_group = ?1 AND \
         state IN (0, 1, 2, 3, 5) LIMIT 1",
    ),
    (
        Sql::GroupHour,
        "INSERT INTO group_hour (fault_group, hour, n) VALUES (?1, ?2, ?3) ON CONFLICT (fault_group, hour) DO UPDATE \
         SET n = n + excluded.n",
    ),
    (
        Sql::TallyAdd,
        "INSERT INTO tally (system, client, class, state, n) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (system, \
         client, class, state) DO UPDATE SET n = n + excluded.n",
    ),
    (
        Sql::SettingPut,
        "INSERT OR REPLACE INTO system_setting (system, paused, reason, actor_kind, actor, at) VALUES (?1, ?2, \
         ?3, ?4, ?5, ?6)",
    ),
    (Sql::CursorPut, "INSERT OR REPLACE INTO cursor (name, value, at) VALUES (?1, ?2, ?3)"),
    (
        Sql::RecognisedFind,
        "SELECT version, content, exchange, expires_at FROM recognised WHERE identity = ?1 ORDER BY version DESC",
    ),
    (
        Sql::RecognisedAdd,
        "INSERT INTO recognised (identity, version, content, exchange, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    ),
    (Sql::MemoFind, "SELECT version, text FROM memo WHERE kind = ?1 AND id = ?2"),
    (Sql::MemoPut, "INSERT OR REPLACE INTO memo (kind, id, version, text, at) VALUES (?1, ?2, ?3, ?4, ?5)"),
    (Sql::MemoDrop, "DELETE FROM memo WHERE kind = ?1 AND id = ?2"),
    (
        Sql::ActAdd,
        "INSERT INTO act (at, actor_kind, actor, verb, kind, id, reason, \"before\", \"after\") VALUES (?1, ?2, ?3, ?4, \
         ?5, ?6, ?7, ?8, ?9)",
    ),
    (Sql::MeasurePut, "INSERT OR REPLACE INTO measure (subject, hour, text) VALUES (?1, ?2, ?3)"),
    (Sql::MeasureForget, "DELETE FROM measure WHERE hour < ?1"),
];

impl Sql {
    fn text(self) -> Result<String, Fail> {
        let row = TEXTS.get(self as usize).ok_or_else(|| corrupt("a statement", self as usize))?;
        Ok(row.1.replace("{DELIVERY}", DELIVERY))
    }
}

/// Statements of one connection, each prepared when first used.
pub(super) struct Statements<'c> {
    connection: &'c Connection,
    slots: Vec<Option<Statement<'c>>>,
}

impl<'c> Statements<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, slots: (0..TEXTS.len()).map(|_| None).collect() }
    }

    pub(super) fn connection(&self) -> &'c Connection {
        self.connection
    }

    pub(super) fn get(&mut self, which: Sql) -> Result<&mut Statement<'c>, Fail> {
        let slot = self.slots.get_mut(which as usize).ok_or_else(|| corrupt("a statement", which as usize))?;
        if slot.is_none() {
            *slot = Some(self.connection.prepare(&which.text()?)?);
        }
        slot.as_mut().ok_or_else(|| corrupt("a statement", which as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statements_stand_in_the_order_of_the_enum_and_each_can_be_prepared() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::sqlite::schema::writer(folder.path(), 1 << 20).unwrap();
        crate::sqlite::schema::migrate(&mut connection).unwrap();
        let mut statements = Statements::new(&connection);
        for (place, (sql, _)) in TEXTS.iter().enumerate() {
            assert_eq!(*sql as usize, place);
            statements.get(*sql).unwrap_or_else(|error| panic!("{sql:?}: {error}"));
        }
    }
}
