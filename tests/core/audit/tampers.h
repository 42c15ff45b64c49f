#ifndef SR_TESTS_CORE_AUDIT_TAMPERS_H
#define SR_TESTS_CORE_AUDIT_TAMPERS_H

/* The rows of the tamper matrix. */

#include "core/audit/verify.h"

struct tamper {
	const char * what;
	const char * sql;
	enum audit_finding_kind kind;
};

/*
 * What the SQL speaks of: @chain, the longest chain, its rows @first, @mid and
 * @last; @bare, a refusal without a MAC, @kept, one with a MAC.
 */
static const char names[] =
    "SET @chain = (SELECT chain_id FROM audit_event GROUP BY chain_id"
    " ORDER BY COUNT(*) DESC, chain_id LIMIT 1);"
    "SET @n = (SELECT MAX(chain_seq) FROM audit_event WHERE chain_id ="
    " @chain);"
    "SET @first = (SELECT id FROM audit_event WHERE chain_id = @chain AND"
    " chain_seq = 1);"
    "SET @mid = (SELECT id FROM audit_event WHERE chain_id = @chain AND"
    " chain_seq = 4);"
    "SET @last = (SELECT id FROM audit_event WHERE chain_id = @chain AND"
    " chain_seq = @n);"
    "SET @bare = (SELECT MIN(id) FROM audit_event WHERE mac IS NULL);"
    "SET @kept = (SELECT MIN(id) FROM audit_event WHERE mac IS NOT NULL AND"
    " target_id IS NULL);"
    "SET @leaf = (SELECT leaf_index FROM audit_leaf WHERE event_id = @mid);"
    "SET @cp = (SELECT tree_size FROM audit_checkpoint WHERE tree_size > @leaf"
    " ORDER BY tree_size LIMIT 1);"
    "SET @newest = (SELECT MAX(tree_size) FROM audit_checkpoint);";

#define EDIT(set)							\
	{ "row: " set, "UPDATE audit_event SET " set " WHERE id = @mid", \
	    FINDING_ROW_CHANGED }
#define EDIT_BARE(set)							\
	{ "unsealed row: " set, "UPDATE audit_event SET " set		\
	    " WHERE id = @bare", FINDING_ROW_CHANGED }
#define CHECKPOINT(set, kind)						\
	{ "checkpoint: " set, "UPDATE audit_checkpoint SET " set	\
	    " WHERE tree_size = @cp", FINDING_##kind }

static const struct tamper tampers[] = {
	EDIT("occurred_at = occurred_at + INTERVAL 1 MICROSECOND"),
	EDIT("actor_kind = 'system'"),
	EDIT("actor_id = UUID()"),
	EDIT("actor_label = 'nobody'"),
	EDIT("action = 'ROTATE'"),
	EDIT("target_kind = NULL"),
	EDIT("target_id = UUID()"),
	EDIT("scope = 'project'"),
	EDIT("name = CONCAT(name, 'x')"),
	EDIT("key_version = 7"),
	EDIT("outcome = 'failed'"),
	EDIT("error_type = 'internal_error'"),
	EDIT("correlation_id = UUID()"),
	EDIT("mac = REPEAT('x', 32)"),
	{ "row: another id", "UPDATE audit_event SET id = UUID() WHERE id ="
	    " @mid", FINDING_ROW_CHANGED },
	{ "row: another chain", "UPDATE audit_event SET chain_id = UUID()"
	    " WHERE id = @mid", FINDING_ROW_CHANGED },
	{ "row: another number", "UPDATE audit_event SET chain_seq = @n + 1"
	    " WHERE id = @last", FINDING_ROW_CHANGED },
	{ "row: another prev_mac", "UPDATE audit_event SET prev_mac ="
	    " REPEAT('x', 32) WHERE id = @mid", FINDING_ROW_MOVED },
	EDIT_BARE("occurred_at = occurred_at + INTERVAL 1 DAY"),
	EDIT_BARE("actor_label = 'nobody'"),
	EDIT_BARE("correlation_id = UUID()"),
	EDIT_BARE("error_type = 'internal_error'"),
	{ "MAC taken off a row that has one", "UPDATE audit_event SET mac ="
	    " NULL WHERE id = @mid", FINDING_ROW_UNSEALED },
	{ "MAC taken off a refusal", "UPDATE audit_event SET mac = NULL"
	    " WHERE id = @kept", FINDING_ROW_CHANGED },
	{ "MAC taken off a refusal, and the row changed", "UPDATE audit_event"
	    " SET mac = NULL, actor_label = 'nobody' WHERE id = @kept",
	    FINDING_ROW_CHANGED },
	{ "first row of a chain deleted", "DELETE FROM audit_event WHERE id ="
	    " @first", FINDING_ROW_MISSING },
	{ "middle row of a chain deleted", "DELETE FROM audit_event WHERE id ="
	    " @mid", FINDING_ROW_MISSING },
	{ "last row of a chain deleted", "DELETE FROM audit_event WHERE id ="
	    " @last", FINDING_ROW_MISSING },
	{ "last three rows of a chain deleted", "DELETE FROM audit_event"
	    " WHERE chain_id = @chain AND chain_seq > @n - 3",
	    FINDING_ROW_MISSING },
	{ "last row deleted, and its leaf", "DELETE FROM audit_leaf WHERE"
	    " event_id = @last; DELETE FROM audit_event WHERE id = @last",
	    FINDING_LEAF_MISSING },
	{ "a whole chain deleted", "DELETE FROM audit_event WHERE chain_id ="
	    " @chain", FINDING_ROW_MISSING },
	{ "a whole chain deleted, and its leaves", "DELETE l FROM audit_leaf l"
	    " JOIN audit_event e ON e.id = l.event_id WHERE e.chain_id ="
	    " @chain; DELETE FROM audit_event WHERE chain_id = @chain",
	    FINDING_LEAF_MISSING },
	{ "an unsealed row deleted", "DELETE FROM audit_event WHERE id ="
	    " @bare", FINDING_ROW_MISSING },
	{ "all rows deleted", "DELETE FROM audit_event",
	    FINDING_ROW_MISSING },
	{ "two rows of a chain swapped", "UPDATE audit_event SET chain_seq ="
	    " 99 WHERE id = @mid; UPDATE audit_event SET chain_seq = 4 WHERE"
	    " chain_id = @chain AND chain_seq = 5; UPDATE audit_event SET"
	    " chain_seq = 5 WHERE id = @mid", FINDING_ROW_MOVED },
	{ "two leaves swapped", "UPDATE audit_leaf SET leaf_index = 99999"
	    " WHERE leaf_index = @leaf; UPDATE audit_leaf SET leaf_index ="
	    " @leaf WHERE leaf_index = @leaf + 1; UPDATE audit_leaf SET"
	    " leaf_index = @leaf + 1 WHERE leaf_index = 99999",
	    FINDING_TREE_BROKEN },
	{ "an old row put in again under a new id", "INSERT INTO audit_event"
	    " SELECT UUID(), chain_id, @n + 1, occurred_at, actor_kind,"
	    " actor_id, actor_label, action, target_kind, target_id, scope,"
	    " name, key_version, outcome, error_type, correlation_id, prev_mac,"
	    " mac FROM audit_event WHERE id = @mid", FINDING_ROW_CHANGED },
	{ "the same, in a chain of its own", "SET @new = UUID(); INSERT INTO"
	    " audit_event SELECT @new, @new, 1, occurred_at, actor_kind,"
	    " actor_id, actor_label, action, target_kind, target_id, scope,"
	    " name, key_version, outcome, error_type, correlation_id, NULL,"
	    " mac FROM audit_event WHERE id = @mid", FINDING_ROW_CHANGED },
	{ "a refusal made up", "SET @new = UUID(); INSERT INTO audit_event"
	    " SELECT @new, @new, 1, occurred_at, actor_kind, actor_id,"
	    " actor_label, action, target_kind, target_id, scope, name,"
	    " key_version, outcome, error_type, correlation_id, NULL, NULL"
	    " FROM audit_event WHERE id = @bare", FINDING_LEAF_MISSING },
	{ "a success made up, with a MAC by another key", "SET @new = UUID();"
	    " INSERT INTO audit_event SELECT @new, @new, 1, occurred_at,"
	    " actor_kind, actor_id, actor_label, action, target_kind,"
	    " target_id, scope, name, key_version, outcome, error_type,"
	    " correlation_id, NULL, UNHEX(SHA2('guess', 256))"
	    " FROM audit_event WHERE id = @mid", FINDING_ROW_CHANGED },
	{ "a success made up, without a MAC", "SET @new = UUID(); INSERT INTO"
	    " audit_event SELECT @new, @new, 1, occurred_at, actor_kind,"
	    " actor_id, actor_label, action, target_kind, target_id, scope,"
	    " name, key_version, outcome, error_type, correlation_id, NULL,"
	    " NULL FROM audit_event WHERE id = @mid", FINDING_ROW_UNSEALED },
	{ "a row deleted before it was sealed", "INSERT INTO audit_pending"
	    " VALUES (UUID())", FINDING_ROW_MISSING },
	{ "a leaf deleted", "DELETE FROM audit_leaf WHERE event_id = @mid",
	    FINDING_LEAF_MISSING },
	{ "the last leaf deleted", "DELETE FROM audit_leaf WHERE leaf_index ="
	    " @newest - 1", FINDING_LEAF_MISSING },
	{ "all leaves deleted", "DELETE FROM audit_leaf",
	    FINDING_LEAF_MISSING },
	{ "a leaf's hash changed", "UPDATE audit_leaf SET row_hash ="
	    " REPEAT('x', 32) WHERE event_id = @mid", FINDING_LEAF_CHANGED },
	{ "a leaf given to another row", "UPDATE audit_leaf SET event_id ="
	    " UUID() WHERE event_id = @mid", FINDING_LEAF_MISSING },
	{ "a leaf put in", "INSERT INTO audit_leaf VALUES (@newest, UUID(),"
	    " REPEAT('x', 32))", FINDING_CHECKPOINT_MISSING },
	{ "a leaf put in far away", "INSERT INTO audit_leaf VALUES"
	    " (9000000000000000000, UUID(), REPEAT('x', 32))",
	    FINDING_CHECKPOINT_MISSING },
	{ "a node changed", "UPDATE audit_node SET hash = REPEAT('x', 32)",
	    FINDING_TREE_BROKEN },
	{ "a node deleted", "DELETE FROM audit_node", FINDING_TREE_BROKEN },
	{ "a node put in", "INSERT INTO audit_node VALUES (16, 3,"
	    " REPEAT('x', 32))", FINDING_TREE_BROKEN },
	CHECKPOINT("root_hash = REPEAT('x', 32)", CHECKPOINT_SIGNATURE),
	CHECKPOINT("made_at = made_at + INTERVAL 1 MICROSECOND",
	    CHECKPOINT_SIGNATURE),
	CHECKPOINT("public_key = REPEAT('x', 32)", CHECKPOINT_SIGNATURE),
	CHECKPOINT("signature = REPEAT('x', 64)", CHECKPOINT_SIGNATURE),
	CHECKPOINT("tree_size = tree_size - 1", CHECKPOINT_SIGNATURE),
	CHECKPOINT("frontier = REPEAT('x', LENGTH(frontier))",
	    CHECKPOINT_CHANGED),
	CHECKPOINT("frontier = CONCAT(frontier, 'x')", CHECKPOINT_CHANGED),
	CHECKPOINT("key_version = 2", CHECKPOINT_CHANGED),
	{ "a checkpoint put in", "INSERT INTO audit_checkpoint SELECT @cp - 1,"
	    " root_hash, frontier, made_at, key_version, public_key, signature"
	    " FROM audit_checkpoint WHERE tree_size = @cp",
	    FINDING_CHECKPOINT_SIGNATURE },
	{ "one put in far away", "INSERT INTO audit_checkpoint SELECT"
	    " 9000000000000000000, root_hash, frontier, made_at, key_version,"
	    " public_key, signature FROM audit_checkpoint WHERE tree_size ="
	    " @cp", FINDING_CHECKPOINT_SIGNATURE },
	{ "the newest checkpoint deleted", "DELETE FROM audit_checkpoint WHERE"
	    " tree_size = @newest", FINDING_CHECKPOINT_MISSING },
	{ "all checkpoints deleted", "DELETE FROM audit_checkpoint",
	    FINDING_CHECKPOINT_MISSING },
};

#endif /* !SR_TESTS_CORE_AUDIT_TAMPERS_H */
