#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

#include "core/vault/idempotency.h"

#define HOURS_STANDARD	24

/** idempotency_asked(key): whether there is one. */
bool
idempotency_asked(const char * key)
{
	return (key != NULL && key[0] != '\0');
}

static bool
well_formed(const char * key)
{
	size_t i;

	for (i = 0; key[i] != '\0'; i++) {
		if (i == IDEMPOTENCY_KEY_MAX || key[i] < ' ' || key[i] > '~')
			return (false);
	}
	return (i >= IDEMPOTENCY_KEY_MIN);
}

/* Keys are everybody's own: two who choose the same one do not meet. An
 * operator has no id; there the system's name tells them apart. */
static void
mac_of_key(const struct secbuf * key, const struct actor * actor,
    const char * text, uint8_t out[MAC_LEN])
{
	const uint8_t kind = (uint8_t)actor->kind;
	const struct mac_part parts[] = { mac_text("strongroom request key"),
	    MAC_BYTES(&kind, 1), MAC_BYTES(actor->id.b, sizeof(actor->id.b)),
	    mac_text(sr_id_is_nil(&actor->id) ? actor->label : NULL),
	    mac_text(text) };

	mac_parts(key, parts, COUNTOF(parts), out);
}

/**
 * idempotency_begin(store, keys, actor, key, parts, n, out):
 * Make the MACs by which the request is known again.
 */
enum sr_error
idempotency_begin(const struct store * store, const struct keyset * keys,
    const struct actor * actor, const char * key,
    const struct mac_part * parts, size_t n, struct idempotency * out)
{
	const struct secbuf * mac_key = keyset_request_key(keys);

	*out = (struct idempotency){ .asked = idempotency_asked(key) };
	if (!out->asked)
		return (SR_OK);
	if (!well_formed(key))
		return (SR_E_IDEMPOTENCY_KEY_INVALID);
	out->hours = store->idempotency_hours == 0 ? HOURS_STANDARD :
	    store->idempotency_hours;
	mac_of_key(mac_key, actor, key, out->key_mac);
	mac_parts(mac_key, parts, n, out->request_mac);
	return (SR_OK);
}

struct found {
	struct idempotency * request;
	struct idempotency_result * made;
	bool found;
	bool same;
};

static enum sr_error
found_row(const struct db_row * row, void * cookie)
{
	struct found * f = cookie;
	const uint8_t * mac;
	size_t len;

	mac = db_col_bytes(row, 0, &len);
	if (len != MAC_LEN)
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "idempotency.request_mac")));
	f->made->id = db_col_uuid(row, 1);
	f->made->version = (uint32_t)db_col_int(row, 2);
	f->request->over = db_col_int(row, 3) != 0;
	f->found = true;
	f->same = mac_equal(mac, f->request->request_mac);
	return (SR_OK);
}

/**
 * idempotency_find(db, request, made, found):
 * Whether it came before, and what it made.
 */
enum sr_error
idempotency_find(struct db * db, struct idempotency * request,
    struct idempotency_result * made, bool * found)
{
	struct found f = { .request = request, .made = made };
	enum sr_error err;

	*found = false;
	request->over = false;
	if (!request->asked)
		return (SR_OK);
	if ((err = db_query(db, STMT_IDEMPOTENCY_FIND,
	    DB_ARGS(DB_BYTES(request->key_mac, MAC_LEN)), found_row, &f)) !=
	    SR_OK)
		return (err);
	if (!f.found || request->over)
		return (SR_OK);
	*found = f.same;
	return (f.same ? SR_OK : SR_E_IDEMPOTENCY_KEY_REUSED);
}

/**
 * idempotency_keep(tx, request, made):
 * Write the row.
 */
enum sr_error
idempotency_keep(struct tx * tx, struct idempotency * request,
    const struct idempotency_result * made)
{
	struct db * db = tx_db(tx);
	enum sr_error err;

	request->taken = false;
	if (!request->asked)
		return (SR_OK);
	if (request->over && (err = db_exec(db, STMT_IDEMPOTENCY_END,
	    DB_ARGS(DB_BYTES(request->key_mac, MAC_LEN)), NULL)) != SR_OK)
		return (err);
	err = db_exec(db, STMT_IDEMPOTENCY_INSERT,
	    DB_ARGS(DB_BYTES(request->key_mac, MAC_LEN),
	    DB_BYTES(request->request_mac, MAC_LEN), DB_UUID(&made->id),
	    DB_INT(made->version), DB_INT(request->hours)), NULL);
	if (err != SR_E_DATABASE_REFUSED || !db_duplicate(db))
		return (err);
	request->taken = true;
	return (SR_E_IDEMPOTENCY_KEY_REUSED);
}
