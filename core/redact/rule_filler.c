#include "core/redact/rule_value_internal.h"

/* As many and more of what gaps are filled with, or that count up. */
static bool
has_run(const char * p, size_t len, size_t many, bool counting)
{
	size_t i, n = 1;

	for (i = 1; i < len; i++) {
		n = p[i] == p[i - 1] + (counting ? 1 : 0) ? n + 1 : 1;
		if (n == many && (counting ||
		    strchr("xX0*._-#1", p[i]) != NULL))
			return (true);
	}
	return (false);
}

static bool
all_equal(const char * p, size_t len)
{
	size_t i;

	for (i = 1; i < len; i++) {
		if (p[i] != p[0])
			return (false);
	}
	return (true);
}

/** rule_counted(p, len): whether it is 12345678, abc123 and the like. */
bool
rule_counted(const char * p, size_t len)
{
	size_t n = value_looked_at(len);

	/* Long and mixed it is a value in a document at worst. */
	if (len >= 16 && value_count(p, n, 'd') != 0 &&
	    value_count(p, n, 'L') != 0)
		return (false);
	if (len <= 96 && has_run(p, n, 8, true) && rule_entropy(p, n) < 38)
		return (true);
	return (len <= 160 && (value_contains(p, n, "abc123") ||
	    value_contains(p, n, "abcdefgh")));
}

/** rule_filler(p, len): whether it is xxxx, EXAMPLE and the like. */
bool
rule_filler(const char * p, size_t len)
{
	static const char * const words[] = { "example", "***", "your_",
	    "your-", "placeholder", "changeme", "change_me", "change-me",
	    "replace_", "replace-", "dummy", "insert_", "insert-", "redacted",
	    "notreal", "not_real", "xxxxx", "_here", "-here",
	    "samplekey", "fakekey", "testkey" };
	size_t i, n = value_looked_at(len);

	if (len == 0 || all_equal(p, n))
		return (true);
	/* Long base64 may well hold six A. */
	if (len <= 96 && has_run(p, n, 6, false) && rule_entropy(p, n) < 38)
		return (true);
	for (i = 0; i < COUNTOF(words); i++) {
		if (len <= 160 && value_contains(p, n, words[i]))
			return (true);
	}
	return (false);
}

/* $NAME, ${…}, $(…), %s, %(…), {…}, <…>, @x@, [REDACTED…]. */
static bool
is_template(const char * p, size_t len)
{

	switch (p[0]) {
	case '$':
		if (len >= 2 && (p[1] == '{' || p[1] == '('))
			return (true);
		return (len >= 2 && !rule_class('d', p[1]) &&
		    value_count(p, len, 'p') == len - 1);
	case '%':
		return (len >= 2 && (p[1] == 's' || p[1] == '(' ||
		    p[1] == 'v' || p[len - 1] == '%') && len <= 40);
	case '{':
		return (p[len - 1] == '}');
	case '<':
		return (p[len - 1] == '>');
	case '\'':
	case '"':
		return (len > 2 && p[1] == '$');
	case '@':
		return (len > 2 && p[len - 1] == '@');
	case '#':
		return (len > 2 && p[1] == '{');
	case '[':
		return (len >= 10 && strncmp(p, "[REDACTED", 9) == 0 &&
		    p[len - 1] == ']' && memchr(p, ']', len - 1) == NULL);
	default:
		return (false);
	}
}

/** rule_placeholder(p, len): whether it only stands for a secret. */
bool
rule_placeholder(const char * p, size_t len)
{
	static const char * const words[] = { "password", "passwd", "pass",
	    "pwd", "secret", "token", "key", "apikey", "api_key", "hidden",
	    "redacted", "masked", "null", "none", "undefined", "changeit",
	    "password1", "password123", "passw0rd", "mypassword", "secret123",
	    "test", "test123", "testing", "username", "user", "root",
	    "admin", "guest", "postgres", "mysql", "foo", "bar", "value", "xyz",
	    "anoncvs", "anonymous", "passwort", "debian" };
	size_t i;

	if (len == 0 || rule_filler(p, len) || rule_counted(p, len) ||
	    is_template(p, len) || rule_published(p, len))
		return (true);
	for (i = 0; i < COUNTOF(words); i++) {
		if (len == strlen(words[i]) &&
		    strncasecmp(p, words[i], len) == 0)
			return (true);
	}
	return (false);
}

/** rule_stand_in(p, len): whether as a whole it only stands for a password. */
bool
rule_stand_in(const char * p, size_t len)
{
	size_t i, n = value_looked_at(len);

	/* Nothing but what a gap is filled with; three bytes make a bullet. */
	for (i = 0; i < n && (strchr("xX*.-_", p[i]) != NULL ||
	    p[i] == p[0] || ((unsigned char)p[i] >= 0x80 && i >= 3 &&
	    p[i] == p[i - 3]) || ((unsigned char)p[0] >= 0xe0 && i < 3)); i++)
		;
	if (i == n || is_template(p, len))
		return (true);
	if (!rule_placeholder(p, len) || rule_counted(p, len))
		return (false);
	return (!rule_filler(p, len) || rule_wordy(p, len));
}
