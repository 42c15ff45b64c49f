#include "core/log/log.h"

#include "core/access/apikey_internal.h"

/* Ids are listed so many at a time. */
#define PAGE	64

static enum sr_error
confirm(struct db * db, struct api_key * key, sr_time now)
{
	enum sr_error err;

	(void)now;
	if (key->held_at == SR_TIME_NONE || key->revoked_at != SR_TIME_NONE)
		return (SR_E_API_KEY_NOT_HELD);
	err = db_exec(db, STMT_API_KEY_CONFIRM, DB_ARGS(DB_UUID(&key->id)),
	    NULL);
	if (err == SR_OK)
		key->held_at = SR_TIME_NONE;
	return (err);
}

/**
 * api_key_confirm(store, actor, id, out):
 * A key that a restore holds works again.
 */
enum sr_error
api_key_confirm(const struct store * store, const struct actor * actor,
    const struct sr_id * id, struct api_key * out)
{
	const struct sr_id key = *id;	/* It may lie in ${out}. */
	enum sr_error err;

	err = api_key_change(store, actor, &key, AUDIT_API_KEY_CONFIRM,
	    confirm, out);
	if (err == SR_OK)
		LOG(API_KEY_CONFIRMED, log_id("api_key_id", key));
	return (err);
}

struct held {
	struct sr_id id[PAGE];
	size_t n;
};

static enum sr_error
held_row(const struct db_row * row, void * cookie)
{
	struct held * h = cookie;

	must(h->n < PAGE);
	h->id[h->n++] = db_col_uuid(row, 0);
	return (SR_OK);
}

/**
 * api_key_confirm_all(store, actor, n):
 * All that are held, each in a transaction of its own.
 */
enum sr_error
api_key_confirm_all(const struct store * store, const struct actor * actor,
    uint64_t * n)
{
	struct held h;
	struct api_key key;
	enum sr_error err;
	size_t i;

	*n = 0;
	do {
		h.n = 0;
		err = db_query(store->db, STMT_API_KEY_HELD,
		    DB_ARGS(DB_INT(PAGE)), held_row, &h);
		for (i = 0; i < h.n && err == SR_OK; i++) {
			err = api_key_confirm(store, actor, &h.id[i], &key);
			/* Somebody else was faster: that is no failure. */
			if (err == SR_OK)
				++*n;
			else if (err == SR_E_API_KEY_NOT_HELD)
				err = SR_OK;
		}
	} while (err == SR_OK && h.n == PAGE);
	return (err);
}
