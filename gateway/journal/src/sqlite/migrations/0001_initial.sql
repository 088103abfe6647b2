-- Times are microseconds since 1970. Names, keys and facets are interned: rows hold their integers.
-- A delivery's seq is (exchange.seq << 16) | index, so that no index is needed between the two, and order in a lane is order of seq.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;

-- kind: 1 system, 2 client, 3 operation, 4 route, 5 configuration version.
CREATE TABLE name (
  id   INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  text TEXT NOT NULL,
  UNIQUE (kind, text)
);

-- What lists filter by: who asked for what, and which systems it went to (ids, comma separated, rising).
CREATE TABLE facet (
  id        INTEGER PRIMARY KEY,
  client    INTEGER NOT NULL,
  operation INTEGER NOT NULL,
  systems   TEXT NOT NULL,
  UNIQUE (client, operation, systems)
);

-- Business keys, aliases (leads_to the key) and order keys.
CREATE TABLE bkey (
  id       INTEGER PRIMARY KEY,
  text     TEXT NOT NULL UNIQUE,
  leads_to INTEGER
);
CREATE INDEX bkey_alias ON bkey (leads_to) WHERE leads_to IS NOT NULL;

-- codec: 0 as it is. secret: the id of the key it is encrypted with. file: SHA-256 of the stored bytes, when they lie in a file.
CREATE TABLE body (
  id           INTEGER PRIMARY KEY,
  codec        INTEGER NOT NULL,
  secret       INTEGER,
  content_type INTEGER NOT NULL,
  size         INTEGER NOT NULL,
  file         BLOB,
  bytes        BLOB
);
CREATE INDEX body_file ON body (file) WHERE file IS NOT NULL;

-- References to a body beyond its first.
CREATE TABLE body_share (
  body  INTEGER PRIMARY KEY,
  extra INTEGER NOT NULL
);

-- link: parent and place of a follow-up. kept: 0 once retention has removed its bodies.
CREATE TABLE exchange (
  seq          INTEGER PRIMARY KEY,
  id           BLOB NOT NULL UNIQUE,
  bkey         INTEGER NOT NULL,
  facet        INTEGER NOT NULL,
  class        INTEGER NOT NULL,
  config       INTEGER NOT NULL,
  received_at  INTEGER NOT NULL,
  body         INTEGER NOT NULL,
  body_bytes   INTEGER NOT NULL,
  content_type INTEGER NOT NULL,
  link         BLOB,
  kept         INTEGER NOT NULL DEFAULT 1,
  meta         TEXT NOT NULL
);
CREATE INDEX exchange_key ON exchange (bkey, received_at);
CREATE INDEX exchange_facet ON exchange (facet, received_at);
CREATE UNIQUE INDEX exchange_child ON exchange (link) WHERE link IS NOT NULL;

CREATE TABLE idempotency (
  scope       INTEGER NOT NULL,
  key         TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  exchange    BLOB NOT NULL,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- state: 0 queued, 1 waiting, 2 in flight, 3 verifying, 4 delivered, 5 parked, 6 cancelled, 7 discarded, 8 superseded.
-- done: 0 holds its lane, 1 over, 2 parked aside; NULL when it has no lane.
-- ready: a head that may go now. timer: when a head must be looked at next.
CREATE TABLE delivery (
  seq         INTEGER PRIMARY KEY,
  system      INTEGER NOT NULL,
  operation   INTEGER NOT NULL,
  route       INTEGER NOT NULL,
  client      INTEGER NOT NULL,
  class       INTEGER NOT NULL,
  lane        INTEGER,
  on_parked   INTEGER NOT NULL,
  rank        INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  body        INTEGER,
  done        INTEGER,
  head        INTEGER NOT NULL,
  ready       INTEGER NOT NULL,
  timer       INTEGER,
  version     INTEGER NOT NULL,
  state       INTEGER NOT NULL,
  attempt     INTEGER,
  how         INTEGER,
  wake_at     INTEGER,
  attempts    INTEGER NOT NULL,
  spent       INTEGER NOT NULL,
  unsettled   INTEGER,
  updated_at  INTEGER NOT NULL,
  fault_group INTEGER,
  fault       TEXT
);
CREATE INDEX delivery_lane ON delivery (lane, system, done) WHERE lane IS NOT NULL;
CREATE INDEX delivery_ready ON delivery (system, class, client, rank) WHERE ready = 1;
CREATE INDEX delivery_timer ON delivery (system, class, client, timer) WHERE timer IS NOT NULL;
CREATE INDEX delivery_state ON delivery (state, received_at) WHERE state <> 4;
CREATE INDEX delivery_group ON delivery (fault_group, state) WHERE fault_group IS NOT NULL;

CREATE TABLE attempt (
  delivery   INTEGER NOT NULL,
  attempt    INTEGER NOT NULL,
  reference  TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  config     INTEGER NOT NULL,
  sent       INTEGER NOT NULL,
  sent_type  INTEGER NOT NULL,
  ended_at   INTEGER,
  outcome    INTEGER,
  fault      TEXT,
  answer     INTEGER,
  PRIMARY KEY (delivery, attempt)
) WITHOUT ROWID;

-- Append-only. Holds all it says itself, so that it outlives what it speaks of.
CREATE TABLE event (
  seq         INTEGER PRIMARY KEY,
  at          INTEGER NOT NULL,
  kind        INTEGER NOT NULL,
  exchange    BLOB,
  place       INTEGER,
  system      INTEGER,
  client      INTEGER,
  operation   INTEGER,
  bkey        TEXT,
  state       INTEGER,
  attempt     INTEGER,
  fault       TEXT,
  fingerprint TEXT,
  actor_kind  INTEGER NOT NULL,
  actor       TEXT,
  note        TEXT
);

CREATE TABLE error_group (
  id          INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE,
  system      INTEGER NOT NULL,
  operation   INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  first_seen  INTEGER NOT NULL,
  last_seen   INTEGER NOT NULL,
  seen        INTEGER NOT NULL,
  fault       TEXT NOT NULL,
  sample      BLOB NOT NULL,
  place       INTEGER NOT NULL
);
CREATE INDEX error_group_seen ON error_group (last_seen);

-- Deliveries counted; rows of the same transaction as what they count.
CREATE TABLE tally (
  system INTEGER NOT NULL,
  client INTEGER NOT NULL,
  class  INTEGER NOT NULL,
  state  INTEGER NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (system, client, class, state)
) WITHOUT ROWID;

CREATE TABLE system_setting (
  system     INTEGER PRIMARY KEY,
  paused     INTEGER NOT NULL,
  reason     TEXT,
  actor_kind INTEGER NOT NULL,
  actor      TEXT,
  at         INTEGER NOT NULL
);

-- Exchanges that were old enough when retention passed them and not finished. what: 1 bodies, 2 all of it.
CREATE TABLE retain_later (
  what     INTEGER NOT NULL,
  exchange INTEGER NOT NULL,
  PRIMARY KEY (what, exchange)
) WITHOUT ROWID;
