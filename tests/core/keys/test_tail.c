/* Tails of streams: sealed, and bound to their row. */

#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/keys/tail.h"
#include "core/log/log.h"
#include "tests/harness/suite.h"

#define TEXT	"what is held back"

static struct secbuf * key, * other, * plain;
static struct tail_place place = { .stream = "tty", .chunk = 7 };
static struct tail_sealed sealed;

static int
setup(void)
{

	log_set_level(LOG_ALERT);
	if (secbuf_random(32, &key) != SR_OK ||
	    secbuf_random(32, &other) != SR_OK ||
	    secbuf_copy(TEXT, strlen(TEXT), &plain) != SR_OK ||
	    sr_id_new(&place.run_id) != SR_OK)
		return (-1);
	return (tail_seal(key, &place, plain, &sealed) == SR_OK ? 0 : -1);
}

static int
teardown(void)
{

	secbuf_free(&key);
	secbuf_free(&other);
	secbuf_free(&plain);
	tail_sealed_free(&sealed);
	return (0);
}

static void
opens(const struct secbuf * with, const struct tail_place * at,
    const uint8_t * bytes, size_t len, enum sr_error expected)
{
	struct secbuf * out;

	ASSERT_ERR(tail_open(with, at, bytes, len, &out), expected);
	CU_ASSERT_EQUAL(out != NULL, expected == SR_OK);
	if (out != NULL)
		CU_ASSERT(secbuf_equal(out, plain));
	secbuf_free(&out);
}

static void
a_tail_opens_in_its_place(void)
{

	CU_ASSERT_EQUAL(sealed.len, strlen(TEXT) + TAIL_OVERHEAD);
	CU_ASSERT(memcmp(sealed.bytes, "SRt1", 4) == 0);
	opens(key, &place, sealed.bytes, sealed.len, SR_OK);
}

static void
it_opens_nowhere_else(void)
{
	struct tail_place at = place;

	opens(other, &place, sealed.bytes, sealed.len,
	    SR_E_SECRET_ENCRYPTION_FAILED);
	at.chunk = 8;
	opens(key, &at, sealed.bytes, sealed.len,
	    SR_E_SECRET_ENCRYPTION_FAILED);
	at = place;
	at.stream = "ttz";
	opens(key, &at, sealed.bytes, sealed.len,
	    SR_E_SECRET_ENCRYPTION_FAILED);
	at = place;
	at.run_id.b[15] ^= 1;
	opens(key, &at, sealed.bytes, sealed.len,
	    SR_E_SECRET_ENCRYPTION_FAILED);
}

static void
no_changed_byte_goes_unseen(void)
{
	size_t i;

	for (i = 0; i < sealed.len; i++) {
		sealed.bytes[i] ^= 1;
		opens(key, &place, sealed.bytes, sealed.len,
		    SR_E_SECRET_ENCRYPTION_FAILED);
		sealed.bytes[i] ^= 1;
	}
	for (i = 0; i < sealed.len; i++)
		opens(key, &place, sealed.bytes, i,
		    SR_E_SECRET_ENCRYPTION_FAILED);
	opens(key, &place, NULL, 0, SR_E_SECRET_ENCRYPTION_FAILED);
}

static void
two_tails_of_one_text_differ(void)
{
	struct tail_sealed again;

	ASSERT_ERR_FATAL(tail_seal(key, &place, plain, &again), SR_OK);
	CU_ASSERT(memcmp(again.bytes, sealed.bytes, sealed.len) != 0);
	opens(key, &place, again.bytes, again.len, SR_OK);
	tail_sealed_free(&again);
	CU_ASSERT_PTR_NULL(again.bytes);
}

static void
a_stream_has_a_name(void)
{
	char name[TAIL_STREAM_MAX + 2];
	struct tail_place at = place;
	struct tail_sealed out;

	memset(name, 'n', sizeof(name));
	name[TAIL_STREAM_MAX + 1] = '\0';
	at.stream = name;
	ASSERT_ERR(tail_seal(key, &at, plain, &out),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	CU_ASSERT_PTR_NULL(out.bytes);
	at.stream = "";
	ASSERT_ERR(tail_seal(key, &at, plain, &out),
	    SR_E_SECRET_ENCRYPTION_FAILED);
	name[TAIL_STREAM_MAX] = '\0';
	at.stream = name;
	ASSERT_ERR(tail_seal(key, &at, plain, &out), SR_OK);
	opens(key, &at, out.bytes, out.len, SR_OK);
	tail_sealed_free(&out);
}

static const struct suite_test tests[] = {
	TEST(a_tail_opens_in_its_place),
	TEST(it_opens_nowhere_else),
	TEST(no_changed_byte_goes_unseen),
	TEST(two_tails_of_one_text_differ),
	TEST(a_stream_has_a_name),
};

SUITE_MAIN("core/keys/tail", tests, setup, teardown)
