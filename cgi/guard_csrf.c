#include "cgi/exchange.h"
#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/keys/token.h"
#include "core/log/log.h"

#define CSRF_LABEL	"strongroom form"

/*
 * Origin "null" is what a browser sends with a form of ours, because our
 * pages forbid it to tell where it is; then Sec-Fetch-Site speaks.
 */
enum sr_error
guard_origin(const struct exchange * x)
{
	const struct request * r = &x->request;

	if (r->cross_site)
		return (sr_fail(SR_E_CSRF_TOKEN_INVALID,
		    log_const("reason", "cross_site")));
	if (r->origin[0] == '\0' || strcmp(r->origin, "null") == 0)
		return (SR_OK);
	if (!site_same_origin(&x->worker->site, r->origin, r->host))
		return (sr_fail(SR_E_CSRF_TOKEN_INVALID,
		    log_const("reason", "origin")));
	return (SR_OK);
}

static const struct secbuf *
form_cookie(const struct exchange * x)
{
	const struct secbuf * c = x->request.cookies[COOKIE_FORM];

	if (c == NULL || secbuf_len(c) != (size_t)FORM_TOKEN_LEN * 2)
		return (NULL);
	return (c);
}

static const struct secbuf *
browser_token(const struct exchange * x)
{

	return (x->visitor.signed_in && !x->visitor.by_web_server ?
	    x->request.cookies[COOKIE_SESSION] : form_cookie(x));
}

static int
hex_value(char c)
{

	if (c >= '0' && c <= '9')
		return (c - '0');
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

static bool
parse_hex(const char * text, uint8_t out[MAC_LEN])
{
	int high, low;

	if (strlen(text) != (size_t)MAC_LEN * 2)
		return (false);
	for (size_t i = 0; i < MAC_LEN; i++) {
		high = hex_value(text[2 * i]);
		low = hex_value(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return (false);
		out[i] = (uint8_t)(high * 16 + low);
	}
	return (true);
}

static enum sr_error
check_token(const struct exchange * x, const char * text)
{
	const struct secbuf * token = browser_token(x);
	uint8_t expected[MAC_LEN], sent[MAC_LEN];
	bool good;

	if (token == NULL)
		return (sr_fail(SR_E_CSRF_TOKEN_INVALID,
		    log_const("reason", "no_cookie")));
	if (!parse_hex(text, sent))
		return (sr_fail(SR_E_CSRF_TOKEN_INVALID,
		    log_const("reason", "no_token")));
	token_csrf(token, CSRF_LABEL, expected);
	good = mac_equal(expected, sent);
	explicit_bzero(expected, sizeof(expected));
	if (!good)
		return (sr_fail(SR_E_CSRF_TOKEN_INVALID,
		    log_const("reason", "token")));
	return (SR_OK);
}

enum sr_error
guard_csrf(const struct exchange * x)
{

	return (check_token(x, form_text(x->form, FIELD_CSRF)));
}

enum sr_error
guard_api(const struct exchange * x)
{
	const char * origin = x->request.origin;
	enum sr_error err;

	if (x->visitor.by_key)
		return (SR_OK);
	if (origin[0] == '\0' || strcmp(origin, "null") == 0)
		return (sr_fail(SR_E_CSRF_TOKEN_INVALID,
		    log_const("reason", "no_origin")));
	if ((err = guard_origin(x)) != SR_OK)
		return (err);
	return (check_token(x, x->request.csrf));
}

/* The new sr_form cookie as the browser will send it: hex text. */
static enum sr_error
new_form_token(struct response * r, struct secbuf ** out)
{
	char hex[FORM_TOKEN_LEN * 2 + 1];
	enum sr_error err;

	if (!r->has_form_token) {
		err = random_bytes(r->form_token, FORM_TOKEN_LEN);
		if (err != SR_OK)
			return (err);
		r->has_form_token = true;
	}
	for (size_t i = 0; i < FORM_TOKEN_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", r->form_token[i]);
	err = secbuf_copy(hex, sizeof(hex) - 1, out);
	explicit_bzero(hex, sizeof(hex));
	return (err);
}

enum sr_error
guard_token(struct exchange * x, uint8_t out[MAC_LEN])
{
	const struct secbuf * token = browser_token(x);
	struct secbuf * made = NULL;
	enum sr_error err;

	if (token == NULL) {
		err = new_form_token(&x->response, &made);
		if (err != SR_OK)
			return (err);
		token = made;
	}
	token_csrf(token, CSRF_LABEL, out);
	secbuf_free(&made);
	return (SR_OK);
}
