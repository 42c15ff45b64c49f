#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/cli/operator_database.h"

static char file[600], sig[620], pub[600];

static void
an_instance_with_a_history(void)
{

	(void)snprintf(file, sizeof(file), "%s/audit.xml", suite_tmpdir());
	(void)snprintf(sig, sizeof(sig), "%s.minisig", file);
	(void)snprintf(pub, sizeof(pub), "%s/key.pub", suite_tmpdir());
	ASSERT_OP(0, NULL, "rootkey", "new", key);
	ASSERT_OP(0, NULL, "migrate");
	ASSERT_OP(0, "a-value-of-some-length-77b0f2", "secret", "put",
	    "--scope", "instance", "--name", "a/one");
	ASSERT_OP(0, "another-value-of-length-91cc", "secret", "put",
	    "--scope", "instance", "--name", "a/two");
}

static void
rows_are_listed_and_reading_is_a_row(void)
{

	ASSERT_OP(0, NULL, "audit", "list", "--action", "CREATE");
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "a/one"));
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "a/two"));
	ASSERT_OP(0, NULL, "audit", "list", "--json", "--limit", "1");
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "\"AUDIT_READ\""));
	ASSERT_OP(65, NULL, "audit", "list", "--action", "NOTHING");
	CU_ASSERT_PTR_NOT_NULL(strstr(op_err, "--action"));
	ASSERT_OP(64, NULL, "audit", "list", "--limit", "0");
}

static void
an_export_is_signed_and_proved_without_the_database(void)
{

	ASSERT_OP(0, NULL, "audit", "export", "--out", file);
	ASSERT_OP(73, NULL, "audit", "export", "--out", file);
	ASSERT_OP(0, NULL, "audit", "key");
	CU_ASSERT_EQUAL(file_write(pub, 0600, op_out), 0);
	CU_ASSERT_EQUAL(process_run((const char * const[]){ "minisign", "-V",
	    "-m", file, "-p", pub, NULL }, NULL, NULL, NULL), 0);
	assert_sql("SELECT COUNT(*) FROM audit_event WHERE action = "
	    "'AUDIT_EXPORT'", "1");
	ASSERT_RUNS(0, NULL, "audit", "verify", file, "--pubkey", pub);
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "Proved: the detached"));
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "Not proved: that what was "
	    "written is true"));
	ASSERT_OP(0, NULL, "audit", "verify", file);
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "this instance's own"));
	ASSERT_OP(0, NULL, "audit", "verify", "--database");
	ASSERT_OP(64, NULL, "audit", "verify");
	ASSERT_OP(0, NULL, "audit", "export", "--secret", "instance/a/one");
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "</audit-export>"));
	CU_ASSERT_PTR_NULL(strstr(op_out, "a/two"));
	ASSERT_OP(66, NULL, "audit", "export", "--size", "999");
}

/* Whoever can change a file can also take its signature away. */
static void
what_only_the_signature_proves_is_no_success_without_it(void)
{
	char part[600], * text, * at, * end;

	(void)snprintf(part, sizeof(part), "%s/part.xml", suite_tmpdir());
	text = file_read(file, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_EQUAL(file_write(part, 0600, text), 0);
	ASSERT_RUNS(0, NULL, "audit", "verify", part, "--pubkey", pub);
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "no detached signature"));
	/* A row made another one, which is said to be masked. */
	at = strstr(text, "action=\"CREATE\"");
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	end = strstr(at, "masked=\"0\"");
	CU_ASSERT_PTR_NOT_NULL_FATAL(end);
	end[strlen("masked=\"")] = '1';
	*at = '\0';
	end = text_format("%saction=\"REVOKE\" masked=\"yes\"%s", text,
	    at + strlen("action=\"CREATE\""));
	CU_ASSERT_EQUAL(file_write(part, 0600, end), 0);
	free(end);
	free(text);
	ASSERT_RUNS(65, NULL, "audit", "verify", part, "--pubkey", pub);
	CU_ASSERT_PTR_NOT_NULL(strstr(op_err, "audit_export_unsigned"));
	CU_ASSERT_PTR_NULL(strstr(op_out, "FOUND"));
	/* A filter, with and without its signature. */
	CU_ASSERT_EQUAL(unlink(part), 0);
	ASSERT_OP(0, NULL, "audit", "export", "--action", "CREATE", "--out",
	    part);
	ASSERT_RUNS(0, NULL, "audit", "verify", part, "--pubkey", pub);
	end = text_format("%s.minisig", part);
	CU_ASSERT_EQUAL(unlink(end), 0);
	free(end);
	ASSERT_RUNS(65, NULL, "audit", "verify", part, "--pubkey", pub);
	CU_ASSERT_PTR_NOT_NULL(strstr(op_err, "audit_export_unsigned"));
}

/* A copy of the file in which one event's actor is masked; its path. */
static char *
with_a_mask(void)
{
	char * text = file_read(file, NULL), * at, * whole;
	char * path = text_format("%s/masked.xml", suite_tmpdir());

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	at = strstr(text, "<ActiveParticipant ");
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	at += strlen("<ActiveParticipant ");
	whole = text_format("%.*smasked=\"yes\" %s", (int)(at - text), text,
	    at);
	CU_ASSERT_EQUAL_FATAL(file_write(path, 0600, whole), 0);
	free(whole);
	free(text);
	return (path);
}

static unsigned
times(const char * text, const char * word)
{
	unsigned n = 0;

	for (; (text = strstr(text, word)) != NULL; text += strlen(word))
		n++;
	return (n);
}

/* What was masked is not the word that was written: they say so. */
static void
siem_stylesheets_tell_what_is_masked(void)
{
	char * path = with_a_mask(), * out = NULL;

	CU_ASSERT_EQUAL(process_run((const char * const[]){ "xsltproc",
	    "--nonet", "deploy/siem/csv.xsl", path, NULL }, NULL, &out,
	    NULL), 0);
	CU_ASSERT_EQUAL(times(out, ",yes\r\n"), 1);
	CU_ASSERT(times(out, ",no\r\n") >= 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, ",leaf,masked\r\n"));
	free(out);
	CU_ASSERT_EQUAL(process_run((const char * const[]){ "xsltproc",
	    "--nonet", "deploy/siem/ocsf.xsl", path, NULL }, NULL, &out,
	    NULL), 0);
	CU_ASSERT_EQUAL(times(out, "\"unmapped\":{\"masked\":true}"), 1);
	CU_ASSERT(times(out, "\"unmapped\":{\"masked\":false}") >= 3);
	free(out);
	free(path);
}

static void
siem_stylesheets_give_csv_and_json(void)
{
	const char * line;
	char * out = NULL, * end;
	json_t * object;
	int n = 0;

	CU_ASSERT_EQUAL(process_run((const char * const[]){ "xsltproc",
	    "--nonet", "deploy/siem/csv.xsl", file, NULL }, NULL, &out,
	    NULL), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, ",\"a/one\",1,"));
	free(out);
	CU_ASSERT_EQUAL(process_run((const char * const[]){ "xsltproc",
	    "--nonet", "deploy/siem/ocsf.xsl", file, NULL }, NULL, &out,
	    NULL), 0);
	for (line = out; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		object = json_loadb(line, (size_t)(end - line), 0, NULL);
		CU_ASSERT_PTR_NOT_NULL(object);
		CU_ASSERT_EQUAL(json_integer_value(json_object_get(object,
		    "class_uid")), 6003);
		json_decref(object);
		n++;
	}
	CU_ASSERT(n >= 4);
	free(out);
}

static void
a_changed_file_is_told_by_name_and_exit_code(void)
{
	char * text = file_read(file, NULL), * at;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	at = strstr(text, "name=\"a/one\"");
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	memcpy(at, "name=\"a/oni\"", 12);
	CU_ASSERT_EQUAL(file_write(file, 0600, text), 0);
	free(text);
	ASSERT_RUNS(65, NULL, "audit", "verify", file, "--pubkey", pub);
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "FOUND event_changed"));
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "FOUND file_signature"));
	ASSERT_RUNS(66, NULL, "audit", "verify", "/nowhere", "--pubkey", pub);
	ASSERT_RUNS(65, NULL, "audit", "verify", file, "--pubkey", sig);
}

static const struct suite_test tests[] = {
	TEST(an_instance_with_a_history),
	TEST(rows_are_listed_and_reading_is_a_row),
	TEST(an_export_is_signed_and_proved_without_the_database),
	TEST(what_only_the_signature_proves_is_no_success_without_it),
	TEST(siem_stylesheets_give_csv_and_json),
	TEST(siem_stylesheets_tell_what_is_masked),
	TEST(a_changed_file_is_told_by_name_and_exit_code),
};
SUITE_MAIN("cli/audit", tests, op_database_start, op_database_stop)
