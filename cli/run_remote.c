#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/known.h"
#include "cli/run_env.h"
#include "cli/run_remote.h"
#include "cli/run_reply.h"
#include "core/base/secbuf.h"
#include "core/redact/redact.h"

#define DEPTH_ITEM	3	/* {"items":[{…}]} */
#define NAME_MAX_LEN	160
#define WHY_MAX		96
#define LABEL_MAX	200

/* One binding of the answer, while it is read. */
struct item {
	char variable[BINDING_VARIABLE_MAX + 1];
	char scope[16];
	char name[NAME_MAX_LEN + 1];
	char why[WHY_MAX + 1];
	uint32_t version;
	struct secbuf * value;
};

struct reading {
	const struct secbuf * key;
	struct run_env * env;
	struct item item;
	bool listed;
};

static enum sr_error
keep_text(const struct reply_part * part, char * out, size_t size)
{

	if (part->kind != REPLY_TEXT || out[0] != '\0' || part->len >= size)
		return (SR_E_SERVER_REPLY_INVALID);
	memcpy(out, part->text, part->len + 1);
	return (SR_OK);
}

static enum sr_error
keep_version(const struct reply_part * part, uint32_t * out)
{
	size_t i;

	if (part->kind != REPLY_NUMBER || part->len > 9)
		return (SR_E_SERVER_REPLY_INVALID);
	*out = 0;
	for (i = 0; i < part->len; i++) {
		if (part->text[i] < '0' || part->text[i] > '9')
			return (SR_E_SERVER_REPLY_INVALID);
		*out = *out * 10 + (uint32_t)(part->text[i] - '0');
	}
	return (SR_OK);
}

static enum sr_error
keep_member(struct item * i, const struct reply_part * part)
{

	if (part->kind == REPLY_WORD)
		return (SR_OK);
	if (strcmp(part->name, "variable") == 0)
		return (keep_text(part, i->variable, sizeof(i->variable)));
	if (strcmp(part->name, "scope") == 0)
		return (keep_text(part, i->scope, sizeof(i->scope)));
	if (strcmp(part->name, "name") == 0)
		return (keep_text(part, i->name, sizeof(i->name)));
	if (strcmp(part->name, "error_type") == 0)
		return (keep_text(part, i->why, sizeof(i->why)));
	if (strcmp(part->name, "key_version") == 0)
		return (keep_version(part, &i->version));
	if (strcmp(part->name, "value") != 0)
		return (SR_OK);
	if (part->kind != REPLY_TEXT || i->value != NULL)
		return (SR_E_SERVER_REPLY_INVALID);
	return (secbuf_copy(part->text, part->len, &i->value));
}

/* As a project's binding is named: it becomes NAME=VALUE of a command. */
static bool
good_variable(const char * name)
{

	return (name[0] != '\0' && (name[0] < '0' || name[0] > '9') &&
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789_") == strlen(name));
}

/* What its masks say, as the server's do. */
static void
label_of(const struct item * i, char out[LABEL_MAX])
{

	if (i->version == 0)
		(void)snprintf(out, LABEL_MAX, "env/%s", i->variable);
	else if (i->scope[0] == '\0' || i->name[0] == '\0')
		(void)snprintf(out, LABEL_MAX, "secret");
	else
		(void)snprintf(out, LABEL_MAX, "%s/%s@%u", i->scope, i->name,
		    (unsigned)i->version);
}

static enum sr_error
take_item(struct reading * r)
{
	struct item * i = &r->item;
	char label[LABEL_MAX];
	enum sr_error err;

	if (!good_variable(i->variable) ||
	    (i->value == NULL) == (i->why[0] == '\0'))
		return (SR_E_SERVER_REPLY_INVALID);
	if (i->value == NULL) {
		run_env_lacks(r->env, i->variable, i->why);
		return (SR_OK);
	}
	label_of(i, label);
	err = known_add_thin(r->env->cli, r->key, i->value, i->version == 0 ?
	    1 : i->version, label);
	/* What the gate does not take run_env_take refuses. */
	if (err != SR_OK && err != SR_E_SECRET_VALUE_INVALID &&
	    err != SR_E_SECRET_VALUE_COMMON)
		return (err);
	redact_mark(r->env->cli->redact, REDACT_READY);
	return (run_env_take(r->env, i->variable, &i->value));
}

static enum sr_error
take_part(const struct reply_part * part, void * cookie)
{
	struct reading * r = cookie;
	enum sr_error err;

	if (part->depth == 2 && part->kind == REPLY_ARRAY &&
	    strcmp(part->name, "items") == 0)
		r->listed = true;
	if (!r->listed || part->depth != DEPTH_ITEM)
		return (SR_OK);
	if (part->kind == REPLY_OBJECT) {
		r->item = (struct item){ .value = NULL };
		return (SR_OK);
	}
	if (part->kind == REPLY_ARRAY)
		return (SR_E_SERVER_REPLY_INVALID);
	if (part->kind != REPLY_END)
		return (keep_member(&r->item, part));
	err = take_item(r);
	secbuf_free(&r->item.value);
	return (err);
}

/** run_remote_values(reply, key, env): known, and taken. */
enum sr_error
run_remote_values(struct secbuf * reply, const struct secbuf * key,
    struct run_env * env)
{
	struct reading r = { .key = key, .env = env };
	enum sr_error err;

	err = run_reply_walk(reply, take_part, &r);
	secbuf_free(&r.item.value);
	return (err == SR_OK && !r.listed ? SR_E_SERVER_REPLY_INVALID : err);
}
