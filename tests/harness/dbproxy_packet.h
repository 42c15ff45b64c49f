#ifndef SR_TESTS_HARNESS_DBPROXY_PACKET_H
#define SR_TESTS_HARNESS_DBPROXY_PACKET_H

/* What the proxy knows of the packets of one connection. */

#include <string.h>

#include "tests/harness/dbproxy.h"

#define DBPROXY_PREPARED_MAX	65536
#define DBPROXY_BIT(what)	(1U << (what))

struct dbproxy_packets {
	unsigned preparing;		/* What is being prepared, until the
					   server has said its number; or 0. */
	uint8_t bits[DBPROXY_PREPARED_MAX]; /* What an execution of each is. */
};

static inline bool
is_text(const uint8_t * packet, size_t len, const char * text)
{

	return (packet[4] == 3 && len - 5 == strlen(text) &&
	    memcmp(packet + 5, text, len - 5) == 0);
}

static inline bool
has_text(const uint8_t * packet, size_t len, const char * text)
{

	return (memmem(packet, len, text, strlen(text)) != NULL);
}

/* Of several statements that are one. */
static inline void
note_prepared(struct dbproxy_packets * s, const uint8_t * packet, size_t len)
{
	unsigned bits = DBPROXY_BIT(DBPROXY_EXECUTE);

	if (has_text(packet, len, "BEGIN NOT ATOMIC")) {
		if (has_text(packet, len, " START TRANSACTION;"))
			bits |= DBPROXY_BIT(DBPROXY_BEGIN);
		if (has_text(packet, len, " COMMIT;"))
			bits |= DBPROXY_BIT(DBPROXY_COMMIT);
	}
	s->preparing = bits;
}

static inline size_t
dbproxy_number(const uint8_t * p)
{

	return ((size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16);
}

/* Which watched commands the packet is, a bit for each. An execution is of one
 * row of parameters or of an array of them. */
static inline unsigned
dbproxy_commands(struct dbproxy_packets * s, const uint8_t * packet, size_t len)
{
	size_t id;

	if (packet[3] != 0 || len < 5)
		return (0);
	if (is_text(packet, len, "COMMIT"))
		return (DBPROXY_BIT(DBPROXY_COMMIT));
	if (is_text(packet, len, "START TRANSACTION"))
		return (DBPROXY_BIT(DBPROXY_BEGIN));
	if (packet[4] == 0x16)
		note_prepared(s, packet, len);
	if ((packet[4] != 0x17 && packet[4] != 0xfa) || len < 9)
		return (0);
	id = dbproxy_number(packet + 5);
	return (id < DBPROXY_PREPARED_MAX && s->bits[id] != 0 ? s->bits[id] :
	    DBPROXY_BIT(DBPROXY_EXECUTE));
}

/* The server's bytes: what it has prepared has a number. */
static inline void
dbproxy_reply(struct dbproxy_packets * s, const uint8_t * bytes, size_t len)
{
	size_t id;

	if (s->preparing == 0 || len < 8)
		return;
	id = dbproxy_number(bytes + 5);
	if (bytes[4] == 0 && id < DBPROXY_PREPARED_MAX)
		s->bits[id] = (uint8_t)s->preparing;
	s->preparing = 0;
}

#endif /* !SR_TESTS_HARNESS_DBPROXY_PACKET_H */
