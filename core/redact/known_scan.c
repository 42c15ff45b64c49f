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

/* Base64's place value of a byte is of no interest; only whether it is one. */
enum { NOT_BASE64, STANDARD, URL_SAFE };

static uint8_t
base64_class(uint8_t c)
{

	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/')
		return (STANDARD);
	return (c == '-' || c == '_' ? URL_SAFE : NOT_BASE64);
}

/* Copy ${len} bytes in the standard alphabet; false if one is of neither. */
static bool
fold(uint8_t * to, const uint8_t * from, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (base64_class(from[i]) == NOT_BASE64)
			return (false);
		to[i] = from[i] == '-' ? '+' : from[i] == '_' ? '/' : from[i];
	}
	return (true);
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
	uint8_t folded[256];
	size_t n;

	if (!spend(s, len + MAC_COST))
		return (false);
	if (!base64) {
		hmac_sha256_update(ctx, len, &s->text[at]);
		return (true);
	}
	for (; len > 0; at += n, len -= n) {
		n = len < sizeof(folded) ? len : sizeof(folded);
		if (!fold(folded, &s->text[at], n))
			break;
		hmac_sha256_update(ctx, n, folded);
	}
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

/* Whether one of the 8 bytes of ${x} is ${c}. */
static bool
has_byte(uint64_t x, uint8_t c)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t y = x ^ (ones * c);

	return (((y - ones) & ~y & (ones << 7)) != 0);
}

static bool
has_url_safe(const uint8_t * p, size_t width)
{
	uint64_t x = load64(p);

	if (has_byte(x, '-') || has_byte(x, '_'))
		return (true);
	if (width == 8)
		return (false);
	x = load64(p + 8);
	return (has_byte(x, '-') || has_byte(x, '_'));
}

/* ${n} windows of the text at ${base}, ${base} + step, … */
struct batch {
	const struct window_table * table;
	size_t width, step;
	uint8_t blocks[BATCH * FINGERPRINT_BLOCK];
	uint8_t hashes[BATCH * FINGERPRINT_BLOCK];
	size_t at[BATCH];
};

static void
probe(struct scan * s, const struct batch * b, size_t i, size_t pos)
{
	uint64_t hash = load64(&b->hashes[i * FINGERPRINT_BLOCK]);

	if (window_maybe(b->table, hash))
		look_up(s, b->table, hash, pos);
}

/*
 * Base64 forms are known in the standard alphabet. Where a window has
 * characters of the URL-safe one, it is looked up once more, translated.
 */
static void
scan_url_safe(struct scan * s, struct batch * b, size_t base, size_t n)
{
	size_t i, pos, m = 0;

	for (i = 0; i < n; i++) {
		pos = base + i * b->step;
		if (has_url_safe(&s->text[pos], b->width) &&
		    fold(&b->blocks[m * FINGERPRINT_BLOCK], &s->text[pos],
		    b->width))
			b->at[m++] = pos;
	}
	if (m == 0)
		return;
	for (i = 0; b->width == 8 && i < m; i++)
		memset(&b->blocks[i * FINGERPRINT_BLOCK + 8], 0, 8);
	aes128_encrypt(&s->keys->window, m * FINGERPRINT_BLOCK, b->hashes,
	    b->blocks);
	for (i = 0; i < m; i++)
		probe(s, b, i, b->at[i]);
}

static void
scan_batch(struct scan * s, struct batch * b, size_t base, size_t n)
{
	const uint8_t * blocks = &s->text[base];
	size_t i;

	if (b->width == 8) {
		memset(b->blocks, 0, n * FINGERPRINT_BLOCK);
		for (i = 0; i < n; i++)
			memcpy(&b->blocks[i * FINGERPRINT_BLOCK],
			    &blocks[i * b->step], 8);
		blocks = b->blocks;
	}
	aes128_encrypt(&s->keys->window, n * FINGERPRINT_BLOCK, b->hashes,
	    blocks);
	for (i = 0; i < n; i++)
		probe(s, b, i, base + i * b->step);
	scan_url_safe(s, b, base, n);
}

/*
 * One pass: a window at every step-th byte. A form of the class is long
 * enough to hold a whole window that begins at such a byte, at one of the
 * offsets that its windows were taken from.
 */
static void
scan_class(struct scan * s, struct batch * b, enum window_class class)
{
	size_t base, left, n;

	b->table = &s->known->windows[class];
	b->width = window_shapes[class].width;
	b->step = window_shapes[class].count;
	if (b->table->used == 0)
		return;
	for (base = 0; base < s->len && s->cause == REDACT_CAUSE_NONE;
	    base += n * b->step) {
		left = s->len - base;
		if (left < b->width)
			break;
		n = (left - b->width) / b->step + 1;
		if (n > BATCH)
			n = BATCH;
		scan_batch(s, b, base, n);
	}
}

static void
scan_all(struct scan * s)
{
	struct batch b;
	size_t class;

	for (class = 0; class < WINDOW__MAX; class++)
		scan_class(s, &b, (enum window_class)class);
	explicit_bzero(b.blocks, sizeof(b.blocks));
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
