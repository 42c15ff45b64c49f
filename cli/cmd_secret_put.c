#include "cli/cli.h"
#include "cli/input_secret.h"
#include "cli/output.h"
#include "cli/secret_args.h"
#include "cli/secret_output.h"
#include "core/base/secbuf.h"

static void
stored(struct cli * cli, const struct secret_meta * meta)
{
	struct compose * c = cli->out;

	if (cli_json(cli)) {
		secret_json(c, meta);
		compose_lit(c, "}\n");
		return;
	}
	compose_lit(c, "Stored ");
	compose_constant(c, secret_scope_name(meta->scope));
	compose_lit(c, "/");
	compose_name(c, meta->name);
	compose_lit(c, ", version ");
	compose_u64(c, meta->key_version);
	compose_lit(c, ".\n");
}

static enum sr_error
put(struct cli * cli, bool only_create, bool only_rotate)
{
	struct secret_write write = {
		.scope = cli->in.option[OPT_SCOPE],
		.project = cli->in.option[OPT_PROJECT],
		.name = cli->in.option[OPT_NAME],
		.expires_at = cli->in.option[OPT_EXPIRES],
		.only_create = only_create,
		.only_rotate = only_rotate,
		.idempotency_key = cli->in.option[OPT_IDEMPOTENCY_KEY],
	};
	struct secret_complaint complaint = { .field = NULL };
	struct secbuf * value = NULL;
	struct secret_meta meta;
	enum sr_error err;

	if ((err = secret_expect(cli, &write.expected)) != SR_OK ||
	    (err = cli_store(cli)) != SR_OK)
		return (err);
	err = input_secret(cli, ASK_ONCE, SECRET_VALUE_MAX, &value);
	if (err == SR_E_LIMIT_EXCEEDED)
		err = SR_E_SECRET_VALUE_INVALID;
	write.value = value;
	if (err == SR_OK)
		err = secret_put(&cli->store, &cli->actor, &write, &complaint,
		    &meta);
	if (err == SR_OK)
		stored(cli, &meta);
	else
		output_complaint(cli, &complaint);
	secbuf_free(&value);
	return (err);
}

/** cmd_secret_put(cli): store a secret, or a new value of it. */
enum sr_error
cmd_secret_put(struct cli * cli)
{

	return (put(cli, cli->in.option[OPT_CREATE_ONLY] != NULL, false));
}

/** cmd_secret_rotate(cli): store a new value of a secret that is there. */
enum sr_error
cmd_secret_rotate(struct cli * cli)
{

	return (put(cli, false, true));
}
