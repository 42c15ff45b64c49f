/*
 * ruledatabase: on standard output, C source with what Vectorscan makes of the
 * rules' anchors (core/redact/rule_database_internal.h). Run by make; no part
 * of the product.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hs/hs.h>

#define RULE(name, anchor, caseless, ...)	{ anchor, caseless },
static const struct {
	const char * anchor;
	bool caseless;
} rows[] = {
#include "core/redact/rule.def"
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]))

/* Whether a row before has it. */
static bool
again(unsigned i)
{
	unsigned k;

	for (k = 0; k < i; k++) {
		if (rows[k].caseless == rows[i].caseless &&
		    strcmp(rows[k].anchor, rows[i].anchor) == 0)
			return (true);
	}
	return (false);
}

static hs_database_t *
compile(void)
{
	static const char * anchors[ROWS];
	static unsigned flags[ROWS], ids[ROWS];
	static size_t lens[ROWS];
	hs_platform_info_t platform = { .cpu_features = 0 };
	hs_compile_error_t * complaint = NULL;
	hs_database_t * db = NULL;
	unsigned i, n = 0;

	/* Of any x86-64 of these years; what is older compiles by itself. */
#ifdef __x86_64__
	platform.cpu_features = HS_CPU_FEATURES_AVX2;
#endif
	for (i = 0; i < ROWS; i++) {
		if (again(i))
			continue;
		anchors[n] = rows[i].anchor;
		lens[n] = strlen(rows[i].anchor);
		flags[n] = rows[i].caseless ? HS_FLAG_CASELESS : 0;
		ids[n++] = i;
	}
	if (hs_compile_lit_multi(anchors, flags, ids, lens, n, HS_MODE_BLOCK,
	    &platform, &db, &complaint) == HS_SUCCESS)
		return (db);
	(void)fprintf(stderr, "ruledatabase: left out: %s\n",
	    complaint->message);
	(void)hs_free_compile_error(complaint);
	return (NULL);
}

int
main(void)
{
	hs_database_t * db = compile();
	char * bytes = NULL;
	size_t i, len = 0;

	if (db != NULL && hs_serialize_database(db, &bytes, &len) !=
	    HS_SUCCESS)
		return (1);
	(void)printf("/* Made by scripts/ruledatabase.c; do not edit. */\n"
	    "#include \"core/redact/rule_database_internal.h\"\n"
	    "const unsigned char rule_database[] = {");
	for (i = 0; i < len; i++)
		(void)printf("%s%u,", i % 16 == 0 ? "\n" : "",
		    (unsigned)(unsigned char)bytes[i]);
	(void)printf(" 0\n};\nconst size_t rule_database_len = %zu;\n"
	    "const unsigned rule_database_rows = %zu;\n", len, ROWS);
	free(bytes);
	(void)hs_free_database(db);
	return (fflush(stdout) != 0 || ferror(stdout) ? 1 : 0);
}
