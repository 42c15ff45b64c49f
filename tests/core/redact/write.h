#ifndef SR_TESTS_CORE_REDACT_WRITE_H
#define SR_TESTS_CORE_REDACT_WRITE_H

/* How programs write a value: the forms in which a secret leaks. */

#include <ctype.h>
#include <stdarg.h>

#include "tests/core/redact/kit.h"

struct writer {
	const char * name;
	const char * before, * after;
	/* Return how many bytes at the end of the form may stay. */
	size_t (*write)(struct kit_text * to, const char * p, size_t len,
	    uint64_t * state);
};

static void SR_PRINTF(2, 3)
addf(struct kit_text * to, const char * format, ...)
{
	char s[64];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(s, sizeof(s), format, ap);
	va_end(ap);
	kit_adds(to, s);
}

/* The character at ${p}, its length in UTF-8 in ${n}. */
static unsigned
character(const char * p, size_t len, size_t * n)
{
	const unsigned char * u = (const unsigned char *)p;

	*n = 1;
	if (u[0] < 0x80 || len < 2)
		return (u[0]);
	*n = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (*n > len)
		return (u[0]);
	if (*n == 2)
		return ((u[0] & 0x1fU) << 6 | (u[1] & 0x3fU));
	if (*n == 3)
		return ((u[0] & 0x0fU) << 12 | (u[1] & 0x3fU) << 6 |
		    (u[2] & 0x3fU));
	return ((u[0] & 7U) << 18 | (u[1] & 0x3fU) << 12 |
	    (u[2] & 0x3fU) << 6 | (u[3] & 0x3fU));
}

#define WRITER(name)							\
	static size_t							\
	name(struct kit_text * to, const char * p, size_t len,		\
	    uint64_t * state)

/* A writer that goes byte by byte: ${c} is the byte, ${i} its place. */
#define BY_BYTE(name, ...)						\
WRITER(name)								\
{									\
	size_t i;							\
									\
	(void)state;							\
	for (i = 0; i < len; i++) {					\
		unsigned char c = (unsigned char)p[i];			\
		__VA_ARGS__						\
	}								\
	return (0);							\
}

BY_BYTE(w_raw, kit_add(to, &c, 1);)
BY_BYTE(w_hex, addf(to, "%02x", c);)
BY_BYTE(w_hex_upper, addf(to, "%02X", c);)
BY_BYTE(w_hex_spaced, addf(to, i == 0 ? "%02x" : " %02x", c);)
BY_BYTE(w_hex_colon, addf(to, i == 0 ? "%02X" : ":%02X", c);)
BY_BYTE(w_hex_x, addf(to, "\\x%02x", c);)
BY_BYTE(w_hex_list, addf(to, i == 0 ? "0x%02x" : ", 0x%02x", c);)
BY_BYTE(w_hex_lines, addf(to, i == 0 ? "%02x" : i % 16 == 0 ? "\n    %02x" :
    i % 2 == 0 ? " %02x" : "%02x", c);)
BY_BYTE(w_percent, if (isalnum(c) || strchr("-_.~", c) != NULL)
	kit_add(to, &c, 1); else addf(to, "%%%02X", c);)
BY_BYTE(w_percent_lower, if (isalnum(c)) kit_add(to, &c, 1);
	else addf(to, "%%%02x", c);)
BY_BYTE(w_percent_plus, if (c == ' ') kit_adds(to, "+");
	else if (isalnum(c)) kit_add(to, &c, 1); else addf(to, "%%%02X", c);)
BY_BYTE(w_percent_all, addf(to, kit_random(state) % 2 ? "%%%02X" : "%%%02x",
    c);)
BY_BYTE(w_percent_any, if (c != '%' && c != '+' && kit_random(state) % 2)
	kit_add(to, &c, 1); else addf(to, "%%%02X", c);)
BY_BYTE(w_percent_twice, if (isalnum(c)) kit_add(to, &c, 1);
	else addf(to, "%%25%02X", c);)
BY_BYTE(w_c, if (c == '\n') kit_adds(to, "\\n"); else {
	if (c == '"' || c == '\\')
		kit_adds(to, "\\");
	kit_add(to, &c, 1); })
BY_BYTE(w_octal, if (isalnum(c)) kit_add(to, &c, 1);
	else addf(to, "\\%03o", c);)
BY_BYTE(w_backslash, if (!isalnum(c) && c < 0x80 && c != '\n')
	kit_adds(to, "\\"); kit_add(to, &c, 1);)
BY_BYTE(w_quote_old, if (c == '\'') kit_adds(to, "'\\''");
	else kit_add(to, &c, 1);)
BY_BYTE(w_quote_python, if (c == '\'') kit_adds(to, "'\"'\"'");
	else kit_add(to, &c, 1);)
BY_BYTE(w_html, const char * s = c == '&' ? "&amp;" : c == '<' ? "&lt;" :
    c == '>' ? "&gt;" : c == '"' ? "&quot;" : c == '\'' ? "&#x27;" : NULL;
	if (s == NULL) kit_add(to, &c, 1); else kit_adds(to, s);)
BY_BYTE(w_xml, const char * s = c == '&' ? "&amp;" : c == '<' ? "&lt;" :
    c == '>' ? "&gt;" : c == '"' ? "&quot;" : c == '\'' ? "&apos;" : NULL;
	if (s == NULL) kit_add(to, &c, 1); else kit_adds(to, s);)

/* JSON as ${safe} wants it: 1 ASCII alone, 2 fit for HTML, 4 \/. */
static void
json(struct kit_text * to, const char * p, size_t len, unsigned how)
{
	unsigned c;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		c = character(&p[i], len - i, &n);
		if (c == '\n')
			kit_adds(to, "\\n");
		else if (c == '"' || c == '\\' || (c == '/' && (how & 4) != 0))
			addf(to, "\\%c", (int)c);
		else if ((how & 2) != 0 && c < 0x80 &&
		    strchr("<>&'", (int)c) != NULL)
			addf(to, "\\u%04x", c);
		else if (c >= 0x10000 && (how & 1) != 0)
			addf(to, "\\u%04x\\u%04x",
			    0xd800 + ((c - 0x10000) >> 10),
			    0xdc00 + (c & 0x3ff));
		else if (c >= 0x80 && (how & 1) != 0)
			addf(to, "\\u%04X", c);
		else
			kit_add(to, &p[i], n);
	}
}

WRITER(w_json) { (void)state; json(to, p, len, 0); return (0); }
WRITER(w_json_ascii) { (void)state; json(to, p, len, 1); return (0); }
WRITER(w_json_safe) { (void)state; json(to, p, len, 3); return (0); }
WRITER(w_json_slash) { (void)state; json(to, p, len, 5); return (0); }

/* ${outer} of what ${inner} makes. */
#define TWICE(name, outer, inner)					\
WRITER(name)								\
{									\
	struct kit_text t = { .len = 0 };				\
									\
	(void)inner(&t, p, len, state);					\
	(void)outer(to, t.p, t.len, state);				\
	kit_reset(&t);							\
	return (0);							\
}

TWICE(w_json_twice, w_json, w_json_ascii)
TWICE(w_html_twice, w_html, w_html)
TWICE(w_html_json, w_html, w_json_ascii)
TWICE(w_percent_json, w_percent, w_json_ascii)
TWICE(w_json_html, w_json_safe, w_html)
TWICE(w_json_percent, w_json, w_percent)
TWICE(w_percent_hex, w_percent, w_hex)

WRITER(w_html_numeric)
{
	unsigned c;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		c = character(&p[i], len - i, &n);
		if (n == 1 && isalnum((int)c))
			kit_add(to, &p[i], 1);
		else
			addf(to, kit_random(state) % 2 ? "&#%u;" : "&#x%x;",
			    c);
	}
	return (0);
}

/* Lines of ${width}, ${end} between them; the last character may be mixed. */
static size_t
base64(struct kit_text * to, const char * p, size_t len, size_t width,
    const char * end, bool url)
{
	size_t i, n = BASE64_ENCODE_RAW_LENGTH(len), whole = 8 * len / 6;
	char * text = malloc(n + 1);
	size_t tail = 0;

	CU_ASSERT_FATAL(text != NULL);
	base64_encode_raw(text, len, (const uint8_t *)p);
	for (i = 0; i < n; i++) {
		if (url && text[i] == '=')
			break;
		if (i >= whole)
			tail++;
		if (width != 0 && i != 0 && i % width == 0) {
			kit_adds(to, end);
			tail += i >= whole ? strlen(end) : 0;
		}
		if (url && (text[i] == '+' || text[i] == '/'))
			text[i] = text[i] == '+' ? '-' : '_';
		kit_add(to, &text[i], 1);
	}
	free(text);
	return (tail);
}

#define BASE64(name, width, end, url)					\
WRITER(name)								\
{									\
									\
	(void)state;							\
	return (base64(to, p, len, (width), (end), (url)));		\
}

BASE64(w_base64, 0, "", false)
BASE64(w_base64url, 0, "", true)
BASE64(w_base64_76, 76, "\n", false)
BASE64(w_base64_64, 64, "\r\n", false)
BASE64(w_base64_indented, 64, "\n        ", true)
BASE64(w_base64_quoted, 64, "\"\n    \"", false)
BASE64(w_base64_literal, 76, "\\n", false)

WRITER(w_base64_slash)
{
	struct kit_text t = { .len = 0 };
	size_t tail = base64(&t, p, len, 0, "", false);

	(void)state;
	json(to, t.p, t.len, 4);
	kit_reset(&t);
	return (tail);
}

static const struct writer writers[] = {
	{ "raw", "", "", w_raw },
	{ "hex", "<", ">", w_hex },
	{ "HEX", "sum=", ";", w_hex_upper },
	{ "hex spaced", "[", "]", w_hex_spaced },
	{ "hex colon", "(", ")", w_hex_colon },
	{ "hex \\x", "b'", "'", w_hex_x },
	{ "hex list", "{ ", " }", w_hex_list },
	{ "hex lines", "<", ">", w_hex_lines },
	{ "percent", "?q=", "&r=1", w_percent },
	{ "percent lower", "?q=", "&r=1", w_percent_lower },
	{ "percent plus", "?q=", "&r=1", w_percent_plus },
	{ "percent all", "?q=", "&r=1", w_percent_all },
	{ "percent any", "?q=", "&r=1", w_percent_any },
	{ "percent twice", "?q=", "&r=1", w_percent_twice },
	{ "c", "\"", "\"", w_c },
	{ "octal", "\"", "\"", w_octal },
	{ "backslash", " ", " ", w_backslash },
	{ "$''", "$'", "'", w_c },
	{ "'\\''", "'", "' ", w_quote_old },
	{ "'\"'\"'", "'", "' ", w_quote_python },
	{ "html", "<td>", "</td>", w_html },
	{ "html numeric", "<td>", "</td>", w_html_numeric },
	{ "html twice", "&lt;td&gt;", "&lt;/td&gt;", w_html_twice },
	{ "xml", "<v a=\"", "\"/>", w_xml },
	{ "json", "{\"v\":\"", "\"}", w_json },
	{ "json ascii", "{\"v\":\"", "\"}", w_json_ascii },
	{ "json safe", "{\"v\":\"", "\"}", w_json_safe },
	{ "json slash", "{\"v\":\"", "\"}", w_json_slash },
	{ "json twice", "{\\\"v\\\":\\\"", "\\\"}", w_json_twice },
	{ "html of json", "{&quot;v&quot;:&quot;", "&quot;}", w_html_json },
	{ "percent of json", "%7B%22v%22%3A%22", "%22%7D", w_percent_json },
	{ "json of html", "\"\\u003ctd\\u003e", "\\u003c/td\\u003e\"",
	    w_json_html },
	{ "json of percent", "\"?q=", "\\u0026r=1\"", w_json_percent },
	{ "hex in url", "?q=", "&r=1", w_percent_hex },
	{ "base64", "<", ">", w_base64 },
	{ "base64url", "<", ">", w_base64url },
	{ "base64 of 76", "<", ">", w_base64_76 },
	{ "base64 of 64, CRLF", "<", ">", w_base64_64 },
	{ "base64 indented", "<", ">", w_base64_indented },
	{ "base64 quoted", "\"", "\"", w_base64_quoted },
	{ "base64 with \\n", "\"", "\"", w_base64_literal },
	{ "base64 with \\/", "\"", "\"", w_base64_slash },
};

#define WRITERS	COUNTOF(writers)

#endif /* !SR_TESTS_CORE_REDACT_WRITE_H */
