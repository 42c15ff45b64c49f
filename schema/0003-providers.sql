-- 0003: providers, rotations, projects, runs, leases.
-- Every statement can be run again. One statement ends with ";" at a line's end.

-- What is known about a provider's credential. A provider without a row was
-- never looked at: not_set.
CREATE TABLE IF NOT EXISTS provider_credential (
  provider VARCHAR(64) NOT NULL PRIMARY KEY,
  secret_id UUID NULL,
  status ENUM('active','invalid','not_set','rotating') NOT NULL,
  former_status ENUM('active','invalid','not_set','rotating') NULL,
  changed_at DATETIME(6) NOT NULL,
  verified_at DATETIME(6) NULL,
  checked_at DATETIME(6) NULL,
  error_type VARCHAR(96) NULL,
  failure_class VARCHAR(24) NULL,
  source ENUM('env','reference') NULL,
  checked_version INT UNSIGNED NULL,
  due_at DATETIME(6) NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- open_mark is 1 while the rotation is not finished and NULL after: one open
-- rotation for each secret.
CREATE TABLE IF NOT EXISTS rotation (
  id UUID NOT NULL PRIMARY KEY,
  provider VARCHAR(64) NOT NULL,
  secret_id UUID NOT NULL,
  from_version INT UNSIGNED NOT NULL,
  from_expires_at DATETIME(6) NULL,
  to_version INT UNSIGNED NOT NULL,
  state VARCHAR(24) NOT NULL,
  before_outcome VARCHAR(24) NULL,
  before_error VARCHAR(96) NULL,
  after_outcome VARCHAR(24) NULL,
  after_error VARCHAR(96) NULL,
  attempts INT UNSIGNED NOT NULL,
  rolled_back BOOLEAN NOT NULL,
  continuity_alarm BOOLEAN NOT NULL,
  actor_kind VARCHAR(16) NOT NULL,
  actor_id UUID NULL,
  actor_label VARCHAR(254) NOT NULL,
  started_at DATETIME(6) NOT NULL,
  next_at DATETIME(6) NOT NULL,
  deadline DATETIME(6) NOT NULL,
  finished_at DATETIME(6) NULL,
  open_mark TINYINT UNSIGNED NULL,
  UNIQUE KEY rotation_open (secret_id, open_mark),
  KEY rotation_next (open_mark, next_at),
  KEY rotation_provider (provider, started_at),
  CONSTRAINT rotation_ref FOREIGN KEY (secret_id) REFERENCES secret_ref (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS project (
  id UUID NOT NULL PRIMARY KEY,
  slug VARCHAR(64) NOT NULL,
  name VARCHAR(160) NOT NULL,
  description VARCHAR(1000) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  UNIQUE KEY project_slug (slug)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS project_secret_binding (
  project_id UUID NOT NULL,
  env_var_name VARCHAR(128) NOT NULL,
  secret_id UUID NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (project_id, env_var_name),
  KEY project_secret_binding_secret (secret_id),
  CONSTRAINT project_secret_binding_project FOREIGN KEY (project_id) REFERENCES project (id),
  CONSTRAINT project_secret_binding_ref FOREIGN KEY (secret_id) REFERENCES secret_ref (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS run (
  id UUID NOT NULL PRIMARY KEY,
  project_id UUID NOT NULL,
  workflow_name VARCHAR(160) NOT NULL,
  workflow_version VARCHAR(64) NOT NULL,
  run_trigger VARCHAR(64) NOT NULL,
  name VARCHAR(160) NULL,
  status ENUM('pending','running','awaiting_approval','completed','failed','cancelled') NOT NULL,
  api_key_id UUID NULL,
  created_at DATETIME(6) NOT NULL,
  started_at DATETIME(6) NULL,
  completed_at DATETIME(6) NULL,
  heartbeat_at DATETIME(6) NOT NULL,
  KEY run_of_project (project_id, created_at),
  KEY run_heartbeat (status, heartbeat_at),
  CONSTRAINT run_project FOREIGN KEY (project_id) REFERENCES project (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The version of a secret that a run holds on to.
CREATE TABLE IF NOT EXISTS credential_lease (
  run_id UUID NOT NULL,
  secret_id UUID NOT NULL,
  key_version INT UNSIGNED NOT NULL,
  acquired_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  released_at DATETIME(6) NULL,
  PRIMARY KEY (run_id, secret_id),
  KEY credential_lease_held (secret_id, key_version, released_at),
  KEY credential_lease_expiry (released_at, expires_at),
  CONSTRAINT credential_lease_run FOREIGN KEY (run_id) REFERENCES run (id),
  CONSTRAINT credential_lease_ref FOREIGN KEY (secret_id) REFERENCES secret_ref (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- A version that a rotation tries, and one that it took back.
ALTER TABLE secret_version
  MODIFY COLUMN state ENUM('active','superseded','revoked','candidate','rolled_back') NOT NULL,
  ADD COLUMN IF NOT EXISTS superseded_at DATETIME(6) NULL AFTER created_at;

-- The second step of set-up: when somebody said that it is done.
ALTER TABLE setup
  ADD COLUMN IF NOT EXISTS providers_done_at DATETIME(6) NULL AFTER completed_at;

INSERT IGNORE INTO chore (name, due_at) VALUES
  ('check', '2000-01-01 00:00:00'),
  ('rotate', '2000-01-01 00:00:00'),
  ('lease', '2000-01-01 00:00:00');
