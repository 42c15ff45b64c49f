#include <string.h>

#include "core/redact/known_set_internal.h"

/* Windows that are hashed at once. */
#define BATCH		256

/*
 * MACs are computed only where a window of a form is. A text made of nothing
 * but beginnings of secrets would still cost much: past this budget the gate
 * gives up, closed. Each MAC counts its bytes and MAC_COST more.
 */
#define BUDGET_BASE	((uint64_t)16 * 1024 * 1024)
#define BUDGET_PER_BYTE	((uint64_t)16)
#define MAC_COST	((uint64_t)64)

/* Candidates of one window that are tried together. */
#define WHERES		64

struct scan {
	const struct known * known;
	const struct fingerprint_keys * keys;
	const uint8_t * text;
	size_t len;
	struct span_list * spans;	/* NULL: only look whether. */
	bool found;
	uint64_t budget;
	enum redact_cause cause;
};

/* Sixteen bytes at once, in the compilers' portable notation. */
typedef uint8_t bytes16 __attribute__((vector_size(FINGERPRINT_BLOCK)));
typedef int8_t flags16 __attribute__((vector_size(FINGERPRINT_BLOCK)));

static flags16
is_base64(bytes16 x)
{
	bytes16 letter = (x | 0x20) - 'a';

	return ((flags16)(letter < 26) | (flags16)(x - '0' < 10) |
	    (flags16)(x == '+') | (flags16)(x == '/') |
	    (flags16)(x == '-') | (flags16)(x == '_'));
}

/*
 * Copy ${len} bytes, those of base64 in the standard alphabet, others as 0.
 * Both buffers have room for whole blocks of 16.
 */
static void
fold(uint8_t * to, const uint8_t * from, size_t len)
{
	bytes16 x;
	size_t i;

	for (i = 0; i < len; i += sizeof(x)) {
		memcpy(&x, &from[i], sizeof(x));
		x = (x ^ ((bytes16)(x == '-') & ('-' ^ '+')) ^
		    ((bytes16)(x == '_') & ('_' ^ '/'))) &
		    (bytes16)is_base64(x);
		memcpy(&to[i], &x, sizeof(x));
	}
}

static bool
spend(struct scan * s, uint64_t cost)
{

	if (s->budget < cost) {
		s->cause = REDACT_CAUSE_LIMIT;
		return (false);
	}
	s->budget -= cost;
	return (true);
}

static bool
mac_text(struct scan * s, struct hmac_sha256_ctx * ctx, size_t at, size_t len,
    bool base64)
{
	uint8_t plain[256], folded[sizeof(plain)];
	size_t n;

	if (!spend(s, len + MAC_COST))
		return (false);
	if (!base64) {
		hmac_sha256_update(ctx, len, &s->text[at]);
		return (true);
	}
	for (; len > 0; at += n, len -= n) {
		n = len < sizeof(plain) ? len : sizeof(plain);
		memset(plain, 'A', sizeof(plain));
		memcpy(plain, &s->text[at], n);
		fold(folded, plain, n);
		if (memchr(folded, 0, n) != NULL)
			break;
		hmac_sha256_update(ctx, n, folded);
	}
	explicit_bzero(plain, sizeof(plain));
	explicit_bzero(folded, sizeof(folded));
	return (len == 0);
}

static void
found(struct scan * s, const struct known_form * form, size_t at, size_t len)
{
	struct span span = { .start = at, .end = at + len, .from = at,
	    .to = at + len, .known = form };

	s->found = true;
	if (s->spans != NULL && !span_add(s->spans, &span))
		s->cause = s->spans->cause;
}

/*
 * Try forms that would all begin at ${at}, the shortest first, so that the
 * MAC of a longer one goes on from where the shorter one's bytes end.
 */
static void
try_forms(struct scan * s, size_t at, const uint32_t * wheres, size_t n)
{
	struct hmac_sha256_ctx ctx = s->keys->mac, end;
	const struct known_form * form;
	uint8_t mac[REDACT_MAC_LEN];
	bool base64 = window_base64(wheres[0]);
	size_t i, len, done = 0;

	for (i = 0; i < n && s->cause == REDACT_CAUSE_NONE; i++) {
		len = window_length(wheres[i]);
		if (len > s->len - at ||
		    !mac_text(s, &ctx, at + done, len - done, base64))
			break;
		done = len;
		end = ctx;
		hmac_sha256_digest(&end, sizeof(mac), mac);
		form = known_find(s->known, mac, len, base64);
		if (form != NULL)
			found(s, form, at, len);
	}
	explicit_bzero(&ctx, sizeof(ctx));
	explicit_bzero(&end, sizeof(end));
}

/* Order by where the form begins and its kind, then by length. */
static uint32_t
rank(uint32_t where)
{

	return (where << 24 | where >> 8);
}

static void
sort_wheres(uint32_t * v, size_t n)
{
	uint32_t x;
	size_t i, j;

	for (i = 1; i < n; i++) {
		x = v[i];
		for (j = i; j > 0 && rank(v[j - 1]) > rank(x); j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

/* The window at ${pos} may be one of any of these: try them. */
static void
try_wheres(struct scan * s, size_t pos, uint32_t * wheres, size_t n)
{
	size_t i, first, offset;

	sort_wheres(wheres, n);
	for (first = 0; first < n; first = i) {
		for (i = first + 1; i < n; i++) {
			if ((wheres[i] & 0xff) != (wheres[first] & 0xff))
				break;
		}
		offset = window_offset(wheres[first]);
		if (offset <= pos)
			try_forms(s, pos - offset, &wheres[first], i - first);
	}
}

static void
look_up(struct scan * s, const struct window_table * t, uint64_t hash,
    size_t pos)
{
	const struct window_slot * slot;
	uint32_t wheres[WHERES];
	size_t i, n = 0;

	for (i = window_first(t, hash);; i = (i + 1) & t->mask) {
		slot = &t->slots[i];
		if (slot->where == 0)
			break;
		if (slot->hash != hash || slot->refs == 0)
			continue;
		wheres[n++] = slot->where;
		if (n == WHERES) {
			try_wheres(s, pos, wheres, n);
			n = 0;
		}
	}
	if (n != 0)
		try_wheres(s, pos, wheres, n);
}

static uint64_t
load64(const uint8_t * p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return (x);
}

/* ${n} windows of the text at ${base}, ${base} + step, … */
struct batch {
	const struct window_table * table;
	size_t width, step, base, n;
	uint8_t plain[BATCH * FINGERPRINT_BLOCK];	/* The text... */
	uint8_t folded[BATCH * FINGERPRINT_BLOCK];	/* ...and folded. */
	uint8_t blocks[BATCH * FINGERPRINT_BLOCK];
	uint8_t hashes[BATCH * FINGERPRINT_BLOCK];
	uint16_t index[BATCH];	/* Which window a block is. */
};

/* Hash ${n} ${blocks}, look up what the filter lets through. */
static void
probe(struct scan * s, struct batch * b, const uint8_t * blocks, size_t n,
    const uint16_t * index)
{
	/* A copy, so that its fields can stay in registers. */
	const struct window_table t = *b->table;
	uint64_t hash;
	size_t i;

	aes128_encrypt(&s->keys->window, n * FINGERPRINT_BLOCK, b->hashes,
	    blocks);
	for (i = 0; i < n; i++) {
		hash = load64(&b->hashes[i * FINGERPRINT_BLOCK]);
		if (!window_maybe(&t, hash))
			continue;
		look_up(s, b->table, hash, b->base +
		    (index == NULL ? i : index[i]) * b->step);
	}
}

/* Not 0 if one of the eight bytes is 0. */
static uint64_t
zero_bytes(uint64_t x)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	return ((x - ones) & ~x & ones << 7);
}

/*
 * Base64 forms are known in the standard alphabet. A window that has
 * characters of the URL-safe one, and else only base64, is looked up once
 * more, folded.
 */
static void
probe_folded(struct scan * s, struct batch * b, size_t len)
{
	uint64_t low, high, differ;
	size_t i, at, m = 0;
	/* With 8 bytes to a window, the other half is a copy of the first. */
	const size_t half = b->width - 8;
	const uint64_t keep = half == 0 ? 0 : UINT64_MAX;

	fold(b->folded, b->plain, len);
	for (i = 0; i < b->n; i++) {
		at = i * b->step;
		low = load64(&b->folded[at]);
		high = load64(&b->folded[at + half]);
		differ = (low ^ load64(&b->plain[at])) |
		    (high ^ load64(&b->plain[at + half]));
		/* Both are rarely true; each alone is a toss. */
		if (((int)(differ != 0) & (int)((zero_bytes(low) |
		    zero_bytes(high)) == 0)) != 0) {
			high &= keep;
			memcpy(&b->blocks[m * FINGERPRINT_BLOCK], &low, 8);
			memcpy(&b->blocks[m * FINGERPRINT_BLOCK + 8], &high, 8);
			b->index[m++] = (uint16_t)i;
		}
	}
	if (m != 0)
		probe(s, b, b->blocks, m, b->index);
}

static void
scan_batch(struct scan * s, struct batch * b)
{
	size_t i, len = (b->n - 1) * b->step + b->width;
	uint64_t pair[2] = { 0, 0 };

	memcpy(b->plain, &s->text[b->base], len);
	if (b->width == FINGERPRINT_BLOCK) {
		probe(s, b, b->plain, b->n, NULL);
	} else {
		for (i = 0; i < b->n; i++) {
			pair[0] = load64(&b->plain[i * b->step]);
			memcpy(&b->blocks[i * FINGERPRINT_BLOCK], pair,
			    sizeof(pair));
		}
		probe(s, b, b->blocks, b->n, NULL);
	}
	probe_folded(s, b, len);
}

/*
 * One pass: a window at every step-th byte. A form of the class is long
 * enough to hold a whole window that begins at such a byte, at one of the
 * offsets that its windows were taken from.
 */
static void
scan_class(struct scan * s, struct batch * b, enum window_class class)
{
	size_t base, left;

	b->table = &s->known->windows[class];
	b->width = window_shapes[class].width;
	b->step = window_shapes[class].count;
	if (b->table->used == 0)
		return;
	for (base = 0; base < s->len && s->cause == REDACT_CAUSE_NONE;
	    base += b->n * b->step) {
		left = s->len - base;
		if (left < b->width)
			break;
		b->base = base;
		b->n = (left - b->width) / b->step + 1;
		if (b->n > BATCH)
			b->n = BATCH;
		scan_batch(s, b);
	}
}

static void
scan_all(struct scan * s)
{
	struct batch b;
	size_t class;

	for (class = 0; class < WINDOW__MAX; class++)
		scan_class(s, &b, (enum window_class)class);
	explicit_bzero(&b, sizeof(b));
}

/** known_scan(k, f, text, len, spans): append the span of every form. */
enum redact_cause
known_scan(const struct known * k, const struct fingerprint * f,
    const char * text, size_t len, struct span_list * spans)
{
	struct scan s = { .known = k, .keys = fingerprint_keys(f),
	    .text = (const uint8_t *)text, .len = len, .spans = spans,
	    .budget = BUDGET_BASE + BUDGET_PER_BYTE * len };

	if (k->secrets_n != 0)
		scan_all(&s);
	return (s.cause);
}

/** known_within(k, f, text, len): whether any form is in a short ${text}. */
bool
known_within(const struct known * k, const struct fingerprint * f,
    const char * text, size_t len)
{
	struct scan s = { .known = k, .keys = fingerprint_keys(f),
	    .text = (const uint8_t *)text, .len = len,
	    .budget = BUDGET_BASE };

	if (k->secrets_n != 0)
		scan_all(&s);
	/* Not looked at to the end is as good as found. */
	return (s.found || s.cause != REDACT_CAUSE_NONE);
}
