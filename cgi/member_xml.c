#include <strings.h>

#include "cgi/member.h"
#include "core/base/strbuf.h"

struct xml {
	char * p;
	size_t len;
	size_t at;
};

static bool
is_blank(char c)
{

	return (c == ' ' || c == '\t' || c == '\n' || c == '\r');
}

/* Past blanks; whether there were any. */
static bool
blank(struct xml * x)
{
	size_t from = x->at;

	while (x->at < x->len && is_blank(x->p[x->at]))
		x->at++;
	return (x->at > from);
}

static bool
take(struct xml * x, const char * word)
{
	size_t n = strlen(word);

	if (x->len - x->at < n || strncmp(x->p + x->at, word, n) != 0)
		return (false);
	x->at += n;
	return (true);
}

static bool
name_char(char c, bool first)
{

	return ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	    (!first && ((c >= '0' && c <= '9') || c == '.' || c == '-')));
}

/* A name without a prefix, of ASCII: ours are all so. */
static bool
name(struct xml * x, const char ** out, size_t * len)
{
	size_t from = x->at;

	while (x->at < x->len && name_char(x->p[x->at], x->at == from))
		x->at++;
	*out = x->p + from;
	*len = x->at - from;
	return (*len > 0);
}

/* = "value" */
static bool
attribute_value(struct xml * x, const char ** out, size_t * len)
{
	char quote;

	(void)blank(x);
	if (!take(x, "="))
		return (false);
	(void)blank(x);
	if (x->at == x->len)
		return (false);
	quote = x->p[x->at++];
	if (quote != '"' && quote != '\'')
		return (false);
	*out = x->p + x->at;
	while (x->at < x->len && x->p[x->at] != quote && x->p[x->at] != '<')
		x->at++;
	*len = (size_t)(x->p + x->at - *out);
	return (x->at < x->len && x->p[x->at++] == quote);
}

static bool
equals(const char * p, size_t len, const char * text)
{

	return (strlen(text) == len && strncmp(p, text, len) == 0);
}

/* A blank, and name="value" as it is next in a declaration or a tag. */
static bool
attribute(struct xml * x, const char * called, const char ** out, size_t * len)
{
	const size_t from = x->at;
	const char * key;
	size_t key_len;

	if (blank(x) && name(x, &key, &key_len) &&
	    equals(key, key_len, called) && attribute_value(x, out, len))
		return (true);
	x->at = from;
	return (false);
}

/*
 * <?xml version="1.0" encoding="UTF-8"?>, or nothing at all. What else a
 * declaration can hold, or in another order, other readers read in other ways.
 */
static bool
declaration(struct xml * x)
{
	const char * value;
	size_t len;

	if (!take(x, "<?xml"))
		return (true);
	if (!attribute(x, "version", &value, &len) ||
	    !equals(value, len, "1.0"))
		return (false);
	if (attribute(x, "encoding", &value, &len) &&
	    (len != 5 || strncasecmp(value, "utf-8", 5) != 0))
		return (false);
	if (attribute(x, "standalone", &value, &len) &&
	    !equals(value, len, "yes") && !equals(value, len, "no"))
		return (false);
	(void)blank(x);
	return (take(x, "?>"));
}

/* The rest of a start tag, behind its name. */
static bool
start_tag(struct xml * x, bool * empty)
{
	const char * value;
	size_t len, i;

	if (attribute(x, "xmlns", &value, &len)) {
		for (i = 0; i < len; i++) {
			if ((uint8_t)value[i] <= 0x20 || value[i] == '&')
				return (false);
		}
	}
	(void)blank(x);
	*empty = take(x, "/>");
	return (*empty || take(x, ">"));
}

static bool
end_tag(struct xml * x, const char * of, size_t of_len)
{
	const char * got;
	size_t len;

	if (!take(x, "</") || !name(x, &got, &len) || len != of_len ||
	    strncmp(got, of, len) != 0)
		return (false);
	(void)blank(x);
	return (take(x, ">"));
}

/* XML 1.0, 2.2. */
static bool
is_char(uint32_t c)
{

	return (c == 9 || c == 10 || c == 13 || (c >= 0x20 && c <= 0xd7ff) ||
	    (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff));
}

static bool
numeric(struct xml * x, uint32_t * out)
{
	const bool hex = take(x, "x");
	uint32_t code = 0, digit;
	size_t from = x->at;
	char c;

	for (; x->at < x->len && x->p[x->at] != ';'; x->at++) {
		c = x->p[x->at];
		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if (hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return (false);
		code = code * (hex ? 16 : 10) + digit;
		if (code > 0x10ffff)
			return (false);
	}
	*out = code;
	return (x->at > from && take(x, ";") && is_char(code));
}

/* Behind "&". */
static size_t
reference(struct xml * x, char out[4])
{
	static const struct {
		const char * name;
		uint32_t code;
	} known[] = { { "lt;", '<' }, { "gt;", '>' }, { "amp;", '&' },
	    { "quot;", '"' }, { "apos;", '\'' } };
	uint32_t code;

	if (take(x, "#"))
		return (numeric(x, &code) ? utf8_put(code, out) : 0);
	for (size_t i = 0; i < COUNTOF(known); i++) {
		if (take(x, known[i].name))
			return (utf8_put(known[i].code, out));
	}
	return (0);
}

/* One character as it stands; an end of a line is one LF (2.11). */
static size_t
plain(struct xml * x, char out[4])
{
	size_t n = utf8_next(x->p + x->at, x->len - x->at);

	memcpy(out, x->p + x->at, n);
	x->at += n;
	if (n == 1 && out[0] == '\r') {
		(void)take(x, "\n");
		out[0] = '\n';
	}
	if (n == 1 && (uint8_t)out[0] < 0x20 && out[0] != '\n' &&
	    out[0] != '\t')
		return (0);
	/* U+FFFE and U+FFFF are no characters of XML. */
	if (n == 3 && (uint8_t)out[0] == 0xef && (uint8_t)out[1] == 0xbf &&
	    (uint8_t)out[2] >= 0xbe)
		return (0);
	return (n);
}

/*
 * The text of an element, decoded where it stands, up to the tag that ends it
 * or begins another. False if it is not well-formed.
 */
static bool
content(struct xml * x, size_t * len)
{
	const size_t from = x->at;
	size_t end = x->at, n;
	bool cdata = false;
	char bytes[4];

	for (;;) {
		if (x->at == x->len)
			return (false);
		if (take(x, "]]>")) {
			if (!cdata)
				return (false);
			cdata = false;
			continue;
		}
		if (!cdata && (cdata = take(x, "<![CDATA[")))
			continue;
		if (!cdata && x->p[x->at] == '<')
			break;
		if (!cdata && take(x, "&"))
			n = reference(x, bytes);
		else
			n = plain(x, bytes);
		if (n == 0)
			return (false);
		memcpy(x->p + end, bytes, n);
		end += n;
	}
	*len = end - from;
	return (true);
}

static enum sr_error
child(struct xml * x, member_fn * fn, void * cookie)
{
	const char * key, * text;
	size_t key_len, len = 0;
	enum sr_error err;
	bool empty;

	if (!take(x, "<") || !name(x, &key, &key_len) ||
	    !start_tag(x, &empty))
		return (SR_E_BODY_MALFORMED);
	text = x->p + x->at;
	if (!empty && !content(x, &len))
		return (SR_E_BODY_MALFORMED);
	if (!empty && !end_tag(x, key, key_len)) {
		if (x->at + 1 >= x->len || !name_char(x->p[x->at + 1], true))
			return (SR_E_BODY_MALFORMED);
		err = fn(key, key_len, MEMBER_NESTED, text, 0, cookie);
		return (err == SR_OK ? SR_E_BODY_MALFORMED : err);
	}
	err = fn(key, key_len, MEMBER_TEXT, text, len, cookie);
	(void)blank(x);
	return (err);
}

static enum sr_error
children(struct xml * x, member_fn * fn, void * cookie)
{
	unsigned members = 0;
	enum sr_error err;

	(void)blank(x);
	while (x->len - x->at >= 2 && x->p[x->at + 1] != '/') {
		if (members++ == MEMBERS_MAX)
			return (SR_E_BODY_MALFORMED);
		if ((err = child(x, fn, cookie)) != SR_OK)
			return (err);
	}
	return (SR_OK);
}

enum sr_error
xml_walk(char * bytes, size_t len, member_fn * fn, void * cookie)
{
	struct xml x = { .p = bytes, .len = len };
	const char * root;
	size_t root_len;
	enum sr_error err;
	bool empty;

	if (!utf8_valid(bytes, len) || !declaration(&x))
		return (SR_E_BODY_MALFORMED);
	(void)blank(&x);
	if (!take(&x, "<") || !name(&x, &root, &root_len) ||
	    !start_tag(&x, &empty))
		return (SR_E_BODY_MALFORMED);
	if (!empty) {
		if ((err = children(&x, fn, cookie)) != SR_OK)
			return (err);
		if (!end_tag(&x, root, root_len))
			return (SR_E_BODY_MALFORMED);
	}
	(void)blank(&x);
	return (x.at == x.len ? SR_OK : SR_E_BODY_MALFORMED);
}
