#include <fcntl.h>
#include <unistd.h>

#include "core/redact/entity_internal.h"
#include "tests/core/redact/kit.h"

#define HUB	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"

static void
the_selftest_passes_and_leaves_the_live_set_alone(void)
{
	struct redact * r;
	struct redact * known = kit_ready();

	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	ASSERT_ERR(redact_selftest(r), SR_OK);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_LOCKED);
	kit_know(known, 1, "hunter2!");
	ASSERT_ERR(redact_selftest(known), SR_OK);
	CU_ASSERT_EQUAL(redact_known_count(known), 1);
	CU_ASSERT_EQUAL(redact_state(known), REDACT_READY);
	redact_free(&known);
	redact_free(&r);
}

static const char page[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
    "<title>Security &#183; Strongroom</title><link rel=\"stylesheet\" "
    "href=\"/assets/style-3f2a9c04.css\"/></head><body>"
    "<form id=\"login\" method=\"post\" action=\"/login\">"
    "<input type=\"hidden\" name=\"_csrf\" value=\"9f86d081884c7d659a2feaa0c5"
    "5ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"/>"
    "<input type=\"email\" name=\"login[email]\" value=\"owner@example.org\"/>"
    "<input type=\"password\" name=\"login[password]\" "
    "autocomplete=\"current-password\"/></form>"
    "<input name=\"security_secret[value]\" type=\"password\"/>"
    "<table id=\"settings-security-secret-metadata\"><tr>"
    "<td id=\"settings-security-secret-key-version-0193f2a4-77aa-7c1e-9d55-"
    "2b1f0c6a9e11\">3</td><td>providers/anthropic_api_key</td>"
    "<td><time datetime=\"2026-11-24T05:30:41.123456Z\">24 Nov</time></td>"
    "<td>mac d41d8cd98f00b204e9800998ecf8427e</td></tr></table>"
    "<p>Token: [REDACTED:github_token:abcdef] and "
    "[REDACTED:instance/db@3:ab2c3d] &amp; [SENSITIVE CONTENT SUPPRESSED]</p>"
    "<p>Use &lt;token&gt; or ${TOKEN}; see <a href=\"http://127.0.0.1:8080/"
    "errors/secret_not_found\">the manual</a>, Authorization: Bearer "
    "&lt;key&gt;. &#x26;amp; &unknown; &#xZZ; &#; &</p></body></html>\n";

static void
our_own_pages_are_not_flagged(void)
{
	struct redact * r = kit_ready();
	struct redact_hits hits;
	struct redacted * t;

	kit_know(r, 1, "hunter2!");
	ASSERT_ERR(redact_rendered(r, page, sizeof(page) - 1, &hits, &t),
	    SR_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(redacted_len(t), sizeof(page) - 1);
	CU_ASSERT_EQUAL(memcmp(redacted_bytes(t), page, sizeof(page) - 1), 0);
	redacted_free(&t);
	/* Locked, the rules vouch for it. */
	redact_lock(r);
	ASSERT_ERR(redact_rendered(r, page, sizeof(page) - 1, &hits, &t),
	    SR_OK);
	redacted_free(&t);
	redact_free(&r);
}

static void
flagged(struct redact * r, const char * text, unsigned known, unsigned rules)
{
	struct redact_counts counts;
	struct redact_hits hits;
	struct redacted * t;

	ASSERT_ERR(redact_rendered(r, text, strlen(text), &hits, &t),
	    SR_E_UI_REDACTION_FAILED);
	CU_ASSERT_PTR_NULL(t);
	CU_ASSERT_EQUAL(hits.known, known);
	CU_ASSERT_EQUAL(hits.rules, rules);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_NONE);
	redact_counts(r, REDACT_UI, &counts);
	CU_ASSERT(counts.hit > 0);
}

static void
a_secret_in_a_page_is_flagged_escaped_or_not(void)
{
	struct redact * r = kit_ready();

	kit_know(r, 1, "a<b&c>\"d\"'e' caf\xc3\xa9");
	kit_know(r, 2, "hunter2!");
	flagged(r, "<td>hunter2!</td>", 1, 0);
	flagged(r, "<td>hunter2! &amp; hunter2!</td>", 2, 0);
	flagged(r, "<td>" HUB "</td>", 0, 1);
	flagged(r, "<td>a<b&c>\"d\"'e' caf\xc3\xa9</td>", 1, 0);
	flagged(r, "<td>a&lt;b&amp;c&gt;&quot;d&quot;&#39;e&#39; caf\xc3\xa9"
	    "</td>", 1, 0);
	flagged(r, "<td>a&lt;b&amp;c&gt;\"d\"&apos;e&apos; caf&#233;</td>", 1,
	    0);
	flagged(r, "<td>&#x61;&#60;b&#38;c&#x3E;&#34;d&#34;&#x27;e' "
	    "caf&#xE9;</td>", 1, 0);
	redact_free(&r);
}

static void
entities_are_undone(void)
{
	static const struct { const char * text; const char * plain; } t[] = {
		{ "", "" }, { "a", "a" }, { "&", "&" }, { "&&", "&&" },
		{ "&amp;&lt;&gt;&quot;&apos;", "&<>\"'" },
		{ "&amp;lt;", "&lt;" }, { "&#65;&#x42;&#X43;", "ABC" },
		{ "&#233;&#8364;&#128273;", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94"
		    "\x91" },
		{ "&#;&#x;&#1114112;&#65", "&#;&#x;&#1114112;&#65" },
		{ "&am;&ampx", "&am;&ampx" },
	};
	char out[64];
	size_t i, n;

	for (i = 0; i < COUNTOF(t); i++) {
		n = entity_decode(out, t[i].text, strlen(t[i].text));
		CU_ASSERT_EQUAL(n, strlen(t[i].plain));
		CU_ASSERT_EQUAL(memcmp(out, t[i].plain, n), 0);
	}
}

static void
writing_reports_a_closed_pipe(void)
{
	struct redact * r = kit_ready();
	struct redacted * t;
	int fd = open("/dev/full", O_WRONLY);

	ASSERT_ERR(redact_text(r, REDACT_LOG, "harmless", 8, NULL, &t), SR_OK);
	CU_ASSERT_FATAL(fd >= 0);
	ASSERT_ERR(redacted_write(fd, t), SR_E_OUTPUT_FAILED);
	ASSERT_ERR(redacted_write(-1, t), SR_E_OUTPUT_FAILED);
	(void)close(fd);
	redacted_free(&t);
	CU_ASSERT_PTR_NULL(t);
	redacted_free(&t);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(the_selftest_passes_and_leaves_the_live_set_alone),
	TEST(our_own_pages_are_not_flagged),
	TEST(a_secret_in_a_page_is_flagged_escaped_or_not),
	TEST(entities_are_undone),
	TEST(writing_reports_a_closed_pipe),
};

SUITE_MAIN("core/redact/rendered", tests, NULL, NULL)
