#include "tests/core/redact/rules.h"

#define L64	"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"		\
		"BKcwggSjAgEAAoIBAQDL1JXZ5nW8uAu4"
#define K64	"aZ3pQ9xLmN7tR2vB5yH8kD1fG4jS6wE0"		\
		"uI9oP3aC7zX2nM5bV8qT1rY4hK6lJ0dF"
#define PEM	"[REDACTED:private_key]"

static void
a_private_key_is_masked_line_by_line(void)
{

	CU_ASSERT(becomes_text("key:\n-----BEGIN PRIVATE KEY-----\n" L64 "\n"
	    K64 "\nAbc=\n-----END PRIVATE KEY-----\nmore\n",
	    "key:\n" PEM "\n\n\n\n\nmore\n"));
	CU_ASSERT(becomes_text("-----BEGIN EC PRIVATE KEY-----\r\n" L64 "\r\n"
	    "-----END EC PRIVATE KEY-----\r\n", PEM "\r\n\r\n\r\n"));
	CU_ASSERT(becomes_text("-----BEGIN RSA PRIVATE KEY-----\n"
	    "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n" L64 "\n"
	    "-----END RSA PRIVATE KEY-----", PEM "\n\n\n\n\n"));
	CU_ASSERT(becomes_text("-----BEGIN PGP PRIVATE KEY BLOCK-----\n"
	    "Version: GnuPG v2\n\n" L64 "\n=aBcD\n"
	    "-----END PGP PRIVATE KEY BLOCK-----\n", PEM "\n\n\n\n\n\n"));
}

static void
a_private_key_keeps_the_prefixes_of_its_lines(void)
{

	CU_ASSERT(becomes_text("@@ -0,0 +1,4 @@\n+-----BEGIN PRIVATE KEY-----\n"
	    "+" L64 "\n+" K64 "\n+-----END PRIVATE KEY-----\n context\n",
	    "@@ -0,0 +1,4 @@\n+" PEM "\n+\n+\n+\n context\n"));
	CU_ASSERT(becomes_text("12:00:01 out | -----BEGIN PRIVATE KEY-----\n"
	    "12:00:02 out | " L64 "\n12:00:03 out | QUJD\n"
	    "12:00:04 out | -----END PRIVATE KEY-----\n12:00:05 out | bye\n",
	    "12:00:01 out | " PEM "\n12:00:02 out | \n12:00:03 out | \n"
	    "12:00:04 out | \n12:00:05 out | bye\n"));
	CU_ASSERT(becomes_text("k = \"-----BEGIN PRIVATE KEY-----\\n\" +\n"
	    "    \"" L64 "\\n\" +\n    \"-----END PRIVATE KEY-----\\n\";\n",
	    "k = \"" PEM "\\n\" +\n    \"\\n\" +\n    \"\\n\";\n"));
}

static void
a_private_key_in_one_line_is_one_mask(void)
{

	CU_ASSERT(becomes_text("{\"k\":\"-----BEGIN PRIVATE KEY-----\\n" L64
	    "\\n" K64 "\\nAb==\\n-----END PRIVATE KEY-----\\n\",\"x\":1}",
	    "{\"k\":\"" PEM "\\n\",\"x\":1}"));
	CU_ASSERT(becomes_text("k=-----BEGIN PRIVATE KEY----- " L64 " " K64
	    " -----END PRIVATE KEY----- done", "k=" PEM " done"));
	CU_ASSERT(becomes_text("{\\\"k\\\":\\\"-----BEGIN PRIVATE KEY-----\\\\n"
	    L64 "\\\\n-----END PRIVATE KEY-----\\\\n\\\"}",
	    "{\\\"k\\\":\\\"" PEM "\\\\n\\\"}"));
}

static void
a_private_key_cut_off_is_masked_as_far_as_it_goes(void)
{

	CU_ASSERT(becomes_text("-----BEGIN PRIVATE KEY-----\n" L64 "\n" K64
	    "\nthe rest of the log\n", PEM "\n\n\nthe rest of the log\n"));
	CU_ASSERT(becomes_text("-----BEGIN PRIVATE KEY-----\n" L64 "\nMIIEvQ4",
	    PEM "\n\nMIIEvQ4"));
	CU_ASSERT(becomes_text("-----BEGIN PRIVATE KEY-----\n" L64,
	    PEM "\n"));
	/* One key after another. */
	CU_ASSERT(becomes_text("-----BEGIN PRIVATE KEY-----\n" L64 "\n"
	    "-----BEGIN PRIVATE KEY-----\n" K64 "\n"
	    "-----END PRIVATE KEY-----\n", PEM "\n\n" PEM "\n\n\n"));
}

static void
marks_without_a_key_stay(void)
{

	CU_ASSERT(stays("-----BEGIN PRIVATE KEY-----"));
	CU_ASSERT(stays("-----BEGIN PRIVATE KEY-----\n\n"));
	CU_ASSERT(stays("-----BEGIN PRIVATE KEY"));
	CU_ASSERT(stays("-----BEGIN "));
	CU_ASSERT(stays("-----BEGIN PRIVATE KEY-----\n<your key here>\n"
	    "-----END PRIVATE KEY-----\n"));
	CU_ASSERT(stays("-----BEGIN CERTIFICATE-----\n" L64 "\n"
	    "-----END CERTIFICATE-----\n"));
}

static void
keys_of_different_bodies_have_different_tags(void)
{
	struct redact * r = kit_ready();
	struct redacted * a;
	struct redacted * b;
	const char one[] = "-----BEGIN PRIVATE KEY-----\n" L64 "\n";
	const char two[] = "-----BEGIN PRIVATE KEY-----\n" K64 "\n";

	ASSERT_ERR(redact_text(r, REDACT_LOG, one, sizeof(one) - 1, NULL, &a),
	    SR_OK);
	ASSERT_ERR(redact_text(r, REDACT_LOG, two, sizeof(two) - 1, NULL, &b),
	    SR_OK);
	CU_ASSERT_STRING_NOT_EQUAL(redacted_bytes(a), redacted_bytes(b));
	redacted_free(&a);
	redacted_free(&b);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(a_private_key_is_masked_line_by_line),
	TEST(a_private_key_keeps_the_prefixes_of_its_lines),
	TEST(a_private_key_in_one_line_is_one_mask),
	TEST(a_private_key_cut_off_is_masked_as_far_as_it_goes),
	TEST(marks_without_a_key_stay),
	TEST(keys_of_different_bodies_have_different_tags),
};

SUITE_MAIN("core/redact/rule_pem", tests, NULL, teardown)
