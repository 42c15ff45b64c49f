-- 0005: accounts beside the owner, second factors, sessions that are revoked.
-- Every statement can be run again. One statement ends with ";" at a line's end.

ALTER TABLE account
  ADD COLUMN IF NOT EXISTS disabled_at DATETIME(6) NULL;

-- Written by each change of who may do what: on every node of a cluster such
-- changes come one after another, so that two do not take away the last owner.
ALTER TABLE setup
  ADD COLUMN IF NOT EXISTS accounts_changed_at DATETIME(6) NULL;

ALTER TABLE session
  ADD COLUMN IF NOT EXISTS revoked BOOLEAN NOT NULL DEFAULT FALSE,
  ADD INDEX IF NOT EXISTS session_list (created_at, id);

-- Invitations that are open: the row goes when one is accepted or withdrawn.
CREATE TABLE IF NOT EXISTS invitation (
  id UUID NOT NULL PRIMARY KEY,
  email VARCHAR(254) NOT NULL,
  role ENUM('owner','operator','auditor') NOT NULL,
  token_hash BINARY(32) NOT NULL,
  invited_by VARCHAR(254) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  UNIQUE KEY invitation_email (email),
  UNIQUE KEY invitation_token (token_hash)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- A second factor (RFC 6238). Its seed is nowhere in here: it is made of the
-- salt, the account and a system key, which is wrapped under the root key.
CREATE TABLE IF NOT EXISTS account_factor (
  account_id UUID NOT NULL PRIMARY KEY,
  salt BINARY(32) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  confirmed_at DATETIME(6) NULL,
  last_step BIGINT UNSIGNED NOT NULL,
  CONSTRAINT account_factor_ref FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Recovery codes that were not used yet.
CREATE TABLE IF NOT EXISTS account_recovery (
  account_id UUID NOT NULL,
  code_hash BINARY(32) NOT NULL,
  PRIMARY KEY (account_id, code_hash),
  CONSTRAINT account_recovery_ref FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Sign-ins whose password was right and whose second factor is asked for.
CREATE TABLE IF NOT EXISTS sign_in_step (
  id UUID NOT NULL PRIMARY KEY,
  token_hash BINARY(32) NOT NULL,
  account_id UUID NOT NULL,
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  UNIQUE KEY sign_in_step_token (token_hash),
  KEY sign_in_step_expiry (expires_at),
  CONSTRAINT sign_in_step_ref FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
