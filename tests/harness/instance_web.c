#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/instance_internal.h"
#include "tests/harness/suite.h"

#define MODULES		"/usr/lib/apache2/modules"

static const char * const names[] = { [INSTANCE_WEB_ANY] = "",
	[INSTANCE_WEB_LIGHTTPD] = "lighttpd", [INSTANCE_WEB_APACHE] = "apache",
	[INSTANCE_WEB_NGINX] = "nginx" };

int
instance_choose_web(struct instance * i, const struct instance_options * o)
{
	const char * kind = getenv("STRONGROOM_TEST_WEB");
	const char * prefix = o->prefix;

	if (prefix == NULL && (prefix = getenv("STRONGROOM_TEST_PREFIX")) ==
	    NULL)
		prefix = "";
	must(strlen(prefix) < sizeof(i->prefix));
	memcpy(i->prefix, prefix, strlen(prefix) + 1);
	i->kind = o->web;
	if (o->web == INSTANCE_WEB_ANY)
		i->kind = INSTANCE_WEB_LIGHTTPD;
	for (size_t n = 1; o->web == INSTANCE_WEB_ANY && kind != NULL &&
	    n < COUNTOF(names); n++) {
		if (strcmp(kind, names[n]) == 0)
			i->kind = (enum instance_web)n;
	}
	i->tls = o->tls;
	i->shared = o->shared || i->kind != INSTANCE_WEB_LIGHTTPD;
	return (0);
}

/* Apache and nginx begin as root and go on as that user. */
static const struct passwd *
web_user(const struct instance * i)
{
	const struct passwd * p;

	if (geteuid() != 0 || i->kind == INSTANCE_WEB_LIGHTTPD)
		return (NULL);
	p = getpwnam("www-data");
	must(p != NULL);
	return (p);
}

/* What systemd hears of a unit with Type=notify. */
static int
listen_for_notices(struct instance * i)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char * path = text_format("%s/notify", i->folder);
	int rc;

	must(strlen(path) < sizeof(a.sun_path));
	memcpy(a.sun_path, path, strlen(path) + 1);
	i->notify = text_format("NOTIFY_SOCKET=%s", path);
	i->notices = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	rc = bind(i->notices, (struct sockaddr *)&a, sizeof(a));
	free(path);
	return (rc);
}

/* As strongroom.socket has it: who may connect is the web server. */
int
instance_listen(struct instance * i)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const struct passwd * p = web_user(i);
	char * path;
	int rc = -1;

	if (!i->shared)
		return (0);
	path = instance_socket(i);
	must(strlen(path) < sizeof(a.sun_path));
	memcpy(a.sun_path, path, strlen(path) + 1);
	i->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (i->listener > 0 &&
	    bind(i->listener, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    chmod(path, 0660) == 0 && listen(i->listener, 1024) == 0 &&
	    (p == NULL || (chown(path, p->pw_uid, p->pw_gid) == 0 &&
	    chmod(i->folder, 0711) == 0)))
		rc = 0;
	free(path);
	return (rc == 0 ? listen_for_notices(i) : -1);
}

/* What the servers' own configuration has on Debian, as far as it matters. */
static char *
lighttpd_config(const struct instance * i)
{

	return (text_format("server.document-root = \"%s/site\"\n"
	    "server.bind = \"127.0.0.1\"\nserver.port = %u\n"
	    "server.modules = ()\n"
	    "accesslog.filename = \"%s/access.log\"\n"
	    "mimetype.assign = (\".css\" => \"text/css; charset=utf-8\", "
	    "\".js\" => \"text/javascript; charset=utf-8\", "
	    "\".svg\" => \"image/svg+xml\", \".png\" => \"image/png\", "
	    "\".html\" => \"text/html; charset=utf-8\")\n"
	    "include \"%s/site/lighttpd.conf\"\n%s%s%s", i->folder,
	    i->tls ? i->plain : i->port, i->folder, i->folder,
	    i->tls ? "include \"" : "", i->tls ? i->folder : "",
	    i->tls ? "/site/lighttpd-tls.conf\"\n" : ""));
}

static char *
apache_config(const struct instance * i)
{
	const struct passwd * p = web_user(i);
	char * user = p == NULL ? text_format("%s", "") :
	    text_format("User %s\nGroup #%u\n", p->pw_name, p->pw_gid);
	char * tls = i->tls ? text_format("Listen 127.0.0.1:%u\n"
	    "LoadModule ssl_module " MODULES "/mod_ssl.so\n", i->plain) :
	    text_format("%s", "");
	char * text = text_format("ServerName 127.0.0.1\n"
	    "Listen 127.0.0.1:%u\n%s%s"
	    "DefaultRuntimeDir %s\nPidFile %s/web.pid\nMutex posixsem\n"
	    "ErrorLog %s/web.log\nDocumentRoot %s/site\n"
	    "LoadModule mpm_event_module " MODULES "/mod_mpm_event.so\n"
	    "LoadModule authz_core_module " MODULES "/mod_authz_core.so\n"
	    "LoadModule alias_module " MODULES "/mod_alias.so\n"
	    "LoadModule mime_module " MODULES "/mod_mime.so\n"
	    "LoadModule headers_module " MODULES "/mod_headers.so\n"
	    "LoadModule reqtimeout_module " MODULES "/mod_reqtimeout.so\n"
	    "LoadModule proxy_module " MODULES "/mod_proxy.so\n"
	    "LoadModule proxy_fcgi_module " MODULES "/mod_proxy_fcgi.so\n"
	    "TypesConfig /dev/null\nAddType text/css .css\n"
	    "AddType text/javascript .js\nAddType image/svg+xml .svg\n"
	    "AddType text/html .html\nAddDefaultCharset utf-8\n"
	    "StartServers 1\nThreadsPerChild 25\nServerLimit 4\n"
	    "<Directory />\nRequire all denied\n</Directory>\n"
	    "Include %s/site/apache%s.conf\n%s%s%s", i->port, user, tls,
	    i->folder, i->folder, i->folder, i->folder, i->folder,
	    i->tls ? "-tls" : "", i->tls ? "" : "CustomLog ",
	    i->tls ? "" : i->folder, i->tls ? "" :
	    "/access.log strongroom\n");

	free(tls);
	free(user);
	return (text);
}

static char *
nginx_config(const struct instance * i)
{
	const struct passwd * p = web_user(i);
	const char * f = i->folder;
	char * user = p == NULL ? text_format("%s", "") :
	    text_format("user %s;\n", p->pw_name);
	char * server = i->tls ? text_format("include %s/site/nginx-tls.conf;",
	    f) : text_format("server {\nlisten 127.0.0.1:%u;\nroot %s/site;\n"
	    "include %s/site/nginx.conf;\n}", i->port, f, f);
	char * text = text_format("%spid %s/web.pid;\nworker_processes 1;\n"
	    "error_log %s/web.log warn;\n"
	    "events { worker_connections 512; }\nhttp {\n"
	    "types { text/css css; text/javascript js; image/svg+xml svg; "
	    "text/html html; }\ncharset utf-8;\naccess_log off;\n"
	    "client_body_temp_path %s/body;\nproxy_temp_path %s/proxy;\n"
	    "fastcgi_temp_path %s/fastcgi;\nuwsgi_temp_path %s/uwsgi;\n"
	    "scgi_temp_path %s/scgi;\ninclude %s/site/nginx-http.conf;\n"
	    "%s\n}\n", user, f, f, f, f, f, f, f, f, server);

	free(server);
	free(user);
	return (text);
}

static int
write_web_config(const struct instance * i, const char * path)
{
	char * text = i->kind == INSTANCE_WEB_APACHE ? apache_config(i) :
	    i->kind == INSTANCE_WEB_NGINX ? nginx_config(i) :
	    lighttpd_config(i);
	int rc = file_write(path, 0600, text);

	free(text);
	return (rc);
}

/* The site's part, as an administrator makes it. */
static int
make_site(const struct instance * i)
{
	const char * second = i->workers > 1 && !i->shared ? "1" : "0";
	char * tls = !i->tls ? text_format("%s", "") : text_format(
	    "--host 127.0.0.1 --address 127.0.0.1 --ports %u:%u "
	    "--certificate '%s/tls.crt' --key '%s/tls.key'", i->port, i->plain,
	    i->folder, i->folder);
	char * command = text_format("umask 022 && mkdir -p '%s/site' && "
	    "cp -R '%s/templates/assets' '%s/site/' && "
	    "'%s/deploy/snippets' --prefix '%s' "
	    "--socket '%s/worker-0.sock' %s '%s/worker-%s.sock' "
	    "--templates '%s/site' --spool '%s' --access-log '%s/access.log' "
	    "%s '%s/site'", i->folder, i->root, i->folder, i->root, i->prefix,
	    i->folder, "--socket", i->folder, second, i->folder, i->spool,
	    i->folder, tls, i->folder);
	const char * argv[] = { "sh", "-c", command, NULL };
	char * err = NULL;
	int rc = process_run(argv, NULL, NULL, &err);

	if (rc != 0)
		suite_note("deploy/snippets: %d %s", rc, err);
	free(err);
	free(command);
	free(tls);
	return (rc == 0 ? 0 : -1);
}

static pid_t
start_server(const struct instance * i, const char * conf)
{
	static const char * const ways[][5] = {
		[INSTANCE_WEB_ANY] = { NULL },
		[INSTANCE_WEB_LIGHTTPD] = { "lighttpd", "-D", "-f", NULL },
		[INSTANCE_WEB_APACHE] = { "apache2", "-DFOREGROUND", "-f",
		    NULL },
		[INSTANCE_WEB_NGINX] = { "nginx", "-g", "daemon off;", "-c",
		    NULL },
	};
	char * log = text_format("%s/web.log", i->folder);
	struct process_options options = { .log = log };
	const char * argv[8] = { NULL };
	pid_t pid;
	size_t n;

	for (n = 0; ways[i->kind][n] != NULL; n++)
		argv[n] = ways[i->kind][n];
	argv[n] = conf;
	/* Where nginx complains before it has read its configuration. */
	if (i->kind == INSTANCE_WEB_NGINX) {
		argv[n + 1] = "-e";
		argv[n + 2] = log;
	}
	pid = process_start(argv, &options);
	free(log);
	return (pid);
}

/* Another program may take the port between the choice and the bind. */
int
instance_start_web(struct instance * i)
{
	char * conf = text_format("%s/web.conf", i->folder);
	unsigned try;
	int rc = -1;

	if (i->tls && instance_certificate(i) != 0) {
		free(conf);
		return (-1);
	}
	for (try = 0; try < 5 && rc != 0; try++) {
		i->port = port_free();
		i->plain = i->tls ? port_free() : 0;
		snprintf(i->url, sizeof(i->url), "http%s://127.0.0.1:%u%s",
		    i->tls ? "s" : "", i->port, i->prefix);
		if (make_site(i) != 0 || write_web_config(i, conf) != 0)
			break;
		i->web = start_server(i, conf);
		if ((rc = port_wait(i->port, i->web, 10)) != 0)
			process_stop(&i->web, SIGTERM, 5);
	}
	free(conf);
	return (rc);
}
