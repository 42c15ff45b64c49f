#include "core/log/log.h"
#include "core/vault/change.h"

/** change_shard(secret_id): 0 to CHANGE_SHARDS - 1. */
unsigned
change_shard(const struct sr_id * secret_id)
{

	/* Of a UUIDv7 the last byte is random. */
	return (secret_id->b[sizeof(secret_id->b) - 1] % CHANGE_SHARDS);
}

/** change_note(db, id, secret_id): what is known of the secret changed. */
enum sr_error
change_note(struct db * db, const struct sr_id * id,
    const struct sr_id * secret_id)
{
	unsigned shard = change_shard(secret_id);
	enum sr_error err;

	if ((err = db_later(db, STMT_CHANGE_NUMBER, DB_ARGS(DB_INT(shard)),
	    NULL)) != SR_OK)
		return (err);
	return (db_later(db, STMT_CHANGE_INSERT, DB_ARGS(DB_UUID(id),
	    DB_UUID(secret_id), DB_INT(shard)), NULL));
}

struct heads {
	struct change_heads * out;
	unsigned found;
};

static enum sr_error
head_row(const struct db_row * row, void * cookie)
{
	struct heads * h = cookie;
	uint64_t shard = (uint64_t)db_col_int(row, 0);

	if (shard >= CHANGE_SHARDS)
		return (SR_OK);
	h->out->n[shard] = (uint64_t)db_col_int(row, 1);
	h->out->now = db_col_time(row, 2);
	h->found++;
	return (SR_OK);
}

/** change_heads_read(db, out): what is committed by now. */
enum sr_error
change_heads_read(struct db * db, struct change_heads * out)
{
	struct heads h = { .out = out };
	enum sr_error err;

	err = db_query(db, STMT_CHANGE_HEADS, DB_NOARGS, head_row, &h);
	if (err == SR_OK && h.found != CHANGE_SHARDS)
		err = sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("table", "redaction_head"));
	return (err);
}

struct since {
	change_fn * fn;
	void * cookie;
};

static enum sr_error
change_row(const struct db_row * row, void * cookie)
{
	const struct since * s = cookie;
	const struct sr_id id = db_col_uuid(row, 0);

	return (s->fn(&id, s->cookie));
}

/** change_since(db, shard, n, fn, cookie): behind the number ${n}. */
enum sr_error
change_since(struct db * db, unsigned shard, uint64_t n, change_fn * fn,
    void * cookie)
{
	struct since s = { .fn = fn, .cookie = cookie };

	return (db_query(db, STMT_CHANGE_SINCE, DB_ARGS(DB_INT(shard),
	    DB_INT(n)), change_row, &s));
}
