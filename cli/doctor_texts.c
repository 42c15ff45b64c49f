#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/doctor.h"
#include "core/redact/redact.h"
#include "core/store/backup.h"

struct reading {
	struct cli * cli;
	struct doctor * doctor;
};

/* Hashes of passwords have the form of what they are. */
static bool
meant_to_be(const char * column)
{

	return (strcmp(column, "account.password_hash") == 0);
}

static enum sr_error
look(enum backup_table table, size_t column, const char * text, size_t len,
    void * cookie)
{
	struct reading * r = cookie;
	char name[BACKUP_COLUMN_MAX + 1];
	struct redact_hits hits;
	enum sr_error err;

	err = redact_scan(r->cli->redact, REDACT_UI, text, len, &hits);
	if (err == SR_OK && hits.known == 0 && hits.rules == 0)
		return (SR_OK);
	backup_column_name(table, column, name);
	if (err != SR_OK)
		return (err);
	if (meant_to_be(name))
		return (SR_OK);
	(void)snprintf(r->doctor->column, sizeof(r->doctor->column), "%s",
	    name);
	r->doctor->detail = r->doctor->column;
	return (SR_E_STORED_TEXT_UNSAFE);
}

/** doctor_stored_texts(cli, d): whether a plain column holds a secret. */
enum sr_error
doctor_stored_texts(struct cli * cli, struct doctor * d)
{
	struct reading r = { .cli = cli, .doctor = d };

	return (backup_texts(cli->store.db, look, &r));
}
