#ifndef SR_TESTS_FUZZ_ODD_H
#define SR_TESTS_FUZZ_ODD_H

/*
 * Requests that no good client makes, the same for the same seed: parts of good
 * ones, put together and damaged, with a secret in any place and form. As the
 * parameters of FastCGI, and as the bytes of HTTP.
 */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/base.h"

#define ODD_FORMS	4
#define ODD_PARAMS	28
#define ODD_TEXT	49152
#define ODD_UNUSED	__attribute__((unused))

/* What the requests are made of. */
struct odd_words {
	const char * secret[ODD_FORMS];		/* The same in other forms. */
	const char * session;			/* "sr_session=…" */
	const char * bearer;			/* "Bearer srk_…" */
	const char * csrf;
};

struct odd_param {
	const char * name;
	size_t at, len;			/* Of its value, in text. */
};

struct odd {
	const struct odd_words * words;
	uint64_t state;
	struct odd_param param[ODD_PARAMS];
	size_t n, used;
	size_t body_at, body_len;
	size_t path;			/* Which of the parameters it is. */
	bool calm;			/* Little of it is odd. */
	char text[ODD_TEXT];
};

static uint32_t
odd_random(struct odd * o, uint32_t below)
{

	o->state ^= o->state << 13;
	o->state ^= o->state >> 7;
	o->state ^= o->state << 17;
	return ((uint32_t)(o->state >> 16) % below);
}

static void
odd_put(struct odd * o, const void * bytes, size_t len)
{

	if (len > sizeof(o->text) - o->used)
		len = sizeof(o->text) - o->used;
	memcpy(&o->text[o->used], bytes, len);
	o->used += len;
}

static void
odd_puts(struct odd * o, const char * text)
{

	odd_put(o, text, strlen(text));
}

static const char * const odd_bits[] = { "%00", "%", "%zz", "\xff", "\xc3",
    "..", "/../", "//", "\\", "\"", "'", ";", ",", "=", "&", "<", ">", "{",
    "}", "[", "\t", " ", "\r", "\n", "\x7f", "\x1b[1m", "%0d%0a", "?", "#",
    "+", "*", "18446744073709551616", "-1", "0", "\xef\xbf\xbe", "%ed%a0%80",
    "&#0;", "<![CDATA[", "\\u0000", "null", "true", "1e999" };

/* Nothing, the secret, something that is not expected, or very much. */
static void
odd_noise(struct odd * o)
{
	uint32_t n;
	char c;

	if (o->calm && odd_random(o, 8) != 0)
		return;
	switch (odd_random(o, 12)) {
	case 0:
	case 1:
	case 2:
		odd_puts(o, o->words->secret[odd_random(o, ODD_FORMS)]);
		break;
	case 3:
	case 4:
		odd_puts(o, odd_bits[odd_random(o, COUNTOF(odd_bits))]);
		break;
	case 5:
		c = (char)odd_random(o, 256);
		for (n = odd_random(o, odd_random(o, 20) == 0 ? 9000 : 40);
		    n > 0; n--)
			odd_put(o, &c, 1);
		break;
	default:
		break;
	}
}

/* Words of ours begin with @. */
static void
odd_word(struct odd * o, const char * word)
{

	if (strcmp(word, "@session") == 0)
		odd_puts(o, o->words->session);
	else if (strcmp(word, "@bearer") == 0)
		odd_puts(o, o->words->bearer);
	else if (strcmp(word, "@csrf") == 0)
		odd_puts(o, o->words->csrf);
	else
		odd_puts(o, word);
}

static const char odd_id[] = "0190a5f0-1234-7abc-8def-0123456789ab";

/* A path of ours, with something where its names are. */
static void
odd_path(struct odd * o)
{
	static const char * const paths[] = { "/", "/setup", "/login",
	    "/login/code", "/invitation", "/settings/security",
	    "/settings/security/secrets/:", "/settings/security/secrets/:/rotate",
	    "/settings/security/audit", "/settings/security/audit.xml",
	    "/settings/account", "/settings/accounts", "/projects",
	    "/projects/:", "/projects/:/runs/:", "/projects/:/runs/:/events",
	    "/projects/:/runs/:/artifacts/:", "/api/v1/secrets",
	    "/api/v1/secrets/integration/:", "/api/v1/audit",
	    "/api/v1/keys", "/api/v1/projects/:", "/api/v1/runs/:/artifacts/:",
	    "/api/v1/runs/:/prompts", "/api/v1/runs/:/events",
	    "/api/v1/openapi.json", "/healthz", "/readyz", "/metrics",
	    "/status", "/nowhere/:", "/api/v1/:" };
	const char * p = paths[odd_random(o, COUNTOF(paths))];

	for (; *p != '\0'; p++) {
		if (*p != ':')
			odd_put(o, p, 1);
		else if (odd_random(o, 2) == 0)
			odd_puts(o, odd_id);
		else
			odd_noise(o);
	}
	if (odd_random(o, 4) == 0)
		odd_noise(o);
}

static const char * const odd_methods[] = { "GET", "GET", "GET", "POST",
    "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "" };

static void
odd_query(struct odd * o)
{
	static const char * const names[] = { "after", "before", "name",
	    "status", "from", "to", "actor", "action", "outcome", "secret",
	    "target", "size", "limit", "token", "next", "notice", "project",
	    "kind", "saved" };

	for (uint32_t i = odd_random(o, 5); i > 0; i--) {
		odd_puts(o, names[odd_random(o, COUNTOF(names))]);
		odd_puts(o, "=");
		if (odd_random(o, 3) == 0)
			odd_puts(o, odd_id);
		odd_noise(o);
		odd_puts(o, "&");
	}
}

struct odd_header {
	const char * name;		/* The parameter. */
	const char * http;		/* The header; NULL: there is none. */
	const char * value[6];
};

static const struct odd_header odd_headers[] = {
	{ "HTTP_COOKIE", "Cookie", { "@session", "@session", "sr_session=x",
	    "sr_form=", "__Host-sr_session=y; sr_session=z", ";=;" } },
	{ "HTTP_AUTHORIZATION", "Authorization", { "@bearer", "@bearer",
	    "@bearer", "Bearer ", "Basic eDp5", "bearer  srk_" } },
	{ "HTTP_ACCEPT", "Accept", { "text/html", "application/json",
	    "application/xml;q=0.5,*/*;q=x", "text/event-stream", ";q=", "," } },
	{ "CONTENT_TYPE", "Content-Type", { "application/json",
	    "application/x-www-form-urlencoded", "application/xml",
	    "text/plain", "multipart/form-data; boundary=x",
	    "application/json; charset=latin1" } },
	{ "HTTP_ORIGIN", "Origin", { "http://127.0.0.1:8080", "null",
	    "https://evil.example", "http://", "http://127.0.0.1", "" } },
	{ "HTTP_X_CSRF_TOKEN", "X-CSRF-Token", { "@csrf", "@csrf", "00", "",
	    "x", "@csrf" } },
	{ "HTTP_IF_MATCH", "If-Match", { "", "\"1\"", "*", "W/\"1\"", "\"",
	    "\"99999999999\"" } },
	{ "HTTP_IF_NONE_MATCH", "If-None-Match", { "", "\"1\"", "*", "**",
	    "W/", "*" } },
	{ "HTTP_IDEMPOTENCY_KEY", "Idempotency-Key", { "abcdefgh", "short",
	    "", "a b c d e f g h", "same-for-all", "x" } },
	{ "HTTP_LAST_EVENT_ID", "Last-Event-ID", { "1", "-1",
	    "99999999999999999999", "x", "", "1 " } },
	{ "HTTP_X_FORWARDED_FOR", "X-Forwarded-For", { "1.2.3.4",
	    "::1, 10.0.0.1", ",", "unknown", "1.2.3.4,", "999.1.1.1" } },
	{ "HTTP_SEC_FETCH_SITE", "Sec-Fetch-Site", { "same-origin",
	    "cross-site", "none", "", "x", "Cross-Site" } },
	{ "HTTP_RANGE", "Range", { "bytes=0-", "bytes=-1", "bytes=9-1,2-",
	    "x", "", "bytes=0-18446744073709551616" } },
	{ "HTTP_USER_AGENT", "User-Agent", { "x", "", "\"", "<script>", "%s%n",
	    "y" } },
	{ "HTTP_REFERER", "Referer", { "http://127.0.0.1/", "", "x", "//",
	    "javascript:", "http://[" } },
	{ "REMOTE_USER", NULL, { "lead@example.org", "", "x", "a\"b", " ",
	    "y" } },
};

static void
odd_begin(struct odd * o, const char * name)
{

	o->param[o->n++] = (struct odd_param){ name, o->used, 0 };
}

static void
odd_end(struct odd * o)
{

	o->param[o->n - 1].len = o->used - o->param[o->n - 1].at;
	odd_put(o, "", 1);
}

static void
odd_set(struct odd * o, const char * name, const char * value)
{

	odd_begin(o, name);
	odd_puts(o, value);
	odd_end(o);
}

static void
odd_body(struct odd * o)
{
	static const char * const bodies[] = { "", "{\"value\":\"",
	    "{\"name\":\"", "{\"value\":{\"a\":[\"", "<s><value>",
	    "<!DOCTYPE s [<!ENTITY x \"y\">]><s><value>", "_csrf=",
	    "security_secret%5Bvalue%5D=", "login%5Bemail%5D=a&login%5B"
	    "password%5D=", "{\"plaintext\":\"", "--x\r\nContent-"
	    "Disposition: form-data; name=\"value\"\r\n\r\n", "[[[[[[[[" };
	static const char * const ends[] = { "", "\"}", "</value></s>", "&a=b",
	    "\"]}}", "\r\n--x--" };

	o->body_at = o->used;
	odd_puts(o, bodies[odd_random(o, COUNTOF(bodies))]);
	for (uint32_t i = odd_random(o, 3); i > 0; i--)
		odd_noise(o);
	odd_puts(o, ends[odd_random(o, COUNTOF(ends))]);
	o->body_len = o->used - o->body_at;
}

static void
odd_length(struct odd * o)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%zu", o->body_len);
	switch (odd_random(o, o->calm ? 60 : 12)) {
	case 0:
		return;
	case 1:
		odd_set(o, "CONTENT_LENGTH", "18446744073709551616");
		return;
	case 2:
		odd_set(o, "CONTENT_LENGTH", "-1");
		return;
	case 3:
		(void)snprintf(text, sizeof(text), "%zu", o->body_len + 7);
		/* FALLTHROUGH */
	default:
		odd_set(o, "CONTENT_LENGTH", text);
	}
}

/* Another request; ${o} has words and state. */
ODD_UNUSED static void
odd_make(struct odd * o)
{
	const struct odd_header * h;
	char address[32];

	o->n = o->used = 0;
	o->calm = odd_random(o, 3) != 0;
	odd_body(o);
	odd_put(o, "", 1);
	odd_set(o, "REQUEST_METHOD",
	    odd_methods[odd_random(o, COUNTOF(odd_methods))]);
	o->path = o->n;
	odd_begin(o, "PATH_INFO");
	odd_path(o);
	odd_end(o);
	odd_begin(o, "QUERY_STRING");
	odd_query(o);
	odd_end(o);
	(void)snprintf(address, sizeof(address), "10.%u.%u.%u",
	    odd_random(o, 256), odd_random(o, 256), odd_random(o, 256));
	odd_set(o, "REMOTE_ADDR", address);
	for (size_t i = 0; i < COUNTOF(odd_headers); i++) {
		if (odd_random(o, 3) == 0)
			continue;
		h = &odd_headers[i];
		odd_begin(o, h->name);
		/* The first of them is the best. */
		odd_word(o, h->value[o->calm && odd_random(o, 4) != 0 ? 0 :
		    odd_random(o, COUNTOF(h->value))]);
		if (odd_random(o, 3) == 0)
			odd_noise(o);
		odd_end(o);
	}
	odd_length(o);
}

static const char *
odd_http_name(const char * param)
{

	for (size_t i = 0; i < COUNTOF(odd_headers); i++) {
		if (strcmp(odd_headers[i].name, param) == 0)
			return (odd_headers[i].http);
	}
	return (strcmp(param, "CONTENT_LENGTH") == 0 ? "Content-Length" :
	    NULL);
}

/* Damage: bytes changed, taken out or put twice. */
static size_t
odd_damage(struct odd * o, char * bytes, size_t len, size_t room)
{
	size_t at, n;

	for (uint32_t i = 1 + odd_random(o, 3); i > 0 && len > 8; i--) {
		at = odd_random(o, (uint32_t)len);
		n = 1 + odd_random(o, 8);
		if (n > len - at)
			n = len - at;
		switch (odd_random(o, 4)) {
		case 0:
			bytes[at] = (char)odd_random(o, 256);
			break;
		case 1:
			memmove(&bytes[at], &bytes[at + n], len - at - n);
			len -= n;
			break;
		case 2:
			if (n > room - len)
				break;
			memmove(&bytes[at + n], &bytes[at], len - at);
			len += n;
			break;
		default:
			len = odd_random(o, 6) == 0 ? at + 1 : len;
			break;
		}
	}
	return (len);
}

/* The request as HTTP; how many bytes of ${out}. */
ODD_UNUSED static size_t
odd_http(struct odd * o, const char * prefix, char * out, size_t room)
{
	const struct odd_param * p = o->param;
	const char * name;
	size_t len = 0;
	int n;

	n = snprintf(out, room, "%s %s%.*s?%.*s HTTP/1.%u\r\nHost: %s\r\n"
	    "Connection: close\r\n", &o->text[p[0].at], prefix,
	    (int)p[o->path].len, &o->text[p[o->path].at],
	    (int)p[o->path + 1].len, &o->text[p[o->path + 1].at],
	    odd_random(o, 20) == 0 ? 0 : 1,
	    odd_random(o, 20) == 0 ? "" : "127.0.0.1");
	len = n > 0 && (size_t)n < room ? (size_t)n : 0;
	for (size_t i = 0; i < o->n && len < room; i++) {
		if ((name = odd_http_name(p[i].name)) == NULL)
			continue;
		n = snprintf(&out[len], room - len, "%s: %.*s\r\n", name,
		    (int)p[i].len, &o->text[p[i].at]);
		len += n > 0 && (size_t)n < room - len ? (size_t)n : 0;
	}
	if (odd_random(o, 20) == 0)
		len += (size_t)snprintf(&out[len], room - len,
		    "Transfer-Encoding: chunked\r\n");
	if (len + 2 + o->body_len >= room)
		return (len);
	memcpy(&out[len], "\r\n", 2);
	memcpy(&out[len + 2], &o->text[o->body_at], o->body_len);
	len += 2 + o->body_len;
	return (odd_random(o, 4) == 0 ? odd_damage(o, out, len, room) : len);
}

static size_t
odd_record(uint8_t * out, unsigned type, unsigned id, size_t len,
    size_t padding)
{

	out[0] = 1;
	out[1] = (uint8_t)type;
	out[2] = (uint8_t)(id >> 8);
	out[3] = (uint8_t)id;
	out[4] = (uint8_t)(len >> 8);
	out[5] = (uint8_t)len;
	out[6] = (uint8_t)padding;
	out[7] = 0;
	return (8);
}

static size_t
odd_pair(uint8_t * out, const char * name, const char * value, size_t len,
    bool absurd)
{
	const size_t name_len = strlen(name);
	const size_t said = absurd ? 0x7fffff00 : len;
	size_t n = 0;

	out[n++] = (uint8_t)name_len;
	out[n++] = (uint8_t)(said >> 24 | 0x80);
	out[n++] = (uint8_t)(said >> 16);
	out[n++] = (uint8_t)(said >> 8);
	out[n++] = (uint8_t)said;
	memcpy(&out[n], name, name_len);
	memcpy(&out[n + name_len], value, len);
	return (n + name_len + len);
}

/* A record of any type where none such belongs. */
static size_t
odd_stray(struct odd * o, uint8_t * out)
{
	static const char values[] = "\x0e\0FCGI_MAX_CONNS\x0d\0FCGI_MAX_REQS"
	    "\x0f\0FCGI_MPXS_CONNS\x0e\0FCGI_MAX_CONNS\x0e\0FCGI_MAX_CONNS"
	    "\x0e\0FCGI_MAX_CONNS\x0e\0FCGI_MAX_CONNS\x0e\0FCGI_MAX_CONNS";
	const bool ask = odd_random(o, 2) == 0;
	const size_t len = ask ? sizeof(values) - 1 : odd_random(o, 64);
	size_t n;

	n = odd_record(out, ask ? 9 : odd_random(o, 14), ask ? 0 :
	    odd_random(o, 3), len, 0);
	memcpy(&out[n], values, len);
	return (n + len);
}

/* The request as records of FastCGI; ${out} has room for ODD_TEXT * 3. */
ODD_UNUSED static size_t
odd_fcgi(struct odd * o, uint8_t * out)
{
	const unsigned id = odd_random(o, 10) == 0 ? odd_random(o, 65536) : 1;
	const uint32_t wrong = odd_random(o, 16);
	size_t n, head, len = 0;

	n = odd_record(out, 1, id, 8, 0);
	memset(&out[n], 0, 8);
	out[n + 1] = (uint8_t)(wrong == 1 ? odd_random(o, 256) : 1);
	n += 8;
	if (wrong == 2)
		n += odd_stray(o, &out[n]);
	head = n;
	n += 8;
	for (size_t i = 0; i < o->n; i++)
		len += odd_pair(&out[n + len], o->param[i].name,
		    &o->text[o->param[i].at], o->param[i].len,
		    wrong == 3 && odd_random(o, 8) == 0);
	if (len > 65535)
		len = 65535;
	(void)odd_record(&out[head], 4, id, len, 0);
	n += len;
	if (wrong == 4)
		return (n - odd_random(o, (uint32_t)len + 8));
	n += odd_record(&out[n], 4, id, 0, 0);
	if (wrong == 5 || wrong == 6)
		n += odd_stray(o, &out[n]);
	n += odd_record(&out[n], 5, id, o->body_len, 0);
	memcpy(&out[n], &o->text[o->body_at], o->body_len);
	n += o->body_len;
	if (wrong == 7)		/* FCGI_ABORT_REQUEST */
		n += odd_record(&out[n], 2, id, 0, 0);
	else if (wrong != 8)
		n += odd_record(&out[n], 5, id, 0, 0);
	if (wrong == 9 || wrong == 10)
		n = odd_damage(o, (char *)out, n, ODD_TEXT * 3);
	return (n);
}

#endif /* !SR_TESTS_FUZZ_ODD_H */
