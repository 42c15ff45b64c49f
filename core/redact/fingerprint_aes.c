#include <pthread.h>
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

/* Each a register: left to itself a compiler keeps them in memory. */
#define EACH(op)	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7)

#define LANE(i)		__m128i x##i = _mm_xor_si128(_mm_and_si128(	\
			    load(&p[(i) * step]), keep), key);
#define LANE_ENC(i)	x##i = _mm_aesenc_si128(x##i, key);
#define LANE_LAST(i)	_mm_storel_epi64((void *)&hashes[i],		\
			    _mm_aesenclast_si128(x##i, key));

/* Eight windows. */
__attribute__((target("aes"), always_inline)) static inline void
lanes(const struct fingerprint_keys * k, const uint8_t * p, size_t step,
    __m128i keep, uint64_t * hashes)
{
	const uint8_t * round = k->rounds;
	__m128i key = load(round);
	size_t r;

	EACH(LANE)
	for (r = 1; r < FINGERPRINT_ROUNDS - 1; r++) {
		key = load(&round[r * FINGERPRINT_BLOCK]);
		EACH(LANE_ENC)
	}
	key = load(&round[r * FINGERPRINT_BLOCK]);
	EACH(LANE_LAST)
}

/* ${n} < LANES windows: as many lanes, those behind of no use. */
__attribute__((target("aes"))) static void
few(const struct fingerprint_keys * k, const uint8_t * p, size_t step,
    __m128i keep, size_t n, uint64_t * hashes)
{
	uint8_t blocks[LANES * FINGERPRINT_BLOCK] = { 0 };
	uint64_t all[LANES];
	size_t i;

	for (i = 0; i < n; i++)
		memcpy(&blocks[i * FINGERPRINT_BLOCK], &p[i * step],
		    FINGERPRINT_BLOCK);
	lanes(k, blocks, FINGERPRINT_BLOCK, keep, all);
	memcpy(hashes, all, n * sizeof(all[0]));
}

/** fingerprint_hash_aesni: eight windows at once. */
__attribute__((target("aes"))) void
fingerprint_hash_aesni(const struct fingerprint_keys * k, const uint8_t * p,
    size_t step, size_t width, size_t n, uint64_t * hashes)
{
	const __m128i keep = _mm_set_epi64x(width == 8 ? 0 : -1, -1);

	for (; n >= LANES; n -= LANES, p += LANES * step, hashes += LANES)
		lanes(k, p, step, keep, hashes);
	if (n > 0)
		few(k, p, step, keep, n, hashes);
}

static bool vaes;
static pthread_once_t vaes_once = PTHREAD_ONCE_INIT;

/* Not every compiler knows this one by name. Asked once: where the machine is
 * a virtual one, each answer is its host's. */
static void
look_for_vaes(void)
{
	unsigned a, b, c, d;

	vaes = __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
	    (c & bit_VAES) != 0;
}

static bool
has_vaes(void)
{

	must(pthread_once(&vaes_once, look_for_vaes) == 0);
	return (vaes);
}

/** fingerprint_can(hasher): whether this machine can run it. */
bool
fingerprint_can(fingerprint_hasher * hasher)
{

	__builtin_cpu_init();
	return (hasher != fingerprint_hash_aesni ||
	    __builtin_cpu_supports("aes") != 0);
}

/** fingerprint_can_vaes(): whether it encrypts two blocks at once. */
bool
fingerprint_can_vaes(void)
{

	__builtin_cpu_init();
	return (__builtin_cpu_supports("aes") != 0 &&
	    __builtin_cpu_supports("avx2") != 0 &&
	    __builtin_cpu_supports("bmi2") != 0 && has_vaes());
}

/** fingerprint_aes_setup(k, key): expand ${key}. */
void
fingerprint_aes_setup(struct fingerprint_keys * k, const uint8_t * key)
{

	if (fingerprint_can(fingerprint_hash_aesni))
		expand(key, k->rounds);
}
#else

/** fingerprint_can(hasher): whether this machine can run it. */
bool
fingerprint_can(fingerprint_hasher * hasher)
{

	return (hasher == fingerprint_hash_portable);
}

/** fingerprint_can_vaes(): whether it encrypts two blocks at once. */
bool
fingerprint_can_vaes(void)
{

	return (false);
}

/** fingerprint_aes_setup(k, key): the portable way needs nothing more. */
void
fingerprint_aes_setup(struct fingerprint_keys * k, const uint8_t * key)
{

	(void)k;
	(void)key;
}
#endif
