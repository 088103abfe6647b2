-- What is measured by the hour, of systems and clients: for charts and for what is usual. Whoever measures writes whole hours anew.

CREATE TABLE measure (
  subject TEXT NOT NULL,
  hour    INTEGER NOT NULL,
  text    TEXT NOT NULL,
  PRIMARY KEY (subject, hour)
) WITHOUT ROWID;
