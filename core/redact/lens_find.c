#include <string.h>

#include "core/redact/lens_internal.h"

/*
 * Where lenses have something to read: most text has none of it and must not
 * wait. On x86-64 with AVX2 32 bytes are looked at together; elsewhere one by
 * one. What is found may be nothing; what is passed over is nothing.
 */

/* By byte; none of those above 0x7f is of any kind. */
const uint8_t lens_kinds[256] = {
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0xa0, 0x20, 0x00, 0x00, 0xa0, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0xa0, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x80,
	0x00, 0x00, 0x00, 0x40, 0x20, 0x60, 0x00, 0x40,
	0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
	0x69, 0x6a, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x40,
	0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40,
	0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40,
	0x60, 0x40, 0x40, 0x00, 0xa0, 0x00, 0x00, 0x40,
	0x00, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x40,
	0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40,
	0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40,
	0x60, 0x40, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00,
};

/** lens_wraps(p, at): whether LENS_WRAP_MIN of base64 end before ${at}. */
bool
lens_wraps(const uint8_t * p, size_t at)
{
	size_t i;

	if (at < LENS_WRAP_MIN)
		return (false);
	for (i = 1; i <= LENS_WRAP_MIN; i++) {
		if (!lens_is(p[at - i], LENS_IS_BASE64))
			return (false);
	}
	return (true);
}

/* Whether a mark at ${at} may begin a token. */
static bool
is_mark(const uint8_t * p, size_t at, size_t n)
{
	size_t left = n - at;

	switch (p[at]) {
	case '\\':
	case '+':
		return (true);
	case '%':
		return ((left < 2 || lens_hex_digit(p[at + 1]) >= 0) &&
		    (left < 3 || lens_hex_digit(p[at + 2]) >= 0));
	case '&':
		return (left < 2 || p[at + 1] == '#' ||
		    (uint8_t)((p[at + 1] | 0x20) - 'a') < 26);
	case '\'':
		return ((left < 2 || p[at + 1] == '"' ||
		    p[at + 1] == '\\') && (left < 3 || p[at + 2] == '\''));
	default:
		return (false);
	}
}

static size_t
next_mark_scalar(const uint8_t * p, size_t at, size_t n)
{

	while (at < n && !is_mark(p, at, n))
		at++;
	return (at);
}

static size_t
next_hex_scalar(const uint8_t * p, size_t at, size_t n)
{
	size_t run = 0;

	for (; at < n; at++) {
		run = lens_is(p[at], LENS_IS_HEXISH) ? run + 1 : 0;
		if (run == 16)
			return (at - 15);
	}
	return (n);
}

static void
bits_scalar(const uint8_t * p, size_t n, struct lens_bits * bits)
{
	struct lens_bits b = { .base64 = 0 };
	uint64_t one;
	size_t i;

	for (i = 0; i < n; i++) {
		one = UINT64_C(1) << (i & 63);
		if (lens_is(p[i], LENS_IS_BASE64))
			b.base64 |= one;
		if (p[i] == '-' || p[i] == '_')
			b.url |= one;
		else if (lens_is(p[i], LENS_IS_BASE64) && p[i] != '+' &&
		    p[i] != '/')
			b.word |= one;
		if (p[i] > ' ' && p[i] <= '~')
			b.graphic |= one;
		if (p[i] == '\n')
			b.newline |= one;
		if ((i & 63) == 63 || i + 1 == n) {
			bits[i / 64] = b;
			b = (struct lens_bits){ .base64 = 0 };
		}
	}
}

#ifdef __x86_64__
#include <immintrin.h>

#define AVX2	__attribute__((target("avx2")))

AVX2 static inline __m256i
load(const uint8_t * p)
{
	__m256i x;

	memcpy(&x, p, sizeof(x));
	return (x);
}

AVX2 static inline __m256i
is(__m256i x, char c)
{

	return (_mm256_cmpeq_epi8(x, _mm256_set1_epi8(c)));
}

AVX2 static size_t
next_mark_avx2(const uint8_t * p, size_t at, size_t n)
{
	__m256i x, y, m;
	uint32_t bits;

	for (; at + 33 <= n; at += 32) {
		x = load(&p[at]);
		y = load(&p[at + 1]);
		m = _mm256_or_si256(_mm256_or_si256(is(x, '\\'), is(x, '%')),
		    _mm256_or_si256(is(x, '&'), is(x, '+')));
		m = _mm256_or_si256(m, _mm256_and_si256(is(x, '\''),
		    _mm256_or_si256(is(y, '"'), is(y, '\\'))));
		for (bits = (uint32_t)_mm256_movemask_epi8(m); bits != 0;
		    bits &= bits - 1) {
			if (is_mark(p, at + (size_t)__builtin_ctz(bits), n))
				return (at + (size_t)__builtin_ctz(bits));
		}
	}
	return (next_mark_scalar(p, at, n));
}

/* By a table of the low half and one of the high half of each byte. */
AVX2 static inline uint32_t
classify(__m256i x, __m256i low, __m256i high)
{
	__m256i l = _mm256_shuffle_epi8(low, x);
	__m256i h = _mm256_shuffle_epi8(high, _mm256_and_si256(
	    _mm256_srli_epi16(x, 4), _mm256_set1_epi8(15)));

	return (~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(
	    _mm256_and_si256(l, h), _mm256_setzero_si256())));
}

AVX2 static inline __m256i
table(const uint8_t t[16])
{
	__m128i x;

	memcpy(&x, t, sizeof(x));
	return (_mm256_broadcastsi128_si256(x));
}

/*
 * Bits of high halves: 1 for 0 (\t \n \r), 2 for 2 (blank , -), 4 for 3
 * (digits and :), 8 for 4 and 6 (letters a to f), 16 for 5 and 7 (x, \).
 * The high half of \ and x share the low halves 8 and c.
 */
static const uint8_t hex_high[16] = { 1, 0, 2, 4, 8, 16, 8, 16 };
static const uint8_t hex_low[16] = { 2 + 4, 4 + 8, 4 + 8, 4 + 8, 4 + 8, 4 + 8,
    4 + 8, 4, 4 + 16, 1 + 4, 1 + 4, 0, 2 + 16, 1 + 2, 0, 0 };

AVX2 static size_t
next_hex_avx2(const uint8_t * p, size_t at, size_t n)
{
	const __m256i low = table(hex_low), high = table(hex_high);
	uint64_t bits, runs, carry = 0;

	/* The upper half is new, the lower one what came before it. */
	for (; at + 32 <= n; at += 32) {
		bits = (uint64_t)classify(load(&p[at]), low, high) << 32 |
		    carry;
		carry = bits >> 32;
		runs = bits & bits >> 1;
		runs &= runs >> 2;
		runs &= runs >> 4;
		runs &= runs >> 8;
		if (runs != 0)
			return (at + (size_t)__builtin_ctzll(runs) - 32);
	}
	for (; carry >> 31 != 0; carry = (carry << 1 & 0xffffffff))
		at--;
	return (next_hex_scalar(p, at, n));
}

static const uint8_t b64_high[16] = { 0, 0, 1, 2, 4, 8, 4, 16 };
static const uint8_t b64_low[16] = { 2 + 8 + 16, 2 + 4 + 8 + 16,
    2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16,
    2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16,
    4 + 8 + 16, 1 + 4, 4, 1 + 4, 4, 1 + 4 + 8 };

/* Of 32 bytes. */
AVX2 static inline __attribute__((always_inline)) struct lens_bits
half_bits(__m256i x, __m256i low, __m256i high, bool all)
{
	__m256i url = _mm256_or_si256(is(x, '-'), is(x, '_')), mark;
	struct lens_bits b = { .base64 = classify(x, low, high) };

	b.url = (uint32_t)_mm256_movemask_epi8(url);
	b.newline = (uint32_t)_mm256_movemask_epi8(is(x, '\n'));
	if (!all)
		return (b);
	mark = _mm256_or_si256(_mm256_or_si256(is(x, '+'), is(x, '/')), url);
	b.word = b.base64 & ~(uint32_t)_mm256_movemask_epi8(mark);
	b.graphic = (uint32_t)_mm256_movemask_epi8(_mm256_andnot_si256(
	    is(x, 0x7f), _mm256_cmpgt_epi8(x, _mm256_set1_epi8(' '))));
	return (b);
}

AVX2 static inline __attribute__((always_inline)) void
blocks_avx2(const uint8_t * p, size_t n, struct lens_bits * bits, bool all)
{
	const __m256i low = table(b64_low), high = table(b64_high);
	struct lens_bits a, b;
	size_t i;

	for (i = 0; i + 64 <= n; i += 64, bits++) {
		a = half_bits(load(&p[i]), low, high, all);
		b = half_bits(load(&p[i + 32]), low, high, all);
		bits->base64 = a.base64 | b.base64 << 32;
		bits->url = a.url | b.url << 32;
		bits->newline = a.newline | b.newline << 32;
		if (!all)
			continue;
		bits->word = a.word | b.word << 32;
		bits->graphic = a.graphic | b.graphic << 32;
	}
	if (i < n)
		bits_scalar(&p[i], n - i, bits);
}

AVX2 static void
bits_avx2(const uint8_t * p, size_t n, struct lens_bits * bits, bool all)
{

	if (all)
		blocks_avx2(p, n, bits, true);
	else
		blocks_avx2(p, n, bits, false);
}

static bool
has_avx2(void)
{

	return (__builtin_cpu_supports("avx2") != 0);
}
#else
#define has_avx2()		false
#define next_mark_avx2		next_mark_scalar
#define next_hex_avx2		next_hex_scalar
#define bits_avx2(p, n, bits, all)	bits_scalar(p, n, bits)
#endif

/** lens_next_mark(p, at, n): where the next mark may be, or ${n}. */
size_t
lens_next_mark(const uint8_t * p, size_t at, size_t n)
{

	return (has_avx2() ? next_mark_avx2(p, at, n) :
	    next_mark_scalar(p, at, n));
}

/** lens_next_hex(p, at, n): where 16 bytes that HEX may read begin, or ${n}. */
size_t
lens_next_hex(const uint8_t * p, size_t at, size_t n)
{

	return (has_avx2() ? next_hex_avx2(p, at, n) :
	    next_hex_scalar(p, at, n));
}

/** lens_bits(p, n, bits, all): of ${n} bytes, 64 to an element. */
void
lens_bits(const uint8_t * p, size_t n, struct lens_bits * bits, bool all)
{

	if (has_avx2())
		bits_avx2(p, n, bits, all);
	else
		bits_scalar(p, n, bits);
}
