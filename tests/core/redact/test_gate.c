#include <sys/mman.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <hs/hs.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/entity_internal.h"
#include "tests/core/redact/kit.h"

#define HUB	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"

/*
 * Faults: this program's own redact_alloc and hs_scan take the place of the
 * room's and of the library's.
 */
static int allocs_left = -1;	/* Then they fail; -1: never. */
static hs_error_t scan_fault = HS_SUCCESS;

void *
redact_alloc(size_t size)
{

	if (allocs_left == 0)
		return (NULL);
	if (allocs_left > 0)
		allocs_left--;
	return (malloc(size));
}

typedef hs_error_t scan_fn(const hs_database_t *, const char *, unsigned,
    unsigned, hs_scratch_t *, match_event_handler, void *);

hs_error_t
hs_scan(const hs_database_t * db, const char * data, unsigned length,
    unsigned flags, hs_scratch_t * scratch, match_event_handler on_event,
    void * context)
{
	static scan_fn * real;

	if (scan_fault != HS_SUCCESS)
		return (scan_fault);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "hs_scan");
	return (real(db, data, length, flags, scratch, on_event, context));
}

static const struct {
	enum redact_channel channel;
	enum sr_error err;
} channels[] = {
	{ REDACT_LOG, SR_E_REDACTION_FAILED },
	{ REDACT_PUBSUB, SR_E_CHANNEL_REDACTION_FAILED },
	{ REDACT_ARTIFACT, SR_E_CHANNEL_REDACTION_FAILED },
	{ REDACT_PROMPT, SR_E_PROMPT_REDACTION_FAILED },
	{ REDACT_UI, SR_E_UI_REDACTION_FAILED },
};

/* Every channel withholds ${text} for ${cause}, and counts it. */
static void
fails_closed(struct redact * r, const char * text, size_t len,
    enum redact_cause cause, int allocs)
{
	struct redact_counts before, after;
	struct redacted * t;
	size_t i;

	for (i = 0; i < COUNTOF(channels); i++) {
		t = (void *)&i;
		redact_counts(r, channels[i].channel, &before);
		allocs_left = allocs;
		ASSERT_ERR(redact_text(r, channels[i].channel, text, len, NULL,
		    &t), channels[i].err);
		allocs_left = -1;
		CU_ASSERT_PTR_NULL(t);
		CU_ASSERT_EQUAL(redact_last_cause(), cause);
		redact_counts(r, channels[i].channel, &after);
		CU_ASSERT_EQUAL(after.withheld[cause],
		    before.withheld[cause] + 1);
		CU_ASSERT_EQUAL(after.passed, before.passed);
	}
	CU_ASSERT_EQUAL(COUNTOF(channels), REDACT__MAX);
}

static void
a_locked_engine_passes_nothing(void)
{
	struct redact * r;
	struct redact_hits hits;

	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_LOCKED);
	fails_closed(r, "harmless", 8, REDACT_CAUSE_LOCKED, -1);
	/* The rules look all the same. */
	ASSERT_ERR(redact_scan(r, REDACT_PROMPT, HUB, strlen(HUB), &hits),
	    SR_E_PROMPT_REDACTION_FAILED);
	CU_ASSERT_EQUAL(hits.rules, 1);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_LOCKED);
	/* It cannot be marked ready, nor told of a secret. */
	redact_mark(r, REDACT_READY);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_LOCKED);
	redact_free(&r);
	CU_ASSERT_PTR_NULL(r);
}

static void
a_locked_engine_takes_no_secrets(void)
{
	struct redact * r;
	struct redact_forms forms = kit_forms("hunter2!", 8);
	struct sr_id id = kit_id(1);

	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	ASSERT_ERR(redact_known_put(r, &id, 1, "x", forms.v, forms.n),
	    SR_E_INTERNAL_ERROR);
	redact_known_drop(r, &id);
	CU_ASSERT_EQUAL(redact_known_count(r), 0);
	redact_forms_free(&forms);
	redact_free(&r);
}

static void
a_stale_engine_passes_nothing(void)
{
	struct redact * r = kit_ready();
	struct redact_hits hits;

	kit_know(r, 1, "hunter2!");
	redact_mark(r, REDACT_STALE);
	fails_closed(r, "harmless", 8, REDACT_CAUSE_STALE, -1);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, HUB " hunter2!",
	    strlen(HUB) + 9, &hits), SR_E_REDACTION_FAILED);
	CU_ASSERT_EQUAL(hits.rules, 1);
	CU_ASSERT_EQUAL(hits.known, 0);
	redact_mark(r, REDACT_READY);
	CU_ASSERT(kit_becomes(r, "harmless", "harmless"));
	redact_free(&r);
}

static void
a_text_above_the_limit_does_not_pass(void)
{
	struct redact * r = kit_ready();
	struct redacted * t;
	char * text = mmap(NULL, REDACT_TEXT_MAX + 1, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CU_ASSERT_FATAL(text != MAP_FAILED);
	fails_closed(r, text, REDACT_TEXT_MAX + 1, REDACT_CAUSE_LIMIT, -1);
	ASSERT_ERR(redact_rules_text(r, text, REDACT_TEXT_MAX + 1, NULL, &t),
	    SR_E_LIMIT_EXCEEDED);
	ASSERT_ERR(redact_rendered(r, text, REDACT_TEXT_MAX + 1, NULL, &t),
	    SR_E_UI_REDACTION_FAILED);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_LIMIT);
	(void)munmap(text, REDACT_TEXT_MAX + 1);
	redact_free(&r);
}

static void
an_engine_that_fails_passes_nothing(void)
{
	struct redact * r = kit_ready();
	struct redacted * t;
	struct redact_hits hits;

	scan_fault = HS_SCRATCH_IN_USE;
	fails_closed(r, "harmless", 8, REDACT_CAUSE_ENGINE, -1);
	ASSERT_ERR(redact_rules_text(r, "harmless", 8, NULL, &t),
	    SR_E_INTERNAL_ERROR);
	ASSERT_ERR(redact_rendered(r, "harmless", 8, NULL, &t),
	    SR_E_UI_REDACTION_FAILED);
	CU_ASSERT_PTR_NULL(t);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_ENGINE);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, "harmless", 8, &hits),
	    SR_E_REDACTION_FAILED);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_ENGINE);
	ASSERT_ERR(redact_selftest(r), SR_E_INTERNAL_ERROR);
	scan_fault = HS_SUCCESS;
	CU_ASSERT(kit_becomes(r, "harmless", "harmless"));
	redact_free(&r);
}

static void
without_memory_nothing_passes(void)
{
	struct redact * r = kit_ready();
	struct redacted * t;
	int n;

	kit_know(r, 1, "hunter2!");
	/* The first text needs most: its working place, spans, the output. */
	for (n = 0; n < 20; n++) {
		redact_free(&r);
		r = kit_ready();
		kit_know(r, 1, "hunter2!");
		allocs_left = n;
		if (redact_text(r, REDACT_LOG, "hunter2! " HUB,
		    9 + strlen(HUB), NULL, &t) == SR_OK)
			break;
		allocs_left = -1;
		CU_ASSERT_PTR_NULL(t);
		CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_MEMORY);
		CU_ASSERT(kit_becomes(r, "x", "x"));
	}
	allocs_left = -1;
	CU_ASSERT(n >= 3 && n < 20);
	redacted_free(&t);
	fails_closed(r, "harmless", 8, REDACT_CAUSE_MEMORY, 0);
	allocs_left = 0;
	ASSERT_ERR(redact_rules_text(r, "x", 1, NULL, &t), SR_E_OUT_OF_MEMORY);
	ASSERT_ERR(redact_rendered(r, "a &amp; b", 9, NULL, &t),
	    SR_E_UI_REDACTION_FAILED);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_MEMORY);
	allocs_left = -1;
	redact_free(&r);
}

static void
a_put_without_memory_keeps_the_former_forms(void)
{
	struct redact_forms forms = kit_forms("the newer value", 15);
	struct sr_id id = kit_id(1);
	struct redact * r;
	struct redact_hits hits;
	enum sr_error err = SR_E_OUT_OF_MEMORY;
	int n;

	for (n = 0; err != SR_OK && n < 40; n++) {
		r = kit_ready();
		kit_know(r, 1, "hunter2!");
		allocs_left = n;
		err = redact_known_put(r, &id, 1, "x", forms.v, forms.n);
		allocs_left = -1;
		if (err != SR_OK) {
			ASSERT_ERR(err, SR_E_OUT_OF_MEMORY);
			CU_ASSERT_EQUAL(redact_state(r), REDACT_STALE);
			redact_mark(r, REDACT_READY);
		}
		ASSERT_ERR(redact_scan(r, REDACT_LOG, "hunter2!", 8, &hits),
		    SR_OK);
		CU_ASSERT_EQUAL(hits.known, err == SR_OK ? 0 : 1);
		ASSERT_ERR(redact_scan(r, REDACT_LOG, "the newer value", 15,
		    &hits), SR_OK);
		CU_ASSERT_EQUAL(hits.known, err == SR_OK ? 1 : 0);
		redact_free(&r);
	}
	CU_ASSERT(n > 4 && n < 40);
	redact_forms_free(&forms);
}

static void
the_same_key_again_keeps_the_live_set(void)
{
	struct redact * r = kit_ready();
	struct secbuf * key = kit_key();
	struct secbuf * other;

	kit_know(r, 1, "hunter2!");
	ASSERT_ERR(redact_unlock(r, key), SR_OK);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_READY);
	CU_ASSERT_EQUAL(redact_known_count(r), 1);
	ASSERT_ERR_FATAL(secbuf_random(32, &other), SR_OK);
	ASSERT_ERR(redact_unlock(r, other), SR_OK);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_STALE);
	CU_ASSERT_EQUAL(redact_known_count(r), 0);
	redact_lock(r);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_LOCKED);
	secbuf_free(&other);
	ASSERT_ERR_FATAL(secbuf_random(16, &other), SR_OK);
	ASSERT_ERR(redact_unlock(r, other), SR_E_INTERNAL_ERROR);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_LOCKED);
	secbuf_free(&other);
	secbuf_free(&key);
	redact_free(&r);
}

static void
causes_have_names(void)
{

	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_NONE), "none");
	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_LOCKED),
	    "locked");
	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_STALE), "stale");
	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_MEMORY),
	    "memory");
	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_LIMIT), "limit");
	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_ENGINE),
	    "engine");
}

static void
what_passes_is_counted(void)
{
	struct redact * r = kit_ready();
	struct redact_counts n;
	struct redact_hits hits;
	struct redacted * t;

	kit_know(r, 1, "hunter2!");
	ASSERT_ERR(redact_text(r, REDACT_PROMPT, "hunter2! " HUB " hunter2!",
	    18 + strlen(HUB), &hits, &t), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 2);
	CU_ASSERT_EQUAL(hits.rules, 1);
	redact_counts(r, REDACT_PROMPT, &n);
	CU_ASSERT_EQUAL(n.passed, 1);
	CU_ASSERT_EQUAL(n.known, 2);
	CU_ASSERT_EQUAL(n.rules, 1);
	redact_counts(r, REDACT_LOG, &n);
	CU_ASSERT_EQUAL(n.passed, 0);
	redacted_free(&t);
	redact_free(&r);
}

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

/* --- The scan after rendering --------------------------------------------- */
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
	TEST(a_locked_engine_passes_nothing),
	TEST(a_locked_engine_takes_no_secrets),
	TEST(a_stale_engine_passes_nothing),
	TEST(a_text_above_the_limit_does_not_pass),
	TEST(an_engine_that_fails_passes_nothing),
	TEST(without_memory_nothing_passes),
	TEST(a_put_without_memory_keeps_the_former_forms),
	TEST(the_same_key_again_keeps_the_live_set),
	TEST(causes_have_names),
	TEST(what_passes_is_counted),
	TEST(the_selftest_passes_and_leaves_the_live_set_alone),
	TEST(our_own_pages_are_not_flagged),
	TEST(a_secret_in_a_page_is_flagged_escaped_or_not),
	TEST(entities_are_undone),
	TEST(writing_reports_a_closed_pipe),
};

SUITE_MAIN("core/redact/gate", tests, NULL, NULL)
