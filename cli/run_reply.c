#include <string.h>

#include "cli/run_reply.h"
#include "core/base/secbuf_bytes.h"
#include "core/base/strbuf.h"

#define DEPTH_MAX	8

struct reading {
	char * p;
	char * end;
	reply_fn * fn;
	void * cookie;
};

static enum sr_error value(struct reading * r, unsigned depth,
    const char * name);

static void
blanks(struct reading * r)
{

	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' ||
	    *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

/* ${c} after blanks: it is passed over. */
static bool
next(struct reading * r, char c)
{

	blanks(r);
	if (r->p == r->end || *r->p != c)
		return (false);
	r->p++;
	return (true);
}

static bool
hex4(struct reading * r, unsigned * out)
{
	unsigned i, digit;
	char c;

	*out = 0;
	if (r->end - r->p < 4)
		return (false);
	for (i = 0; i < 4; i++) {
		c = *r->p++;
		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (unsigned)((c | 0x20) - 'a') + 10;
		else
			return (false);
		*out = *out * 16 + digit;
	}
	return (true);
}

/* What \u stands for, in UTF-8 at *to, which is behind r->p. */
static bool
unicode(struct reading * r, char ** to)
{
	unsigned code, low, bits, more;

	if (!hex4(r, &code) || code == 0 || (code >= 0xdc00 && code < 0xe000))
		return (false);
	if (code >= 0xd800 && code < 0xdc00) {
		if (r->end - r->p < 6 || *r->p++ != '\\' || *r->p++ != 'u' ||
		    !hex4(r, &low) || low < 0xdc00 || low >= 0xe000)
			return (false);
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	bits = more == 0 ? 0 : more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0;
	*(*to)++ = (char)(bits | code >> (6 * more));
	while (more-- > 0)
		*(*to)++ = (char)(0x80 | ((code >> (6 * more)) & 0x3f));
	return (true);
}

static bool
escape(struct reading * r, char ** to)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	const char * at;

	if (r->p == r->end)
		return (false);
	if (*r->p == 'u') {
		r->p++;
		return (unicode(r, to));
	}
	if (*r->p == '\0' || (at = strchr(from, *r->p)) == NULL)
		return (false);
	r->p++;
	*(*to)++ = into[at - from];
	return (true);
}

/* Behind its first quote; in its place, with a NUL in that of the last. */
static bool
string(struct reading * r, char ** out, size_t * len)
{
	char * to = r->p;
	size_t n;

	*out = to;
	while (r->p < r->end && *r->p != '"') {
		if ((unsigned char)*r->p < 0x20)
			return (false);
		if (*r->p == '\\') {
			r->p++;
			if (!escape(r, &to))
				return (false);
			continue;
		}
		n = utf8_next(r->p, (size_t)(r->end - r->p));
		if (n == 0)
			return (false);
		memmove(to, r->p, n);
		to += n;
		r->p += n;
	}
	if (r->p == r->end)
		return (false);
	*len = (size_t)(to - *out);
	*to = '\0';
	r->p++;
	return (true);
}

static size_t
digits(struct reading * r)
{
	size_t n = 0;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
		r->p++;
		n++;
	}
	return (n);
}

static bool
number(struct reading * r)
{
	char first;

	if (*r->p == '-')
		r->p++;
	first = r->p < r->end ? *r->p : '\0';
	if (first == '0')
		r->p++;
	else if (digits(r) == 0)
		return (false);
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		if (digits(r) == 0)
			return (false);
	}
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		return (digits(r) != 0);
	}
	return (true);
}

static bool
word(struct reading * r)
{
	static const char * const words[] = { "true", "false", "null" };
	size_t i, n;

	for (i = 0; i < COUNTOF(words); i++) {
		n = strlen(words[i]);
		if ((size_t)(r->end - r->p) >= n &&
		    strncmp(r->p, words[i], n) == 0) {
			r->p += n;
			return (true);
		}
	}
	return (false);
}

static enum sr_error
tell(struct reading * r, enum reply_kind kind, unsigned depth,
    const char * name, const char * text, size_t len)
{
	const struct reply_part part = { .kind = kind, .depth = depth,
	    .name = name, .text = text, .len = len };

	return (r->fn(&part, r->cookie));
}

/* Behind its bracket. */
static enum sr_error
members(struct reading * r, unsigned depth, bool array)
{
	const char close = array ? ']' : '}';
	enum sr_error err = SR_OK;
	char * name;
	size_t len;

	if (next(r, close))
		return (SR_OK);
	do {
		name = NULL;
		if (!array && (!next(r, '"') || !string(r, &name, &len) ||
		    !next(r, ':')))
			return (SR_E_SERVER_REPLY_INVALID);
		err = value(r, depth, array ? "" : name);
	} while (err == SR_OK && next(r, ','));
	if (err == SR_OK && !next(r, close))
		err = SR_E_SERVER_REPLY_INVALID;
	return (err);
}

static enum sr_error
group(struct reading * r, unsigned depth, const char * name, bool array)
{
	enum sr_error err;

	if (depth == DEPTH_MAX)
		return (SR_E_SERVER_REPLY_INVALID);
	err = tell(r, array ? REPLY_ARRAY : REPLY_OBJECT, depth + 1, name,
	    "", 0);
	if (err == SR_OK)
		err = members(r, depth + 1, array);
	if (err == SR_OK && !array)
		err = tell(r, REPLY_END, depth + 1, "", "", 0);
	return (err);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as DEPTH_MAX. */
static enum sr_error
value(struct reading * r, unsigned depth, const char * name)
{
	char * text;
	size_t len;

	blanks(r);
	text = r->p;
	if (r->p == r->end)
		return (SR_E_SERVER_REPLY_INVALID);
	switch (*r->p) {
	case '{':
	case '[':
		r->p++;
		return (group(r, depth, name, *text == '['));
	case '"':
		r->p++;
		if (!string(r, &text, &len))
			return (SR_E_SERVER_REPLY_INVALID);
		return (tell(r, REPLY_TEXT, depth, name, text, len));
	case 't':
	case 'f':
	case 'n':
		if (!word(r))
			return (SR_E_SERVER_REPLY_INVALID);
		return (tell(r, REPLY_WORD, depth, name, text,
		    (size_t)(r->p - text)));
	default:
		if (!number(r))
			return (SR_E_SERVER_REPLY_INVALID);
		return (tell(r, REPLY_NUMBER, depth, name, text,
		    (size_t)(r->p - text)));
	}
}

/** run_reply_walk(reply, fn, cookie): each part in its order. */
enum sr_error
run_reply_walk(struct secbuf * reply, reply_fn * fn, void * cookie)
{
	struct reading r = { .p = (char *)secbuf_writable(reply), .fn = fn,
	    .cookie = cookie };
	enum sr_error err;

	r.end = r.p + secbuf_len(reply);
	blanks(&r);
	/* The outermost is an object. */
	if (r.p == r.end || *r.p != '{')
		return (SR_E_SERVER_REPLY_INVALID);
	if ((err = value(&r, 0, "")) != SR_OK)
		return (err);
	blanks(&r);
	return (r.p == r.end ? SR_OK : SR_E_SERVER_REPLY_INVALID);
}
