#ifndef SR_TESTS_CORE_AUDIT_FIXTURE_H
#define SR_TESTS_CORE_AUDIT_FIXTURE_H

/* What the suites of core/audit share: a migrated private MariaDB with keys. */

#include "core/audit/audit.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"
#include "tests/core/store/fixture.h"
#include "tests/harness/process.h"

static struct store store;
static struct actor owner = { .kind = ACTOR_ACCOUNT,
    .label = "owner@example.org" };

static inline struct audit_entry
entry_about(const struct sr_id * target)
{

	return ((struct audit_entry){ .id = new_id(),
	    .occurred_at = clock_now(), .actor = &owner,
	    .action = AUDIT_CREATE, .outcome = AUDIT_SUCCEEDED,
	    .error = SR_OK, .target_kind = "secret", .target_id = *target,
	    .scope = "instance", .name = "providers/x", .key_version = 1 });
}

/* The root key's file, for another process. */
static char audit_key_file[200];

static inline enum sr_error
audit_keys(struct store * to)
{
	const struct keyring_sources sources = { .file = audit_key_file };
	enum sr_error err;

	if ((err = keystore_new(&to->keys)) == SR_OK &&
	    (err = keystore_load(to->keys, &sources)) == SR_OK)
		err = keystore_bind(to->keys, to->db);
	return (err);
}

static inline int
audit_start(void)
{

	if (fixture_start() != 0)
		return (-1);
	(void)snprintf(audit_key_file, sizeof(audit_key_file), "%s/root.key",
	    suite_tmpdir());
	store.db = db;
	owner.correlation_id = new_id();
	return (keyring_new_file(audit_key_file, 1) == SR_OK &&
	    audit_keys(&store) == SR_OK ? 0 : -1);
}

static inline int
audit_stop(void)
{

	keystore_free(&store.keys);
	return (fixture_stop());
}

struct append_cookie {
	const struct store * store;
	const struct audit_entry * entry;
};

static inline enum sr_error
append_fn(struct tx * tx, void * cookie)
{
	const struct append_cookie * c = cookie;

	return (audit_append(tx, c->store, c->entry));
}

/* A transaction with nothing but the row. */
static inline enum sr_error
append_one(struct db * to, const struct store * with,
    const struct audit_entry * entry)
{
	struct append_cookie c = { .store = with, .entry = entry };

	return (tx_run(to, &entry->id, append_fn, &c));
}

static inline long
count_rows(const char * condition, const struct sr_id * target)
{
	char sql[200], id[SR_ID_STRLEN + 1], * out;
	long n;

	sr_id_format(target, id);
	(void)snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM audit_event "
	    "WHERE target_id = '%s' AND %s", id, condition);
	out = mariadb_sql(m, sql);
	n = out == NULL ? -1 : strtol(out, NULL, 10);
	free(out);
	return (n);
}

static inline long
count_of_target(const struct sr_id * target)
{

	return (count_rows("1", target));
}

static inline long
count_sealed(const struct sr_id * target)
{

	return (count_rows("mac IS NOT NULL", target));
}

#endif /* !SR_TESTS_CORE_AUDIT_FIXTURE_H */
