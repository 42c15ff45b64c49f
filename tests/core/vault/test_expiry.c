/* Expired secrets are not given out, and those that expire are told of. */

#include "tests/core/vault/put.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/log/log.h"
#include "core/vault/expiry.h"

static struct house h;

/* The lines of the log that ${days} of warning write; caller frees. */
static char *
report(unsigned days, struct expiry * counts)
{
	char * path = text_format("%s/log", h.dir);
	int fd = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
	char * text;

	CU_ASSERT_FATAL(fd >= 0);
	log_open(NULL, fd);
	ASSERT_ERR(expiry_report(h.store.db, days, counts), SR_OK);
	log_open(NULL, 2);
	(void)close(fd);
	text = file_read(path, NULL);
	(void)unlink(path);
	free(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	return (text);
}

static unsigned
count_of(const char * text, const char * what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return (n);
}

/* As if its expiry had been set so, and time had passed since. */
static void
expire(const char * name, const char * when)
{
	char * sql = text_format("UPDATE secret_ref SET expires_at ="
	    " UTC_TIMESTAMP(6) + INTERVAL %s WHERE name = '%s'", when, name);

	CU_ASSERT_FATAL(house_do(&h, sql));
	free(sql);
}

static void
nothing_that_expires_writes_no_line(void)
{
	struct expiry counts;
	char * text;

	ASSERT_ERR_FATAL(put(&h, "expiry/never", "value-number-one", NULL),
	    SR_OK);
	text = report(14, &counts);
	CU_ASSERT_STRING_EQUAL(text, "");
	CU_ASSERT_EQUAL(counts.expired + counts.expiring, 0);
	free(text);
}

static void
what_expires_and_what_has_expired_is_told_by_id_alone(void)
{
	struct secret_revocation revoked = { .expected = 0 };
	struct secret_meta m, n, gone;
	struct expiry counts;
	char id[SR_ID_STRLEN + 1];
	char * text;

	ASSERT_ERR_FATAL(put(&h, "expiry/soon", "value-number-one", &m), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "expiry/over", "value-number-two", &n), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "expiry/later", "value-number-one", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(put(&h, "expiry/gone", "value-number-one", &gone),
	    SR_OK);
	revoked.id = gone.id;
	ASSERT_ERR_FATAL(secret_revoke(&h.store, &h.actor, &revoked, NULL),
	    SR_OK);
	expire("expiry/soon", "13 DAY");
	expire("expiry/over", "-1 SECOND");
	expire("expiry/later", "15 DAY");
	expire("expiry/gone", "-1 SECOND");
	text = report(14, &counts);
	CU_ASSERT_EQUAL(counts.expired, 1);
	CU_ASSERT_EQUAL(counts.expiring, 1);
	CU_ASSERT_EQUAL(count_of(text, "\"secret_expiring\""), 1);
	CU_ASSERT_EQUAL(count_of(text, "\"secret_expired\""), 1);
	sr_id_format(&m.id, id);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, id));
	sr_id_format(&n.id, id);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, id));
	CU_ASSERT_PTR_NULL(strstr(text, "expiry/"));
	free(text);
	text = report(16, &counts);
	CU_ASSERT_EQUAL(counts.expiring, 2);
	free(text);
}

static void
many_that_expire_are_counted_and_not_all_listed(void)
{
	struct expiry counts;
	char name[32];
	char * text;
	unsigned i;

	for (i = 0; i < EXPIRY_LINES + 3; i++) {
		(void)snprintf(name, sizeof(name), "expiry/many-%u", i);
		ASSERT_ERR_FATAL(put(&h, name, "value-number-one", NULL),
		    SR_OK);
		expire(name, "-1 DAY");
	}
	text = report(14, &counts);
	CU_ASSERT_EQUAL(counts.expired, EXPIRY_LINES + 4);
	CU_ASSERT_EQUAL(count_of(text, "\"secret_expired\""), EXPIRY_LINES);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"count\":24"));
	free(text);
}

static void
a_report_that_cannot_be_made_says_so(void)
{
	struct expiry counts;

	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE secret_ref TO hidden"));
	ASSERT_ERR(expiry_report(h.store.db, 14, &counts),
	    SR_E_DATABASE_REFUSED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO secret_ref"));
}

static int
setup(void)
{
	return (house_open(&h));
}

static int
teardown(void)
{
	house_close(&h);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(nothing_that_expires_writes_no_line),
	TEST(what_expires_and_what_has_expired_is_told_by_id_alone),
	TEST(many_that_expire_are_counted_and_not_all_listed),
	TEST(a_report_that_cannot_be_made_says_so),
};
SUITE_MAIN("core/vault/expiry", tests, setup, teardown)
