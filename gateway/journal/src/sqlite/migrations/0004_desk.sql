-- What operators keep beside the exchanges, and what they did. Acts outlive the events they caused.

CREATE TABLE memo (
  kind    TEXT NOT NULL,
  id      TEXT NOT NULL,
  version INTEGER NOT NULL,
  text    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE TABLE act (
  seq        INTEGER PRIMARY KEY,
  at         INTEGER NOT NULL,
  actor_kind INTEGER NOT NULL,
  actor      TEXT,
  verb       TEXT NOT NULL,
  kind       TEXT NOT NULL,
  id         TEXT NOT NULL,
  reason     TEXT,
  "before"   TEXT,
  "after"    TEXT
);
CREATE INDEX act_subject ON act (kind, id, seq);
