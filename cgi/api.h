#ifndef SR_CGI_API_H
#define SR_CGI_API_H

/* What the calls of the API have in common (api.def), and their documents. */

#include "cgi/doc.h"

enum answer {
#define ANSWER(id, name) ANSWER_##id,
#include "cgi/answer.def"
#undef ANSWER
	ANSWER__MAX
};

struct api_row {
	enum route_id route;
	const char * name;	/* "API_SECRET_LIST" */
	enum field_set query;
	int status;
	enum answer answer;
	const char * help;	/* The summary. */
};

/** api_row(i): row ${i}, or NULL past the last. Static storage. */
const struct api_row * api_row(size_t i);

/** api_query(route): the fields of the query of an unsafe call. */
enum field_set api_query(const struct route * route);

#define API_LIMIT	50	/* Entries of a page, unless asked otherwise. */
#define API_LIMIT_MAX	200

/* Which entries of a list were asked for. */
struct api_page {
	bool has_after;
	struct sr_id after;
	unsigned limit;
};

/**
 * api_limit(x, limit, out): how many entries at the most. Errors:
 * CURSOR_INVALID.
 */
SR_NODISCARD enum sr_error api_limit(struct exchange * x, enum field limit,
    unsigned * out);

/**
 * api_page(x, after, limit, out): read the two fields. Errors: CURSOR_INVALID.
 */
SR_NODISCARD enum sr_error api_page(struct exchange * x, enum field after,
    enum field limit, struct api_page * out);

/* A list while it is written: one row too many tells that more follow. */
struct api_list {
	struct doc doc;
	unsigned left;
	bool more;
	struct sr_id last;
};

/** api_list_new(l, x, limit): begin. Ask for ${limit} + 1 rows. */
void api_list_new(struct api_list * l, struct exchange * x, unsigned limit);

/** api_list_room(l, id): whether the row is to be written. */
bool api_list_room(struct api_list * l, const struct sr_id * id);

/** api_list_send(l, err): end with next, and answer. Errors: as doc_send. */
SR_NODISCARD enum sr_error api_list_send(struct api_list * l,
    enum sr_error err);

/** doc_secret(d, meta), doc_key(d, key, projects): members of the open one. */
void doc_secret(struct doc * d, const struct secret_meta * meta);
void doc_key(struct doc * d, const struct api_key * key,
    const char * projects);

/**
 * api_project(x, id): the project that the path begins with, if the visitor may
 * know of it. Errors: PROJECT_NOT_FOUND; guard_project's.
 */
SR_NODISCARD enum sr_error api_project(struct exchange * x,
    struct sr_id * id);

/**
 * api_run(x, r): the run that the path names, if the visitor may know of its
 * project. Errors: RUN_NOT_FOUND, RUN_UNAVAILABLE; guard_project's.
 */
struct run;
SR_NODISCARD enum sr_error api_run(struct exchange * x, struct run * r);

/**
 * api_run_beat(x, r): a program's call of a run that goes on is a sign of life;
 * ${r} as it is then. Errors: as run_beat, run_show.
 */
SR_NODISCARD enum sr_error api_run_beat(struct exchange * x, struct run * r);

/** api_lease_minutes(x): how long a sign of life lasts. */
unsigned api_lease_minutes(const struct exchange * x);

/**
 * api_located(x, path, id): where what was made is: at ${path}, a literal, and
 * its id. Errors: response_location's.
 */
SR_NODISCARD enum sr_error api_located(struct exchange * x,
    const char * path, const struct sr_id * id);

#endif /* !SR_CGI_API_H */
