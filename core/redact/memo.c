#include <stdlib.h>
#include <string.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/gate_internal.h"
#include "core/redact/memo_internal.h"
#include "core/redact/redacted_internal.h"

#define SLOTS		4096
#define TEXT_MAX	256
#define NOT_SURE	UINT_FAST64_MAX

struct slot {
	uint_fast64_t generation;	/* Of the live set that passed it. */
	size_t len;			/* 0: none. */
	char text[TEXT_MAX];
};

struct redact_memo {
	struct slot slot[SLOTS];
};

/** memo_new(out): nothing is remembered. */
enum sr_error
memo_new(struct redact_memo ** out)
{

	if ((*out = redact_alloc(sizeof(**out))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	memset(*out, 0, sizeof(**out));
	return (SR_OK);
}

/** memo_free(m): release; *m becomes NULL; may be NULL. */
void
memo_free(struct redact_memo ** m)
{

	if (*m == NULL)
		return;
	explicit_bzero(*m, sizeof(**m));
	free(*m);
	*m = NULL;
}

/* Of a live set that is in use and at rest, or NOT_SURE. */
static uint_fast64_t
generation(struct redact * r)
{
	uint_fast64_t n = atomic_load(&r->generation);

	if (redact_state(r) != REDACT_READY || atomic_load(&r->changing) != 0)
		return (NOT_SURE);
	return (n);
}

/* Where a text is looked for: FNV-1a, which needs to be no more than quick. */
static struct slot *
slot_of(struct redact_memo * m, const char * text, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return (&m->slot[(h ^ h >> 32) % SLOTS]);
}

static bool
holds(const struct slot * s, uint_fast64_t now, const char * text, size_t len)
{

	return (s->len == len && s->generation == now &&
	    strncmp(s->text, text, len) == 0);
}

/* What passed is the same text. */
static bool
unchanged(const struct redacted * t, const char * text, size_t len)
{

	return (t->len == len && strncmp(t->bytes, text, len) == 0);
}

/** memo_text(m, r, channel, text, len, hits, out): NULL: as it is. */
enum sr_error
memo_text(struct redact_memo * m, struct redact * r,
    enum redact_channel channel, const char * text, size_t len,
    struct redact_hits * hits, struct redacted ** out)
{
	uint_fast64_t now = generation(r);
	struct slot * s = NULL;
	enum sr_error err;

	*out = NULL;
	*hits = (struct redact_hits){ .known = 0 };
	if (len == 0 && now != NOT_SURE)
		return (SR_OK);
	/* strncmp ends at a NUL: a text that holds one is not remembered. */
	if (m != NULL && now != NOT_SURE && len <= TEXT_MAX &&
	    memchr(text, '\0', len) == NULL)
		s = slot_of(m, text, len);
	if (s != NULL && holds(s, now, text, len))
		return (SR_OK);
	err = redact_text(r, channel, text, len, hits, out);
	if (err != SR_OK || hits->known != 0 || hits->rules != 0 ||
	    !unchanged(*out, text, len))
		return (err);
	redacted_free(out);
	/* The live set that passed it is the one that was there before. */
	if (s != NULL && generation(r) == now) {
		s->generation = now;
		s->len = len;
		memcpy(s->text, text, len);
	}
	return (SR_OK);
}
