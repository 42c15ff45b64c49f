#include "cli/cli.h"
#include "cli/output.h"
#include "core/vault/provider_status.h"

/* The public name of a state's error, "" when there is none. */
static void
error_name(const struct provider * p, const struct provider_state * s,
    char out[PROVIDER_ERROR_MAX + 1])
{

	out[0] = '\0';
	if (s->error != SR_OK)
		provider_error_name(p, s->error, out);
}

static const char *
failure_text(const struct provider_state * s)
{

	return (s->failure == PROVIDER_FAILURE_NONE ? "" :
	    provider_failure_name(s->failure));
}

static void
state_json(struct compose * c, const struct provider * p,
    const struct provider_state * s, bool due)
{
	char error[PROVIDER_ERROR_MAX + 1];

	error_name(p, s, error);
	compose_lit(c, "{\"provider\":");
	output_json_name(c, p->name);
	compose_lit(c, ",\"status\":");
	output_json_name(c, provider_status_name(s->status));
	compose_lit(c, ",\"former_status\":");
	output_json_name(c, s->has_former ? provider_status_name(s->former) :
	    "");
	compose_lit(c, ",\"source\":");
	output_json_name(c, source_kind_name(s->source));
	compose_lit(c, ",\"key_version\":");
	compose_u64(c, s->checked_version);
	compose_lit(c, ",\"verified_at\":");
	output_json_time(c, s->verified_at);
	compose_lit(c, ",\"checked_at\":");
	output_json_time(c, s->checked_at);
	compose_lit(c, ",\"check_due\":");
	compose_constant(c, due ? "true" : "false");
	compose_lit(c, ",\"error_type\":");
	output_json_name(c, error);
	compose_lit(c, ",\"failure\":");
	output_json_name(c, failure_text(s));
	compose_lit(c, "}");
}

static void
state_text(struct compose * c, const struct provider * p,
    const struct provider_state * s, bool due)
{
	char error[PROVIDER_ERROR_MAX + 1];

	error_name(p, s, error);
	compose_name(c, p->name);
	compose_lit(c, "\t");
	compose_constant(c, provider_status_name(s->status));
	compose_lit(c, "\t");
	compose_constant(c, source_kind_name(s->source));
	compose_lit(c, "\t");
	output_time(c, s->verified_at);
	compose_lit(c, "\t");
	output_time(c, s->checked_at);
	if (due)
		compose_lit(c, ", a check is due");
	compose_lit(c, "\t");
	compose_name(c, error[0] == '\0' ? "-" : error);
	compose_lit(c, "\t");
	compose_name(c, failure_text(s)[0] == '\0' ? "-" : failure_text(s));
	compose_lit(c, "\n");
}

static enum sr_error
is_due(struct cli * cli, const struct provider * p,
    const struct provider_state * s, bool * due)
{
	const struct source_binding b = provider_binding(p);
	struct source_answer a;
	enum sr_error err;

	err = source_resolve(&cli->store, cli->environment, &b, &a, NULL);
	*due = provider_check_due(s, &a, clock_now());
	return (err == SR_E_OUT_OF_MEMORY ? err : SR_OK);
}

/** cmd_provider_list(cli): what is known about each provider's credential. */
enum sr_error
cmd_provider_list(struct cli * cli)
{
	const struct provider * p;
	struct provider_state s;
	enum sr_error err;
	size_t i;
	bool due;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	if (cli_json(cli))
		compose_lit(cli->out, "[");
	else
		compose_lit(cli->out, "PROVIDER\tSTATUS\tSOURCE\tVERIFIED\t"
		    "CHECKED\tERROR\tFAILURE\n");
	for (i = 0; (p = providers_at(cli->providers, i)) != NULL; i++) {
		err = provider_state_read(cli->store.db, p, &s);
		if (err != SR_OK || (err = is_due(cli, p, &s, &due)) != SR_OK)
			return (err);
		if (cli_json(cli)) {
			compose_constant(cli->out, i == 0 ? "" : ",\n");
			state_json(cli->out, p, &s, due);
		} else
			state_text(cli->out, p, &s, due);
	}
	if (cli_json(cli))
		compose_lit(cli->out, "]\n");
	return (SR_OK);
}

static void
transition(struct compose * c, const struct provider * p,
    const struct provider_state * s, const struct source_answer * a)
{
	char error[PROVIDER_ERROR_MAX + 1];

	error_name(p, s, error);
	compose_name(c, p->name);
	compose_lit(c, ": ");
	if (s->has_former && s->former != s->status) {
		compose_constant(c, provider_status_title(s->former));
		compose_lit(c, " -> ");
	}
	compose_constant(c, provider_status_title(s->status));
	compose_lit(c, "\n");
	compose_constant(c, source_why(a));
	compose_lit(c, "\n");
	if (error[0] == '\0')
		return;
	compose_lit(c, "error: ");
	compose_name(c, error);
	if (failure_text(s)[0] != '\0') {
		compose_lit(c, " (");
		compose_name(c, failure_text(s));
		compose_lit(c, ")");
	}
	compose_lit(c, "\n");
	compose_constant(c, sr_error_row(s->error)->remedy);
	compose_lit(c, "\n");
}

/** cmd_provider_check(cli): ask a provider whether its credential is good. */
enum sr_error
cmd_provider_check(struct cli * cli)
{
	struct provider_limits limits;
	struct provider_checking with = { .store = &cli->store,
	    .limits = &limits, .actor = &cli->actor };
	const struct provider * p;
	struct provider_state s;
	struct source_answer answer;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	p = providers_find(cli->providers, cli->in.argument);
	if (p == NULL)
		return (SR_E_PROVIDER_UNKNOWN);
	with.environment = cli->environment;
	with.every_seconds = provider_check_seconds(cli->config);
	provider_limits_of(cli->config, &limits);
	if ((err = provider_library_init()) != SR_OK)
		return (err);
	err = provider_check(&with, p, &s, &answer);
	provider_library_end();
	if (err != SR_OK)
		return (err);
	if (cli_json(cli)) {
		state_json(cli->out, p, &s, provider_check_due(&s, &answer,
		    clock_now()));
		compose_lit(cli->out, "\n");
	} else
		transition(cli->out, p, &s, &answer);
	/* What was found is printed; the exit code says it too. */
	if ((err = cli_flush(cli)) == SR_OK && s.error != SR_OK) {
		cli->quiet = true;
		err = s.error;
	}
	return (err);
}

static void
explained(struct compose * c, const struct provider * p,
    const struct source_answer * a)
{

	compose_lit(c, "variable   ");
	compose_name(c, p->variable);
	compose_lit(c, ": ");
	compose_constant(c, source_state_name(a->environment));
	compose_lit(c, "\nreference  integration/");
	compose_name(c, p->secret);
	compose_lit(c, ": ");
	compose_constant(c, source_state_name(a->reference));
	if (a->meta.key_version != 0) {
		compose_lit(c, ", version ");
		compose_u64(c, a->meta.key_version);
	}
	compose_lit(c, "\nsource     ");
	compose_constant(c, source_kind_name(a->winner));
	compose_lit(c, "\n");
	compose_constant(c, source_why(a));
	compose_lit(c, "\n");
}

static void
explained_json(struct compose * c, const struct provider * p,
    const struct source_answer * a)
{
	char error[PROVIDER_ERROR_MAX + 1] = "";

	if (a->error != SR_OK)
		provider_error_name(p, a->error, error);
	compose_lit(c, "{\"variable\":");
	output_json_name(c, p->variable);
	compose_lit(c, ",\"environment\":");
	output_json_name(c, source_state_name(a->environment));
	compose_lit(c, ",\"scope\":\"integration\",\"name\":");
	output_json_name(c, p->secret);
	compose_lit(c, ",\"key_version\":");
	compose_u64(c, a->meta.key_version);
	compose_lit(c, ",\"reference\":");
	output_json_name(c, source_state_name(a->reference));
	compose_lit(c, ",\"source\":");
	output_json_name(c, source_kind_name(a->winner));
	compose_lit(c, ",\"error_type\":");
	output_json_name(c, error);
	compose_lit(c, ",\"why\":\"");
	compose_constant(c, source_why(a));
	compose_lit(c, "\"}\n");
}

/** cmd_explain(cli): which source a credential comes from, and why. */
enum sr_error
cmd_explain(struct cli * cli)
{
	const struct provider * p;
	struct source_binding binding;
	struct source_answer a;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	p = providers_by_variable(cli->providers, cli->in.argument);
	if (p == NULL)
		p = providers_find(cli->providers, cli->in.argument);
	if (p == NULL)
		return (SR_E_PROVIDER_UNKNOWN);
	binding = provider_binding(p);
	err = source_resolve(&cli->store, cli->environment, &binding, &a, NULL);
	if (err == SR_E_OUT_OF_MEMORY)
		return (err);
	if (cli_json(cli))
		explained_json(cli->out, p, &a);
	else
		explained(cli->out, p, &a);
	if (err != SR_OK && cli_flush(cli) == SR_OK)
		cli->quiet = true;
	return (err);
}
