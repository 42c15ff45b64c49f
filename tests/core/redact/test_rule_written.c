#include "core/redact/rule_internal.h"
#include "tests/core/redact/rules.h"

/*
 * The many ways in which programs write a name and its value, and what looks
 * like it and is no secret.
 */

#define T	"q7Zk2mXw9L" "rT4vB8nC1dxY"
#define P	"2Mhj6f" "p0Rkf"

static const char * const secrets[] = {
	T,			/* A token... */
	P			/* ...and a password. */
};

/* %s is the value, which is masked alone. */
static const char * const tokens[] = {
	"api_token <- \"%s\"\n", "t = process.env.API_TOKEN || \"%s\";",
	"apiToken ?? '%s'", "t = os.getenv(\"API_TOKEN\") or \"%s\"",
	"<key>apiToken</key>\n\t<string>%s</string>",
	"<string name=\"api_token\">%s</string>",
	"<property name=\"api.token\">%s</property>",
	"<name>api.token</name><value>%s</value>",
	"- **API token**: `%s`", "| api_token | %s |", "api_token,%s\n",
	"variable \"api_token\" {\n  type = string\n  default = \"%s\"\n}",
	"const char api_token[] = \"%s\";", "char api_token[64] = \"%s\";",
	"<meta name=\"api-token\" content=\"%s\">",
	"token: ${API_TOKEN:%s}", "token=${API_TOKEN:-%s}",
	"token: \"${API_TOKEN:-%s}\"", "  apiToken \"%s\"\n",
	"#define API_TOKEN \"%s\"", "(setq api-token \"%s\")",
	"{:api-token \"%s\"}", "set -gx API_TOKEN %s\n",
	"https://%s@git.internal/a.git", "https://%s:x-oauth-basic@h/a.git",
	"TOKEN_PROD=%s", "SECRET_KEY_BASE=%s", "TEAM_KEY=%s",
	"{\"sentry_auth\": \"%s\"}",
};

static const char * const passwords[] = {
	"auth=HTTPBasicAuth('app', '%s')", "r.SetBasicAuth(user, \"%s\")",
	"redis-cli -h cache -a %s ping", "ldapsearch -D cn=x -w %s",
	"jdbc:oracle:thin:app/%s@//db:1521/x", "sqlplus app/%s@db",
	"ConvertTo-SecureString '%s' -AsPlainText",
	"ALTER USER x IDENTIFIED WITH sha256_password BY '%s'",
	"pass_word = '%s'", "MotDePasse: '%s'", "SSHPASS=%s",
};

/* As people choose them. */
static const char * const chosen[] = {
	"password: \"Autumn" "2024#\"", "--password Autumn" "2024 x",
	"db_password = Autumn" "2024\n", "{PASSWORD:Autumn" "2024 x}",
	"passwd=Autumn#" "2024&x=1",
};

static const char * const no_secrets[] = {
	"password=${DB_PASSWORD:?must be set}",
	"password=${DB_PASSWORD:changeme}", "api_key: ${{ secrets.API_KEY }}",
	"apiKey: process.env.API_KEY || \"your-api-key-here\"",
	"CACHE_KEY=9f86d081884c7d659a2feaa0c55ad015",
	"PUBLIC_KEY=9f86d081884c7d659a2feaa0c55ad015",
	"\"key\": \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\"",
	"script-src 'nonce-r4nd0mN0nc3V4lu3AbCdEf=='",
	"<script nonce=\"EDNnf03nceIOfn39fn3e9h3sdfa\">",
	"oauth_nonce=\"EDNnf03nceIOfn39fn3e9h3sdfa\"",
	"<label for=\"password\">Password123</label>",
	"#define SN_kx_rsa_psk \"KxRSA_PSK\"",
	"#define FIPS_KEY_STRING \"9f86d081884c7d659a2feaa0c55ad015\"",
	".sk-spinner-double-bounce-element-one{width:1px}",
	"app_prod_20240131.tar.gz build_key_20240131T120000",
	"cache_key_9f86d081884c7d659a2feaa0c55ad015",
	"view https://registry.example/@scope/pkg@1.2.3",
	"https://0a1b2c@example.com/path", "user,password\nbob,alice\n",
	"| token | the token of the user |", "MENU_KEY=ctrl+shift+F12",
	"mnemonic: the words of it are with care not shown here to anybody",
	"new NetworkCredential(\"app\", password)", "token <- value",
	"redis-cli -a $PASS ping", "sqlplus /nolog", "auth=(user, password)",
};

static void
check(const char * format, const char * value)
{
	char text[512], head[512], expected[600];
	const char * at = strstr(format, "%s");
	size_t n = (size_t)(at - format);
	struct redacted * t;
	struct redact * r;

	(void)snprintf(head, sizeof(head), "%.*s", (int)n, format);
	(void)snprintf(text, sizeof(text), "%s%s%s", head, value, at + 2);
	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	ASSERT_ERR_FATAL(redact_rules_text(r, text, strlen(text), NULL, &t),
	    SR_OK);
	(void)snprintf(expected, sizeof(expected), "%.*s",
	    (int)redacted_len(t), redacted_bytes(t));
	redacted_free(&t);
	redact_free(&r);
	if (strstr(expected, value) != NULL || strncmp(expected, head, n) != 0
	    || strncmp(&expected[n], "[REDACTED:", 10) != 0 ||
	    strcmp(strchr(&expected[n], ']') + 1, at + 2) != 0)
		suite_note("'%s' became '%s'", text, expected);
	CU_ASSERT(strstr(expected, value) == NULL);
	CU_ASSERT(strncmp(expected, head, n) == 0);
	CU_ASSERT(stays(expected));
}

static void
values_are_found_as_programs_write_them(void)
{
	size_t i;

	for (i = 0; i < COUNTOF(tokens); i++)
		check(tokens[i], secrets[0]);
	for (i = 0; i < COUNTOF(passwords); i++)
		check(passwords[i], secrets[1]);
}

static void
passwords_that_people_choose_are_found(void)
{
	size_t i;

	for (i = 0; i < COUNTOF(chosen); i++)
		CU_ASSERT(!stays(chosen[i]));
}

static void
what_is_no_secret_stays(void)
{
	size_t i;

	for (i = 0; i < COUNTOF(no_secrets); i++)
		CU_ASSERT(stays(no_secrets[i]));
}

/* Masked line by line: the text has as many lines as before. */
static void
all_lines_of_a_putty_key_are_masked(void)
{
	static const char text[] = "Private-Lines: 2\n"
	    "V2Bbb1KkOvndHLhWUXR1OHM36HBEEitK28yUGuZ2MUVPdnJzpkWrrjLSvv6iAL6u\n"
	    "H6PRiFvfahetHu0/DvPu6p2a0HbnNS==\nPrivate-MAC: 00\n";

	CU_ASSERT(becomes_text(text, "Private-Lines: 2\n"
	    "[REDACTED:private_key]\n\nPrivate-MAC: 00\n"));
}

static const struct suite_test tests[] = {
	TEST(values_are_found_as_programs_write_them),
	TEST(passwords_that_people_choose_are_found),
	TEST(what_is_no_secret_stays),
	TEST(all_lines_of_a_putty_key_are_masked),
};

SUITE_MAIN("core/redact/rule_written", tests, NULL, teardown)
