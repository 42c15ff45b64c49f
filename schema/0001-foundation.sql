-- 0001: keys, secrets, redaction, audit, accounts.
-- Every statement can be run again. One statement ends with ";" at a line's end.

CREATE TABLE IF NOT EXISTS kek (
  kek_version INT UNSIGNED NOT NULL PRIMARY KEY,
  check_value BINARY(32) NOT NULL,
  state ENUM('wrapping','unwrapping') NOT NULL,
  created_at DATETIME(6) NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS system_key (
  purpose VARCHAR(32) NOT NULL,
  version INT UNSIGNED NOT NULL,
  wrapped VARBINARY(68) NOT NULL,
  kek_version INT UNSIGNED NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (purpose, version),
  CONSTRAINT system_key_is_wrapped CHECK (left(wrapped, 4) = 0x53527731 AND octet_length(wrapped) = 68)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS secret_ref (
  id UUID NOT NULL PRIMARY KEY,
  scope ENUM('instance','project','integration') NOT NULL,
  project_id UUID NOT NULL,
  name VARCHAR(160) NOT NULL,
  key_version INT UNSIGNED NOT NULL,
  source ENUM('env','onboarding','rotation') NOT NULL,
  status ENUM('active','revoked') NOT NULL,
  last_rotated_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  UNIQUE KEY secret_ref_name (scope, project_id, name)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS secret_version (
  secret_id UUID NOT NULL,
  key_version INT UNSIGNED NOT NULL,
  ciphertext MEDIUMBLOB NOT NULL,
  wrapped_dek VARBINARY(68) NULL,
  kek_version INT UNSIGNED NOT NULL,
  state ENUM('active','superseded','revoked') NOT NULL,
  created_at DATETIME(6) NOT NULL,
  destroyed_at DATETIME(6) NULL,
  PRIMARY KEY (secret_id, key_version),
  CONSTRAINT secret_version_ref FOREIGN KEY (secret_id) REFERENCES secret_ref (id),
  CONSTRAINT secret_version_is_sealed CHECK (left(ciphertext, 4) = 0x53527631 AND octet_length(ciphertext) BETWEEN 33 AND 65568),
  CONSTRAINT secret_version_is_wrapped CHECK (wrapped_dek IS NULL OR (left(wrapped_dek, 4) = 0x53527731 AND octet_length(wrapped_dek) = 68))
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS redaction_variant (
  secret_id UUID NOT NULL,
  key_version INT UNSIGNED NOT NULL,
  seq INT UNSIGNED NOT NULL,
  kind ENUM('raw','line','leaf','base64_0','base64_1','base64_2') NOT NULL,
  length INT UNSIGNED NOT NULL,
  windows VARBINARY(128) NOT NULL,
  mac BINARY(16) NOT NULL,
  tag CHAR(6) NOT NULL,
  retired_at DATETIME(6) NULL,
  PRIMARY KEY (secret_id, key_version, seq),
  KEY redaction_variant_retired (retired_at),
  CONSTRAINT redaction_variant_ref FOREIGN KEY (secret_id, key_version) REFERENCES secret_version (secret_id, key_version),
  CONSTRAINT redaction_variant_windows CHECK (octet_length(windows) IN (8, 64, 128))
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS redaction_change (
  id UUID NOT NULL PRIMARY KEY,
  secret_id UUID NOT NULL,
  changed_at DATETIME(6) NOT NULL,
  KEY redaction_change_time (changed_at)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS audit_event (
  id UUID NOT NULL PRIMARY KEY,
  chain_id UUID NOT NULL,
  chain_seq INT UNSIGNED NOT NULL,
  occurred_at DATETIME(6) NOT NULL,
  actor_kind ENUM('anonymous','account','api_key','operator','system') NOT NULL,
  actor_id UUID NULL,
  actor_label VARCHAR(254) NOT NULL,
  action VARCHAR(40) NOT NULL,
  target_kind VARCHAR(32) NULL,
  target_id UUID NULL,
  scope VARCHAR(16) NULL,
  name VARCHAR(160) NULL,
  key_version INT UNSIGNED NULL,
  outcome ENUM('succeeded','failed','blocked') NOT NULL,
  error_type VARCHAR(64) NULL,
  correlation_id UUID NOT NULL,
  prev_mac BINARY(32) NULL,
  mac BINARY(32) NULL,
  UNIQUE KEY audit_event_chain (chain_id, chain_seq),
  KEY audit_event_time (occurred_at, id),
  KEY audit_event_target (target_id, occurred_at),
  KEY audit_event_kind (target_kind, occurred_at, id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS account (
  id UUID NOT NULL PRIMARY KEY,
  email VARCHAR(254) NOT NULL,
  password_hash VARCHAR(191) NOT NULL,
  role ENUM('owner','operator','auditor') NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  UNIQUE KEY account_email (email)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS setup (
  id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  token_hash BINARY(32) NULL,
  token_expires_at DATETIME(6) NULL,
  cookie_hash BINARY(32) NULL,
  cookie_expires_at DATETIME(6) NULL,
  completed_at DATETIME(6) NULL,
  owner_id UUID NULL,
  CONSTRAINT setup_one_row CHECK (id = 1)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO setup (id) VALUES (1);

CREATE TABLE IF NOT EXISTS session (
  id UUID NOT NULL PRIMARY KEY,
  token_hash BINARY(32) NOT NULL,
  account_id UUID NOT NULL,
  address VARCHAR(45) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  last_seen_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  UNIQUE KEY session_token (token_hash),
  KEY session_account (account_id),
  KEY session_expiry (expires_at),
  CONSTRAINT session_account_ref FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS throttle (
  bucket BINARY(32) NOT NULL PRIMARY KEY,
  failures INT UNSIGNED NOT NULL,
  last_failure_at DATETIME(6) NOT NULL,
  blocked_until DATETIME(6) NOT NULL,
  KEY throttle_time (last_failure_at)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Work that one worker does for all, when it is due.
CREATE TABLE IF NOT EXISTS chore (
  name VARCHAR(32) NOT NULL PRIMARY KEY,
  due_at DATETIME(6) NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO chore (name, due_at) VALUES ('purge', '2000-01-01 00:00:00');
