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

static bool
prefix_char(char c, char before)
{

	if (c == '.')
		return (before != '/');
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '~');
}

/* ${path} begins with a slash or is empty. */
static bool
take_prefix(const char * path, struct site * out)
{
	size_t len = strlen(path);

	if (len > 0 && path[len - 1] == '/')
		len--;
	if (len > SITE_PREFIX_MAX || (len > 0 && path[len - 1] == '/'))
		return (false);
	for (size_t i = 0; i < len; i++) {
		if (path[i] == '/' ? i > 0 && path[i - 1] == '/' :
		    i == 0 || !prefix_char(path[i], path[i - 1]))
			return (false);
	}
	memcpy(out->prefix, path, len);
	out->prefix[len] = '\0';
	return (true);
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
	if (len == 0 || !take_prefix(rest + len, out))
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

const char *
site_prefix_name(const struct site * site)
{

	return (site->prefix);
}

const char *
site_origin_name(const struct site * site)
{

	return (site->origin);
}

bool
site_enter(const struct site * site, char * path)
{
	const size_t n = strlen(site->prefix);
	const size_t len = strlen(path);

	if (strncmp(path, site->prefix, n) != 0)
		return (false);
	if (n > 0 && path[n] == '\0')
		memcpy(path, "/", 2);
	else if (path[n] != '/')
		return (false);
	else if (n > 0)
		memmove(path, path + n, len - n + 1);
	return (true);
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
