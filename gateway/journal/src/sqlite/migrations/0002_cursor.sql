-- Where those who read on stand: pollers at their systems, followers in the event log. A cursor is no event, since followers read events.

CREATE TABLE cursor (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  at    INTEGER NOT NULL
) WITHOUT ROWID;
