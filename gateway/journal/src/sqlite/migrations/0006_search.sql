-- What exchanges are found by: 64-bit digests (terms), never words. An exchange's row holds its own, eight bytes each; those of 4096
-- exchanges in a row are sealed into a segment once it is full, so that accepting writes no index. What is not sealed is read as it lies.

ALTER TABLE exchange ADD COLUMN terms BLOB;

-- places: of the exchanges within their segment, two bytes each (little endian), rising.
CREATE TABLE term (
  segment INTEGER NOT NULL,
  term    INTEGER NOT NULL,
  places  BLOB NOT NULL,
  PRIMARY KEY (segment, term)
) WITHOUT ROWID;

-- Sealed segments, and when what they hold was received.
CREATE TABLE term_segment (
  segment  INTEGER PRIMARY KEY,
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL
);

-- Exchanges from before have no terms: their segments count as sealed, with nothing in them.
INSERT INTO term_segment (segment, first_at, last_at) SELECT (max(seq) >> 12) - 1, 0, 0 FROM exchange HAVING max(seq) >> 12 > 0;

-- Deliveries of one cause in the order of lists.
CREATE INDEX delivery_fault ON delivery (fault_group, received_at) WHERE fault_group IS NOT NULL;

-- Which facets a route occurs in: few rows, held in memory.
CREATE TABLE route_facet (
  route INTEGER NOT NULL,
  facet INTEGER NOT NULL,
  PRIMARY KEY (route, facet)
) WITHOUT ROWID;
INSERT INTO route_facet (route, facet) SELECT DISTINCT d.route, e.facet FROM delivery d JOIN exchange e ON e.seq = d.seq >> 16;
