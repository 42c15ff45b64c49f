/*
 * Goal: a thread that is there before the fence would keep its files, so where
 * there is one there is no fence, and an error. The trial is a child of its
 * own.
 */

#include <sys/wait.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgi/confine.h"
#include "core/base/config.h"
#include "tests/harness/files.h"
#include "tests/harness/suite.h"

static struct config * config;
static char folder[256];

static int
start(void)
{
	char complaint[256] = "";
	char * conf;
	int rc = -1;

	if (temp_folder("confine", folder, sizeof(folder)) != 0)
		return (-1);
	conf = text_format("%s/conf", folder);
	if (file_write(conf, 0600, "[log]\nfile =\n") == 0 &&
	    config_load(conf, complaint, sizeof(complaint), &config) == SR_OK)
		rc = 0;
	else
		suite_note("%s", complaint);
	free(conf);
	return (rc);
}

static int
stop(void)
{

	config_free(&config);
	remove_tree(folder);
	return (0);
}

static void *
wait_on(void * cookie)
{
	char byte;

	(void)!read(*(int *)cookie, &byte, 1);
	return (NULL);
}

static int
late(void)
{
	unsigned abi = 0;
	enum sr_error err;
	pthread_t other;
	int ends[2];

	if (pipe(ends) != 0 ||
	    pthread_create(&other, NULL, wait_on, &ends[0]) != 0)
		return (1);
	confine_process();
	err = confine_files(config, NULL, &abi);
	if (abi == 0)
		return (err == SR_OK ? 0 : 2);
	if (err != SR_E_SANDBOX_FAILED)
		return (3);
	return (open("/proc/self/status", O_RDONLY) != -1 ? 0 : 4);
}

static void
threads_come_after_it(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(late());
	CU_ASSERT_FATAL(pid > 0 && waitpid(pid, &status, 0) == pid);
	CU_ASSERT_EQUAL(status, 0);
}

static const struct suite_test tests[] = {
	TEST(threads_come_after_it),
};

SUITE_MAIN("cgi/confine_late", tests, start, stop)
