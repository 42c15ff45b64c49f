#ifndef SR_TESTS_HARNESS_INSTANCE_INTERNAL_H
#define SR_TESTS_HARNESS_INSTANCE_INTERNAL_H

#include "tests/harness/instance.h"
#include "tests/harness/process.h"

#define INSTANCE_SETTINGS_MAX	32

struct instance {
	char folder[128];
	char spool[128];
	char url[128];
	char prefix[64];
	enum instance_web kind;
	int listener;		/* The shared socket, or 0. */
	int notices;		/* Where workers on it say that they serve. */
	char * notify;		/* NOTIFY_SOCKET=… */
	bool shared;
	char * config;
	char * root;		/* The clone. */
	char * build;		/* Folder of the programs. */
	const char * settings[INSTANCE_SETTINGS_MAX + 1];
	enum instance_key key;
	unsigned port;
	unsigned plain;		/* The port without TLS, if there is one with. */
	bool tls;
	unsigned workers;
	unsigned faults;	/* Workers that ended badly. */
	pid_t worker[INSTANCE_WORKERS_MAX];
	pid_t web;
	struct mariadb * db;
};

/** instance_files(i): folders and root keys. 0 or -1. */
int instance_files(struct instance * i);

/** instance_write_config(i): the settings file, for the key as it is. */
int instance_write_config(const struct instance * i);

/** instance_choose_web(i, o): which web server, where. 0 or -1. */
int instance_choose_web(struct instance * i,
    const struct instance_options * o);

/** instance_listen(i): make the shared socket, if there is to be one. */
int instance_listen(struct instance * i);

/** instance_certificate(i): a new one, for 127.0.0.1. 0 or -1. */
int instance_certificate(const struct instance * i);

/** instance_start_web(i): the server, on a port that it could bind. 0 or -1. */
int instance_start_web(struct instance * i);

#endif /* !SR_TESTS_HARNESS_INSTANCE_INTERNAL_H */
