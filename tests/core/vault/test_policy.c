#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/redact/redact.h"
#include "core/redact/variant.h"
#include "core/vault/policy.h"
#include "tests/harness/suite.h"

static struct redact * r;

/* Shaped like a GitHub token, put together here so that no scanner barks. */
#define TOKEN	"gh" "p_" "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu5aJ6oi"

static void
names_have_a_grammar(void)
{
	static const char * const good[] = { "a", "github_pat", "A.b-c_9",
	    "providers/anthropic_api_key", "a/b/c/d", "..", "-" };
	static const char * const bad[] = { "", "/", "/a", "a/", "a//b", "a b",
	    "a\nb", "a\tb", "na\xc3\xafve", "a:b", "a@b", "a\\b", "a'b",
	    "<b>", "a%2fb", "\x7f", "a\x80" };
	char longest[162];
	size_t i;

	for (i = 0; i < COUNTOF(good); i++)
		CU_ASSERT(policy_name(good[i]));
	for (i = 0; i < COUNTOF(bad); i++) {
		if (policy_name(bad[i]))
			suite_note("taken: %s", bad[i]);
		CU_ASSERT(!policy_name(bad[i]));
	}
	memset(longest, 'n', sizeof(longest));
	longest[160] = '\0';
	CU_ASSERT(policy_name(longest));
	longest[160] = 'n';
	longest[161] = '\0';
	CU_ASSERT(!policy_name(longest));
}

static void
what_is_shaped_like_a_token_is_refused_without_any_key(void)
{
	CU_ASSERT_EQUAL(redact_state(r), REDACT_LOCKED);
	ASSERT_ERR(policy_plain_text(r, TOKEN),
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	ASSERT_ERR(policy_plain_text(r, "see " TOKEN " there"),
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
}

static void
ordinary_names_pass_without_any_key(void)
{
	static const char * const good[] = { "github_pat",
	    "providers/anthropic_api_key", "lead@example.org", "ci",
	    "deploy-key-2026", "" };
	size_t i;

	for (i = 0; i < COUNTOF(good); i++)
		ASSERT_ERR(policy_plain_text(r, good[i]), SR_OK);
}

static void
a_known_secret_is_refused_in_a_plain_field(void)
{
	const struct sr_id id = { { 1 } };
	struct redact_forms forms;
	struct secbuf * key;
	struct secbuf * value;

	ASSERT_ERR_FATAL(secbuf_random(32, &key), SR_OK);
	ASSERT_ERR_FATAL(secbuf_copy("quiet-river-42", 14, &value), SR_OK);
	ASSERT_ERR(policy_plain_text(r, "quiet-river-42"), SR_OK);
	ASSERT_ERR_FATAL(redact_unlock(r, key), SR_OK);
	ASSERT_ERR_FATAL(redact_forms_of(key, value, &forms), SR_OK);
	ASSERT_ERR_FATAL(redact_known_put(r, &id, 1, "instance/q@1", forms.v,
	    forms.n), SR_OK);
	redact_mark(r, REDACT_READY);
	ASSERT_ERR(policy_plain_text(r, "quiet-river-42"),
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	ASSERT_ERR(policy_plain_text(r, "names/quiet-river-42.old"),
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	ASSERT_ERR(policy_plain_text(r, "quiet-river-43"), SR_OK);
	redact_lock(r);
	redact_forms_free(&forms);
	secbuf_free(&value);
	secbuf_free(&key);
}

static int
setup(void)
{
	return (redact_new(&r) == SR_OK ? 0 : -1);
}

static int
teardown(void)
{
	redact_free(&r);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(names_have_a_grammar),
	TEST(what_is_shaped_like_a_token_is_refused_without_any_key),
	TEST(ordinary_names_pass_without_any_key),
	TEST(a_known_secret_is_refused_in_a_plain_field),
};
SUITE_MAIN("core/vault/policy", tests, setup, teardown)
