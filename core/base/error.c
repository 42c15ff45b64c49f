#include <string.h>

#include "core/base/error.h"

/* Each row keeps the promises of struct sr_error_row, or does not compile. */
#define SR_ERR(id, name, status, code, title, detail, remedy)		\
	_Static_assert((status) >= 400 && (status) <= 599,		\
	    name ": an HTTP status of an error is 400..599");		\
	_Static_assert(((code) >= 64 && (code) <= 78) || (code) == 126 || \
	    (code) == 127, name ": 64..78 of sysexits.h, 126, 127");	\
	_Static_assert(sizeof(name) > 1, "a row has a name");		\
	_Static_assert(sizeof(title) > 1, name ": has a title");	\
	_Static_assert(sizeof(detail) > 1, name ": says what happened");\
	_Static_assert(sizeof(remedy) > 1, name ": says what to do");
#include "core/base/error.def"
#undef SR_ERR

static const struct sr_error_row rows[] = {
#define SR_ERR(id, name, status, code, title, detail, remedy)		\
	[SR_E_##id] = { name, title, detail, remedy, status, code },
#include "core/base/error.def"
#undef SR_ERR
};

/**
 * sr_error_row(error):
 * Return the catalogue row of ${error}, which must not be SR_OK or out of
 * range.
 */
const struct sr_error_row *
sr_error_row(enum sr_error error)
{

	must(error > SR_OK && error < SR_E__MAX);
	return (&rows[error]);
}

/**
 * sr_error_name(error):
 * Return the row's name, or "ok" for SR_OK.
 */
const char *
sr_error_name(enum sr_error error)
{

	return (error == SR_OK ? "ok" : sr_error_row(error)->name);
}

/**
 * sr_error_by_name(name):
 * Return the error called ${name}, or SR_OK if there is none.
 */
enum sr_error
sr_error_by_name(const char * name)
{
	size_t i;

	for (i = SR_OK + 1; i < COUNTOF(rows); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return ((enum sr_error)i);
	}
	return (SR_OK);
}
