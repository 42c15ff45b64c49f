#ifndef SR_CLI_RUN_API_H
#define SR_CLI_RUN_API_H

/*
 * Calls of a server's API with a key. The key is a line of a header in a
 * secbuf; what is sent and what comes back are in secbufs too.
 */

#include "core/base/error.h"

struct cli;
struct run_api;
struct run_body;
struct secbuf;

/**
 * run_api_new(cli, address, out):
 * Takes the key out of the environment, before all else. Errors:
 * CONFIG_SOURCES_CONFLICT (it is given in two ways), API_KEY_NOT_GIVEN,
 * SERVER_ADDRESS_INVALID, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error run_api_new(struct cli * cli, const char * address,
    struct run_api ** out);

/** run_api_free(api): wipe and release; *api becomes NULL; may be NULL. */
void run_api_free(struct run_api ** api);

/**
 * run_api_call(api, method, path, body):
 * ${path} is what follows the address; ${body} NULL: none. Errors:
 * SERVER_UNAVAILABLE, SERVER_NOT_TRUSTED, SERVER_REPLY_INVALID, OUT_OF_MEMORY,
 * and what the server says, by its name.
 */
SR_NODISCARD enum sr_error run_api_call(struct run_api * api,
    const char * method, const char * path, const struct run_body * body);

/** run_api_reply(api): of the last call; until the next one. */
struct secbuf * run_api_reply(struct run_api * api);

/** run_api_next_chunk(api): that the last refusal names; 0: none. */
uint64_t run_api_next_chunk(const struct run_api * api);

/** run_api_wipe(api): the last reply is done with. */
void run_api_wipe(struct run_api * api);

#endif /* !SR_CLI_RUN_API_H */
