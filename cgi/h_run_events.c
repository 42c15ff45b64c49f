/* A run, followed live: /projects/:id/runs/:run_id/events */

#include "cgi/exchange.h"
#include "cgi/sse.h"
#include "core/runs/run_head.h"

#define RETRY_SECONDS	5

/* The run of the path, in the project of the path. */
static enum sr_error
find(struct exchange * x, struct run_head * head)
{
	struct sr_id project_id, run_id;
	enum sr_error err;

	if (!sr_id_parse(x->param.text, &project_id) ||
	    !sr_id_parse(x->param.rest, &run_id))
		return (SR_E_RUN_NOT_FOUND);
	if ((err = run_head_of(x->store.db, &run_id, head)) != SR_OK)
		return (err);
	if (!sr_id_equal(&head->project_id, &project_id))
		return (SR_E_RUN_NOT_FOUND);
	return (guard_project(x, &head->project_id));
}

/* Digits, as many as a seq may have. */
static bool
read_seq(const char * text, uint64_t * seq)
{

	*seq = 0;
	if (strlen(text) > 19)
		return (false);
	for (; *text >= '0' && *text <= '9'; text++)
		*seq = *seq * 10 + (uint64_t)(*text - '0');
	return (*text == '\0');
}

/*
 * A browser that comes again says in the header where it was; the address says
 * where it began. Nobody has more than there is.
 */
static enum sr_error
read_after(struct exchange * x, const struct run_head * head, uint64_t * after)
{
	const char * text = x->request.last_event_id;

	if (text[0] == '\0')
		text = form_text(x->form, FIELD_EVENTS_AFTER);
	if (form_fault(x->form, FIELD_EVENTS_AFTER) != FAULT_NONE ||
	    !read_seq(text, after)) {
		x->complaint.field = "after";
		return (SR_E_CURSOR_INVALID);
	}
	if (*after > head->last_seq)
		*after = head->last_seq;
	return (SR_OK);
}

static enum sr_error
listen_to(struct exchange * x, const struct run_head * head, uint64_t after)
{
	const struct visitor * v = &x->visitor;
	struct sse_request request = { .run_id = head->id, .after = after,
	    .by_key = v->by_key, .holder = v->by_key ? v->key.id :
	    v->session.account_id, .session = v->session.id,
	    .by_account = v->by_web_server,
	    .role = v->session.role, .correlation_id = x->correlation_id };
	struct sse_listener * listener = NULL;
	enum sr_error err;

	err = sse_place(x->worker->sse, &request, &listener);
	if (err == SR_E_SERVER_BUSY)
		x->response.retry_after = RETRY_SECONDS;
	if (err == SR_OK)
		response_events(&x->response, &listener);
	return (err);
}

enum sr_error
h_run_events(struct exchange * x)
{
	struct run_head head;
	uint64_t after;
	enum sr_error err;

	if ((err = find(x, &head)) != SR_OK ||
	    (err = read_after(x, &head, &after)) != SR_OK)
		return (err);
	if (run_ended(head.status) && after >= head.last_seq) {
		/* HTML, 9.2: this ends it, a browser does not come again. */
		response_clear(&x->response);
		x->response.status = 204;
		return (SR_OK);
	}
	return (listen_to(x, &head, after));
}
