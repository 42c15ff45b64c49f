#include "cgi/cookie.h"
#include "core/base/secbuf.h"

const char *
cookie_name(enum cookie cookie, bool https)
{
	static const char * const names[COOKIE__MAX][2] = {
		[COOKIE_SESSION] = { "sr_session", "__Host-sr_session" },
		[COOKIE_FORM] = { "sr_form", "__Host-sr_form" },
		[COOKIE_SETUP] = { "sr_setup", "__Host-sr_setup" },
		[COOKIE_STEP] = { "sr_step", "__Host-sr_step" },
	};

	must(cookie < COOKIE__MAX);
	return (names[cookie][https ? 1 : 0]);
}

/* The value after "name=" if the pair ${p} of ${len} bytes is that one. */
static const char *
pair_value(const char * p, size_t len, const char * name, size_t * value_len)
{
	size_t n = strlen(name);

	if (len <= n || p[n] != '=' || strncmp(p, name, n) != 0)
		return (NULL);
	*value_len = len - n - 1;
	return (p + n + 1);
}

enum sr_error
cookie_find(const char * header, const char * name, struct secbuf ** out)
{
	const char * p = header;
	const char * found = NULL;
	const char * value;
	size_t found_len = 0, value_len = 0, len;
	unsigned times = 0;

	*out = NULL;
	while (*p != '\0') {
		p += strspn(p, " \t;");
		len = strcspn(p, ";");
		value = pair_value(p, len, name, &value_len);
		if (value != NULL) {
			found = value;
			found_len = value_len;
			times++;
		}
		p += len;
	}
	if (times != 1 || found_len == 0 || found_len > COOKIE_VALUE_MAX)
		return (SR_OK);
	return (secbuf_copy(found, found_len, out));
}
