#include <string.h>

#include "core/redact/rule_internal.h"

/* Longer keys are masked up to here. */
#define PEM_MAX		((size_t)64 * 1024)
#define LINE_MAX_KEPT	((size_t)256)

#define BEGIN_MARK	"-----BEGIN "
#define END_MARK	"-----END "
#define DASHES		"-----"

/*
 * A private key in PEM (RFC 7468), whole or cut off, in lines or with \n in
 * one, behind the prefixes that diffs and loggers put in front of lines. One
 * span a line: prefixes and line ends stay, so that a diff still applies. The
 * first gets the mask.
 */
struct pem {
	const struct rule_hit * hit;
	struct rule_text t;	/* Cut off after PEM_MAX. */
	size_t at;		/* What is looked at. */
	size_t line;		/* Where this line's span begins. */
	size_t end;		/* The end of what was accepted. */
	size_t spans;		/* In the list before ours. */
	size_t body;		/* Characters of key so far. */
	bool closed;		/* The end mark is there. */
};

static bool
at_mark(const struct pem * p, size_t at, const char * mark)
{
	size_t n = strlen(mark);

	return (p->t.len - at >= n && strncmp(&p->t.p[at], mark, n) == 0);
}

/* Behind "-----BEGIN ": the label and its dashes. */
static bool
read_label(struct pem * p)
{
	size_t start = p->hit->end, i, n;

	for (i = start; i - start < 40; i++) {
		if (rule_at(&p->t, i) != ' ' &&
		    !rule_class('U', rule_at(&p->t, i)))
			break;
	}
	for (n = 0; n < strlen(DASHES) && rule_at(&p->t, i + n) == '-';)
		n++;
	if (n != strlen(DASHES) ||
	    memmem(&p->t.p[start], i - start, "PRIVATE KEY", 11) == NULL)
		return (false);
	p->at = p->end = i + strlen(DASHES);
	return (true);
}

/* Between the end mark and its last dashes. */
#define END_LABEL	((size_t)60)

/*
 * Find the mark that ends the key, or the next key's, and cut the text off
 * behind the one or before the other, so that what follows does not matter.
 * False if it is too early to say.
 */
static bool
find_end(struct pem * p)
{
	const char * text = p->t.p;
	size_t from = p->at, most = p->hit->start + PEM_MAX;
	const char * dashes;

	if (p->t.len < most && !p->t.last)
		*p->t.cut = true;
	if (p->t.len > most)
		p->t.len = most;
	while ((dashes = memmem(&text[from], p->t.len - from, DASHES,
	    strlen(DASHES))) != NULL) {
		from = (size_t)(dashes - text);
		if (at_mark(p, from, BEGIN_MARK)) {
			p->t.len = from;
			*p->t.cut = false;
			return (true);
		}
		if (at_mark(p, from, END_MARK)) {
			p->closed = true;
			from += strlen(END_MARK) + END_LABEL;
			if (p->t.len >= from) {
				p->t.len = from;
				*p->t.cut = false;
			}
			break;
		}
		from++;
	}
	return (!*p->t.cut || p->t.last);
}

static bool
close_line(struct pem * p)
{
	/* Of the spans that follow, from says where the first one is. */
	struct span span = { .start = p->line, .end = p->end,
	    .from = p->hit->start, .to = p->end, .rule = p->hit->rule,
	    .blank = p->hit->spans->n != p->spans };

	if (p->end <= p->line)
		return (true);
	return (span_add(p->hit->spans, &span));
}

/* The length of \n, \\n, \r, \t and so on at ${at}; 0 if there is none. */
static size_t
escape_len(const struct pem * p, size_t at)
{
	size_t i = at;

	while (i < p->t.len && p->t.p[i] == '\\')
		i++;
	if (i == at || i == p->t.len || strchr("nrt", p->t.p[i]) == NULL)
		return (0);
	return (i + 1 - at);
}

static size_t
skip_separators(const struct pem * p, size_t at)
{
	size_t n;

	for (;;) {
		if (at < p->t.len && (p->t.p[at] == ' ' ||
		    p->t.p[at] == '\t' || p->t.p[at] == '\r'))
			at++;
		else if ((n = escape_len(p, at)) != 0)
			at += n;
		else
			return (at);
	}
}

/* Whether only what source code puts behind a string is left of the line. */
static bool
rest_is_syntax(const struct pem * p, size_t at, size_t * newline)
{

	for (; at < p->t.len && p->t.p[at] != '\n'; at++) {
		if (p->t.p[at] == '\0' ||
		    strchr(" \t\r\"'+,;\\|.", p->t.p[at]) == NULL)
			return (false);
	}
	*newline = at;
	return (at < p->t.len);
}

static bool
is_header(const struct pem * p, size_t at)
{
	static const char * const names[] = { "Proc-Type: ", "DEK-Info: ",
	    "Version: ", "Comment: ", "Charset: ", "Hash: " };
	size_t i;

	for (i = 0; i < COUNTOF(names); i++) {
		if (at_mark(p, at, names[i]))
			return (true);
	}
	return (false);
}

/* Go to where the key's part of a new line begins, past a prefix. */
static void
begin_line(struct pem * p)
{
	const char * s = p->t.p;
	const char * mark;
	size_t start = p->at, stop = start, i;

	while (stop < p->t.len && s[stop] != '\n' &&
	    stop - start < LINE_MAX_KEPT)
		stop++;
	for (i = start; i < stop && strchr(" \t\"'+|>#*", s[i]) != NULL; i++)
		;
	p->at = p->line = i;
	mark = memmem(&s[i], stop - i, END_MARK, strlen(END_MARK));
	if (mark != NULL) {
		p->at = p->line = (size_t)(mark - s);
		return;
	}
	if (is_header(p, i))
		return;
	/* The last run of base64 on the line; what is before it, if any. */
	while (stop > i && strchr(" \t\r\"'+,;\\", s[stop - 1]) != NULL)
		stop--;
	for (start = stop; start > i && rule_class('b', s[start - 1]);)
		start--;
	if (start > i && stop - start >= (p->closed ? 1 : 40) &&
	    escape_len(p, start - 1) == 0)
		p->at = p->line = start;
}

static void
take(struct pem * p, size_t to)
{

	p->at = p->end = to;
}

static bool
take_body(struct pem * p)
{
	size_t n = 0;

	while (p->at + n < p->t.len && rule_class('b', p->t.p[p->at + n]))
		n++;
	if (n == 0 || (!p->closed && (n < 16 ||
	    !rule_mixed(&p->t.p[p->at], n))))
		return (false);
	p->body += n;
	take(p, p->at + n);
	return (true);
}

/* One step on; false at the key's end. */
static bool
step(struct pem * p)
{
	size_t at = skip_separators(p, p->at), end;
	const char * dashes;

	p->at = at;
	if (at == p->t.len)
		return (false);
	if (p->t.p[at] == '\n' || rest_is_syntax(p, at, &at)) {
		p->at = at + 1;
		if (!close_line(p))
			return (false);
		begin_line(p);
		return (p->at < p->t.len);
	}
	if (at_mark(p, at, END_MARK)) {
		end = at + strlen(END_MARK);
		dashes = memmem(&p->t.p[end], p->t.len - end < END_LABEL ?
		    p->t.len - end : END_LABEL, DASHES, strlen(DASHES));
		take(p, dashes == NULL ? end :
		    (size_t)(dashes - p->t.p) + strlen(DASHES));
		return (false);
	}
	if (at == p->line && is_header(p, at)) {
		for (end = at; end < p->t.len && p->t.p[end] != '\n' &&
		    p->t.p[end] != '\r';)
			end++;
		take(p, end);
		return (true);
	}
	return (take_body(p));
}

void
rule_pem(const struct rule_hit * hit, const struct rule * rule)
{
	struct pem p = { .hit = hit, .t = hit->text, .line = hit->start,
	    .spans = hit->spans->n };

	(void)rule;
	/* Views never begin within a key: this one was done with. */
	if (hit->start < hit->from || !read_label(&p) || !find_end(&p))
		return;
	while (step(&p))
		;
	if (!close_line(&p))
		return;
	/* A mark alone, as in documents and in code, is no key. */
	if (p.body < 16) {
		hit->spans->n = p.spans;
		return;
	}
	/* The tag is of the whole key, not of its first line. */
	hit->spans->v[p.spans].to = p.end;
}
