/* Which export is asked for, and where it is. */

#include "cgi/audit_query.h"
#include "cgi/exchange.h"
#include "cgi/export_query.h"
#include "core/redact/compose.h"

/* Enough for every field of the query. */
#define LOCATION_MAX	((size_t)4096)

/* A number of rows, in the one spelling that there is for it. */
static bool
number(const char * text, uint64_t * out)
{
	size_t len = strspn(text, "0123456789");

	*out = 0;
	if (len == 0 || len > 18 || text[len] != '\0' || text[0] == '0')
		return (false);
	for (; *text != '\0'; text++)
		*out = *out * 10 + (uint64_t)(*text - '0');
	return (true);
}

enum sr_error
export_query(struct exchange * x, struct audit_filter * filter,
    uint64_t * size)
{
	const char * text = form_text(x->form, FIELD_AUDIT_SIZE);
	enum sr_error err;

	*size = 0;
	if ((err = audit_query(x, filter)) != SR_OK)
		return (err);
	if (form_fault(x->form, FIELD_AUDIT_SIZE) == FAULT_NONE &&
	    (text[0] == '\0' || number(text, size)))
		return (SR_OK);
	x->complaint.field = "size";
	return (SR_E_AUDIT_FILTER_INVALID);
}

/* Whether ${text} can be said again as it is. */
static bool
sayable(struct redact * redact, const char * text)
{
	struct compose * c = NULL;
	bool good;

	if (compose_new(redact, REDACT_UI, LOCATION_MAX, &c) != SR_OK)
		return (false);
	good = compose_place(c, redact, text);
	compose_free(&c);
	return (good);
}

/* A "+" is a blank in a query; nothing else of a name wants an escape. */
static bool
put_escaped(struct compose * c, struct redact * redact, const char * text)
{
	char part[AUDIT_FILTER_TEXT_MAX + 1];
	size_t n;

	if (strlen(text) > AUDIT_FILTER_TEXT_MAX || !sayable(redact, text))
		return (false);
	for (; *text != '\0'; text += n) {
		if (*text == '+') {
			compose_lit(c, "%2B");
			n = 1;
			continue;
		}
		n = strcspn(text, "+");
		memcpy(part, text, n);
		part[n] = '\0';
		if (!compose_place(c, redact, part))
			return (false);
	}
	return (true);
}

static bool
put_field(struct exchange * x, struct compose * c, enum field field,
    const char * text)
{

	if (text[0] == '\0')
		return (true);
	compose_constant(c, field_name(field));
	compose_lit(c, "=");
	if (!put_escaped(c, x->worker->redact, text)) {
		x->complaint.field = field_name(field);
		return (false);
	}
	compose_lit(c, "&");
	return (true);
}

enum sr_error
export_redirect(struct exchange * x, uint64_t size)
{
	static const enum field fields[] = { FIELD_AUDIT_FROM, FIELD_AUDIT_TO,
	    FIELD_AUDIT_ACTOR, FIELD_AUDIT_ACTION, FIELD_AUDIT_OUTCOME };
	struct compose * c = NULL;
	enum sr_error err;
	bool good = true;

	err = compose_new(x->worker->redact, REDACT_UI, LOCATION_MAX, &c);
	if (err != SR_OK)
		return (err);
	compose_constant(c, x->route->pattern);
	compose_lit(c, "?");
	for (size_t i = 0; i < COUNTOF(fields) && good; i++)
		good = put_field(x, c, fields[i],
		    form_text(x->form, fields[i]));
	if (!good || !put_field(x, c, FIELD_AUDIT_TARGET,
	    audit_query_subject(x))) {
		compose_free(&c);
		return (SR_E_AUDIT_FILTER_INVALID);
	}
	compose_lit(c, "size=");
	compose_u64(c, size);
	return (response_redirect(&x->response, &c));
}
