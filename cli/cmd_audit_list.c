#include "cli/cli.h"
#include "cli/audit_filter.h"
#include "cli/output.h"

#define LIMIT_MOST	1000
#define LIMIT_STANDARD	50

struct listing {
	struct cli * cli;
	bool first;
};

static void
member(struct compose * c, const char * text)
{

	compose_lit(c, "\"");
	compose_json_text(c, text, strlen(text));
	compose_lit(c, "\"");
}

static void
row_json(struct compose * c, const struct audit_row * r)
{

	compose_lit(c, "{\"id\":\"");
	compose_id(c, &r->id);
	compose_lit(c, "\",\"occurred_at\":");
	output_json_time(c, r->occurred_at);
	compose_lit(c, ",\"actor_kind\":");
	member(c, r->actor_kind);
	compose_lit(c, ",\"actor\":");
	member(c, r->actor_label);
	compose_lit(c, ",\"action\":");
	member(c, r->action);
	compose_lit(c, ",\"outcome\":");
	member(c, r->outcome);
	compose_lit(c, ",\"error_type\":");
	member(c, r->error_type);
	compose_lit(c, ",\"target_kind\":");
	member(c, r->target_kind);
	compose_lit(c, ",\"scope\":");
	member(c, r->scope);
	compose_lit(c, ",\"name\":");
	member(c, r->name);
	compose_lit(c, ",\"key_version\":");
	compose_u64(c, r->key_version);
	compose_lit(c, ",\"correlation_id\":\"");
	compose_id(c, &r->correlation_id);
	compose_lit(c, "\"}");
}

static void
column(struct compose * c, const char * text)
{

	compose_text(c, text, strlen(text));
	compose_lit(c, "\t");
}

static enum sr_error
add_row(const struct audit_row * r, void * cookie)
{
	struct listing * l = cookie;
	struct compose * c = l->cli->out;

	if (cli_json(l->cli)) {
		compose_constant(c, l->first ? "" : ",\n");
		row_json(c, r);
	} else {
		compose_time(c, r->occurred_at);
		compose_lit(c, "\t");
		column(c, r->action);
		column(c, r->outcome);
		column(c, r->actor_label);
		column(c, r->target_kind);
		column(c, r->scope);
		column(c, r->name);
		column(c, r->error_type);
		compose_id(c, &r->id);
		compose_lit(c, "\n");
	}
	l->first = false;
	return (SR_OK);
}

/** cmd_audit_list(cli): audit rows, the newest first. */
enum sr_error
cmd_audit_list(struct cli * cli)
{
	struct listing l = { .cli = cli, .first = true };
	struct audit_filter filter;
	uint64_t limit = LIMIT_STANDARD;
	enum sr_error err;

	if ((err = audit_filter_options(cli, &filter)) != SR_OK ||
	    (cli->in.option[OPT_LIMIT] != NULL && (err = option_number(cli,
	    OPT_LIMIT, 1, LIMIT_MOST, &limit)) != SR_OK) ||
	    (err = cli_store(cli)) != SR_OK ||
	    (err = audit_reading(&cli->store, &cli->actor, AUDIT_AUDIT_READ,
	    &filter, NULL)) != SR_OK)
		return (err);
	if (cli_json(cli))
		compose_lit(cli->out, "[");
	else
		compose_lit(cli->out, "TIME\tACTION\tOUTCOME\tACTOR\tKIND\t"
		    "SCOPE\tNAME\tERROR\tID\n");
	err = audit_find(cli->store.db, &filter, NULL, (unsigned)limit,
	    add_row, &l);
	if (err == SR_OK && cli_json(cli))
		compose_lit(cli->out, "]\n");
	return (err);
}
