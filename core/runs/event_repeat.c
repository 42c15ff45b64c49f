/* Events that come again: with an idempotency key, they are stored once. */

#include "core/base/metric.h"
#include "core/keys/mac.h"
#include "core/runs/event_internal.h"
#include "core/store/keystore.h"

/* So many events before its last one were made by the same call: the streams of
 * a run that it ended. More are not counted in the answer. */
#define MADE_MAX	1024

/* All that is asked. */
static enum sr_error
begin(struct posting * p, const struct keyset * keys)
{
	const struct event_write * w = p->w;
	const uint8_t marks[] = { w->numbered, w->end, w->stream != NULL,
	    w->chunk != NULL };
	const struct mac_part parts[] = { mac_text("event_post"),
	    MAC_BYTES(w->run_id.b, sizeof(w->run_id.b)), mac_text(w->type),
	    mac_text(w->step), mac_text(w->correlation_id),
	    mac_text(w->stream), MAC_BYTES(marks, sizeof(marks)),
	    MAC_BYTES(&w->n, sizeof(w->n)),
	    MAC_BYTES(w->payload, w->payload == NULL ? 0 : w->payload_len),
	    MAC_BYTES(w->chunk, w->chunk == NULL ? 0 : w->chunk_len) };

	return (idempotency_begin(p->store, keys, p->actor,
	    w->idempotency_key, parts, COUNTOF(parts), &p->request));
}

/** repeat_begin(p): by what it is known again, if it is to be. */
enum sr_error
repeat_begin(struct posting * p)
{
	const struct keyset * keys;
	enum sr_error err;

	if (!idempotency_asked(p->w->idempotency_key))
		return (SR_OK);
	if ((keys = keystore_hold(p->store->keys)) == NULL) {
		err = keystore_write_error(p->store->keys);
		return (err != SR_OK ? err :
		    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	}
	err = begin(p, keys);
	keyset_release(&keys);
	return (err);
}

static enum sr_error
take_made(const struct db_row * row, void * cookie)
{
	struct event_written * out = cookie;

	out->events = (unsigned)db_col_int(row, 0);
	out->hits.known = (unsigned)db_col_int(row, 1);
	out->hits.rules = (unsigned)db_col_int(row, 2);
	return (SR_OK);
}

/** repeat_find(p): with the run's row locked: whether it came before. */
enum sr_error
repeat_find(struct posting * p)
{
	struct idempotency_result made;
	enum sr_error err;

	p->repeated = false;
	if ((err = idempotency_find(p->log.db, &p->request, &made,
	    &p->repeated)) != SR_OK || !p->repeated)
		return (err);
	p->out.seq = made.version;
	return (db_query(p->log.db, STMT_EVENT_OF_POST,
	    DB_ARGS(DB_UUID(&p->w->run_id), DB_INT(made.version),
	    DB_INT(MADE_MAX), DB_INT(made.version), DB_UUID(&made.id)),
	    take_made, &p->out));
}

/** repeat_keep(tx, p): that it came, with what it made. */
enum sr_error
repeat_keep(struct tx * tx, struct posting * p)
{
	const struct idempotency_result made = { .id = p->log.post_id,
	    .version = (uint32_t)p->log.last_seq };

	return (idempotency_keep(tx, &p->request, &made));
}

/** repeat_tell(p): after the transaction. */
void
repeat_tell(const struct posting * p)
{

	if (p->repeated)
		metric_count(METRIC_EVENTS_REPEATED);
}
