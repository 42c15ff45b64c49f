/*
 * Prompts of a run: /api/v1/runs/:id/prompts. A body comes back as the JSON
 * that it is, so these answers are JSON whatever the request accepts; the list
 * has no bodies and is JSON or XML.
 */

#include <string.h>

#include "cgi/api.h"
#include "cgi/body.h"
#include "core/base/strbuf.h"
#include "core/runs/prompt.h"
#include "core/runs/run_alert.h"

/* Masks are longer than what they stand for. */
#define DOCUMENT_MAX	((size_t)32 * 1024 * 1024)

static enum sr_error
list_row(const struct prompt_kept * k, void * cookie)
{
	struct api_list * l = cookie;
	const struct prompt * p = &k->prompt;
	struct doc * d = &l->doc;

	if (!api_list_room(l, &p->id))
		return (SR_OK);
	doc_begin(d, "prompt");
	doc_id(d, "id", &p->id);
	doc_id(d, "run", &p->run_id);
	doc_u64(d, "messages", p->messages);
	doc_hex(d, "sha256", p->sha256, sizeof(p->sha256));
	doc_u64(d, "masked_known", p->hits.known);
	doc_u64(d, "masked_rules", p->hits.rules);
	doc_time(d, "created_at", p->created_at);
	doc_end(d);
	return (SR_OK);
}

static enum sr_error
take_time(const struct prompt_kept * k, void * cookie)
{
	sr_time * t = cookie;

	*t = k->prompt.created_at;
	return (SR_OK);
}

enum sr_error
h_api_prompt_list(struct exchange * x)
{
	sr_time before = SR_TIME_NONE;
	struct api_page page;
	struct api_list l;
	struct run r;
	enum sr_error err;

	if ((err = api_run(x, &r)) != SR_OK ||
	    (err = api_run_beat(x, &r)) != SR_OK ||
	    (err = api_page(x, FIELD_API_AFTER, FIELD_API_LIMIT, &page)) !=
	    SR_OK)
		return (err);
	if (page.has_after) {
		err = prompt_show(x->store.db, &r.id, &page.after, take_time,
		    &before);
		if (err == SR_E_PROMPT_NOT_FOUND) {
			x->complaint.field = "after";
			err = SR_E_CURSOR_INVALID;
		}
		if (err != SR_OK)
			return (err);
	}
	api_list_new(&l, x, page.limit);
	err = prompt_list(x->store.db, &r.id, before, page.limit + 1, list_row,
	    &l);
	return (api_list_send(&l, err));
}

/* How many of the rule's name are in ${counts}, JSON that prompt_make made. */
static uint64_t
counted(const char * counts, const char * name)
{
	const char * p = counts;
	size_t len = strlen(name);
	uint64_t n = 0;

	while ((p = strstr(p, name)) != NULL) {
		if (p > counts && p[-1] == '"' && p[len] == '"' &&
		    p[len + 1] == ':') {
			for (p += len + 2; *p >= '0' && *p <= '9'; p++)
				n = n * 10 + (uint64_t)(*p - '0');
			return (n);
		}
		p += len;
	}
	return (0);
}

/* Whether a rule before row ${i} has that name. */
static bool
seen(const struct redact_tally * t, unsigned i, const char * name)
{
	const char * other;
	unsigned k, n;

	for (k = 0; k < i && redact_tally_get(t, k, &other, &n); k++)
		if (strcmp(other, name) == 0)
			return (true);
	return (false);
}

/* Names of rules are rows of ours. */
static const char *
rule_name(const char * name)
{

	return (name);
}

static enum sr_error
compose_rules(struct compose * c, const char * counts)
{
	struct redact_tally * names = NULL;
	const char * name, * comma = "\"";
	enum sr_error err;
	unsigned i, n;
	uint64_t of;

	if ((err = redact_tally_new(&names)) != SR_OK)
		return (err);
	for (i = 0; redact_tally_get(names, i, &name, &n); i++) {
		if ((of = counted(counts, name)) == 0 || seen(names, i, name))
			continue;
		compose_constant(c, comma[0] == '"' ? "\"" : ",\"");
		comma = ",";
		compose_constant(c, rule_name(name));
		compose_lit(c, "\":");
		compose_u64(c, of);
	}
	redact_tally_free(&names);
	return (SR_OK);
}

/* All but the body is ours or a number; the body has passed as a tree. */
static enum sr_error
answer(struct exchange * x, const struct prompt_kept * k,
    const struct redacted * body)
{
	const struct prompt * p = &k->prompt;
	struct redacted * text = NULL;
	struct compose * c = NULL;
	enum sr_error err;

	err = compose_new(x->worker->redact, REDACT_PROMPT, DOCUMENT_MAX, &c);
	if (err != SR_OK)
		return (err);
	compose_lit(c, "{\"id\":\"");
	compose_id(c, &p->id);
	compose_lit(c, "\",\"run\":\"");
	compose_id(c, &p->run_id);
	compose_lit(c, "\",\"created_at\":\"");
	compose_time(c, p->created_at);
	compose_lit(c, "\",\"messages\":");
	compose_u64(c, p->messages);
	compose_lit(c, ",\"sha256\":\"");
	compose_hex(c, p->sha256, sizeof(p->sha256));
	compose_lit(c, "\",\"masked\":{\"known\":");
	compose_u64(c, p->hits.known);
	compose_lit(c, ",\"rules\":");
	compose_u64(c, p->hits.rules);
	compose_lit(c, ",\"by_rule\":{");
	if ((err = compose_rules(c, k->counts)) != SR_OK) {
		compose_free(&c);
		return (err);
	}
	compose_lit(c, "}},\"note\":\"" PROMPT_NOTE "\",\"body\":");
	compose_redacted(c, body);
	compose_lit(c, "}\n");
	if ((err = compose_finish(&c, &text)) == SR_OK)
		response_body(&x->response, 200, CONTENT_JSON, &text);
	return (err);
}

/* The body alone, and in the head what was masked. */
static enum sr_error
answer_raw(struct exchange * x, const struct prompt * p,
    struct redacted ** body)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_PROMPT, 512, &c)) != SR_OK)
		return (err);
	compose_lit(c, "X-Strongroom-Prompt: ");
	compose_id(c, &p->id);
	compose_lit(c, "\r\nX-Strongroom-Masked-Known: ");
	compose_u64(c, p->hits.known);
	compose_lit(c, "\r\nX-Strongroom-Masked-Rules: ");
	compose_u64(c, p->hits.rules);
	compose_lit(c, "\r\n");
	response_body(&x->response, 200, CONTENT_JSON, body);
	return (compose_finish(&c, &x->response.more));
}

static enum sr_error
add_piece(const char * bytes, size_t len, void * cookie)
{
	struct strbuf * b = cookie;

	strbuf_add(b, bytes, len);
	return (strbuf_status(b) == SR_E_LIMIT_EXCEEDED ?
	    SR_E_PROMPT_TOO_LARGE : strbuf_status(b));
}

static enum sr_error
make(struct exchange * x, const struct run * r, const struct strbuf * body,
    bool raw)
{
	const struct prompt_write write = { .run_id = r->id,
	    .body = strbuf_str(body), .len = body->len };
	struct redacted * redacted = NULL;
	struct prompt_made made;
	enum sr_error err;

	if ((err = prompt_make(&x->store, &x->actor, &write,
	    api_lease_minutes(x), &made, &redacted)) != SR_OK)
		return (err);
	err = raw ? answer_raw(x, &made.prompt, &redacted) : answer(x,
	    &(struct prompt_kept){ .prompt = made.prompt,
	    .counts = made.counts }, redacted);
	redacted_free(&redacted);
	return (err);
}

enum sr_error
h_api_prompt_make(struct exchange * x)
{
	const char * raw = form_text(x->query, FIELD_API_PROMPT_RAW);
	struct strbuf body;
	struct run r;
	enum sr_error err;

	if ((err = api_run(x, &r)) != SR_OK)
		return (err);
	if (raw[0] != '\0' && strcmp(raw, "1") != 0 && strcmp(raw, "0") != 0) {
		x->complaint.field = "raw";
		return (SR_E_PROMPT_MALFORMED);
	}
	if (x->request.media != MEDIA_JSON)
		return (SR_E_MEDIA_TYPE_UNSUPPORTED);
	if (x->request.has_length && x->request.length > PROMPT_BODY_MAX)
		return (SR_E_PROMPT_TOO_LARGE);
	strbuf_init(&body, PROMPT_BODY_MAX);
	if ((err = body_pieces(x->source, &x->request, add_piece, &body)) ==
	    SR_OK && (err = guard_again(x)) == SR_OK)
		err = make(x, &r, &body, raw[0] == '1');
	strbuf_free(&body);
	return (err);
}

struct showing {
	struct exchange * x;
	struct run_reader reader;
};

/* What is known by now is masked in what was kept, too. */
static enum sr_error
show(const struct prompt_kept * k, void * cookie)
{
	struct showing * s = cookie;
	struct redacted * body = NULL;
	enum sr_error err;

	err = redact_json_for(s->x->worker->redact, REDACT_PROMPT,
	    &s->reader.reader, NULL, k->body, strlen(k->body), NULL, NULL,
	    &body);
	if (err == SR_E_INPUT_MALFORMED)
		err = SR_E_PROMPT_REDACTION_FAILED;
	if (err == SR_OK)
		err = answer(s->x, k, body);
	redacted_free(&body);
	return (err);
}

enum sr_error
h_api_prompt_show(struct exchange * x)
{
	struct showing s = { .x = x };
	struct sr_id id;
	struct run r;
	enum sr_error err;

	if ((err = api_run(x, &r)) != SR_OK ||
	    (err = api_run_beat(x, &r)) != SR_OK)
		return (err);
	if (!sr_id_parse(x->param.rest, &id))
		return (SR_E_PROMPT_NOT_FOUND);
	if ((err = run_reader_of(x->store.db, &r.project_id, &s.reader)) !=
	    SR_OK)
		return (err);
	err = prompt_show(x->store.db, &r.id, &id, show, &s);
	run_reader_end(&s.reader);
	return (err);
}
