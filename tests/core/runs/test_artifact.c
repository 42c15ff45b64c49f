/* Artifacts: what is stored of them, and what never is. */

#include "core/keys/mac.h"
#include "tests/core/runs/artifact_visit.h"
#include "tests/harness/needles.h"

#define MASKED	"[REDACTED:instance/team/bound@1:"

static bool
has(const struct strbuf * b, const char * text)
{

	return (memmem(strbuf_str(b), b->len, text, strlen(text)) != NULL);
}

/* No form of either value is in ${b}, nor in the database. */
static void
nowhere(const struct strbuf * b)
{
	static const char * const values[] = { BOUND, UNBOUND };
	char * dump = mariadb_dump(h.m);

	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	for (size_t i = 0; i < COUNTOF(values); i++) {
		CU_ASSERT_FALSE(has(b, values[i]));
		CU_ASSERT_PTR_NULL(strstr(dump, values[i]));
	}
	free(dump);
}

static void
what_is_stored_is_what_passed(void)
{
	struct artifact a, shown;
	struct strbuf b;
	uint8_t sha256[MAC_LEN];

	ASSERT_ERR_FATAL(artifact_text("logs/build.log", "one " BOUND
	    " two\n", &a), SR_OK);
	ASSERT_ERR(artifact_get("logs/build.log", &b), SR_OK);
	CU_ASSERT(has(&b, "one " MASKED));
	CU_ASSERT(has(&b, "] two\n"));
	digest_compute(strbuf_str(&b), b.len, sha256);
	CU_ASSERT(mac_equal(sha256, a.sha256));
	CU_ASSERT_EQUAL(a.size, b.len);
	CU_ASSERT_EQUAL(a.known, 1);
	CU_ASSERT_FALSE(a.replaced);
	ASSERT_ERR(artifact_show(h.store.db, &run.id, "logs/build.log",
	    &shown), SR_OK);
	CU_ASSERT(sr_id_equal(&shown.id, &a.id));
	CU_ASSERT_EQUAL(shown.kind, ARTIFACT_LOG);
	nowhere(&b);
	strbuf_free(&b);
	nothing_is_left("1");
}

static void
st_sec_005_ac1_a_secret_cut_anywhere_is_stored_masked(void)
{
	static const char text[] = "say " BOUND " and " UNBOUND " now\n";
	const struct artifact_write w = artifact_named("cut", NULL);
	struct strbuf whole, b;
	size_t piece;

	ASSERT_ERR_FATAL(artifact_text("whole", text, NULL), SR_OK);
	ASSERT_ERR_FATAL(artifact_get("whole", &whole), SR_OK);
	CU_ASSERT(has(&whole, MASKED));
	/* It is not bound to that one, and does not learn its name. */
	CU_ASSERT(has(&whole, " and [REDACTED:secret:"));
	for (piece = 1; piece < sizeof(text); piece++) {
		ASSERT_ERR_FATAL(artifact_put(&w, text, sizeof(text) - 1,
		    piece, NULL), SR_OK);
		ASSERT_ERR_FATAL(artifact_get("cut", &b), SR_OK);
		CU_ASSERT_EQUAL(b.len, whole.len);
		CU_ASSERT_STRING_EQUAL(strbuf_str(&b), strbuf_str(&whole));
		strbuf_free(&b);
	}
	nowhere(&whole);
	strbuf_free(&whole);
	nothing_is_left("3");
}

/* Around the boundary of two chunks as they are stored, byte by byte. */
static void
a_secret_across_stored_chunks_is_masked(void)
{
	const size_t len = ARTIFACT_CHUNK + 200;
	const struct artifact_write w = artifact_named("chunks", NULL);
	char * text = malloc(len);
	struct strbuf b;
	size_t at;

	must(text != NULL);
	for (at = ARTIFACT_CHUNK - strlen(BOUND) - 2;
	    at < ARTIFACT_CHUNK + 2; at += 7) {
		memset(text, '.', len);
		memcpy(&text[at], BOUND, strlen(BOUND));
		ASSERT_ERR_FATAL(artifact_put(&w, text, len, 60000, NULL),
		    SR_OK);
		ASSERT_ERR_FATAL(artifact_get("chunks", &b), SR_OK);
		CU_ASSERT_FALSE(has(&b, BOUND));
		CU_ASSERT(has(&b, MASKED));
		strbuf_free(&b);
	}
	CU_ASSERT(house_sql_is(&h, "2", "SELECT COUNT(*) FROM artifact_chunk c"
	    " JOIN artifact a ON a.id = c.artifact_id WHERE a.name ="
	    " 'chunks'"));
	free(text);
	nothing_is_left("4");
}

static void
five_encodings_are_masked(void)
{
	static const char * const forms[] = {
	    BOUND,
	    "61727469666163742d6b6e6f776e2d76616c75652d346531643863356237"
	    "613932",
	    "eGFydGlmYWN0LWtub3duLXZhbHVlLTRlMWQ4YzViN2E5Mnl6",
	    "%61%72%74%69%66%61%63%74%2D%6B%6E%6F%77%6E%2D%76%61%6C%75%65"
	    "%2D%34%65%31%64%38%63%35%62%37%61%39%32",
	    "\\u0061\\u0072\\u0074\\u0069\\u0066\\u0061\\u0063\\u0074"
	    "\\u002d\\u006b\\u006e\\u006f\\u0077\\u006e\\u002d\\u0076"
	    "\\u0061\\u006c\\u0075\\u0065\\u002d\\u0034\\u0065\\u0031"
	    "\\u0064\\u0038\\u0063\\u0035\\u0062\\u0037\\u0061\\u0039"
	    "\\u0032",
	    "&#97;&#114;&#116;&#105;&#102;&#97;&#99;&#116;&#45;&#107;&#11"
	    "0;&#111;&#119;&#110;&#45;&#118;&#97;&#108;&#117;&#101;&#45;&"
	    "#52;&#101;&#49;&#100;&#56;&#99;&#53;&#98;&#55;&#97;&#57;&#50"
	    ";",
	};
	struct needles * n = needles_new();
	struct strbuf text, b;

	needles_secret(n, BOUND, strlen(BOUND));
	strbuf_init(&text, EACH);
	for (size_t i = 0; i < COUNTOF(forms); i++)
		strbuf_printf(&text, "line %zu: %s end\n", i, forms[i]);
	CU_ASSERT(needles_in(n, strbuf_str(&text), text.len, NULL) >= 3);
	ASSERT_ERR_FATAL(artifact_text("encoded", strbuf_str(&text), NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(artifact_get("encoded", &b), SR_OK);
	for (size_t i = 0; i < COUNTOF(forms); i++)
		CU_ASSERT_FALSE(has(&b, forms[i]));
	CU_ASSERT_EQUAL(needles_in(n, strbuf_str(&b), b.len, NULL), 0);
	needles_free(&n);
	strbuf_free(&text);
	strbuf_free(&b);
}

static void
text_is_any_bytes(void)
{
	static const char text[] = "\xff\xfe\x80 caf\xe9 " BOUND
	    "\0between\0\x01\r\n\xc3";
	const struct artifact_write w = artifact_named("bytes", "text/x-log");
	struct strbuf b;

	ASSERT_ERR_FATAL(artifact_put(&w, text, sizeof(text) - 1, 3, NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(artifact_get("bytes", &b), SR_OK);
	CU_ASSERT(b.len > 8 && memcmp(strbuf_str(&b), text, 8) == 0);
	CU_ASSERT(memmem(strbuf_str(&b), b.len, "\0between\0\x01\r\n\xc3",
	    13) != NULL);
	CU_ASSERT_FALSE(has(&b, BOUND));
	strbuf_free(&b);
}

/* As some shells write what is redirected: each letter is two bytes. */
static void
letters_of_two_bytes_are_refused_with_a_secret_and_kept_without(void)
{
	const struct artifact_write w = artifact_named("wide", NULL);
	static const char * const texts[] = { "x " BOUND " y",
	    BOUND, "plain words, nothing else" };
	static const char listed[] = "one\0two\0PASSWORD=" BOUND "\0three\0";
	char wide[400];
	struct strbuf b;
	size_t i, k, len, piece;

	for (i = 0; i < COUNTOF(texts); i++) {
		len = strlen(texts[i]);
		for (k = 0; k < len; k++) {
			wide[2 * k] = texts[i][k];
			wide[2 * k + 1] = '\0';
		}
		for (piece = 1; piece < 2 * len; piece += 5)
			ASSERT_ERR(artifact_put(&w, wide, 2 * len, piece,
			    NULL), i < 2 ? SR_E_ARTIFACT_UNSAFE : SR_OK);
	}
	/* Names with a NUL behind each are lines. */
	ASSERT_ERR_FATAL(artifact_put(&w, listed, sizeof(listed) - 1, 9,
	    NULL), SR_OK);
	ASSERT_ERR_FATAL(artifact_get("wide", &b), SR_OK);
	CU_ASSERT_FALSE(has(&b, BOUND));
	strbuf_free(&b);
}

static void
json_stays_a_tree(void)
{
	static const char json[] = "{\"a\": \"" BOUND "\", \"password\": [1,"
	    " {\"b\": 2}], \"n\": 1e999, \"\\u0061\": \"x\\ny\"}";
	const struct artifact_write w = artifact_named("tree.json", NULL);
	struct artifact a;
	struct strbuf b;

	ASSERT_ERR_FATAL(artifact_put(&w, json, sizeof(json) - 1, 11, &a),
	    SR_OK);
	CU_ASSERT_STRING_EQUAL(a.media_type, "application/json");
	ASSERT_ERR_FATAL(artifact_get("tree.json", &b), SR_OK);
	CU_ASSERT(has(&b, "{\"a\": \"" MASKED));
	CU_ASSERT(has(&b, "\"password\": \"[REDACTED:"));
	CU_ASSERT(has(&b, "\"n\": 1e999, \"\\u0061\": \"x\\ny\"}"));
	nowhere(&b);
	strbuf_free(&b);
	ASSERT_ERR(artifact_put(&w, json, sizeof(json) - 2, 11, NULL),
	    SR_E_ARTIFACT_MALFORMED);
	ASSERT_ERR(artifact_put(&w, "", 0, 1, NULL), SR_E_ARTIFACT_MALFORMED);
	/* The former one of that name is there still. */
	ASSERT_ERR_FATAL(artifact_get("tree.json", &b), SR_OK);
	CU_ASSERT(has(&b, MASKED));
	strbuf_free(&b);
}

static void
json_that_is_too_much_for_a_tree_is_not_taken_as_text(void)
{
	struct artifact_write w = artifact_named("deep.json", NULL);
	const size_t len = 9 * 1024 * 1024;
	char * text = malloc(len);

	must(text != NULL);
	memset(text, '[', 65);
	memset(&text[65], ']', 65);
	ASSERT_ERR(artifact_put(&w, text, 130, 130, NULL),
	    SR_E_ARTIFACT_JSON_TOO_LARGE);
	memset(text, ' ', len);
	memcpy(text, "[1]", 3);
	w.limits.each = 2 * len;
	ASSERT_ERR(artifact_put(&w, text, len, 500000, NULL),
	    SR_E_ARTIFACT_JSON_TOO_LARGE);
	free(text);
	ASSERT_ERR(artifact_show(h.store.db, &run.id, "deep.json",
	    &(struct artifact){ .size = 0 }), SR_E_ARTIFACT_NOT_FOUND);
}

static void
what_is_no_text_needs_the_projects_leave(void)
{
	static const char image[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR" "\1\2\3";
	static const char secret[] = "\x89PNG\r\n\x1a\n\0\0\0\r" BOUND "\1\2";
	static const char gzip[] = "\x1f\x8b\x08\0\0\0\0\0\0\3 compressed";
	const struct artifact_write w = artifact_named("shot.png",
	    "image/png");
	const struct artifact_write log = artifact_named("a.log.gz", NULL);
	struct project p;
	struct strbuf b;

	ASSERT_ERR(artifact_put(&w, image, sizeof(image) - 1, 5, NULL),
	    SR_E_ARTIFACT_MEDIA_TYPE_FORBIDDEN);
	/* Whatever it is called. */
	ASSERT_ERR(artifact_put(&log, gzip, sizeof(gzip) - 1, 1, NULL),
	    SR_E_ARTIFACT_MEDIA_TYPE_FORBIDDEN);
	ASSERT_ERR_FATAL(project_allow_binary(&h.store, &h.actor, &project.id,
	    true, &p), SR_OK);
	CU_ASSERT(p.binary_artifacts);
	ASSERT_ERR_FATAL(artifact_put(&w, image, sizeof(image) - 1, 5, NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(artifact_get("shot.png", &b), SR_OK);
	CU_ASSERT_EQUAL_FATAL(b.len, sizeof(image) - 1);
	CU_ASSERT_EQUAL(memcmp(strbuf_str(&b), image, b.len), 0);
	strbuf_free(&b);
	ASSERT_ERR(artifact_put(&log, gzip, sizeof(gzip) - 1, 1, NULL), SR_OK);
	ASSERT_ERR(artifact_put(&w, secret, sizeof(secret) - 1, 4, NULL),
	    SR_E_ARTIFACT_UNSAFE);
	CU_ASSERT(house_sql_is(&h, "PROJECT_CHANGE\tlogs", "SELECT action,"
	    " name FROM audit_event WHERE action = 'PROJECT_CHANGE'"));
	ASSERT_ERR(project_allow_binary(&h.store, &h.actor, &run.id, true,
	    NULL), SR_E_PROJECT_NOT_FOUND);
	ASSERT_ERR_FATAL(project_allow_binary(&h.store, &h.actor, &project.id,
	    false, NULL), SR_OK);
}

static void
names_are_names(void)
{
	static char longest[ARTIFACT_NAME_MAX + 2];
	static const char * const bad[] = { "", "/a", "a/", "a//b", ".", "..",
	    "../a", "a/../b", "a/..", "./a", "a b", "a\"b", "a\r\nX: y", "a;b",
	    "a\\b", "caf\xc3\xa9", "a%2f", longest, NULL };
	static const char * const good[] = { "a", ".hidden", "a..b", "...",
	    "dir.d/x-1_2.log" };
	struct secret_complaint complaint;
	struct artifact_up * up;
	struct artifact_write w = artifact_named(NULL, NULL);

	memset(longest, 'n', sizeof(longest) - 1);
	for (size_t i = 0; i < COUNTOF(bad); i++) {
		w.name = bad[i];
		ASSERT_ERR(artifact_begin(&h.store, &h.actor, &w, &complaint,
		    &up), SR_E_ARTIFACT_INVALID);
		CU_ASSERT_STRING_EQUAL(complaint.field, "name");
		artifact_drop(&up);
	}
	for (size_t i = 0; i < COUNTOF(good); i++)
		ASSERT_ERR(artifact_text(good[i], "x", NULL), SR_OK);
	longest[ARTIFACT_NAME_MAX] = '\0';
	ASSERT_ERR(artifact_text(longest, "", NULL), SR_OK);
	w = artifact_named("ok", "text");
	ASSERT_ERR(artifact_begin(&h.store, &h.actor, &w, &complaint, &up),
	    SR_E_ARTIFACT_INVALID);
	CU_ASSERT_STRING_EQUAL(complaint.field, "media_type");
	artifact_drop(&up);
	w = artifact_named("logs/" BOUND, NULL);
	ASSERT_ERR(artifact_begin(&h.store, &h.actor, &w, &complaint, &up),
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	artifact_drop(&up);
}

static enum sr_error
note_name(const struct artifact * a, void * cookie)
{

	strbuf_printf(cookie, "%s ", a->name);
	return (SR_OK);
}

static void
a_list_goes_on_behind_a_name(void)
{
	struct strbuf b;

	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM artifact; UPDATE run SET"
	    " artifact_bytes = 0"));
	ASSERT_ERR_FATAL(artifact_text("b", "x", NULL), SR_OK);
	ASSERT_ERR_FATAL(artifact_text("a", "x", NULL), SR_OK);
	ASSERT_ERR_FATAL(artifact_text("c/d", "x", NULL), SR_OK);
	strbuf_init(&b, 1000);
	ASSERT_ERR(artifact_list(h.store.db, &run.id, NULL, 2, note_name, &b),
	    SR_OK);
	CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "a b ");
	strbuf_reset(&b);
	ASSERT_ERR(artifact_list(h.store.db, &run.id, "a", 9, note_name, &b),
	    SR_OK);
	CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "b c/d ");
	strbuf_free(&b);
	nothing_is_left("3");
}

static const struct suite_test tests[] = {
	TEST(what_is_stored_is_what_passed),
	TEST(st_sec_005_ac1_a_secret_cut_anywhere_is_stored_masked),
	TEST(a_secret_across_stored_chunks_is_masked),
	TEST(five_encodings_are_masked),
	TEST(text_is_any_bytes),
	TEST(letters_of_two_bytes_are_refused_with_a_secret_and_kept_without),
	TEST(json_stays_a_tree),
	TEST(json_that_is_too_much_for_a_tree_is_not_taken_as_text),
	TEST(what_is_no_text_needs_the_projects_leave),
	TEST(names_are_names),
	TEST(a_list_goes_on_behind_a_name),
};

SUITE_MAIN("core/runs/artifact", tests, runs_open, runs_close)
