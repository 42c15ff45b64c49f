/* The stylesheets: compiled once, read-only from then on. */

#include <limits.h>

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxslt/security.h>
#include <libxslt/xslt.h>
#include <libxslt/xsltutils.h>

#include "cgi/page_internal.h"

static const char * failed = "";

/* The libraries' messages quote the document; none of them leaves. */
static void
silent(void * cookie, const char * format, ...)
{

	(void)cookie;
	(void)format;
}

enum sr_error
page_library_init(void)
{

	xmlInitParser();
	xmlSetGenericErrorFunc(NULL, silent);
	(void)xmlThrDefSetGenericErrorFunc(NULL, silent);
	xsltSetGenericErrorFunc(NULL, silent);
	xsltInit();
	return (SR_OK);
}

/* No stylesheet reads or writes anything while it renders. */
static enum sr_error
forbid_everything(void)
{
	static const xsltSecurityOption all[] = {
		XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE,
		XSLT_SECPREF_CREATE_DIRECTORY, XSLT_SECPREF_READ_NETWORK,
		XSLT_SECPREF_WRITE_NETWORK,
	};
	xsltSecurityPrefsPtr prefs = xsltNewSecurityPrefs();

	if (prefs == NULL)
		return (SR_E_OUT_OF_MEMORY);
	for (size_t i = 0; i < COUNTOF(all); i++) {
		if (xsltSetSecurityPrefs(prefs, all[i],
		    xsltSecurityForbid) != 0) {
			xsltFreeSecurityPrefs(prefs);
			return (SR_E_INTERNAL_ERROR);
		}
	}
	xsltSetDefaultSecurityPrefs(prefs);
	return (SR_OK);
}

static bool
compile(const char * folder, enum page_name name, xsltStylesheetPtr * out)
{
	char path[PATH_MAX];
	int n;

	n = snprintf(path, sizeof(path), "%s/pages/%s.xsl", folder,
	    page_file(name));
	if (n < 0 || (size_t)n >= sizeof(path))
		return (false);
	*out = xsltParseStylesheetFile((const xmlChar *)path);
	return (*out != NULL && (*out)->errors == 0);
}

enum sr_error
templates_load(const char * folder, struct templates ** out)
{
	struct templates * t;
	enum sr_error err = SR_OK;

	*out = NULL;
	failed = "";
	/* Includes are read while compiling: permit that, then nothing. */
	xsltFreeSecurityPrefs(xsltGetDefaultSecurityPrefs());
	xsltSetDefaultSecurityPrefs(NULL);
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	t->prefix = "";
	for (unsigned i = 0; i < PAGE__MAX && err == SR_OK; i++) {
		if (!compile(folder, (enum page_name)i, &t->sheet[i])) {
			failed = page_file((enum page_name)i);
			err = SR_E_CONFIG_INVALID;
		}
	}
	if (err == SR_OK)
		err = forbid_everything();
	if (err != SR_OK)
		templates_free(&t);
	*out = t;
	return (err);
}

void
templates_under(struct templates * t, const char * prefix)
{

	t->prefix = prefix;
}

void
templates_free(struct templates ** t)
{

	if (*t == NULL)
		return;
	for (size_t i = 0; i < PAGE__MAX; i++) {
		if ((*t)->sheet[i] != NULL)
			xsltFreeStylesheet((*t)->sheet[i]);
	}
	free(*t);
	*t = NULL;
}

const char *
templates_failed(void)
{

	return (failed);
}
