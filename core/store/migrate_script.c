#include <mysql.h>

#include <string.h>

#include "core/base/strbuf.h"
#include "core/log/log.h"
#include "core/store/migrate_files.h"
#include "core/store/migrate_internal.h"

#define STATEMENT_MAX	((size_t)64 * 1024)
#define WORKER_MARK	"@worker@"

/* Move the next statement of ${*text} into ${sql}; false at the end. A line
 * that begins with "--" is left out, a ";" at a line's end ends it. */
static bool
next_statement(const char ** text, struct strbuf * sql)
{
	const char * line = *text;
	size_t len;

	strbuf_reset(sql);
	while (*line != '\0') {
		len = strcspn(line, "\n");
		*text = line + len + (line[len] == '\n' ? 1 : 0);
		if (strncmp(line, "--", 2) != 0 && len != 0) {
			strbuf_add(sql, line, len);
			strbuf_putc(sql, '\n');
			if (line[len - 1] == ';')
				return (true);
		}
		line = *text;
	}
	return (sql->len != 0);
}

/** migrate_script(lock, script, text): run the statements of ${text}. */
enum sr_error
migrate_script(struct migrate_lock * lock, unsigned script,
    const char * text)
{
	struct strbuf sql;
	enum sr_error err = SR_OK;
	unsigned n = 0;

	strbuf_init(&sql, STATEMENT_MAX);
	while (err == SR_OK && next_statement(&text, &sql)) {
		n++;
		if ((err = strbuf_status(&sql)) != SR_OK)
			err = sr_fail(err, log_u64("statement", n),
			    log_const("file", migrate_script_name(script)));
		else if ((err = migrate_lock_renew(lock)) == SR_OK)
			err = migrate_sql(lock->db, script, n,
			    strbuf_str(&sql), sql.len, NULL);
	}
	strbuf_free(&sql);
	return (err);
}

/** migrate_worker_valid(user): letters, digits and _, at most 80. */
bool
migrate_worker_valid(const char * user)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t len = strlen(user);

	return (len >= 1 && len <= MIGRATE_WORKER_MAX &&
	    strspn(user, allowed) == len);
}

/** migrate_grant(lock, user): the grants of schema/grants.sql. */
enum sr_error
migrate_grant(struct migrate_lock * lock, const char * user)
{
	const char * rest = migrate_grants, * mark;
	struct strbuf text;
	enum sr_error err;

	must(migrate_worker_valid(user));
	strbuf_init(&text, STATEMENT_MAX);
	while ((mark = strstr(rest, WORKER_MARK)) != NULL) {
		strbuf_add(&text, rest, (size_t)(mark - rest));
		strbuf_puts(&text, user);
		rest = mark + strlen(WORKER_MARK);
	}
	strbuf_puts(&text, rest);
	if ((err = strbuf_status(&text)) != SR_OK)
		err = sr_fail(err, log_const("file", "grants"));
	else
		err = migrate_script(lock, MIGRATE_GRANTS, strbuf_str(&text));
	strbuf_free(&text);
	return (err);
}
