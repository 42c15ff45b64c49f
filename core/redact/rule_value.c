#include <math.h>
#include <string.h>

#include "core/redact/rule_value_internal.h"

/** rule_entropy(p, len): Shannon entropy, tenths of a bit per byte. */
unsigned
rule_entropy(const char * p, size_t len)
{
	unsigned counts[256] = { 0 };
	double bits = 0, share;
	size_t i, n = value_looked_at(len);

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

/** rule_mixed(p, len): has a digit, or capitals past the first and smalls. */
bool
rule_mixed(const char * p, size_t len)
{
	bool capital = false, small = false;
	size_t i, n = value_looked_at(len);

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
	    p[23] == '-' && value_count(p, len, 'x') == 32)
		return (true);
	if (len > 128 || value_count(p, len, 'x') != len)
		return (false);
	return (len == 32 || len == 40 || len == 56 || len == 64 ||
	    len == 96 || len == 128);
}

static bool
looks_like_place(const char * p, size_t len)
{
	static const char * const files[] = { ".pem", ".key", ".crt", ".cer",
	    ".json", ".yaml", ".yml", ".html", ".conf", ".txt" };
	size_t i, n, seen = value_looked_at(len);

	if (p[0] == '/' && len >= 40 && value_count(p, seen, 'b') == seen)
		return (rule_wordy(p, len));
	if (p[0] == '/' || (p[0] == '.' && len > 1 && (p[1] == '/' ||
	    p[1] == '.')) || (p[0] == '~' && len > 1 && p[1] == '/'))
		return (value_count(p, seen, 'd') * 4 < seen);
	if (len > 3 && p[1] == ':' && (p[2] == '\\' || p[2] == '/'))
		return (true);
	for (i = 0; i < COUNTOF(files); i++) {
		n = strlen(files[i]);
		if (len > n && strncmp(&p[len - n], files[i], n) == 0)
			return (true);
	}
	return (value_contains(p, value_looked_at(len), "://") ||
	    value_contains(p, value_looked_at(len), "arn:aws") ||
	    (len > 3 && len < 40 && value_count(p, len, 'd') == 0 &&
	    memchr(p, '/', len) != NULL));
}

/* Numbers, versions, times, sizes, addresses. */
static bool
looks_like_number(const char * p, size_t len)
{
	size_t digits = value_count(p, len, 'd'), i = p[0] == '-';

	if (len > i + 2 && len <= i + 18 && p[i] == '0' && p[i + 1] == 'x')
		return (value_count(&p[i + 2], len - i - 2, 'x') ==
		    len - i - 2);
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
	    memchr(&p[n], '.', len - n) != NULL && value_count(p, n, 'd') == 0);
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
		if (value_contains(p, value_looked_at(len), marks[i]))
			return (true);
	}
	at = memchr(p, '{', value_looked_at(len));
	if (at != NULL && memchr(at, '}', value_looked_at(len) -
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
	size_t n = value_looked_at(len), digits = value_count(p, n, 'd');
	size_t words = value_count(p, n, 'p');

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
		if (len > n && len <= 48 && value_count(p, len, 'w') == len &&
		    strncmp(&p[len - n], ends[i], n) == 0)
			return (true);
	}
	return (false);
}

static bool
token_like(enum rule_kind kind, const char * p, size_t len)
{
	size_t n = value_looked_at(len), digits = value_count(p, n, 'd');
	unsigned entropy = rule_entropy(p, n);

	if (p[0] == '$' || p[0] == '!')
		return (false);
	if (kind == RULE_TOKEN && digits == n)
		return (n >= 15 && entropy >= 20);
	if (len < (kind == RULE_TOKEN ? 8 : 16) || looks_like_number(p, n) ||
	    rule_wordy(p, n))
		return (false);
	if (kind == RULE_WEAK && (rule_hashlike(p, len) || entropy < 32))
		return (false);
	if (kind != RULE_TOKEN && ((digits == 0 && (kind == RULE_WEAK ||
	    n < 20 || !rule_mixed(p, n))) || entropy < 28 ||
	    value_count(p, n, 'm') + value_count(p, n, 'q') < n))
		return (false);
	if (digits != 0)
		return (entropy >= (n < 16 ? 26 : 28));
	if (n < 16)
		return (n >= 10 && rule_mixed(p, n) && entropy >= 30 &&
		    value_count(p, n, 'L') < n);
	return (entropy >= 33);
}

/** rule_secret(kind, quoted, p, len): whether the value is a secret. */
bool
rule_secret(enum rule_kind kind, bool quoted, const char * p, size_t len)
{
	size_t i, n = value_looked_at(len);

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
