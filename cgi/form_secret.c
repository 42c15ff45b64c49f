/*
 * The one place that opens a request's body: to decode it where it lies and
 * to hand its fields on. Secret values go from secbuf to secbuf.
 */

#include "cgi/form_internal.h"
#include "cgi/urlencoded.h"
#include "core/base/secbuf_bytes.h"

void
form_unix_lines(struct secbuf * b)
{
	uint8_t * p = secbuf_writable(b);
	size_t n = secbuf_len(b), kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
			continue;
		p[kept++] = p[i];
	}
	secbuf_set_len(b, kept);
}

enum sr_error
form_parse(struct secbuf ** body, enum field_set set, bool strict,
    struct form ** out)
{
	enum sr_error err;

	*out = NULL;
	err = form_new(set, strict, out);
	if (err == SR_OK && *body != NULL)
		err = urlencoded_walk((char *)secbuf_writable(*body),
		    secbuf_len(*body), form_take, *out);
	secbuf_free(body);
	if (err != SR_OK)
		form_free(out);
	return (err);
}
