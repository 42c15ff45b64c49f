#ifndef SR_TESTS_CGI_FIXTURE_H
#define SR_TESTS_CGI_FIXTURE_H

/* A request made of a table of parameters and a body, without FastCGI. */

#include <string.h>

#include "cgi/request.h"

struct fake_param {
	const char * name;
	const char * value;
};

struct fake {
	struct fake_param params[24];
	const char * body;
	size_t body_len;
	size_t given;		/* Bytes of the body handed out so far. */
	size_t at_once;		/* Most bytes of one read; 0: all. */
	bool broken;
	void (*during)(void);	/* Before the first byte of it; or NULL. */
};

static inline const char *
fake_param(void * cookie, const char * name)
{
	const struct fake * f = cookie;

	for (size_t i = 0; i < COUNTOF(f->params); i++) {
		if (f->params[i].name != NULL &&
		    strcmp(f->params[i].name, name) == 0)
			return (f->params[i].value);
	}
	return (NULL);
}

static inline bool
fake_twice(void * cookie, const char * name)
{
	const struct fake * f = cookie;
	unsigned n = 0;

	for (size_t i = 0; i < COUNTOF(f->params); i++)
		n += f->params[i].name != NULL && f->params[i].value != NULL &&
		    strcmp(f->params[i].name, name) == 0;
	return (n > 1);
}

static inline size_t
fake_read(void * cookie, void * into, size_t len)
{
	struct fake * f = cookie;
	size_t left = f->body_len - f->given;

	if (f->during != NULL && f->given == 0)
		f->during();
	if (f->at_once > 0 && len > f->at_once)
		len = f->at_once;
	if (len > left)
		len = left;
	if (len > 0)
		memcpy(into, f->body + f->given, len);
	f->given += len;
	return (len);
}

static inline bool
fake_broken(void * cookie)
{
	const struct fake * f = cookie;

	return (f->broken);
}

static inline struct source
fake_source(struct fake * f)
{

	return ((struct source){ .param = fake_param, .twice = fake_twice,
	    .read = fake_read, .broken = fake_broken, .cookie = f });
}

#endif /* !SR_TESTS_CGI_FIXTURE_H */
