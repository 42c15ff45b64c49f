-- 0002: requests that are repeated, API keys, the audit's Merkle tree.
-- Every statement can be run again. One statement ends with ";" at a line's end.

-- A request that carried an idempotency key, and what it did. Both MACs are
-- keyed: of who asked and the key he chose, and of all that was asked.
CREATE TABLE IF NOT EXISTS idempotency (
  key_mac BINARY(32) NOT NULL PRIMARY KEY,
  request_mac BINARY(32) NOT NULL,
  result_id UUID NOT NULL,
  result_version INT UNSIGNED NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  KEY idempotency_expiry (expires_at)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS api_key (
  id UUID NOT NULL PRIMARY KEY,
  name VARCHAR(160) NOT NULL,
  token_hash BINARY(32) NOT NULL,
  hint VARCHAR(16) NOT NULL,
  scopes SET('secrets:write','secrets:read','secrets:resolve','runs:write','audit:read') NOT NULL,
  all_projects BOOLEAN NOT NULL,
  created_by VARCHAR(254) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NULL,
  last_used_at DATETIME(6) NULL,
  revoked_at DATETIME(6) NULL,
  UNIQUE KEY api_key_token (token_hash)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The projects a key is limited to, when all_projects is false.
CREATE TABLE IF NOT EXISTS api_key_project (
  api_key_id UUID NOT NULL,
  project_id UUID NOT NULL,
  PRIMARY KEY (api_key_id, project_id),
  CONSTRAINT api_key_project_ref FOREIGN KEY (api_key_id) REFERENCES api_key (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Audit rows that have no leaf yet: written with the row, taken by the sealer.
CREATE TABLE IF NOT EXISTS audit_pending (
  event_id UUID NOT NULL PRIMARY KEY
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Leaves of the tree, numbered from 0 without gaps.
CREATE TABLE IF NOT EXISTS audit_leaf (
  leaf_index BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  event_id UUID NOT NULL,
  row_hash BINARY(32) NOT NULL,
  UNIQUE KEY audit_leaf_event (event_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Roots of perfect subtrees of 2^level leaves, for levels 8, 16, 24 and so on
CREATE TABLE IF NOT EXISTS audit_node (
  level TINYINT UNSIGNED NOT NULL,
  node_index BIGINT UNSIGNED NOT NULL,
  hash BINARY(32) NOT NULL,
  PRIMARY KEY (level, node_index)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS audit_checkpoint (
  tree_size BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  root_hash BINARY(32) NOT NULL,
  frontier VARBINARY(2048) NOT NULL,
  made_at DATETIME(6) NOT NULL,
  key_version INT UNSIGNED NOT NULL,
  public_key BINARY(32) NOT NULL,
  signature BINARY(64) NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Short forms say what they begin with: core/redact/variant.FORMAT.
ALTER TABLE redaction_variant
  DROP CONSTRAINT IF EXISTS redaction_variant_windows;
ALTER TABLE redaction_variant
  ADD CONSTRAINT redaction_variant_windows CHECK (octet_length(windows) IN (8, 9, 64, 128));

INSERT IGNORE INTO chore (name, due_at) VALUES
  ('seal', '2000-01-01 00:00:00'),
  ('sweep', '2000-01-01 00:00:00'),
  ('expiry', '2000-01-01 00:00:00');

-- What the audit is asked for by: each with the time, so that a page of rows is
-- read off its index. DDL of an index that is there already does nothing.
ALTER TABLE audit_event
  ADD INDEX IF NOT EXISTS audit_event_actor (actor_label, occurred_at, id),
  ADD INDEX IF NOT EXISTS audit_event_action (action, occurred_at, id),
  ADD INDEX IF NOT EXISTS audit_event_outcome (outcome, occurred_at, id),
  ADD INDEX IF NOT EXISTS audit_event_name (name, occurred_at, id);

-- Rows written before there was a tree.
INSERT IGNORE INTO audit_pending (event_id)
  SELECT e.id FROM audit_event e LEFT JOIN audit_leaf l ON l.event_id = e.id WHERE l.event_id IS NULL;

-- Lists by state are read off the first index, counts off the second; a state
-- follows from status, the two times and the clock.
ALTER TABLE secret_ref
  ADD INDEX IF NOT EXISTS secret_ref_state (status, scope, project_id, name, last_rotated_at, expires_at),
  ADD INDEX IF NOT EXISTS secret_ref_age (status, expires_at, last_rotated_at);
