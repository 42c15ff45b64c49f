#ifndef SR_TESTS_BENCH_TEXT_H
#define SR_TESTS_BENCH_TEXT_H

/* What benches share: numbers, clocks, and a text of this machine. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/base.h"

#define TEXT_LEN	((size_t)24 * 1024 * 1024)

static uint64_t bench_state = 88172645463325252U;

static inline uint32_t
bench_next(void)
{

	bench_state ^= bench_state << 13;
	bench_state ^= bench_state >> 7;
	bench_state ^= bench_state << 17;
	return ((uint32_t)(bench_state >> 16));
}

static inline double
bench_now(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static inline size_t
add_file(const char * path, char * text, size_t n)
{
	FILE * f = fopen(path, "rb");
	size_t got = 0;

	if (f == NULL)
		return (n);
	got = fread(&text[n], 1, TEXT_LEN - n, f);
	fclose(f);
	/* Binary files are not what is logged. */
	return (memchr(&text[n], '\0', got) == NULL ? n + got : n);
}

static inline size_t
add_folder(const char * path, char * text, size_t n, unsigned depth)
{
	DIR * dir = opendir(path);
	struct dirent * e;
	char below[1024];

	if (dir == NULL)
		return (n);
	while (n < TEXT_LEN && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(below, sizeof(below), "%s/%s", path, e->d_name);
		if (e->d_type == DT_DIR && depth > 0)
			n = add_folder(below, text, n, depth - 1);
		else if (e->d_type == DT_REG)
			n = add_file(below, text, n);
	}
	closedir(dir);
	return (n);
}

/* Log lines, some hex, some base64. */
static inline size_t
add_made(char * text, size_t n)
{
	static const char line[] = "2026-11-24T05:30:41.123456Z info request "
	    "method=GET path=/settings/security status=200 ms=12 id=0193f2a4-"
	    "77aa-7c1e-9d55-2b1f0c6a9e11\n";
	size_t i, len;

	while (n < TEXT_LEN) {
		len = sizeof(line) - 1 < TEXT_LEN - n ? sizeof(line) - 1 :
		    TEXT_LEN - n;
		memcpy(&text[n], line, len);
		for (i = 0; i + 8 < len && bench_next() % 4 == 0; i += 8)
			text[n + i + len % 7] = (char)('a' + bench_next() % 26);
		n += len;
	}
	return (n);
}

static inline void
bench_value(char * out, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t i;

	for (i = 0; i < len; i++)
		out[i] = letters[bench_next() % 62];
	out[len] = '\0';
}

/* Of /usr/include and /usr/share/doc, filled up with what is made here. */
static inline char *
bench_text(void)
{
	char * text = malloc(TEXT_LEN);
	size_t n;

	must(text != NULL);
	n = add_folder("/usr/include", text, 0, 1);
	n = add_folder("/usr/share/doc", text, n, 2);
	(void)printf("text_of_this_machine %zu bytes of %zu\n", n, TEXT_LEN);
	must(add_made(text, n) == TEXT_LEN);
	return (text);
}

#endif /* !SR_TESTS_BENCH_TEXT_H */
