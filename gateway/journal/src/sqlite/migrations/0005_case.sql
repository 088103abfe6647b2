-- When a cause was first seen again after nothing of it was open any more, how often that happened, and how often it was seen by the hour.

ALTER TABLE error_group ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE error_group ADD COLUMN reopened INTEGER NOT NULL DEFAULT 0;
UPDATE error_group SET opened_at = first_seen;

CREATE TABLE group_hour (
  fault_group INTEGER NOT NULL,
  hour        INTEGER NOT NULL,
  n           INTEGER NOT NULL,
  PRIMARY KEY (fault_group, hour)
) WITHOUT ROWID;
