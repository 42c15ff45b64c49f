#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/vault/http_call.h"
#include "core/vault/policy.h"
#include "core/vault/provider.h"

/* A section may add providers to the built-in ones. */
#define PROVIDERS_MAX	(CONFIG_NAMED_MAX + 16)
#define URL_MAX		200

struct providers {
	struct provider v[PROVIDERS_MAX];
	size_t n;
	char * kept[PROVIDERS_MAX * 4];	/* Texts that were made here. */
	size_t n_kept;
	const struct config * config;
	char * complaint;
	size_t complaint_len;
};

/* Rows of provider.def. */
struct row {
	struct provider p;
	const char * refused;
};

static const struct row rows[] = {
#define PROVIDER(id, name, title, variable, secret, kind, base_url, path, \
    header, extra, refused, proof, hint)				\
	{ { name, title, variable, secret, PROVIDER_##kind, base_url, path, \
	    header, extra, { 0 }, proof, hint, "" }, refused },
#include "core/vault/provider.def"
#undef PROVIDER
};

static enum sr_error
complain(struct providers * p, const char * name, enum config_named_id id,
    const char * what)
{
	static const char * const keys[NAMED__MAX] = {
#define NAMED(id, section, key, help) [NAMED_##id] = key,
#include "core/base/config_named.def"
#undef NAMED
	};

	if (p->complaint_len != 0)
		(void)snprintf(p->complaint, p->complaint_len,
		    "[provider %s] %s: %s", name, keys[id], what);
	return (SR_E_CONFIG_INVALID);
}

/* Statuses of three digits with blanks between them. */
static bool
parse_refused(const char * text, unsigned out[PROVIDER_REFUSED_MAX])
{
	unsigned long status;
	size_t n = 0;
	char * end;

	memset(out, 0, PROVIDER_REFUSED_MAX * sizeof(out[0]));
	while (*(text += strspn(text, " ,")) != '\0') {
		status = strtoul(text, &end, 10);
		if (end != text + 3 || status < 400 || status > 499 ||
		    n + 1 == PROVIDER_REFUSED_MAX)
			return (false);
		out[n++] = (unsigned)status;
		text = end;
	}
	return (true);
}

/* A path with a query, of what a URL may hold. */
static bool
good_path(const char * path)
{
	size_t i;

	for (i = 0; path[i] != '\0'; i++)
		if (!isgraph((unsigned char)path[i]) ||
		    strchr("#\\\"<>", path[i]) != NULL)
			return (false);
	return (path[0] == '/' && i <= URL_MAX);
}

/* A header's name, a colon and what stands before the credential. */
static bool
good_header(const char * header)
{
	size_t name = strcspn(header, ":"), i;

	for (i = 0; header[i] != '\0'; i++)
		if (i < name ? !isalnum((unsigned char)header[i]) &&
		    header[i] != '-' : !isprint((unsigned char)header[i]))
			return (false);
	return (name > 0 && header[name] == ':' && i <= 64);
}

static bool
good_variable(const char * name)
{
	size_t i;

	for (i = 0; name[i] != '\0'; i++)
		if (!isupper((unsigned char)name[i]) && name[i] != '_' &&
		    !(i > 0 && isdigit((unsigned char)name[i])))
			return (false);
	return (i > 0 && i <= 57);
}

/* Keep a text that is made of two, for as long as the registry lives. */
static const char *
keep(struct providers * p, const char * a, const char * b)
{
	char * text;

	must(p->n_kept < COUNTOF(p->kept));
	if (asprintf(&text, "%s%s", a, b) < 0)
		return (NULL);
	p->kept[p->n_kept++] = text;
	return (text);
}

static const char *
setting(const struct providers * p, const char * name, enum config_named_id id)
{

	return (config_named_text(p->config, name, id));
}

/* What the section says in place of what the row says. */
static void
override(const struct providers * p, struct provider * v)
{
	const struct {
		enum config_named_id id;
		const char ** to;
	} texts[] = {
		{ NAMED_PROVIDER_TITLE, &v->title },
		{ NAMED_PROVIDER_ENV, &v->variable },
		{ NAMED_PROVIDER_SECRET, &v->secret },
		{ NAMED_PROVIDER_BASE_URL, &v->base_url },
		{ NAMED_PROVIDER_CHECK_PATH, &v->path },
		{ NAMED_PROVIDER_CHECK_HEADER, &v->header },
		{ NAMED_PROVIDER_PROOF, &v->proof },
		{ NAMED_PROVIDER_HINT, &v->hint },
	};
	const char * text;
	size_t i;

	for (i = 0; i < COUNTOF(texts); i++) {
		text = setting(p, v->name, texts[i].id);
		if (text[0] != '\0')
			*texts[i].to = text;
	}
}

/* The URL without a slash at its end, the header with a blank at its. */
static enum sr_error
trim(struct providers * p, struct provider * v)
{
	size_t len = strlen(v->base_url);
	const char * last = strrchr(v->header, '\0') - 1;
	char url[URL_MAX + 1];

	if (len > 0 && len <= URL_MAX && v->base_url[len - 1] == '/') {
		(void)snprintf(url, sizeof(url), "%.*s", (int)(len - 1),
		    v->base_url);
		if ((v->base_url = keep(p, url, "")) == NULL)
			return (SR_E_OUT_OF_MEMORY);
	}
	if (v->header[0] != '\0' && *last != ' ' &&
	    (v->header = keep(p, v->header, " ")) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	return (SR_OK);
}

static enum sr_error
check(struct providers * p, struct provider * v, const char * refused)
{

	if (!good_variable(v->variable))
		return (complain(p, v->name, NAMED_PROVIDER_ENV,
		    "is not the name of a variable"));
	if (!policy_name(v->secret))
		return (complain(p, v->name, NAMED_PROVIDER_SECRET,
		    "is not a secret's name"));
	if (!http_url_good(v->base_url))
		return (complain(p, v->name, NAMED_PROVIDER_BASE_URL,
		    "is not https, nor http of a loopback address"));
	if (!good_path(v->path))
		return (complain(p, v->name, NAMED_PROVIDER_CHECK_PATH,
		    "is not a path"));
	if (!good_header(v->header))
		return (complain(p, v->name, NAMED_PROVIDER_CHECK_HEADER,
		    "is not a header"));
	if (!parse_refused(refused, v->refused))
		return (complain(p, v->name, NAMED_PROVIDER_REFUSED,
		    "is not a list of statuses"));
	return (trim(p, v));
}

static enum sr_error
add(struct providers * p, const struct provider * from, const char * refused)
{
	struct provider * v = &p->v[p->n];
	const char * own;

	*v = *from;
	override(p, v);
	own = setting(p, v->name, NAMED_PROVIDER_REFUSED);
	p->n++;
	return (check(p, v, own[0] != '\0' ? own : refused));
}

static enum sr_error
add_section(struct providers * p, const char * name)
{
	struct provider v = { .name = name, .title = name, .variable = "",
	    .secret = "", .base_url = "", .path = "/",
	    .header = "Authorization: Bearer ", .extra = "", .proof = "",
	    .hint = "", .app_id = "" };

	if ((v.secret = keep(p, "providers/", name)) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	return (add(p, &v, "401 403"));
}

static enum sr_error
fill(struct providers * p)
{
	const char * app_id = getenv("GITHUB_APP_ID"), * name;
	enum sr_error err;
	size_t i;

	for (i = 0; i < COUNTOF(rows); i++)
		if ((err = add(p, &rows[i].p, rows[i].refused)) != SR_OK)
			return (err);
	for (i = 0; (name = config_named_name(p->config, i)) != NULL; i++)
		if (providers_find(p, name) == NULL &&
		    (err = add_section(p, name)) != SR_OK)
			return (err);
	for (i = 0; app_id != NULL && i < p->n; i++)
		if (p->v[i].kind == PROVIDER_GITHUB_APP &&
		    (p->v[i].app_id = keep(p, app_id, "")) == NULL)
			return (SR_E_OUT_OF_MEMORY);
	return (SR_OK);
}

/** providers_new(config, complaint, complaint_len, out): the registry. */
enum sr_error
providers_new(const struct config * config, char * complaint,
    size_t complaint_len, struct providers ** out)
{
	enum sr_error err;

	if (complaint_len != 0)
		complaint[0] = '\0';
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	(*out)->config = config;
	(*out)->complaint = complaint;
	(*out)->complaint_len = complaint_len;
	if ((err = fill(*out)) != SR_OK)
		providers_free(out);
	return (err);
}

/** providers_free(p): release. */
void
providers_free(struct providers ** p)
{
	size_t i;

	if (p == NULL || *p == NULL)
		return;
	for (i = 0; i < (*p)->n_kept; i++)
		free((*p)->kept[i]);
	free(*p);
	*p = NULL;
}

/** providers_at(p, i): the i-th, NULL past the last. */
const struct provider *
providers_at(const struct providers * p, size_t i)
{

	return (i < p->n ? &p->v[i] : NULL);
}

/** providers_find(p, name): or NULL. */
const struct provider *
providers_find(const struct providers * p, const char * name)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (strcmp(p->v[i].name, name) == 0)
			return (&p->v[i]);
	return (NULL);
}

/** providers_by_variable(p, variable): the one whose variable it is. */
const struct provider *
providers_by_variable(const struct providers * p, const char * variable)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (strcmp(p->v[i].variable, variable) == 0)
			return (&p->v[i]);
	return (NULL);
}

/* Those that each provider has under a name of its own. */
static const enum sr_error own_errors[] = {
	SR_E_PROVIDER_CREDENTIALS_INVALID, SR_E_PROVIDER_SECRET_UNAVAILABLE,
	SR_E_PROVIDER_SECRET_RESOLUTION_FAILED,
	SR_E_PROVIDER_PROVIDER_CHECK_FAILED,
};

/** provider_error_by_name(p, name): the error of that public name. */
enum sr_error
provider_error_by_name(const struct providers * p, const char * name)
{
	char own[PROVIDER_ERROR_MAX + 1];
	size_t i, e;

	for (i = 0; i < p->n; i++)
		for (e = 0; e < COUNTOF(own_errors); e++) {
			provider_error_name(&p->v[i], own_errors[e], own);
			if (strcmp(own, name) == 0)
				return (own_errors[e]);
		}
	return (SR_OK);
}

/** provider_error_name(provider, err, out): its public name. */
void
provider_error_name(const struct provider * provider, enum sr_error err,
    char out[PROVIDER_ERROR_MAX + 1])
{
	static const char generic[] = "provider_";
	const char * name = sr_error_name(err);
	bool about = false;

	for (size_t e = 0; e < COUNTOF(own_errors); e++)
		about = about || own_errors[e] == err;

	(void)snprintf(out, PROVIDER_ERROR_MAX + 1, "%s%s%s",
	    about ? provider->name : "", about ? "_" : "",
	    about ? name + sizeof(generic) - 1 : name);
}
