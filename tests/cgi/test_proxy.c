#include <string.h>

#include "cgi/proxy.h"
#include "tests/harness/suite.h"

static void
lists_are_read(void)
{
	static const struct {
		const char * text;
		bool good;
		size_t n;
	} lists[] = { { "", true, 0 }, { " , ", true, 0 },
	    { "127.0.0.1", true, 1 }, { "10.0.0.0/8, fd00::/8,::1", true, 3 },
	    { "10.0.0.0/33", false, 0 }, { "fd00::/129", false, 0 },
	    { "10.0.0.0/", false, 0 }, { "10.0.0.0/-1", false, 0 },
	    { "10.0.0.0/8x", false, 0 }, { "proxy.example", false, 0 },
	    { "10.0.0.256", false, 0 }, { "10.0.0.0/1234", false, 0 },
	    { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    false, 0 } };
	char many[33 * 10 + 1] = "";
	struct proxies p;

	for (size_t i = 0; i < COUNTOF(lists); i++) {
		CU_ASSERT_EQUAL(proxies_parse(lists[i].text, &p),
		    lists[i].good);
		CU_ASSERT(!lists[i].good || p.n == lists[i].n);
	}
	for (unsigned i = 0; i < 33; i++)
		(void)snprintf(many + strlen(many), 11, "10.0.0.%u,", i);
	CU_ASSERT_FALSE(proxies_parse(many, &p));
}

static void
the_client_is_the_right_most_address_that_is_no_proxy(void)
{
	static const char list[] = "10.0.0.0/8, 192.0.2.1, fd00::/9, ::1";
	static const struct {
		const char * remote;
		const char * forwarded;
		const char * client;
	} asked[] = {
		/* Not a proxy: it may say what it likes. */
		{ "203.0.113.5", "10.0.0.1", "203.0.113.5" },
		{ "192.0.2.2", "1.2.3.4", "192.0.2.2" },
		/* One proxy, several, and what the client put before. */
		{ "192.0.2.1", "203.0.113.5", "203.0.113.5" },
		{ "10.0.0.1", "203.0.113.5, 10.9.9.9", "203.0.113.5" },
		{ "10.0.0.1", "127.0.0.1,203.0.113.5 ,\t10.9.9.9 ",
		    "203.0.113.5" },
		{ "fd00::1", "2001:db8::5", "2001:db8::5" },
		{ "fd80::1", "2001:db8::5", "fd80::1" },
		{ "::1", "203.0.113.5", "203.0.113.5" },
		{ "::ffff:10.0.0.1", "203.0.113.5", "203.0.113.5" },
		{ "::ffff:203.0.113.5", "1.2.3.4", "::ffff:203.0.113.5" },
		/* None, all of them proxies, and what is no address. */
		{ "10.0.0.1", "", "10.0.0.1" },
		{ "10.0.0.1", "10.0.0.2", "10.0.0.2" },
		{ "10.0.0.1", "203.0.113.5, unknown", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.5, _hidden, 10.0.0.2", "10.0.0.2" },
		{ "10.0.0.1", "203.0.113.5,", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.5:1234", "10.0.0.1" },
		{ "10.0.0.1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaa", "10.0.0.1" },
		{ "", "203.0.113.5", "" },
	};
	struct proxies p;
	char client[PROXY_ADDRESS_MAX + 1];

	CU_ASSERT_TRUE_FATAL(proxies_parse(list, &p));
	for (size_t i = 0; i < COUNTOF(asked); i++) {
		proxies_client(&p, asked[i].remote, asked[i].forwarded,
		    client);
		if (strcmp(client, asked[i].client) != 0)
			suite_note("%s, \"%s\": %s", asked[i].remote,
			    asked[i].forwarded, client);
		CU_ASSERT_STRING_EQUAL(client, asked[i].client);
	}
}

static void
without_a_list_nobody_is_believed(void)
{
	char client[PROXY_ADDRESS_MAX + 1];
	struct proxies p;

	CU_ASSERT_TRUE(proxies_parse("", &p));
	proxies_client(&p, "127.0.0.1", "203.0.113.5", client);
	CU_ASSERT_STRING_EQUAL(client, "127.0.0.1");
	CU_ASSERT_TRUE(proxies_parse("0.0.0.0/0", &p));
	proxies_client(&p, "127.0.0.1", "203.0.113.5, 2001:db8::5", client);
	CU_ASSERT_STRING_EQUAL(client, "2001:db8::5");
}

static const struct suite_test tests[] = {
	TEST(lists_are_read),
	TEST(the_client_is_the_right_most_address_that_is_no_proxy),
	TEST(without_a_list_nobody_is_believed),
};

SUITE_MAIN("cgi/proxy", tests, NULL, NULL)
