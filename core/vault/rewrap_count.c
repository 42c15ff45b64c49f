#include "core/keys/keyring.h"
#include "core/store/db.h"

#include "core/vault/rewrap.h"

struct counting {
	rewrap_count_fn * fn;
	void * cookie;
};

static enum sr_error
count_row(const struct db_row * row, void * cookie)
{
	struct counting * c = cookie;
	const struct rewrap_count count = {
		.kek_version = (uint32_t)db_col_int(row, 0),
		.secret_versions = (uint64_t)db_col_int(row, 1),
		.system_keys = (uint64_t)db_col_int(row, 2) };

	return (c->fn(&count, c->cookie));
}

/**
 * rewrap_counts(db, fn, cookie):
 * The versions that something is wrapped under, ascending.
 */
enum sr_error
rewrap_counts(struct db * db, rewrap_count_fn * fn, void * cookie)
{
	struct counting c = { .fn = fn, .cookie = cookie };

	return (db_query(db, STMT_REWRAP_COUNTS, DB_NOARGS, count_row, &c));
}

struct missing {
	const struct keyring * keyring;
	uint32_t version;
};

static enum sr_error
look_loaded(const struct rewrap_count * count, void * cookie)
{
	struct missing * m = cookie;

	if (m->version == 0 && !keyring_has(m->keyring, count->kek_version))
		m->version = count->kek_version;
	return (SR_OK);
}

/**
 * rewrap_missing(db, keyring, version):
 * The oldest version that is needed and not loaded; 0: none.
 */
enum sr_error
rewrap_missing(struct db * db, const struct keyring * keyring,
    uint32_t * version)
{
	struct missing m = { .keyring = keyring, .version = 0 };
	enum sr_error err;

	err = rewrap_counts(db, look_loaded, &m);
	*version = m.version;
	return (err);
}
