#ifndef SR_CGI_EXCHANGE_H
#define SR_CGI_EXCHANGE_H

/*
 * One request and its answer, on their way: request → route → store →
 * guard → form → handler → response. exchange_run is that way, once.
 */

#include "cgi/form.h"
#include "cgi/guard.h"
#include "cgi/request.h"
#include "cgi/response.h"
#include "cgi/route.h"
#include "cgi/worker.h"
#include "core/runs/run.h"
#include "core/store/store.h"
#include "core/vault/rotation.h"
#include "core/vault/secret.h"

struct exchange {
	struct worker * worker;
	struct store store;		/* This thread's connection in it. */
	struct sr_id correlation_id;
	struct request request;
	const struct route * route;	/* NULL until found. */
	struct route_param param;
	struct form * form;
	struct form * query;		/* Of an unsafe call; else NULL. */
	const struct source * source;	/* Of FIELDS_API_RAW and _WHOLE: its
					   body is the handler's to read. */
	struct form_complaint member;	/* What x->complaint may point to. */
	struct visitor visitor;
	struct actor actor;
	int64_t looked_ms;		/* When the visitor was looked for. */
	enum sr_error store_error;	/* Why STORE_WANTED has none. */
	struct secret_complaint complaint;	/* For problem documents: */
	const struct provider * provider;	/* the one it is about, NULL; */
	struct rotation rotation;	/* its report, if it has a provider. */
	struct run about;		/* What the page is about, if its id
					   is not nil. */
	bool has_next_chunk;		/* The one that a stream awaits. */
	uint64_t next_chunk;
	struct response response;
};

/**
 * exchange_run(worker, db, source, sink):
 * Answer the request of ${source} into ${sink}. ${db} is this thread's
 * connection. Never fails: what goes wrong is answered and logged.
 */
void exchange_run(struct worker * worker, struct db * db,
    const struct source * source, const struct sink * sink);

#endif /* !SR_CGI_EXCHANGE_H */
