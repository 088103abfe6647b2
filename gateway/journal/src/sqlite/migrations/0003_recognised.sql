-- What messages that come by several ways are recognised by: one row a version of each identity.

CREATE TABLE recognised (
  identity   TEXT NOT NULL,
  version    INTEGER NOT NULL,
  content    TEXT NOT NULL,
  exchange   BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (identity, version)
) WITHOUT ROWID;
CREATE INDEX recognised_expiry ON recognised (expires_at);

-- Copies of a key's exchanges, for its timeline. 15: recognised.
CREATE INDEX event_recognised ON event (bkey, seq) WHERE kind = 15;
