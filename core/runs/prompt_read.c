#include <string.h>

#include "core/log/log.h"
#include "core/runs/prompt_internal.h"
#include "core/runs/runs_internal.h"

struct reading {
	prompt_fn * fn;
	void * cookie;
	enum sr_error said;
	bool whole;		/* With the body. */
	bool found;
};

static enum sr_error
take_prompt(const struct db_row * row, void * cookie)
{
	struct reading * r = cookie;
	const uint8_t * sha256;
	size_t len;
	struct prompt_kept k = { .prompt = { .id = db_col_uuid(row, 0),
	    .run_id = db_col_uuid(row, 1), .created_at = db_col_time(row, 2),
	    .messages = (unsigned)db_col_int(row, 4),
	    .hits = { .known = (unsigned)db_col_int(row, 5),
	    .rules = (unsigned)db_col_int(row, 6) } } };

	sha256 = db_col_bytes(row, 3, &len);
	if (len != sizeof(k.prompt.sha256))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("table", "prompt_audit")));
	memcpy(k.prompt.sha256, sha256, len);
	k.counts = db_col_text(row, 7);
	k.body = r->whole ? db_col_text(row, 8) : NULL;
	r->found = true;
	return (r->said = r->fn(&k, r->cookie));
}

enum sr_error
prompt_list(struct db * db, const struct sr_id * run_id, sr_time before,
    unsigned limit, prompt_fn * fn, void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie, .said = SR_OK };
	enum sr_error err;

	/* The last time that MariaDB knows. */
	if (before == SR_TIME_NONE && !clock_parse("9999-12-31", &before))
		return (SR_E_INTERNAL_ERROR);
	err = db_query(db, STMT_PROMPT_LIST, DB_ARGS(DB_UUID(run_id),
	    DB_TIME(before), DB_INT(limit)), take_prompt, &r);
	return (r.said != SR_OK ? r.said : runs_error(err));
}

enum sr_error
prompt_show(struct db * db, const struct sr_id * run_id,
    const struct sr_id * id, prompt_fn * fn, void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie, .said = SR_OK,
	    .whole = true };
	enum sr_error err;

	err = db_query(db, STMT_PROMPT_BY_ID, DB_ARGS(DB_UUID(run_id),
	    DB_UUID(id)), take_prompt, &r);
	if (r.said != SR_OK)
		return (r.said);
	if (err != SR_OK)
		return (runs_error(err));
	return (r.found ? SR_OK : SR_E_PROMPT_NOT_FOUND);
}

/** prompt_purge(db, before, limit, gone): delete those that are older. */
enum sr_error
prompt_purge(struct db * db, sr_time before, unsigned limit, unsigned * gone)
{
	uint64_t done = 0;
	enum sr_error err;

	err = db_exec(db, STMT_PROMPT_PURGE, DB_ARGS(DB_TIME(before),
	    DB_INT(limit)), &done);
	*gone = (unsigned)done;
	return (runs_error(err));
}
