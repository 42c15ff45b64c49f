/* /api/v1/openapi.json */

#include "cgi/openapi.h"

#define OPENAPI_MAX	((size_t)256 * 1024)

/* "/secrets/:scope/" and "*name" as "/secrets/{scope}/{name}". */
static const char *
template_name(const char * pattern, char out[REQUEST_PATH_MAX])
{
	size_t n = 0, len;

	while (*pattern != '\0') {
		must(n + 3 < REQUEST_PATH_MAX);
		if (*pattern != ':' && *pattern != '*') {
			out[n++] = *pattern++;
			continue;
		}
		len = strcspn(++pattern, "/");
		must(n + len + 3 < REQUEST_PATH_MAX);
		out[n++] = '{';
		memcpy(out + n, pattern, len);
		n += len;
		out[n++] = '}';
		pattern += len;
	}
	out[n] = '\0';
	return (out);
}

static bool
same_path(const struct api_row * a, const struct api_row * b)
{

	return (strcmp(route_row(a->route)->pattern,
	    route_row(b->route)->pattern) == 0);
}

/* A path is written at its first row, with the methods of all of its rows. */
static bool
is_first(size_t row)
{

	for (size_t i = 0; i < row; i++) {
		if (same_path(api_row(i), api_row(row)))
			return (false);
	}
	return (true);
}

static void
write_path(struct compose * c, size_t row)
{
	const struct api_row * r = api_row(row);
	char path[REQUEST_PATH_MAX];
	bool first = true;

	compose_constant(c, row == 0 ? "\"" : ",\"");
	compose_constant(c, template_name(route_row(r->route)->pattern, path));
	compose_lit(c, "\":{");
	for (size_t i = row; api_row(i) != NULL; i++) {
		if (!same_path(r, api_row(i)))
			continue;
		if (!first)
			compose_lit(c, ",");
		first = false;
		openapi_operation(c, api_row(i));
	}
	compose_lit(c, "}");
}

enum sr_error
h_openapi(struct exchange * x)
{
	struct compose * c = NULL;
	struct redacted * body = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, OPENAPI_MAX, &c)) != SR_OK)
		return (err);
	compose_lit(c, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":"
	    "\"Strongroom\",\"version\":\"" SR_VERSION "\"},"
	    "\"servers\":[{\"url\":\"");
	compose_constant(c, x->worker->site.prefix[0] == '\0' ? "/" :
	    site_prefix_name(&x->worker->site));
	compose_lit(c, "\"}],\"paths\":{");
	for (size_t i = 0; api_row(i) != NULL; i++) {
		if (is_first(i))
			write_path(c, i);
	}
	compose_lit(c, "},\"components\":");
	openapi_components(c);
	compose_lit(c, "}\n");
	if ((err = compose_finish(&c, &body)) == SR_OK)
		response_body(&x->response, 200, CONTENT_JSON, &body);
	return (err);
}
