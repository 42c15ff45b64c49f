#include <stdio.h>
#include <string.h>

#include "core/audit/query.h"
#include "core/audit/read_internal.h"
#include "core/base/strbuf.h"
#include "core/log/log.h"
#include "core/redact/redact.h"
#include "core/store/keystore.h"

/* What DATETIME(6) holds. */
#define TIME_FIRST	(-30610224000 * SR_SECOND)	/* 1000-01-01 */
#define TIME_LAST	(253402300800 * SR_SECOND - 1)	/* 9999-12-31 */

#define NAME_CHARS	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"			\
    "abcdefghijklmnopqrstuvwxyz0123456789._-/"

static const char * const outcomes[] = { "succeeded", "failed", "blocked" };
static const char * const scopes[] = { "instance", "project", "integration" };

static bool
asked(const char * text)
{

	return (text != NULL && text[0] != '\0');
}

/* Copy what is one of ${words}. */
static bool
take_word(const char * text, size_t len, const char * const * words, size_t n,
    char * out, size_t size)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strlen(words[i]) == len &&
		    strncmp(words[i], text, len) == 0) {
			(void)snprintf(out, size, "%s", words[i]);
			return (true);
		}
	}
	return (false);
}

static bool
take_action(const char * text, char * out, size_t size)
{
	int i;

	for (i = 0; i < AUDIT__MAX; i++) {
		if (strcmp(text, audit_action_name((enum audit_action)i)) == 0)
			return (snprintf(out, size, "%s", text) < (int)size);
	}
	return (false);
}

static bool
take_time(const char * text, sr_time * t)
{

	return (clock_parse(text, t) && *t >= TIME_FIRST && *t <= TIME_LAST);
}

static bool
take_actor(const char * text, char * out, size_t size)
{
	size_t len = strlen(text);

	if (len >= size || !utf8_valid(text, len) ||
	    utf8_has_control(text, len))
		return (false);
	memcpy(out, text, len + 1);
	return (true);
}

/* An id, a scope, or scope/name. */
static bool
take_secret(const char * text, struct audit_filter * f)
{
	size_t len = strcspn(text, "/"), name_len;

	if (sr_id_parse(text, &f->target_id))
		return (!sr_id_is_nil(&f->target_id));
	if (!take_word(text, len, scopes, COUNTOF(scopes), f->scope,
	    sizeof(f->scope)))
		return (false);
	(void)snprintf(f->target_kind, sizeof(f->target_kind), "secret");
	if (text[len] == '\0')
		return (true);
	text += len + 1;
	name_len = strlen(text);
	if (name_len == 0 || name_len >= sizeof(f->name) ||
	    strspn(text, NAME_CHARS) != name_len)
		return (false);
	memcpy(f->name, text, name_len + 1);
	return (true);
}

/* The field that has no form of its kind; NULL: all have. */
static const char *
parse(const struct audit_filter_text * text, struct audit_filter * f)
{

	if (asked(text->from) && !take_time(text->from, &f->from))
		return ("from");
	if (asked(text->to) && (!take_time(text->to, &f->to) ||
	    (f->from != SR_TIME_NONE && f->to <= f->from)))
		return ("to");
	if (asked(text->actor) &&
	    !take_actor(text->actor, f->actor, sizeof(f->actor)))
		return ("actor");
	if (asked(text->action) &&
	    !take_action(text->action, f->action, sizeof(f->action)))
		return ("action");
	if (asked(text->outcome) && !take_word(text->outcome,
	    strlen(text->outcome), outcomes, COUNTOF(outcomes), f->outcome,
	    sizeof(f->outcome)))
		return ("outcome");
	if (asked(text->secret) && !take_secret(text->secret, f))
		return ("secret");
	return (NULL);
}

/** audit_filter_parse(text, out, field): from what was typed. */
enum sr_error
audit_filter_parse(const struct audit_filter_text * text,
    struct audit_filter * out, const char ** field)
{

	*out = (struct audit_filter){ .from = SR_TIME_NONE,
	    .to = SR_TIME_NONE };
	*field = parse(text, out);
	return (*field == NULL ? SR_OK : SR_E_AUDIT_FILTER_INVALID);
}

static enum sr_error
take_place(const struct db_row * row, void * cookie)
{
	sr_time * t = cookie;

	*t = db_col_time(row, 0);
	return (SR_OK);
}

/* Where a page begins: behind the row at this time with this id. */
struct place {
	sr_time t;
	const struct sr_id * id;
};

/* Optional parameters go twice: (? IS NULL OR column = ?). */
#define TWICE(p)	p, p
#define OR_NULL(text)	DB_TEXT((text)[0] == '\0' ? NULL : (text))
#define FIND_ARGS(f, first, last, b, limit)				\
    DB_TIME(first), DB_TIME(last), DB_TIME((b)->t), DB_UUID((b)->id),	\
    TWICE(OR_NULL((f)->actor)), TWICE(OR_NULL((f)->action)),		\
    TWICE(OR_NULL((f)->outcome)), TWICE(OR_NULL((f)->target_kind)),	\
    TWICE(DB_UUID(sr_id_is_nil(&(f)->target_id) ? NULL :		\
    &(f)->target_id)), TWICE(OR_NULL((f)->scope)),			\
    TWICE(OR_NULL((f)->name)), DB_INT(limit)

/* The index whose rows are the fewest, as a rule. */
static const char *
leading(const struct audit_filter * f, enum stmt * stmt)
{

	*stmt = STMT_AUDIT_FIND_TIME;
	if (f->name[0] != '\0') {
		*stmt = STMT_AUDIT_FIND_NAME;
		return (f->name);
	}
	if (f->outcome[0] != '\0' && strcmp(f->outcome, outcomes[0]) != 0) {
		*stmt = STMT_AUDIT_FIND_OUTCOME;
		return (f->outcome);
	}
	/* Of giving out values there are more rows than of anything else. */
	if (f->action[0] != '\0' && (f->actor[0] == '\0' ||
	    strcmp(f->action, audit_action_name(AUDIT_RESOLVE)) != 0)) {
		*stmt = STMT_AUDIT_FIND_ACTION;
		return (f->action);
	}
	if (f->actor[0] != '\0') {
		*stmt = STMT_AUDIT_FIND_ACTOR;
		return (f->actor);
	}
	if (f->target_kind[0] != '\0') {
		*stmt = STMT_AUDIT_FIND_KIND;
		return (f->target_kind);
	}
	return (NULL);
}

static enum sr_error
find(struct db * db, const struct audit_filter * f, const struct place * b,
    unsigned limit, struct row_reading * r)
{
	sr_time first = f->from == SR_TIME_NONE ? TIME_FIRST : f->from;
	sr_time last = f->to == SR_TIME_NONE ? TIME_LAST : f->to - 1;
	const char * lead;
	enum stmt stmt;

	if (b->t < last)
		last = b->t;
	if (!sr_id_is_nil(&f->target_id))
		return (db_query(db, STMT_AUDIT_FIND_TARGET,
		    DB_ARGS(DB_UUID(&f->target_id),
		    FIND_ARGS(f, first, last, b, limit)), audit_take_row, r));
	if ((lead = leading(f, &stmt)) == NULL)
		return (db_query(db, stmt,
		    DB_ARGS(FIND_ARGS(f, first, last, b, limit)),
		    audit_take_row, r));
	return (db_query(db, stmt, DB_ARGS(DB_TEXT(lead),
	    FIND_ARGS(f, first, last, b, limit)), audit_take_row, r));
}

/** audit_find(db, filter, before, limit, fn, cookie): newest first. */
enum sr_error
audit_find(struct db * db, const struct audit_filter * filter,
    const struct sr_id * before, unsigned limit, audit_row_fn * fn,
    void * cookie)
{
	struct row_reading r = { .fn = fn, .cookie = cookie };
	struct place b = { .t = SR_TIME_NONE, .id = before };
	enum sr_error err = SR_OK;

	if (before != NULL)
		err = db_query(db, STMT_AUDIT_PLACE, DB_ARGS(DB_UUID(before)),
		    take_place, &b.t);
	/* Rows of the last microsecond there is are not older than it. */
	if (b.t == SR_TIME_NONE)
		b = (struct place){ .t = TIME_LAST, .id = &sr_id_nil };
	if (err == SR_OK)
		err = find(db, filter, &b, limit, &r);
	return (audit_read_error(&r, err));
}

/* The name that was asked for becomes a column: what is shaped like a secret
 * does not. */
static enum sr_error
look(const struct store * store, const struct audit_filter * f)
{
	struct redact_hits hits = { .known = 0 };
	enum redact_cause cause;

	if (f->name[0] == '\0')
		return (SR_OK);
	if (redact_scan(store->redact, REDACT_UI, f->name, strlen(f->name),
	    &hits) != SR_OK) {
		/* Locked or stale: the rules have spoken. Else nobody has. */
		cause = redact_last_cause();
		if (cause != REDACT_CAUSE_LOCKED && cause != REDACT_CAUSE_STALE)
			return (SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	}
	return (hits.known + hits.rules == 0 ? SR_OK :
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
}

static bool
has_key(const struct store * store)
{
	const struct keyset * set = NULL;

	if (store->keys != NULL)
		set = keystore_hold(store->keys);
	if (set == NULL)
		return (false);
	keyset_release(&set);
	return (true);
}

static const char *
text_or_null(const char * text)
{

	return (text[0] == '\0' ? NULL : text);
}

/** audit_reading(store, actor, action, filter, event): who read what. */
enum sr_error
audit_reading(const struct store * store, const struct actor * actor,
    enum audit_action action, const struct audit_filter * filter,
    struct sr_id * event)
{
	struct audit_entry e = { .occurred_at = clock_now(), .actor = actor,
	    .action = action, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = text_or_null(filter->target_kind),
	    .target_id = filter->target_id,
	    .scope = text_or_null(filter->scope),
	    .name = text_or_null(filter->name) };
	enum sr_error err;

	must(action == AUDIT_AUDIT_READ || action == AUDIT_AUDIT_EXPORT);
	if (event != NULL)
		*event = sr_id_nil;
	if ((err = look(store, filter)) != SR_OK) {
		e.name = NULL;
		e.outcome = AUDIT_BLOCKED;
		e.error = err;
		(void)audit_refusal(store, &e);
		return (err);
	}
	if (action == AUDIT_AUDIT_READ && !has_key(store)) {
		LOG(AUDIT_READ_UNRECORDED,
		    log_const("action", audit_action_name(action)));
		return (SR_OK);
	}
	/* A chain of its own: readers do not wait for each other, or for who
	 * changes what they look at. */
	if ((err = audit_refusal(store, &e)) == SR_OK && event != NULL)
		*event = e.id;
	return (err);
}
