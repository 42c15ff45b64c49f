#include "core/log/log.h"
#include "core/redact/variant.h"
#include "core/vault/secret.h"

#include "core/vault/liveset_internal.h"

/* "integration/" + name + "@" + version. */
#define LABEL_MAX	(16 + SECRET_NAME_MAX + 12)

/*
 * Rows of one statement: it ends long before its time limit, however busy the
 * machine is. More than any one version has.
 */
#define PAGE_ROWS	(2 * REDACT_FORMS_MAX)

/* The forms of one version, gathered from rows that come in its order. */
struct load {
	struct redact * redact;
	struct sr_id secret_id;
	uint32_t key_version;		/* 0: none yet. */
	uint32_t oldest;		/* The first that came. */
	struct sr_id done_id;		/* The last that was put, */
	uint32_t done_version;		/* 0: none. */
	size_t rows;			/* Rows that came. */
	char label[LABEL_MAX];
	struct redact_form * forms;
	size_t n;
	size_t cap;
};

static enum sr_error
load_flush(struct load * l)
{
	enum sr_error err;

	if (l->key_version == 0)
		return (SR_OK);
	err = redact_known_put(l->redact, &l->secret_id, l->key_version,
	    l->label, l->forms, l->n);
	l->done_id = l->secret_id;
	l->done_version = l->key_version;
	l->key_version = 0;
	l->n = 0;
	return (err);
}

static enum sr_error
load_room(struct load * l)
{
	struct redact_form * v;
	size_t cap;

	if (l->n < l->cap)
		return (SR_OK);
	cap = l->cap == 0 ? 16 : l->cap * 2;
	if ((v = reallocarray(l->forms, cap, sizeof(*v))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	l->forms = v;
	l->cap = cap;
	return (SR_OK);
}

/* Columns 4 to 8 of VARIANT_COLS in stmt.def. */
static enum sr_error
form_from_row(const struct db_row * row, struct redact_form * f)
{
	const uint8_t * windows;
	const uint8_t * mac;
	size_t windows_len, mac_len;

	memset(f, 0, sizeof(*f));
	windows = db_col_bytes(row, 6, &windows_len);
	mac = db_col_bytes(row, 7, &mac_len);
	if (!redact_kind_parse(db_col_text(row, 4), &f->kind) ||
	    windows_len > REDACT_WINDOWS_MAX || mac_len != REDACT_MAC_LEN)
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("table", "redaction_variant")));
	f->length = (uint32_t)db_col_int(row, 5);
	memcpy(f->windows, windows, windows_len);
	f->windows_len = (uint8_t)windows_len;
	memcpy(f->mac, mac, REDACT_MAC_LEN);
	snprintf(f->tag, sizeof(f->tag), "%s", db_col_text(row, 8));
	return (SR_OK);
}

static enum sr_error
load_row(const struct db_row * row, void * cookie)
{
	struct load * l = cookie;
	struct sr_id secret_id = db_col_uuid(row, 0);
	uint32_t key_version = (uint32_t)db_col_int(row, 1);
	enum sr_error err;

	if (key_version != l->key_version ||
	    !sr_id_equal(&secret_id, &l->secret_id)) {
		if ((err = load_flush(l)) != SR_OK)
			return (err);
		if (l->oldest == 0)
			l->oldest = key_version;
		l->secret_id = secret_id;
		l->key_version = key_version;
		snprintf(l->label, sizeof(l->label), "%s/%s@%u",
		    db_col_text(row, 2), db_col_text(row, 3),
		    (unsigned)key_version);
	}
	if ((err = load_room(l)) != SR_OK ||
	    (err = form_from_row(row, &l->forms[l->n])) != SR_OK)
		return (err);
	l->n++;
	l->rows++;
	return (SR_OK);
}

/*
 * The versions after the last that was put. Of a full page the last version
 * may go on behind it: it is left to the next.
 */
static enum sr_error
load_page(const struct store * store, unsigned days, struct load * l)
{
	const struct sr_id after = l->done_id;
	const uint32_t version = l->done_version;
	enum sr_error err;

	l->rows = 0;
	err = db_query(store->db, STMT_VARIANT_PAGE, DB_ARGS(DB_UUID(&after),
	    DB_UUID(&after), DB_INT(version), DB_INT(days),
	    DB_INT(PAGE_ROWS)), load_row, l);
	if (err != SR_OK)
		return (err);
	if (l->rows < PAGE_ROWS)
		return (load_flush(l));
	l->key_version = 0;
	l->n = 0;
	if (l->done_version == version && sr_id_equal(&l->done_id, &after))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("table", "redaction_variant")));
	return (SR_OK);
}

/**
 * liveset_load_all(store, days):
 * Load the forms of every secret, page by page. Rows come off the wire one by
 * one, and the set's lock is held for one version at a time.
 */
enum sr_error
liveset_load_all(const struct store * store, unsigned days)
{
	struct load l = { .redact = store->redact };
	enum sr_error err;

	do {
		err = load_page(store, days, &l);
	} while (err == SR_OK && l.rows == PAGE_ROWS);
	free(l.forms);
	return (err);
}

/*
 * The versions of a secret are replaced one by one and never dropped first:
 * there is no moment at which a concurrent scan does not know them. What was
 * purged are the oldest ones.
 */
static enum sr_error
load_secret(const struct store * store, unsigned days,
    const struct sr_id * secret_id)
{
	struct load l = { .redact = store->redact };
	enum sr_error err;

	err = db_query(store->db, STMT_VARIANT_OF_SECRET,
	    DB_ARGS(DB_UUID(secret_id), DB_INT(days)), load_row, &l);
	if (err == SR_OK)
		err = load_flush(&l);
	if (err == SR_OK && l.oldest == 0)
		redact_known_drop(store->redact, secret_id);
	else if (err == SR_OK)
		redact_known_from(store->redact, secret_id, l.oldest);
	free(l.forms);
	return (err);
}

/* The secrets that changes name. */
struct changed {
	struct sr_id * id;
	size_t n, cap;
};

static enum sr_error
keep_changed(const struct sr_id * secret_id, void * cookie)
{
	struct changed * c = cookie;
	struct sr_id * v;

	if (c->n == c->cap) {
		c->cap = c->cap == 0 ? 16 : c->cap * 2;
		if ((v = reallocarray(c->id, c->cap, sizeof(*v))) == NULL)
			return (SR_E_OUT_OF_MEMORY);
		c->id = v;
	}
	c->id[c->n++] = *secret_id;
	return (SR_OK);
}

static int
by_id(const void * a, const void * b)
{
	const struct sr_id * x = a, * y = b;
	size_t i = 0;

	while (i + 1 < sizeof(x->b) && x->b[i] == y->b[i])
		i++;
	return ((int)x->b[i] - (int)y->b[i]);
}

/**
 * liveset_load_new(store, days, seen, heads):
 * Load the forms of the secrets that changed since.
 */
enum sr_error
liveset_load_new(const struct store * store, unsigned days,
    const struct change_heads * seen, const struct change_heads * heads)
{
	struct changed c = { .n = 0 };
	enum sr_error err = SR_OK;
	unsigned shard;
	size_t i;

	for (shard = 0; shard < CHANGE_SHARDS && err == SR_OK; shard++) {
		if (heads->n[shard] != seen->n[shard])
			err = change_since(store->db, shard, seen->n[shard],
			    keep_changed, &c);
	}
	if (c.n > 1)
		qsort(c.id, c.n, sizeof(*c.id), by_id);
	for (i = 0; err == SR_OK && i < c.n; i++)
		if (i == 0 || !sr_id_equal(&c.id[i], &c.id[i - 1]))
			err = load_secret(store, days, &c.id[i]);
	free(c.id);
	return (err);
}
