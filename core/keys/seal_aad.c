#include <string.h>

#include "core/keys/seal_internal.h"

static void
put(struct seal_aad_bytes * out, const void * bytes, size_t len)
{

	must(len <= sizeof(out->b) - out->len);
	memcpy(&out->b[out->len], bytes, len);
	out->len += len;
}

static void
put_number(struct seal_aad_bytes * out, uint64_t value, size_t bytes)
{
	uint8_t b;

	while (bytes-- > 0) {
		b = (uint8_t)(value >> (8 * bytes));
		put(out, &b, 1);
	}
}

static void
put_string(struct seal_aad_bytes * out, const char * text, size_t len)
{

	put_number(out, len, 2);
	put(out, text, len);
}

/** seal_aad_row(aad, use, kek_version, out): seal.FORMAT 4, uses 01 and 02. */
bool
seal_aad_row(const struct seal_aad * aad, enum seal_use use,
    uint32_t kek_version, struct seal_aad_bytes * out)
{
	size_t len = aad->name == NULL ? 0 : strlen(aad->name);

	out->len = 0;
	if (len == 0 || len > SEAL_NAME_MAX)
		return (false);
	put(out, use == SEAL_USE_VALUE ? "SRv1" : "SRw1", SEAL_MAGIC_LEN);
	put_number(out, use, 1);
	if (use != SEAL_USE_VALUE)
		put_number(out, kek_version, 4);
	put(out, aad->secret_id.b, sizeof(aad->secret_id.b));
	put_number(out, aad->scope, 1);
	put(out, aad->project_id.b, sizeof(aad->project_id.b));
	put_number(out, aad->key_version, 4);
	put_string(out, aad->name, len);
	return (true);
}

/** seal_aad_system(purpose, version, kek_version, out): use 03. */
bool
seal_aad_system(const char * purpose, uint32_t version, uint32_t kek_version,
    struct seal_aad_bytes * out)
{
	size_t len = strlen(purpose);

	out->len = 0;
	if (len == 0 || len > SEAL_PURPOSE_MAX)
		return (false);
	put(out, "SRw1", SEAL_MAGIC_LEN);
	put_number(out, SEAL_USE_SYSTEM_KEY, 1);
	put_number(out, kek_version, 4);
	put_number(out, version, 4);
	put_string(out, purpose, len);
	return (true);
}

/** seal_aad_tail(place, out): use 04. */
bool
seal_aad_tail(const struct tail_place * place, struct seal_aad_bytes * out)
{
	size_t len = place->stream == NULL ? 0 : strlen(place->stream);

	out->len = 0;
	if (len == 0 || len > TAIL_STREAM_MAX)
		return (false);
	put(out, "SRt1", SEAL_MAGIC_LEN);
	put_number(out, SEAL_USE_TAIL, 1);
	put(out, place->run_id.b, sizeof(place->run_id.b));
	put_number(out, place->chunk, 8);
	put_string(out, place->stream, len);
	return (true);
}
