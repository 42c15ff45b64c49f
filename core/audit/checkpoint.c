#include "core/audit/checkpoint.h"
#include "core/base/strbuf.h"

/** checkpoint_leaf(row, mac, out): the leaf hash of a row. */
enum sr_error
checkpoint_leaf(const struct chain_row * row, const uint8_t * mac,
    uint8_t out[MERKLE_LEN])
{
	struct strbuf leaf;
	enum sr_error err;

	strbuf_init(&leaf, CHAIN_MESSAGE_MAX);
	chain_encode(row, &leaf);
	chain_encode_mac(mac, &leaf);
	if ((err = strbuf_status(&leaf)) == SR_OK)
		merkle_leaf(strbuf_str(&leaf), leaf.len, out);
	strbuf_free(&leaf);
	return (err);
}
