/*
 * Problem documents, RFC 9457. The catalogue's texts hold no character that
 * JSON or XML would want escaped; tests/cgi/test_problem.c keeps it so.
 */

#include "cgi/exchange.h"
#include "cgi/failure.h"
#include "core/redact/compose.h"

#define PROBLEM_MAX	((size_t)16384)

/* Constants of the rooms that refused; see struct secret_complaint. The field
 * may be a member that was sent, so it passes the gate. */
static const char *
complaint_policy_name(const struct exchange * x)
{

	return (x->complaint.policy);
}

static void
complaint_json(struct compose * c, const struct exchange * x)
{

	if (x->complaint.field != NULL) {
		compose_lit(c, "\",\"field\":\"");
		compose_name(c, x->complaint.field);
	}
	if (x->complaint.policy != NULL) {
		compose_lit(c, "\",\"policy\":\"");
		compose_constant(c, complaint_policy_name(x));
	}
}

static void
json(struct compose * c, const struct exchange * x, enum sr_error err)
{
	const struct sr_error_row * row = sr_error_row(err);

	compose_lit(c, "{\"type\":\"/errors/");
	compose_constant(c, sr_error_name(err));
	compose_lit(c, "\",\"status\":");
	compose_u64(c, (uint64_t)row->status);
	compose_lit(c, ",\"title\":\"");
	compose_constant(c, row->title);
	compose_lit(c, "\",\"detail\":\"");
	compose_constant(c, row->detail);
	compose_lit(c, "\",\"error\":\"");
	compose_constant(c, sr_error_name(err));
	compose_lit(c, "\",\"remediation\":\"");
	compose_constant(c, row->remedy);
	complaint_json(c, x);
	compose_lit(c, "\",\"correlation_id\":\"");
	compose_id(c, &x->correlation_id);
	compose_lit(c, "\"}\n");
}

static void
complaint_xml(struct compose * c, const struct exchange * x)
{

	if (x->complaint.field != NULL) {
		compose_lit(c, "<field>");
		compose_name(c, x->complaint.field);
		compose_lit(c, "</field>");
	}
	if (x->complaint.policy != NULL) {
		compose_lit(c, "<policy>");
		compose_constant(c, complaint_policy_name(x));
		compose_lit(c, "</policy>");
	}
}

static void
xml(struct compose * c, const struct exchange * x, enum sr_error err)
{
	const struct sr_error_row * row = sr_error_row(err);

	compose_lit(c, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<problem xmlns=\"urn:ietf:rfc:7807\"><type>/errors/");
	compose_constant(c, sr_error_name(err));
	compose_lit(c, "</type><status>");
	compose_u64(c, (uint64_t)row->status);
	compose_lit(c, "</status><title>");
	compose_constant(c, row->title);
	compose_lit(c, "</title><detail>");
	compose_constant(c, row->detail);
	compose_lit(c, "</detail><error>");
	compose_constant(c, sr_error_name(err));
	compose_lit(c, "</error><remediation>");
	compose_constant(c, row->remedy);
	compose_lit(c, "</remediation>");
	complaint_xml(c, x);
	compose_lit(c, "<correlation_id>");
	compose_id(c, &x->correlation_id);
	compose_lit(c, "</correlation_id></problem>\n");
}

enum sr_error
problem_answer(struct exchange * x, enum sr_error refused)
{
	bool as_xml = x->request.format == FORMAT_XML;
	struct compose * c = NULL;
	struct redacted * body = NULL;
	enum sr_error err;

	err = compose_new(x->worker->redact, REDACT_UI, PROBLEM_MAX, &c);
	if (err != SR_OK)
		return (err);
	if (as_xml)
		xml(c, x, refused);
	else
		json(c, x, refused);
	if ((err = compose_finish(&c, &body)) != SR_OK)
		return (err);
	response_body(&x->response, sr_error_row(refused)->status, as_xml ?
	    CONTENT_PROBLEM_XML : CONTENT_PROBLEM_JSON, &body);
	return (SR_OK);
}
