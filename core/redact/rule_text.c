#include <string.h>

#include "core/redact/rule_internal.h"

static bool
is_digit(char c)
{

	return (c >= '0' && c <= '9');
}

static bool
is_small(char c)
{

	return (c >= 'a' && c <= 'z');
}

static bool
is_capital(char c)
{

	return (c >= 'A' && c <= 'Z');
}

static bool
is_alnum(char c)
{

	return (is_digit(c) || is_small(c) || is_capital(c));
}

static bool
is_hex(char c)
{

	return (is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' &&
	    c <= 'F'));
}

static bool
is_one_of(char c, const char * set)
{

	return (c != '\0' && strchr(set, c) != NULL);
}

/** rule_class(class, c): whether ${c} is in the class of that letter. */
bool
rule_class(char class, char c)
{

	switch (class) {
	case 'a':
		return (is_alnum(c));
	case 'u':	/* URL-safe base64 */
		return (is_alnum(c) || c == '_' || c == '-');
	case 's':
		return (is_alnum(c) || c == '-');
	case 'w':
		return (is_alnum(c) || c == '_');
	case 'e':	/* URL-safe base64 with padding */
		return (is_alnum(c) || is_one_of(c, "_-="));
	case 'p':
		return (is_alnum(c) || is_one_of(c, "_-."));
	case 'c':
		return (is_alnum(c) || is_one_of(c, "_-.="));
	case 'q':	/* Azure's client secrets */
		return (is_alnum(c) || is_one_of(c, "_-.~"));
	case 'h':
		return (is_digit(c) || (c >= 'a' && c <= 'f'));
	case 'x':
		return (is_hex(c));
	case 'X':
		return (is_digit(c) || (c >= 'A' && c <= 'F'));
	case 'l':
		return (is_digit(c) || is_small(c));
	case 'L':
		return (is_small(c) || is_capital(c));
	case 'd':
		return (is_digit(c));
	case 'A':	/* base32 */
		return (is_capital(c) || (c >= '2' && c <= '7'));
	case 'U':
		return (is_capital(c) || is_digit(c));
	case 'b':	/* base64 with padding */
		return (is_alnum(c) || is_one_of(c, "+/="));
	case 'm':	/* both alphabets of base64, with padding */
		return (is_alnum(c) || is_one_of(c, "+/=_-"));
	case 't':	/* token68 of RFC 9110 and what is used as such */
		return (is_alnum(c) || is_one_of(c, "-._~+/=|:!"));
	case 'g':	/* Anything that no text is in, and no list. */
		return ((unsigned char)c > ' ' && (unsigned char)c < 0x7f &&
		    !is_one_of(c, "\"'`\\<>[]{}"));
	case 'v':	/* A value without quotes. */
		return ((unsigned char)c > ' ' &&
		    !is_one_of(c, "\"'`,;&<>{}()[]|\\"));
	default:
		must(false);
		return (false);
	}
}

/** rule_run(t, at, class, most): characters of ${class} from ${at} on. */
size_t
rule_run(const struct rule_text * t, size_t at, char class, size_t most)
{
	struct rule_memo * m = &t->memo[(unsigned char)class & 63];
	size_t end;

	if (at >= m->from && at < m->to) {
		end = m->to;
	} else {
		for (end = at; end < t->len && rule_class(class, t->p[end]);)
			end++;
		m->from = at;
		m->to = end;
	}
	if (end - at > most)
		return (most + 1);
	if (end - at > VIEW_RULE_MAX)
		return (VIEW_RULE_MAX);
	if (end == t->len)
		*t->cut = true;
	return (end - at);
}

/* Whether an escape ends right before ${at}. */
static bool
after_escape(const char * p, size_t at)
{
	size_t i;

	if (at >= 2 && p[at - 2] == '\\' && is_one_of(p[at - 1], "nrtbfv0"))
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
		if (p[i - 1] != ';' && !is_digit(p[i - 1]))
			break;
	}
	return (i >= 2 && p[i - 1] == '[' && p[i - 2] == '\033');
}

/** rule_boundary(t, at): whether a token may begin at ${at}. */
bool
rule_boundary(const struct rule_text * t, size_t at)
{

	return (at == 0 || !rule_class('w', t->p[at - 1]) ||
	    after_escape(t->p, at));
}

/** rule_is(t, at, word): whether ${word} (small letters) is there, any case. */
bool
rule_is(const struct rule_text * t, size_t at, const char * word)
{
	char c;

	for (; *word != '\0'; word++, at++) {
		c = rule_at(t, at);
		if (is_capital(c))
			c = (char)(c | 0x20);
		if (c != *word)
			return (false);
	}
	return (true);
}

/** rule_blanks(t, at, lines): past blanks, and line ends if ${lines}. */
size_t
rule_blanks(const struct rule_text * t, size_t at, bool lines)
{
	size_t i;
	char c;

	for (i = at; i - at <= RULE_AHEAD; i++) {
		c = rule_at(t, i);
		if (c != ' ' && c != '\t' && !(lines && (c == '\n' ||
		    c == '\r')))
			break;
	}
	return (i);
}

/** rule_mask(t, at): whether a mask, [REDACTED…, begins at ${at}. */
bool
rule_mask(const struct rule_text * t, size_t at)
{

	return (rule_at(t, at) == '[' && rule_is(t, at + 1, "redacted") &&
	    rule_at(t, at + 1) == 'R');
}

/** rule_in_mask(t, at): whether ${at} is inside of a mask. */
bool
rule_in_mask(const struct rule_text * t, size_t at)
{
	size_t i;

	for (i = at; i > 0 && at - i < RULE_BEHIND; i--) {
		if (t->p[i - 1] == '[')
			return (rule_mask(t, i - 1));
		if (!rule_class('p', t->p[i - 1]) &&
		    !is_one_of(t->p[i - 1], ":/@+"))
			return (false);
	}
	return (false);
}

/** rule_behind_mask(t, at): whether a mask ends right before ${at}. */
bool
rule_behind_mask(const struct rule_text * t, size_t at)
{

	return (at > 1 && t->p[at - 1] == ']' && rule_in_mask(t, at - 1));
}

/** rule_on_line(t, at, word, far): ${word} is before ${at} on its line. */
bool
rule_on_line(const struct rule_text * t, size_t at, const char * word,
    size_t far)
{
	size_t n = strlen(word), i;

	for (i = at; i > 0 && at - i < far && t->p[i - 1] != '\n'; i--) {
		if (at - (i - 1) >= n && strncmp(&t->p[i - 1], word, n) == 0)
			return (true);
	}
	return (false);
}
