#include "cgi/cookie.h"
#include "core/base/secbuf.h"

#define NAMES(name)	{ name, "__Host-" name, "__Secure-" name }

const char *
cookie_name(enum cookie cookie, const struct site * site)
{
	static const char * const names[COOKIE__MAX][3] = {
		[COOKIE_SESSION] = NAMES("sr_session"),
		[COOKIE_FORM] = NAMES("sr_form"),
		[COOKIE_SETUP] = NAMES("sr_setup"),
		[COOKIE_STEP] = NAMES("sr_step"),
	};

	must(cookie < COOKIE__MAX);
	if (!site->https)
		return (names[cookie][0]);
	return (names[cookie][site->prefix[0] == '\0' ? 1 : 2]);
}

const char *
cookie_path_name(const struct site * site)
{

	return (site->prefix[0] == '\0' ? "/" : site->prefix);
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
