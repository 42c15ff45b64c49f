-- 0007: how much a run may store.
-- Every statement can be run again. One statement ends with ";" at a line's end.

-- Bytes of its events and of its prompts as they are stored, counted while the
-- run's row is locked; limit_said: an event says that more was refused.
ALTER TABLE run
  ADD COLUMN IF NOT EXISTS event_bytes BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS prompt_bytes BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS limit_said BOOLEAN NOT NULL DEFAULT FALSE;
