#include "tests/harness/http.h"
#include "tests/harness/instance_internal.h"

const char *
instance_url(const struct instance * i)
{

	return (i->url);
}

struct http *
instance_client(const struct instance * i)
{
	struct http * h = http_new(i->url);
	char * authority = instance_authority(i);

	if (i->tls)
		http_trust(h, authority);
	free(authority);
	return (h);
}

struct mariadb *
instance_database(const struct instance * i)
{

	return (i->db);
}

const char *
instance_folder(const struct instance * i)
{

	return (i->folder);
}

const char *
instance_config(const struct instance * i)
{

	return (i->config);
}

const char *
instance_prefix(const struct instance * i)
{

	return (i->prefix);
}

enum instance_web
instance_web(const struct instance * i)
{

	return (i->kind);
}

char *
instance_socket(const struct instance * i)
{

	return (text_format("%s/worker-0.sock", i->folder));
}

int
instance_listener(const struct instance * i)
{

	return (i->listener);
}

unsigned
instance_port(const struct instance * i)
{

	return (i->port);
}

unsigned
instance_plain_port(const struct instance * i)
{

	return (i->plain);
}

char *
instance_authority(const struct instance * i)
{

	return (text_format("%s/tls.crt", i->folder));
}

const char *
instance_spool(const struct instance * i)
{

	return (i->spool);
}

static char *
read_log(const struct instance * i, const char * name)
{
	char * path = text_format("%s/%s", i->folder, name);
	char * text = file_read(path, NULL);

	free(path);
	return (text != NULL ? text : text_format("%s", ""));
}

char *
instance_log(const struct instance * i)
{

	return (read_log(i, "worker.log"));
}

char *
instance_access_log(const struct instance * i)
{

	return (read_log(i, "access.log"));
}

char *
instance_web_log(const struct instance * i)
{

	return (read_log(i, "web.log"));
}

pid_t
instance_worker(const struct instance * i, unsigned n)
{

	return (n < i->workers ? i->worker[n] : -1);
}
