#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#include "core/redact/sieve_internal.h"

/*
 * Sixteen windows, two to a register, and between their rounds the filter for
 * the sixteen before: sixteen at once keep the AES units of a machine busy,
 * and what they leave idle does the rest. Compilers would not mix the two of
 * their own accord, so it is written as it is to run.
 */

#define VAES		__attribute__((target("vaes,avx2,bmi2")))
#define INLINE		__attribute__((target("vaes,avx2,bmi2"),	\
			    always_inline)) static inline
#define LANES		((size_t)16)
#define LOAD(p)		atomic_load_explicit(p, memory_order_relaxed)
#define ROUND(r)	both(&k->rounds[(r) * FINGERPRINT_BLOCK])

INLINE __m256i
both(const uint8_t * p)
{
	__m128i x;

	memcpy(&x, p, sizeof(x));
	return (_mm256_broadcastsi128_si256(x));
}

INLINE __m256i
load(const uint8_t * p)
{

	return (_mm256_loadu_si256((const void *)p));
}

/* Where a window of eight bytes begins; zeros behind them. */
#define AT(i)		(i), (i) + 1, (i) + 2, (i) + 3, (i) + 4, (i) + 5, \
			    (i) + 6, (i) + 7, -1, -1, -1, -1, -1, -1, -1, -1
#define PICK(x, i, j)	_mm256_shuffle_epi8(x,				\
			    _mm256_setr_epi8(AT(i), AT(j)))

#define DECLARE		__m256i key = ROUND(0), x0, x1, x2, x3, x4, x5, x6, x7

#define BEGIN		x0 = _mm256_xor_si256(x0, key);			\
	x1 = _mm256_xor_si256(x1, key);					\
	x2 = _mm256_xor_si256(x2, key);					\
	x3 = _mm256_xor_si256(x3, key);					\
	x4 = _mm256_xor_si256(x4, key);					\
	x5 = _mm256_xor_si256(x5, key);					\
	x6 = _mm256_xor_si256(x6, key);					\
	x7 = _mm256_xor_si256(x7, key)

#define ENCRYPT(r)	key = ROUND(r);					\
	x0 = _mm256_aesenc_epi128(x0, key);				\
	x1 = _mm256_aesenc_epi128(x1, key);				\
	x2 = _mm256_aesenc_epi128(x2, key);				\
	x3 = _mm256_aesenc_epi128(x3, key);				\
	x4 = _mm256_aesenc_epi128(x4, key);				\
	x5 = _mm256_aesenc_epi128(x5, key);				\
	x6 = _mm256_aesenc_epi128(x6, key);				\
	x7 = _mm256_aesenc_epi128(x7, key)

#define LAST		key = ROUND(FINGERPRINT_ROUNDS - 1);		\
	x0 = _mm256_aesenclast_epi128(x0, key);				\
	x1 = _mm256_aesenclast_epi128(x1, key);				\
	x2 = _mm256_aesenclast_epi128(x2, key);				\
	x3 = _mm256_aesenclast_epi128(x3, key);				\
	x4 = _mm256_aesenclast_epi128(x4, key);				\
	x5 = _mm256_aesenclast_epi128(x5, key);				\
	x6 = _mm256_aesenclast_epi128(x6, key);				\
	x7 = _mm256_aesenclast_epi128(x7, key)

/*
 * Two of the windows before; bit 0 of any is what came through. What is far
 * they only ask for, and are tested when it is there.
 */
#define TEST(i)		if (far) {					\
		ask(v, mask, before[i]);				\
		ask(v, mask, before[(i) + 1]);				\
	} else {							\
		any |= test(v, mask, before[i]) |			\
		    test(v, mask, before[(i) + 1]);			\
	}

#define TEST_ROUNDS	ENCRYPT(1); TEST(0); ENCRYPT(2); TEST(2);	\
	ENCRYPT(3); TEST(4); ENCRYPT(4); TEST(6); ENCRYPT(5); TEST(8);	\
	ENCRYPT(6); TEST(10); ENCRYPT(7); TEST(12); ENCRYPT(8);		\
	TEST(14); ENCRYPT(9); LAST

/* Words change as a whole: as they were or as they are, both will do. */
INLINE uint64_t
test(const _Atomic uint64_t * v, size_t mask, uint64_t hash)
{
	uint64_t word = LOAD(&v[window_word(hash) & mask]);

	return (window_has(word, hash));
}

INLINE void
ask(const _Atomic uint64_t * v, size_t mask, uint64_t hash)
{

	__builtin_prefetch((const void *)(uintptr_t)&v[window_word(hash) &
	    mask]);
}

/* What was asked for has come. */
VAES static void
test_all(const struct window_filter * f, size_t n, struct sieved * out)
{
	uint64_t any;
	size_t i, j;

	for (i = 0; i < n; i += LANES) {
		for (any = 0, j = i; j < i + LANES && j < n; j++)
			any |= test(f->v, f->mask, out->hashes[j]);
		if ((any & 1) != 0)
			sieve_filter(f, i, j, out);
	}
}

INLINE void
store(uint64_t * to, __m256i a, __m256i b)
{

	_mm256_storeu_si256((void *)to, _mm256_unpacklo_epi64(a, b));
}

/* Of windows of eight bytes, each a byte further. */
INLINE uint64_t
lanes_1(const struct fingerprint_keys * k, const _Atomic uint64_t * v,
    size_t mask, const uint8_t * p, uint64_t * to, const uint64_t * before,
    bool far)
{
	const __m256i low = both(p), high = both(&p[8]);
	uint64_t any = 0;
	DECLARE;

	/* In pairs whose hashes come out in order. */
	x0 = PICK(low, 0, 2);
	x1 = PICK(low, 1, 3);
	x2 = PICK(low, 4, 6);
	x3 = PICK(low, 5, 7);
	x4 = PICK(high, 0, 2);
	x5 = PICK(high, 1, 3);
	x6 = PICK(high, 4, 6);
	x7 = PICK(high, 5, 7);
	BEGIN;
	TEST_ROUNDS;
	store(&to[0], x0, x1);
	store(&to[4], x2, x3);
	store(&to[8], x4, x5);
	store(&to[12], x6, x7);
	return (any);
}

INLINE __m256i
folded(__m256i x, bool fold)
{

	if (!fold)
		return (x);
	return (_mm256_xor_si256(x, _mm256_xor_si256(
	    _mm256_and_si256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8('-')),
	    _mm256_set1_epi8('-' ^ '+')),
	    _mm256_and_si256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8('_')),
	    _mm256_set1_epi8('_' ^ '/')))));
}

/* Of four rows of four windows of eight bytes. */
INLINE uint64_t
lanes_rows(const struct fingerprint_keys * k, const _Atomic uint64_t * v,
    size_t mask, const uint8_t * p, const uint32_t * at, bool fold,
    uint64_t * to, const uint64_t * before,
    bool far)
{
	const __m256i a = folded(both(&p[at[0]]), fold);
	const __m256i b = folded(both(&p[at[1]]), fold);
	const __m256i c = folded(both(&p[at[2]]), fold);
	const __m256i d = folded(both(&p[at[3]]), fold);
	uint64_t any = 0;
	DECLARE;

	x0 = PICK(a, 0, 2);
	x1 = PICK(a, 1, 3);
	x2 = PICK(b, 0, 2);
	x3 = PICK(b, 1, 3);
	x4 = PICK(c, 0, 2);
	x5 = PICK(c, 1, 3);
	x6 = PICK(d, 0, 2);
	x7 = PICK(d, 1, 3);
	BEGIN;
	TEST_ROUNDS;
	store(&to[0], x0, x1);
	store(&to[4], x2, x3);
	store(&to[8], x4, x5);
	store(&to[12], x6, x7);
	return (any);
}

/* Of windows of eight bytes one behind the other. */
INLINE uint64_t
lanes_8(const struct fingerprint_keys * k, const _Atomic uint64_t * v,
    size_t mask, const uint8_t * p, uint64_t * to, const uint64_t * before,
    bool far)
{
	const __m256i zero = _mm256_setzero_si256();
	uint64_t any = 0;
	DECLARE;

	x0 = _mm256_unpacklo_epi64(load(&p[0]), zero);
	x1 = _mm256_unpackhi_epi64(load(&p[0]), zero);
	x2 = _mm256_unpacklo_epi64(load(&p[32]), zero);
	x3 = _mm256_unpackhi_epi64(load(&p[32]), zero);
	x4 = _mm256_unpacklo_epi64(load(&p[64]), zero);
	x5 = _mm256_unpackhi_epi64(load(&p[64]), zero);
	x6 = _mm256_unpacklo_epi64(load(&p[96]), zero);
	x7 = _mm256_unpackhi_epi64(load(&p[96]), zero);
	BEGIN;
	TEST_ROUNDS;
	store(&to[0], x0, x1);
	store(&to[4], x2, x3);
	store(&to[8], x4, x5);
	store(&to[12], x6, x7);
	return (any);
}

/* Of windows of sixteen bytes one behind the other. */
INLINE uint64_t
lanes_16(const struct fingerprint_keys * k, const _Atomic uint64_t * v,
    size_t mask, const uint8_t * p, uint64_t * to, const uint64_t * before,
    bool far)
{
	uint64_t any = 0;
	DECLARE;

	/* Of x0 and x1: windows 0 and 2, 1 and 3. */
	x0 = _mm256_permute2x128_si256(load(&p[0]), load(&p[32]), 0x20);
	x1 = _mm256_permute2x128_si256(load(&p[0]), load(&p[32]), 0x31);
	x2 = _mm256_permute2x128_si256(load(&p[64]), load(&p[96]), 0x20);
	x3 = _mm256_permute2x128_si256(load(&p[64]), load(&p[96]), 0x31);
	x4 = _mm256_permute2x128_si256(load(&p[128]), load(&p[160]), 0x20);
	x5 = _mm256_permute2x128_si256(load(&p[128]), load(&p[160]), 0x31);
	x6 = _mm256_permute2x128_si256(load(&p[192]), load(&p[224]), 0x20);
	x7 = _mm256_permute2x128_si256(load(&p[192]), load(&p[224]), 0x31);
	BEGIN;
	TEST_ROUNDS;
	store(&to[0], x0, x1);
	store(&to[4], x2, x3);
	store(&to[8], x4, x5);
	store(&to[12], x6, x7);
	return (any);
}

/* More words than this are not near. */
#define NEAR_WORDS	((size_t)1 << 15)

/* All whole sixteens; what came through of all but the last. */
#define SIEVE(name, step, far)						\
VAES static size_t							\
name(const struct fingerprint_keys * k, const struct window_filter * f,	\
    const uint8_t * p, size_t n, struct sieved * out)			\
{									\
	static const uint64_t none[LANES];				\
	const _Atomic uint64_t * v = f->v;				\
	const uint64_t * before = none;					\
	const size_t mask = f->mask;					\
	size_t i;							\
									\
	for (i = 0; i + LANES <= n; i += LANES) {			\
		if ((lanes_##step(k, v, mask, &p[i * step],		\
		    &out->hashes[i], before, far) & 1) != 0 && i != 0)	\
			sieve_filter(f, i - LANES, i, out);		\
		before = &out->hashes[i];				\
	}								\
	return (i);							\
}

SIEVE(sieve_1, 1, false)
SIEVE(sieve_8, 8, false)
SIEVE(sieve_16, 16, false)
SIEVE(sieve_far_1, 1, true)
SIEVE(sieve_far_8, 8, true)
SIEVE(sieve_far_16, 16, true)

/** sieve_vaes: sixteen windows at once. */
void
sieve_vaes(const struct fingerprint_keys * k, const struct window_filter * f,
    const uint8_t * p, size_t step, size_t n, struct sieved * out)
{
	const bool far = f->mask >= NEAR_WORDS && n > 2 * LANES;
	size_t i;

	memset(out->pass, 0, sizeof(out->pass));
	if (step == 1)
		i = far ? sieve_far_1(k, f, p, n, out) :
		    sieve_1(k, f, p, n, out);
	else if (step == 8)
		i = far ? sieve_far_8(k, f, p, n, out) :
		    sieve_8(k, f, p, n, out);
	else
		i = far ? sieve_far_16(k, f, p, n, out) :
		    sieve_16(k, f, p, n, out);
	if (i < n)
		fingerprint_hash_aesni(k, &p[i * step], step,
		    step == FINGERPRINT_BLOCK ? step : 8, n - i,
		    &out->hashes[i]);
	if (far)
		test_all(f, n, out);
	else
		sieve_filter(f, i >= LANES ? i - LANES : 0, n, out);
}

/** sieve_rows_vaes: four rows at once. */
VAES void
sieve_rows_vaes(const struct fingerprint_keys * k,
    const struct window_filter * f, const uint8_t * p, const uint32_t * at,
    size_t rows, bool fold, struct sieved * out)
{
	static const uint64_t none[LANES];
	const uint64_t * before = none;
	uint32_t rest[LANES / FINGERPRINT_ROW];
	uint64_t hashes[LANES], any;
	size_t i, n = rows * FINGERPRINT_ROW;

	memset(out->pass, 0, sizeof(out->pass));
	for (i = 0; i + LANES <= n; i += LANES) {
		any = lanes_rows(k, f->v, f->mask, p,
		    &at[i / FINGERPRINT_ROW], fold, &out->hashes[i], before,
		    false);
		if ((any & 1) != 0 && i != 0)
			sieve_filter(f, i - LANES, i, out);
		before = &out->hashes[i];
	}
	if (i < n) {
		/* The last few, and the first of them again. */
		for (any = 0; any < COUNTOF(rest); any++)
			rest[any] = at[i / FINGERPRINT_ROW +
			    (any < rows % COUNTOF(rest) ? any : 0)];
		(void)lanes_rows(k, f->v, f->mask, p, rest, fold, hashes,
		    before, false);
		memcpy(&out->hashes[i], hashes, (n - i) * sizeof(hashes[0]));
	}
	sieve_filter(f, i >= LANES ? i - LANES : 0, n, out);
}
#else
/* Elsewhere there is nothing to be here. */
typedef int sieve_vaes_elsewhere;
#endif
