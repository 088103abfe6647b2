-- Content that people put forward for a delivery. number counts from 1; 0 is what the delivery was born with, where it had content of
-- its own. Each row holds the one reference to its body; what was received stays where it is.
CREATE TABLE amendment (
  delivery   INTEGER NOT NULL,
  number     INTEGER NOT NULL,
  body       INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  actor_kind INTEGER NOT NULL,
  actor      TEXT,
  reason     TEXT,
  PRIMARY KEY (delivery, number)
) WITHOUT ROWID;

-- The number in force, and the body that stands in the exchange's place for this delivery alone.
ALTER TABLE delivery ADD COLUMN amended INTEGER;
ALTER TABLE delivery ADD COLUMN instead INTEGER;
