/*
 * The audit as a file, and the signature of it. Both are made anew each time:
 * the same query and size give the same bytes. The file is made while it is
 * sent, at the pace of the reader.
 */

#include "cgi/exchange.h"
#include "cgi/export_query.h"
#include "core/audit/export.h"
#include "core/audit/minisig.h"
#include "core/log/log.h"
#include "core/redact/compose.h"
#include "core/store/keystore.h"
#include "core/vault/liveset.h"

/* Sealings before an export: what is pending may never end on a busy server. */
#define SEALINGS_MOST	64
/* The live set is brought up to date when it is older than this. */
#define REFRESH_MS	1000
#define RETRY_SECONDS	10
#define NAME_MAX_LEN	64
#define SIG_TEXT_MAX	((size_t)2048)

struct sending {
	const struct exchange * x;
	const struct sink * sink;	/* NULL: it is only hashed. */
	struct audit_export export;
	struct minisig_hash * hash;	/* NULL: it is only sent. */
	int64_t refreshed;
	bool placed;			/* Counted in worker->exports. */
};

static enum sr_error
put(const struct redacted * piece, void * cookie)
{
	struct sending * s = cookie;
	enum sr_error err;

	if (s->hash != NULL)
		minisig_add(s->hash, redacted_bytes(piece),
		    redacted_len(piece));
	if (s->sink != NULL && !s->sink->write(s->sink->cookie,
	    redacted_bytes(piece), redacted_len(piece)))
		return (SR_E_OUTPUT_FAILED);
	/* Behind the write: the reader may have taken his time. */
	if (clock_monotonic_ms() - s->refreshed < REFRESH_MS)
		return (SR_OK);
	if ((err = liveset_refresh(s->x->worker->live, &s->x->store)) != SR_OK)
		return (err);
	s->refreshed = clock_monotonic_ms();
	return (SR_OK);
}

static enum sr_error
make(struct sending * s)
{
	int64_t began = clock_monotonic_ms();
	struct audit_export_counts n;
	enum sr_error err;

	s->refreshed = began;
	err = audit_export(&s->x->store, &s->export, put, s, &n);
	if (err == SR_OK)
		LOG(AUDIT_EXPORTED, log_u64("size", s->export.head.tree_size),
		    log_u64("events", n.events), log_u64("bytes", n.bytes),
		    log_i64("ms", clock_monotonic_ms() - began));
	return (err);
}

static enum sr_error
run(void * cookie, const struct sink * sink)
{
	struct sending * s = cookie;

	s->sink = sink;
	return (make(s));
}

static void
end(void * cookie)
{
	struct sending * s = cookie;

	if (s->placed)
		(void)atomic_fetch_sub(&s->x->worker->exports, 1);
	minisig_drop(&s->hash);
	free(s);
}

/* Readers who are slow must not take every thread. */
static enum sr_error
take_place(struct exchange * x, struct sending * s)
{
	unsigned threads = x->worker->threads;

	s->placed = true;
	if (atomic_fetch_add(&x->worker->exports, 1) <
	    (threads > 1 ? threads / 2 : 1))
		return (SR_OK);
	x->response.retry_after = RETRY_SECONDS;
	return (SR_E_AUDIT_EXPORT_BUSY);
}

static enum sr_error
begin(struct exchange * x, const struct audit_filter * filter,
    struct sending ** out)
{
	struct sending * s;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	s->x = x;
	s->export.filter = *filter;
	*out = s;
	return (take_place(x, s));
}

/* The audit is of no project: a key that is limited does not get it. */
static enum sr_error
read_query(struct exchange * x, struct audit_filter * filter, uint64_t * size)
{
	enum sr_error err;

	if ((err = guard_project(x, &sr_id_nil)) != SR_OK)
		return (err);
	return (export_query(x, filter, size));
}

/* So that what the reader has just done is in it too. */
static void
seal_first(const struct exchange * x)
{
	uint64_t sealed;
	bool more = true;

	for (int i = 0; more && i < SEALINGS_MOST; i++) {
		if (checkpoint_seal(&x->store, &sealed, &more) != SR_OK)
			return;
	}
}

/* "strongroom-audit-SIZE.xml" */
static void
compose_file(struct compose * c, uint64_t size)
{

	compose_lit(c, "strongroom-audit-");
	compose_u64(c, size);
	compose_lit(c, ".xml");
}

static enum sr_error
name_file(struct exchange * x, uint64_t size, bool signature)
{
	struct compose * c = NULL;
	enum sr_error err;

	err = compose_new(NULL, REDACT_UI, NAME_MAX_LEN, &c);
	if (err != SR_OK)
		return (err);
	compose_file(c, size);
	if (signature)
		compose_lit(c, ".minisig");
	return (response_file(&x->response, &c));
}

/* The end of the file, then the row that says who has it. */
static enum sr_error
admit(struct exchange * x, uint64_t size, struct audit_export * export)
{
	enum sr_error err;

	if ((err = keystore_write_error(x->store.keys)) != SR_OK ||
	    (err = audit_export_head(x->store.db, size, &export->head)) !=
	    SR_OK)
		return (err);
	return (audit_reading(&x->store, &x->actor, AUDIT_AUDIT_EXPORT,
	    &export->filter, NULL));
}

static enum sr_error
show_newest(struct exchange * x)
{
	struct checkpoint newest;
	enum sr_error err;

	if ((err = keystore_write_error(x->store.keys)) != SR_OK)
		return (err);
	seal_first(x);
	if ((err = audit_export_head(x->store.db, 0, &newest)) != SR_OK)
		return (err);
	return (export_redirect(x, newest.tree_size));
}

enum sr_error
h_audit_export(struct exchange * x)
{
	struct audit_filter filter;
	struct sending * s = NULL;
	struct stream stream;
	enum sr_error err;
	uint64_t size;

	if ((err = read_query(x, &filter, &size)) != SR_OK)
		return (err);
	if (size == 0)
		return (show_newest(x));
	if ((err = begin(x, &filter, &s)) != SR_OK ||
	    (err = admit(x, size, &s->export)) != SR_OK) {
		if (s != NULL)
			end(s);
		return (err);
	}
	stream = (struct stream){ .run = run, .end = end, .cookie = s };
	response_stream(&x->response, CONTENT_XML, &stream);
	return (name_file(x, size, false));
}

/* What the signature says of the file besides. */
static enum sr_error
compose_comment(const struct sending * s, struct redacted ** out)
{
	struct compose * c = NULL;
	enum sr_error err;

	err = compose_new(NULL, REDACT_ARTIFACT, MINISIG_COMMENT_MAX, &c);
	if (err != SR_OK)
		return (err);
	compose_lit(c, "strongroom audit export size:");
	compose_u64(c, s->export.head.tree_size);
	compose_lit(c, " file:");
	compose_file(c, s->export.head.tree_size);
	return (compose_finish(&c, out));
}

static enum sr_error
sign(struct sending * s, struct redacted ** out)
{
	const struct keyset * set = keystore_hold(s->x->store.keys);
	uint8_t hash[MINISIG_HASH_LEN];
	struct redacted * said = NULL;
	struct compose * c = NULL;
	struct minisig sig;
	enum sr_error err;

	if (set == NULL)
		return (SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	minisig_end(&s->hash, hash);
	if ((err = compose_comment(s, &said)) == SR_OK &&
	    (err = compose_new(NULL, REDACT_ARTIFACT, SIG_TEXT_MAX,
	    &c)) == SR_OK) {
		minisig_sign(keyset_sign_key(set), hash, said, &sig);
		minisig_compose(c, &sig, said);
		err = compose_finish(&c, out);
	}
	redacted_free(&said);
	keyset_release(&set);
	return (err);
}

/* For HEAD nothing is made: what it would say is known. */
static enum sr_error
answer_signature(struct exchange * x, struct sending * s, uint64_t size)
{
	struct redacted * text = NULL;
	enum sr_error err;

	if ((err = admit(x, size, &s->export)) != SR_OK)
		return (err);
	if (!x->request.head && ((err = minisig_begin(&s->hash)) != SR_OK ||
	    (err = make(s)) != SR_OK || (err = sign(s, &text)) != SR_OK))
		return (err);
	response_body(&x->response, 200, CONTENT_TEXT, &text);
	return (name_file(x, size, true));
}

enum sr_error
h_audit_signature(struct exchange * x)
{
	struct audit_filter filter;
	struct sending * s = NULL;
	enum sr_error err;
	uint64_t size;

	if ((err = read_query(x, &filter, &size)) != SR_OK)
		return (err);
	if (size == 0) {
		/* The newest one is no longer that of the file. */
		x->complaint.field = "size";
		return (SR_E_AUDIT_FILTER_INVALID);
	}
	if ((err = begin(x, &filter, &s)) == SR_OK)
		err = answer_signature(x, s, size);
	if (s != NULL)
		end(s);
	return (err);
}
