#include <string.h>

#include "core/redact/sieve_internal.h"

/* Windows that are hashed before they are filtered. */
#define CHUNK	((size_t)32)

/** sieve_filter(f, first, end, out): set pass of hashes [first, end). */
void
sieve_filter(const struct window_filter * f, size_t first, size_t end,
    struct sieved * out)
{
	uint64_t hash, word;
	size_t i;

	for (i = first; i < end; i++) {
		hash = out->hashes[i];
		word = atomic_load_explicit(&f->v[window_word(hash) & f->mask],
		    memory_order_relaxed);
		out->pass[i / 64] |= (word >> (hash & 63) &
		    word >> (hash >> 6 & 63) & 1) << i % 64;
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
#endif
