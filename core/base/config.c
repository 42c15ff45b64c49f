#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/config.h"
#include "core/base/config_internal.h"
#include "core/base/secbuf.h"

#define SECRET_FILE_MAX	((size_t)64 * 1024)

static const struct config_row rows[CFG__MAX] = {
#define CONFIG(id, section, key, type, standard, help)			\
	[CFG_##id] = { section, key, type, standard, help },
#include "core/base/config.def"
#undef CONFIG
};

/* Numbers without a row here take any value up to INT32_MAX. */
static const struct {
	uint64_t least;
	uint64_t most;
} ranges[CFG__MAX] = {
	[CFG_DATABASE_PORT] = { 1, 65535 },
	[CFG_DATABASE_TIMEOUT] = { 1, 3600 },
	[CFG_WORKER_THREADS] = { 1, 512 },
	[CFG_WORKER_BODY_LIMIT] = { 1024, 256 * 1024 },
	[CFG_SESSION_IDLE] = { 1, 7 * 24 * 60 },
	[CFG_SESSION_AGE] = { 1, 90 * 24 },
	[CFG_SETUP_LINK_MINUTES] = { 1, 7 * 24 * 60 },
	[CFG_PASSWORD_COST] = { 1, 11 },
	[CFG_PASSWORD_PARALLEL] = { 1, 64 },
	[CFG_REDACTION_RETENTION] = { 1, 3650 },
	[CFG_SECRET_GRACE] = { 0, 60 * 24 * 365 },
	[CFG_RUN_LEASE] = { 1, 60 * 24 * 7 },
	[CFG_ROTATION_ATTEMPTS] = { 1, 20 },
	[CFG_ROTATION_PAUSE] = { 0, 600 },
	[CFG_ROTATION_DEADLINE] = { 10, 86400 },
	[CFG_PROVIDER_CHECK_MINUTES] = { 1, 60 * 24 },
	[CFG_PROVIDER_ATTEMPTS] = { 1, 10 },
	[CFG_PROVIDER_TIMEOUT] = { 1, 120 },
	[CFG_SECRET_ROTATION] = { 1, 3650 },
	[CFG_IDEMPOTENCY_HOURS] = { 1, 24 * 365 },
	[CFG_SECRET_EXPIRY_WARNING] = { 1, 3650 },
	[CFG_RUN_PATIENCE] = { 0, 3600 },
	[CFG_RUN_LOST_MINUTES] = { 1, 60 * 24 * 7 },
	[CFG_RUN_EVENT_DAYS] = { 1, 3650 },
	[CFG_RUN_PROMPT_DAYS] = { 1, 3650 },
	[CFG_RUN_STREAM_MINUTES] = { 1, 60 * 24 },
	[CFG_RUN_GUESS_LIMIT] = { 0, 1000000 },
	[CFG_ARTIFACT_LIMIT] = { 1024, 2147483647 },
	[CFG_ARTIFACT_RUN_LIMIT] = { 1024, 2147483647 },
	[CFG_ARTIFACT_LOG_DAYS] = { 1, 3650 },
	[CFG_ARTIFACT_DAYS] = { 1, 3650 },
};

/** config_row(id): the row, for help and the manual. */
const struct config_row *
config_row(enum config_id id)
{

	must(id < CFG__MAX);
	return (&rows[id]);
}

/** config_complain(load, err, format, …): keep the first failure. */
bool
config_complain(struct config_load * load, enum sr_error err,
    const char * format, ...)
{
	va_list ap;

	if (load->err != SR_OK)
		return (false);
	load->err = err;
	if (load->complaint_len != 0) {
		va_start(ap, format);
		(void)vsnprintf(load->complaint, load->complaint_len, format,
		    ap);
		va_end(ap);
	}
	return (false);
}

static bool
take_number(struct config_load * load, const struct config_found * found)
{
	uint64_t least = ranges[found->id].least;
	uint64_t most = ranges[found->id].most;
	unsigned long long number;
	char * end;

	if (most == 0)
		most = INT32_MAX;
	errno = 0;
	number = strtoull(found->value, &end, 10);
	/* strtoull takes signs and blanks; a setting has neither. */
	if (found->value[0] < '0' || found->value[0] > '9' || *end != '\0' ||
	    errno != 0)
		return (config_complain(load, SR_E_CONFIG_INVALID,
		    "%s is not a whole number", found->where));
	if (number < least || number > most)
		return (config_complain(load, SR_E_CONFIG_INVALID,
		    "%s is not in the range %llu to %llu", found->where,
		    (unsigned long long)least, (unsigned long long)most));
	load->c->s[found->id].number = number;
	return (true);
}

static bool
take_bool(struct config_load * load, const struct config_found * found)
{
	static const char * const yes[] = { "yes", "true", "on", "1" };
	static const char * const no[] = { "no", "false", "off", "0" };
	size_t i;

	for (i = 0; i < COUNTOF(yes); i++) {
		if (strcmp(found->value, yes[i]) == 0 ||
		    strcmp(found->value, no[i]) == 0) {
			load->c->s[found->id].flag =
			    strcmp(found->value, yes[i]) == 0;
			return (true);
		}
	}
	return (config_complain(load, SR_E_CONFIG_INVALID,
	    "%s is neither yes nor no", found->where));
}

static bool
take_text(struct config_load * load, char ** into, const char * value)
{
	char * copy;

	if ((copy = strdup(value)) == NULL)
		return (config_complain(load, SR_E_OUT_OF_MEMORY,
		    "out of memory"));
	free(*into);
	*into = copy;
	return (true);
}

/*
 * Two forms at one level leave open which is meant; for the root key any two
 * do, since the wrong one would seal values that the right one cannot open.
 */
static bool
secret_conflicts(struct config_load * load, const struct config_found * found)
{
	const struct config_setting * s = &load->c->s[found->id];
	enum sr_error err = SR_E_CONFIG_SOURCES_CONFLICT;

	if (s->secret == NULL && s->secret_file == NULL)
		return (false);
	if (found->id == CFG_ROOT_KEY)
		err = SR_E_ROOT_KEY_SOURCES_CONFLICT;
	else if (found->level != s->level)
		return (false);
	(void)config_complain(load, err, "%s: %s is set already",
	    found->where, rows[found->id].key);
	return (true);
}

static bool
take_secret(struct config_load * load, const struct config_found * found)
{
	struct config_setting * s = &load->c->s[found->id];
	enum sr_error err;

	if (secret_conflicts(load, found))
		return (false);
	secbuf_free(&s->secret);
	free(s->secret_file);
	s->secret_file = NULL;
	if (found->is_file_form)
		return (take_text(load, &s->secret_file, found->value));
	err = secbuf_copy(found->value, strlen(found->value), &s->secret);
	if (err == SR_E_LIMIT_EXCEEDED)
		return (config_complain(load, SR_E_CONFIG_INVALID,
		    "%s is too long", found->where));
	if (err != SR_OK)
		return (config_complain(load, err, "%s: %s", found->where,
		    sr_error_row(err)->title));
	return (true);
}

/** config_take(load, found): check and store a value. */
bool
config_take(struct config_load * load, const struct config_found * found)
{
	struct config_setting * s = &load->c->s[found->id];
	bool taken = false;

	switch (rows[found->id].type) {
	case CONFIG_TEXT:
		taken = take_text(load, &s->text, found->value);
		break;
	case CONFIG_NUMBER:
		taken = take_number(load, found);
		break;
	case CONFIG_BOOL:
		taken = take_bool(load, found);
		break;
	case CONFIG_SECRET:
		/* No default: an empty one is none. */
		taken = found->value[0] == '\0' || take_secret(load, found);
		break;
	}
	if (taken)
		s->level = found->level;
	return (taken);
}

static void
take_defaults(struct config_load * load)
{
	struct config_found found = { .level = LEVEL_DEFAULT };
	size_t i;

	for (i = 0; i < CFG__MAX; i++) {
		found.id = (enum config_id)i;
		found.value = rows[i].standard;
		found.where = rows[i].key;
		if (!config_take(load, &found))
			return;
	}
}

/**
 * config_load(path, complaint, complaint_len, out):
 * Read ${path} (NULL: no file) and the environment.
 */
enum sr_error
config_load(const char * path, char * complaint, size_t complaint_len,
    struct config ** out)
{
	struct config_load load = { .complaint = complaint,
		.complaint_len = complaint_len };

	*out = NULL;
	if (complaint_len != 0)
		complaint[0] = '\0';
	if ((load.c = calloc(1, sizeof(*load.c))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	take_defaults(&load);
	if (path != NULL && load.err == SR_OK)
		config_read_file(&load, path);
	/* Also after a failure: secrets do not stay in the environment. */
	config_read_environment(&load);
	config_read_named(&load);
	if (load.err != SR_OK)
		config_free(&load.c);
	*out = load.c;
	return (load.err);
}

/** config_free(c): release; *c becomes NULL; *c may be NULL. */
void
config_free(struct config ** c)
{
	struct config_setting * s;
	size_t i;

	if (c == NULL || *c == NULL)
		return;
	for (i = 0; i < CFG__MAX; i++) {
		s = &(*c)->s[i];
		free(s->text);
		free(s->secret_file);
		secbuf_free(&s->secret);
	}
	config_free_named(*c);
	free(*c);
	*c = NULL;
}

/** config_text(c, id): a CONFIG_TEXT setting, "" when unset. */
const char *
config_text(const struct config * c, enum config_id id)
{

	must(config_row(id)->type == CONFIG_TEXT);
	return (c->s[id].text);
}

/** config_number(c, id): a CONFIG_NUMBER setting. */
uint64_t
config_number(const struct config * c, enum config_id id)
{

	must(config_row(id)->type == CONFIG_NUMBER);
	return (c->s[id].number);
}

/** config_bool(c, id): a CONFIG_BOOL setting. */
bool
config_bool(const struct config * c, enum config_id id)
{

	must(config_row(id)->type == CONFIG_BOOL);
	return (c->s[id].flag);
}

/** config_secret_file(c, id): the path of the _FILE form, "" if not used. */
const char *
config_secret_file(const struct config * c, enum config_id id)
{

	must(config_row(id)->type == CONFIG_SECRET);
	return (c->s[id].secret_file == NULL ? "" : c->s[id].secret_file);
}

/** config_is_default(c, id): whether no file and no variable set it. */
bool
config_is_default(const struct config * c, enum config_id id)
{

	must(id < CFG__MAX);
	return (c->s[id].level == LEVEL_DEFAULT);
}

/** config_open(path): open a regular file for reading. */
int
config_open(const char * path)
{
	struct stat st;
	int fd;

	/* O_NONBLOCK: to open a pipe would wait for who writes into it. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1)
		return (-1);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return (fd);
	(void)close(fd);
	errno = EINVAL;
	return (-1);
}

static enum sr_error
read_secret_file(const char * path, struct secbuf ** out)
{
	enum sr_error err;
	int fd;

	if ((fd = config_open(path)) == -1)
		return (SR_E_CONFIG_INVALID);
	err = secbuf_read_fd(fd, SECRET_FILE_MAX, out);
	(void)close(fd);
	if (err == SR_E_INPUT_UNREADABLE || err == SR_E_LIMIT_EXCEEDED)
		err = SR_E_CONFIG_INVALID;
	return (err);
}

/**
 * config_secret(c, id, out):
 * A copy of a CONFIG_SECRET setting; NULL when unset.
 */
enum sr_error
config_secret(const struct config * c, enum config_id id, struct secbuf ** out)
{
	const struct config_setting * s = &c->s[id];
	enum sr_error err = SR_OK;

	must(config_row(id)->type == CONFIG_SECRET);
	*out = NULL;
	if (s->secret != NULL)
		err = secbuf_clone(s->secret, out);
	/* The keyring opens the root key's file: it checks who may read it. */
	else if (s->secret_file != NULL && id != CFG_ROOT_KEY)
		err = read_secret_file(s->secret_file, out);
	if (err == SR_OK && *out != NULL)
		secbuf_trim_newline(*out);
	return (err);
}
