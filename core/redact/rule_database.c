#include "core/redact/rule_database_internal.h"

/* Each anchor once, with the first of the rows that have it. */
static enum sr_error
compile(const struct rule_anchors * a, hs_database_t ** db)
{
	const char * anchors[RULES_MAX];
	unsigned flags[RULES_MAX], ids[RULES_MAX], i, n = 0;
	const struct rule * row;
	size_t lens[RULES_MAX];
	hs_compile_error_t * complaint = NULL;

	for (i = 0; (row = rule_row(i)) != NULL; i++) {
		if (a->extent[i].again)
			continue;
		anchors[n] = row->anchor;
		lens[n] = a->extent[i].anchor;
		flags[n] = row->caseless ? HS_FLAG_CASELESS : 0;
		ids[n++] = i;
	}
	if (hs_compile_lit_multi(anchors, flags, ids, lens, n, HS_MODE_BLOCK,
	    NULL, db, &complaint) == HS_SUCCESS)
		return (SR_OK);
	(void)hs_free_compile_error(complaint);
	return (SR_E_INTERNAL_ERROR);
}

/** rule_database_load(a, bytes, len, db): or compile it. */
enum sr_error
rule_database_load(const struct rule_anchors * a, const unsigned char * bytes,
    size_t len, hs_database_t ** db)
{
	hs_error_t err = HS_INVALID;

	*db = NULL;
	if (len != 0 && rule_row(rule_database_rows) == NULL &&
	    rule_row(rule_database_rows - 1) != NULL)
		err = hs_deserialize_database((const char *)bytes, len, db);
	if (err == HS_NOMEM)
		return (SR_E_OUT_OF_MEMORY);
	return (err == HS_SUCCESS ? SR_OK : compile(a, db));
}
