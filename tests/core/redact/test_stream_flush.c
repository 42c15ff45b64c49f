/*
 * What a pause lets be seen of what is held back: prompts and echo, and at most
 * seven bytes of a secret, however often it pauses.
 */

#include "tests/core/redact/kit.h"

#define LONG	"sk-live-9vKx2mQ7bT4nR8wZ1cY6pL3hD5fG0jU"
#define MEDIUM	"Vy7Kq2Lm9Xz4Rt8W"
#define SHORT	"p4ssw.rd"
#define PHRASE	"three blind mice climbed over the garden wall"
#define TOKEN	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"

#define SEEN	7
#define MASK	"[REDACTED:"

static struct redact *
engine(void)
{
	struct redact * r = kit_ready();

	kit_put(r, 1, "i/long@1", LONG, strlen(LONG), NULL);
	kit_put(r, 2, "i/medium@1", MEDIUM, strlen(MEDIUM), NULL);
	kit_put(r, 3, "i/short@1", SHORT, strlen(SHORT), NULL);
	kit_put(r, 4, "i/phrase@1", PHRASE, strlen(PHRASE), NULL);
	return (r);
}

/* Feed pieces of ${each} bytes, with ${pauses} pauses behind every one. */
static void
slowly(struct redact * r, const char * text, size_t len, size_t each,
    unsigned pauses, bool finish, struct kit_text * all)
{
	struct redact_stream * s;
	struct redacted * t;
	size_t at, n;
	unsigned i;

	ASSERT_ERR_FATAL(redact_open(r, REDACT_PUBSUB, NULL, &s), SR_OK);
	kit_adds(all, "");
	for (at = 0; at < len; at += n) {
		n = len - at < each ? len - at : each;
		ASSERT_ERR_FATAL(redact_feed(s, &text[at], n, &t), SR_OK);
		kit_add(all, redacted_bytes(t), redacted_len(t));
		redacted_free(&t);
		for (i = 0; i < pauses; i++) {
			ASSERT_ERR_FATAL(redact_flush(s, NULL, 0, &t), SR_OK);
			kit_add(all, redacted_bytes(t), redacted_len(t));
			redacted_free(&t);
		}
	}
	if (finish) {
		CU_ASSERT_EQUAL(redact_settled(s) <= len, true);
		ASSERT_ERR_FATAL(redact_finish(s, &t), SR_OK);
		kit_add(all, redacted_bytes(t), redacted_len(t));
		redacted_free(&t);
	}
	redact_stream_free(&s);
}

/*
 * How much of ${secret} is in ${all}: the longest run of it from any place, so
 * that no byte of it is seen that was not counted.
 */
static size_t
longest(const struct kit_text * all, const char * secret, size_t len)
{
	size_t i, j, k, most = 0;

	for (i = 0; i < all->len; i++) {
		for (j = 0; j < len; j++) {
			for (k = 0; i + k < all->len && j + k < len &&
			    all->p[i + k] == secret[j + k]; k++)
				;
			most = k > most ? k : most;
		}
	}
	return (most);
}

static void
seen(const char * before, const char * secret, const char * after,
    size_t most)
{
	struct redact * r = engine();
	char text[512];
	struct kit_text all;
	size_t each, n;
	unsigned pauses;

	(void)snprintf(text, sizeof(text), "%s%s%s", before, secret, after);
	for (each = 1; each <= 16; each++) {
		for (pauses = 1; pauses <= 3; pauses++) {
			all = (struct kit_text){ .len = 0 };
			slowly(r, text, strlen(text), each, pauses, true,
			    &all);
			n = longest(&all, secret, strlen(secret));
			if (n > most || strstr(all.p, MASK) == NULL)
				suite_note("%zu at a time: %zu in %s", each, n,
				    all.p);
			CU_ASSERT(n <= most);
			CU_ASSERT_PTR_NOT_NULL(strstr(all.p, MASK));
			if (*after != '\0')
				CU_ASSERT_PTR_NOT_NULL(strstr(all.p, after));
			kit_reset(&all);
		}
	}
	redact_free(&r);
}

static void
no_more_than_seven_bytes_of_a_known_secret_are_seen(void)
{
	static const char * const secrets[] = { LONG, MEDIUM, SHORT };
	static const char * const befores[] = { "", "x", "key: ", "a b c ",
	    "\033[1mkey\033[0m=", "0123456789abcdef", "\r\n", "sk-live",
	    "three blind mice ", "Vy7Kq2L" };
	size_t i, j;

	for (i = 0; i < COUNTOF(secrets); i++) {
		for (j = 0; j < COUNTOF(befores); j++) {
			seen(befores[j], secrets[i], "", SEEN);
			seen(befores[j], secrets[i], "\r\nand on\r\n", SEEN);
		}
	}
	/* Nothing is known of the begin of a phrase. */
	seen("say: ", PHRASE, " end.", 15);
}

static void
escaped_ones_are_held_as_well(void)
{
	static const struct {
		const char * text, * tail;
	} cases[] = {
		{ "p4ssw%2Erd", "w%2Erd" },
		{ "%70%34%73%73%77%2e%72%64", "%73%77%2e" },
		{ "\\u0070\\u0034\\u0073\\u0073\\u0077\\u002e\\u0072d",
		    "\\u0077\\u002e" },
		{ "70347373772e7264", "772e7264" },
		{ "56 79 37 4b 71 32 4c 6d 39 58 7a 34 52 74 38 57",
		    "4c 6d 39 58 7a" },
		{ "VnkfN0txMkxtOVh6NFJ0OFc", NULL },
	};
	struct redact * r = engine();
	struct kit_text all;
	size_t i, each;

	for (i = 0; i < COUNTOF(cases) && cases[i].tail != NULL; i++) {
		for (each = 1; each < 9; each++) {
			all = (struct kit_text){ .len = 0 };
			slowly(r, cases[i].text, strlen(cases[i].text), each,
			    2, true, &all);
			if (strstr(all.p, cases[i].tail) != NULL)
				suite_note("%s", all.p);
			CU_ASSERT_PTR_NULL(strstr(all.p, cases[i].tail));
			CU_ASSERT_PTR_NOT_NULL(strstr(all.p, MASK));
			kit_reset(&all);
		}
	}
	redact_free(&r);
}

static void
what_rules_find_is_held_too(void)
{

	seen("token ", TOKEN, " end\n", 4 + SEEN);
	seen("password: ", "Tr0ub4dor&3xyz", "\n", SEEN);
	seen("export DB_PASSWORD=", "kX9#mQ2$vL7pT4w", "\n", SEEN);
	seen("Authorization: Bearer ", "9vK2mQ7bT4nR8wZ1cY6pL3hD5fG0jUx", "\n",
	    SEEN);
}

static void
prompts_are_seen_whole(void)
{
	static const char * const prompts[] = { "Password: ",
	    "Go on? [y/N] ", "user@host:~/work$ ", "> ", "$ ", ">>> ",
	    "[sudo] password for joe: ", "Enter a number between 1 and 10: ",
	    "\033[32muser@host\033[0m:\033[34m~\033[0m$ ", "mysql> ", "(gdb) ",
	    "\r 45% [=====>      ]  12 MB/s ", "Username for 'https://x.y': ",
	    "100% done ", "Are you sure you want to go on (yes/no/[print])? ",
	};
	struct redact * r = engine();
	struct kit_text all;
	size_t i, each;

	for (i = 0; i < COUNTOF(prompts); i++) {
		for (each = 1; each < 80; each += 13) {
			all = (struct kit_text){ .len = 0 };
			slowly(r, prompts[i], strlen(prompts[i]), each, 1,
			    false, &all);
			if (strcmp(all.p, prompts[i]) != 0)
				suite_note("'%s' of '%s'", all.p, prompts[i]);
			CU_ASSERT_STRING_EQUAL(all.p, prompts[i]);
			kit_reset(&all);
		}
	}
	redact_free(&r);
}

static void
pauses_change_nothing_of_other_texts(void)
{
	static const char * const texts[] = {
		"plain words and no secret at all\nand another line\n",
		"\033[1;31mred\033[0m\r 10%\r 50%\r100%\n",
		"a=1&b=2 %41 \\n \\u0041 c++ 0123456789abcdef0123456789\n",
		"https://example.org/a/b?c=d#e and drwxr-xr-x 2 root root\n",
		"{\"a\": [1, 2, {\"b\": \"c\"}]}\n", "----- BEGIN -----\n",
	};
	struct redact * r = engine();
	struct kit_text all;
	size_t i, each;

	for (i = 0; i < COUNTOF(texts); i++) {
		for (each = 1; each < 20; each++) {
			all = (struct kit_text){ .len = 0 };
			slowly(r, texts[i], strlen(texts[i]), each, 1, true,
			    &all);
			CU_ASSERT_STRING_EQUAL(all.p, texts[i]);
			kit_reset(&all);
		}
	}
	redact_free(&r);
}

/* Whoever types it sees it, but not more than a begin of what is known. */
static void
an_echo_is_seen(void)
{
	static const char word[] = "a-word-that-is-typed-here";
	struct redact * r = engine();
	struct redact_stream * s;
	struct redacted * t;
	struct kit_text all = { .len = 0 };
	size_t i;

	ASSERT_ERR_FATAL(redact_open(r, REDACT_PUBSUB, NULL, &s), SR_OK);
	kit_adds(&all, "");
	for (i = 0; i < strlen(word); i++) {
		ASSERT_ERR_FATAL(redact_feed(s, &word[i], 1, &t), SR_OK);
		kit_add(&all, redacted_bytes(t), redacted_len(t));
		redacted_free(&t);
		ASSERT_ERR_FATAL(redact_flush(s, word, i + 1, &t), SR_OK);
		kit_add(&all, redacted_bytes(t), redacted_len(t));
		redacted_free(&t);
		CU_ASSERT_EQUAL(all.len, i + 1);
	}
	CU_ASSERT_STRING_EQUAL(all.p, word);
	kit_reset(&all);
	redact_stream_free(&s);
	redact_free(&r);
}

static void
a_stale_set_shows_nothing(void)
{
	struct redact * r = engine();
	struct redact_stream * s;
	struct redacted * t;

	ASSERT_ERR_FATAL(redact_open(r, REDACT_PUBSUB, NULL, &s), SR_OK);
	ASSERT_ERR_FATAL(redact_feed(s, "abc", 3, &t), SR_OK);
	redacted_free(&t);
	redact_mark(r, REDACT_STALE);
	ASSERT_ERR(redact_flush(s, NULL, 0, &t),
	    SR_E_CHANNEL_REDACTION_FAILED);
	CU_ASSERT_PTR_NULL(t);
	redact_mark(r, REDACT_READY);
	ASSERT_ERR(redact_flush(s, NULL, 0, &t),
	    SR_E_CHANNEL_REDACTION_FAILED);
	redact_stream_free(&s);
	redact_free(&r);
}

/* What comes to be known while a begin of it is seen. */
static void
a_set_that_changes_is_looked_at_again(void)
{
	static const char late[] = "Zz19QwErTyUiOp55";
	struct redact * r = engine();
	struct redact_stream * s;
	struct redacted * t;
	struct kit_text all = { .len = 0 };

	ASSERT_ERR_FATAL(redact_open(r, REDACT_PUBSUB, NULL, &s), SR_OK);
	ASSERT_ERR_FATAL(redact_feed(s, late, 12, &t), SR_OK);
	kit_add(&all, redacted_bytes(t), redacted_len(t));
	redacted_free(&t);
	kit_put(r, 9, "i/late@1", late, strlen(late), NULL);
	ASSERT_ERR_FATAL(redact_flush(s, NULL, 0, &t), SR_OK);
	kit_add(&all, redacted_bytes(t), redacted_len(t));
	redacted_free(&t);
	CU_ASSERT(all.len <= SEEN);
	ASSERT_ERR_FATAL(redact_feed(s, &late[12], 4, &t), SR_OK);
	kit_add(&all, redacted_bytes(t), redacted_len(t));
	redacted_free(&t);
	ASSERT_ERR_FATAL(redact_finish(s, &t), SR_OK);
	kit_add(&all, redacted_bytes(t), redacted_len(t));
	redacted_free(&t);
	CU_ASSERT_PTR_NOT_NULL(strstr(all.p, "[REDACTED:i/late@1:"));
	CU_ASSERT(longest(&all, late, strlen(late)) <= SEEN);
	kit_reset(&all);
	redact_stream_free(&s);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(no_more_than_seven_bytes_of_a_known_secret_are_seen),
	TEST(escaped_ones_are_held_as_well),
	TEST(what_rules_find_is_held_too),
	TEST(prompts_are_seen_whole),
	TEST(pauses_change_nothing_of_other_texts),
	TEST(an_echo_is_seen),
	TEST(a_stale_set_shows_nothing),
	TEST(a_set_that_changes_is_looked_at_again),
};

SUITE_MAIN("core/redact/stream_flush", tests, NULL, NULL)
