#include <string.h>

#include "core/audit/chain.h"
#include "core/base/strbuf.h"

#define MESSAGE_START	"strongroom audit 1"

static void
add_column(struct strbuf * b, const void * bytes, size_t len)
{
	uint8_t head[5] = { 0x01, (uint8_t)(len >> 24), (uint8_t)(len >> 16),
	    (uint8_t)(len >> 8), (uint8_t)len };

	if (bytes == NULL) {
		strbuf_putc(b, '\0');
		return;
	}
	strbuf_add(b, head, sizeof(head));
	strbuf_add(b, bytes, len);
}

static void
add_text(struct strbuf * b, const char * text)
{

	add_column(b, text, text == NULL ? 0 : strlen(text));
}

static void
add_id(struct strbuf * b, const struct sr_id * id)
{

	add_column(b, id == NULL ? NULL : id->b, sizeof(id->b));
}

static void
add_number(struct strbuf * b, uint64_t n)
{
	uint8_t bytes[8];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(n >> (56 - 8 * i));
	add_column(b, bytes, sizeof(bytes));
}

/** chain_encode(row, out): append the message. */
void
chain_encode(const struct chain_row * row, struct strbuf * out)
{

	strbuf_add(out, MESSAGE_START, strlen(MESSAGE_START));
	add_id(out, &row->id);
	add_id(out, &row->chain_id);
	add_number(out, row->chain_seq);
	add_number(out, (uint64_t)row->occurred_at);
	add_text(out, row->actor_kind);
	add_id(out, row->actor_id);
	add_text(out, row->actor_label);
	add_text(out, row->action);
	add_text(out, row->target_kind);
	add_id(out, row->target_id);
	add_text(out, row->scope);
	add_text(out, row->name);
	if (row->key_version == 0)
		add_column(out, NULL, 0);
	else
		add_number(out, row->key_version);
	add_text(out, row->outcome);
	add_text(out, row->error_type);
	add_id(out, &row->correlation_id);
	add_column(out, row->prev_mac, MAC_LEN);
}

/** chain_encode_mac(mac, out): append the MAC (or NULL) as a column. */
void
chain_encode_mac(const uint8_t * mac, struct strbuf * out)
{

	add_column(out, mac, MAC_LEN);
}

/** chain_mac(key, row, mac): the MAC of a row. */
enum sr_error
chain_mac(const struct secbuf * key, const struct chain_row * row,
    uint8_t mac[MAC_LEN])
{
	struct strbuf message;
	enum sr_error err;

	strbuf_init(&message, CHAIN_MESSAGE_MAX);
	chain_encode(row, &message);
	if ((err = strbuf_status(&message)) == SR_OK)
		mac_compute(key, strbuf_str(&message), message.len, mac);
	strbuf_free(&message);
	return (err);
}
