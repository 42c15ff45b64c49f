#include "cli/cli.h"
#include "cli/doctor.h"

/** doctor_begin(cli): before the first line. */
void
doctor_begin(struct cli * cli)
{

	if (cli_json(cli))
		compose_lit(cli->out, "[");
}

static void
result_text(struct compose * c, enum doctor_check check, enum sr_error err,
    const char * detail)
{

	compose_constant(c, err == SR_OK ? "ok    " : "FAIL  ");
	compose_constant(c, doctor_check_name(check));
	if (err == SR_OK) {
		compose_lit(c, "\n");
		return;
	}
	compose_lit(c, ": ");
	compose_constant(c, sr_error_row(err)->title);
	if (detail != NULL) {
		compose_lit(c, " (");
		compose_name(c, detail);
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
    const char * detail)
{

	json_begin(c, check);
	if (err == SR_OK) {
		compose_lit(c, ",\"result\":\"ok\"}");
		return;
	}
	compose_lit(c, ",\"result\":\"failed\",\"error\":\"");
	compose_constant(c, sr_error_row(err)->name);
	/* No text of the catalogue needs escaping (test_error.c). */
	compose_lit(c, "\",\"title\":\"");
	compose_constant(c, sr_error_row(err)->title);
	compose_lit(c, "\",\"remedy\":\"");
	compose_constant(c, sr_error_row(err)->remedy);
	compose_lit(c, "\"");
	if (detail != NULL) {
		compose_lit(c, ",\"detail\":\"");
		compose_name(c, detail);
		compose_lit(c, "\"");
	}
	compose_lit(c, "}");
}

/** doctor_result(cli, check, err, detail): a check that ran. */
void
doctor_result(struct cli * cli, enum doctor_check check, enum sr_error err,
    const char * detail)
{

	if (cli_json(cli))
		result_json(cli->out, check, err, detail);
	else
		result_text(cli->out, check, err, detail);
}

/** doctor_skipped(cli, check): one that made no sense after a failure. */
void
doctor_skipped(struct cli * cli, enum doctor_check check)
{

	if (cli_json(cli)) {
		json_begin(cli->out, check);
		compose_lit(cli->out, ",\"result\":\"skipped\"}");
		return;
	}
	compose_lit(cli->out, "--    ");
	compose_constant(cli->out, doctor_check_name(check));
	compose_lit(cli->out, ": not checked, because of a failure above\n");
}

/** doctor_end(cli): after the last line. */
void
doctor_end(struct cli * cli)
{

	if (cli_json(cli))
		compose_lit(cli->out, "]\n");
}
