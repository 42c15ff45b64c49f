#include <string.h>
#include <strings.h>

#include "core/redact/flush_internal.h"

static bool
anchored(const struct rule * rule, const char * p, size_t n)
{

	return (rule->caseless ? strncasecmp(p, rule->anchor, n) == 0 :
	    strncmp(p, rule->anchor, n) == 0);
}

/* Behind a key: what may stand between it and its value. */
static size_t
value_begin(const struct rule * rule, const char * text, size_t len,
    size_t at)
{

	if (rule->find == rule_assign || rule->find == rule_near) {
		while (at < len && rule_class('p', text[at]))
			at++;
		while (at < len && strchr(" \t:=\"'>,", text[at]) != NULL &&
		    text[at] != '\0')
			at++;
	}
	return (at);
}

/*
 * The anchor of ${rule} at [${at}, ${end}): what it finds, or may find when
 * more comes, begins there. The rules' pass may not have been here yet: it
 * follows the known one.
 */
static size_t
found_from(const struct rule * rule, unsigned row, const char * text,
    size_t len, size_t at, size_t end)
{
	struct rule_memo memo[64] = { { 0 } };
	struct span_list spans = { .n = 0 };
	bool cut = false;
	struct rule_hit hit = { .text = { .p = text, .len = len, .cut = &cut,
	    .memo = memo }, .start = at, .end = end, .rule = row,
	    .lead = rule_shape_fixed(rule->before),
	    .least = rule_shape_fixed(rule->shape), .spans = &spans };
	size_t i, first = len;

	rule->find(&hit, rule);
	if (cut)
		first = value_begin(rule, text, len, end) + FLUSH_SEEN;
	for (i = 0; !cut && i < spans.n; i++) {
		if (spans.v[i].start < first)
			first = spans.v[i].start;
	}
	span_free(&spans);
	return (first);
}

/** flush_rules(text, len, at): for fear of what rules may yet find. */
size_t
flush_rules(const char * text, size_t len, size_t at)
{
	const struct rule * rule;
	size_t n, i, first, most = len;
	unsigned row;

	for (row = 0; (rule = rule_row(row)) != NULL; row++) {
		n = strlen(rule->anchor);
		for (i = at; i + n <= len; i++) {
			if (!anchored(rule, &text[i], n))
				continue;
			first = found_from(rule, row, text, len, i, i + n);
			if (first < most)
				most = first;
		}
	}
	return (most);
}
