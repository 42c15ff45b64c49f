#include <stdlib.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/gate_internal.h"
#include "core/redact/mask_internal.h"

struct redact_tally {
	unsigned rows;		/* Of rules; behind them, what a key named. */
	unsigned n[];
};

/** redact_tally_new(out): all zero. */
enum sr_error
redact_tally_new(struct redact_tally ** out)
{
	struct redact_tally * t;
	unsigned rows = 0;
	size_t size;

	while (rule_row(rows) != NULL)
		rows++;
	size = sizeof(*t) + (rows + 1) * sizeof(t->n[0]);
	if ((*out = t = redact_alloc(size)) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	memset(t, 0, size);
	t->rows = rows;
	return (SR_OK);
}

/** tally_add(t, rule, n): the rule masked ${n} more. */
void
tally_add(struct redact_tally * t, unsigned rule, unsigned n)
{

	if (t == NULL)
		return;
	t->n[rule < t->rows ? rule : t->rows] += n;
}

/** redact_tally_get(t, i, name, n): as redact_rule_count. */
bool
redact_tally_get(const struct redact_tally * t, unsigned i,
    const char ** name, unsigned * n)
{

	if (i > t->rows)
		return (false);
	*name = i == t->rows ? NAMED_WORD : rule_row(i)->name;
	*n = t->n[i];
	return (true);
}

/** redact_tally_free(t): release. */
void
redact_tally_free(struct redact_tally ** t)
{

	if (t == NULL)
		return;
	free(*t);
	*t = NULL;
}
