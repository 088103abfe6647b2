-- When the time of a key's promised dates stood still, by what its messages said when they came; until is null while it lasts.

CREATE TABLE standstill (
  bkey  INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER,
  PRIMARY KEY (bkey, since)
) WITHOUT ROWID;
