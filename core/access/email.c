#include "core/base/strbuf.h"

#include "core/access/account.h"

static const char * const role_names[] = {
	[ROLE_ANYONE] = "anyone",
	[ROLE_ACCOUNT] = "account",
	[ROLE_AUDITOR] = "auditor",
	[ROLE_OPERATOR] = "operator",
	[ROLE_OWNER] = "owner",
};

/**
 * role_name(role):
 * The name of ${role}, as stored and shown.
 */
const char *
role_name(enum role role)
{
	must((unsigned)role < COUNTOF(role_names));
	return (role_names[role]);
}

/**
 * role_parse(text, out):
 * The role of an account called ${text}; false, ${out} untouched, if none is.
 */
bool
role_parse(const char * text, enum role * out)
{
	size_t i;

	for (i = ROLE_AUDITOR; i < COUNTOF(role_names); i++) {
		if (strcmp(text, role_names[i]) == 0) {
			*out = (enum role)i;
			return (true);
		}
	}
	return (false);
}

/**
 * email_valid(text):
 * Whether ${text} has one @ with something on both sides, no spaces or control
 * characters, and at most EMAIL_MAX bytes of UTF-8.
 */
bool
email_valid(const char * text)
{
	const char * at = strchr(text, '@');
	size_t len = strlen(text);

	if (len > EMAIL_MAX || !utf8_valid(text, len) ||
	    utf8_has_control(text, len))
		return (false);
	if (at == NULL || at == text || at[1] == '\0' ||
	    strchr(at + 1, '@') != NULL)
		return (false);
	return (strchr(text, ' ') == NULL);
}

/**
 * email_fold(text, out):
 * The form in which addresses are stored and looked up.
 */
bool
email_fold(const char * text, char out[EMAIL_MAX + 1])
{
	size_t i;

	out[0] = '\0';
	if (text == NULL || !email_valid(text))
		return (false);
	for (i = 0; text[i] != '\0'; i++)
		out[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ?
		    text[i] + ('a' - 'A') : text[i]);
	out[i] = '\0';
	return (true);
}
