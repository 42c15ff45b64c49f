/*
 * The one place of the site that sends something in the clear: a cookie, a
 * value that is shown once, or values that a run is given, whose disclosure was
 * audited and committed before (struct disclosed). The body around them has
 * passed the gate and was scanned; exempt is exactly the span that a value
 * takes. A value of a document is escaped on its way, some of it at a time, in
 * a secbuf.
 */

#include "cgi/response.h"
#include "core/audit/disclose.h"
#include "core/base/secbuf_bytes.h"
#include "core/redact/redact.h"

#define PIECE		4096
/* The longest that one byte becomes: \u001f, &#13; */
#define ESCAPED_MAX	6

static bool
put(const struct sink * sink, const char * text)
{

	return (sink->write(sink->cookie, text, strlen(text)));
}

static bool
send_cookie(const struct sink * sink, const char * name,
    const struct secbuf * value, const struct site * site)
{

	return (put(sink, "Set-Cookie: ") && put(sink, name) &&
	    put(sink, "=") && sink->write(sink->cookie, secbuf_bytes(value),
	    secbuf_len(value)) &&
	    put(sink, "; Path=") && put(sink, cookie_path_name(site)) &&
	    put(sink, "; HttpOnly; SameSite=Lax") &&
	    put(sink, site->https ? "; Secure\r\n" : "\r\n"));
}

bool
response_send_disclosed(const struct response * r, const struct site * site,
    const struct sink * sink)
{

	for (unsigned c = 0; c < COOKIE__MAX; c++) {
		if (r->cookie[c] != NULL && !send_cookie(sink,
		    cookie_name((enum cookie)c, site),
		    disclosed_value(r->cookie[c]), site))
			return (false);
	}
	return (true);
}

/* What needs no escaping, whatever the body is. */
static bool
plain(const struct secbuf * value)
{
	const uint8_t * b = secbuf_bytes(value);

	for (size_t i = 0; i < secbuf_len(value); i++) {
		if (!(b[i] >= 'A' && b[i] <= 'Z') &&
		    !(b[i] >= 'a' && b[i] <= 'z') &&
		    !(b[i] >= '0' && b[i] <= '9') && b[i] != '_' &&
		    b[i] != '-' && b[i] != ' ')
			return (false);
	}
	return (true);
}

bool
response_send_value(const struct response * r, const struct sink * sink)
{
	const char * body = redacted_bytes(r->body);
	const struct secbuf * value;
	size_t from = 0;

	for (size_t i = 0; i < r->values; i++) {
		if (!plain(disclosed_value(r->value[i])))
			return (false);
	}
	for (size_t i = 0; i < r->values; i++) {
		value = disclosed_value(r->value[i]);
		if (!sink->write(sink->cookie, body + from,
		    r->value_at[i] - from) ||
		    !sink->write(sink->cookie, secbuf_bytes(value),
		    secbuf_len(value)))
			return (false);
		from = r->value_at[i] + r->value_len;
	}
	return (sink->write(sink->cookie, body + from,
	    redacted_len(r->body) - from));
}

/* What XML 1.0 has no way to say. */
static bool
xml_says(const uint8_t * b, size_t len)
{

	for (size_t i = 0; i < len; i++) {
		if (b[i] < 0x20 && b[i] != '\t' && b[i] != '\n' &&
		    b[i] != '\r')
			return (false);
		/* U+FFFE and U+FFFF: EF BF BE, EF BF BF. */
		if (b[i] == 0xef && len - i >= 3 && b[i + 1] == 0xbf &&
		    b[i + 2] >= 0xbe)
			return (false);
	}
	return (true);
}

bool
response_tells(const struct disclosed * value, bool xml)
{
	const struct secbuf * b = disclosed_value(value);

	return (secbuf_utf8(b) &&
	    (!xml || xml_says(secbuf_bytes(b), secbuf_len(b))));
}

/* What stands for ${c} in a text of XML; "": itself. */
static const char *
xml_escape(uint8_t c)
{

	switch (c) {
	case '&':
		return ("&amp;");
	case '<':
		return ("&lt;");
	case '>':
		return ("&gt;");
	case '\r':
		return ("&#13;");
	default:
		return ("");
	}
}

/* One byte as the document has it, into ${out}; how many bytes it took. */
static size_t
escape(uint8_t c, bool xml, uint8_t out[ESCAPED_MAX])
{
	static const char hex[] = "0123456789abcdef";
	const char * as = xml ? xml_escape(c) : "";
	size_t n = strlen(as);

	if (n > 0) {
		memcpy(out, as, n);
	} else if (!xml && c < 0x20) {
		memcpy(out, "\\u00", 4);
		out[4] = (uint8_t)hex[c >> 4];
		out[5] = (uint8_t)hex[c & 0xf];
		n = 6;
	} else {
		if (!xml && (c == '"' || c == '\\'))
			out[n++] = '\\';
		out[n++] = c;
	}
	return (n);
}

/* ${piece} is room for some of it at a time. */
static bool
send_escaped(const struct sink * sink, const struct secbuf * value, bool xml,
    struct secbuf * piece)
{
	const uint8_t * b = secbuf_bytes(value);
	uint8_t * out = secbuf_writable(piece);
	size_t n = 0;

	for (size_t i = 0; i < secbuf_len(value); i++) {
		if (secbuf_cap(piece) - n < ESCAPED_MAX) {
			if (!sink->write(sink->cookie, out, n))
				return (false);
			n = 0;
		}
		n += escape(b[i], xml, out + n);
	}
	return (n == 0 || sink->write(sink->cookie, out, n));
}

bool
response_send_told(const struct response * r, const struct sink * sink)
{
	const bool xml = r->type == CONTENT_XML;
	struct secbuf * piece = NULL;
	bool good = true;

	if (r->told != NULL)
		good = secbuf_new(PIECE, &piece) == SR_OK;
	for (const struct told * t = r->told; good && t != NULL; t = t->next)
		good = response_tells(t->value, xml) &&
		    sink->write(sink->cookie, redacted_bytes(t->before),
		    redacted_len(t->before)) &&
		    send_escaped(sink, disclosed_value(t->value), xml, piece);
	secbuf_free(&piece);
	return (good);
}

const struct secbuf *
response_pending(const struct response * r, enum cookie cookie)
{

	if (r->cookie[cookie] == NULL)
		return (NULL);
	return (disclosed_value(r->cookie[cookie]));
}
