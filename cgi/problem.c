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

/* What a rotation that failed came to: constants of ours, and numbers. */
struct report {
	const char * name;
	const char * value;		/* NULL: the number. */
	uint64_t number;
	bool quoted;
};

#define REPORT_MAX	9

static struct report
truth(const char * name, bool yes)
{

	return ((struct report){ name, yes ? "true" : "false", 0, false });
}

static size_t
report_of(const struct exchange * x, struct report out[REPORT_MAX])
{
	const struct rotation * n = &x->rotation;
	const char * before = provider_failure_name(n->before_failure);
	const char * after = provider_failure_name(n->after_failure);
	size_t k = 0;

	if (n->provider[0] == '\0')
		return (0);
	out[k++] = (struct report){ "state", rotation_state_name(n->state),
	    0, true };
	out[k++] = (struct report){ "before", rotation_check_name(n->before),
	    0, true };
	out[k++] = (struct report){ "before_failure", before, 0, true };
	out[k++] = (struct report){ "after", rotation_check_name(n->after),
	    0, true };
	out[k++] = (struct report){ "after_failure", after, 0, true };
	out[k++] = truth("rolled_back", n->rolled_back);
	out[k++] = truth("continuity_alarm", n->continuity_alarm);
	out[k++] = (struct report){ .name = "from_version",
	    .number = n->from_version };
	out[k++] = (struct report){ .name = "to_version",
	    .number = n->to_version };
	return (k);
}

/* Both are constants of ours: see report_of. */
static const char *
report_name(const char * text)
{

	return (text);
}

static void
report_value(struct compose * c, const struct report * r)
{

	if (r->value == NULL)
		compose_u64(c, r->number);
	else
		compose_constant(c, report_name(r->value));
}

static void
report_json(struct compose * c, const struct exchange * x)
{
	struct report r[REPORT_MAX];
	size_t n = report_of(x, r);

	for (size_t i = 0; i < n; i++) {
		compose_lit(c, ",\"");
		compose_constant(c, report_name(r[i].name));
		compose_constant(c, r[i].quoted ? "\":\"" : "\":");
		report_value(c, &r[i]);
		compose_constant(c, r[i].quoted ? "\"" : "");
	}
}

static void
report_xml(struct compose * c, const struct exchange * x)
{
	struct report r[REPORT_MAX];
	size_t n = report_of(x, r);

	for (size_t i = 0; i < n; i++) {
		compose_lit(c, "<");
		compose_constant(c, report_name(r[i].name));
		compose_lit(c, ">");
		report_value(c, &r[i]);
		compose_lit(c, "</");
		compose_constant(c, report_name(r[i].name));
		compose_lit(c, ">");
	}
}

/* The name in public: some errors have one with each provider. */
static void
error_name(struct compose * c, const struct exchange * x, enum sr_error err)
{
	char name[PROVIDER_ERROR_MAX + 1];

	if (x->provider == NULL) {
		compose_constant(c, sr_error_name(err));
		return;
	}
	provider_error_name(x->provider, err, name);
	compose_name(c, name);
}

static void
json(struct compose * c, const struct exchange * x, enum sr_error err)
{
	const struct sr_error_row * row = sr_error_row(err);

	compose_lit(c, "{\"type\":\"");
	compose_constant(c, site_prefix_name(&x->worker->site));
	compose_lit(c, "/errors/");
	error_name(c, x, err);
	compose_lit(c, "\",\"status\":");
	compose_u64(c, (uint64_t)row->status);
	compose_lit(c, ",\"title\":\"");
	compose_constant(c, row->title);
	compose_lit(c, "\",\"detail\":\"");
	compose_constant(c, row->detail);
	compose_lit(c, "\",\"error\":\"");
	error_name(c, x, err);
	/* As the audit and all other answers have it. */
	compose_lit(c, "\",\"error_type\":\"");
	error_name(c, x, err);
	compose_lit(c, "\",\"remediation\":\"");
	compose_constant(c, row->remedy);
	complaint_json(c, x);
	compose_lit(c, "\"");
	report_json(c, x);
	if (x->has_next_chunk) {
		compose_lit(c, ",\"next_chunk\":");
		compose_u64(c, x->next_chunk);
	}
	compose_lit(c, ",\"correlation_id\":\"");
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
	    "<problem xmlns=\"urn:ietf:rfc:7807\"><type>");
	compose_constant(c, site_prefix_name(&x->worker->site));
	compose_lit(c, "/errors/");
	error_name(c, x, err);
	compose_lit(c, "</type><status>");
	compose_u64(c, (uint64_t)row->status);
	compose_lit(c, "</status><title>");
	compose_constant(c, row->title);
	compose_lit(c, "</title><detail>");
	compose_constant(c, row->detail);
	compose_lit(c, "</detail><error>");
	error_name(c, x, err);
	compose_lit(c, "</error><error_type>");
	error_name(c, x, err);
	compose_lit(c, "</error_type><remediation>");
	compose_constant(c, row->remedy);
	compose_lit(c, "</remediation>");
	complaint_xml(c, x);
	report_xml(c, x);
	if (x->has_next_chunk) {
		compose_lit(c, "<next_chunk>");
		compose_u64(c, x->next_chunk);
		compose_lit(c, "</next_chunk>");
	}
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
