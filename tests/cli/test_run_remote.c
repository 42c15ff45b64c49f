/* strongroom run over the API of a served instance, with a key. */

#include "tests/cli/running_remote.h"

/* Through a pipe what may be the begin of something is held back. */
#define FILL	"and this line is long enough to be sure of the one before"

static void
assert_same(const char * stream, const char * seen)
{
	char * said = untagged(run_said(stream));
	size_t i = 0;

	while (said[i] != '\0' && said[i] == seen[i])
		i++;
	if (said[i] != seen[i])
		suite_note("stored at %zu: %.80s, seen: %.80s; %s", i,
		    &said[i], &seen[i], op_err);
	CU_ASSERT(said[i] == seen[i]);
	free(said);
}

static void
the_environment_is_there_and_masked(void)
{

	ASSERT_REMOTE(0, PROJECT, "sh", "-c", "env; echo err $LONG_KEY >&2;"
	    " test ${#LONG_KEY} = 34 && test \"$MEDIUM_KEY\" = "
	    "\"$(printf 'Vy7Kq2%sXz4Rt8W' Lm9)\" && echo they are right;"
	    " printf %s \"$LONG_KEY\" | base64; printf '\\200\\342\\202\\254'");
	ASSERT_HAS(op_out, "LONG_KEY=[REDACTED:instance/run/long@1]");
	ASSERT_HAS(op_out, "SHORT_KEY=[REDACTED:instance/run/short@1]");
	ASSERT_HAS(op_out, "PHRASE=[REDACTED:instance/run/phrase@1]");
	ASSERT_HAS(op_out, "they are right\n[REDACTED:instance/run/long@1]");
	ASSERT_HAS(op_err, "err [REDACTED:instance/run/long@1]");
	ASSERT_HAS_NOT(op_out, "STRONGROOM_API_KEY");
	assert_secret_free(op_out);
	assert_secret_free(op_err);
	ASSERT_LAST("completed");
	assert_same("stderr", op_err);
	assert_sql("SELECT CONCAT_WS(',', workflow_name, workflow_version,"
	    " run_trigger, status) FROM run ORDER BY created_at DESC LIMIT 1",
	    "command,1,cli,completed");
	assert_sql("SELECT COUNT(*) FROM credential_lease WHERE released_at"
	    " IS NULL", "0");
}

/* By the project's id, with a name, a large output, and its exit code. */
static void
all_of_the_output_is_stored(void)
{

	ASSERT_REMOTE(7, PROJECT_ID, "sh", "-c", "i=0; while [ $i -lt 4000 ];"
	    " do echo \"$i \303\244\342\202\254 \033[1mbold\033[0m $LONG_KEY\";"
	    " i=$((i+1)); done; exit 7");
	ASSERT_HAS(op_out, "3999 ");
	assert_secret_free(op_out);
	assert_same("stdout", op_out);
	ASSERT_LAST("failed");
	assert_sql("SELECT payload FROM run_event WHERE type = 'run_failed'"
	    " ORDER BY occurred_at DESC LIMIT 1", "{\"exit_code\":7}");
	ASSERT_REMOTE(128 + SIGTERM, PROJECT, "sh", "-c", "kill -TERM $$");
	ASSERT_LAST("cancelled");
}

static void
on_a_terminal_it_is_the_same(void)
{
	struct live l = remote_live(true, "sh", "-c", "test -t 1 && stty size;"
	    " printf 'key '; printf %s \"$LONG_KEY\"; sleep 0.2; echo; exit 3",
	    NULL);
	int status = live_end(&l);

	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	ASSERT_HAS(l.text, "31 97");
	ASSERT_HAS(l.text, "[REDACTED:instance/run/long@1]");
	assert_secret_free(l.text);
	live_free(&l);
	ASSERT_LAST("failed");
}

static void
who_may_not_is_told(void)
{
	const char * none = remote_key("runs-only", "runs:write", NULL);
	const char * other = remote_key("other", "runs:write,secrets:resolve",
	    "0193a000-0000-7000-8000-00000000000f");

	ASSERT_KEY(77, "sr_not_a_key", PROJECT, "true");
	ASSERT_HAS(op_err, "(api_key_invalid)");
	ASSERT_KEY(77, none, PROJECT, "touch", "/nonexistent/started");
	ASSERT_HAS(op_err, "(api_key_scope_missing)");
	/* It has begun, and was ended. */
	ASSERT_LAST("failed");
	ASSERT_KEY(77, other, PROJECT, "true");
	ASSERT_HAS(op_err, "(api_key_project_forbidden)");
	/* Which slugs there are is not told. */
	ASSERT_KEY(77, other, "no-such", "true");
	ASSERT_HAS(op_err, "(api_key_project_forbidden)");
	ASSERT_REMOTE(66, "no-such", "true");
	ASSERT_HAS(op_err, "(project_not_found)");
	ASSERT_REMOTE(66, "../runs", "true");
	ASSERT_HAS(op_err, "(project_not_found)");
}

static void
keys_and_addresses_are_looked_at_first(void)
{
	const char * const no_key[] = { NULL };
	char * two = text_format("STRONGROOM_API_KEY_FILE=%s", conf);
	const char * const both[] = { remote_env[0], two, NULL };
	const char * const line[] = { "STRONGROOM_API_KEY=a\r\nX: y", NULL };
	const char * const args[] = { "run", "--project", PROJECT, "--server",
	    remote_url, "--", "true", NULL };

	ASSERT_EQUALS(op_run(args, NULL, no_key), 77);
	ASSERT_HAS(op_err, "(api_key_not_given)");
	ASSERT_EQUALS(op_run(args, NULL, both), 78);
	ASSERT_HAS(op_err, "(config_sources_conflict)");
	ASSERT_HAS(op_err, "are both set");
	ASSERT_EQUALS(op_run(args, NULL, line), 77);
	ASSERT_HAS(op_err, "(api_key_not_given)");
	ASSERT_AT(64, "http://192.0.2.1:8080");
	ASSERT_HAS(op_err, "(server_address_invalid)");
	ASSERT_AT(64, "http://127.0.0.1.example.org/");
	ASSERT_AT(64, "https://key@example.org/");
	ASSERT_AT(64, "ftp://127.0.0.1/");
	ASSERT_AT(69, "http://127.0.0.1:1/");
	ASSERT_HAS(op_err, "(server_unavailable)");
	free(two);
	ASSERT_OP(64, NULL, "run", "--project", PROJECT, "--cafile", conf,
	    "--", "true");
	ASSERT_HAS(op_err, "go with a server");
}

static void
the_key_may_be_in_a_file(void)
{
	char * path = text_format("%s/key", suite_tmpdir()), * text, * named;
	const char * env[2] = { NULL, NULL };
	const char * const args[] = { "run", "--project", PROJECT, "--server",
	    remote_url, "--", "env", NULL };

	text = text_format("%s\n", remote_secret);
	CU_ASSERT_EQUAL(file_write(path, 0600, text), 0);
	env[0] = named = text_format("STRONGROOM_API_KEY_FILE=%s", path);
	ASSERT_EQUALS(op_run(args, NULL, env), 0);
	ASSERT_HAS_NOT(op_out, "STRONGROOM_API_KEY");
	ASSERT_HAS_NOT(op_out, path);
	free(path);
	free(text);
	free(named);
}

static void
who_is_not_proved_gets_no_key(void)
{
	struct provider_server * s = provider_server_start(suite_tmpdir(),
	    PROVIDER_CERTIFICATE_GOOD);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	ASSERT_AT(77, provider_server_url(s));
	ASSERT_HAS(op_err, "(server_not_trusted)");
	CU_ASSERT_EQUAL(provider_server_requests(s), 0);
	/* With its authority it is asked. */
	ASSERT_AT_CA(provider_server_url(s), provider_server_ca(s));
	ASSERT_HAS_NOT(op_err, "(server_not_trusted)");
	provider_server_stop(&s);
}

static void
the_server_may_go_away_and_come_back(void)
{
	char * go = text_format("%s/go", suite_tmpdir());
	struct live l = remote_live(false, "sh", "-c", "echo ready; echo " FILL
	    "; while ! test -e $0/go; do sleep 0.1; echo line $LONG_KEY; done;"
	    " echo last; exit 4", suite_tmpdir(), NULL);
	int status;
	size_t i;

	live_until(&l, "line [REDACTED:");
	CU_ASSERT_EQUAL(instance_stop_workers(served), 0);
	for (i = l.len; l.len < i + 400; )
		CU_ASSERT_FATAL(live_read(&l, 20000));
	CU_ASSERT_EQUAL(instance_start_workers(served), 0);
	CU_ASSERT_EQUAL(file_write(go, 0600, ""), 0);
	status = live_end(&l);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 4);
	ASSERT_HAS(l.text, "]\nlast\n");
	assert_secret_free(l.text);
	assert_same("stdout", l.text);
	ASSERT_LAST("failed");
	live_free(&l);
	(void)unlink(go);
	free(go);
}

static void
a_key_that_is_revoked_meanwhile_is_told_once(void)
{
	char * go = text_format("%s/gone", suite_tmpdir());
	struct live l = remote_live(false, "sh", "-c", "echo ready; echo " FILL
	    "; while ! test -e $0/gone; do sleep 0.1; echo line $LONG_KEY;"
	    " echo e >&2; done; echo last; exit 5", suite_tmpdir(), NULL);
	const char * first;
	int status;

	live_until(&l, "line [REDACTED:");
	remote_revoke();
	live_until(&l, "the API key is not taken any more");
	CU_ASSERT_EQUAL(file_write(go, 0600, ""), 0);
	status = live_end(&l);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	first = strstr(l.text, "the API key is not taken any more");
	ASSERT_HAS_NOT(&first[1], "the API key is not taken any more");
	ASSERT_HAS(l.text, "last\n");
	ASSERT_HAS(l.text, "the run could not be ended");
	assert_secret_free(l.text);
	live_free(&l);
	ASSERT_LAST("running");
	run_sql("UPDATE run SET status = 'failed' WHERE status = 'running'");
	(void)unlink(go);
	free(go);
	remote_renew();
}

#define ONE(members)	"{\"items\":[{" members "}]}"
#define VALUE(v)	"\"variable\":\"A\",\"value\":\"" v "\""

static void
answers_that_are_none_start_nothing(void)
{
	static const char id[] = "{\"id\":\"" PROJECT_ID "\"}";
	static const char * const replies[] = {
		"", "[]", "{", ONE(VALUE("a9bcdefgh")) "x", "{\"items\":[]} x",
		"{\"items\":[{\"variable\":\"A\",\"value\":",
		ONE("\"variable\":\"A\",\"value\":\"x\\u0000yyyyyyy\""),
		ONE("\"variable\":\"A=B\",\"value\":\"abcdefgh9\""),
		ONE("\"variable\":\"A\",\"value\":\"\\ud800 9abcdef\""),
		ONE("\"variable\":\"A\",\"value\":\"\xff\xff 9abcdef\""),
		ONE(VALUE("a9bcdefgh") ",\"value\":\"b\""),
		ONE("\"variable\":\"A\""), "{\"next\":null}",
		"<html></html>",
	};
	struct player * p = player_start();
	size_t i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	for (i = 0; i < COUNTOF(replies); i++) {
		player_plays(p, id, replies[i], false);
		ASSERT_AT(69, player_url(p));
		ASSERT_HAS_NOT(op_out, "started");
	}
	/* Cut off by its length; a value that no gate masks. */
	player_plays(p, id, "{\"items\":[]}", true);
	ASSERT_AT(69, player_url(p));
	player_plays(p, id, "{\"items\":[{\"variable\":\"A\",\"value\":"
	    "\"short\",\"key_version\":1}]}", false);
	ASSERT_AT(70, player_url(p));
	ASSERT_HAS(op_err, "(run_value_unknown)");
	player_plays(p, "{\"id\":\"nonsense\"}", "", false);
	ASSERT_AT(69, player_url(p));
	ASSERT_HAS(op_err, "(server_reply_invalid)");
	player_plays(p, id, "{\"items\":[{\"variable\":\"A\",\"value\":\"a\\u"
	    "00e4\\ud83d\\ude00\\n-9xK2mQ7bT4\",\"key_version\":2}]}", false);
	ASSERT_AT(0, player_url(p));
	player_stop(&p);
}

static void
the_key_is_nowhere_to_be_seen(void)
{
	struct live l = remote_live(false, "sh", "-c", "echo ready; echo " FILL
	    "; exec sleep 99", NULL);
	char * text;

	live_until(&l, "ready");
	text = file_of(l.pid, "environ");
	ASSERT_HAS_NOT(text, remote_secret);
	free(text);
	text = file_of(l.pid, "cmdline");
	ASSERT_HAS_NOT(text, remote_secret);
	free(text);
	CU_ASSERT_EQUAL(kill(l.pid, SIGTERM), 0);
	(void)live_end(&l);
	ASSERT_HAS_NOT(l.text, remote_secret);
	live_free(&l);
	text = instance_log(served);
	ASSERT_HAS_NOT(text, remote_secret);
	assert_secret_free(text);
	free(text);
	text = instance_access_log(served);
	ASSERT_HAS_NOT(text, remote_secret);
	free(text);
}

static const struct suite_test tests[] = {
	TEST(a_project_is_served),
	TEST(the_environment_is_there_and_masked),
	TEST(all_of_the_output_is_stored),
	TEST(on_a_terminal_it_is_the_same),
	TEST(who_may_not_is_told),
	TEST(keys_and_addresses_are_looked_at_first),
	TEST(the_key_may_be_in_a_file),
	TEST(who_is_not_proved_gets_no_key),
	TEST(the_server_may_go_away_and_come_back),
	TEST(a_key_that_is_revoked_meanwhile_is_told_once),
	TEST(answers_that_are_none_start_nothing),
	TEST(the_key_is_nowhere_to_be_seen),
};

SUITE_MAIN("cli/run_remote", tests, setup, teardown)
