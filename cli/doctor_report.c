#include "cli/cli.h"
#include "cli/doctor.h"

static const char * const names[DOCTOR__MAX] = {
	[DOCTOR_CONFIG] = "config",
	[DOCTOR_CORE_DUMPS] = "core_dumps",
	[DOCTOR_LOCKED_MEMORY] = "locked_memory",
	[DOCTOR_SELFTEST] = "redaction_selftest",
	[DOCTOR_ROOT_KEY] = "root_key",
	[DOCTOR_DATABASE] = "database",
	[DOCTOR_SCHEMA] = "schema",
	[DOCTOR_STATEMENTS] = "statements",
	[DOCTOR_GRANTS] = "grants",
	[DOCTOR_KEY_MATCH] = "root_key_match",
	[DOCTOR_KEY_VERSIONS] = "root_key_versions",
	[DOCTOR_LIVE_SET] = "known_secrets",
	[DOCTOR_OPENING] = "opening",
	[DOCTOR_AUDIT_CHAINS] = "audit_chains",
	[DOCTOR_AUDIT_CHECKPOINT] = "audit_checkpoint",
	[DOCTOR_STORED_TEXTS] = "stored_texts",
};

/** doctor_check_name(check): its constant name. */
const char *
doctor_check_name(enum doctor_check check)
{

	must(check < DOCTOR__MAX);
	return (names[check]);
}

/** doctor_begin(cli): before the first line. */
void
doctor_begin(struct cli * cli)
{

	if (cli_json(cli))
		compose_lit(cli->out, "[");
}

/* What a check has counted. */
static void
counted_text(struct compose * c, enum doctor_check check,
    const struct doctor * d)
{

	if (check == DOCTOR_KEY_VERSIONS) {
		compose_lit(c, ": needed ");
		compose_u64(c, d->needed);
		compose_lit(c, ", loaded and not needed any more ");
		compose_u64(c, d->spare);
	}
	if (check == DOCTOR_AUDIT_CHAINS) {
		compose_lit(c, ": ");
		compose_u64(c, d->rows);
		compose_lit(c, " rows of ");
		compose_u64(c, d->chains);
		compose_lit(c, " targets verified");
	}
	if (check == DOCTOR_AUDIT_CHECKPOINT) {
		compose_lit(c, ": ");
		compose_u64(c, d->covered);
		compose_lit(c, " rows sealed");
		if (d->covered > 0) {
			compose_lit(c, ", the last of them ");
			compose_u64(c, d->age);
			compose_lit(c, " s ago");
		}
		compose_lit(c, ", ");
		compose_u64(c, d->waiting);
		compose_lit(c, " waiting");
	}
}

static void
counted_json(struct compose * c, enum doctor_check check,
    const struct doctor * d)
{

	if (check == DOCTOR_KEY_VERSIONS) {
		compose_lit(c, ",\"needed\":");
		compose_u64(c, d->needed);
		compose_lit(c, ",\"not_needed\":");
		compose_u64(c, d->spare);
	}
	if (check == DOCTOR_AUDIT_CHAINS) {
		compose_lit(c, ",\"targets\":");
		compose_u64(c, d->chains);
		compose_lit(c, ",\"rows\":");
		compose_u64(c, d->rows);
	}
	if (check == DOCTOR_AUDIT_CHECKPOINT) {
		compose_lit(c, ",\"sealed\":");
		compose_u64(c, d->covered);
		compose_lit(c, ",\"age_seconds\":");
		compose_u64(c, d->age);
		compose_lit(c, ",\"waiting\":");
		compose_u64(c, d->waiting);
	}
}

static void
result_text(struct compose * c, enum doctor_check check, enum sr_error err,
    const struct doctor * d)
{

	compose_constant(c, err == SR_OK ? "ok    " : "FAIL  ");
	compose_constant(c, doctor_check_name(check));
	if (err == SR_OK) {
		counted_text(c, check, d);
		compose_lit(c, "\n");
		return;
	}
	compose_lit(c, ": ");
	compose_constant(c, sr_error_row(err)->title);
	if (d->detail != NULL) {
		compose_lit(c, " (");
		compose_name(c, d->detail);
		compose_lit(c, ")");
	}
	compose_lit(c, " (");
	compose_constant(c, sr_error_row(err)->name);
	compose_lit(c, ")\n      ");
	compose_constant(c, sr_error_row(err)->remedy);
	compose_lit(c, "\n");
}

static void
json_begin(struct compose * c, enum doctor_check check)
{

	compose_constant(c, check == 0 ? "" : ",\n");
	compose_lit(c, "{\"check\":\"");
	compose_constant(c, doctor_check_name(check));
	compose_lit(c, "\"");
}

static void
result_json(struct compose * c, enum doctor_check check, enum sr_error err,
    const struct doctor * d)
{

	json_begin(c, check);
	if (err == SR_OK) {
		compose_lit(c, ",\"result\":\"ok\"");
		counted_json(c, check, d);
		compose_lit(c, "}");
		return;
	}
	compose_lit(c, ",\"result\":\"failed\",\"error_type\":\"");
	compose_constant(c, sr_error_row(err)->name);
	/* No text of the catalogue needs escaping (test_error.c). */
	compose_lit(c, "\",\"title\":\"");
	compose_constant(c, sr_error_row(err)->title);
	compose_lit(c, "\",\"remedy\":\"");
	compose_constant(c, sr_error_row(err)->remedy);
	compose_lit(c, "\"");
	if (d->detail != NULL) {
		compose_lit(c, ",\"detail\":\"");
		compose_name(c, d->detail);
		compose_lit(c, "\"");
	}
	compose_lit(c, "}");
}

/** doctor_result(cli, check, err, d): a check that ran. */
void
doctor_result(struct cli * cli, enum doctor_check check, enum sr_error err,
    const struct doctor * d)
{

	if (cli_json(cli))
		result_json(cli->out, check, err, d);
	else
		result_text(cli->out, check, err, d);
}

/** doctor_skipped(cli, check, because): it makes no sense without the other. */
void
doctor_skipped(struct cli * cli, enum doctor_check check,
    enum doctor_check because)
{

	if (cli_json(cli)) {
		json_begin(cli->out, check);
		compose_lit(cli->out, ",\"result\":\"skipped\","
		    "\"because\":\"");
		compose_constant(cli->out, doctor_check_name(because));
		compose_lit(cli->out, "\"}");
		return;
	}
	compose_lit(cli->out, "--    ");
	compose_constant(cli->out, doctor_check_name(check));
	compose_lit(cli->out, ": not checked, because this has not passed: ");
	compose_constant(cli->out, doctor_check_name(because));
	compose_lit(cli->out, "\n");
}

/** doctor_end(cli): after the last line. */
void
doctor_end(struct cli * cli)
{

	if (cli_json(cli))
		compose_lit(cli->out, "]\n");
}
