#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/redact/rule_internal.h"

/* Of longer values the first bytes tell what they are. */
#define LOOKED_AT	((size_t)128)

static size_t
looked_at(size_t len)
{

	return (len < LOOKED_AT ? len : LOOKED_AT);
}

static size_t
count(const char * p, size_t len, char class)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += rule_class(class, p[i]);
	return (n);
}

/** rule_entropy(p, len): Shannon entropy, tenths of a bit per byte. */
unsigned
rule_entropy(const char * p, size_t len)
{
	unsigned counts[256] = { 0 };
	double bits = 0, share;
	size_t i, n = looked_at(len);

	if (n == 0)
		return (0);
	for (i = 0; i < n; i++)
		counts[(unsigned char)p[i]]++;
	for (i = 0; i < COUNTOF(counts); i++) {
		if (counts[i] == 0)
			continue;
		share = (double)counts[i] / (double)n;
		bits -= share * log2(share);
	}
	return ((unsigned)(bits * 10));
}

static bool
contains(const char * p, size_t len, const char * word)
{
	size_t i, n = strlen(word);

	for (i = 0; i + n <= len; i++) {
		if ((p[i] | 0x20) == word[0] &&
		    strncasecmp(&p[i], word, n) == 0)
			return (true);
	}
	return (false);
}

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
	size_t n = looked_at(len);

	/* Long and mixed it is a value in a document at worst. */
	if (len >= 16 && count(p, n, 'd') != 0 && count(p, n, 'L') != 0)
		return (false);
	if (len <= 96 && has_run(p, n, 8, true) && rule_entropy(p, n) < 38)
		return (true);
	return (len <= 160 && (contains(p, n, "abc123") ||
	    contains(p, n, "abcdefgh")));
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
	size_t i, n = looked_at(len);

	if (len == 0 || all_equal(p, n))
		return (true);
	/* Long base64 may well hold six A. */
	if (len <= 96 && has_run(p, n, 6, false) && rule_entropy(p, n) < 38)
		return (true);
	for (i = 0; i < COUNTOF(words); i++) {
		if (len <= 160 && contains(p, n, words[i]))
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
		    count(p, len, 'p') == len - 1);
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
	size_t i, n = looked_at(len);

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

/** rule_mixed(p, len): has a digit, or capitals past the first and smalls. */
bool
rule_mixed(const char * p, size_t len)
{
	bool capital = false, small = false;
	size_t i, n = looked_at(len);

	for (i = 0; i < n; i++) {
		if (rule_class('d', p[i]))
			return (true);
		if (i > 0 && p[i] >= 'A' && p[i] <= 'Z')
			capital = true;
		if (p[i] >= 'a' && p[i] <= 'z')
			small = true;
	}
	return (capital && small);
}

/** rule_hashlike(p, len): a UUID, or hex as long as digests are. */
bool
rule_hashlike(const char * p, size_t len)
{

	if (len == 36 && p[8] == '-' && p[13] == '-' && p[18] == '-' &&
	    p[23] == '-' && count(p, len, 'x') == 32)
		return (true);
	if (len > 128 || count(p, len, 'x') != len)
		return (false);
	return (len == 32 || len == 40 || len == 56 || len == 64 ||
	    len == 96 || len == 128);
}

static bool
looks_like_place(const char * p, size_t len)
{
	static const char * const files[] = { ".pem", ".key", ".crt", ".cer",
	    ".json", ".yaml", ".yml", ".html", ".conf", ".txt" };
	size_t i, n;

	if (p[0] == '/' && len >= 40 && count(p, looked_at(len), 'b') ==
	    looked_at(len))
		return (rule_wordy(p, len));
	if (p[0] == '/' || (p[0] == '.' && len > 1 && (p[1] == '/' ||
	    p[1] == '.')) || (p[0] == '~' && len > 1 && p[1] == '/'))
		return (count(p, looked_at(len), 'd') * 4 < looked_at(len));
	if (len > 3 && p[1] == ':' && (p[2] == '\\' || p[2] == '/'))
		return (true);
	for (i = 0; i < COUNTOF(files); i++) {
		n = strlen(files[i]);
		if (len > n && strncmp(&p[len - n], files[i], n) == 0)
			return (true);
	}
	return (contains(p, looked_at(len), "://") ||
	    contains(p, looked_at(len), "arn:aws") ||
	    (len > 3 && len < 40 && count(p, len, 'd') == 0 &&
	    memchr(p, '/', len) != NULL));
}

/* Numbers, versions, times, sizes, addresses. */
static bool
looks_like_number(const char * p, size_t len)
{
	size_t digits = count(p, len, 'd'), i = p[0] == '-';

	if (len > i + 2 && len <= i + 18 && p[i] == '0' && p[i + 1] == 'x')
		return (count(&p[i + 2], len - i - 2, 'x') == len - i - 2);
	for (i = 0; i < len; i++) {
		if (!rule_class('d', p[i]) &&
		    strchr(".,:+-TZ%/ ", p[i]) == NULL)
			return (false);
	}
	return (digits != 0);
}

/* jackson-0.11.2, build-20240131: a name and its version. */
static bool
looks_like_version(const char * p, size_t len)
{
	size_t n = len;

	while (n > 0 && (rule_class('d', p[n - 1]) || p[n - 1] == '.'))
		n--;
	return (n != len && n != 0 && strchr("-_:@=^~", p[n - 1]) != NULL &&
	    memchr(&p[n], '.', len - n) != NULL && count(p, n, 'd') == 0);
}

static bool
looks_like_code(const char * p, size_t len)
{
	static const char * const marks[] = { "[value]", "[password]",
	    "[token]", "[:", "(?:", "]+", "]*", ")?", "%0",
	    "${", "{{", "$(", "%(", "()",
	    "\\d", "\\w", "[^", ".*", ".+", "=>", "->", "::", "process.env",
	    "os.environ", "getenv", "function", "lambda", "self.", "this.",
	    "request.", "config.", "null", "undefined", "#{", "<%", "%>",
	    "&lt;", "&gt;",
	    "secrets.", "sha256:", "sha512-", "sha256-", "sha1-", "sha384-" };
	const char * at;
	size_t i;

	for (i = 0; i < COUNTOF(marks); i++) {
		if (contains(p, looked_at(len), marks[i]))
			return (true);
	}
	at = memchr(p, '{', looked_at(len));
	if (at != NULL && memchr(at, '}', looked_at(len) -
	    (size_t)(at - p)) != NULL)
		return (true);
	/* Public: keys of SSH, certificates and keys in DER. */
	return (strncmp(p, "AAAAB3NzaC1", len < 11 ? len : 11) == 0 ||
	    strncmp(p, "AAAAC3NzaC1", len < 11 ? len : 11) == 0 ||
	    (len > 60 && strncmp(p, "MII", 3) == 0 &&
	    strncmp(p, "MIIE", 4) != 0));
}

static bool
password_like(bool quoted, const char * p, size_t len)
{
	size_t n = looked_at(len), digits = count(p, n, 'd');
	size_t words = count(p, n, 'p');

	if (len < (quoted ? 5 : 6) || len > 512)
		return (false);
	if (digits == n)
		return (n >= 6);
	if (looks_like_number(p, n))
		return (false);
	if (rule_wordy(p, n))
		return (false);
	/* Punctuation that names do not have. */
	if (words + (size_t)(memchr(p, '/', n) != NULL) < n && n - words <
	    n / 2 + 1 && words >= 4)
		return (digits != 0 || n >= 8);
	return (digits != 0 || (n >= 8 && rule_mixed(p, n)) ||
	    (n >= 16 && rule_entropy(p, n) >= 32));
}

/* hexPKCS8TestKey: a variable, by how it ends. */
static bool
names_a_key(const char * p, size_t len)
{
	static const char * const ends[] = { "Key", "Token", "Secret",
	    "Password", "Auth" };
	size_t i, n;

	for (i = 0; i < COUNTOF(ends); i++) {
		n = strlen(ends[i]);
		if (len > n && len <= 48 && count(p, len, 'w') == len &&
		    strncmp(&p[len - n], ends[i], n) == 0)
			return (true);
	}
	return (false);
}

static bool
token_like(enum rule_kind kind, const char * p, size_t len)
{
	size_t n = looked_at(len), digits = count(p, n, 'd');
	unsigned entropy = rule_entropy(p, n);

	if (p[0] == '$' || p[0] == '!')
		return (false);
	if (kind == RULE_TOKEN && digits == n)
		return (n >= 15 && entropy >= 20);
	if (len < (kind == RULE_WEAK ? 16 : 8) || looks_like_number(p, n) ||
	    rule_wordy(p, n))
		return (false);
	if (kind == RULE_WEAK && (rule_hashlike(p, len) || digits == 0 ||
	    entropy < 32 || count(p, n, 'm') + count(p, n, 'q') < n))
		return (false);
	if (digits != 0)
		return (entropy >= (n < 16 ? 26 : 28));
	if (n < 16)
		return (n >= 10 && rule_mixed(p, n) && entropy >= 30 &&
		    count(p, n, 'L') < n);
	return (entropy >= 33);
}

/** rule_secret(kind, quoted, p, len): whether the value is a secret. */
bool
rule_secret(enum rule_kind kind, bool quoted, const char * p, size_t len)
{
	size_t i, n = looked_at(len);

	if (kind == RULE_NONE || len == 0 || rule_placeholder(p, len) ||
	    looks_like_place(p, len) || looks_like_code(p, len) ||
	    looks_like_version(p, n))
		return (false);
	for (i = 0; i < n; i++) {
		if ((unsigned char)p[i] <= ' ' || (unsigned char)p[i] >= 0x7f)
			return (false);
	}
	if (kind == RULE_PASSWORD)
		return (password_like(quoted, p, len));
	if (!quoted && names_a_key(p, len))
		return (false);
	return (token_like(kind, p, len));
}
