-- What the workers' user may do. @worker@ is replaced by the user's name.
-- No DDL anywhere; audit rows can be written and read, never changed.
GRANT SELECT ON schema_migration TO '@worker@'@'localhost';
-- UPDATE: `strongroom rootkey rotate`, which runs as this user, moves on which
-- version wraps, and rewraps.
GRANT SELECT, INSERT, UPDATE ON kek TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE ON system_key TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE ON secret_ref TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE ON secret_version TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON redaction_variant TO '@worker@'@'localhost';
GRANT SELECT, INSERT, DELETE ON redaction_change TO '@worker@'@'localhost';
GRANT SELECT, INSERT ON audit_event TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON account TO '@worker@'@'localhost';
GRANT SELECT, UPDATE ON setup TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON session TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON throttle TO '@worker@'@'localhost';
GRANT SELECT, UPDATE ON chore TO '@worker@'@'localhost';
GRANT SELECT, INSERT, DELETE ON idempotency TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE ON api_key TO '@worker@'@'localhost';
GRANT SELECT, INSERT ON api_key_project TO '@worker@'@'localhost';
GRANT SELECT, INSERT, DELETE ON audit_pending TO '@worker@'@'localhost';
GRANT SELECT, INSERT ON audit_leaf TO '@worker@'@'localhost';
GRANT SELECT, INSERT ON audit_node TO '@worker@'@'localhost';
GRANT SELECT, INSERT ON audit_checkpoint TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE ON provider_credential TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE ON rotation TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE ON project TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON project_secret_binding TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE ON run TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE ON credential_lease TO '@worker@'@'localhost';
GRANT SELECT, INSERT, DELETE ON invitation TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON account_factor TO '@worker@'@'localhost';
GRANT SELECT, INSERT, DELETE ON account_recovery TO '@worker@'@'localhost';
GRANT SELECT, INSERT, DELETE ON sign_in_step TO '@worker@'@'localhost';
GRANT SELECT, INSERT, DELETE ON run_event TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON run_stream TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON artifact TO '@worker@'@'localhost';
GRANT SELECT, INSERT, DELETE ON artifact_chunk TO '@worker@'@'localhost';
GRANT SELECT, INSERT, DELETE ON prompt_audit TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE ON run_alert TO '@worker@'@'localhost';
GRANT SELECT, INSERT, UPDATE ON metric TO '@worker@'@'localhost';
-- UPDATE alone: `strongroom restore`, which runs as this user, says that it is
-- under way. It fills empty tables with the rights above.
GRANT SELECT, UPDATE ON restoring TO '@worker@'@'localhost';
GRANT SELECT, UPDATE ON redaction_head TO '@worker@'@'localhost';
