#include <stdlib.h>

#include "cgi/doc.h"
#include "core/audit/disclose.h"
#include "core/log/log.h"

/* One event, of bytes that are six as JSON and six times as many as XML. */
#define DOC_MAX		((size_t)4 * 1024 * 1024)
#define DOC_XMLNS	"urn:strongroom:api:1"

/* Names of members are literals: the macros of doc.h see to it. */
static const char *
literal_name(const char * name)
{

	return (name);
}

static void
start_tag(struct doc * d, const char * name)
{

	compose_lit(d->c, "<");
	compose_constant(d->c, literal_name(name));
	if (d->depth == 0)
		compose_lit(d->c, " xmlns=\"" DOC_XMLNS "\"");
	compose_lit(d->c, ">");
}

static void
end_tag(struct doc * d, const char * name)
{

	compose_lit(d->c, "</");
	compose_constant(d->c, literal_name(name));
	compose_lit(d->c, ">");
}

/* What comes before a value of JSON: a comma, and its name in an object. */
static void
lead(struct doc * d, const char * name)
{

	if (!d->first)
		compose_lit(d->c, ",");
	d->first = false;
	if (d->depth == 0 || d->open[d->depth - 1].array)
		return;
	compose_lit(d->c, "\"");
	compose_constant(d->c, literal_name(name));
	compose_lit(d->c, "\":");
}

void
doc_open(struct doc * d, const char * name, bool array)
{

	if (d->err != SR_OK)
		return;
	must(d->depth < DOC_DEPTH_MAX);
	if (d->xml) {
		start_tag(d, name);
	} else {
		lead(d, name);
		compose_constant(d->c, array ? "[" : "{");
	}
	d->open[d->depth].name = name;
	d->open[d->depth].array = array;
	d->depth++;
	d->first = true;
}

void
doc_start(struct doc * d, struct exchange * x, const char * root)
{

	*d = (struct doc){ .x = x, .first = true,
	    .xml = x->request.format == FORMAT_XML };
	d->end = &d->told;
	d->err = compose_new(x->worker->redact, REDACT_UI, DOC_MAX, &d->c);
	if (d->err == SR_OK && d->xml)
		compose_lit(d->c,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	doc_open(d, root, false);
}

void
doc_end(struct doc * d)
{

	if (d->err != SR_OK)
		return;
	must(d->depth > 0);
	d->depth--;
	if (d->xml)
		end_tag(d, d->open[d->depth].name);
	else
		compose_constant(d->c, d->open[d->depth].array ? "]" : "}");
	d->first = false;
}

/* What stands around a text: tags, or a name and quotes. */
static void
before(struct doc * d, const char * name)
{

	if (d->xml)
		start_tag(d, name);
	else
		lead(d, name);
}

static void
quote(struct doc * d)
{

	if (!d->xml)
		compose_lit(d->c, "\"");
}

static void
after(struct doc * d, const char * name)
{

	if (d->xml)
		end_tag(d, name);
}

/* Whether there is nothing to say, which is said here. */
static bool
absent(struct doc * d, const char * name, bool is)
{

	if (d->err != SR_OK)
		return (true);
	if (is && !d->xml) {
		lead(d, name);
		compose_lit(d->c, "null");
	}
	return (is);
}

void
doc_put_name(struct doc * d, const char * name, const char * value)
{

	if (absent(d, name, value[0] == '\0'))
		return;
	before(d, name);
	quote(d);
	compose_name(d->c, value);
	quote(d);
	after(d, name);
}

void
doc_put_id(struct doc * d, const char * name, const struct sr_id * id)
{

	if (absent(d, name, sr_id_is_nil(id)))
		return;
	before(d, name);
	quote(d);
	compose_id(d->c, id);
	quote(d);
	after(d, name);
}

void
doc_put_time(struct doc * d, const char * name, sr_time t)
{

	if (absent(d, name, t == SR_TIME_NONE))
		return;
	before(d, name);
	quote(d);
	compose_time(d->c, t);
	quote(d);
	after(d, name);
}

void
doc_put_u64(struct doc * d, const char * name, uint64_t n)
{

	if (absent(d, name, false))
		return;
	before(d, name);
	compose_u64(d->c, n);
	after(d, name);
}

void
doc_put_hex(struct doc * d, const char * name, const uint8_t * bytes,
    size_t len)
{

	if (absent(d, name, false))
		return;
	before(d, name);
	quote(d);
	compose_hex(d->c, bytes, len);
	quote(d);
	after(d, name);
}

void
doc_put_bool(struct doc * d, const char * name, bool yes)
{

	if (absent(d, name, false))
		return;
	before(d, name);
	compose_constant(d->c, yes ? "true" : "false");
	after(d, name);
}

void
doc_put_constant(struct doc * d, const char * name, const char * value)
{

	if (absent(d, name, value[0] == '\0'))
		return;
	before(d, name);
	quote(d);
	compose_constant(d->c, literal_name(value));
	quote(d);
	after(d, name);
}

void
doc_put_text(struct doc * d, const char * name, const char * value)
{

	if (absent(d, name, value[0] == '\0'))
		return;
	before(d, name);
	quote(d);
	if (d->xml)
		(void)compose_xml_text(d->c, value, strlen(value));
	else
		compose_json_text(d->c, value, strlen(value));
	quote(d);
	after(d, name);
}

void
doc_put_json(struct doc * d, const char * name, const struct redacted * t)
{

	if (absent(d, name, false))
		return;
	before(d, name);
	if (t == NULL) {
		quote(d);
		compose_lit(d->c, REDACT_SUPPRESSED);
		quote(d);
	} else if (d->xml) {
		(void)compose_xml_text(d->c, redacted_bytes(t),
		    redacted_len(t));
	} else {
		compose_redacted(d->c, t);
	}
	after(d, name);
}

enum sr_error
doc_tells(const struct doc * d, const struct disclosed * value)
{

	return (response_tells(value, d->xml) ? SR_OK :
	    SR_E_SECRET_VALUE_NOT_REPRESENTABLE);
}

/* What was written so far comes before ${value}; go on behind it. */
static enum sr_error
tell(struct doc * d, struct disclosed ** value)
{
	struct told * t;
	enum sr_error err;

	if ((err = doc_tells(d, *value)) != SR_OK)
		return (err);
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	*d->end = t;
	d->end = &t->next;
	t->value = *value;
	*value = NULL;
	err = compose_finish_scanned(&d->c, NULL, &t->before);
	if (err == SR_OK)
		err = compose_new(d->x->worker->redact, REDACT_UI, DOC_MAX,
		    &d->c);
	return (err);
}

void
doc_put_disclosed(struct doc * d, const char * name,
    struct disclosed ** value)
{

	if (d->err == SR_OK) {
		before(d, name);
		quote(d);
		d->err = tell(d, value);
	}
	disclosed_free(value);
	if (d->err != SR_OK)
		return;
	quote(d);
	after(d, name);
}

static void
answer(struct doc * d, int status, struct redacted ** body)
{
	struct response * r = &d->x->response;
	enum content type = d->xml ? CONTENT_XML : CONTENT_JSON;

	response_body(r, status, type, body);
	response_told(r, &d->told);
}

void
doc_drop(struct doc * d)
{

	compose_free(&d->c);
	told_free(&d->told);
}

enum sr_error
doc_send(struct doc * d, int status, enum sr_error err)
{
	struct redacted * body = NULL;

	if (d->err == SR_OK)
		d->err = err;
	while (d->depth > 0 && d->err == SR_OK)
		doc_end(d);
	if (d->err == SR_OK) {
		compose_lit(d->c, "\n");
		d->err = compose_finish_scanned(&d->c, NULL, &body);
	}
	if (d->err == SR_OK)
		answer(d, status, &body);
	doc_drop(d);
	return (d->err);
}
