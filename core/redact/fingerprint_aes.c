#include <string.h>

#include "core/redact/fingerprint_internal.h"

/*
 * Window hashes at the speed of the machine's AES instructions. Many blocks
 * are on their way at once, since each round waits for the one before.
 */

#define BATCH	((size_t)32)

/** fingerprint_hash_portable: with Nettle. */
void
fingerprint_hash_portable(const struct fingerprint_keys * k, const uint8_t * p,
    size_t step, size_t width, size_t n, uint64_t * hashes)
{
	uint8_t blocks[BATCH * FINGERPRINT_BLOCK] = { 0 };
	size_t i, m;

	for (; n > 0; n -= m, hashes += m) {
		m = n < BATCH ? n : BATCH;
		for (i = 0; i < m; i++, p += step) {
			memset(&blocks[i * FINGERPRINT_BLOCK], 0,
			    FINGERPRINT_BLOCK);
			memcpy(&blocks[i * FINGERPRINT_BLOCK], p,
			    width == 8 ? 8 : FINGERPRINT_BLOCK);
		}
		aes128_encrypt(&k->window, m * FINGERPRINT_BLOCK, blocks,
		    blocks);
		for (i = 0; i < m; i++)
			memcpy(&hashes[i], &blocks[i * FINGERPRINT_BLOCK], 8);
	}
}

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>

#define LANES	8

static inline __m128i
load(const uint8_t * p)
{
	__m128i x;

	memcpy(&x, p, sizeof(x));
	return (x);
}

#define EXPAND(i, rcon) do {						\
	t = _mm_shuffle_epi32(_mm_aeskeygenassist_si128(x, (rcon)),	\
	    0xff);							\
	x = _mm_xor_si128(x, _mm_slli_si128(x, 4));			\
	x = _mm_xor_si128(x, _mm_slli_si128(x, 8));			\
	x = _mm_xor_si128(x, t);					\
	memcpy(&rounds[(i) * FINGERPRINT_BLOCK], &x, sizeof(x));	\
} while (0)

__attribute__((target("aes"))) static void
expand(const uint8_t * key, uint8_t * rounds)
{
	__m128i t, x = load(key);

	memcpy(rounds, &x, sizeof(x));
	EXPAND(1, 0x01);
	EXPAND(2, 0x02);
	EXPAND(3, 0x04);
	EXPAND(4, 0x08);
	EXPAND(5, 0x10);
	EXPAND(6, 0x20);
	EXPAND(7, 0x40);
	EXPAND(8, 0x80);
	EXPAND(9, 0x1b);
	EXPAND(10, 0x36);
}

/* ${n} <= LANES windows; the lanes behind are of no use. */
__attribute__((target("aes"), always_inline)) static inline void
lanes(const __m128i * key, const uint8_t * p, size_t step, __m128i keep,
    size_t n, uint64_t * hashes)
{
	__m128i x[LANES];
	size_t i, r;

	for (i = 0; i < LANES; i++)
		x[i] = _mm_xor_si128(_mm_and_si128(load(&p[i < n ?
		    i * step : 0]), keep), key[0]);
	for (r = 1; r < FINGERPRINT_ROUNDS - 1; r++) {
		for (i = 0; i < LANES; i++)
			x[i] = _mm_aesenc_si128(x[i], key[r]);
	}
	for (i = 0; i < LANES; i++)
		x[i] = _mm_aesenclast_si128(x[i], key[r]);
	for (i = 0; i < n; i++)
		memcpy(&hashes[i], &x[i], 8);
}

/** fingerprint_hash_aesni: eight windows at once. */
__attribute__((target("aes"))) void
fingerprint_hash_aesni(const struct fingerprint_keys * k, const uint8_t * p,
    size_t step, size_t width, size_t n, uint64_t * hashes)
{
	const __m128i keep = _mm_set_epi64x(width == 8 ? 0 : -1, -1);
	__m128i key[FINGERPRINT_ROUNDS];

	memcpy(key, k->rounds, sizeof(key));
	for (; n >= LANES; n -= LANES, p += LANES * step, hashes += LANES)
		lanes(key, p, step, keep, LANES, hashes);
	if (n > 0)
		lanes(key, p, step, keep, n, hashes);
}

#define PAIRS	8

#define ROUND(r) do {							\
	key = _mm256_broadcastsi128_si256(load(&k->rounds[(r) *		\
	    FINGERPRINT_BLOCK]));					\
	for (i = 0; i < PAIRS; i++)					\
		x[i] = _mm256_aesenc_epi128(x[i], key);			\
} while (0)

/* Sixteen windows, two to a register. */
__attribute__((target("vaes,avx2"), always_inline)) static inline void
pairs(const struct fingerprint_keys * k, const uint8_t * p, size_t step,
    __m256i keep, uint64_t * hashes)
{
	__m256i key, x[PAIRS];
	size_t i;

	key = _mm256_broadcastsi128_si256(load(k->rounds));
	for (i = 0; i < PAIRS; i++) {
		x[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(
		    load(&p[2 * i * step])), load(&p[(2 * i + 1) * step]), 1);
		x[i] = _mm256_xor_si256(_mm256_and_si256(x[i], keep), key);
	}
	ROUND(1);
	ROUND(2);
	ROUND(3);
	ROUND(4);
	ROUND(5);
	ROUND(6);
	ROUND(7);
	ROUND(8);
	ROUND(9);
	key = _mm256_broadcastsi128_si256(load(&k->rounds[10 *
	    FINGERPRINT_BLOCK]));
	for (i = 0; i < PAIRS; i++)
		x[i] = _mm256_aesenclast_epi128(x[i], key);
	for (i = 0; i < PAIRS; i += 2) {
		key = _mm256_permute4x64_epi64(_mm256_unpacklo_epi64(x[i],
		    x[i + 1]), 0xd8);
		memcpy(&hashes[2 * i], &key, sizeof(key));
	}
}

/** fingerprint_hash_vaes: sixteen windows at once. */
__attribute__((target("vaes,avx2"))) void
fingerprint_hash_vaes(const struct fingerprint_keys * k, const uint8_t * p,
    size_t step, size_t width, size_t n, uint64_t * hashes)
{
	const __m256i keep = width == 8 ? _mm256_set_epi64x(0, -1, 0, -1) :
	    _mm256_set1_epi8(-1);
	const size_t m = 2 * PAIRS;

	if (step == 1) {
		for (; n >= m; n -= m, p += m, hashes += m)
			pairs(k, p, 1, keep, hashes);
	} else {
		for (; n >= m; n -= m, p += m * step, hashes += m)
			pairs(k, p, step, keep, hashes);
	}
	if (n > 0)
		fingerprint_hash_aesni(k, p, step, width, n, hashes);
}

/* Not every compiler knows this one by name. */
static bool
has_vaes(void)
{
	unsigned a, b, c, d;

	return (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
	    (c & bit_VAES) != 0);
}

/** fingerprint_can(hasher): whether this machine can run it. */
bool
fingerprint_can(fingerprint_hasher * hasher)
{

	__builtin_cpu_init();
	if (hasher == fingerprint_hash_aesni)
		return (__builtin_cpu_supports("aes") != 0);
	if (hasher == fingerprint_hash_vaes)
		return (__builtin_cpu_supports("aes") != 0 &&
		    __builtin_cpu_supports("avx2") != 0 &&
		    has_vaes());
	return (true);
}

/** fingerprint_aes_setup(k, key): expand, and choose. */
void
fingerprint_aes_setup(struct fingerprint_keys * k, const uint8_t * key)
{

	k->hasher = fingerprint_hash_portable;
	if (!fingerprint_can(fingerprint_hash_aesni))
		return;
	expand(key, k->rounds);
	k->hasher = fingerprint_can(fingerprint_hash_vaes) ?
	    fingerprint_hash_vaes : fingerprint_hash_aesni;
}
#else

/** fingerprint_can(hasher): whether this machine can run it. */
bool
fingerprint_can(fingerprint_hasher * hasher)
{

	return (hasher == fingerprint_hash_portable);
}

/** fingerprint_aes_setup(k, key): the portable way needs nothing more. */
void
fingerprint_aes_setup(struct fingerprint_keys * k, const uint8_t * key)
{

	(void)key;
	k->hasher = fingerprint_hash_portable;
}
#endif
