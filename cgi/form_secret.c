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
form_parse_members(struct secbuf ** body, enum media media,
    enum field_set set, struct form ** out, struct form_complaint * complaint)
{
	enum sr_error err;

	complaint->field[0] = '\0';
	err = form_new(set, true, out);
	if (err == SR_OK && *body != NULL && secbuf_len(*body) > 0) {
		(*out)->complaint = complaint;
		err = form_walk((char *)secbuf_writable(*body),
		    secbuf_len(*body), media, *out);
		(*out)->complaint = NULL;
	}
	secbuf_free(body);
	if (err != SR_OK)
		form_free(out);
	return (err);
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
