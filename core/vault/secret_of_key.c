#include "core/vault/secret_internal.h"
#include "core/vault/secret_of_key.h"

struct list {
	secret_meta_fn * fn;
	void * cookie;
	enum sr_error answer;	/* What ${fn} said. */
};

static enum sr_error
list_row(const struct db_row * row, void * cookie)
{
	struct list * l = cookie;
	struct secret_meta meta;
	enum sr_error err;

	if ((err = secret_meta_row(row, &meta)) != SR_OK)
		return (err);
	return (l->answer = l->fn(&meta, l->cookie));
}

/**
 * secret_list_of_key(db, key_id, after, limit, fn, cookie):
 * As secret_list, of the projects that an API key is limited to.
 */
enum sr_error
secret_list_of_key(struct db * db, const struct sr_id * key_id,
    const struct sr_id * after, unsigned limit, secret_meta_fn * fn,
    void * cookie)
{
	struct list l = { .fn = fn, .cookie = cookie, .answer = SR_OK };
	enum sr_error err;

	err = db_query(db, STMT_SECRET_LIST_OF_KEY, DB_ARGS(DB_UUID(after ==
	    NULL ? &sr_id_nil : after), DB_UUID(key_id), DB_INT(limit)),
	    list_row, &l);
	if (l.answer != SR_OK)
		return (l.answer);
	return (err == SR_OK ? SR_OK : SR_E_SECRET_METADATA_UNAVAILABLE);
}
