#include "cgi/urlencoded.h"

static int
hex_digit(char c)
{

	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

/* Decode ${len} bytes of ${p} in place; false on a broken escape. */
static bool
decode(char * p, size_t len, size_t * decoded)
{
	size_t o = 0;
	int high, low;

	for (size_t i = 0; i < len; i++, o++) {
		if (p[i] == '+') {
			p[o] = ' ';
		} else if (p[i] != '%') {
			p[o] = p[i];
		} else {
			if (len - i < 3)
				return (false);
			high = hex_digit(p[i + 1]);
			low = hex_digit(p[i + 2]);
			if (high < 0 || low < 0)
				return (false);
			p[o] = (char)(high * 16 + low);
			i += 2;
		}
	}
	*decoded = o;
	return (true);
}

static enum sr_error
walk_pair(char * pair, size_t len, pair_fn * fn, void * cookie)
{
	const char * equals = memchr(pair, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - pair);
	char * value = pair + name_len + (equals == NULL ? 0 : 1);
	size_t value_len = len - (size_t)(value - pair);

	if (!decode(value, value_len, &value_len) ||
	    !decode(pair, name_len, &name_len) || name_len == 0)
		return (SR_E_FORM_MALFORMED);
	return (fn(pair, name_len, value, value_len, cookie));
}

enum sr_error
urlencoded_walk(char * bytes, size_t len, pair_fn * fn, void * cookie)
{
	char * end = bytes + len;
	char * p = bytes;
	const char * amp;
	size_t pairs = 0, n;
	enum sr_error err;

	while (p < end) {
		amp = memchr(p, '&', (size_t)(end - p));
		n = (size_t)((amp == NULL ? end : amp) - p);
		if (n > 0) {
			if (++pairs > URLENCODED_PAIRS_MAX)
				return (SR_E_FORM_MALFORMED);
			if ((err = walk_pair(p, n, fn, cookie)) != SR_OK)
				return (err);
		}
		p += n + (amp == NULL ? 0 : 1);
	}
	return (SR_OK);
}
