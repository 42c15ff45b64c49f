#include <strings.h>

#include "cgi/accept.h"

static const struct {
	const char * type;
	enum format format;
} types[] = {
	{ "text/html", FORMAT_HTML },
	{ "application/xhtml+xml", FORMAT_HTML },
	{ "text/*", FORMAT_HTML },
	{ "*/*", FORMAT_HTML },
	{ "application/xml", FORMAT_XML },
	{ "text/xml", FORMAT_XML },
	{ "application/problem+xml", FORMAT_XML },
	{ "application/json", FORMAT_JSON },
	{ "application/problem+json", FORMAT_JSON },
	/* Who listens to events has no page to show an error on. */
	{ "text/event-stream", FORMAT_JSON },
};

static bool
format_of(const char * range, size_t len, enum format * out)
{

	for (size_t i = 0; i < COUNTOF(types); i++) {
		if (strlen(types[i].type) == len &&
		    strncasecmp(types[i].type, range, len) == 0) {
			*out = types[i].format;
			return (true);
		}
	}
	return (false);
}

/* The q of a media range in thousandths; 1000 when there is none. */
static unsigned
quality(const char * params, size_t len)
{
	unsigned q = 0, scale = 1000;
	size_t i;

	for (i = 0; i + 2 < len; i++) {
		if ((params[i] == 'q' || params[i] == 'Q') &&
		    params[i + 1] == '=' && (i == 0 || params[i - 1] == ';' ||
		    params[i - 1] == ' '))
			break;
	}
	if (i + 2 >= len)
		return (1000);
	for (i += 2; i < len && scale > 0; i++) {
		if (params[i] == '.')
			continue;
		if (params[i] < '0' || params[i] > '9')
			break;
		q += (unsigned)(params[i] - '0') * scale;
		scale /= 10;
	}
	return (q > 1000 ? 1000 : q);
}

/* The best of the formats that are ${among} (a bit for each), or ${else_}. */
static enum format
best_of(const char * header, unsigned among, enum format else_)
{
	enum format best = else_, format = FORMAT_HTML;
	unsigned most = 0, q;
	const char * p = header == NULL ? "" : header;
	size_t len, range;

	while (*p != '\0') {
		p += strspn(p, " \t,");
		len = strcspn(p, ",");
		range = strcspn(p, "; \t,");
		if (format_of(p, range, &format) &&
		    (among & 1U << format) != 0) {
			q = quality(p + range, len - range);
			if (q > most) {
				most = q;
				best = format;
			}
		}
		p += len;
	}
	return (best);
}

enum format
accept_format(const char * header)
{

	return (best_of(header, ~0U, FORMAT_HTML));
}

enum format
accept_api(const char * header)
{

	return (best_of(header, 1U << FORMAT_XML | 1U << FORMAT_JSON,
	    FORMAT_JSON));
}
