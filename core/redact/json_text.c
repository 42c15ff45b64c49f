#include <string.h>

#include "core/redact/json_internal.h"

/** json_blank(t): past blanks. */
void
json_blank(struct json_text * t)
{

	while (t->at < t->len && (t->p[t->at] == ' ' || t->p[t->at] == '\n' ||
	    t->p[t->at] == '\t' || t->p[t->at] == '\r'))
		t->at++;
}

/** json_char(t, c): past ${c}, if it is there. */
bool
json_char(struct json_text * t, char c)
{

	if (t->at == t->len || t->p[t->at] != c)
		return (false);
	t->at++;
	return (true);
}

/* The value of four hex digits at ${at}, or -1. */
static int
hex4(const struct json_text * t, size_t at)
{
	static const char digits[] = "0123456789abcdef";
	const char * d;
	size_t i;
	int n = 0;
	char c;

	if (t->len - at < 4)
		return (-1);
	for (i = 0; i < 4; i++) {
		c = t->p[at + i];
		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (c == '\0' || (d = strchr(digits, c)) == NULL)
			return (-1);
		n = n << 4 | (int)(d - digits);
	}
	return (n);
}

static bool
high(int n)
{

	return (n >= 0xd800 && n <= 0xdbff);
}

static bool
low(int n)
{

	return (n >= 0xdc00 && n <= 0xdfff);
}

/* Past an escape; ${t->at} is behind its backslash. */
static bool
escape(struct json_text * t)
{
	int n;

	if (t->at == t->len)
		return (false);
	if (t->p[t->at] != 'u') {
		if (t->p[t->at] == '\0' ||
		    strchr("\"\\/bfnrt", t->p[t->at]) == NULL)
			return (false);
		t->at++;
		return (true);
	}
	t->at++;
	if ((n = hex4(t, t->at)) < 0 || low(n))
		return (false);
	t->at += 4;
	if (!high(n))
		return (true);
	if (!json_char(t, '\\') || !json_char(t, 'u') || !low(hex4(t, t->at)))
		return (false);
	t->at += 4;
	return (true);
}

/** json_text_string(t): past a string. */
bool
json_text_string(struct json_text * t)
{
	size_t n;

	if (!json_char(t, '"'))
		return (false);
	while (t->at < t->len) {
		if (json_char(t, '"'))
			return (true);
		if (json_char(t, '\\')) {
			if (!escape(t))
				return (false);
			continue;
		}
		if ((unsigned char)t->p[t->at] < 0x20)
			return (false);
		if ((n = utf8_next(&t->p[t->at], t->len - t->at)) == 0)
			return (false);
		t->at += n;
	}
	return (false);
}

static bool
digits(struct json_text * t)
{
	size_t start = t->at;

	while (t->at < t->len && t->p[t->at] >= '0' && t->p[t->at] <= '9')
		t->at++;
	return (t->at != start);
}

/** json_number(t): past a number. */
bool
json_number(struct json_text * t)
{

	(void)json_char(t, '-');
	if (!json_char(t, '0') && !digits(t))
		return (false);
	if (json_char(t, '.') && !digits(t))
		return (false);
	if (json_char(t, 'e') || json_char(t, 'E')) {
		if (!json_char(t, '+'))
			(void)json_char(t, '-');
		return (digits(t));
	}
	return (true);
}

/** json_word(t): past true, false or null. */
bool
json_word(struct json_text * t)
{
	static const char * const words[] = { "true", "false", "null" };
	size_t i, n;

	for (i = 0; i < COUNTOF(words); i++) {
		n = strlen(words[i]);
		if (t->len - t->at >= n &&
		    strncmp(&t->p[t->at], words[i], n) == 0) {
			t->at += n;
			return (true);
		}
	}
	return (false);
}

static void
put_utf8(struct strbuf * out, unsigned n)
{

	if (n < 0x80) {
		strbuf_putc(out, (char)n);
		return;
	}
	if (n < 0x800) {
		strbuf_putc(out, (char)(0xc0 | n >> 6));
	} else if (n < 0x10000) {
		strbuf_putc(out, (char)(0xe0 | n >> 12));
		strbuf_putc(out, (char)(0x80 | (n >> 6 & 0x3f)));
	} else {
		strbuf_putc(out, (char)(0xf0 | n >> 18));
		strbuf_putc(out, (char)(0x80 | (n >> 12 & 0x3f)));
		strbuf_putc(out, (char)(0x80 | (n >> 6 & 0x3f)));
	}
	strbuf_putc(out, (char)(0x80 | (n & 0x3f)));
}

/* One escape behind its backslash. */
static void
unescape(struct json_text * t, struct strbuf * out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = t->p[t->at++];
	unsigned n;

	if (c != 'u') {
		strbuf_putc(out, to[strchr(from, c) - from]);
		return;
	}
	n = (unsigned)hex4(t, t->at);
	t->at += 4;
	if (high((int)n)) {
		n = 0x10000 + ((n - 0xd800) << 10) +
		    ((unsigned)hex4(t, t->at + 2) - 0xdc00);
		t->at += 6;
	}
	put_utf8(out, n);
}

/** json_plain(p, len, out): what a string says. */
void
json_plain(const char * p, size_t len, struct strbuf * out)
{
	struct json_text t = { .p = p, .len = len - 1, .at = 1 };
	const char * next;
	size_t n;

	while (t.at < t.len) {
		next = memchr(&p[t.at], '\\', t.len - t.at);
		n = next == NULL ? t.len - t.at : (size_t)(next - &p[t.at]);
		strbuf_add(out, &p[t.at], n);
		t.at += n;
		if (next != NULL) {
			t.at++;
			unescape(&t, out);
		}
	}
}
