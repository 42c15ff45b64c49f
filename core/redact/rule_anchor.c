#include <string.h>

#include "core/redact/rule_anchor_internal.h"

static char
other_case(char c)
{

	if (c >= 'a' && c <= 'z')
		return ((char)(c - 'a' + 'A'));
	return (c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
}

/* Put row ${i} behind the last one before it that has its anchor, if any. */
static void
chain(struct rule_anchors * a, unsigned i, const struct rule * row)
{
	const struct rule * other;
	unsigned k;

	/* The list goes from the last row to the first. */
	for (k = a->first[(unsigned char)row->anchor[0]][0]; k != 0;
	    k = a->next[k - 1][0]) {
		other = rule_row(k - 1);
		if (a->extent[k - 1].anchor != a->extent[i].anchor ||
		    other->caseless != row->caseless ||
		    strcmp(other->anchor, row->anchor) != 0)
			continue;
		a->extent[k - 1].same = i + 1;
		a->extent[i].again = true;
		return;
	}
}

/* Put row ${i} among those whose anchors begin with ${c}. */
static void
list(struct rule_anchors * a, unsigned i, char c, unsigned which)
{
	unsigned * first = &a->first[(unsigned char)c][which];

	a->next[i][which] = *first;
	*first = i + 1;
}

/** rule_anchors_measure(a): fill ${a}, which is all zero, from the rows. */
void
rule_anchors_measure(struct rule_anchors * a)
{
	const struct rule * row;
	struct rule_extent * e;
	unsigned i;

	for (i = 0; (row = rule_row(i)) != NULL; i++) {
		e = &a->extent[i];
		e->anchor = (unsigned)strlen(row->anchor);
		e->lead = (unsigned)rule_shape_fixed(row->before);
		e->least = (unsigned)rule_shape_fixed(row->shape);
		e->begins = row->find == rule_token && e->lead == 0;
		chain(a, i, row);
		if (e->anchor > a->longest)
			a->longest = e->anchor;
		if (e->lead > a->lead)
			a->lead = e->lead;
		list(a, i, row->anchor[0], 0);
		if (row->caseless)
			list(a, i, other_case(row->anchor[0]), 1);
	}
}

/* Whether ${p}, ${len} bytes up to the end, begins the anchor of row ${i}. */
static bool
begins(const struct rule_anchors * a, unsigned i, const char * p, size_t len)
{
	const struct rule * row = rule_row(i);
	size_t k;

	if (len >= a->extent[i].anchor)
		return (false);
	for (k = 0; k < len; k++) {
		if (p[k] != row->anchor[k] && (!row->caseless ||
		    p[k] != other_case(row->anchor[k])))
			return (false);
	}
	return (true);
}

/*
 * What more bytes may make the begin of something: where an anchor has begun,
 * and what a rule wants before an anchor that comes yet, which never crosses a
 * line's end.
 */
size_t
rule_anchors_unseen(const struct rule_anchors * a, const char * p, size_t len)
{
	size_t at = len > a->longest ? len - a->longest : 0, open = len, lead;
	unsigned i, which;

	for (; at < len; at++) {
		for (which = 0; which < 2; which++) {
			for (i = a->first[(unsigned char)p[at]][which]; i != 0;
			    i = a->next[i - 1][which]) {
				if (!begins(a, i - 1, &p[at], len - at))
					continue;
				lead = a->extent[i - 1].lead;
				lead = lead < at ? at - lead : 0;
				open = lead < open ? lead : open;
			}
		}
	}
	lead = len > a->lead ? len - a->lead : 0;
	for (at = len; at > lead && p[at - 1] != '\n' && p[at - 1] != ' '; at--)
		;
	return (at < open ? at : open);
}
