#include <string.h>

#include "core/redact/rule_internal.h"

/* How far back a vendor's letters are looked for. */
#define VENDOR_MAX	((size_t)16)

/* Two letters or more that begin a word: acme in acme_live_… */
static bool
has_vendor(const struct rule_text * t, size_t at)
{
	size_t i = at;

	while (i > 0 && at - i < VENDOR_MAX && rule_class('w', t->p[i - 1]))
		i--;
	return (at - i >= 2 && at - i < VENDOR_MAX &&
	    rule_class('L', t->p[i]) && rule_boundary(t, i));
}

static size_t
digits(const char * p, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += rule_class('d', p[i]);
	return (n);
}

/* VENDOR_live_…, VENDOR_pat_…, sk-…: as tokens are made, by anybody. */
void
rule_prefixed(const struct rule_hit * hit, const struct rule * rule)
{
	const struct rule_text * t = &hit->text;
	const char * p = &t->p[hit->end];
	bool inner = rule->anchor[0] == '_';
	size_t len, n;
	char next;

	if (inner ? !has_vendor(t, hit->start) :
	    !rule_boundary(t, hit->start) || (hit->start > 0 &&
	    strchr("-./+", t->p[hit->start - 1]) != NULL))
		return;
	if ((len = rule_shape(t, hit->end, rule->shape)) == 0)
		return;
	next = rule_at(t, hit->end + len);
	if (next == '(' || next == '/' || rule_mask(t, hit->end + len) ||
	    (next == '.' && rule_class('L', rule_at(t, hit->end + len + 1))))
		return;
	n = digits(p, len);
	if (n < (len < 40 ? 2 : 1) || n * 10 > len * 8 || rule_wordy(p, len) ||
	    rule_filler(p, len) || rule_counted(p, len) ||
	    rule_entropy(p, len) < rule->floor ||
	    (inner && rule_run(t, hit->end, 'x', len) == len))
		return;
	rule_add(hit, hit->end, hit->end + len);
}
