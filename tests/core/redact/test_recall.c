#include "core/redact/rule_internal.h"
#include "tests/core/redact/rules.h"

/*
 * How much of what the rules' own formats allow is found: random tokens of
 * every row, in the surroundings that tokens are met in. `make recall` prints
 * the figures; every run has the same tokens.
 */

#define TOKEN_MAX	((size_t)1200)
#define TEXT_MAX	((size_t)4096)
#define EACH		3

static uint64_t state;

static unsigned
below(unsigned n)
{

	/* xorshift64* */
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return ((unsigned)((state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n);
}

/* A character of ${class}; of letters and digits rather than of signs. */
static char
draw(char class)
{
	char c;
	unsigned i;

	for (i = 0; i < 20000; i++) {
		c = (char)('!' + below('~' - '!' + 1));
		if (rule_class(class, c) && (rule_class('a', c) || i > 200))
			return (c);
	}
	CU_FAIL_FATAL("a class of nothing");
	return ('\0');
}

/* Append what ${shape} allows; return the length. */
static size_t
draw_shape(char * out, size_t n, const char * shape)
{
	size_t least, most;
	char class, * end;

	while (*shape != '\0') {
		if (*shape != '%') {
			out[n++] = *shape++;
			continue;
		}
		class = shape[1];
		least = most = strtoul(&shape[3], &end, 10);
		if (*end == ',')
			most = end[1] == '}' ? least + 12 :
			    strtoul(end + 1, NULL, 10);
		shape = strchr(end, '}') + 1;
		if (most > least + 12)
			most = least + 12;
		least += below((unsigned)(most - least) + 1);
		CU_ASSERT_FATAL(n + least < TOKEN_MAX);
		while (least-- > 0)
			out[n++] = draw(class);
	}
	out[n] = '\0';
	return (n);
}

/* A random value as the row ${rule} describes it, above its floor. */
static void
draw_token(const struct rule * rule, char * out)
{
	bool whole = rule->find == rule_token;
	unsigned tries;
	size_t n;

	for (tries = 0; tries < 50; tries++) {
		n = 0;
		if (whole) {
			n = draw_shape(out, 0, rule->before);
			n += (size_t)snprintf(&out[n], TOKEN_MAX - n, "%s",
			    rule->anchor);
		}
		n = draw_shape(out, n, rule->shape);
		if (rule_entropy(out, n) >= rule->floor + 2)
			return;
	}
}

/* T, W and C: the token, the vendor's word, and that in capitals. */
#define T	"\1"
#define W	"\2"
#define C	"\3"

static const char * const alone[] = {
	"TOKEN=" T "\n", "{\"value\": \"" T "\", \"n\": 1}\n",
	"05:30:41 INFO sent " T " to it\n", "login(\"" T "\")\n",
	"  token: " T "\n", "curl -H 'X-Key: " T "' https://api.internal/\n",
	"the key is " T ".\n", "GET /v1/x?k=" T "&y=1 HTTP/1.1\n",
	"<value>" T "</value>\n", T "\n",
};
static const char * const beside[] = {
	C "_API_KEY=" T "\n", "  \"" W "_token\": \"" T "\",\n",
	W ":\n  api_key: " T "\n  timeout: 30\n",
	W ".auth.token=" T "\n", "export " C "_SECRET=\"" T "\"\n",
	"const c = " W ".connect(\"" T "\");\n", W "_key = '" T "'\n",
	"[DEBUG] " W " key " T "\n", "# " W " secret\nkey = " T "\n",
	W " = \"" T "\"\n",
};

/* Whether neither half of ${token} is left of ${text}. */
static bool
masked(struct redact * r, const char * text, const char * token)
{
	size_t n = strlen(token), half = n / 2;
	char piece[TOKEN_MAX];
	struct redacted * t;
	const char * out;
	bool gone;

	ASSERT_ERR_FATAL(redact_rules_text(r, text, strlen(text), NULL, &t),
	    SR_OK);
	out = redacted_bytes(t);
	memcpy(piece, token, half);
	piece[half] = '\0';
	gone = strstr(out, piece) == NULL && strstr(out, &token[half]) == NULL;
	redacted_free(&t);
	return (gone);
}

/* ${format} with the token and the word in their places. */
static void
fill(char * text, const char * format, const char * token, const char * word)
{
	size_t n = 0, i;
	char c;

	for (; *format != '\0'; format++) {
		if (*format == T[0]) {
			CU_ASSERT_FATAL(n + strlen(token) < TEXT_MAX);
			memcpy(&text[n], token, strlen(token));
			n += strlen(token);
			continue;
		}
		if (*format != W[0] && *format != C[0]) {
			text[n++] = *format;
			continue;
		}
		for (i = 0; (c = word[i]) != '\0'; i++)
			text[n++] = *format == C[0] && c >= 'a' && c <= 'z' ?
			    (char)(c - 'a' + 'A') : c;
	}
	CU_ASSERT_FATAL(n < TEXT_MAX);
	text[n] = '\0';
}

/* Tokens of all rows of one finder; what percentage is found, in tenths. */
static unsigned
found(struct redact * r, void (*find)(const struct rule_hit *,
    const struct rule *), const char * const * formats, size_t n,
    const char * name)
{
	char token[TOKEN_MAX + 64], text[TEXT_MAX];
	unsigned all = 0, good = 0, i, j, rows = 0;
	const struct rule * rule;

	for (i = 0; (rule = rule_row(i)) != NULL; i++) {
		if (rule->find != find)
			continue;
		rows++;
		for (j = 0; j < EACH; j++) {
			draw_token(rule, token);
			fill(text, formats[below((unsigned)n)], token,
			    rule->anchor);
			all++;
			if (masked(r, text, token))
				good++;
			else if (getenv("RECALL_MISSES") != NULL)
				suite_note("%s: %s", rule->name, text);
		}
	}
	CU_ASSERT_FATAL(all > 0);
	(void)printf("recall_%s %.2f %% (%u of %u tokens of %u rows)\n", name,
	    100.0 * good / all, good, all, rows);
	return (1000 * good / all);
}

static void
tokens_of_every_format_are_found(void)
{
	struct redact * r;

	state = 4031;
	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	CU_ASSERT(found(r, rule_token, alone, COUNTOF(alone), "token") >= 970);
	CU_ASSERT(found(r, rule_near, beside, COUNTOF(beside), "near") >= 970);
	redact_free(&r);
}

static const char * const names[] = { "password", "DB_PASSWORD", "apiKey",
	"api_key", "client_secret", "SECRET_KEY", "access_token", "authToken",
	"private_key", "smtp.pass", "x-api-key", "jwt_secret" };
static const char * const written[] = { W "=" T "\n", W ": " T "\n",
	"\"" W "\": \"" T "\",\n", W " = '" T "'\n", "export " W "=\"" T "\"\n",
	"<" W ">" T "</" W ">\n", "{\\\"" W "\\\":\\\"" T "\\\"}\n",
	"set('" W "', '" T "')\n", W " := \"" T "\"\n", W " => '" T "',\n",
	"GET /x?" W "=" T "&y=1\n", "--" W " " T " --verbose\n" };

static void
values_of_keys_are_found(void)
{
	static const char classes[] = "aaulhbx";
	char token[TOKEN_MAX], text[TEXT_MAX], shape[16];
	unsigned i, j, k, all = 0, good = 0;
	struct redact * r;

	state = 86;
	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	for (i = 0; i < COUNTOF(names); i++) {
		for (j = 0; j < COUNTOF(written); j++) {
			for (k = 0; k < 10; k++) {
				(void)snprintf(shape, sizeof(shape),
				    "%%%c{%u}", classes[below(7)],
				    16 + below(48));
				(void)draw_shape(token, 0, shape);
				fill(text, written[j], token, names[i]);
				all++;
				good += masked(r, text, token);
			}
		}
	}
	redact_free(&r);
	(void)printf("recall_assigned %.2f %% (%u of %u)\n",
	    100.0 * good / all, good, all);
	CU_ASSERT(good * 100 >= all * 97);
}

/* What stands where secrets do, and is none. */
static const char * const hard[] = { "<your-token>", "${TOKEN}", "$TOKEN",
	"{{ token }}", "xxxxxxxxxxxxxxxxxxxx", "changeme", "YOUR_API_KEY",
	"null", "None", "undefined", "string", "process.env.TOKEN",
	"os.environ", "self.token", "getToken()", "********",
	"<redacted>", "%s", "#{token}", "@token@", "$(cat token)", "true",
	"required", "/run/secrets/token", "./token.txt", "file.pem",
	"replace_with_your_own", "example", "...", "my-secret-name",
	"vault:secret/data/app", "request.headers", "0x1f", "-1", "1.2.3",
	"ReadOnlySpan", "Optional[str]", "tokenProvider", "secretKeyRef",
	"https://example.org/token", "arn:aws:iam::1:role/x" };

static void
hard_negatives_stay(void)
{
	unsigned i, j, k, all = 0, altered = 0;
	struct redacted * t;
	char text[TEXT_MAX];
	struct redact * r;

	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	for (i = 0; i < COUNTOF(names); i++) {
		for (j = 0; j < COUNTOF(written); j++) {
			for (k = 0; k < COUNTOF(hard); k++) {
				fill(text, written[j], hard[k], names[i]);
				ASSERT_ERR_FATAL(redact_rules_text(r, text,
				    strlen(text), NULL, &t), SR_OK);
				all++;
				if (strcmp(redacted_bytes(t), text) != 0) {
					altered++;
					if (getenv("RECALL_MISSES") != NULL)
						suite_note("%s", text);
				}
				redacted_free(&t);
			}
		}
	}
	redact_free(&r);
	(void)printf("hard_negatives_altered %.2f %% (%u of %u)\n",
	    100.0 * altered / all, altered, all);
	CU_ASSERT(altered * 1000 <= all * 5);
}

static const struct suite_test tests[] = {
	TEST(tokens_of_every_format_are_found),
	TEST(values_of_keys_are_found),
	TEST(hard_negatives_stay),
};

SUITE_MAIN("core/redact/recall", tests, NULL, NULL)
