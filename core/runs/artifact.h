#ifndef SR_CORE_RUNS_ARTIFACT_H
#define SR_CORE_RUNS_ARTIFACT_H

/*
 * Artifacts of a run: logs, diffs, reports. They stream up through the gate:
 * text as text, JSON as a tree, and a binary media type only where the project
 * allows it, scanned as bytes and refused when something is in it, because
 * what is masked is a broken file. What is stored is what passed; its size and
 * SHA-256 are what is told. Until artifact_end nobody sees it; one that is sent
 * again under its name takes the place of the former one then.
 */

#include "core/redact/redact.h"
#include "core/runs/run.h"

#define ARTIFACT_NAME_MAX	160	/* [A-Za-z0-9._/-], as a secret's name
					   and without . and .. as parts. */
#define ARTIFACT_MEDIA_MAX	100
#define ARTIFACT_CHUNK		((size_t)256 * 1024)	/* As it is stored. */

enum artifact_kind { ARTIFACT_LOG, ARTIFACT_DIFF, ARTIFACT_REPORT,
    ARTIFACT_FILE, ARTIFACT_KIND__MAX };

const char * artifact_kind_name(enum artifact_kind kind);
SR_NODISCARD bool artifact_kind_parse(const char * text,
    enum artifact_kind * out);

struct artifact {
	struct sr_id id;
	struct sr_id run_id;
	char name[ARTIFACT_NAME_MAX + 1];
	enum artifact_kind kind;
	char media_type[ARTIFACT_MEDIA_MAX + 1];
	uint64_t size;
	uint8_t sha256[32];
	unsigned known, rules;
	sr_time created_at;		/* When it was whole. */
	bool replaced;			/* Of artifact_end: one of that name
					   was there. */
};

struct artifact_limits {
	uint64_t each;		/* Bytes of one artifact. */
	uint64_t run;		/* Bytes of all of a run. */
};

struct artifact_write {
	struct sr_id run_id;
	const char * name;
	enum artifact_kind kind;
	const char * media_type;	/* NULL or "": text/plain, or
					   application/json by the name. */
	struct artifact_limits limits;
};

struct artifact_up;	/* One that is on its way up; for one thread. */

/**
 * artifact_begin(store, actor, write, complaint, out):
 * Errors: RUN_NOT_FOUND, RUN_NOT_STARTED, RUN_FINISHED; ARTIFACT_INVALID (name,
 * media type: complaint->field), ARTIFACT_MEDIA_TYPE_FORBIDDEN;
 * PLAINTEXT_SECRET_PERSISTENCE_BLOCKED (name); RUN_UNAVAILABLE. End with
 * artifact_drop in any case.
 */
SR_NODISCARD enum sr_error artifact_begin(const struct store * store,
    const struct actor * actor, const struct artifact_write * write,
    struct secret_complaint * complaint, struct artifact_up ** out);

/**
 * artifact_feed(up, bytes, len) / artifact_end(up, out):
 * Errors: ARTIFACT_TOO_LARGE, RUN_ARTIFACTS_TOO_LARGE; ARTIFACT_UNSAFE (binary,
 * or text in letters of two bytes, and something is in it); ARTIFACT_MALFORMED
 * (said to be JSON), ARTIFACT_JSON_TOO_LARGE; ARTIFACT_MEDIA_TYPE_FORBIDDEN (it
 * begins as something compressed); what the gate withholds is
 * CHANNEL_REDACTION_FAILED (run_alert.h); RUN_THROTTLED; RUN_FINISHED,
 * RUN_UNAVAILABLE, TRANSACTION_CONFLICT, COMMIT_OUTCOME_UNKNOWN. After an error
 * nothing of it is to be had, and each further call returns it.
 */
SR_NODISCARD enum sr_error artifact_feed(struct artifact_up * up,
    const char * bytes, size_t len);
SR_NODISCARD enum sr_error artifact_end(struct artifact_up * up,
    struct artifact * out);

/** artifact_drop(up): release; what was not ended is deleted; *up NULL. */
void artifact_drop(struct artifact_up ** up);

/**
 * artifact_show(db, run_id, name, out): Errors: ARTIFACT_NOT_FOUND,
 * RUN_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error artifact_show(struct db * db,
    const struct sr_id * run_id, const char * name, struct artifact * out);

/** artifact_by_id(db, run_id, id, out): as artifact_show, for cursors. */
SR_NODISCARD enum sr_error artifact_by_id(struct db * db,
    const struct sr_id * run_id, const struct sr_id * id,
    struct artifact * out);

typedef enum sr_error artifact_fn(const struct artifact * artifact,
    void * cookie);

/**
 * artifact_list(db, run_id, after, limit, fn, cookie): by name, those after
 * the name ${after} (NULL or "": from the first).
 */
SR_NODISCARD enum sr_error artifact_list(struct db * db,
    const struct sr_id * run_id, const char * after, unsigned limit,
    artifact_fn * fn, void * cookie);

typedef enum sr_error artifact_piece_fn(struct redacted * piece,
    void * cookie);

/**
 * artifact_read(store, artifact, fn, cookie):
 * Its bytes in pieces, in order, through the gate once more: what came to be
 * known since is masked too, and then the bytes differ from size and sha256. A
 * binary one that would be masked gives ARTIFACT_UNSAFE before its first piece.
 * ${fn} does not own its piece. Errors: ARTIFACT_NOT_FOUND (gone meanwhile),
 * CHANNEL_REDACTION_FAILED, RUN_UNAVAILABLE, and what ${fn} returns.
 * artifact_check: what can be found out before the first piece, and
 * artifact_send: what is left then; artifact_read is both.
 */
SR_NODISCARD enum sr_error artifact_check(const struct store * store,
    const struct artifact * artifact);
SR_NODISCARD enum sr_error artifact_send(const struct store * store,
    const struct artifact * artifact, artifact_piece_fn * fn, void * cookie);
SR_NODISCARD enum sr_error artifact_read(const struct store * store,
    const struct artifact * artifact, artifact_piece_fn * fn, void * cookie);

/**
 * artifact_purge(db, kind, before, limit, gone): delete those of ${kind} that
 * are older, and what was never ended and has not grown for a day.
 */
SR_NODISCARD enum sr_error artifact_purge(struct db * db,
    enum artifact_kind kind, sr_time before, unsigned limit, unsigned * gone);

#endif /* !SR_CORE_RUNS_ARTIFACT_H */
