#include <strings.h>

#include "cgi/site.h"

static bool
authority_char(char c)
{

	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9'))
		return (true);
	return (c != '\0' && strchr(".-:[]", c) != NULL);
}

static char
lower(char c)
{

	return ((c >= 'A' && c <= 'Z') ? (char)(c - 'A' + 'a') : c);
}

/* A default port is not part of an origin: drop it. */
static void
drop_default_port(char * origin, bool https)
{
	const char * port = https ? ":443" : ":80";
	size_t len = strlen(origin);
	size_t n = strlen(port);

	if (len > n && strcmp(origin + len - n, port) == 0)
		origin[len - n] = '\0';
}

enum sr_error
site_parse(const char * url, struct site * out)
{
	const char * rest;
	size_t len = 0;

	if (strncasecmp(url, "https://", 8) == 0)
		rest = url + 8;
	else if (strncasecmp(url, "http://", 7) == 0)
		rest = url + 7;
	else
		return (SR_E_CONFIG_INVALID);
	while (authority_char(rest[len]))
		len++;
	if (len == 0 || (rest[len] != '\0' && strcmp(rest + len, "/") != 0))
		return (SR_E_CONFIG_INVALID);
	len += (size_t)(rest - url);
	if (len > SITE_ORIGIN_MAX)
		return (SR_E_CONFIG_INVALID);
	for (size_t i = 0; i < len; i++)
		out->origin[i] = lower(url[i]);
	out->origin[len] = '\0';
	out->https = (rest - url == 8);
	drop_default_port(out->origin, out->https);
	return (SR_OK);
}

bool
site_same_origin(const struct site * site, const char * origin,
    const char * host)
{

	if (strcasecmp(origin, site->origin) == 0)
		return (true);
	if (site->https || host[0] == '\0')
		return (false);
	return (strncasecmp(origin, "http://", 7) == 0 &&
	    strcasecmp(origin + 7, host) == 0);
}
