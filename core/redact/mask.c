#include <stdio.h>
#include <string.h>

#include "core/redact/mask_internal.h"
#include "core/redact/redacted_internal.h"
#include "core/redact/rule_internal.h"

/* The mask that was made last, for runs of hits of one secret. */
struct mask {
	char text[MASK_MAX];
	size_t len;
	const struct known_form * known;	/* Whose, or NULL. */
};

static void
format(struct mask * mask, const char * what, const char * tag)
{
	int n;

	n = snprintf(mask->text, sizeof(mask->text), "[REDACTED:%s%s%s]", what,
	    *tag != '\0' ? ":" : "", tag);
	must(n > 0 && (size_t)n < sizeof(mask->text));
	mask->len = (size_t)n;
}

/** mask_names(reader, form): whether masks may say which secret it is. */
bool
mask_names(const struct redact_reader * reader, const struct known_form * form)
{
	size_t i;

	if (reader == NULL)
		return (true);
	for (i = 0; i < reader->n; i++) {
		if (sr_id_equal(&reader->named[i], known_form_secret(form)))
			return (true);
	}
	return (false);
}

static void
name_known(const struct mask_source * m, const struct known_form * form,
    struct mask * mask)
{
	const char * tag = m->untagged ? "" : known_form_tag(form);

	if (mask->known == form)
		return;
	mask->known = form;
	format(mask, mask_names(m->reader, form) ? known_form_label(form) :
	    "secret", tag);
	/* A name that holds a secret must not be shown in its mask. */
	if (known_within(m->known, m->fingerprint, mask->text, mask->len))
		format(mask, "secret", tag);
}

static void
name_rule(const struct mask_source * m, const char * text,
    const struct span * span, struct mask * mask)
{
	const struct rule * rule = rule_row(span->rule);
	char tag[REDACT_TAG_LEN + 1] = "";
	const char * p = &text[span->from];
	size_t len = span->to - span->from;

	mask->known = NULL;
	if (m->fingerprint != NULL && !m->untagged &&
	    rule_tagged(span->rule, p, len))
		fingerprint_tag(fingerprint_keys(m->fingerprint), p, len, tag);
	format(mask, rule->name, tag);
}

static void
name_span(const struct mask_source * m, const char * text,
    const struct span * span, struct mask * mask)
{

	if (span->more)
		return;
	if (span->known != NULL)
		name_known(m, span->known, mask);
	else if (!span->blank)
		name_rule(m, text, span, mask);
}

/* Copy the line ends of ${p} to ${to} (may be NULL); return their length. */
static size_t
line_ends(char * to, const char * p, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (p[i] != '\n' && !(p[i] == '\r' && i + 1 < len &&
		    p[i + 1] == '\n'))
			continue;
		if (to != NULL)
			to[n] = p[i];
		n++;
	}
	return (n);
}

/* Write one span's replacement to ${to} (may be NULL); return its length. */
static size_t
replace(char * to, const char * text, const struct span * span,
    const struct mask * mask)
{
	bool blank = span->more || (span->known == NULL && span->blank);
	size_t n = blank ? 0 : mask->len;

	if (to != NULL)
		memcpy(to, mask->text, n);
	return (n + line_ends(to == NULL ? NULL : &to[n], &text[span->start],
	    span->end - span->start));
}

static size_t
masked_length(const struct mask_source * m, const char * text, size_t len,
    const struct span_list * spans)
{
	struct mask mask = { .known = NULL };
	const struct span * span;
	size_t i;

	for (i = 0; i < spans->n; i++) {
		span = &spans->v[i];
		name_span(m, text, span, &mask);
		len += replace(NULL, text, span, &mask);
		len -= span->end - span->start;
	}
	return (len);
}

/** mask_apply(m, text, from, to, spans): masks in place of ${spans}. */
struct redacted *
mask_apply(const struct mask_source * m, const char * text, size_t from,
    size_t to, const struct span_list * spans)
{
	struct mask mask = { .known = NULL };
	struct redacted * t;
	const struct span * span;
	size_t i, at = from, n = 0;

	t = redacted_new(masked_length(m, text, to - from, spans));
	if (t == NULL)
		return (NULL);
	for (i = 0; i < spans->n; i++) {
		span = &spans->v[i];
		memcpy(&t->bytes[n], &text[at], span->start - at);
		n += span->start - at;
		name_span(m, text, span, &mask);
		n += replace(&t->bytes[n], text, span, &mask);
		at = span->end;
	}
	if (to != at)
		memcpy(&t->bytes[n], &text[at], to - at);
	must(n + to - at == t->len);
	return (t);
}
