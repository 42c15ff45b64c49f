#include <stdlib.h>
#include <string.h>

#include "core/redact/rule_internal.h"

/*
 * A shape is a row of literals and of runs: %c{n}, %c{n,m} or %c{n,}, where c
 * is a class of rule_class. A run takes all that it can; a run of a fixed
 * length that is followed by more of its class takes its length, unless it
 * ends the shape. Nothing is ever given back.
 */
struct run {
	char class;
	size_t least, most;
};

static const char *
parse_run(const char * shape, struct run * run)
{
	char * end;

	must(shape[0] == '%' && shape[2] == '{');
	run->class = shape[1];
	run->least = strtoul(&shape[3], &end, 10);
	run->most = run->least;
	if (*end == ',') {
		run->most = SIZE_MAX - 1;
		if (end[1] != '}')
			run->most = strtoul(end + 1, &end, 10);
		else
			end++;
	}
	must(*end == '}');
	return (end + 1);
}

/** rule_shape(t, at, shape): the length of what ${shape} matches, or 0. */
size_t
rule_shape(const struct rule_text * t, size_t at, const char * shape)
{
	struct run run = { .most = SIZE_MAX };
	size_t i = at, n;

	while (*shape != '\0') {
		if (*shape != '%') {
			run.most = SIZE_MAX;
			if (rule_at(t, i++) != *shape++)
				return (0);
			continue;
		}
		shape = parse_run(shape, &run);
		n = rule_run(t, i, run.class, run.most);
		if (n < run.least)
			return (0);
		/* One too many is a sentence's full stop. */
		if (n > run.most && *shape == '\0' &&
		    (rule_at(t, i + run.most) != '.' ||
		    rule_class(run.class, rule_at(t, i + run.most + 1))))
			return (0);
		i += n > run.most ? run.most : n;
	}
	/* What has a fixed length and goes on is something else. */
	if (run.most < SIZE_MAX - 1 && rule_class('w', rule_at(t, i)))
		return (0);
	return (i - at);
}

/** rule_shape_fixed(shape): the length of a shape of fixed runs. */
size_t
rule_shape_fixed(const char * shape)
{
	struct run run;
	size_t n = 0;

	while (*shape != '\0') {
		if (*shape == '%') {
			shape = parse_run(shape, &run);
			n += run.least;
		} else {
			shape++;
			n++;
		}
	}
	return (n);
}

/* Whether ${t} has the same anchor shortly before in one run of URL-safe. */
static bool
follows_itself(const struct rule_hit * hit, const struct rule * rule)
{
	size_t n = strlen(rule->anchor), i;
	const char * p = hit->text.p;

	if (hit->start == 0 || p[hit->start - 1] != '-')
		return (false);
	for (i = hit->start; i > 0 && hit->start - i < 64 &&
	    rule_class('u', p[i - 1]); i--) {
		if (hit->start - (i - 1) >= n &&
		    strncmp(&p[i - 1], rule->anchor, n) == 0)
			return (true);
	}
	return (false);
}

/* xoxe-1-TheTokenGoesHere: words behind the prefix, and next to no digits. */
static bool
spelt(const char * p, size_t len)
{
	size_t i, digits = 0;

	for (i = 0; i < len && i < 64; i++)
		digits += rule_class('d', p[i]);
	return (len >= 16 && digits * 8 <= len && rule_wordy(p, len));
}

/* video.ico-1: what stands behind the dot of a file's name. */
static bool
extension(const struct rule_text * t, size_t start, const char * anchor)
{

	return (start > 1 && t->p[start - 1] == '.' &&
	    rule_class('a', t->p[start - 2]) &&
	    anchor[strlen(anchor) - 1] == '-');
}

/** rule_name(p, len): a name in code or prose, no token. */
bool
rule_name(const char * p, size_t len)
{
	size_t i, parts = 0;

	for (i = 0; i < len; i++) {
		if (rule_class('d', p[i]))
			return (false);
		parts += !rule_class('a', p[i]);
	}
	/* hf_ and 34 letters may be words to the eye of a machine. */
	return ((parts > 1 || len < 30) && rule_wordy(p, len));
}

static bool
fits_before(const struct rule_hit * hit, const struct rule * rule,
    size_t start)
{
	struct rule_text head = hit->text;
	struct rule_memo memo[64] = { { 0, 0 } };
	bool cut = false;

	head.len = hit->start;
	head.memo = memo;
	head.cut = &cut;
	return (rule_shape(&head, start, rule->before) == hit->lead);
}

/* A prefix that ends as prefixes of tokens do says more than the rest. */
static unsigned
floor_of(const struct rule * rule)
{
	size_t n = strlen(rule->anchor);

	if (n >= 4 && (rule->anchor[n - 1] == '_' ||
	    rule->anchor[n - 1] == '-') && rule->floor > 24 &&
	    rule->floor <= 36)
		return (24);
	return (rule->floor);
}

/* A token: what a provider's format says, around the anchor. */
void
rule_token(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	size_t before = hit->lead, start, len = 0, least;

	if (hit->start < before)
		return;
	start = hit->start - before;
	if (!rule_boundary(t, start) || (start > 0 && t->p[start - 1] == '+' &&
	    strchr(rule->anchor, '+') != NULL))
		return;
	if (before != 0 && !fits_before(hit, rule, start))
		return;
	if (*rule->shape != '\0' &&
	    (len = rule_shape(t, hit->end, rule->shape)) == 0)
		return;
	len += hit->end - start;
	/* A function, a member (s.ReadUint16), what was left at a mask. */
	if (rule_at(t, start + len) == '(' || rule_mask(t, start + len) ||
	    (hit->end - hit->start <= 2 &&
	    rule_wordy(&t->p[hit->end], start + len - hit->end)))
		return;
	/* What follows the least that the format wants may say example. */
	least = hit->end - start + hit->least;
	if (before == 0 && (extension(t, start, rule->anchor) ||
	    spelt(&t->p[hit->end], start + len - hit->end)))
		return;
	if (follows_itself(hit, rule) || rule_name(&t->p[start], len) ||
	    ((rule->floor != 0 || t->p[start + len - 1] == 'X') &&
	    rule_filler(&t->p[start], least < len ? least : len)) ||
	    (len < 16 && rule_counted(&t->p[start], len)) ||
	    rule_published(&t->p[start], len))
		return;
	if (before == 0 && rule_entropy(&t->p[hit->end], len -
	    (hit->end - start)) < floor_of(rule))
		return;
	if (before != 0 && rule_entropy(&t->p[start], len) < rule->floor)
		return;
	rule_add(hit, start, start + len);
}

/* What stands behind the anchor, maybe in quotes or on the next lines. */
void
rule_behind(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	size_t at = hit->end, len;
	char c;

	while (at - hit->end < 8 && (c = rule_at(t, at)) != '\0' &&
	    strchr(" \t\r\n\"'`", c) != NULL)
		at++;
	if ((len = rule_shape(t, at, rule->shape)) == 0 ||
	    rule_in_mask(t, hit->start) || rule_mask(t, at + len) ||
	    !rule_mixed(&t->p[at], len) || rule_wordy(&t->p[at], len) ||
	    rule_filler(&t->p[at], len) ||
	    rule_entropy(&t->p[at], len) < rule->floor)
		return;
	rule_add(hit, at, at + len);
}
