#include <ctype.h>

#include "core/redact/fingerprint_internal.h"
#include "core/redact/lens_internal.h"
#include "core/redact/sieve_internal.h"
#include "tests/core/redact/kit.h"

#define TEXT_LEN	((size_t)4096)

static void
all_hashers_give_what_nettle_gives(void)
{
	static fingerprint_hasher * const hashers[] = {
#ifdef __x86_64__
		fingerprint_hash_aesni,
#endif
		fingerprint_hash_portable,
	};
	struct secbuf * key = kit_key();
	struct fingerprint * f;
	const struct fingerprint_keys * k;
	uint8_t * text = malloc(TEXT_LEN);
	uint64_t state = 5, good[70], other[70];
	size_t h, i, n, step, width;

	CU_ASSERT_FATAL(text != NULL);
	ASSERT_ERR_FATAL(fingerprint_new(key, &f), SR_OK);
	secbuf_free(&key);
	k = fingerprint_keys(f);
	for (i = 0; i < TEXT_LEN; i++)
		text[i] = (uint8_t)kit_random(&state);
	for (h = 0; h < COUNTOF(hashers); h++) {
		if (!fingerprint_can(hashers[h]))
			continue;
		for (n = 1; n < 70; n++) {
			step = n % 3 == 0 ? 1 : n % 3 == 1 ? 8 : 16;
			width = step == 16 ? 16 : 8;
			/* The last window ends with the memory. */
			i = TEXT_LEN - (n - 1) * step - 16;
			fingerprint_hash_portable(k, &text[i], step, width, n,
			    good);
			hashers[h](k, &text[i], step, width, n, other);
			CU_ASSERT_EQUAL(memcmp(good, other, 8 * n), 0);
		}
	}
	fingerprint_free(&f);
	free(text);
}

static bool
same(const struct sieved * a, const struct sieved * b, size_t n)
{

	return (memcmp(a->hashes, b->hashes, n * sizeof(a->hashes[0])) == 0 &&
	    memcmp(a->pass, b->pass, sizeof(a->pass)) == 0);
}

/* A quarter of the filter's bits are set, so that much passes and much not. */
static struct window_filter *
any_filter(uint64_t * state)
{
	const size_t words = 256;
	struct window_filter * f;
	size_t i;

	f = calloc(1, sizeof(*f) + words * sizeof(f->v[0]));
	CU_ASSERT_FATAL(f != NULL);
	f->mask = words - 1;
	for (i = 0; i < words; i++)
		atomic_store(&f->v[i], kit_random(state) & kit_random(state));
	return (f);
}

static void
rows_are_sieved_alike(const struct fingerprint_keys * k,
    const struct window_filter * filter, uint8_t * text)
{
	struct sieved good, other;
	uint32_t at[SIEVE_MAX / FINGERPRINT_ROW];
	uint64_t state = 11;
	size_t i, rows;

	for (i = 0; i < TEXT_LEN; i += 3)
		text[i] = i % 2 == 0 ? '-' : '_';
	for (rows = 1; rows <= COUNTOF(at); rows++) {
		for (i = 0; i < rows; i++)
			at[i] = kit_random(&state) % (TEXT_LEN - 16);
		at[rows - 1] = TEXT_LEN - 16;
		sieve_rows_portable(k, filter, text, at, rows, rows % 2 != 0,
		    &good);
		sieve_best_rows()(k, filter, text, at, rows, rows % 2 != 0,
		    &other);
		CU_ASSERT(same(&good, &other, FINGERPRINT_ROW * rows));
	}
}

static void
all_sieves_let_through_what_the_portable_one_does(void)
{
	static fingerprint_sieve * const sieves[] = {
#ifdef __x86_64__
		sieve_aesni, sieve_vaes,
#endif
		sieve_portable,
	};
	static const size_t steps[] = { 1, 8, 16 };
	struct secbuf * key = kit_key();
	struct fingerprint * f;
	uint8_t * text = malloc(TEXT_LEN);
	uint64_t state = 7;
	struct window_filter * filter = any_filter(&state);
	struct sieved good, other;
	size_t h, i, n, step, passed = 0;

	CU_ASSERT_FATAL(text != NULL);
	ASSERT_ERR_FATAL(fingerprint_new(key, &f), SR_OK);
	secbuf_free(&key);
	for (i = 0; i < TEXT_LEN; i++)
		text[i] = (uint8_t)kit_random(&state);
	for (h = 0; h < 3 * COUNTOF(sieves); h++) {
		if (!sieve_can(sieves[h / 3]))
			continue;
		step = steps[h % 3];
		for (n = 1; n <= 256; n++) {
			/* The last window ends with the memory. */
			if ((n - 1) * step + 16 > TEXT_LEN)
				break;
			i = TEXT_LEN - (n - 1) * step - 16;
			sieve_portable(fingerprint_keys(f), filter, &text[i],
			    step, n, &good);
			sieves[h / 3](fingerprint_keys(f), filter, &text[i],
			    step, n, &other);
			CU_ASSERT(same(&good, &other, n));
			passed += good.pass[0] != 0;
		}
	}
	CU_ASSERT(passed > 0);
	CU_ASSERT(sieve_can(sieve_best()));
	rows_are_sieved_alike(fingerprint_keys(f), filter, text);
	fingerprint_free(&f);
	free(filter);
	free(text);
}

static void
what_lenses_look_for_is_found_wherever_it_stands(void)
{
	char text[300];
	struct lens_bits bits[5];
	size_t i, n, j;

	for (n = 1; n < sizeof(text); n += 7) {
		for (i = 0; i < n; i++) {
			memset(text, 'g', n);
			text[i] = '&';
			if (i + 1 < n)
				text[i + 1] = '#';
			CU_ASSERT_EQUAL(lens_next_mark((uint8_t *)text, 0, n),
			    i);
			if (i + 16 <= n) {
				memset(&text[i], 'a', 16);
				CU_ASSERT_EQUAL(lens_next_hex(
				    (uint8_t *)text, 0, n), i);
				text[i + 15] = 'g';
				CU_ASSERT_EQUAL(lens_next_hex(
				    (uint8_t *)text, 0, n), n);
			}
		}
		for (i = 0; i < n; i++)
			text[i] = (char)(i * 31 + n);
		lens_bits((uint8_t *)text, n, bits, true);
		for (i = j = 0; i < n; i++)
			j += (bits[i / 64].base64 >> i % 64 & 1) !=
			    lens_is((uint8_t)text[i], LENS_IS_BASE64) ||
			    (bits[i / 64].url >> i % 64 & 1) !=
			    (text[i] == '-' || text[i] == '_') ||
			    (bits[i / 64].graphic >> i % 64 & 1) !=
			    (text[i] > ' ' && text[i] <= '~') ||
			    (bits[i / 64].word >> i % 64 & 1) !=
			    (isalnum((unsigned char)text[i]) != 0);
		CU_ASSERT_EQUAL(j, 0);
	}
}

static const struct suite_test tests[] = {
	TEST(all_sieves_let_through_what_the_portable_one_does),
	TEST(all_hashers_give_what_nettle_gives),
	TEST(what_lenses_look_for_is_found_wherever_it_stands),
};

SUITE_MAIN("core/redact/fingerprint", tests, NULL, NULL)
