#include <arpa/inet.h>

#include <stdlib.h>
#include <string.h>

#include "cgi/proxy.h"

#define V4_BITS		96	/* Of ::ffff:0:0/96. */
#define SEPARATORS	", \t"

static bool
parse_address(const char * text, uint8_t out[16])
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET6, text, &six) == 1) {
		memcpy(out, six.s6_addr, 16);
		return (true);
	}
	if (inet_pton(AF_INET, text, &four) != 1)
		return (false);
	memset(out, 0, 10);
	memset(out + 10, 0xff, 2);
	memcpy(out + 12, &four.s_addr, 4);
	return (true);
}

static bool
parse_bits(const char * text, unsigned most, unsigned * out)
{
	size_t len = strlen(text);
	unsigned long n;

	if (len == 0 || len > 3 || strspn(text, "0123456789") != len)
		return (false);
	n = strtoul(text, NULL, 10);
	if (n > most)
		return (false);
	*out = (unsigned)n;
	return (true);
}

/* ${text} is taken apart. */
static bool
parse_network(char * text, struct proxy_network * out)
{
	char * slash = strchr(text, '/');
	bool four = strchr(text, ':') == NULL;
	unsigned bits = four ? 32 : 128;

	if (slash != NULL) {
		*slash = '\0';
		if (!parse_bits(slash + 1, bits, &bits))
			return (false);
	}
	out->bits = four ? bits + V4_BITS : bits;
	return (parse_address(text, out->address));
}

bool
proxies_parse(const char * text, struct proxies * out)
{
	char one[PROXY_ADDRESS_MAX + 8];
	size_t len;

	out->n = 0;
	for (;;) {
		text += strspn(text, SEPARATORS);
		if (*text == '\0')
			return (true);
		len = strcspn(text, SEPARATORS);
		if (len >= sizeof(one) || out->n == PROXIES_MAX)
			return (false);
		memcpy(one, text, len);
		one[len] = '\0';
		if (!parse_network(one, &out->network[out->n]))
			return (false);
		out->n++;
		text += len;
	}
}

static bool
in_network(const struct proxy_network * n, const uint8_t a[16])
{
	unsigned bit;

	for (unsigned i = 0; i < 16 && i * 8 < n->bits; i++) {
		bit = n->bits - i * 8;
		if (((a[i] ^ n->address[i]) >> (bit >= 8 ? 0 : 8 - bit)) != 0)
			return (false);
	}
	return (true);
}

bool
proxies_trusted(const struct proxies * p, const char * address)
{
	uint8_t a[16];

	if (!parse_address(address, a))
		return (false);
	for (size_t i = 0; i < p->n; i++) {
		if (in_network(&p->network[i], a))
			return (true);
	}
	return (false);
}

/* The last element of ${text}, of which ${len} bytes are left, and less. */
static bool
take_last(const char * text, size_t * len, char out[PROXY_ADDRESS_MAX + 1])
{
	uint8_t unread[16];
	size_t end = *len, begin, n;

	while (end > 0 && strchr(" \t", text[end - 1]) != NULL)
		end--;
	begin = end;
	while (begin > 0 && text[begin - 1] != ',')
		begin--;
	*len = begin > 0 ? begin - 1 : 0;
	while (begin < end && strchr(" \t", text[begin]) != NULL)
		begin++;
	n = end - begin;
	if (n == 0 || n > PROXY_ADDRESS_MAX)
		return (false);
	memcpy(out, text + begin, n);
	out[n] = '\0';
	return (parse_address(out, unread));
}

void
proxies_client(const struct proxies * p, const char * remote,
    const char * forwarded, char out[PROXY_ADDRESS_MAX + 1])
{
	char next[PROXY_ADDRESS_MAX + 1];
	size_t left = strlen(forwarded);

	(void)snprintf(out, PROXY_ADDRESS_MAX + 1, "%s", remote);
	while (left > 0 && proxies_trusted(p, out) &&
	    take_last(forwarded, &left, next))
		(void)snprintf(out, PROXY_ADDRESS_MAX + 1, "%s", next);
}
