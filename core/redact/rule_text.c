#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/redact/rule_internal.h"

static bool
is_word(char c)
{

	return (isalnum((unsigned char)c) || c == '_');
}

/** rule_class(class, c): whether ${c} is in the class of that letter. */
bool
rule_class(char class, char c)
{

	switch (class) {
	case 'a':
		return (isalnum((unsigned char)c));
	case 'u':	/* URL-safe base64 */
		return (is_word(c) || c == '-');
	case 's':
		return (isalnum((unsigned char)c) || c == '-');
	case 'w':
		return (is_word(c));
	case 'h':
		return ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
	case 'l':
		return ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'));
	case 'd':
		return (c >= '0' && c <= '9');
	case 'A':	/* base32 */
		return ((c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'));
	case 'U':
		return ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
	case 'b':	/* base64 with padding */
		return (isalnum((unsigned char)c) || c == '+' || c == '/' ||
		    c == '=');
	case 't':	/* token68 of RFC 9110 and what is used as such */
		return (isalnum((unsigned char)c) ||
		    (c != '\0' && strchr("-._~+/=", c) != NULL));
	default:
		must(false);
		return (false);
	}
}

/** rule_run(t, at, class): characters of ${class} from ${at} on. */
size_t
rule_run(struct rule_text t, size_t at, char class)
{
	size_t i = at;

	while (i < t.len && rule_class(class, t.p[i]))
		i++;
	return (i - at);
}

static bool
is_hex(char c)
{

	return (isxdigit((unsigned char)c));
}

/* Whether an escape ends right before ${at}. */
static bool
after_escape(struct rule_text t, size_t at)
{
	const char * p = t.p;
	size_t i;

	if (at >= 2 && p[at - 2] == '\\' &&
	    strchr("nrtbfv0", p[at - 1]) != NULL)
		return (true);
	if (at >= 3 && p[at - 3] == '%' && is_hex(p[at - 2]) &&
	    is_hex(p[at - 1]))
		return (true);
	if (at >= 4 && p[at - 4] == '\\' && p[at - 3] == 'x' &&
	    is_hex(p[at - 2]) && is_hex(p[at - 1]))
		return (true);
	if (at >= 6 && p[at - 6] == '\\' && p[at - 5] == 'u' &&
	    is_hex(p[at - 4]) && is_hex(p[at - 3]) && is_hex(p[at - 2]) &&
	    is_hex(p[at - 1]))
		return (true);
	/* A terminal's colour: ESC [ digits and semicolons m. */
	if (p[at - 1] != 'm')
		return (false);
	for (i = at - 1; i > 0 && at - i < 16; i--) {
		if (p[i - 1] != ';' && !isdigit((unsigned char)p[i - 1]))
			break;
	}
	return (i >= 2 && p[i - 1] == '[' && p[i - 2] == '\033');
}

/** rule_boundary(t, at): whether a token may begin at ${at}. */
bool
rule_boundary(struct rule_text t, size_t at)
{

	return (at == 0 || !is_word(t.p[at - 1]) || after_escape(t, at));
}

/** rule_entropy(p, len): Shannon entropy, tenths of a bit per byte. */
unsigned
rule_entropy(const char * p, size_t len)
{
	unsigned counts[256] = { 0 };
	double bits = 0, share;
	size_t i;

	if (len == 0)
		return (0);
	for (i = 0; i < len; i++)
		counts[(unsigned char)p[i]]++;
	for (i = 0; i < COUNTOF(counts); i++) {
		if (counts[i] == 0)
			continue;
		share = (double)counts[i] / (double)len;
		bits -= share * log2(share);
	}
	return ((unsigned)(bits * 10));
}

static bool
contains(const char * p, size_t len, const char * word)
{
	size_t i, n = strlen(word);

	for (i = 0; i + n <= len; i++) {
		if (strncasecmp(&p[i], word, n) == 0)
			return (true);
	}
	return (false);
}

/* A run of six and more equal characters: xxxxxx, ******, 000000. */
static bool
has_filler(const char * p, size_t len)
{
	size_t i, run = 1;

	for (i = 1; i < len; i++) {
		run = p[i] == p[i - 1] ? run + 1 : 1;
		if (run == 6)
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

/* $NAME, ${…}, $(…), %s, %(…), {…}, <…>, [REDACTED…]. */
static bool
is_template(const char * p, size_t len)
{
	struct rule_text t = { .p = p, .len = len };

	switch (p[0]) {
	case '$':
		if (len >= 2 && (p[1] == '{' || p[1] == '('))
			return (true);
		return (len >= 2 && !isdigit((unsigned char)p[1]) &&
		    rule_run(t, 1, 'w') == len - 1);
	case '%':
		return (len >= 2 && (p[1] == 's' || p[1] == '(' ||
		    p[1] == 'v' || p[len - 1] == '%') && len <= 40);
	case '{':
		return (p[len - 1] == '}');
	case '<':
		return (p[len - 1] == '>');
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
	    "redacted", "masked", "null", "none", "undefined" };
	size_t i;

	if (len == 0 || all_equal(p, len) || has_filler(p, len) ||
	    is_template(p, len))
		return (true);
	for (i = 0; i < COUNTOF(words); i++) {
		if (len == strlen(words[i]) &&
		    strncasecmp(p, words[i], len) == 0)
			return (true);
	}
	if (len >= 5 && strncasecmp(p, "your", 4) == 0 &&
	    !isalnum((unsigned char)p[4]))
		return (true);
	return (contains(p, len, "example") || contains(p, len, "***"));
}

/** rule_mixed(p, len): has a digit, or capitals past the first and smalls. */
bool
rule_mixed(const char * p, size_t len)
{
	bool capital = false, small = false;
	size_t i;

	for (i = 0; i < len; i++) {
		if (isdigit((unsigned char)p[i]))
			return (true);
		if (i > 0 && isupper((unsigned char)p[i]))
			capital = true;
		if (islower((unsigned char)p[i]))
			small = true;
	}
	return (capital && small);
}
