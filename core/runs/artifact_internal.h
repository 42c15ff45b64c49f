#ifndef SR_CORE_RUNS_ARTIFACT_INTERNAL_H
#define SR_CORE_RUNS_ARTIFACT_INTERNAL_H

/* What the files of artifacts share. */

#include "core/base/strbuf.h"
#include "core/keys/mac.h"
#include "core/runs/artifact.h"
#include "core/runs/run_alert.h"
#include "core/runs/runs_internal.h"

/* How its bytes pass the gate. */
enum artifact_form { ARTIFACT_TEXT, ARTIFACT_JSON, ARTIFACT_BINARY };

/* JSON is held in memory as a whole; so much of it is taken. Masks may make it
 * longer than that. */
#define ARTIFACT_JSON_MAX	((size_t)8 * 1024 * 1024)

/* Of one piece that is fed or read; what is larger is cut. */
#define ARTIFACT_PIECE		((size_t)256 * 1024)

/* How long the live set is taken to be as it was while an artifact passes. */
#define ARTIFACT_KNOW_MS	1000

/** artifact_form_of(media_type): by its name alone. */
enum artifact_form artifact_form_of(const char * media_type);

/** artifact_media_good(type): whether it is type/subtype, without more. */
SR_NODISCARD bool artifact_media_good(const char * type);

/**
 * artifact_compressed(bytes, len): whether they begin as what is compressed or
 * an archive does, in which nothing can be found.
 */
SR_NODISCARD bool artifact_compressed(const char * bytes, size_t len);

/* Letters of two bytes, which a look at bytes would not find; see the .c. */
struct artifact_wide;

SR_NODISCARD enum sr_error artifact_wide_open(struct redact * r,
    struct artifact_wide ** out);
/* Errors: ARTIFACT_UNSAFE; CHANNEL_REDACTION_FAILED. */
SR_NODISCARD enum sr_error artifact_wide_feed(struct artifact_wide * w,
    const char * bytes, size_t len);
SR_NODISCARD enum sr_error artifact_wide_finish(struct artifact_wide * w);
void artifact_wide_close(struct artifact_wide ** w);

/* An artifact's bytes on their way through the gate. */
struct artifact_pass {
	const struct store * store;
	enum artifact_form form;
	artifact_piece_fn * fn;		/* Takes what passed. */
	void * cookie;
	struct run_reader reader;
	struct redact_stream * stream;
	struct artifact_wide * wide;
	struct strbuf json;		/* All of it, until the end. */
	struct redact_hits hits;
	int64_t known_at;		/* When the live set was looked at. */
};

/**
 * pass_open(p, store, project_id, form, fn, cookie): end with pass_close in any
 * case. Errors: RUN_UNAVAILABLE, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error pass_open(struct artifact_pass * p,
    const struct store * store, const struct sr_id * project_id,
    enum artifact_form form, artifact_piece_fn * fn, void * cookie);

/**
 * pass_feed(p, bytes, len) / pass_finish(p): Errors: CHANNEL_REDACTION_FAILED,
 * ARTIFACT_UNSAFE, ARTIFACT_MALFORMED, ARTIFACT_JSON_TOO_LARGE; RUN_UNAVAILABLE
 * (the live set); what ${fn} returns.
 */
SR_NODISCARD enum sr_error pass_feed(struct artifact_pass * p,
    const char * bytes, size_t len);
SR_NODISCARD enum sr_error pass_finish(struct artifact_pass * p);
void pass_close(struct artifact_pass * p);

/**
 * artifact_chunks(db, id, fn, cookie): its stored chunks in order. ${fn} may
 * use ${db}. Errors: RUN_UNAVAILABLE, OUT_OF_MEMORY, what ${fn} returns.
 */
typedef enum sr_error artifact_chunk_fn(const char * bytes, size_t len,
    void * cookie);
SR_NODISCARD enum sr_error artifact_chunks(struct db * db,
    const struct sr_id * id, artifact_chunk_fn * fn, void * cookie);

/** artifact_row(row, out): of ARTIFACT_TYPES. Errors: SCHEMA_MISMATCH. */
SR_NODISCARD enum sr_error artifact_row(const struct db_row * row,
    struct artifact * out);

/** artifact_remove(db, id, stmt): and what it counted for; in a transaction. */
SR_NODISCARD enum sr_error artifact_remove(struct db * db,
    const struct sr_id * id, enum stmt stmt);

/* What one counts for besides its bytes. */
#define ARTIFACT_OVERHEAD	4096

/* One on its way up. */
struct artifact_up {
	const struct store * store;
	const struct actor * actor;
	struct run run;
	struct artifact artifact;
	struct artifact_limits limits;
	enum artifact_form form;
	bool binary_allowed;
	char head[8];			/* First bytes, to tell what it is. */
	size_t head_len;
	struct artifact_pass pass;
	bool passing;
	uint64_t came;			/* Bytes so far, as they came. */
	uint64_t generation;		/* Of the live set at the begin. */
	struct strbuf chunk;		/* Passed, and not yet stored. */
	uint32_t chunks;		/* Stored. */
	struct digest * digest;
	struct redact_hits before;	/* Of the passes before this one. */
	enum sr_error failed;		/* What it came to; then no more. */
	bool written;			/* It has a row. */
	bool ended;
};

/** up_store(up): make its row. up_pass(up): begin a pass into new chunks. */
SR_NODISCARD enum sr_error up_store(struct artifact_up * up);
SR_NODISCARD enum sr_error up_pass(struct artifact_up * up);

/** up_flush(up, last): store whole chunks of what has passed, at last all. */
SR_NODISCARD enum sr_error up_flush(struct artifact_up * up, bool last);

/** up_publish(up): after the last chunk; see artifact_publish.c. */
SR_NODISCARD enum sr_error up_publish(struct artifact_up * up);

/** up_remove(up): delete its row, if it is there; what fails is left to the
 * purge. */
void up_remove(struct artifact_up * up);

#endif /* !SR_CORE_RUNS_ARTIFACT_INTERNAL_H */
