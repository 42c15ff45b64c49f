#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/config_internal.h"

#define PREFIX		"STRONGROOM_"
#define PLACE_MAX	160

static const struct named_row {
	const char * section;
	const char * key;
	const char * help;
} rows[NAMED__MAX] = {
#define NAMED(id, section, key, help) [NAMED_##id] = { section, key, help },
#include "core/base/config_named.def"
#undef NAMED
};

/* Letters, digits and _, in lower case, beginning with a letter. */
static bool
good_name(const char * name, size_t len)
{
	size_t i;

	if (len == 0 || len > CONFIG_NAME_MAX || !islower((unsigned char)*name))
		return (false);
	for (i = 0; i < len; i++)
		if (!islower((unsigned char)name[i]) &&
		    !isdigit((unsigned char)name[i]) && name[i] != '_')
			return (false);
	return (true);
}

/* The section called ${name}, made when it is not there. */
static struct config_named *
named(struct config_load * load, const char * name, size_t len)
{
	struct config * c = load->c;
	struct config_named * n;
	size_t i;

	for (i = 0; i < c->n_named; i++)
		if (strlen(c->named[i].name) == len &&
		    strncmp(c->named[i].name, name, len) == 0)
			return (&c->named[i]);
	if (c->n_named == CONFIG_NAMED_MAX) {
		(void)config_complain(load, SR_E_CONFIG_INVALID,
		    "more than %d sections have names", CONFIG_NAMED_MAX);
		return (NULL);
	}
	n = &c->named[c->n_named++];
	memcpy(n->name, name, len);
	n->name[len] = '\0';
	return (n);
}

/* The environment is read last and wins. */
static bool
take(struct config_load * load, const char * name, size_t len,
    enum config_named_id id, const char * value)
{
	struct config_named * n = named(load, name, len);

	if (n == NULL)
		return (false);
	free(n->text[id]);
	if ((n->text[id] = strdup(value)) != NULL)
		return (true);
	return (config_complain(load, SR_E_OUT_OF_MEMORY, "out of memory"));
}

/** config_named_section(section): where its name begins, or NULL. */
const char *
config_named_section(const char * section)
{
	static const char provider[] = "provider ";

	if (strncmp(section, provider, sizeof(provider) - 1) != 0)
		return (NULL);
	return (section + sizeof(provider) - 1);
}

/**
 * config_take_named(load, name, key, value, where):
 * Take a line of a file's section.
 */
bool
config_take_named(struct config_load * load, const char * name,
    const char * key, const char * value, const char * where)
{
	size_t i;

	if (!good_name(name, strlen(name)))
		return (config_complain(load, SR_E_CONFIG_INVALID, "%s: the"
		    " section's name is not made of a-z, 0-9 and _", where));
	for (i = 0; i < NAMED__MAX; i++)
		if (strcmp(rows[i].key, key) == 0)
			return (take(load, name, strlen(name),
			    (enum config_named_id)i, value));
	return (config_complain(load, SR_E_CONFIG_INVALID,
	    "%s: no setting has this name here", where));
}

/* NAME_KEY at ${rest}, in upper case. The longest key that fits is meant. */
static bool
split(const char * rest, size_t len, char name[CONFIG_NAME_MAX + 1],
    enum config_named_id * id)
{
	size_t i, j, key_len, best = 0;
	char key[PLACE_MAX];

	for (i = 0; i < NAMED__MAX; i++) {
		key_len = strlen(rows[i].key);
		for (j = 0; j <= key_len; j++)
			key[j] = (char)toupper((unsigned char)rows[i].key[j]);
		if (key_len <= best || len < key_len + 2 ||
		    rest[len - key_len - 1] != '_' ||
		    strncmp(rest + len - key_len, key, key_len) != 0)
			continue;
		best = key_len;
		*id = (enum config_named_id)i;
	}
	len -= best + 1;
	if (best == 0 || len > CONFIG_NAME_MAX)
		return (false);
	for (i = 0; i < len; i++)
		name[i] = (char)tolower((unsigned char)rest[i]);
	name[len] = '\0';
	return (good_name(name, len));
}

/** config_read_named(load): take what the environment says. */
void
config_read_named(struct config_load * load)
{
	static const char prefix[] = PREFIX "PROVIDER_";
	const size_t prefix_len = sizeof(prefix) - 1;
	char name[CONFIG_NAME_MAX + 1];
	enum config_named_id id = NAMED__MAX;
	const char * end;
	char ** e;

	for (e = environ; e != NULL && *e != NULL; e++) {
		if (load->err != SR_OK ||
		    strncmp(*e, prefix, prefix_len) != 0 ||
		    (end = strchr(*e, '=')) == NULL || end[1] == '\0')
			continue;
		if (!split(*e + prefix_len, (size_t)(end - *e) - prefix_len,
		    name, &id))
			(void)config_complain(load, SR_E_CONFIG_INVALID,
			    "%.*s: no setting has this name",
			    (int)(end - *e < 200 ? end - *e : 200), *e);
		else
			(void)take(load, name, strlen(name), id, end + 1);
	}
}

/** config_free_named(c): release what the sections hold. */
void
config_free_named(struct config * c)
{
	size_t i, j;

	for (i = 0; i < c->n_named; i++)
		for (j = 0; j < NAMED__MAX; j++)
			free(c->named[i].text[j]);
}

/** config_named_name(c, i): of the i-th section; NULL past the last. */
const char *
config_named_name(const struct config * c, size_t i)
{

	return (i < c->n_named ? c->named[i].name : NULL);
}

/** config_named_text(c, name, id): a setting of that section, "" if unset. */
const char *
config_named_text(const struct config * c, const char * name,
    enum config_named_id id)
{
	size_t i;

	must(id < NAMED__MAX);
	for (i = 0; i < c->n_named; i++)
		if (strcmp(c->named[i].name, name) == 0)
			return (c->named[i].text[id] == NULL ? "" :
			    c->named[i].text[id]);
	return ("");
}
