#include <string.h>

#include "core/redact/known_search_internal.h"

/* A MAC counts its bytes and so many more. */
#define MAC_COST	((uint64_t)64)

/** search_spend(s, cost): false, the cause set, if there is no more. */
bool
search_spend(struct search * s, uint64_t cost)
{

	if (s->budget < cost) {
		s->cause = REDACT_CAUSE_LIMIT;
		return (false);
	}
	s->budget -= cost;
	return (true);
}

/* A candidate: forms that would begin at one place, the shortest first. */
struct trial {
	struct search * s;
	struct lens_chain chain;
	size_t start;
	const uint32_t * wheres;
	size_t n;
	struct hmac_sha256_ctx ctx;
	/* What was read, and what of it the MAC has. */
	const struct lens_text * text;
	size_t next, done, total;
	size_t end;		/* In the view, of the last byte taken. */
	unsigned marks;		/* Seen on the way. */
	bool letters;
};

/* The next stretch through the chain; false if there is none. */
static bool
read_on(struct trial * t)
{
	struct search * s = t->s;

	if (t->text != NULL && t->text->stop != LENS_STOP_FULL)
		goto end;
	t->text = lens_chain_read(&t->chain, &s->view, t->next, s->view.n,
	    &s->tried);
	t->next = t->text->next;
	t->done = 0;
	t->marks |= t->text->marks;
	t->letters = t->letters || t->text->letters;
	if (t->text->n != 0)
		return (true);
end:
	if (t->text->stop != LENS_STOP_BREAK)
		search_hold(s, t->start);
	return (false);
}

/* MAC up to byte ${len} of what the chain gives. */
static bool
take(struct trial * t, size_t len)
{
	size_t n;

	if (!search_spend(t->s, len - t->total + MAC_COST))
		return (false);
	if (t->chain.n == 0) {
		n = len - t->total;
		hmac_sha256_update(&t->ctx, n,
		    &t->s->view.p[t->start + t->total]);
		t->total = len;
		t->end = t->start + len;
		return (true);
	}
	while (t->total < len) {
		if ((t->text == NULL || t->done == t->text->n) && !read_on(t))
			return (false);
		n = t->text->n - t->done;
		if (n > len - t->total)
			n = len - t->total;
		hmac_sha256_update(&t->ctx, n, &t->text->bytes[t->done]);
		t->done += n;
		t->total += n;
		t->end = t->text->to[t->done - 1];
	}
	return (true);
}

static void
found(struct search * s, const struct known_form * form, size_t start,
    size_t end)
{
	struct span span = { .start = start, .end = end, .from = start,
	    .to = end, .known = form };

	s->found = true;
	if (s->spans != NULL && !span_add(s->spans, &span))
		s->cause = s->spans->cause;
}

/*
 * Each form in turn, so that the MAC of a longer one goes on from where the
 * shorter one's bytes end.
 */
static void
try_chain(struct trial * t)
{
	struct search * s = t->s;
	struct hmac_sha256_ctx end;
	const struct known_form * form;
	uint8_t mac[REDACT_MAC_LEN];
	bool base64 = window_base64(t->wheres[0]);
	size_t i;

	t->ctx = s->keys->mac;
	t->text = NULL;
	t->next = t->end = t->start;
	t->done = t->total = 0;
	t->marks = 0;
	t->letters = false;
	for (i = 0; i < t->n && s->cause == REDACT_CAUSE_NONE; i++) {
		if (!take(t, window_length(t->wheres[i])))
			break;
		end = t->ctx;
		hmac_sha256_digest(&end, sizeof(mac), mac);
		form = known_find(s->known, mac, t->total, base64);
		/* Of several readings the union: "&amp;" is no "&" and rest. */
		if (form != NULL)
			found(s, form, t->start, t->end);
	}
	explicit_bzero(&t->ctx, sizeof(t->ctx));
	explicit_bzero(&end, sizeof(end));
}

static void
try_lens(struct trial * t, size_t level, enum lens lens)
{

	t->chain.v[level] = lens;
	t->chain.n = level + 1;
	/* Forms in base64 may have their lines joined, their letters folded. */
	if (window_base64(t->wheres[0]))
		t->chain.v[t->chain.n++] = LENS_BASE64;
	try_chain(t);
}

/* Try what is read on the way through lens ${first}. */
static void
try_second(struct trial * t, enum lens first)
{
	unsigned lens, marks = t->marks;

	for (lens = 0; lens < LENS_MARKED; lens++) {
		if ((marks & 1U << lens) == 0 ||
		    t->s->cause != REDACT_CAUSE_NONE)
			continue;
		t->chain.v[0] = first;
		try_lens(t, 1, (enum lens)lens);
		if (lens == LENS_CODE && t->letters)
			marks |= 1U << LENS_SHELL;
	}
}

/* The lenses that marks in [at, end) ask for. */
static unsigned
marks_in(const struct search * s, size_t at, size_t end)
{
	unsigned marks = 0;

	for (; (at = lens_next_mark(s->view.p, at, end)) < end; at++)
		marks |= lens_marks(s->view.p[at]);
	return (marks);
}

/*
 * Try the lenses that marks in the first ${length} bytes ask for. A form that
 * is read through one is longer, and has more marks perhaps.
 */
static void
try_marks(struct trial * t, size_t length)
{
	size_t seen = t->start + length, end;
	unsigned lens = 0, marks = marks_in(t->s, t->start, seen), tried = 0;
	bool letters;

	for (; lens < LENS_MARKED && t->s->cause == REDACT_CAUSE_NONE; lens++) {
		if ((marks & ~tried & 1U << lens) == 0)
			continue;
		try_lens(t, 0, (enum lens)lens);
		tried |= 1U << lens;
		letters = lens == LENS_CODE && t->letters;
		end = t->end;
		try_second(t, (enum lens)lens);
		if (letters)
			marks |= 1U << LENS_SHELL;
		if (end > seen) {
			marks |= marks_in(t->s, seen, end);
			seen = end;
			lens = (unsigned)-1;
		}
	}
}

/*
 * Whether this was tried: what a trial finds depends on its start, the lengths
 * and the kind alone.
 */
static bool
is_past(struct search * s, size_t at, const uint32_t * wheres, size_t n,
    bool hex)
{
	uint64_t lengths = hex ? 3 : window_base64(wheres[0]) ? 2 : 1;
	size_t i;

	for (i = 0; i < n; i++)
		lengths = (lengths ^ window_length(wheres[i])) *
		    UINT64_C(0x9e3779b97f4a7c15);
	for (i = 0; i < s->past_n && i < SEARCH_PAST; i++) {
		if (s->past[i].start == at && s->past[i].lengths == lengths)
			return (true);
	}
	s->past[s->past_n % SEARCH_PAST].start = at;
	s->past[s->past_n++ % SEARCH_PAST].lengths = lengths;
	return (false);
}

/** search_try(s, at, wheres, n, hex): forms that would begin at ${at}. */
void
search_try(struct search * s, size_t at, const uint32_t * wheres, size_t n,
    bool hex)
{
	struct trial t = { .s = s, .start = at, .wheres = wheres, .n = n };
	size_t longest = window_length(wheres[n - 1]);

	if (is_past(s, at, wheres, n, hex))
		return;
	/* No lens makes a text longer: through none is it complete yet. */
	if (longest > s->view.n - at) {
		search_hold(s, at);
		if (!s->view.ends)
			return;
		while (t.n > 0 && window_length(wheres[t.n - 1]) >
		    s->view.n - at)
			t.n--;
		if (t.n == 0)
			return;
		longest = window_length(wheres[t.n - 1]);
	}
	if (hex) {
		t.chain = (struct lens_chain){ .v = { LENS_HEX }, .n = 1 };
		try_chain(&t);
		return;
	}
	if (window_base64(wheres[0]))
		t.chain = (struct lens_chain){ .v = { LENS_BASE64 }, .n = 1 };
	try_chain(&t);
	try_marks(&t, longest);
}
