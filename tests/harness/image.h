#ifndef SR_TESTS_HARNESS_IMAGE_H
#define SR_TESTS_HARNESS_IMAGE_H

/*
 * What a core image of a process holds, one with all mappings that it leaves
 * out of its own: each page that is there or swapped out, of every mapping
 * whatever its rights, and the registers of all threads, while all of them
 * stand still. Root alone may look.
 */

#include <sys/types.h>

#include "tests/harness/needles.h"

#define IMAGE_OWNERS	16

struct image {
	size_t places;		/* Where something was found, and */
	size_t held;		/* where in locked pages: not counted above. */
	uint64_t seen;		/* Bytes looked at. */
	unsigned mappings;
	unsigned threads;	/* Whose registers were looked at. */
	unsigned hidden;	/* Mappings that even root cannot read. */
	struct image_owner {
		char name[96];	/* Of a mapping, or of registers. */
		const char * form;	/* Of the first find. */
		size_t places;
		size_t bytes;
	} owner[IMAGE_OWNERS];
	size_t owners;
};

/** image_allowed(): whether we may look; notes it if not. */
bool image_allowed(void);

/** image_rest(pid, threads): wait until so many of them wait for requests. */
bool image_rest(pid_t pid, unsigned threads);

/**
 * image_search(pid, n, out): look for ${n}. False if it could not be looked at
 * as a whole.
 */
bool image_search(pid_t pid, const struct needles * n, struct image * out);

/** image_note(i, what): the table's rows of it, as notes of the test. */
void image_note(const struct image * i, const char * what);

#endif /* !SR_TESTS_HARNESS_IMAGE_H */
