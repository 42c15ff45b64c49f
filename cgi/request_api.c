/* The headers that programs send (RFC 6750, 2.1; RFC 9110, 13.1). */

#include <strings.h>

#include "cgi/request_internal.h"
#include "core/base/secbuf.h"

/* Whether ${p} goes on with ${word}, in any case; past it then. */
static bool
word(const char ** p, const char * word)
{
	size_t n = strlen(word);

	if (strncasecmp(*p, word, n) != 0)
		return (false);
	*p += n;
	return (true);
}

/* "" or "; charset=utf-8", quoted or not. */
static bool
only_utf8(const char * p)
{

	p += strspn(p, " \t");
	if (*p == '\0')
		return (true);
	if (*p++ != ';')
		return (false);
	p += strspn(p, " \t");
	if (*p == '\0')
		return (true);
	if (!word(&p, "charset="))
		return (false);
	if (!word(&p, "\"utf-8\"") && !word(&p, "utf-8"))
		return (false);
	return (p[strspn(p, " \t")] == '\0');
}

enum media
request_media(const char * type)
{
	static const struct {
		const char * name;
		enum media media;
	} types[] = { { "application/json", MEDIA_JSON },
	    { "application/xml", MEDIA_XML }, { "text/xml", MEDIA_XML } };
	static const char form[] = "application/x-www-form-urlencoded";
	const char * p = type;

	if (type[0] == '\0')
		return (MEDIA_NONE);
	if (word(&p, form))
		return (*p == '\0' || *p == ';' || *p == ' ' ? MEDIA_FORM :
		    MEDIA_OTHER);
	for (size_t i = 0; i < COUNTOF(types); i++) {
		p = type;
		if (word(&p, types[i].name))
			return (only_utf8(p) ? types[i].media : MEDIA_OTHER);
	}
	return (MEDIA_OTHER);
}

/*
 * Another scheme is the web server's, not ours. A key that is too long to be
 * one is kept as an empty one, which is not valid either.
 */
static enum sr_error
read_bearer(const struct source * source, struct request * r)
{
	const char * p = request_param(source, "HTTP_AUTHORIZATION");
	size_t len;

	if (!word(&p, "Bearer") || (*p != '\0' && *p != ' '))
		return (SR_OK);
	p += strspn(p, " ");
	len = strlen(p);
	return (secbuf_copy(p, len > REQUEST_BEARER_MAX ? 0 : len,
	    &r->bearer));
}

/* "3", a strong tag as we make them; leading zeros make another tag. */
static bool
version_tag(const char * p, uint32_t * version)
{
	uint64_t n = 0;

	if (*p++ != '"' || *p == '0' || *p == '"')
		return (false);
	for (; *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (uint64_t)(*p - '0');
		if (n > UINT32_MAX)
			return (false);
	}
	*version = (uint32_t)n;
	return (*p == '"' && p[1] == '\0');
}

/* RFC 9110, 8.8.3: one opaque tag, weak or strong, and nothing behind it. */
static bool
any_tag(const char * p)
{

	if (strncmp(p, "W/", 2) == 0)
		p += 2;
	if (*p++ != '"')
		return (false);
	p += strcspn(p, "\"");
	return (*p == '"' && p[1] == '\0');
}

static enum sr_error
read_if_match(const struct source * source, struct request * r)
{
	char text[REQUEST_HEADER_MAX + 1];
	enum sr_error err;

	err = request_copy(source, "HTTP_IF_MATCH", text, REQUEST_HEADER_MAX);
	if (err != SR_OK || text[0] == '\0')
		return (err);
	if (strcmp(text, "*") == 0)
		r->if_match = CONDITION_ANY;
	else if (version_tag(text, &r->if_match_version))
		r->if_match = CONDITION_VERSION;
	else if (any_tag(text))
		r->if_match = CONDITION_NEVER;
	else
		return (SR_E_REQUEST_MALFORMED);
	return (SR_OK);
}

/* Tags are for caches that ask again; no answer of ours is kept in one. */
static enum sr_error
read_if_none_match(const struct source * source, struct request * r)
{
	const char * text = request_param(source, "HTTP_IF_NONE_MATCH");

	r->if_none_match = strcmp(text, "*") == 0;
	if (text[0] != '\0' && !r->if_none_match && r->method != METHOD_GET)
		return (SR_E_REQUEST_MALFORMED);
	return (SR_OK);
}

enum sr_error
request_read_api(const struct source * source, struct request * r)
{
	enum sr_error err;

	if ((err = read_bearer(source, r)) != SR_OK)
		return (err);
	if (!r->api)
		return (SR_OK);
	if ((err = read_if_match(source, r)) != SR_OK ||
	    (err = read_if_none_match(source, r)) != SR_OK)
		return (err);
	if ((err = request_copy(source, "HTTP_X_CSRF_TOKEN", r->csrf,
	    REQUEST_CSRF_MAX)) != SR_OK)
		return (err == SR_E_REQUEST_HEADERS_TOO_LARGE ?
		    SR_E_CSRF_TOKEN_INVALID : err);
	return (request_copy(source, "HTTP_IDEMPOTENCY_KEY",
	    r->idempotency_key, REQUEST_IDEMPOTENCY_MAX));
}
