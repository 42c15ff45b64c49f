#include <string.h>

#include "core/redact/known_search_internal.h"

/*
 * Most of what lenses could read holds nothing. That is found out here without
 * a map of offsets, which is most of their work: whether a filter lets any of
 * the windows through that reading would give, and maybe of some more.
 */

/* Bytes of the view, or half as many of hex, that are looked at. */
#define QUICK_MAX	((size_t)256)

static void
pad(uint8_t * bytes, size_t n)
{
	/* Not a constant, which compilers make a slow instruction of. */
	size_t more = LENS_PAD - n % FINGERPRINT_BLOCK;

	memset(&bytes[n], 0, more);
}

/**
 * search_plus_may_be(s, first, end):
 * Whether any window of [first, end) may be known once each + is a blank. No
 * token comes of that, so there is nothing to read twice.
 */
bool
search_plus_may_be(const struct search * s, size_t first, size_t end)
{
	uint8_t bytes[QUICK_MAX + LENS_PAD];
	size_t i, n = end - first;
	bool may;

	if (n > QUICK_MAX || (end == s->view.n && !s->view.ends))
		return (true);
	for (i = 0; i < n; i++)
		bytes[i] = s->view.p[first + i] == '+' ? ' ' :
		    s->view.p[first + i];
	pad(bytes, n);
	/* A blank is not among the first bytes of a form that has none. */
	may = search_sifts(s, bytes, n, SIZE_MAX) ||
	    (known_least_begin(s->known) == FINGERPRINT_ANY &&
	    search_sifts_short(s, bytes, n));
	explicit_bzero(bytes, n);
	return (may);
}

/**
 * search_hex_may_be(s, first, end):
 * Whether any window of the digits in [first, end) may be known, whichever of
 * them a pair begins with and whatever stands between.
 */
bool
search_hex_may_be(const struct search * s, size_t first, size_t end)
{
	uint8_t digits[2 * QUICK_MAX + 2], bytes[2 * QUICK_MAX + 2 *
	    FINGERPRINT_BLOCK + LENS_PAD];
	size_t i, at, n = 0, odd;
	unsigned kind;
	bool may = true;

	if (end - first > 2 * QUICK_MAX)
		return (true);
	for (at = first; at < end; at++) {
		kind = lens_kinds[s->view.p[at]] & LENS_DIGIT;
		digits[n] = (uint8_t)(kind - 1);
		n += kind != 0;
		/* 0x and \x are no digits. */
		if (s->view.p[at] == 'x' || s->view.p[at] == '\\' ||
		    s->view.p[at] == 'X')
			goto out;
	}
	for (i = 0; 2 * i + 1 < n; i++)
		bytes[i] = (uint8_t)(digits[2 * i] << 4 | digits[2 * i + 1]);
	memset(&bytes[i], 0, FINGERPRINT_BLOCK);
	odd = (i + FINGERPRINT_BLOCK - 1) / FINGERPRINT_BLOCK *
	    FINGERPRINT_BLOCK;
	for (i = 0; 2 * i + 2 < n; i++)
		bytes[odd + i] = (uint8_t)(digits[2 * i + 1] << 4 |
		    digits[2 * i + 2]);
	pad(bytes, odd + i);
	may = search_sifts(s, bytes, odd + i, n / 2) ||
	    (search_short_may_be(s, bytes, odd + i) &&
	    search_sifts_short(s, bytes, odd + i));
	explicit_bzero(bytes, odd + i);

out:
	explicit_bzero(digits, n);
	return (may);
}

/**
 * search_wrap_may_be(s, first, line, end):
 * Whether any window of the base64 in [first, end) may be known of a form that
 * begins before the line's end at ${line}.
 */
bool
search_wrap_may_be(const struct search * s, size_t first, size_t line,
    size_t end)
{
	uint8_t bytes[QUICK_MAX + LENS_PAD + 1], c;
	size_t at, n = 0, before = 0;
	bool may;

	if (end - first > QUICK_MAX || (end == s->view.n && !s->view.ends))
		return (true);
	for (at = first; at < end && (at < line || n < before + s->span);
	    at++) {
		c = s->view.p[at];
		bytes[n] = c == '-' ? '+' : c == '_' ? '/' : c;
		n += lens_is(c, LENS_IS_BASE64);
		before = at < line ? n : before;
	}
	pad(bytes, n);
	/* A short one that begins further back ends before the line does. */
	at = before > FINGERPRINT_BASE64_MIN ? before -
	    FINGERPRINT_BASE64_MIN : 0;
	may = search_sifts(s, bytes, n, SIZE_MAX) ||
	    search_sifts_short(s, &bytes[at], n < before + 7 ? n - at :
	    before + 7 - at);
	explicit_bzero(bytes, n);
	return (may);
}

/** search_short_may_be(s, p, len): whether a short form may begin there. */
bool
search_short_may_be(const struct search * s, const uint8_t * p, size_t len)
{
	const enum fingerprint_begin least = known_least_begin(s->known);
	struct lens_bits bits[SEARCH_STRETCH / 64 + 2];
	uint64_t places, base64;
	size_t i, blocks = (len + 63) / 64;

	if (atomic_load(&s->known->windows[WINDOW_SHORT].used) == 0)
		return (false);
	if (least == FINGERPRINT_ANY || len > SEARCH_STRETCH)
		return (true);
	/* Whole blocks, for the zeros behind are of no kind. */
	lens_bits(p, 64 * blocks, bits, true);
	bits[blocks] = (struct lens_bits){ .base64 = 0 };
	for (i = 0; i < blocks; i++) {
		places = least == FINGERPRINT_WORD ?
		    lens_all_eight(bits[i].word, bits[i + 1].word) :
		    lens_all_eight(bits[i].graphic, bits[i + 1].graphic);
		base64 = lens_all_eight(bits[i].base64, bits[i + 1].base64);
		/* That of ten in a row is some of that of eight. */
		if ((places | base64) != 0)
			return (true);
	}
	return (false);
}
