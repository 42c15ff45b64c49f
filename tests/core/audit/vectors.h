#ifndef SR_TESTS_CORE_AUDIT_VECTORS_H
#define SR_TESTS_CORE_AUDIT_VECTORS_H

/* The lines of tree_vectors.txt: KIND NUMBER HEX. Run from the top folder. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/base.h"

struct vector {
	char kind[16];
	uint64_t number;
	char hex[2048];
};

static inline FILE *
vectors_open(void)
{
	FILE * f = fopen("tests/core/audit/tree_vectors.txt", "r");

	must(f != NULL);
	return (f);
}

/* The next line of that kind. */
static inline bool
vectors_next(FILE * f, const char * kind, struct vector * v)
{
	char line[2200];
	struct vector r;

	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%15s %" SCNu64 " %2047s", r.kind,
		    &r.number, r.hex) == 3 && strcmp(r.kind, kind) == 0) {
			*v = r;
			return (true);
		}
	}
	return (false);
}

static inline size_t
vector_bytes(const struct vector * v, void * out, size_t most)
{
	const char * p = v->hex;
	uint8_t * bytes = out;
	unsigned byte;
	size_t n;

	for (n = 0; n < most && sscanf(p, "%2x", &byte) == 1; p += 2)
		bytes[n++] = (uint8_t)byte;
	return (n);
}

/* The one line of that kind, as bytes. */
static inline size_t
vector_only(const char * kind, void * out, size_t most)
{
	FILE * f = vectors_open();
	struct vector v;

	must(vectors_next(f, kind, &v));
	(void)fclose(f);
	return (vector_bytes(&v, out, most));
}

#endif /* !SR_TESTS_CORE_AUDIT_VECTORS_H */
