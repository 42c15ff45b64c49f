-- 0006: restoring a backup, and API keys that wait for a word after it.
-- Every statement can be run again. One statement ends with ";" at a line's end.

-- Set by a restore: the key is refused until somebody confirms it.
ALTER TABLE api_key
  ADD COLUMN IF NOT EXISTS held_at DATETIME(6) NULL;

-- started_at is set from a restore's first row until it has proved what it
-- loaded. While it is, no program works with this database.
CREATE TABLE IF NOT EXISTS restoring (
  id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  started_at DATETIME(6) NULL,
  CONSTRAINT restoring_one_row CHECK (id = 1)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

INSERT IGNORE INTO restoring (id) VALUES (1);
