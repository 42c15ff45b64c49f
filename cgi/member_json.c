#include "cgi/member.h"
#include "core/base/strbuf.h"

struct json {
	char * p;
	size_t len;
	size_t at;
};

size_t
utf8_put(uint32_t code, char out[4])
{
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const uint8_t marks[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i > 1; i--) {
		out[i - 1] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	out[0] = (char)(marks[n] | code);
	return (n);
}

static void
blank(struct json * j)
{

	while (j->at < j->len && (j->p[j->at] == ' ' || j->p[j->at] == '\t' ||
	    j->p[j->at] == '\n' || j->p[j->at] == '\r'))
		j->at++;
}

static bool
take(struct json * j, char c)
{

	if (j->at == j->len || j->p[j->at] != c)
		return (false);
	j->at++;
	return (true);
}

static bool
four_hex(struct json * j, uint32_t * out)
{
	uint32_t code = 0;
	char c;

	if (j->len - j->at < 4)
		return (false);
	for (unsigned i = 0; i < 4; i++) {
		c = j->p[j->at++];
		if (c >= '0' && c <= '9')
			code = code * 16 + (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			code = code * 16 + (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return (false);
	}
	*out = code;
	return (true);
}

/* Behind \u: four digits, and the other half of a surrogate. */
static bool
unicode(struct json * j, uint32_t * out)
{
	uint32_t low;

	if (!four_hex(j, out))
		return (false);
	if (*out < 0xd800 || *out > 0xdfff)
		return (true);
	if (*out > 0xdbff || !take(j, '\\') || !take(j, 'u') ||
	    !four_hex(j, &low) || low < 0xdc00 || low > 0xdfff)
		return (false);
	*out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
	return (true);
}

/* Behind a backslash; ${out} receives what it stands for. */
static size_t
escape(struct json * j, char out[4])
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint32_t code;
	char c;

	if (j->at == j->len)
		return (0);
	c = j->p[j->at++];
	if (c == 'u')
		return (unicode(j, &code) ? utf8_put(code, out) : 0);
	for (size_t i = 0; i < sizeof(from) - 1; i++) {
		if (from[i] == c) {
			out[0] = to[i];
			return (1);
		}
	}
	return (0);
}

/* A string, decoded where it stands: that never takes more room. */
static bool
string(struct json * j, char ** out, size_t * len)
{
	char bytes[4];
	size_t n, end;

	if (!take(j, '"'))
		return (false);
	*out = j->p + j->at;
	end = j->at;
	while (j->at < j->len) {
		bytes[0] = j->p[j->at++];
		n = 1;
		if (bytes[0] == '"') {
			*len = (size_t)(j->p + end - *out);
			return (true);
		}
		if ((uint8_t)bytes[0] < 0x20)
			return (false);
		if (bytes[0] == '\\' && (n = escape(j, bytes)) == 0)
			return (false);
		memcpy(j->p + end, bytes, n);
		end += n;
	}
	return (false);
}

static bool
digits(struct json * j)
{
	size_t from = j->at;

	while (j->at < j->len && j->p[j->at] >= '0' && j->p[j->at] <= '9')
		j->at++;
	return (j->at > from);
}

static bool
number(struct json * j)
{

	(void)take(j, '-');
	if (!take(j, '0') && !digits(j))
		return (false);
	if (take(j, '.') && !digits(j))
		return (false);
	if (take(j, 'e') || take(j, 'E')) {
		if (!take(j, '+'))
			(void)take(j, '-');
		return (digits(j));
	}
	return (true);
}

static bool
word(struct json * j, const char * word)
{
	size_t n = strlen(word);

	if (j->len - j->at < n || strncmp(j->p + j->at, word, n) != 0)
		return (false);
	j->at += n;
	return (true);
}

/* Past a string that is left as it is. */
static bool
skip_string(struct json * j)
{

	for (j->at++; j->at < j->len; j->at++) {
		if (j->p[j->at] == '\\')
			j->at++;
		else if (j->p[j->at] == '"')
			return (j->at++ < j->len);
	}
	return (false);
}

/* Past an object or array, which is left as it is: who takes it reads it. */
static bool
nested(struct json * j, size_t * len)
{
	size_t from = j->at, depth = 0;
	char c;

	while (j->at < j->len) {
		c = j->p[j->at];
		if (c == '"') {
			if (!skip_string(j))
				return (false);
			continue;
		}
		j->at++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0) {
			*len = j->at - from;
			return (true);
		}
	}
	return (false);
}

static bool
value(struct json * j, enum member_kind * kind, char ** out, size_t * len)
{
	char c = j->at < j->len ? j->p[j->at] : '\0';

	*out = j->p + j->at;
	*len = 0;
	*kind = MEMBER_NESTED;
	if (c == '{' || c == '[')
		return (nested(j, len));
	*kind = MEMBER_TEXT;
	if (c == '"')
		return (string(j, out, len));
	*kind = MEMBER_NULL;
	if (word(j, "null"))
		return (true);
	*kind = MEMBER_BOOLEAN;
	if (word(j, "true") || word(j, "false")) {
		*len = (size_t)(j->p + j->at - *out);
		return (true);
	}
	*kind = MEMBER_NUMBER;
	if (!number(j))
		return (false);
	*len = (size_t)(j->p + j->at - *out);
	return (true);
}

static enum sr_error
member(struct json * j, member_fn * fn, void * cookie)
{
	enum member_kind kind;
	char * name, * text;
	size_t name_len, len;
	enum sr_error err;

	blank(j);
	if (!string(j, &name, &name_len))
		return (SR_E_BODY_MALFORMED);
	blank(j);
	if (!take(j, ':'))
		return (SR_E_BODY_MALFORMED);
	blank(j);
	if (!value(j, &kind, &text, &len))
		return (SR_E_BODY_MALFORMED);
	err = fn(name, name_len, kind, text, len, cookie);
	blank(j);
	return (err);
}

enum sr_error
json_walk(char * bytes, size_t len, member_fn * fn, void * cookie)
{
	struct json j = { .p = bytes, .len = len };
	unsigned members = 0;
	enum sr_error err;

	blank(&j);
	if (!utf8_valid(bytes, len) || !take(&j, '{'))
		return (SR_E_BODY_MALFORMED);
	blank(&j);
	if (!take(&j, '}')) {
		do {
			if (members++ == MEMBERS_MAX)
				return (SR_E_BODY_MALFORMED);
			if ((err = member(&j, fn, cookie)) != SR_OK)
				return (err);
		} while (take(&j, ','));
		if (!take(&j, '}'))
			return (SR_E_BODY_MALFORMED);
	}
	blank(&j);
	return (j.at == j.len ? SR_OK : SR_E_BODY_MALFORMED);
}
