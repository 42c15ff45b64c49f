#include <unistd.h>

#include "tests/core/redact/kit.h"

#define VALUE_LEN	48
#define VEIL		UINT64_C(0xa5c3a5c3a5c3a5c3)

static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789";
static void
fill(char * p, size_t len, const char * alphabet, uint64_t * state)
{
	size_t i, n = strlen(alphabet);

	for (i = 0; i < len; i++)
		p[i] = alphabet[kit_random(state) % n];
}

static uint64_t veiled[VALUE_LEN - 7];
static uint8_t filter[65536];

/* Sanitizers and valgrind keep copies and maps of their own. */
static bool
memory_is_ours(void)
{
	const char * preload = getenv("LD_PRELOAD");

#ifdef SR_SANITIZED
	return (false);
#endif
	return (preload == NULL || strstr(preload, "vgpreload") == NULL);
}

/* Put a random value, remember it veiled, leave no copy. */
static void
put_veiled(struct redact * r)
{
	char value[VALUE_LEN], spare[32];
	uint64_t x, state = (uint64_t)getpid() << 20 | 12345;
	struct secbuf * b;
	struct secbuf * key = kit_key();
	struct redact_forms forms;
	struct sr_id id = kit_id(1);
	size_t i;

	fill(value, sizeof(value), alnum, &state);
	for (i = 0; i + 8 <= sizeof(value); i++) {
		memcpy(&x, &value[i], 8);
		veiled[i] = x ^ VEIL;
		filter[veiled[i] & 0xffff] = 1;
	}
	ASSERT_ERR_FATAL(secbuf_copy(value, sizeof(value), &b), SR_OK);
	explicit_bzero(value, sizeof(value));
	explicit_bzero(spare, sizeof(spare));
	ASSERT_ERR_FATAL(redact_forms_of(key, b, &forms), SR_OK);
	secbuf_free(&b);
	ASSERT_ERR_FATAL(redact_known_put(r, &id, 1, "x", forms.v, forms.n),
	    SR_OK);
	redact_forms_free(&forms);
	secbuf_free(&key);
}

/* Windows of the value in [p, end). The memory must not change meanwhile. */
static size_t
count_windows(const uint8_t * p, const uint8_t * end)
{
	uint64_t x;
	size_t i, n = 0;

	for (; p + 8 <= end; p++) {
		memcpy(&x, p, 8);
		x ^= VEIL;
		if (filter[x & 0xffff] == 0)
			continue;
		for (i = 0; i < COUNTOF(veiled); i++)
			n += veiled[i] == x;
	}
	return (n);
}

static size_t
count_in_process(void)
{
	FILE * maps = fopen("/proc/self/maps", "r");
	char line[512], mode[8];
	unsigned long from, to;
	size_t n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 ||
		    strncmp(mode, "rw", 2) != 0 || strstr(line, "[v") != NULL)
			continue;
		n += count_windows((const uint8_t *)from,
		    (const uint8_t *)to);
	}
	(void)fclose(maps);
	return (n);
}

static void
the_engine_holds_no_eight_bytes_of_a_value(void)
{
	struct redact * r = kit_ready();
	volatile uint64_t * planted;

	if (!memory_is_ours()) {
		redact_free(&r);
		return;
	}
	put_veiled(r);
	CU_ASSERT_EQUAL(count_in_process(), 0);
	/* The search does find what is there. */
	planted = malloc(sizeof(*planted));
	CU_ASSERT_FATAL(planted != NULL);
	*planted = veiled[7] ^ VEIL;
	CU_ASSERT(count_in_process() > 0);
	free((void *)(uintptr_t)planted);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(the_engine_holds_no_eight_bytes_of_a_value),
};

SUITE_MAIN("core/redact/blind", tests, NULL, NULL)
