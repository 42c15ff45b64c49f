/*
 * Goal: an auditor gets the audit as a file through the web server, by session
 * and by key; the tools that others have (xmllint, minisign) and our own check
 * accept it, and refuse what was changed.
 */

#include "tests/e2e/export.h"

static void
st_sec_010_ac2_an_export_over_http_is_proved_with_tools_of_others(void)
{
	struct http_reply * r;
	char * where, * name;
	size_t len;

	CU_ASSERT(walk_stored(owner, "instance", "export/one",
	    "value-number-one-77"));
	CU_ASSERT(walk_stored(owner, "instance", "export/one",
	    "value-number-two-77"));
	where = newest(owner, "");
	download(owner, where);
	everybody_accepts_it();
	r = http_request(owner, "HEAD", where, NULL, NULL, 0);
	CU_ASSERT_EQUAL(r->status, 200);
	name = http_reply_header(r, "Content-Disposition");
	CU_ASSERT_PTR_NOT_NULL_FATAL(name);
	CU_ASSERT_EQUAL(strncmp(name, "attachment; filename=\"strongroom-"
	    "audit-", 38), 0);
	CU_ASSERT_EQUAL(r->len, 0);
	free(name);
	free(where);
	http_reply_free(&r);
	name = file_read(file, &len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(name);
	CU_ASSERT_PTR_NOT_NULL(strstr(name, "action=\"ROTATE\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(name, "name=\"export/one\""));
	CU_ASSERT_PTR_NULL(strstr(name, "value-number"));
	free(name);
}

static void
st_sec_010_ac1_a_program_with_a_key_exports_what_it_asks_for(void)
{
	char * where, * text, * out = NULL;
	struct http_reply * r;

	where = newest(program, "?action=CREATE&target=instance/export/one");
	download(program, where);
	everybody_accepts_it();
	text = file_read(file, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "action=\"CREATE\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, WALK_EMAIL));
	CU_ASSERT_PTR_NULL(strstr(text, "<EventIdentification id=\"\""));
	CU_ASSERT_PTR_NULL(strstr(text, "action=\"SIGN_IN\""));
	free(text);
	free(where);
	/* Who exported is in the next one. */
	where = newest(program, "?action=AUDIT_EXPORT");
	download(program, where);
	CU_ASSERT_EQUAL(verify(&out), 0);
	text = file_read(file, NULL);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "e2e/auditor"));
	free(text);
	free(out);
	free(where);
	r = http_get(program, PATH "?size=987654321");
	CU_ASSERT_EQUAL(r->status, 404);
	CU_ASSERT(http_has(r, "\"audit_checkpoint_not_found\""));
	http_reply_free(&r);
}

static void
st_sec_010_ac2_a_tampered_copy_of_a_download_is_refused(void)
{
	char * where = newest(owner, "");
	char * text, * at, * out = NULL;

	download(owner, where);
	everybody_accepts_it();
	text = file_read(file, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	at = strstr(text, "action=\"ROTATE\"");
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	memcpy(at, "action=\"CREATE\"", 15);
	CU_ASSERT_EQUAL(file_write(file, 0600, text), 0);
	CU_ASSERT_NOT_EQUAL(process_run((const char * const[]){ "minisign",
	    "-V", "-m", file, "-p", pub, NULL }, NULL, NULL, NULL), 0);
	CU_ASSERT_EQUAL(verify(&out), 65);
	free(out);
	free(text);
	free(where);
}

static void
the_page_s_links_give_the_file_and_its_signature(void)
{
	struct http_reply * page = http_get(owner,
	    "/settings/security/audit?outcome=succeeded");
	char * xml = http_xpath(page,
	    "//a[@id='settings-security-audit-xml']/@href");
	char * minisig = http_xpath(page,
	    "//a[@id='settings-security-audit-signature']/@href");
	char * expected;

	CU_ASSERT_PTR_NOT_NULL_FATAL(strchr(xml, '?'));
	expected = text_format("%s" PATH ".minisig%s", instance_prefix(inst),
	    strchr(xml, '?'));
	CU_ASSERT_STRING_EQUAL(minisig, expected);
	download(owner, xml);
	everybody_accepts_it();
	free(expected);
	free(minisig);
	free(xml);
	http_reply_free(&page);
}

static const struct suite_test tests[] = {
	TEST(st_sec_010_ac2_an_export_over_http_is_proved_with_tools_of_others),
	TEST(st_sec_010_ac1_a_program_with_a_key_exports_what_it_asks_for),
	TEST(st_sec_010_ac2_a_tampered_copy_of_a_download_is_refused),
	TEST(the_page_s_links_give_the_file_and_its_signature),
};

SUITE_MAIN("e2e/export", tests, start, stop)
