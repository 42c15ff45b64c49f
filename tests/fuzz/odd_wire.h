#ifndef SR_TESTS_FUZZ_ODD_WIRE_H
#define SR_TESTS_FUZZ_ODD_WIRE_H

/* The requests of odd.h as the bytes of HTTP, and as records of FastCGI. */

#include "tests/fuzz/odd.h"

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

#endif /* !SR_TESTS_FUZZ_ODD_WIRE_H */
