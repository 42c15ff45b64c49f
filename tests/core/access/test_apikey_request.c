/* API keys that are asked for twice with one idempotency key. */

#include <pthread.h>

#include "tests/core/access/api_keys.h"

#define COUNT	"SELECT (SELECT COUNT(*) FROM api_key), (SELECT COUNT(*)"  \
    " FROM audit_event WHERE action = 'API_KEY_CREATE'"			   \
    " AND outcome = 'succeeded')"

static const struct api_key_request once = { .name = "ci/once",
    .scopes = READS, .idempotency_key = "make-this-key-once" };

static void
the_second_one_makes_none(void)
{
	struct disclosed * token = NULL, * again = NULL;
	struct api_key key, other, found;

	ASSERT_ERR(make(&once, &token, &key, NULL), SR_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(token);
	ASSERT_ERR(make(&once, &again, &other, NULL), SR_OK);
	CU_ASSERT_PTR_NULL(again);
	CU_ASSERT(sr_id_equal(&key.id, &other.id));
	CU_ASSERT_STRING_EQUAL(other.name, "ci/once");
	CU_ASSERT_STRING_EQUAL(other.hint, key.hint);
	ASSERT_ERR(find(token, &found), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1\t1", COUNT));
	disclosed_free(&token);
}

static void
with_other_contents_it_is_refused(void)
{
	struct api_key_request r = once;
	const char * field = NULL;

	r.scopes = "runs:write";
	ASSERT_ERR(make(&r, NULL, NULL, &field),
	    SR_E_IDEMPOTENCY_KEY_REUSED);
	CU_ASSERT_STRING_EQUAL(field, "idempotency_key");
	r.idempotency_key = "short";
	ASSERT_ERR(make(&r, NULL, NULL, &field),
	    SR_E_IDEMPOTENCY_KEY_INVALID);
	CU_ASSERT(house_sql_is(&h, "1\t1", COUNT));
}

/* What was refused left no row: its repetition is tried anew. */
static void
what_failed_is_tried_anew(void)
{
	struct api_key_request r = once;
	struct disclosed * token = NULL;

	r.idempotency_key = "this-one-fails-at-first";
	CU_ASSERT(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	CU_ASSERT_NOT_EQUAL(make(&r, NULL, NULL, NULL), SR_OK);
	CU_ASSERT(house_do(&h, "RENAME TABLE hidden TO audit_event"));
	ASSERT_ERR(make(&r, &token, NULL, NULL), SR_OK);
	CU_ASSERT_PTR_NOT_NULL(token);
	disclosed_free(&token);
	CU_ASSERT(house_sql_is(&h, "2\t2", COUNT));
}

struct asking {
	pthread_t thread;
	enum sr_error err;
	bool shown;
};

static void *
ask(void * cookie)
{
	struct asking * a = cookie;
	struct disclosed * token = NULL;
	struct api_key_request r = once;
	const char * field;
	struct api_key key;
	struct store store;

	r.idempotency_key = "several-at-the-same-time";
	if (house_thread(&h, &store) != 0)
		return (NULL);
	a->err = api_key_create(&store, &owner, &r, &field, &token, &key);
	a->shown = token != NULL;
	disclosed_free(&token);
	house_thread_end(&store);
	return (NULL);
}

static void
of_several_at_once_one_makes_it(void)
{
	struct asking a[6];
	unsigned shown = 0;

	for (unsigned i = 0; i < COUNTOF(a); i++) {
		a[i] = (struct asking){ .err = SR_E_INTERNAL_ERROR };
		CU_ASSERT_EQUAL_FATAL(pthread_create(&a[i].thread, NULL, ask,
		    &a[i]), 0);
	}
	for (unsigned i = 0; i < COUNTOF(a); i++) {
		(void)pthread_join(a[i].thread, NULL);
		ASSERT_ERR(a[i].err, SR_OK);
		shown += a[i].shown;
	}
	CU_ASSERT_EQUAL(shown, 1);
	CU_ASSERT(house_sql_is(&h, "3\t3", COUNT));
}

static const struct suite_test tests[] = {
	TEST(the_second_one_makes_none),
	TEST(with_other_contents_it_is_refused),
	TEST(what_failed_is_tried_anew),
	TEST(of_several_at_once_one_makes_it),
};

SUITE_MAIN("core/access/apikey_request", tests, api_keys_open, api_keys_close)
