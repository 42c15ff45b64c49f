/*
 * Goal: without a usable root key metadata stays readable, writes are refused
 * with what to do, nothing is written, and the right key mends it without a
 * restart. ST-SEC-001.
 */

#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define VALUE	"value-under-the-good-key-91c0"

static struct instance * inst;
static struct http * owner;

static int
start(void)
{

	if ((inst = instance_start(NULL)) == NULL ||
	    (owner = walk_in(inst)) == NULL)
		return (-1);
	return (walk_stored(owner, "instance", "keys/kept", VALUE) ? 0 : -1);
}

static int
stop(void)
{

	http_free(&owner);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static char *
everything_stored(void)
{

	return (mariadb_sql(instance_database(inst),
	    "SELECT count(*) FROM secret_ref UNION ALL "
	    "SELECT count(*) FROM secret_version UNION ALL "
	    "SELECT count(*) FROM redaction_variant UNION ALL "
	    "SELECT count(*) FROM redaction_change UNION ALL "
	    "SELECT max(key_version) FROM secret_ref"));
}

/* Metadata is there; a save answers ${error} and a remedy; nothing changed. */
static void
refuses(const char * error)
{
	char * before = everything_stored();
	struct http_reply * page = http_get(owner, "/settings/security");
	struct http_reply * sent;
	char * after;
	char * type;
	char * remedy;

	CU_ASSERT_EQUAL(page->status, 200);
	CU_ASSERT(http_has(page, "keys/kept"));
	sent = http_submit(owner, page, "settings-security-secret-form",
	    HTTP_FIELDS({ "security_secret[scope]", "instance" },
	    { "security_secret[name]", "keys/refused" },
	    { "security_secret[value]", VALUE }));
	type = http_id_text(sent, "settings-security-secret-error-type");
	remedy = http_id_text(sent, "settings-security-secret-error-recovery");
	after = everything_stored();
	if (strcmp(type, error) != 0)
		suite_note("%ld %s, expected %s", sent->status, type, error);
	CU_ASSERT_EQUAL(sent->status, 503);
	CU_ASSERT_STRING_EQUAL(type, error);
	CU_ASSERT(strlen(remedy) > 20);
	CU_ASSERT_FALSE(http_has(sent, VALUE));
	CU_ASSERT_PTR_NOT_NULL_FATAL(before);
	CU_ASSERT_STRING_EQUAL(before, after);
	free(before);
	free(after);
	free(type);
	free(remedy);
	http_reply_free(&sent);
	http_reply_free(&page);
}

static void
with_key(enum instance_key key, const char * error)
{
	unsigned before, after;
	char * text;

	CU_ASSERT_EQUAL_FATAL(instance_set_key(inst, key), 0);
	CU_ASSERT_EQUAL_FATAL(instance_restart_workers(inst), 0);
	text = mariadb_sql(instance_database(inst), "SELECT count(*) FROM "
	    "audit_event WHERE outcome <> 'succeeded'");
	before = (unsigned)atoi(text);
	free(text);
	refuses(error);
	text = mariadb_sql(instance_database(inst), "SELECT count(*) FROM "
	    "audit_event WHERE outcome <> 'succeeded'");
	after = (unsigned)atoi(text);
	free(text);
	CU_ASSERT_EQUAL(after, before + 1);
}

static void
st_sec_001_ac3_no_key_blocks_saving_with_remediation(void)
{

	with_key(INSTANCE_KEY_NONE, "secret_encryption_unavailable");
}

static void
st_sec_001_ac3_missing_key_file_blocks_saving(void)
{

	with_key(INSTANCE_KEY_GONE, "secret_encryption_unavailable");
}

static void
st_sec_001_ac3_world_readable_key_file_blocks_saving(void)
{

	with_key(INSTANCE_KEY_OPEN, "secret_encryption_unavailable");
}

static void
st_sec_001_ac3_malformed_key_file_blocks_saving(void)
{

	with_key(INSTANCE_KEY_MALFORMED, "secret_encryption_unavailable");
}

static void
st_sec_001_ac3_another_key_is_a_mismatch(void)
{

	with_key(INSTANCE_KEY_OTHER, "root_key_mismatch");
}

static void
readyz_and_the_set_up_page_name_the_key(void)
{
	struct http_reply * r = http_get(owner, "/readyz");

	CU_ASSERT_EQUAL(r->status, 503);
	CU_ASSERT(http_has(r, "root_key"));
	http_reply_free(&r);
	r = http_get(owner, "/setup");
	CU_ASSERT(http_has(r, "root_key_mismatch"));
	http_reply_free(&r);
	r = http_get(owner, "/healthz");
	CU_ASSERT_EQUAL(r->status, 200);
	http_reply_free(&r);
}

static void
the_right_key_and_a_hang_up_mend_it(void)
{
	bool ready = false;

	CU_ASSERT_EQUAL_FATAL(instance_set_key(inst, INSTANCE_KEY_GOOD), 0);
	instance_hangup(inst);
	for (unsigned i = 0; i < 100 && !ready; i++) {
		struct http_reply * r = http_get(owner, "/readyz");

		ready = r->status == 200;
		http_reply_free(&r);
		if (!ready)
			sleep_ms(50);
	}
	CU_ASSERT(ready);
	CU_ASSERT(walk_stored(owner, "instance", "keys/after", VALUE "-2"));
}

static const struct suite_test tests[] = {
	TEST(st_sec_001_ac3_no_key_blocks_saving_with_remediation),
	TEST(st_sec_001_ac3_missing_key_file_blocks_saving),
	TEST(st_sec_001_ac3_world_readable_key_file_blocks_saving),
	TEST(st_sec_001_ac3_malformed_key_file_blocks_saving),
	TEST(st_sec_001_ac3_another_key_is_a_mismatch),
	TEST(readyz_and_the_set_up_page_name_the_key),
	TEST(the_right_key_and_a_hang_up_mend_it),
};

SUITE_MAIN("e2e/keys", tests, start, stop)
