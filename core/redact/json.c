#include <string.h>

#include "core/redact/gate_internal.h"
#include "core/redact/json_internal.h"
#include "core/redact/keyname_internal.h"
#include "core/redact/mask_internal.h"
#include "core/redact/redacted_internal.h"

#define NAMED_MASK	"[REDACTED:" NAMED_WORD "]"

static const struct redact_json_limits default_limits = {
	.bytes = REDACT_TEXT_MAX, .depth = 64, .values = 1000000 };

enum fault { FAULT_NONE, FAULT_MALFORMED, FAULT_CAUSE };

/* A text on its way: what is not masked is copied byte by byte. */
struct walk {
	struct gate gate;
	struct json_text in;
	struct strbuf out;
	struct strbuf plain;		/* What the string at hand says. */
	struct redact_json_limits left;
	struct redact_hits hits;
	unsigned mute;			/* Inside of what is masked whole. */
	enum fault fault;
	enum redact_cause cause;
};

static bool value(struct walk * w, enum keyname said);

static bool
malformed(struct walk * w)
{

	if (w->fault == FAULT_NONE)
		w->fault = FAULT_MALFORMED;
	return (false);
}

static bool
fail(struct walk * w, enum redact_cause cause)
{

	w->fault = FAULT_CAUSE;
	w->cause = cause;
	return (false);
}

/* Copy what was read since ${start}. */
static void
copy(struct walk * w, size_t start)
{

	if (w->mute == 0)
		strbuf_add(&w->out, &w->in.p[start], w->in.at - start);
}

static void
blank(struct walk * w)
{
	size_t start = w->in.at;

	json_blank(&w->in);
	copy(w, start);
}

static bool
past(struct walk * w, char c)
{
	size_t start = w->in.at;

	if (!json_char(&w->in, c))
		return (false);
	copy(w, start);
	return (true);
}

/*
 * Look at ${len} bytes. *out is NULL if nothing is in them, else them masked;
 * *whole: it is one mask and nothing else.
 */
static bool
look(struct walk * w, const char * p, size_t len, struct redacted ** out,
    bool * whole)
{
	const struct view view = { .text = p, .len = len, .last = true };
	struct scan * scan = &w->gate.work->scan;
	const struct span_list * spans = &scan->spans;
	enum redact_cause cause;
	size_t cut;

	*out = NULL;
	scan_reset(scan);
	cause = gate_mask(&w->gate, scan, &view, &cut, &w->hits, out);
	if (cause != REDACT_CAUSE_NONE)
		return (fail(w, cause));
	*whole = spans->n == 1 && spans->v[0].start == 0 &&
	    spans->v[0].end == len;
	if (spans->n == 0)
		redacted_free(out);
	return (true);
}

static void
put_named(struct walk * w)
{

	strbuf_puts(&w->out, "\"" NAMED_MASK "\"");
	w->hits.rules++;
	tally_add(w->gate.tally, TALLY_NAMED, 1);
}

static void
put_string(struct walk * w, const struct redacted * t)
{

	strbuf_putc(&w->out, '"');
	strbuf_json(&w->out, t->bytes, t->len);
	strbuf_putc(&w->out, '"');
}

static bool
plain(struct walk * w, size_t start)
{

	strbuf_reset(&w->plain);
	json_plain(&w->in.p[start], w->in.at - start, &w->plain);
	return (strbuf_status(&w->plain) == SR_OK ||
	    fail(w, REDACT_CAUSE_MEMORY));
}

/* A string; ${said}: what its key says of it. It stays in w->plain. */
static bool
string(struct walk * w, enum keyname said)
{
	size_t start = w->in.at, len;
	struct redacted * t;
	const char * p;
	bool whole;

	if (!json_text_string(&w->in))
		return (malformed(w));
	if (w->mute != 0)
		return (true);
	if (!plain(w, start))
		return (false);
	p = strbuf_str(&w->plain);
	len = w->plain.len;
	if (!look(w, p, len, &t, &whole))
		return (false);
	if (t != NULL && (whole || said != KEYNAME_STRONG))
		put_string(w, t);
	else if (t != NULL || (said == KEYNAME_STRONG && !json_stays(p, len)) ||
	    (said == KEYNAME_WEAK && json_machine_made(p, len)))
		put_named(w);
	else
		copy(w, start);
	redacted_free(&t);
	return (true);
}

/* A number may be a known value, a PIN for one; no rule looks at it. */
static bool
number(struct walk * w)
{
	const struct rules * rules = w->gate.with.rules;
	size_t start = w->in.at;
	struct redacted * t;
	bool whole, good;

	if (!json_number(&w->in))
		return (malformed(w));
	if (w->mute != 0)
		return (true);
	if (w->in.at - start < REDACT_FORM_MIN) {
		copy(w, start);
		return (true);
	}
	w->gate.with.rules = NULL;
	good = look(w, &w->in.p[start], w->in.at - start, &t, &whole);
	w->gate.with.rules = rules;
	if (good && t != NULL)
		put_string(w, t);
	else if (good)
		copy(w, start);
	redacted_free(&t);
	return (good);
}

/* {"name": "DB_PASSWORD", "value": …}: the one says what the other is. */
struct pair {
	enum keyname said;	/* Of the key at hand. */
	bool names;		/* Its value is a name. */
	enum keyname named;	/* What such a name said. */
};

static bool
is_word(const struct strbuf * text, const char * word)
{

	return (text->len == strlen(word) &&
	    strncasecmp(strbuf_str(text), word, text->len) == 0);
}

static void
read_key(struct walk * w, struct pair * pair)
{

	pair->said = keyname_says(strbuf_str(&w->plain), w->plain.len);
	pair->names = is_word(&w->plain, "name") || is_word(&w->plain, "key");
	if (is_word(&w->plain, "value"))
		pair->said = pair->named;
}

static bool
member(struct walk * w, struct pair * pair)
{

	blank(w);
	if (!string(w, KEYNAME_NONE))
		return (false);
	if (w->mute == 0)
		read_key(w, pair);
	blank(w);
	if (!past(w, ':'))
		return (malformed(w));
	strbuf_reset(&w->plain);
	if (!value(w, pair->said))
		return (false);
	if (w->mute == 0 && pair->names && w->plain.len != 0)
		pair->named = keyname_says(strbuf_str(&w->plain),
		    w->plain.len);
	return (true);
}

static bool
container(struct walk * w, char close)
{
	struct pair pair = { .named = KEYNAME_NONE };

	if (w->left.depth == 0)
		return (fail(w, REDACT_CAUSE_LIMIT));
	w->left.depth--;
	blank(w);
	if (!past(w, close)) {
		do {
			if (close == '}' ? !member(w, &pair) :
			    !value(w, KEYNAME_NONE))
				return (false);
		} while (past(w, ','));
		if (!past(w, close))
			return (malformed(w));
	}
	w->left.depth++;
	strbuf_reset(&w->plain);
	return (true);
}

/* Whatever is there; ${said} is heeded by strings. */
static bool
any(struct walk * w, enum keyname said)
{
	size_t start = w->in.at;

	if (w->in.at == w->in.len)
		return (malformed(w));
	switch (w->in.p[w->in.at]) {
	case '"':
		return (string(w, said));
	case '{':
		(void)past(w, '{');
		return (container(w, '}'));
	case '[':
		(void)past(w, '[');
		return (container(w, ']'));
	case 't':
	case 'f':
	case 'n':
		if (!json_word(&w->in))
			return (malformed(w));
		copy(w, start);
		return (true);
	default:
		return (number(w));
	}
}

/* A value and the blanks around it. A key that says secret masks all of it. */
static bool
value(struct walk * w, enum keyname said)
{
	bool good;

	if (w->left.values == 0)
		return (fail(w, REDACT_CAUSE_LIMIT));
	w->left.values--;
	blank(w);
	if (said == KEYNAME_STRONG && w->mute == 0 && w->in.at < w->in.len &&
	    w->in.p[w->in.at] != '"' && w->in.p[w->in.at] != 'n') {
		w->mute++;
		good = any(w, KEYNAME_NONE);
		w->mute--;
		if (good)
			put_named(w);
	} else {
		good = any(w, said);
	}
	if (good)
		blank(w);
	return (good);
}

/* Whether a known value lies across values, as {"a":1} does. */
static bool
apart(struct walk * w)
{
	const struct view view = { .text = strbuf_str(&w->out),
	    .len = w->out.len, .last = true };
	struct scan * scan = &w->gate.work->scan;
	enum redact_cause cause;
	size_t cut;

	w->gate.with.rules = NULL;
	scan_reset(scan);
	cause = scan_step(scan, &w->gate.with, &view, &cut);
	if (cause != REDACT_CAUSE_NONE)
		return (fail(w, cause));
	return (scan->spans.n == 0 || fail(w, REDACT_CAUSE_NONE));
}

static void
run(struct walk * w, struct redacted ** out)
{

	if (value(w, KEYNAME_NONE) && w->in.at != w->in.len)
		(void)malformed(w);
	if (w->fault == FAULT_NONE && strbuf_status(&w->out) != SR_OK)
		(void)fail(w, strbuf_status(&w->out) == SR_E_OUT_OF_MEMORY ?
		    REDACT_CAUSE_MEMORY : REDACT_CAUSE_LIMIT);
	if (w->fault == FAULT_NONE && apart(w) &&
	    (*out = redacted_copy(strbuf_str(&w->out), w->out.len)) == NULL)
		(void)fail(w, REDACT_CAUSE_MEMORY);
}

/** redact_json_for(r, channel, reader, tally, …): redact_json for a reader. */
enum sr_error
redact_json_for(struct redact * r, enum redact_channel channel,
    const struct redact_reader * reader, struct redact_tally * tally,
    const char * text, size_t len, const struct redact_json_limits * limits,
    struct redact_hits * hits, struct redacted ** out)
{
	struct walk w = { .in = { .p = text, .len = len },
	    .left = limits == NULL ? default_limits : *limits };
	struct gate_work * work = NULL;
	enum redact_cause cause = REDACT_CAUSE_LIMIT;

	*out = NULL;
	if (w.left.depth > REDACT_JSON_DEPTH_MAX)
		w.left.depth = REDACT_JSON_DEPTH_MAX;
	strbuf_init(&w.out, REDACT_TEXT_MAX * 2);
	strbuf_init(&w.plain, REDACT_TEXT_MAX);
	if (len <= w.left.bytes)
		cause = gate_enter(&w.gate, r, GATE_READY, len, &work);
	if (cause == REDACT_CAUSE_NONE) {
		w.gate.counters = &r->counters[channel];
		w.gate.reader = reader;
		w.gate.tally = tally;
		run(&w, out);
		gate_leave(&w.gate, &work, false);
		cause = w.cause;
	}
	strbuf_free(&w.out);
	strbuf_free(&w.plain);
	if (hits != NULL)
		*hits = w.hits;
	if (w.fault == FAULT_MALFORMED)
		return (gate_malformed());
	if (w.fault == FAULT_CAUSE && cause == REDACT_CAUSE_NONE)
		return (gate_hit(r, channel));
	return (gate_done(r, channel, cause, &w.hits));
}

/** redact_json(r, channel, text, len, limits, hits, out): a JSON text. */
enum sr_error
redact_json(struct redact * r, enum redact_channel channel, const char * text,
    size_t len, const struct redact_json_limits * limits,
    struct redact_hits * hits, struct redacted ** out)
{

	return (redact_json_for(r, channel, NULL, NULL, text, len, limits, hits,
	    out));
}
