#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/secbuf_bytes.h"
#include "core/log/log.h"
#include "core/redact/common.h"

#include "core/vault/own_text.h"
#include "core/vault/secret.h"

#include "core/vault/environment.h"

#define NAME_LEN	64
#define LABEL_LEN	(NAME_LEN + 4)
#define KEY_LEN		32

/* One variable. */
struct entry {
	char name[NAME_LEN];
	struct secbuf * value;
	/* A value in one line whose \n are line ends to its users. */
	struct secbuf * unescaped;
};

/* The rows of environment.def, then what was added. */
struct environment {
	struct entry v[ENVIRONMENT__MAX + ENVIRONMENT_MORE];
	size_t n;
};

static const char * const names[ENVIRONMENT__MAX] = {
#define ENVIRONMENT(id, name) [ENVIRONMENT_##id] = name,
#include "core/vault/environment.def"
#undef ENVIRONMENT
};

/**
 * environment_name(id):
 * The variable's name.
 */
const char *
environment_name(enum environment_id id)
{
	must(id < ENVIRONMENT__MAX);
	return (names[id]);
}

/* Whoever can read /proc/PID/environ or a child's environment finds nothing. */
static enum sr_error
take_variable(const char * name, struct secbuf ** out)
{
	char * value = getenv(name);
	enum sr_error err = SR_OK;

	*out = NULL;
	if (value == NULL)
		return (SR_OK);
	if (value[0] != '\0')
		err = secbuf_copy(value, strlen(value), out);
	explicit_bzero(value, strlen(value));
	(void)unsetenv(name);
	return (err == SR_E_LIMIT_EXCEEDED ? SR_E_CONFIG_INVALID : err);
}

static enum sr_error
read_file(const char * path, struct secbuf ** out)
{
	enum sr_error err;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0)
		return (SR_E_CONFIG_INVALID);
	/* A line end more than the longest value. */
	err = secbuf_read_fd(fd, SECRET_VALUE_MAX + 2, out);
	(void)close(fd);
	if (err == SR_E_INPUT_UNREADABLE || err == SR_E_LIMIT_EXCEEDED)
		err = SR_E_CONFIG_INVALID;
	return (err);
}

/** environment_take(name, out): NAME, or the file that NAME_FILE names. */
enum sr_error
environment_take(const char * name, struct secbuf ** out)
{
	char file_name[NAME_LEN + sizeof("_FILE")];
	const char * path;
	enum sr_error err;

	must(strlen(name) < NAME_LEN);
	(void)snprintf(file_name, sizeof(file_name), "%s_FILE", name);
	path = getenv(file_name);
	if ((err = take_variable(name, out)) != SR_OK)
		return (err);
	if (path == NULL || path[0] == '\0')
		return (SR_OK);
	if (*out != NULL) {
		secbuf_free(out);
		return (SR_E_CONFIG_SOURCES_CONFLICT);
	}
	return (read_file(path, out));
}

/* The forms of ${value}, without those of lines that are common. */
static enum sr_error
forms_of(const struct secbuf * key, const struct secbuf * value,
    struct redact_forms * forms)
{
	enum sr_error err;

	err = redact_forms_of(key, value, forms);
	if (err != SR_OK)
		return (err);
	err = redact_forms_thin(key, value, own_text, own_text_len, forms);
	if (err != SR_OK)
		redact_forms_free(forms);
	return (err);
}

/* A value that could not be masked later is no value. */
static enum sr_error
check(const struct secbuf * value)
{
	struct redact_forms forms;
	struct secbuf * key;
	enum sr_error err;

	if (secbuf_len(value) < SECRET_VALUE_MIN ||
	    secbuf_len(value) > SECRET_VALUE_MAX)
		return (SR_E_SECRET_VALUE_INVALID);
	if ((err = secbuf_random(KEY_LEN, &key)) != SR_OK)
		return (err);
	if ((err = forms_of(key, value, &forms)) == SR_OK)
		redact_forms_free(&forms);
	secbuf_free(&key);
	return (err);
}

/* A key of several lines is often put into one, with \n between them. */
static enum sr_error
unescape(const struct secbuf * value, struct secbuf ** out)
{
	const uint8_t * from = secbuf_bytes(value);
	size_t i, n = 0, len = secbuf_len(value);
	uint8_t * to;
	enum sr_error err;

	if (memmem(from, len, "\\n", 2) == NULL)
		return (SR_OK);
	if ((err = secbuf_new(len, out)) != SR_OK)
		return (err);
	to = secbuf_writable(*out);
	for (i = 0; i < len; i++) {
		if (from[i] == '\\' && i + 1 < len && from[i + 1] == 'n') {
			to[n++] = '\n';
			i++;
		} else
			to[n++] = from[i];
	}
	secbuf_set_len(*out, n);
	return (SR_OK);
}

static enum sr_error
read_one(struct entry * v)
{
	enum sr_error err;

	if ((err = environment_take(v->name, &v->value)) != SR_OK)
		return (sr_fail(err, log_name("setting", v->name)));
	if (v->value == NULL)
		return (SR_OK);
	secbuf_trim_newline(v->value);
	if ((err = check(v->value)) == SR_OK &&
	    (err = unescape(v->value, &v->unescaped)) == SR_OK &&
	    v->unescaped != NULL)
		err = check(v->unescaped);
	if (err == SR_E_SECRET_VALUE_INVALID ||
	    err == SR_E_SECRET_VALUE_COMMON) {
		LOG(ENVIRONMENT_SECRET_REFUSED, log_error(err),
		    log_name("setting", v->name));
		secbuf_free(&v->value);
		secbuf_free(&v->unescaped);
		return (SR_OK);
	}
	return (err);
}

static struct entry *
new_entry(struct environment * e, const char * name)
{
	struct entry * v = &e->v[e->n++];

	must(strlen(name) < sizeof(v->name) - sizeof("_FILE"));
	(void)snprintf(v->name, sizeof(v->name), "%s", name);
	return (v);
}

/**
 * environment_read(out, which):
 * Take the secrets out of the environment.
 */
enum sr_error
environment_read(struct environment ** out, enum environment_id * which)
{
	struct environment * e;
	enum sr_error err = SR_OK, first = SR_OK;
	size_t i;

	if ((e = *out = calloc(1, sizeof(*e))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	/* Also after a failure: none of them stays in the environment. */
	for (i = 0; i < ENVIRONMENT__MAX; i++) {
		err = read_one(new_entry(e, names[i]));
		if (first != SR_OK || err == SR_OK)
			continue;
		first = err;
		if (which != NULL)
			*which = (enum environment_id)i;
	}
	if (first != SR_OK)
		environment_free(out);
	return (first);
}

static const struct entry *
find(const struct environment * e, const char * name)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (strcmp(e->v[i].name, name) == 0)
			return (&e->v[i]);
	return (NULL);
}

/**
 * environment_add(e, name):
 * Take another variable.
 */
enum sr_error
environment_add(struct environment * e, const char * name)
{

	if (find(e, name) != NULL)
		return (SR_OK);
	if (e->n == COUNTOF(e->v))
		return (sr_fail(SR_E_CONFIG_INVALID,
		    log_const("environment", "too many variables")));
	return (read_one(new_entry(e, name)));
}

/**
 * environment_free(e):
 * Wipe and release.
 */
void
environment_free(struct environment ** e)
{
	size_t i;

	if (e == NULL || *e == NULL)
		return;
	for (i = 0; i < (*e)->n; i++) {
		secbuf_free(&(*e)->v[i].value);
		secbuf_free(&(*e)->v[i].unescaped);
	}
	free(*e);
	*e = NULL;
}

/**
 * environment_secret(e, id):
 * The value, or NULL.
 */
const struct secbuf *
environment_secret(const struct environment * e, enum environment_id id)
{
	must(id < ENVIRONMENT__MAX);
	return (e->v[id].value);
}

/**
 * environment_find(e, name):
 * The value of that variable, or NULL.
 */
const struct secbuf *
environment_find(const struct environment * e, const char * name)
{
	const struct entry * v = find(e, name);

	return (v == NULL ? NULL : v->value);
}

/**
 * environment_known_id(row):
 * Ids of the live set that no row has: those are times, these are counted.
 */
struct sr_id
environment_known_id(size_t row)
{
	struct sr_id id = sr_id_nil;

	id.b[sizeof(id.b) - 1] = (uint8_t)(row + 1);
	return (id);
}

static enum sr_error
put(struct redact * redact, const struct secbuf * key,
    const struct environment * e, size_t row, uint32_t version,
    const struct secbuf * value)
{
	const struct sr_id id = environment_known_id(row);
	char label[LABEL_LEN];
	struct redact_forms forms;
	enum sr_error err;

	if (value == NULL)
		return (SR_OK);
	if ((err = forms_of(key, value, &forms)) != SR_OK)
		return (err);
	(void)snprintf(label, sizeof(label), "env/%s", e->v[row].name);
	err = redact_known_put(redact, &id, version, label, forms.v, forms.n);
	redact_forms_free(&forms);
	return (err);
}

/**
 * environment_known(e, redact, key):
 * Put the forms of every value into the live set of ${redact}.
 */
enum sr_error
environment_known(const struct environment * e, struct redact * redact,
    const struct secbuf * key)
{
	enum sr_error err = SR_OK;
	size_t i;

	for (i = 0; err == SR_OK && i < e->n; i++) {
		err = put(redact, key, e, i, 1, e->v[i].value);
		if (err == SR_OK)
			err = put(redact, key, e, i, 2, e->v[i].unescaped);
	}
	return (err);
}
