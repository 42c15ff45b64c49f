#ifndef SR_CORE_REDACT_REDACT_H
#define SR_CORE_REDACT_REDACT_H

/*
 * The front door of redaction. Whatever leaves the system as text is a
 * struct redacted, and only this room makes one: by passing text through the
 * gate, or from typed tokens (literals, ids, numbers, times) that cannot hold
 * a secret. The room reads no configuration, clock or database.
 *
 * The gate knows secrets blindly: keyed fingerprints of forms in which a
 * stored value may leak (variant.h), never the value. What nobody stored is
 * caught by rules (rule.def). When the gate cannot vouch for text it fails
 * closed: the call returns the channel's typed error and no text.
 */

#include <sys/types.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/id.h"

struct redact;		/* The engine; one per process, thread-safe. */
struct redacted;	/* Bytes that passed; immutable; heap. */
struct redact_form;	/* variant.h */
struct secbuf;

enum redact_channel {
	REDACT_LOG,		/* fails as REDACTION_FAILED */
	REDACT_PUBSUB,		/* fails as CHANNEL_REDACTION_FAILED */
	REDACT_ARTIFACT,	/* fails as CHANNEL_REDACTION_FAILED */
	REDACT_PROMPT,		/* fails as PROMPT_REDACTION_FAILED */
	REDACT_UI,		/* fails as UI_REDACTION_FAILED */
	REDACT__MAX
};

enum redact_state {
	REDACT_LOCKED,	/* No fingerprint key: the live set is unknown. */
	REDACT_STALE,	/* Key, but the live set may have changed unseen. */
	REDACT_READY	/* Key and a current live set. */
};

/* Why text was withheld. Names are constants, fit for logs and pages. */
enum redact_cause {
	REDACT_CAUSE_NONE,
	REDACT_CAUSE_LOCKED,	/* "locked" */
	REDACT_CAUSE_STALE,	/* "stale" */
	REDACT_CAUSE_MEMORY,	/* "memory" */
	REDACT_CAUSE_LIMIT,	/* "limit": a text or what is held back */
	REDACT_CAUSE_ENGINE,	/* "engine": the pattern engine failed */
	REDACT_CAUSE__MAX
};

/* Of one text, and of what a stream is fed with at once. */
#define REDACT_TEXT_MAX	((size_t)64 * 1024 * 1024)

#define REDACT_SUPPRESSED	"[SENSITIVE CONTENT SUPPRESSED]"

/* What was found; counts only, never text. */
struct redact_hits {
	unsigned known;		/* Spans that are known secrets. */
	unsigned rules;		/* Spans that rules found. */
	unsigned unnamed;	/* Of known: secrets that the reader may not
				   know of (struct redact_reader). */
};

/*
 * Who will read the text. Masks name the secrets that are listed; every other
 * known secret is "secret", and its hits are counted as unnamed. NULL in the
 * place of a reader: one who may know all names.
 */
struct redact_reader {
	const struct sr_id * named;	/* Ids of secrets. */
	size_t n;
};

/* How often which rule masked something in some texts; for one thread. */
struct redact_tally;

/**
 * redact_new(out):
 * Make an engine in state REDACT_LOCKED with the rules compiled. Errors:
 * OUT_OF_MEMORY, INTERNAL_ERROR (rules do not compile). Caller frees.
 */
SR_NODISCARD enum sr_error redact_new(struct redact ** out);

/** redact_free(r): release; no thread may use it any more; *r becomes NULL. */
void redact_free(struct redact ** r);

/**
 * redact_unlock(r, key):
 * Take the 32-byte fingerprint key; the state becomes REDACT_STALE and the
 * live set empty, unless the key is the one it has already. ${key} stays the
 * caller's. Errors: OUT_OF_MEMORY, INTERNAL_ERROR (wrong length).
 */
SR_NODISCARD enum sr_error redact_unlock(struct redact * r,
    const struct secbuf * key);

/** redact_lock(r): forget key and live set; the state becomes REDACT_LOCKED. */
void redact_lock(struct redact * r);

/**
 * redact_mark(r, state):
 * The caller, who has the clock and the database, says whether the live set
 * is current (REDACT_READY) or not (REDACT_STALE). Ignored while locked.
 */
void redact_mark(struct redact * r, enum redact_state state);

/** redact_state(r): the state now. */
enum redact_state redact_state(const struct redact * r);

/** redact_cause_name(cause): constant name, e.g. "stale". */
const char * redact_cause_name(enum redact_cause cause);

/**
 * redact_known_put(r, secret_id, key_version, label, forms, n):
 * Replace the forms of that version by ${forms} (copied). ${label} is what
 * masks call it, "scope/name@version"; one that is longer than 200 bytes or
 * has other than letters, digits and . _ - / @ + becomes "secret". Errors:
 * OUT_OF_MEMORY, INTERNAL_ERROR (locked, or forms that variant.h does not
 * allow); on error the former forms are kept and the state becomes
 * REDACT_STALE.
 */
SR_NODISCARD enum sr_error redact_known_put(struct redact * r,
    const struct sr_id * secret_id, uint32_t key_version, const char * label,
    const struct redact_form * forms, size_t n);

/** redact_known_drop(r, secret_id): forget every version of that secret. */
void redact_known_drop(struct redact * r, const struct sr_id * secret_id);

/**
 * redact_known_from(r, secret_id, key_version):
 * Forget the versions of that secret before ${key_version}.
 */
void redact_known_from(struct redact * r, const struct sr_id * secret_id,
    uint32_t key_version);

/**
 * redact_generation(r): another number whenever the live set has changed, or is
 * about to: what passed under one may be looked at again under the next.
 */
uint64_t redact_generation(const struct redact * r);

/** redact_known_count(r): versions in the live set. */
size_t redact_known_count(struct redact * r);

/**
 * redact_text(r, channel, text, len, hits, out):
 * Pass ${text} (bytes, any encoding) through the gate: ${out} is a copy with
 * every known secret and every rule's span replaced by a mask
 * [REDACTED:<what>:<tag>]; caller frees. Line ends inside of what is masked
 * stay. ${hits} may be NULL.
 * Errors: the channel's error when the engine cannot vouch for the text;
 * *out is then NULL and redact_last_cause() of this thread says why.
 */
SR_NODISCARD enum sr_error redact_text(struct redact * r,
    enum redact_channel channel, const char * text, size_t len,
    struct redact_hits * hits, struct redacted ** out);

/**
 * redact_text_for(r, channel, reader, tally, text, len, hits, out):
 * redact_text for ${reader}; what rules mask is added to ${tally}. Each of the
 * two may be NULL.
 */
SR_NODISCARD enum sr_error redact_text_for(struct redact * r,
    enum redact_channel channel, const struct redact_reader * reader,
    struct redact_tally * tally, const char * text, size_t len,
    struct redact_hits * hits, struct redacted ** out);

/**
 * redact_rules_text(r, text, len, hits, out):
 * As redact_text with rules alone: for `strongroom redact`, whose input is
 * the user's own and whose known secrets are given with it. Works locked.
 * Errors: OUT_OF_MEMORY, LIMIT_EXCEEDED, INTERNAL_ERROR.
 */
SR_NODISCARD enum sr_error redact_rules_text(struct redact * r,
    const char * text, size_t len, struct redact_hits * hits,
    struct redacted ** out);

/*
 * A text that comes in pieces, such as the output of a command. Any cut into
 * pieces gives the same bytes as redact_text of the whole. What is certain
 * leaves at once; held back is what may be, or be part of, the begin of
 * something. No timers. A stream is for one thread at a time; the live set
 * may change meanwhile, and then what was held back is looked at again.
 */
struct redact_stream;

/* More than this is never held back: the stream fails (limit). */
#define REDACT_HELD_MAX	((size_t)4 * 1024 * 1024)

struct redact_stream_options {
	bool rules_only;	/* As redact_rules_text; works locked. */
	bool untagged;		/* Masks without tags: of a key that ends. */
	const struct redact_reader * reader;	/* These two outlive the */
	struct redact_tally * tally;		/* stream, or are NULL. */
};

/**
 * redact_open(r, channel, options, out):
 * ${options} may be NULL. ${r} must outlive the stream. Errors: OUT_OF_MEMORY.
 * Whether the engine is ready shows at the first piece.
 */
SR_NODISCARD enum sr_error redact_open(struct redact * r,
    enum redact_channel channel, const struct redact_stream_options * options,
    struct redact_stream ** out);

/**
 * redact_feed(s, bytes, len, out) / redact_finish(s, out):
 * The next piece, or the end: ${out} is what can leave now, which may be
 * empty; caller frees. Errors: the channel's error, when the engine cannot
 * vouch (any more) for the text: *out is NULL, what was held back is wiped, and
 * the stream gives that error and nothing else from then on. A stream whose
 * live set goes stale has failed; the caller brings the live set up to date
 * before it feeds, and opens a new stream for what the source says next.
 */
SR_NODISCARD enum sr_error redact_feed(struct redact_stream * s,
    const char * bytes, size_t len, struct redacted ** out);
SR_NODISCARD enum sr_error redact_finish(struct redact_stream * s,
    struct redacted ** out);

/**
 * redact_flush(s, typed, n, out):
 * A pause, where somebody looks at the text: ${out} is what can be seen of what
 * is held back, so that prompts and echo work. At most seven bytes of a secret
 * are seen that way, however many pauses there are: its mask follows them. Of a
 * known form of 31 bytes or more that has a blank among its first fifteen bytes
 * it may be fifteen, since nothing is known of its shorter begin; also of one
 * whose begin is the end of ${typed}, the ${n} bytes that were typed last by
 * whoever looks (their echo; may be NULL). Streams that are kept are not
 * flushed, nor suspended after. Errors: as redact_feed.
 */
SR_NODISCARD enum sr_error redact_flush(struct redact_stream * s,
    const char * typed, size_t n, struct redacted ** out);

/**
 * redact_settled(s): how many bytes of the input are decided; no secret that
 * is known or found lies across the end of them, unless it is longer than a
 * MiB.
 */
uint64_t redact_settled(const struct redact_stream * s);

/**
 * redact_suspend(s, state):
 * What another process needs to go on where ${s} stands (redact_resume): it
 * holds the bytes that are held back and what is in front of them, so it is
 * plaintext, and whoever keeps it seals it. *state is NULL for a stream that
 * was not fed with anything yet. ${s} is to be freed after. Errors: the
 * channel's, when the stream has failed or holds more than a secbuf does
 * (limit); OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error redact_suspend(struct redact_stream * s,
    struct secbuf ** state);

/**
 * redact_resume(r, channel, options, state, out):
 * As redact_open, for a stream that goes on: what comes out of both together is
 * what one stream would have given. ${state} may be NULL: it begins. Errors:
 * OUT_OF_MEMORY, INTERNAL_ERROR (not what redact_suspend made).
 */
SR_NODISCARD enum sr_error redact_resume(struct redact * r,
    enum redact_channel channel, const struct redact_stream_options * options,
    const struct secbuf * state, struct redact_stream ** out);

/** redact_stream_hits(s): what was masked so far. */
struct redact_hits redact_stream_hits(const struct redact_stream * s);

/** redact_stream_free(s): wipe and release; *s becomes NULL, and may be. */
void redact_stream_free(struct redact_stream ** s);

#define REDACT_JSON_DEPTH_MAX	((size_t)256)

struct redact_json_limits {
	size_t bytes;		/* Of the text. */
	size_t depth;		/* Of arrays and objects in each other. */
	size_t values;		/* Of all kinds. */
};

/**
 * redact_json(r, channel, text, len, limits, hits, out):
 * A JSON text (RFC 8259) as a tree: the value of a key whose name says secret
 * (keyname_internal.h) is masked whole, whatever its type, unless it is null,
 * empty, a mask or a placeholder such as ${VAR}; so is value beside a name
 * that says so ({"name": "DB_PASSWORD", "value": "..."}). Strings and keys
 * pass the gate by what they say, not by how they are escaped, and numbers
 * that are known values become masks. All else stays byte for byte: order,
 * blanks, escapes, the digits of numbers of any size, keys given twice (each is
 * looked at). What is masked becomes a string; the text stays valid JSON.
 * ${limits} NULL: REDACT_TEXT_MAX, 64 deep, a million values; never deeper
 * than REDACT_JSON_DEPTH_MAX. ${hits} may be NULL.
 * Errors: INPUT_MALFORMED (no JSON, or not in UTF-8; redact_last_cause() is
 * NONE); the channel's as redact_text, also for a limit, and when a known value
 * lies across several values of the tree (cause NONE).
 */
SR_NODISCARD enum sr_error redact_json(struct redact * r,
    enum redact_channel channel, const char * text, size_t len,
    const struct redact_json_limits * limits, struct redact_hits * hits,
    struct redacted ** out);

/**
 * redact_json_for(r, channel, reader, tally, text, len, limits, hits, out):
 * redact_json as redact_text_for is redact_text.
 */
SR_NODISCARD enum sr_error redact_json_for(struct redact * r,
    enum redact_channel channel, const struct redact_reader * reader,
    struct redact_tally * tally, const char * text, size_t len,
    const struct redact_json_limits * limits, struct redact_hits * hits,
    struct redacted ** out);

/** redact_tally_new(out): all zero. Errors: OUT_OF_MEMORY. Caller frees. */
SR_NODISCARD enum sr_error redact_tally_new(struct redact_tally ** out);

/** redact_tally_get(t, i, name, n): as redact_rule_count. */
bool redact_tally_get(const struct redact_tally * t, unsigned i,
    const char ** name, unsigned * n);

/** redact_tally_free(t): release; *t becomes NULL; *t may be NULL. */
void redact_tally_free(struct redact_tally ** t);

/**
 * redact_scan(r, channel, text, len, hits):
 * Count what redact_text would mask and change nothing: for policy. While
 * not REDACT_READY the rules alone look, and the channel's error is returned
 * with hits->rules filled in.
 */
SR_NODISCARD enum sr_error redact_scan(struct redact * r,
    enum redact_channel channel, const char * text, size_t len,
    struct redact_hits * hits);

/**
 * redact_rendered(r, bytes, len, hits, out):
 * The scan after rendering: if no known secret and no rule's span is in
 * ${bytes}, ${out} is a redacted copy of them; else UI_REDACTION_FAILED,
 * hits filled in, and nothing. When the engine is not ready, its rules alone
 * vouch: the page's model holds no free text then (the gate withheld it).
 */
SR_NODISCARD enum sr_error redact_rendered(struct redact * r,
    const char * bytes, size_t len, struct redact_hits * hits,
    struct redacted ** out);

/**
 * redact_last_cause():
 * Why the last call of this thread failed; REDACT_CAUSE_NONE if it did not,
 * or if redact_rendered failed because it found something.
 */
enum redact_cause redact_last_cause(void);

/* What the gate did on a channel since the engine was made. */
struct redact_counts {
	uint64_t passed;	/* Texts that passed. */
	uint64_t known;		/* Known secrets masked in them. */
	uint64_t rules;		/* What rules masked in them. */
	uint64_t hit;		/* Pages and lines held back for one. */
	uint64_t withheld[REDACT_CAUSE__MAX];
};

/** redact_counts(r, channel, counts): for metrics and alerts. */
void redact_counts(struct redact * r, enum redact_channel channel,
    struct redact_counts * counts);

/**
 * redact_rule_count(r, channel, i, name, n):
 * What rule ${i} has masked on ${channel}; false past the last rule. Several
 * rows may have one name.
 */
bool redact_rule_count(struct redact * r, enum redact_channel channel,
    unsigned i, const char ** name, uint64_t * n);

/**
 * redact_selftest(r):
 * Run canaries through the engine: made-up secrets in every form and a token
 * per rule must be masked, a decoy must not. A private live set is used.
 * Errors: INTERNAL_ERROR.
 */
SR_NODISCARD enum sr_error redact_selftest(struct redact * r);

/** redacted_bytes / redacted_len: what passed; valid as long as it lives. */
const char * redacted_bytes(const struct redacted * t);
size_t redacted_len(const struct redacted * t);

/** redacted_free(t): release; *t becomes NULL; *t may be NULL. */
void redacted_free(struct redacted ** t);

/**
 * redacted_write_lit(fd, s):
 * As redacted_write, a string literal: for when there is no memory for more.
 */
#define redacted_write_lit(fd, s)					\
	redacted_write_constant((fd), SR_LITERAL(s))
SR_NODISCARD enum sr_error redacted_write_constant(int fd, const char * text);

/** redacted_write(fd, t): write(2) all of it. Errors: OUTPUT_FAILED. */
SR_NODISCARD enum sr_error redacted_write(int fd, const struct redacted * t);

/** redacted_write_some(fd, t, at, most): one write(2) from ${at} on. */
SR_NODISCARD ssize_t redacted_write_some(int fd, const struct redacted * t,
    size_t at, size_t most);

#endif /* !SR_CORE_REDACT_REDACT_H */
