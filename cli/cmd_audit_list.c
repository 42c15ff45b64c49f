#include "cli/cli.h"
#include "cli/audit_filter.h"
#include "cli/list.h"
#include "cli/output.h"

#define LIMIT_MOST	1000
#define LIMIT_STANDARD	50

struct listing {
	struct audit_filter filter;
	uint64_t limit;
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

static void
row_text(struct compose * c, const struct audit_row * r)
{

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

static enum sr_error
add_row(const struct audit_row * r, void * cookie)
{
	struct list * l = cookie;

	list_row(l);
	if (cli_json(l->cli))
		row_json(l->cli->out, r);
	else
		row_text(l->cli->out, r);
	return (SR_OK);
}

/* As many as were asked for: one page. */
static enum sr_error
page(struct list * l)
{
	const struct listing * listing = l->cookie;
	enum sr_error err;

	err = audit_find(l->cli->store.db, &listing->filter, NULL,
	    (unsigned)listing->limit, add_row, l);
	l->rows = 0;
	return (err);
}

/** cmd_audit_list(cli): audit rows, the newest first. */
enum sr_error
cmd_audit_list(struct cli * cli)
{
	struct listing listing = { .limit = LIMIT_STANDARD };
	struct list l = { .cli = cli, .page = page, .cookie = &listing };
	enum sr_error err;

	if ((err = audit_filter_options(cli, &listing.filter)) != SR_OK ||
	    (cli->in.option[OPT_LIMIT] != NULL && (err = option_number(cli,
	    OPT_LIMIT, 1, LIMIT_MOST, &listing.limit)) != SR_OK) ||
	    (err = cli_store(cli)) != SR_OK ||
	    (err = audit_reading(&cli->store, &cli->actor, AUDIT_AUDIT_READ,
	    &listing.filter, NULL)) != SR_OK)
		return (err);
	if (!cli_json(cli))
		compose_lit(cli->out, "TIME\tACTION\tOUTCOME\tACTOR\tKIND\t"
		    "SCOPE\tNAME\tERROR\tID\n");
	return (list_print(&l));
}
