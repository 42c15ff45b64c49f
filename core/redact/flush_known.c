#include <string.h>

#include "core/redact/flush_internal.h"
#include "core/redact/known_set_internal.h"
#include "core/redact/lens_internal.h"

#define WIDE	((size_t)16)	/* A window of a long form. */
#define NARROW	((size_t)8)	/* Of others. */

/* Whether a form of ${class} begins with these ${width} bytes. */
static bool
begins(const struct scan_with * with, enum window_class class,
    const uint8_t * p, size_t width)
{
	const struct window_slots * slots;
	const struct window_slot * slot;
	uint8_t block[2 * FINGERPRINT_BLOCK] = { 0 };
	uint64_t hash;
	uint32_t where;
	size_t i;

	memcpy(block, p, width);
	fingerprint_hash_portable(fingerprint_keys(with->fingerprint), block,
	    1, width, 1, &hash);
	explicit_bzero(block, sizeof(block));
	slots = atomic_load_explicit(&with->known->windows[class].shards[
	    window_shard_of(hash)].slots, memory_order_acquire);
	if (slots == NULL)
		return (false);
	for (i = window_first(hash) & slots->mask;; i = (i + 1) & slots->mask) {
		slot = &slots->v[i];
		where = atomic_load_explicit(&slot->where,
		    memory_order_acquire);
		if (where == 0)
			return (false);
		if (atomic_load_explicit(&slot->hash,
		    memory_order_relaxed) == hash &&
		    window_offset(where) == 0)
			return (true);
	}
}

/* As it is, and as base64 has it. */
static bool
begins_either(const struct scan_with * with, enum window_class class,
    const uint8_t * p, size_t width)
{
	uint8_t folded[WIDE];
	size_t i;
	bool found;

	if (begins(with, class, p, width))
		return (true);
	if (memchr(p, '-', width) == NULL && memchr(p, '_', width) == NULL)
		return (false);
	for (i = 0; i < width; i++)
		folded[i] = p[i] == '-' ? '+' : p[i] == '_' ? '/' : p[i];
	found = begins(with, class, folded, width);
	explicit_bzero(folded, sizeof(folded));
	return (found);
}

/* Whether an escape may begin at ${i}; what is cut off may. */
static bool
escape(const uint8_t * p, size_t i, size_t n)
{
	bool last = i + 1 == n;

	switch (p[i]) {
	case '\\':
		return (true);
	case '%':
		return (last || lens_hex_digit(p[i + 1]) >= 0);
	case '&':
		return (last || p[i + 1] == '#' ||
		    (p[i + 1] >= 'a' && p[i + 1] <= 'z'));
	case '+':
		return (last || p[i + 1] > ' ');
	case '\'':
		return (last || p[i + 1] == '\\' || p[i + 1] == '"');
	default:
		return (false);
	}
}

/* What a lens may read as more than FLUSH_SEEN bytes that are not windows. */
static bool
encoded(const uint8_t * p, size_t n)
{
	size_t i, digits = 0, most = n < WIDE ? n : WIDE;

	for (i = 0; i < most; i++) {
		if (escape(p, i, n))
			return (true);
	}
	for (i = 0; i < n && lens_is(p[i], LENS_IS_HEXISH); i++)
		digits += lens_hex_digit(p[i]) >= 0;
	return (digits > 2 * FLUSH_SEEN);
}

static bool
blank_in(const uint8_t * p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] <= ' ')
			return (true);
	}
	return (false);
}

/*
 * Whether more than FLUSH_SEEN bytes from ${p} on may not be shown. Of long
 * forms nothing is known that is shorter than sixteen bytes: there it is what
 * prompts have, and tokens have not, that tells.
 */
static bool
may_be(const struct scan_with * with, const uint8_t * p, size_t n,
    size_t typed)
{
	const struct window_table * t = with->known->windows;
	bool wide = atomic_load(&t[WINDOW_LONG].used) != 0;

	if (encoded(p, n))
		return (true);
	if (atomic_load(&t[WINDOW_SHORT].used) != 0 &&
	    begins_either(with, WINDOW_SHORT, p, NARROW))
		return (true);
	if (atomic_load(&t[WINDOW_MEDIUM].used) != 0 &&
	    begins_either(with, WINDOW_MEDIUM, p, NARROW))
		return (true);
	if (!wide)
		return (false);
	if (n >= WIDE)
		return (begins_either(with, WINDOW_LONG, p, WIDE));
	return (!blank_in(p, n) && typed < n);
}

/** flush_known(with, text, len, at, typed): for fear of known secrets. */
size_t
flush_known(const struct scan_with * with, const char * text, size_t len,
    size_t at, size_t typed)
{
	const uint8_t * p = (const uint8_t *)text;

	if (with->known == NULL || known_count(with->known) == 0)
		return (len);
	for (; at + FLUSH_SEEN < len; at++) {
		if (may_be(with, &p[at], len - at, typed))
			return (at + FLUSH_SEEN);
	}
	return (len);
}
