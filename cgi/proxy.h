#ifndef SR_CGI_PROXY_H
#define SR_CGI_PROXY_H

/*
 * Which client a request came from (config access.trusted_proxies). A header
 * says what its sender wants it to say, so X-Forwarded-For is believed only as
 * far as proxies that are known wrote it: from its end to the first address
 * that is none of them.
 */

#include "core/base/base.h"

#define PROXIES_MAX	32
#define PROXY_ADDRESS_MAX	45

struct proxy_network {
	uint8_t address[16];	/* IPv4 as ::ffff:a.b.c.d */
	unsigned bits;
};

struct proxies {
	struct proxy_network network[PROXIES_MAX];
	size_t n;
};

/**
 * proxies_parse(text, out):
 * Addresses and networks such as 10.0.0.0/8 and fd00::/8, with commas and
 * blanks between; "" is none. False if it is anything else, or more than
 * PROXIES_MAX.
 */
bool proxies_parse(const char * text, struct proxies * out);

/** proxies_trusted(p, address): whether ${address} is one of ${p}. */
bool proxies_trusted(const struct proxies * p, const char * address);

/**
 * proxies_client(p, remote, forwarded, out):
 * ${remote}, unless that is one of ${p}: then the right-most address of
 * ${forwarded} ("" if there is none) that is none of them. What is no address
 * ends the walk: the last one that was believed is the client then.
 */
void proxies_client(const struct proxies * p, const char * remote,
    const char * forwarded, char out[PROXY_ADDRESS_MAX + 1]);

#endif /* !SR_CGI_PROXY_H */
