#include "cli/cli.h"
#include "cli/input_secret.h"
#include "cli/output.h"
#include "core/base/secbuf.h"
#include "core/vault/rotation.h"

static void
check_text(struct compose * c, enum rotation_check check,
    enum provider_failure failure)
{

	compose_constant(c, rotation_check_name(check));
	if (check == ROTATION_FAILED || check == ROTATION_REFUSED) {
		compose_lit(c, " (");
		compose_constant(c, provider_failure_name(failure));
		compose_lit(c, ")");
	}
}

static void
report(struct compose * c, const struct rotation * n)
{

	compose_lit(c, "before       ");
	check_text(c, n->before, n->before_failure);
	compose_lit(c, "\nafter        ");
	check_text(c, n->after, n->after_failure);
	compose_lit(c, "\nrolled back  ");
	compose_constant(c, n->rolled_back ? "yes" : "no");
	compose_lit(c, "\nalarm        ");
	compose_constant(c, n->continuity_alarm ? "yes" : "no");
	compose_lit(c, "\nversion      ");
	compose_u64(c, n->from_version);
	if (n->to_version != 0) {
		compose_lit(c, " -> ");
		compose_u64(c, n->to_version);
	}
	compose_lit(c, "\nstate        ");
	compose_constant(c, rotation_state_name(n->state));
	compose_lit(c, "\n");
	compose_constant(c, rotation_state_meaning(n->state));
	compose_lit(c, "\n");
}

static void
report_json(struct compose * c, const struct rotation * n)
{

	compose_lit(c, "{\"id\":\"");
	compose_id(c, &n->id);
	compose_lit(c, "\",\"provider\":\"");
	compose_name(c, n->provider);
	compose_lit(c, "\",\"before\":\"");
	compose_constant(c, rotation_check_name(n->before));
	compose_lit(c, "\",\"before_failure\":\"");
	compose_constant(c, provider_failure_name(n->before_failure));
	compose_lit(c, "\",\"after\":\"");
	compose_constant(c, rotation_check_name(n->after));
	compose_lit(c, "\",\"after_failure\":\"");
	compose_constant(c, provider_failure_name(n->after_failure));
	compose_lit(c, "\",\"rolled_back\":");
	compose_constant(c, n->rolled_back ? "true" : "false");
	compose_lit(c, ",\"continuity_alarm\":");
	compose_constant(c, n->continuity_alarm ? "true" : "false");
	compose_lit(c, ",\"from_version\":");
	compose_u64(c, n->from_version);
	compose_lit(c, ",\"to_version\":");
	compose_u64(c, n->to_version);
	compose_lit(c, ",\"state\":\"");
	compose_constant(c, rotation_state_name(n->state));
	compose_lit(c, "\"}\n");
}

/** cmd_provider_resume(cli): steps of rotations whose worker is gone. */
enum sr_error
cmd_provider_resume(struct cli * cli)
{
	struct provider_limits limits;
	struct rotation_limits steps;
	struct rotating r = { .with = { .store = &cli->store,
	    .limits = &limits, .actor = &cli->actor }, .limits = &steps };
	uint64_t n = 0;
	bool taken = true;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK ||
	    (err = provider_library_init()) != SR_OK)
		return (err);
	r.with.environment = cli->environment;
	r.with.every_seconds = provider_check_seconds(cli->config);
	provider_limits_of(cli->config, &limits);
	rotation_limits_of(cli->config, &steps);
	while (err == SR_OK && taken) {
		err = rotation_resume(&r, cli->providers, &taken);
		n += err == SR_OK && taken;
	}
	provider_library_end();
	compose_constant(cli->out, cli_json(cli) ? "{\"steps\":" : "Steps: ");
	compose_u64(cli->out, n);
	compose_constant(cli->out, cli_json(cli) ? "}\n" : "\n");
	return (err);
}

static void
say(struct cli * cli, const struct rotation * n)
{

	if (cli_json(cli))
		report_json(cli->out, n);
	else
		report(cli->out, n);
}

/** cmd_provider_cancel(cli): end a rotation by hand. */
enum sr_error
cmd_provider_cancel(struct cli * cli)
{
	struct provider_limits limits;
	struct rotation_limits steps;
	struct rotating r = { .with = { .store = &cli->store,
	    .limits = &limits, .actor = &cli->actor }, .limits = &steps };
	const struct provider * p;
	struct rotation n;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	p = providers_find(cli->providers, cli->in.argument);
	if (p == NULL)
		return (SR_E_PROVIDER_UNKNOWN);
	r.with.environment = cli->environment;
	r.with.every_seconds = provider_check_seconds(cli->config);
	provider_limits_of(cli->config, &limits);
	rotation_limits_of(cli->config, &steps);
	if ((err = provider_library_init()) != SR_OK)
		return (err);
	err = rotation_cancel(&r, p, &n);
	provider_library_end();
	if (err == SR_OK)
		say(cli, &n);
	return (err);
}

static enum sr_error
rotate(struct cli * cli, const struct provider * p,
    const struct secbuf * value, struct rotation * n)
{
	struct provider_limits limits;
	struct rotation_limits steps;
	const struct rotating r = { .with = { .store = &cli->store,
	    .environment = cli->environment, .limits = &limits,
	    .actor = &cli->actor,
	    .every_seconds = provider_check_seconds(cli->config) },
	    .limits = &steps };
	struct secret_complaint complaint = { .field = NULL };
	enum sr_error err;

	provider_limits_of(cli->config, &limits);
	rotation_limits_of(cli->config, &steps);
	if ((err = provider_library_init()) != SR_OK)
		return (err);
	err = rotation_begin(&r, p, value, cli->in.option[OPT_CONFIRM] != NULL,
	    &complaint, n);
	if (err == SR_OK)
		err = rotation_run(&r, p, n);
	else
		output_complaint(cli, &complaint);
	provider_library_end();
	return (err);
}

/** cmd_provider_rotate(cli): replace a provider's credential. */
enum sr_error
cmd_provider_rotate(struct cli * cli)
{
	const struct provider * p;
	struct secbuf * value = NULL;
	struct rotation n = { .started_at = 0 };
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	p = providers_find(cli->providers, cli->in.argument);
	if (p == NULL)
		return (SR_E_PROVIDER_UNKNOWN);
	err = input_secret(cli, ASK_ONCE, SECRET_VALUE_MAX, &value);
	if (err == SR_E_LIMIT_EXCEEDED)
		err = SR_E_SECRET_VALUE_INVALID;
	if (err != SR_OK)
		return (err);
	err = rotate(cli, p, value, &n);
	secbuf_free(&value);
	/* Refused before anything was written: the error says it all. */
	if (n.started_at == 0)
		return (err);
	say(cli, &n);
	if (err != SR_OK && cli_flush(cli) != SR_OK)
		return (SR_E_OUTPUT_FAILED);
	return (err);
}
