#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/redact/rule_internal.h"

/*
 * A shape is a row of literals and of runs: %c{n}, %c{n,m} or %c{n,}, where c
 * is a class of rule_class. A run takes all that it can, up to m; nothing is
 * ever given back.
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
		run->most = SIZE_MAX;
		if (end[1] != '}')
			run->most = strtoul(end + 1, &end, 10);
		else
			end++;
	}
	must(*end == '}');
	return (end + 1);
}

/* The length of what ${shape} matches at ${at}, or 0. */
static size_t
match(struct rule_text t, size_t at, const char * shape)
{
	struct run run = { .most = SIZE_MAX };
	size_t i = at, n;

	while (*shape != '\0') {
		if (*shape != '%') {
			run.most = SIZE_MAX;
			if (i >= t.len || t.p[i++] != *shape++)
				return (0);
			continue;
		}
		shape = parse_run(shape, &run);
		n = rule_run(t, i, run.class);
		if (n > run.most)
			n = run.most;
		if (n < run.least)
			return (0);
		i += n;
	}
	/* What has a fixed length and goes on is something else. */
	if (run.most != SIZE_MAX && i < t.len && rule_class('w', t.p[i]))
		return (0);
	return (i - at);
}

/* The length of a shape of fixed runs and literals. */
static size_t
fixed_length(const char * shape)
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

/* Find a token: what a provider's format says, around the anchor. */
size_t
rule_token(const struct rule_hit * hit, const struct rule * rule)
{
	struct rule_text head = { .p = hit->text.p, .len = hit->start };
	size_t before = fixed_length(rule->before);
	size_t start, len;

	if (hit->start < before)
		return (hit->end);
	start = hit->start - before;
	if (before != 0 && match(head, start, rule->before) != before)
		return (hit->end);
	if (!rule_boundary(hit->text, start))
		return (hit->end);
	if ((len = match(hit->text, hit->end, rule->shape)) == 0)
		return (hit->end);
	if (rule_placeholder(&hit->text.p[hit->end], len) ||
	    rule_entropy(&hit->text.p[hit->end], len) < rule->floor)
		return (hit->end);
	(void)rule_add(hit, start, hit->end + len, false);
	return (hit->end + len);
}
