#include <sys/stat.h>

#include <unistd.h>

#include "core/redact/bundle.h"
#include "tests/core/redact/kit.h"
#include "tests/harness/files.h"

#define LONG	"a value that is longer than thirty-one bytes, 5d07ae1"

static char * bytes;
static size_t len;

/* Write a bundle of a long and a short value, and read the file. */
static struct bundle_counts
make(bool short_forms)
{
	struct bundle * b;
	struct secbuf * value;
	struct bundle_counts counts;
	struct sr_id id = kit_id(1);
	char path[512];
	struct stat st;
	bool exists;

	(void)snprintf(path, sizeof(path), "%s/bundle", suite_tmpdir());
	ASSERT_ERR_FATAL(bundle_new(short_forms, &b), SR_OK);
	ASSERT_ERR_FATAL(secbuf_copy(LONG, strlen(LONG), &value), SR_OK);
	ASSERT_ERR(bundle_add(b, &id, 3, "project/long@3", value), SR_OK);
	secbuf_free(&value);
	id = kit_id(2);
	ASSERT_ERR_FATAL(secbuf_copy("hunter2!", 8, &value), SR_OK);
	ASSERT_ERR(bundle_add(b, &id, 1, "project/short@1", value), SR_OK);
	secbuf_free(&value);
	counts = bundle_counts(b);
	ASSERT_ERR(bundle_save(b, path, &exists), SR_OK);
	/* Never over another file. */
	ASSERT_ERR(bundle_save(b, path, &exists), SR_E_OUTPUT_FAILED);
	CU_ASSERT(exists);
	bundle_free(&b);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	free(bytes);
	len = (size_t)st.st_size;
	bytes = malloc(len + 1);
	FILE * f = fopen(path, "rb");
	CU_ASSERT_FATAL(f != NULL && bytes != NULL);
	CU_ASSERT_EQUAL(fread(bytes, 1, len, f), len);
	fclose(f);
	CU_ASSERT_EQUAL(unlink(path), 0);
	return (counts);
}

static struct redact *
loaded(void)
{
	struct redact * r;

	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	ASSERT_ERR(bundle_load(r, bytes, len), SR_OK);
	redact_mark(r, REDACT_READY);
	return (r);
}

static bool
masks(struct redact * r, const char * text)
{
	struct redact_hits hits;

	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, strlen(text), &hits),
	    SR_OK);
	return (hits.known != 0);
}

static void
a_bundle_masks_what_is_long_and_shows_nothing(void)
{
	struct bundle_counts counts = make(false);
	struct redact * r = loaded();

	CU_ASSERT_EQUAL(counts.secrets, 1);
	CU_ASSERT_EQUAL(counts.short_forms, 0);
	CU_ASSERT(counts.forms >= 1 && counts.left_out >= 1);
	CU_ASSERT_EQUAL(redact_known_count(r), 1);
	CU_ASSERT(masks(r, "x " LONG " y"));
	CU_ASSERT(!masks(r, "x hunter2! y"));
	CU_ASSERT_PTR_NULL(memmem(bytes, len, LONG, 16));
	CU_ASSERT_PTR_NULL(memmem(bytes, len, "hunter2!", 8));
	redact_free(&r);
}

static void
short_forms_are_kept_when_asked_for(void)
{
	struct bundle_counts counts = make(true);
	struct redact * r = loaded();

	CU_ASSERT_EQUAL(counts.secrets, 2);
	CU_ASSERT(counts.short_forms >= 1);
	CU_ASSERT_EQUAL(counts.left_out, 0);
	CU_ASSERT(masks(r, "x hunter2! y"));
	CU_ASSERT_PTR_NULL(memmem(bytes, len, "hunter2!", 8));
	redact_free(&r);
}

/* Cut off anywhere, longer, or with any bit of it changed. */
static void
a_damaged_bundle_is_refused_as_a_whole(void)
{
	struct redact * r;
	size_t i, whole;

	(void)make(true);
	whole = len;
	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	for (i = 0; i < whole; i++)
		ASSERT_ERR(bundle_load(r, bytes, i), SR_E_BUNDLE_INVALID);
	for (i = 0; i < whole; i++) {
		bytes[i] ^= (char)(1 << i % 8);
		ASSERT_ERR(bundle_load(r, bytes, whole), SR_E_BUNDLE_INVALID);
		bytes[i] ^= (char)(1 << i % 8);
	}
	bytes[whole] = '\0';
	ASSERT_ERR(bundle_load(r, bytes, whole + 1), SR_E_BUNDLE_INVALID);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_LOCKED);
	CU_ASSERT_EQUAL(redact_known_count(r), 0);
	ASSERT_ERR(bundle_load(r, bytes, whole), SR_OK);
	redact_free(&r);
}

static int
teardown(void)
{

	free(bytes);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(a_bundle_masks_what_is_long_and_shows_nothing),
	TEST(short_forms_are_kept_when_asked_for),
	TEST(a_damaged_bundle_is_refused_as_a_whole),
};

SUITE_MAIN("core/redact/bundle", tests, NULL, teardown)
