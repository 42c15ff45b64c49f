#include "cgi/audit_query.h"
#include "cgi/exchange.h"

const char *
audit_query_subject(const struct exchange * x)
{
	const char * secret = form_text(x->form, FIELD_AUDIT_SECRET);

	return (secret[0] != '\0' ? secret :
	    form_text(x->form, FIELD_AUDIT_TARGET));
}

enum sr_error
audit_query(struct exchange * x, struct audit_filter * out)
{
	const struct audit_filter_text text = {
		.from = form_text(x->form, FIELD_AUDIT_FROM),
		.to = form_text(x->form, FIELD_AUDIT_TO),
		.actor = form_text(x->form, FIELD_AUDIT_ACTOR),
		.action = form_text(x->form, FIELD_AUDIT_ACTION),
		.outcome = form_text(x->form, FIELD_AUDIT_OUTCOME),
		.secret = audit_query_subject(x),
	};

	return (audit_filter_parse(&text, out, &x->complaint.field));
}
