#ifndef SR_CORE_LOG_LOG_H
#define SR_CORE_LOG_LOG_H

/*
 * Structured logging: one JSON object a line with time, level, event (a
 * constant of log.def), correlation_id and typed fields. The line is composed
 * from typed tokens and gated text and passes the gate as a whole before it is
 * written. If the gate cannot vouch for a text, the line keeps its constant
 * and typed parts, and an alert line redaction_failed follows.
 * One writer per process; thread-safe; a line is one write(2).
 */

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/id.h"

struct redact;

enum log_level { LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_WARNING, LOG_ERR,
    LOG_ALERT };

enum log_event {
#define LOG_EVENT(id, level, name) LOG_##id,
#include "core/log/log.def"
#undef LOG_EVENT
	LOG_EVENT__MAX
};

enum log_kind { LOGF_END, LOGF_ID, LOGF_U64, LOGF_I64, LOGF_ERROR, LOGF_CONST,
    LOGF_HEX, LOGF_TIME, LOGF_NAME, LOGF_TEXT };

struct log_field {
	enum log_kind kind;
	const char * key;	/* A literal. */
	const char * text;
	const uint8_t * bytes;
	struct sr_id id;
	int64_t i64;
	uint64_t u64;
};

/* Constructors of fields; ${k} must be a string literal. */
#define log_field_(k, ...)						\
	((struct log_field){ .key = SR_LITERAL(k), __VA_ARGS__ })
#define log_id(k, v)	log_field_(k, .kind = LOGF_ID, .id = (v))
#define log_u64(k, v)	log_field_(k, .kind = LOGF_U64, .u64 = (v))
#define log_i64(k, v)	log_field_(k, .kind = LOGF_I64, .i64 = (v))
#define log_error(e)							\
	log_field_("error", .kind = LOGF_ERROR, .i64 = (int64_t)(e))
#define log_const(k, v)	log_field_(k, .kind = LOGF_CONST, .text = (v))
#define log_hex(k, p, n)						\
	log_field_(k, .kind = LOGF_HEX, .bytes = (p), .u64 = (n))
#define log_time(k, v)	log_field_(k, .kind = LOGF_TIME, .i64 = (v))
#define log_name(k, v)	log_field_(k, .kind = LOGF_NAME, .text = (v))
#define log_text(k, v)	log_field_(k, .kind = LOGF_TEXT, .text = (v))

/**
 * log_open(r, fd):
 * From now on lines go to ${fd} through ${r}'s gate. ${r} may be NULL: then no
 * text passes, only constants and typed fields. Both must outlive log_close.
 * Call before threads are started, again to change it.
 */
void log_open(struct redact * r, int fd);

/** log_set_level(level): drop lines below it. Default LOG_INFO. */
void log_set_level(enum log_level level);

/** log_correlation(id): this thread's lines carry ${id}; NULL: none. */
void log_correlation(const struct sr_id * id);

/** LOG(event, fields…): LOG(SECRET_STORED, log_id("secret_id", id)); */
#define LOG(event, ...)							\
	log_write(LOG_##event, (const struct log_field[]){		\
	    __VA_ARGS__, { .kind = LOGF_END } })
#define LOG0(event)							\
	log_write(LOG_##event, (const struct log_field[]){		\
	    { .kind = LOGF_END } })

/** log_write(event, fields): as LOG; ${fields} ends with LOGF_END. */
void log_write(enum log_event event, const struct log_field * fields);

/**
 * sr_fail(error, fields…):
 * Log `failure` with the error's name and the function's once, where it is
 * detected, and return it, to be passed up untouched.
 */
#define sr_fail(error, ...)						\
	(LOG(FAILURE, log_error(error), log_const("where", __func__),	\
	    __VA_ARGS__), (error))

/** log_event_name(event): its constant name. */
const char * log_event_name(enum log_event event);

#endif /* !SR_CORE_LOG_LOG_H */
