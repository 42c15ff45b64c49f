#include <string.h>

#include "core/redact/sieve_internal.h"

/* Windows that are hashed before they are filtered. */
#define CHUNK	((size_t)32)

/* Sixteen bytes at once, in the compilers' portable notation. */
typedef uint8_t bytes16 __attribute__((vector_size(FINGERPRINT_BLOCK)));

/* Bits of the ${n} <= 64 hashes at ${h}. */
static uint64_t
filter(const struct window_filter * f, const uint64_t * h, size_t n)
{
	uint64_t word, pass = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		word = atomic_load_explicit(&f->v[window_word(h[i]) & f->mask],
		    memory_order_relaxed);
		pass |= (window_has(word, h[i]) & 1) << i;
	}
	return (pass);
}

/** sieve_filter(f, first, end, out): set pass of hashes [first, end). */
void
sieve_filter(const struct window_filter * f, size_t first, size_t end,
    struct sieved * out)
{
	size_t n;

	for (; first < end; first += n) {
		n = 64 - first % 64 < end - first ? 64 - first % 64 :
		    end - first;
		out->pass[first / 64] |= filter(f, &out->hashes[first], n) <<
		    first % 64;
	}
}

static void
sieve_with(fingerprint_hasher * hasher, const struct fingerprint_keys * k,
    const struct window_filter * f, const uint8_t * p, size_t step, size_t n,
    struct sieved * out)
{

	const size_t width = step == FINGERPRINT_BLOCK ? step : 8;
	size_t i, m;

	memset(out->pass, 0, sizeof(out->pass));
	for (i = 0; i < n; i += m) {
		m = n - i < CHUNK ? n - i : CHUNK;
		hasher(k, &p[i * step], step, width, m, &out->hashes[i]);
		sieve_filter(f, i, i + m, out);
	}
}

/** sieve_portable: with Nettle. */
void
sieve_portable(const struct fingerprint_keys * k,
    const struct window_filter * f, const uint8_t * p, size_t step, size_t n,
    struct sieved * out)
{

	sieve_with(fingerprint_hash_portable, k, f, p, step, n, out);
}

/** sieve_fold(p, len): as the standard alphabet of base64 has it. */
void
sieve_fold(uint8_t * p, size_t len)
{
	bytes16 b;
	size_t i;

	for (i = 0; i < len; i += sizeof(b)) {
		memcpy(&b, &p[i], sizeof(b));
		b ^= ((bytes16)(b == '-') & ('-' ^ '+')) ^
		    ((bytes16)(b == '_') & ('_' ^ '/'));
		memcpy(&p[i], &b, sizeof(b));
	}
}

/** sieve_rows_portable: with what the machine has for others. */
void
sieve_rows_portable(const struct fingerprint_keys * k,
    const struct window_filter * f, const uint8_t * p, const uint32_t * at,
    size_t rows, bool fold, struct sieved * out)
{
	uint8_t bytes[(SIEVE_MAX + 2) * 8];
	const size_t n = FINGERPRINT_ROW * rows;
	size_t i;

	for (i = 0; i < n; i++)
		memcpy(&bytes[8 * i], &p[at[i / FINGERPRINT_ROW] +
		    i % FINGERPRINT_ROW], 8);
	memset(&bytes[8 * n], 0, FINGERPRINT_BLOCK);
	if (fold)
		sieve_fold(bytes, 8 * n);
	k->sieve(k, f, bytes, 8, n, out);
}

#ifdef __x86_64__
/** sieve_aesni: with the AES instructions. */
void
sieve_aesni(const struct fingerprint_keys * k, const struct window_filter * f,
    const uint8_t * p, size_t step, size_t n, struct sieved * out)
{

	sieve_with(fingerprint_hash_aesni, k, f, p, step, n, out);
}

/** sieve_can(sieve): whether this machine can run it. */
bool
sieve_can(fingerprint_sieve * sieve)
{

	if (sieve == sieve_aesni)
		return (fingerprint_can(fingerprint_hash_aesni));
	if (sieve == sieve_vaes)
		return (fingerprint_can_vaes());
	return (true);
}

/** sieve_best(): the fastest that it can. */
fingerprint_sieve *
sieve_best(void)
{

	if (sieve_can(sieve_vaes))
		return (sieve_vaes);
	return (sieve_can(sieve_aesni) ? sieve_aesni : sieve_portable);
}

/** sieve_best_rows(): the same for rows. */
fingerprint_row_sieve *
sieve_best_rows(void)
{

	return (sieve_can(sieve_vaes) ? sieve_rows_vaes : sieve_rows_portable);
}
#else

/** sieve_can(sieve): whether this machine can run it. */
bool
sieve_can(fingerprint_sieve * sieve)
{

	return (sieve == sieve_portable);
}

/** sieve_best(): the only one. */
fingerprint_sieve *
sieve_best(void)
{

	return (sieve_portable);
}

/** sieve_best_rows(): the only one. */
fingerprint_row_sieve *
sieve_best_rows(void)
{

	return (sieve_rows_portable);
}
#endif
