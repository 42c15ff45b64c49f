/*
 * What the rules cost, on text found on this machine, beside bare Vectorscan
 * with the same anchors and beside memcpy, in one run: lines `name value unit`.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hs/hs.h>

#include "core/redact/rule_internal.h"

#define TEXT_MAX	((size_t)24 * 1024 * 1024)
#define ROWS_MAX	2048

static double
now(void)
{
	struct timespec t;

	/* Of this thread: others on the machine must not count. */
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static size_t
add_file(char * text, size_t len, const char * path)
{
	FILE * f = fopen(path, "rb");

	if (f == NULL)
		return (len);
	len += fread(&text[len], 1, TEXT_MAX - len, f);
	(void)fclose(f);
	return (len);
}

/* Files of the folder and of those in it. */
static size_t
add_folder(char * text, size_t len, const char * path, unsigned depth)
{
	DIR * d = opendir(path);
	const struct dirent * e;
	char name[1024];

	if (d == NULL)
		return (len);
	while (len < TEXT_MAX && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (e->d_type == DT_DIR && depth > 0)
			len = add_folder(text, len, name, depth - 1);
		else if (e->d_type == DT_REG)
			len = add_file(text, len, name);
	}
	(void)closedir(d);
	return (len);
}

/* Log lines, for machines that have no text of their own. */
static size_t
make_log(char * text)
{
	size_t n = 0;
	unsigned i;

	for (i = 0; n + 256 < TEXT_MAX / 3; i++)
		n += (size_t)snprintf(&text[n], 256, "2026-11-24T05:%02u:%02u"
		    ".%06uZ INFO worker-%u: GET /api/v1/runs/%08x%08x took %u "
		    "ms; user-agent=curl/7.88.1\n", i / 60 % 60, i % 60,
		    i * 7919 % 1000000, i % 9, i * 2654435761U, i * 40503U,
		    i % 977);
	return (n);
}

static double
time_memcpy(const char * text, size_t len)
{
	char * copy = malloc(len);
	double best = 1e9, start;
	unsigned i;

	if (copy == NULL)
		abort();
	for (i = 0; i < 5; i++) {
		start = now();
		memcpy(copy, text, len);
		__asm__ volatile("" : : "r"(copy) : "memory");
		if (now() - start < best)
			best = now() - start;
	}
	free(copy);
	return (best);
}

static int
on_hit(unsigned id, unsigned long long from, unsigned long long to,
    unsigned flags, void * hits)
{

	(void)id;
	(void)from;
	(void)to;
	(void)flags;
	++*(size_t *)hits;
	return (0);
}

static hs_database_t *
compile(void)
{
	const char * anchors[ROWS_MAX];
	unsigned flags[ROWS_MAX], ids[ROWS_MAX], n;
	size_t lens[ROWS_MAX];
	hs_compile_error_t * complaint;
	hs_database_t * db;
	const struct rule * rule;

	for (n = 0; (rule = rule_row(n)) != NULL && n < ROWS_MAX; n++) {
		anchors[n] = rule->anchor;
		lens[n] = strlen(rule->anchor);
		flags[n] = rule->caseless ? HS_FLAG_CASELESS : 0;
		ids[n] = n;
	}
	if (hs_compile_lit_multi(anchors, flags, ids, lens, n, HS_MODE_BLOCK,
	    NULL, &db, &complaint) != HS_SUCCESS)
		abort();
	return (db);
}

static double
time_vectorscan(const char * text, size_t len, size_t * hits)
{
	hs_database_t * db = compile();
	hs_scratch_t * scratch = NULL;
	double best = 1e9, start;
	unsigned i;

	if (hs_alloc_scratch(db, &scratch) != HS_SUCCESS)
		abort();
	for (i = 0; i < 5; i++) {
		*hits = 0;
		start = now();
		if (hs_scan(db, text, (unsigned)len, 0, scratch, on_hit,
		    hits) != HS_SUCCESS)
			abort();
		if (now() - start < best)
			best = now() - start;
	}
	(void)hs_free_scratch(scratch);
	(void)hs_free_database(db);
	return (best);
}

/* In views of ${step}, as a stream would have them. */
static double
time_rules(const char * text, size_t len, size_t step, size_t * found)
{
	struct rules * rules;
	struct rule_scratch * scratch;
	struct span_list spans = { .n = 0 };
	struct view view;
	double best = 1e9, start;
	size_t at, from, open, i;

	if (rules_new(&rules) != SR_OK ||
	    (scratch = rule_scratch_new(rules)) == NULL)
		abort();
	for (i = 0; i < 5; i++) {
		span_reset(&spans);
		start = now();
		for (from = 0; from < len; from = at + open) {
			at = from > VIEW_BEHIND ? from - VIEW_BEHIND : 0;
			view = (struct view){ .text = &text[at], .at = at,
			    .from = from - at, .len = from - at + step };
			view.last = at + view.len >= len;
			if (view.last)
				view.len = len - at;
			if (rules_pass(rules, scratch, &view, NULL, &spans,
			    &open) != REDACT_CAUSE_NONE || open == view.from)
				abort();
		}
		if (now() - start < best)
			best = now() - start;
	}
	*found = spans.n;
	span_free(&spans);
	rule_scratch_free(&scratch);
	rules_free(&rules);
	return (best);
}

static void
bench(const char * name, const char * text, size_t len)
{
	double copy, bare, whole, views, mb = (double)len / 1e6;
	size_t hits, found;

	if (len < (size_t)1024 * 1024)
		return;
	copy = time_memcpy(text, len);
	bare = time_vectorscan(text, len, &hits);
	whole = time_rules(text, len, len, &found);
	views = time_rules(text, len, (size_t)256 * 1024, &found);
	(void)printf("rules_%s_text %.1f MB\n", name, mb);
	(void)printf("rules_%s_memcpy %.0f MB/s\n", name, mb / copy);
	(void)printf("rules_%s_vectorscan %.0f MB/s, %.0f anchors a MB\n",
	    name, mb / bare, (double)hits / mb);
	(void)printf("rules_%s_whole %.0f MB/s, %zu spans\n", name,
	    mb / whole, found);
	(void)printf("rules_%s_views %.0f MB/s\n", name, mb / views);
	(void)printf("rules_%s_of_vectorscan %.2f\n", name, bare / whole);
	(void)printf("rules_%s_of_memcpy %.3f\n", name, copy / whole);
}

int
main(void)
{
	char * text = malloc(TEXT_MAX);

	if (text == NULL)
		abort();
	bench("log", text, make_log(text));
	bench("doc", text, add_folder(text, 0, "/usr/share/doc", 2));
	bench("include", text, add_folder(text, 0, "/usr/include", 2));
	bench("package", text, add_folder(text, 0, "/var/lib/dpkg/info", 0));
	free(text);
	return (0);
}
