#ifndef SR_TESTS_E2E_EXPORT_H
#define SR_TESTS_E2E_EXPORT_H

/*
 * What the suites of the export over HTTP share: an instance, its owner, a
 * program with a key, and files that are downloaded and checked.
 */

#include <stdio.h>
#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define PATH	"/settings/security/audit.xml"

static struct instance * inst;
static struct http * owner;
static struct http * program;
static char * file, * sig, * pub;

/* A key for ${program}, and the public key into ${pub}. */
static inline bool
have_keys(void)
{
	char * out = NULL, * line;
	const char * key = NULL;
	bool good;

	if (instance_operator(inst, INSTANCE_ARGS("apikey", "create",
	    "--name", "e2e/auditor", "--scope", "audit:read", "--json"), NULL,
	    &out, NULL) == 0)
		key = strstr(out, "\"key\":\"");
	if (key != NULL) {
		line = text_format("Authorization: Bearer %.53s",
		    key + strlen("\"key\":\""));
		http_header(program, line);
		free(line);
	}
	free(out);
	out = NULL;
	good = key != NULL && instance_operator(inst, INSTANCE_ARGS("audit",
	    "key"), NULL, &out, NULL) == 0 && file_write(pub, 0600, out) == 0;
	free(out);
	return (good);
}

static inline int
start(void)
{

	if ((inst = instance_start(NULL)) == NULL ||
	    (owner = walk_in(inst)) == NULL)
		return (-1);
	program = instance_client(inst);
	file = text_format("%s/audit.xml", suite_tmpdir());
	sig = text_format("%s/audit.xml.minisig", suite_tmpdir());
	pub = text_format("%s/strongroom.pub", suite_tmpdir());
	return (have_keys() ? 0 : -1);
}

static inline int
stop(void)
{

	http_free(&owner);
	http_free(&program);
	free(file);
	free(sig);
	free(pub);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* The path of the newest export, with its size. Caller frees. */
static inline char *
newest(struct http * h, const char * query)
{
	char * path = text_format(PATH "%s", query);
	struct http_reply * r = http_get(h, path);
	char * where = http_reply_header(r, "Location");

	CU_ASSERT_EQUAL(r->status, 303);
	CU_ASSERT_PTR_NOT_NULL_FATAL(where);
	free(path);
	http_reply_free(&r);
	return (where);
}

/* Download the file at ${path} and its signature, into ${file} and ${sig}. */
static inline void
download(struct http * h, const char * path)
{
	struct http_reply * r = http_get(h, path);
	const char * query = strchr(path, '?');
	char * to;

	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_STRING_EQUAL(r->error, "");
	CU_ASSERT_EQUAL(file_write(file, 0600, r->body), 0);
	http_reply_free(&r);
	CU_ASSERT_PTR_NOT_NULL_FATAL(query);
	to = text_format(PATH ".minisig%s", query);
	r = http_get(h, to);
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_EQUAL(file_write(sig, 0600, r->body), 0);
	http_reply_free(&r);
	free(to);
}

static inline int
run(const char * const * argv)
{
	char * err = NULL;
	int rc = process_run(argv, NULL, NULL, &err);

	if (rc != 0)
		suite_note("%s: %d %.200s", argv[0], rc, err == NULL ? "" :
		    err);
	free(err);
	return (rc);
}

#define RUN(...)	run((const char * const[]){ __VA_ARGS__, NULL })

/* Our own check of ${file}; its words into ${out} unless NULL. */
static inline int
verify(char ** out)
{

	return (instance_operator(inst, INSTANCE_ARGS("audit", "verify", file,
	    "--pubkey", pub), NULL, out, NULL));
}

static inline void
everybody_accepts_it(void)
{

	CU_ASSERT_EQUAL(RUN("xmllint", "--noout", "--nonet", "--schema",
	    "schema/audit-export.xsd", file), 0);
	CU_ASSERT_EQUAL(RUN("minisign", "-V", "-m", file, "-p", pub), 0);
	CU_ASSERT_EQUAL(verify(NULL), 0);
}

#endif /* !SR_TESTS_E2E_EXPORT_H */
