-- 0004: what runs send: events, streams, artifacts, prompts, and what was
-- noticed about them.
-- Every statement can be run again. One statement ends with ";" at a line's end.

-- Whether the project's runs may keep artifacts that are no text.
ALTER TABLE project
  ADD COLUMN IF NOT EXISTS binary_artifacts BOOLEAN NOT NULL DEFAULT FALSE AFTER description;

-- Those that go on, by when they called last: the job looks for silent ones.
ALTER TABLE run
  ADD KEY IF NOT EXISTS run_silent (status, heartbeat_at);

-- The numbers that count on the run's row being locked. Events up to
-- purged_seq are gone.
ALTER TABLE run
  ADD COLUMN IF NOT EXISTS last_seq BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS purged_seq BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS artifact_bytes BIGINT UNSIGNED NOT NULL DEFAULT 0;

-- Redacted before it came here. seq counts from 1 without gaps, in the order
-- of commits. known and rules: how much was masked in it. post_id: of the call
-- that made it, to be found again when the reply to COMMIT is lost. The payload
-- is JSON that our own walker has checked; JSON_VALID knows 31 levels only.
CREATE TABLE IF NOT EXISTS run_event (
  run_id UUID NOT NULL,
  seq BIGINT UNSIGNED NOT NULL,
  post_id UUID NOT NULL,
  type VARCHAR(64) NOT NULL,
  step VARCHAR(160) NULL,
  stream VARCHAR(64) NULL,
  correlation_id VARCHAR(64) NULL,
  occurred_at DATETIME(6) NOT NULL,
  payload MEDIUMTEXT NOT NULL,
  known INT UNSIGNED NOT NULL,
  rules INT UNSIGNED NOT NULL,
  PRIMARY KEY (run_id, seq),
  KEY run_event_age (occurred_at),
  CONSTRAINT run_event_run FOREIGN KEY (run_id) REFERENCES run (id),
  CONSTRAINT run_event_object CHECK (left(payload, 1) = '{')
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- A text that comes in chunks. tail: what is held back and what is needed to
-- go on, sealed; NULL: nothing is. state failed: the gate withheld a chunk,
-- nothing more is taken. due_at: when a job ends it because its sender is gone.
-- post_id: of the call that wrote it last.
CREATE TABLE IF NOT EXISTS run_stream (
  run_id UUID NOT NULL,
  stream VARCHAR(64) NOT NULL,
  next_chunk BIGINT UNSIGNED NOT NULL,
  state ENUM('open','ended','failed') NOT NULL,
  tail_sealed MEDIUMBLOB NULL,
  due_at DATETIME(6) NULL,
  post_id UUID NOT NULL,
  PRIMARY KEY (run_id, stream),
  KEY run_stream_due (due_at),
  CONSTRAINT run_stream_run FOREIGN KEY (run_id) REFERENCES run (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Size and SHA-256 are of what is stored, which passed the gate.
CREATE TABLE IF NOT EXISTS artifact (
  id UUID NOT NULL PRIMARY KEY,
  run_id UUID NOT NULL,
  name VARCHAR(160) NOT NULL,
  kind ENUM('log','diff','report','file') NOT NULL,
  media_type VARCHAR(100) NOT NULL,
  state ENUM('writing','stored') NOT NULL,
  size BIGINT UNSIGNED NOT NULL,
  sha256 BINARY(32) NULL,
  known INT UNSIGNED NOT NULL,
  rules INT UNSIGNED NOT NULL,
  created_at DATETIME(6) NOT NULL,
  stored_mark TINYINT UNSIGNED NULL,
  UNIQUE KEY artifact_name (run_id, name, stored_mark),
  KEY artifact_age (kind, created_at),
  CONSTRAINT artifact_run FOREIGN KEY (run_id) REFERENCES run (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS artifact_chunk (
  artifact_id UUID NOT NULL,
  n INT UNSIGNED NOT NULL,
  bytes MEDIUMBLOB NOT NULL,
  PRIMARY KEY (artifact_id, n),
  CONSTRAINT artifact_chunk_of FOREIGN KEY (artifact_id) REFERENCES artifact (id) ON DELETE CASCADE
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- What was handed back to be sent to a model, as it was handed back. It is JSON,
-- but no CHECK says so: MariaDB reads JSON of at most 31 levels.
CREATE TABLE IF NOT EXISTS prompt_audit (
  id UUID NOT NULL PRIMARY KEY,
  run_id UUID NOT NULL,
  created_at DATETIME(6) NOT NULL,
  body MEDIUMTEXT NOT NULL,
  sha256 BINARY(32) NOT NULL,
  messages INT UNSIGNED NOT NULL,
  known INT UNSIGNED NOT NULL,
  rules INT UNSIGNED NOT NULL,
  counts TEXT NOT NULL,
  KEY prompt_audit_run (run_id, created_at),
  KEY prompt_audit_age (created_at),
  CONSTRAINT prompt_audit_of FOREIGN KEY (run_id) REFERENCES run (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- What people should look at: guessing, a channel that refused, a page that
-- was suppressed. One row for each kind and channel of a run. window_hits: in
-- the minute from window_at on, also of what is not (yet) an alert: hits is 0.
CREATE TABLE IF NOT EXISTS run_alert (
  run_id UUID NOT NULL,
  kind ENUM('unbound_secret','burst','channel_refused','page_suppressed') NOT NULL,
  channel ENUM('log','pubsub','artifact','prompt','ui') NOT NULL,
  hits INT UNSIGNED NOT NULL,
  first_at DATETIME(6) NOT NULL,
  last_at DATETIME(6) NOT NULL,
  audited_at DATETIME(6) NULL,
  window_at DATETIME(6) NOT NULL,
  window_hits INT UNSIGNED NOT NULL,
  PRIMARY KEY (run_id, kind, channel),
  CONSTRAINT run_alert_run FOREIGN KEY (run_id) REFERENCES run (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- How far the log of changes is: a number for each shard of the secrets, which
-- counts in the order of commits because its row is locked until then.
CREATE TABLE IF NOT EXISTS redaction_head (
  shard TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  n BIGINT UNSIGNED NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO redaction_head (shard, n) VALUES
  (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0),
  (8, 0), (9, 0), (10, 0), (11, 0), (12, 0), (13, 0), (14, 0), (15, 0),
  (16, 0), (17, 0), (18, 0), (19, 0), (20, 0), (21, 0), (22, 0), (23, 0),
  (24, 0), (25, 0), (26, 0), (27, 0), (28, 0), (29, 0), (30, 0), (31, 0);

ALTER TABLE redaction_change
  ADD COLUMN IF NOT EXISTS shard TINYINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS n BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD KEY IF NOT EXISTS redaction_change_number (shard, n);

-- What all workers have counted, for /metrics. labels: values of labels, with
-- commas.
CREATE TABLE IF NOT EXISTS metric (
  name VARCHAR(64) NOT NULL,
  labels VARCHAR(200) NOT NULL,
  value BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (name, labels)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

ALTER TABLE api_key
  MODIFY COLUMN scopes SET('secrets:write','secrets:read','secrets:resolve','runs:write','audit:read','metrics:read') NOT NULL;

INSERT IGNORE INTO chore (name, due_at) VALUES
  ('stream', '2000-01-01 00:00:00'),
  ('run_retention', '2000-01-01 00:00:00'),
  ('run_reap', '2000-01-01 00:00:00');
