#include <sys/socket.h>
#include <sys/stat.h>

#include <netinet/in.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "tests/core/store/fixture.h"
#include "tests/harness/process.h"

/*
 * Over TCP. The address 0.0.0.0 reaches this machine and is not one of the
 * loopback addresses by name, so it stands for a host elsewhere.
 */
#define FAR	"0.0.0.0"

static char dir[80], cert[100], key[100], other_cert[100], other_key[100];
static char port_arg[32], cert_arg[120], key_arg[120];
static unsigned port;

static unsigned
free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	must(fd >= 0 && bind(fd, (const struct sockaddr *)&a, len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	(void)close(fd);
	return (ntohs(a.sin_port));
}

/* A certificate for FAR that vouches for itself. */
static int
make_certificate(const char * cert_file, const char * key_file)
{
	const char * argv[] = { "openssl", "req", "-x509", "-newkey", "ec",
	    "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
	    "-subj", "/CN=" FAR, "-addext", "subjectAltName=IP:" FAR,
	    "-out", cert_file, "-keyout", key_file, NULL };
	int rc = process_run(argv, NULL, NULL, NULL);

	/* The server runs as another user than the tests do. */
	return (rc == 0 ? chmod(key_file, 0644) | chmod(cert_file, 0644) : -1);
}

static int
make_user(void)
{
	char sql[200], * out;

	(void)snprintf(sql, sizeof(sql), "CREATE USER strongroom_worker@'%%' "
	    "IDENTIFIED BY '%s'; GRANT SELECT ON strongroom.* TO "
	    "strongroom_worker@'%%'", mariadb_worker_password(m));
	/* No assertions: no test runs yet. */
	out = mariadb_sql(m, sql);
	free(out);
	return (out == NULL ? -1 : 0);
}

static int
start(void)
{
	static const char * args[] = { "--skip-networking=0",
	    "--bind-address=127.0.0.1", "--skip-name-resolve", port_arg,
	    cert_arg, key_arg, NULL };

	log_open(NULL, 2);
	if (db_library_init() != SR_OK ||
	    temp_folder("sr-tls", dir, sizeof(dir)) != 0 ||
	    chmod(dir, 0755) != 0)
		return (-1);
	(void)snprintf(cert, sizeof(cert), "%s/cert.pem", dir);
	(void)snprintf(key, sizeof(key), "%s/key.pem", dir);
	(void)snprintf(other_cert, sizeof(other_cert), "%s/other.pem", dir);
	(void)snprintf(other_key, sizeof(other_key), "%s/otherkey.pem", dir);
	if (make_certificate(cert, key) != 0 ||
	    make_certificate(other_cert, other_key) != 0)
		return (-1);
	port = free_port();
	(void)snprintf(port_arg, sizeof(port_arg), "--port=%u", port);
	(void)snprintf(cert_arg, sizeof(cert_arg), "--ssl-cert=%s", cert);
	(void)snprintf(key_arg, sizeof(key_arg), "--ssl-key=%s", key);
	if (mariadb_start_with(args, &m) != 0)
		return (-1);
	return (make_user());
}

static int
stop(void)
{

	remove_tree(dir);
	return (fixture_stop());
}

/* Ping a host, or a list of them, with a file of CAs. */
static enum sr_error
ping(const char * host, const char * ca)
{
	struct db_options o;
	struct db * to;
	enum sr_error err;

	mariadb_worker_options(m, &o);
	o.socket = "";
	o.host = host;
	o.port = port;
	o.tls_ca = ca;
	o.timeout_seconds = 2;
	must(db_new(&o, &to) == SR_OK);
	err = db_ping(to);
	db_free(&to);
	return (err);
}

static void
a_loopback_address_needs_no_tls(void)
{

	ASSERT_ERR(ping("127.0.0.1", NULL), SR_OK);
	ASSERT_ERR(ping("127.0.0.1", ""), SR_OK);
}

static void
the_first_host_that_answers_is_taken(void)
{
	char list[128];

	(void)snprintf(list, sizeof(list), "127.0.0.1:1,[::1]:1,127.0.0.1:%u",
	    port);
	ASSERT_ERR(ping(list, NULL), SR_OK);
	ASSERT_ERR(ping("127.0.0.1:1,127.0.0.1:2", NULL),
	    SR_E_DATABASE_UNAVAILABLE);
}

static void
a_malformed_list_of_hosts_is_a_mistake_in_the_configuration(void)
{
	static const char * const lists[] = { "", ",", "127.0.0.1:",
	    ":3306", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:1x",
	    "[::1", "[]", "[::1]x", "127.0.0.1:1,,127.0.0.1:2" };
	size_t i;

	for (i = 0; i < COUNTOF(lists); i++)
		ASSERT_ERR(ping(lists[i], NULL), SR_E_CONFIG_INVALID);
}

static void
another_host_needs_tls_and_a_known_certificate(void)
{

	/* That the server demands TLS proves that the session has it. */
	admin("ALTER USER strongroom_worker@'%' REQUIRE SSL");
	ASSERT_ERR(ping("127.0.0.1", NULL), SR_E_DATABASE_REFUSED);
	ASSERT_ERR(ping(FAR, cert), SR_OK);
	ASSERT_ERR(ping(FAR, other_cert), SR_E_DATABASE_UNAVAILABLE);
	ASSERT_ERR(ping(FAR, NULL), SR_E_DATABASE_UNAVAILABLE);
	ASSERT_ERR(ping(FAR, "/nonexistent/ca.pem"),
	    SR_E_DATABASE_UNAVAILABLE);
	admin("ALTER USER strongroom_worker@'%' REQUIRE NONE");
}

static void
a_certificate_for_another_name_is_refused(void)
{

	/* The same server by an address that its certificate does not name. */
	ASSERT_ERR(ping("[::ffff:127.0.0.1]", cert),
	    SR_E_DATABASE_UNAVAILABLE);
}

static void
another_host_without_tls_is_refused(void)
{

	cert_arg[0] = key_arg[0] = '\0';
	(void)snprintf(cert_arg, sizeof(cert_arg), "--skip-ssl");
	(void)snprintf(key_arg, sizeof(key_arg), "--skip-ssl");
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	ASSERT_ERR(ping("127.0.0.1", NULL), SR_OK);
	ASSERT_ERR(ping(FAR, cert), SR_E_DATABASE_UNAVAILABLE);
}

static const struct suite_test tests[] = {
	TEST(a_loopback_address_needs_no_tls),
	TEST(the_first_host_that_answers_is_taken),
	TEST(a_malformed_list_of_hosts_is_a_mistake_in_the_configuration),
	TEST(another_host_needs_tls_and_a_known_certificate),
	TEST(a_certificate_for_another_name_is_refused),
	TEST(another_host_without_tls_is_refused),
};
SUITE_MAIN("core/store/db_connect", tests, start, stop)
