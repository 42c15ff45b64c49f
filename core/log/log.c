#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "core/log/log.h"
#include "core/redact/compose.h"

/* A line; what is longer is reduced to its constant and typed parts. */
#define LINE_MAX_LEN	((size_t)256 * 1024)

/* What is kept of one text of a line. */
#define TEXT_MAX_LEN	((size_t)8 * 1024)

/* A secret was found in the line as a whole; no cause of the gate's own. */
#define CAUSE_HIT	((unsigned)REDACT_CAUSE__MAX)

static const struct {
	enum log_level level;
	const char * name;
} events[LOG_EVENT__MAX] = {
#define LOG_EVENT(id, level, name) [LOG_##id] = { level, name },
#include "core/log/log.def"
#undef LOG_EVENT
};

static const char * const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_NOTICE] = "notice",
	[LOG_WARNING] = "warning",
	[LOG_ERR] = "error",
	[LOG_ALERT] = "alert",
};

/* Until log_open, lines without text go to standard error. */
static struct redact * _Atomic out_gate;
static atomic_int out_fd = STDERR_FILENO;
static atomic_int least_level = LOG_INFO;

static _Thread_local struct sr_id correlation;
static _Thread_local bool has_correlation;

/** log_open(r, fd): lines go to ${fd} through ${r}'s gate. */
void
log_open(struct redact * r, int fd)
{

	atomic_store(&out_gate, r);
	atomic_store(&out_fd, fd);
}

/** log_set_level(level): drop lines below it. */
void
log_set_level(enum log_level level)
{

	atomic_store(&least_level, (int)level);
}

/** log_correlation(id): this thread's lines carry ${id}; NULL: none. */
void
log_correlation(const struct sr_id * id)
{

	has_correlation = id != NULL;
	if (id != NULL)
		correlation = *id;
}

/** log_event_name(event): its constant name. */
const char *
log_event_name(enum log_event event)
{

	must(event < LOG_EVENT__MAX);
	return (events[event].name);
}

/* A value of the kinds that need no gate. */
static void
add_typed(struct compose * c, const struct log_field * f)
{

	switch (f->kind) {
	case LOGF_ID:
		compose_lit(c, "\"");
		compose_id(c, &f->id);
		compose_lit(c, "\"");
		break;
	case LOGF_U64:
		compose_u64(c, f->u64);
		break;
	case LOGF_I64:
		compose_i64(c, f->i64);
		break;
	case LOGF_ERROR:
		compose_lit(c, "\"");
		compose_constant(c, sr_error_name((enum sr_error)f->i64));
		compose_lit(c, "\"");
		break;
	case LOGF_CONST:
		compose_lit(c, "\"");
		compose_constant(c, f->text);
		compose_lit(c, "\"");
		break;
	case LOGF_HEX:
		compose_lit(c, "\"");
		compose_hex(c, f->bytes, (size_t)f->u64);
		compose_lit(c, "\"");
		break;
	case LOGF_TIME:
		compose_lit(c, "\"");
		compose_time(c, f->i64);
		compose_lit(c, "\"");
		break;
	case LOGF_END:
	case LOGF_NAME:
	case LOGF_TEXT:
		must(false);
	}
}

static bool
is_typed(enum log_kind kind)
{

	return (kind != LOGF_NAME && kind != LOGF_TEXT);
}

static void
add_field(struct compose * c, const struct log_field * f, bool reduced)
{

	if (reduced && !is_typed(f->kind))
		return;
	compose_lit(c, ",\"");
	compose_constant(c, f->key);
	compose_lit(c, "\":");
	if (f->text == NULL && (f->kind == LOGF_CONST || !is_typed(f->kind))) {
		compose_lit(c, "null");
	} else if (f->kind == LOGF_NAME) {
		compose_lit(c, "\"");
		compose_name(c, f->text);
		compose_lit(c, "\"");
	} else if (f->kind == LOGF_TEXT) {
		compose_lit(c, "\"");
		compose_json_text_most(c, f->text, strlen(f->text),
		    TEXT_MAX_LEN);
		compose_lit(c, "\"");
	} else {
		add_typed(c, f);
	}
}

static const char *
level_name(enum log_level level)
{

	return (level_names[level]);
}

static const char *
cause_name(unsigned cause)
{

	return (cause == CAUSE_HIT ? "hit" :
	    redact_cause_name((enum redact_cause)cause));
}

static void
add_head(struct compose * c, enum log_event event)
{

	compose_lit(c, "{\"time\":\"");
	compose_time(c, clock_now());
	compose_lit(c, "\",\"level\":\"");
	compose_constant(c, level_name(events[event].level));
	compose_lit(c, "\",\"event\":\"");
	compose_constant(c, log_event_name(event));
	compose_lit(c, "\"");
	if (has_correlation) {
		compose_lit(c, ",\"correlation_id\":\"");
		compose_id(c, &correlation);
		compose_lit(c, "\"");
	}
}

/* When memory is too short for any other line. */
static void
write_last_resort(void)
{

	/* There is nobody to tell when this fails. */
	if (redacted_write_lit(atomic_load(&out_fd), "{\"level\":\"alert\","
	    "\"event\":\"redaction_failed\","
	    "\"cause\":\"line_not_composed\"}\n") != SR_OK)
		return;
}

static void
write_line(struct redacted ** line)
{

	/* Where lines cannot be written, it cannot be logged. */
	if (redacted_write(atomic_load(&out_fd), *line) != SR_OK)
		write_last_resort();
	redacted_free(line);
}

/*
 * Compose and write the line, without names and text if ${reduced}. Return
 * whether it was written; ${cause} is NONE if all of it was, else why its
 * text was withheld, or why nothing was written.
 */
static bool
try_line(struct redact * r, enum log_event event,
    const struct log_field * fields, bool reduced, unsigned * cause)
{
	struct compose * c;
	struct redacted * line;
	struct redact_hits hits;
	unsigned withheld;
	enum sr_error err;

	*cause = REDACT_CAUSE_MEMORY;
	if (compose_new(r, REDACT_LOG, LINE_MAX_LEN, &c) != SR_OK)
		return (false);
	add_head(c, event);
	for (; fields->kind != LOGF_END; fields++)
		add_field(c, fields, reduced);
	compose_lit(c, "}\n");
	withheld = compose_withheld(c);
	err = compose_finish_scanned(&c, &hits, &line);
	if (err == SR_E_LIMIT_EXCEEDED)
		*cause = REDACT_CAUSE_LIMIT;
	else if (err == SR_E_REDACTION_FAILED)
		*cause = hits.known != 0 || hits.rules != 0 ? CAUSE_HIT :
		    (unsigned)redact_last_cause();
	if (err != SR_OK)
		return (false);
	*cause = withheld;
	write_line(&line);
	return (true);
}

/* Of constants alone: no gate is asked, since it may be what failed. */
static void
write_alert(enum log_event event, unsigned cause)
{
	struct compose * c;
	struct redacted * line;

	if (compose_new(NULL, REDACT_LOG, LINE_MAX_LEN, &c) != SR_OK) {
		write_last_resort();
		return;
	}
	add_head(c, LOG_REDACTION_FAILED);
	compose_lit(c, ",\"of\":\"");
	compose_constant(c, log_event_name(event));
	compose_lit(c, "\",\"cause\":\"");
	compose_constant(c, cause_name(cause));
	compose_lit(c, "\"}\n");
	if (compose_finish(&c, &line) != SR_OK) {
		write_last_resort();
		return;
	}
	write_line(&line);
}

/*
 * The line with its event, ids, numbers and constants alone. A gate that does
 * not work is not needed for these; one that works and finds a secret even
 * among them has the last word: then the alert must do.
 */
static void
write_reduced(struct redact * r, enum log_event event,
    const struct log_field * fields)
{
	unsigned cause;

	if (!try_line(r, event, fields, true, &cause) && cause != CAUSE_HIT)
		(void)try_line(NULL, event, fields, true, &cause);
}

/** log_write(event, fields): write a line. */
void
log_write(enum log_event event, const struct log_field * fields)
{
	struct redact * r = atomic_load(&out_gate);
	unsigned cause;

	must(event < LOG_EVENT__MAX);
	if ((int)events[event].level < atomic_load(&least_level))
		return;
	if (!try_line(r, event, fields, false, &cause))
		write_reduced(r, event, fields);
	if (cause != REDACT_CAUSE_NONE)
		write_alert(event, cause);
}
