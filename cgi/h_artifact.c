/*
 * Artifacts of a run: /api/v1/runs/:id/artifacts, and the page's download. A
 * body goes through the gate while it is read, and what is sent while it is
 * sent, at the pace of the reader.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cgi/api.h"
#include "cgi/body.h"
#include "core/base/config.h"
#include "core/base/metric.h"
#include "core/log/log.h"
#include "core/runs/artifact.h"

#define RETRY_SECONDS	10

static void
doc_artifact(struct doc * d, const struct artifact * a)
{

	doc_id(d, "id", &a->id);
	doc_id(d, "run", &a->run_id);
	doc_name(d, "name", a->name);
	doc_constant(d, "kind", artifact_kind_name(a->kind));
	doc_text(d, "media_type", a->media_type);
	doc_u64(d, "size", a->size);
	doc_hex(d, "sha256", a->sha256, sizeof(a->sha256));
	doc_u64(d, "masked_known", a->known);
	doc_u64(d, "masked_rules", a->rules);
	doc_time(d, "created_at", a->created_at);
}

static enum sr_error
list_row(const struct artifact * a, void * cookie)
{
	struct api_list * l = cookie;

	if (!api_list_room(l, &a->id))
		return (SR_OK);
	doc_begin(&l->doc, "artifact");
	doc_artifact(&l->doc, a);
	doc_end(&l->doc);
	return (SR_OK);
}

enum sr_error
h_api_artifact_list(struct exchange * x)
{
	struct artifact after = { .name = "" };
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
		err = artifact_by_id(x->store.db, &r.id, &page.after, &after);
		if (err == SR_E_ARTIFACT_NOT_FOUND) {
			x->complaint.field = "after";
			err = SR_E_CURSOR_INVALID;
		}
		if (err != SR_OK)
			return (err);
	}
	api_list_new(&l, x, page.limit);
	err = artifact_list(x->store.db, &r.id, after.name, page.limit + 1,
	    list_row, &l);
	return (api_list_send(&l, err));
}

/* Type and subtype, without parameters; a form's is what clients send who
 * say nothing. */
static void
media_type(const struct exchange * x, char out[ARTIFACT_MEDIA_MAX + 2])
{
	const char * p = form_text(x->query, FIELD_API_ARTIFACT_MEDIA);
	size_t n;

	if (p[0] == '\0') {
		p = x->source->param(x->source->cookie, "CONTENT_TYPE");
		if (p == NULL || strncasecmp(p,
		    "application/x-www-form-urlencoded", 33) == 0)
			p = "";
	}
	n = strcspn(p, "; \t");
	if (n > ARTIFACT_MEDIA_MAX + 1)
		n = ARTIFACT_MEDIA_MAX + 1;
	memcpy(out, p, n);
	out[n] = '\0';
}

static enum sr_error
feed(const char * bytes, size_t len, void * cookie)
{

	return (artifact_feed(cookie, bytes, len));
}

static enum sr_error
take_body(struct exchange * x, const struct artifact_write * write,
    struct artifact * out)
{
	struct artifact_up * up = NULL;
	enum sr_error err;

	if (x->request.has_length && x->request.length > write->limits.each) {
		metric_count(METRIC_RUN_ARTIFACTS_REFUSED);
		return (SR_E_ARTIFACT_TOO_LARGE);
	}
	if ((err = artifact_begin(&x->store, &x->actor, write, &x->complaint,
	    &up)) == SR_OK && (err = body_pieces(x->source, &x->request, feed,
	    up)) == SR_OK && (err = guard_again(x)) == SR_OK)
		err = artifact_end(up, out);
	artifact_drop(&up);
	return (err);
}

static enum sr_error
read_write(struct exchange * x, struct artifact_write * w)
{
	const char * kind = form_text(x->query, FIELD_API_ARTIFACT_KIND);

	w->name = x->param.rest;
	w->limits.each = (uint64_t)config_number(x->worker->config,
	    CFG_ARTIFACT_LIMIT);
	w->limits.run = (uint64_t)config_number(x->worker->config,
	    CFG_ARTIFACT_RUN_LIMIT);
	if (kind[0] == '\0' || artifact_kind_parse(kind, &w->kind))
		return (SR_OK);
	x->complaint.field = "kind";
	return (SR_E_ARTIFACT_INVALID);
}

enum sr_error
h_api_artifact_put(struct exchange * x)
{
	struct artifact_write write = { .kind = ARTIFACT_FILE };
	char media[ARTIFACT_MEDIA_MAX + 2];
	struct artifact a;
	struct run r;
	struct doc d;
	enum sr_error err;

	if ((err = api_run(x, &r)) != SR_OK ||
	    (err = read_write(x, &write)) != SR_OK ||
	    (err = api_run_beat(x, &r)) != SR_OK)
		return (err);
	write.run_id = r.id;
	media_type(x, media);
	write.media_type = media;
	if ((err = take_body(x, &write, &a)) != SR_OK)
		return (err);
	doc_new(&d, x, "artifact");
	doc_artifact(&d, &a);
	return (doc_send(&d, a.replaced ? 200 : 201, SR_OK));
}

/* One that is being sent. */
struct sending {
	struct exchange * x;
	const struct sink * sink;
	struct artifact artifact;
	bool placed;			/* Counted in worker->exports. */
};

static enum sr_error
send_piece(struct redacted * piece, void * cookie)
{
	const struct sending * s = cookie;

	return (s->sink->write(s->sink->cookie, redacted_bytes(piece),
	    redacted_len(piece)) ? SR_OK : SR_E_OUTPUT_FAILED);
}

static enum sr_error
run(void * cookie, const struct sink * sink)
{
	struct sending * s = cookie;

	s->sink = sink;
	return (artifact_send(&s->x->store, &s->artifact, send_piece, s));
}

static void
end(void * cookie)
{
	struct sending * s = cookie;

	if (s->placed)
		(void)atomic_fetch_sub(&s->x->worker->exports, 1);
	free(s);
}

/* Readers who are slow must not take every thread. */
static enum sr_error
take_place(struct sending * s)
{
	struct worker * w = s->x->worker;

	s->placed = true;
	if (atomic_fetch_add(&w->exports, 1) <
	    (w->threads > 1 ? w->threads / 2 : 1))
		return (SR_OK);
	s->x->response.retry_after = RETRY_SECONDS;
	return (SR_E_ARTIFACT_BUSY);
}

/* As what a browser or a shell does nothing by itself; else as bytes. */
static enum content
content_of(const char * media)
{
	static const char * const texts[] = { "text/plain", "text/csv",
	    "text/markdown", "text/x-diff", "text/x-patch", "text/x-log" };
	size_t i, len = strlen(media);

	for (i = 0; i < COUNTOF(texts); i++)
		if (strcasecmp(texts[i], media) == 0)
			return (CONTENT_TEXT);
	if (strcasecmp(media, "application/json") == 0 || (len > 5 &&
	    strcasecmp(&media[len - 5], "+json") == 0))
		return (CONTENT_JSON);
	return (CONTENT_BYTES);
}

/* The last part of its name, whose grammar has nothing that a header reads. */
static enum sr_error
name_file(struct exchange * x, const struct artifact * a)
{
	const char * slash = strrchr(a->name, '/');
	struct compose * c = NULL;
	enum sr_error err;

	err = compose_new(x->worker->redact, REDACT_UI, 512, &c);
	if (err != SR_OK)
		return (err);
	compose_name(c, slash == NULL ? a->name : slash + 1);
	return (response_file(&x->response, &c));
}

static enum sr_error
answer_file(struct exchange * x, const struct run * r)
{
	struct stream stream = { .run = run, .end = end };
	struct sending * s;
	enum sr_error err;

	if ((stream.cookie = s = calloc(1, sizeof(*s))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	s->x = x;
	if ((err = artifact_show(x->store.db, &r->id, x->param.rest,
	    &s->artifact)) != SR_OK || (err = take_place(s)) != SR_OK ||
	    (err = artifact_check(&x->store, &s->artifact)) != SR_OK) {
		end(s);
		return (err);
	}
	response_stream(&x->response, content_of(s->artifact.media_type),
	    &stream);
	return (name_file(x, &s->artifact));
}

enum sr_error
h_api_artifact_get(struct exchange * x)
{
	struct run r;
	enum sr_error err;

	if ((err = api_run(x, &r)) != SR_OK ||
	    (err = api_run_beat(x, &r)) != SR_OK)
		return (err);
	return (answer_file(x, &r));
}

enum sr_error
h_artifact_download(struct exchange * x)
{
	struct sr_id project, id;
	struct run r;
	enum sr_error err;

	if (!sr_id_parse(x->param.text, &project) ||
	    !sr_id_parse(x->param.between, &id))
		return (SR_E_RUN_NOT_FOUND);
	if ((err = run_show(x->store.db, &id, &r)) != SR_OK)
		return (err);
	if (!sr_id_equal(&r.project_id, &project))
		return (SR_E_RUN_NOT_FOUND);
	return (answer_file(x, &r));
}
