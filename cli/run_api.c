#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/run_api.h"
#include "cli/run_body.h"
#include "cli/run_reply.h"
#include "core/base/secbuf_bytes.h"
#include "core/vault/environment.h"
#include "core/vault/http_call.h"

#define KEY		"STRONGROOM_API_KEY"
#define KEY_MAX		256
#define SCHEME		"Authorization: Bearer "

/* Connections stay, so it is the first call that waits so long. */
#define CONNECT_MS	5000
#define TOTAL_MS	10000

struct run_api {
	struct http_client * client;
	struct secbuf * authorization;
	struct secbuf * reply;
	char address[HTTP_URL_MAX / 2];
	const char * ca_file;
	uint64_t next_chunk;
};

/* Printable, and nothing that ends a line of a header. */
static bool
good_key(const struct secbuf * key)
{
	const uint8_t * p = secbuf_bytes(key);
	size_t i, len = secbuf_len(key);

	for (i = 0; i < len; i++)
		if (p[i] <= ' ' || p[i] > '~')
			return (false);
	return (len != 0 && len <= KEY_MAX);
}

static enum sr_error
make_line(const struct secbuf * key, struct secbuf ** out)
{
	size_t len = secbuf_len(key), n = strlen(SCHEME);
	enum sr_error err;
	uint8_t * to;

	if (!good_key(key))
		return (SR_E_API_KEY_NOT_GIVEN);
	if ((err = secbuf_new(n + len + 1, out)) != SR_OK)
		return (err);
	to = secbuf_writable(*out);
	memcpy(to, SCHEME, n);
	memcpy(&to[n], secbuf_bytes(key), len);
	to[n + len] = '\0';
	secbuf_set_len(*out, n + len + 1);
	return (SR_OK);
}

static enum sr_error
take_key(struct cli * cli, struct run_api * api)
{
	struct secbuf * key = NULL;
	enum sr_error err;

	err = environment_take(KEY, &key);
	if (err == SR_E_CONFIG_SOURCES_CONFLICT)
		compose_lit(cli->note, KEY " and " KEY "_FILE are both set");
	if (err == SR_E_CONFIG_INVALID) {
		compose_lit(cli->note, "the file of " KEY "_FILE cannot be "
		    "read");
		err = SR_E_API_KEY_NOT_GIVEN;
	}
	if (err == SR_OK && key == NULL)
		err = SR_E_API_KEY_NOT_GIVEN;
	if (err == SR_OK) {
		secbuf_trim_newline(key);
		err = make_line(key, &api->authorization);
	}
	secbuf_free(&key);
	return (err);
}

/* Without the slash at its end. */
static enum sr_error
take_address(struct run_api * api, const char * address)
{
	size_t len = strlen(address);

	if (!http_url_good(address))
		return (SR_E_SERVER_ADDRESS_INVALID);
	if (address[len - 1] == '/')
		len--;
	must(len < sizeof(api->address));
	memcpy(api->address, address, len);
	return (SR_OK);
}

/** run_api_new(cli, address, out): takes the key out of the environment. */
enum sr_error
run_api_new(struct cli * cli, const char * address, struct run_api ** out)
{
	const char * ca_file = cli->in.option[OPT_CAFILE];
	struct run_api * api;
	enum sr_error err;

	*out = NULL;
	if ((api = calloc(1, sizeof(*api))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	api->ca_file = ca_file == NULL ? "" : ca_file;
	if ((err = take_key(cli, api)) == SR_OK &&
	    (err = take_address(api, address)) == SR_OK &&
	    (err = secbuf_new(SECBUF_MAX, &api->reply)) == SR_OK &&
	    (err = http_library_init()) == SR_OK)
		err = http_client_new(&api->client);
	if (err != SR_OK)
		run_api_free(&api);
	*out = api;
	return (err);
}

/** run_api_free(api): wipe and release. */
void
run_api_free(struct run_api ** api)
{

	if (*api == NULL)
		return;
	http_client_free(&(*api)->client);
	secbuf_free(&(*api)->authorization);
	secbuf_free(&(*api)->reply);
	free(*api);
	*api = NULL;
}

/** run_api_reply(api): of the last call. */
struct secbuf *
run_api_reply(struct run_api * api)
{

	return (api->reply);
}

/** run_api_next_chunk(api): that the last refusal names; 0: none. */
uint64_t
run_api_next_chunk(const struct run_api * api)
{

	return (api->next_chunk);
}

/** run_api_wipe(api): the last reply is done with. */
void
run_api_wipe(struct run_api * api)
{

	secbuf_set_len(api->reply, 0);
}

static bool
take_body(const char * bytes, size_t len, void * cookie)
{
	struct run_api * api = cookie;
	size_t had = secbuf_len(api->reply);

	if (secbuf_cap(api->reply) - had < len)
		return (false);
	memcpy(&secbuf_writable(api->reply)[had], bytes, len);
	secbuf_set_len(api->reply, had + len);
	return (true);
}

/* What a problem document says. */
struct problem {
	enum sr_error err;
	uint64_t next_chunk;
};

static enum sr_error
take_part(const struct reply_part * part, void * cookie)
{
	struct problem * p = cookie;
	size_t i;

	if (part->depth != 1)
		return (SR_OK);
	if (part->kind == REPLY_TEXT && strcmp(part->name, "error") == 0)
		p->err = sr_error_by_name(part->text);
	if (part->kind != REPLY_NUMBER ||
	    strcmp(part->name, "next_chunk") != 0 || part->len > 18)
		return (SR_OK);
	p->next_chunk = 0;
	for (i = 0; i < part->len; i++) {
		if (part->text[i] < '0' || part->text[i] > '9')
			return (SR_E_SERVER_REPLY_INVALID);
		p->next_chunk = p->next_chunk * 10 +
		    (uint64_t)(part->text[i] - '0');
	}
	return (SR_OK);
}

/* Who answers may be a web server, before or in the place of ours. */
static enum sr_error
refusal(struct run_api * api, unsigned status)
{
	struct problem p = { .err = SR_OK };

	if (run_reply_walk(api->reply, take_part, &p) == SR_OK &&
	    p.err != SR_OK) {
		api->next_chunk = p.next_chunk;
		return (p.err);
	}
	if (status >= 500 || status == 429 || status == 408)
		return (SR_E_SERVER_UNAVAILABLE);
	return (status == 401 ? SR_E_API_KEY_INVALID :
	    SR_E_SERVER_REPLY_INVALID);
}

static enum sr_error
failed(enum http_failure failure)
{

	if (failure == HTTP_FAILURE_TLS)
		return (SR_E_SERVER_NOT_TRUSTED);
	return (failure == HTTP_FAILURE_MALFORMED ?
	    SR_E_SERVER_REPLY_INVALID : SR_E_SERVER_UNAVAILABLE);
}

static bool
plain(const struct run_api * api)
{

	return (strncmp(api->address, "http://", 7) == 0);
}

/** run_api_call(api, method, path, body): one call. */
enum sr_error
run_api_call(struct run_api * api, const char * method, const char * path,
    const struct run_body * body)
{
	char url[HTTP_URL_MAX];
	/* What goes to ourselves in the clear goes through nobody else. */
	struct http_call call = { .method = method, .url = url,
	    .authorization = api->authorization,
	    .extra = "Content-Type: application/json\n"
	    "Accept: application/json\nExpect:", .take_body = take_body,
	    .cookie = api, .connect_ms = CONNECT_MS, .total_ms = TOTAL_MS,
	    .ca_file = api->ca_file, .proxy = plain(api) ? "" : NULL };
	struct http_reply reply;
	enum sr_error err;
	int len;

	len = snprintf(url, sizeof(url), "%s%s", api->address, path);
	must(len > 0 && (size_t)len < sizeof(url));
	if (body != NULL) {
		if (body->full)
			return (SR_E_LIMIT_EXCEEDED);
		call.body = secbuf_bytes(body->text);
		call.body_len = secbuf_len(body->text);
	}
	secbuf_set_len(api->reply, 0);
	api->next_chunk = 0;
	if ((err = http_call(api->client, &call, &reply)) != SR_OK)
		return (err);
	if (reply.failure != HTTP_FAILURE_NONE)
		return (failed(reply.failure));
	return (reply.status == 200 || reply.status == 201 ? SR_OK :
	    refusal(api, reply.status));
}
