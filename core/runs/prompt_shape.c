/*
 * What a prompt holds, as much as is to be known: members of the outermost
 * object, and how many values are in one. The text passed the gate as JSON, so
 * nothing here can go wrong that has not been found out there.
 */

#include <string.h>

#include "core/runs/prompt_internal.h"

struct shape {
	const char * p, * end;
};

static void
blanks(struct shape * s)
{

	while (s->p < s->end && strchr(" \t\r\n", *s->p) != NULL &&
	    *s->p != '\0')
		s->p++;
}

/* Past a string, the opening quote of which is there. */
static void
string(struct shape * s)
{

	for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
		if (*s->p == '\\')
			s->p++;
	s->p = s->p < s->end ? s->p + 1 : s->end;
}

/* Past a value of any kind; how many values are in it, if it is a container. */
static unsigned
value(struct shape * s)
{
	unsigned depth = 0, n = 0;
	bool waits = false;	/* Something is to come in the outermost. */

	blanks(s);
	do {
		switch (s->p < s->end ? *s->p : '\0') {
		case '"':
			n += depth == 1 && waits;
			waits = false;
			string(s);
			break;
		case '[':
		case '{':
			n += depth == 1 && waits;
			waits = ++depth == 1;
			s->p++;
			break;
		case ']':
		case '}':
			depth--;
			s->p++;
			break;
		case ',':
			waits = depth == 1;
			s->p++;
			break;
		case ':':
			s->p++;
			break;
		default:
			n += depth == 1 && waits;
			waits = false;
			s->p += strcspn(s->p, ",:]}[{\" \t\r\n");
		}
		blanks(s);
	} while (depth > 0 && s->p < s->end);
	return (n);
}

static bool
is_key(const char * p, size_t len)
{
	static const char * const keys[] = { "\"messages\"", "\"input\"",
	    "\"contents\"", "\"prompt\"" };
	size_t i;

	for (i = 0; i < COUNTOF(keys); i++)
		if (len == strlen(keys[i]) && strncmp(p, keys[i], len) == 0)
			return (true);
	return (false);
}

/* A member: its key, and what it has of messages. */
static unsigned
member(struct shape * s)
{
	const char * key = s->p;
	size_t len;
	bool is_text, is_list;
	unsigned n;

	string(s);
	len = (size_t)(s->p - key);
	blanks(s);
	s->p++;			/* The colon. */
	blanks(s);
	is_text = s->p < s->end && *s->p == '"';
	is_list = s->p < s->end && *s->p == '[';
	n = value(s);
	if (!is_key(key, len))
		return (0);
	return (is_text ? 1 : is_list ? n : 0);
}

/** prompt_shape(json, len, messages): whether it is a prompt. */
bool
prompt_shape(const char * json, size_t len, unsigned * messages)
{
	struct shape s = { .p = json, .end = json + len };

	*messages = 0;
	blanks(&s);
	if (s.p == s.end || *s.p != '{')
		return (false);
	s.p++;
	blanks(&s);
	while (s.p < s.end && *s.p == '"') {
		*messages += member(&s);
		blanks(&s);
		if (s.p < s.end && *s.p == ',')
			s.p++;
		blanks(&s);
	}
	return (*messages > 0);
}
