#include <sys/stat.h>
#include <sys/vfs.h>

#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/instance_internal.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"

static char *
in_folder(const struct instance * i, const char * name)
{

	return (text_format("%s/%s", i->folder, name));
}

/* A new root key, as an operator makes it. */
static int
make_key(const struct instance * i, const char * name)
{
	char * program = text_format("%s/strongroom", i->build);
	char * path = in_folder(i, name);
	const char * argv[] = { program, "rootkey", "new", path, NULL };
	char * out, * err;
	int rc;

	rc = process_run(argv, NULL, &out, &err);
	if (rc != 0)
		suite_note("rootkey new: %d %s%s", rc, out, err);
	free(out);
	free(err);
	free(path);
	free(program);
	return (rc == 0 ? 0 : -1);
}

/* lighttpd's spool, on tmpfs where there is one. */
static int
make_spool(struct instance * i)
{
	struct statfs fs;

	if (statfs("/dev/shm", &fs) == 0 && fs.f_type == TMPFS_MAGIC) {
		snprintf(i->spool, sizeof(i->spool),
		    "/dev/shm/sr-spool-XXXXXX");
		if (mkdtemp(i->spool) != NULL)
			return (0);
	}
	return (temp_folder("sr-spool", i->spool, sizeof(i->spool)));
}

int
instance_files(struct instance * i)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");

	if (temp_folder("sr-instance", i->folder, sizeof(i->folder)) != 0 ||
	    make_spool(i) != 0)
		return (-1);
	i->config = in_folder(i, "strongroom.conf");
	i->root = realpath(".", NULL);
	i->build = realpath(build != NULL ? build : "build", NULL);
	if (i->root == NULL || i->build == NULL) {
		suite_note("there is no folder %s: run make in the clone",
		    build != NULL ? build : "build");
		return (-1);
	}
	if (make_key(i, "good.key") != 0 || make_key(i, "other.key") != 0)
		return (-1);
	return (0);
}

int
instance_set_key(struct instance * i, enum instance_key key)
{
	char * from = in_folder(i, key == INSTANCE_KEY_OTHER ? "other.key" :
	    "good.key");
	char * to = in_folder(i, "root.key");
	char * bytes = file_read(from, NULL);
	int rc = 0;

	i->key = key;
	unlink(to);
	if (key == INSTANCE_KEY_MALFORMED)
		rc = file_write(to, 0600, "1:not a key\n");
	else if (key != INSTANCE_KEY_GONE && key != INSTANCE_KEY_NONE)
		rc = bytes == NULL ? -1 : file_write(to,
		    key == INSTANCE_KEY_OPEN ? 0644 : 0600, bytes);
	free(bytes);
	free(to);
	free(from);
	return (rc != 0 ? rc : instance_write_config(i));
}

/* No test asks a provider on the network; one that plays it says where. */
#define NOBODY(name)							\
    "[provider " name "]\nbase_url = http://127.0.0.1:9\n"

int
instance_write_config(const struct instance * i)
{
	char * key, * text;
	int rc;

	key = text_format("root_key_file = %s/root.key", i->folder);
	text = text_format("[main]\n%s\n"
	    "[site]\nurl = %s\ntemplates = %s/templates\n"
	    "[database]\nsocket = %s\nname = strongroom\n"
	    "user = strongroom_worker\npassword_file = %s/password\n"
	    "[password]\ncost = 1\n"
	    "[providers]\nattempts = 1\n"
	    NOBODY("anthropic") NOBODY("openai") NOBODY("google")
	    NOBODY("github_pat") NOBODY("github_app") NOBODY("sprites"),
	    i->key == INSTANCE_KEY_NONE ? "" : key, i->url, i->root,
	    mariadb_socket(i->db), i->folder);
	rc = file_write(i->config, 0600, text);
	free(text);
	free(key);
	if (rc == 0) {
		text = in_folder(i, "password");
		rc = file_write(text, 0600, mariadb_worker_password(i->db));
		free(text);
	}
	return (rc);
}
