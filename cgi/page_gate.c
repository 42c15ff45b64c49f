/* Values that are not ours: each passes the gate as it enters the model. */

#include "cgi/page_internal.h"
#include "cgi/text.h"
#include "core/base/strbuf.h"
#include "core/redact/compose.h"

#define NAME_MAX_BYTES	254
#define ELLIPSIS	"…"

/* What passed, cleaned for XML, becomes an attribute. */
static void
set_cleaned(struct page * p, const char * key, const char * bytes, size_t len)
{
	char * text = NULL;
	enum sr_error err;

	err = text_clean(bytes, len, true, NULL, &text);
	if (err != SR_OK) {
		p->err = err;
		return;
	}
	page_set(p, key, text, true);
	explicit_bzero(text, strlen(text));
	free(text);
}

static void
set_redacted(struct page * p, const char * key, const struct redacted * t)
{

	set_cleaned(p, key, redacted_bytes(t), redacted_len(t));
}

static bool
name_grammar(const char * text)
{
	size_t len = strlen(text);

	return (len >= 1 && len <= NAME_MAX_BYTES && strspn(text,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	    "._-/:@+,") == len);
}

void
page_name(struct page * p, const char * key, const char * name)
{
	struct compose * c = NULL;
	struct redacted * t = NULL;
	enum sr_error err;

	if (p->err != SR_OK)
		return;
	if (name[0] == '\0') {
		page_set(p, key, "", false);
		return;
	}
	if ((err = compose_new(p->redact, REDACT_UI, 1024, &c)) == SR_OK) {
		compose_name(c, name);
		err = compose_finish(&c, &t);
	}
	if (err == SR_OK)
		set_redacted(p, key, t);
	else
		p->err = err;
	redacted_free(&t);
}

/*
 * Characters of ${t}, cleaned, in [from, to) of its bytes. The cuts are made in
 * what passed: a piece of a secret never was in it.
 */
static void
set_part(struct page * p, const char * key, const struct redacted * t,
    size_t from, size_t to)
{
	const char * bytes = redacted_bytes(t);
	size_t len = redacted_len(t);
	struct strbuf part;

	while (from < len && from > 0 && (bytes[from] & 0xc0) == 0x80)
		from++;
	while (to < len && to > from && (bytes[to] & 0xc0) == 0x80)
		to--;
	strbuf_init(&part, to - from + 2 * strlen(ELLIPSIS));
	strbuf_puts(&part, from > 0 ? ELLIPSIS : "");
	strbuf_add(&part, &bytes[from], to - from);
	strbuf_puts(&part, to < len ? ELLIPSIS : "");
	if (strbuf_status(&part) == SR_OK)
		set_cleaned(p, key, strbuf_str(&part), part.len);
	else
		p->err = strbuf_status(&part);
	strbuf_free(&part);
}

/* Of what passed, the first ${first} and the last ${last} bytes, or all. */
static void
put_text(struct page * p, const char * key, const char * text, size_t first,
    size_t last)
{
	struct redacted * t = NULL;
	size_t len;
	enum sr_error err;

	if (p->err != SR_OK)
		return;
	err = redact_text(p->redact, REDACT_UI, text, strlen(text), NULL, &t);
	if (err == SR_OK) {
		len = redacted_len(t);
		set_part(p, key, t, len > last ? len - last : 0,
		    len > first ? first : len);
	} else {
		page_set(p, key, REDACT_SUPPRESSED, false);
		page_alert(p, redact_cause_name(redact_last_cause()));
	}
	redacted_free(&t);
}

void
page_text(struct page * p, const char * key, const char * text)
{

	put_text(p, key, text, SIZE_MAX, SIZE_MAX);
}

void
page_excerpt(struct page * p, const char * key, const char * text, size_t most)
{

	put_text(p, key, text, most, SIZE_MAX);
}

void
page_tail(struct page * p, const char * key, const char * text, size_t most)
{

	put_text(p, key, text, SIZE_MAX, most);
}

void
page_label(struct page * p, const char * key, const char * text)
{

	if (text[0] == '\0' || name_grammar(text))
		page_name(p, key, text);
	else
		page_text(p, key, text);
}

/*
 * While the gate cannot vouch for free text, what has the grammar of a name
 * still passes as one, so that a form keeps it without a root key.
 */
static enum sr_error
input_as_name(struct page * p, const char * text, struct redacted ** out)
{
	struct compose * c = NULL;
	struct redact_hits hits;
	bool clear;
	enum sr_error err;

	*out = NULL;
	if (!name_grammar(text))
		return (SR_OK);
	if ((err = compose_new(p->redact, REDACT_UI, 1024, &c)) != SR_OK)
		return (err);
	compose_name(c, text);
	hits = compose_hits(c);
	clear = hits.known == 0 && hits.rules == 0 &&
	    compose_withheld(c) == REDACT_CAUSE_NONE;
	err = compose_finish(&c, out);
	if (!clear)
		redacted_free(out);
	return (err);
}

void
page_input(struct page * p, const char * key, const char * text)
{
	struct redact_hits hits = { 0 };
	struct redacted * t = NULL;
	enum sr_error err;

	if (p->err != SR_OK)
		return;
	err = redact_text(p->redact, REDACT_UI, text, strlen(text), &hits, &t);
	if (err == SR_E_UI_REDACTION_FAILED)
		err = input_as_name(p, text, &t);
	if (err != SR_OK)
		p->err = err;
	else if (t != NULL && hits.known == 0 && hits.rules == 0)
		set_redacted(p, key, t);
	else
		page_set(p, key, "", false);
	redacted_free(&t);
}
