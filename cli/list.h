#ifndef SR_CLI_LIST_H
#define SR_CLI_LIST_H

/*
 * Lists on standard output: a line each, or with --json one array. They leave
 * page by page, so a list may be longer than what fits into one output.
 */

#include "core/base/error.h"
#include "core/base/id.h"

struct cli;

#define LIST_PAGE	200

struct list {
	struct cli * cli;
	/* Writes up to LIST_PAGE rows, list_row() before each. */
	enum sr_error (*page)(struct list * l);
	void * cookie;		/* The command's own. */
	struct sr_id last;	/* The row after which ${page} goes on … */
	unsigned rows;		/* … and how many this page has so far. */
	bool begun;		/* A row was written. */
};

/** list_after(l): &l->last, or NULL before the first row. */
const struct sr_id * list_after(const struct list * l);

/** list_row(l): a row follows: what stands between it and the one before. */
void list_row(struct list * l);

/**
 * list_print(l):
 * All pages, and with --json the brackets around them. What stands above the
 * rows otherwise was written by the caller. Errors: those of ${page}, and of
 * the gate and the output.
 */
SR_NODISCARD enum sr_error list_print(struct list * l);

#endif /* !SR_CLI_LIST_H */
