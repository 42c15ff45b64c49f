#ifndef SR_CORE_BASE_ERROR_H
#define SR_CORE_BASE_ERROR_H

/*
 * The error catalogue. Every failure a user, an operator or a program can
 * see is one row of error.def; it travels as enum sr_error from where it is
 * detected (and logged, once) to the edge, where it becomes a page, a problem
 * document (RFC 9457) or an exit code (sysexits.h), all from the same row.
 */

#include "core/base/base.h"

enum sr_error {
	SR_OK = 0,
#define SR_ERR(id, name, status, code, title, detail, remedy) SR_E_##id,
#include "core/base/error.def"
#undef SR_ERR
	SR_E__MAX
};

struct sr_error_row {
	const char * name;	/* "secret_not_found"; the URI's end. */
	const char * title;	/* A few words. */
	const char * detail;	/* What happened, one or two sentences. */
	const char * remedy;	/* What to do about it. Never empty. */
	int status;		/* HTTP status, 400..599. */
	int exit_code;		/* sysexits.h value, 64..78; 126 and 127
				   as a shell says them. */
};

/**
 * sr_error_row(error):
 * Return the catalogue row of ${error}, which must not be SR_OK or out of
 * range. Static storage; reentrant.
 */
const struct sr_error_row * sr_error_row(enum sr_error error);

/**
 * sr_error_name(error):
 * Return the row's name, or "ok" for SR_OK. Static storage; reentrant.
 */
const char * sr_error_name(enum sr_error error);

/**
 * sr_error_by_name(name):
 * Return the error called ${name} (NUL-terminated), or SR_OK if there is none.
 */
enum sr_error sr_error_by_name(const char * name);

#endif /* !SR_CORE_BASE_ERROR_H */
