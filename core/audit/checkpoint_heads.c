#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "core/audit/checkpoint_heads.h"
#include "core/audit/checkpoint_internal.h"
#include "core/log/log.h"

/* No line that holds a head is longer. */
#define LINE_MAX_LEN	4096
#define NOTE_LINES	6
#define ORIGIN		"strongroom.audit/"
#define EVENT		"\"event\":\""
#define EVENT_HEAD	"\"event\":\"audit_checkpoint\""

struct reader {
	checkpoint_head_fn * fn;
	void * cookie;
	char line[LINE_MAX_LEN + 1];
	size_t len;
	bool too_long;		/* The rest of this line is passed over. */
	char note[CHECKPOINT_NOTE_MAX];
	size_t note_len;
	unsigned note_lines;	/* 0: none has begun. */
};

/* The value of ${key} behind ${from}, ${len} characters and a quote or, with
 * len 0, a number. */
static const char *
value_of(const char * from, const char * key, size_t len)
{
	const char * p = strstr(from, key);

	if (p == NULL)
		return (NULL);
	p += strlen(key);
	return (len == 0 || (strlen(p) > len && p[len] == '"') ? p : NULL);
}

static bool
hex_of(const char * from, const char * key, uint8_t * out, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const char * p = value_of(from, key, 2 * size), * d;
	size_t i;

	if (p == NULL)
		return (false);
	memset(out, 0, size);
	for (i = 0; i < 2 * size; i++) {
		if ((d = strchr(digits, p[i])) == NULL)
			return (false);
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (d - digits));
	}
	return (true);
}

static bool
size_of(const char * from, uint64_t * size)
{
	const char * p = value_of(from, "\"size\":", 0);
	char * end;

	if (p == NULL || *p < '0' || *p > '9')
		return (false);
	errno = 0;
	*size = strtoumax(p, &end, 10);
	return (errno == 0 && (*end == ',' || *end == '}'));
}

static bool
time_of(const char * from, sr_time * t)
{
	const char * p = value_of(from, "\"made_at\":\"", SR_TIME_STRLEN);
	char text[SR_TIME_STRLEN + 1];

	if (p == NULL)
		return (false);
	memcpy(text, p, SR_TIME_STRLEN);
	text[SR_TIME_STRLEN] = '\0';
	return (clock_parse(text, t));
}

/* Undo one level of JSON's escapes, as far as they matter here. */
static void
unescape(char * line)
{
	char * to = line;

	for (; *line != '\0'; line++) {
		if (*line == '\\' && (line[1] == '"' || line[1] == '\\'))
			line++;
		*to++ = *line;
	}
	*to = '\0';
}

/*
 * Texts within a log line have backslashes before their quotes, so that nobody
 * can write an event into one. Only a line that shows no event of its own is a
 * line within another.
 */
static enum sr_error
take_log_line(struct reader * r)
{
	struct checkpoint c = { .tree_size = 0 };
	uint8_t signer[SIGN_PUBLIC_LEN];
	const char * p;

	if (strstr(r->line, "audit_checkpoint") == NULL)
		return (SR_OK);
	if (strstr(r->line, EVENT) == NULL)
		unescape(r->line);
	if ((p = strstr(r->line, EVENT)) == NULL ||
	    strncmp(p, EVENT_HEAD, sizeof(EVENT_HEAD) - 1) != 0 ||
	    !size_of(p, &c.tree_size) || !time_of(p, &c.made_at) ||
	    !hex_of(p, "\"root\":\"", c.root, MERKLE_LEN) ||
	    !hex_of(p, "\"signer\":\"", signer, SIGN_PUBLIC_LEN) ||
	    !hex_of(p, "\"signature\":\"", c.signature, SIGN_LEN))
		return (SR_OK);
	checkpoint_name_key(signer, c.named);
	return (r->fn(&c, r->cookie));
}

/* A note begins with its origin, wherever that comes. */
static enum sr_error
take_note_line(struct reader * r)
{
	struct checkpoint c;

	if (strncmp(r->line, ORIGIN, sizeof(ORIGIN) - 1) == 0) {
		r->note_lines = 0;
		r->note_len = 0;
	} else if (r->note_lines == 0) {
		return (SR_OK);
	}
	if (r->len + 1 > sizeof(r->note) - r->note_len) {
		r->note_lines = 0;
		return (SR_OK);
	}
	memcpy(r->note + r->note_len, r->line, r->len);
	r->note_len += r->len;
	r->note[r->note_len++] = '\n';
	if (++r->note_lines < NOTE_LINES)
		return (SR_OK);
	r->note_lines = 0;
	if (!checkpoint_note_parse(r->note, r->note_len, &c))
		return (SR_OK);
	return (r->fn(&c, r->cookie));
}

static enum sr_error
end_line(struct reader * r)
{
	enum sr_error err = SR_OK;

	if (r->len > 0 && r->line[r->len - 1] == '\r')
		r->len--;
	r->line[r->len] = '\0';
	if (r->too_long)
		r->note_lines = 0;
	else if ((err = take_note_line(r)) == SR_OK)
		err = take_log_line(r);
	r->len = 0;
	r->too_long = false;
	return (err);
}

static enum sr_error
take_bytes(struct reader * r, const char * p, size_t len)
{
	enum sr_error err = SR_OK;
	size_t i;

	for (i = 0; i < len && err == SR_OK; i++) {
		if (p[i] == '\n')
			err = end_line(r);
		else if (r->len == LINE_MAX_LEN)
			r->too_long = true;
		else
			r->line[r->len++] = p[i];
	}
	return (err);
}

/** checkpoint_heads_read(fd, fn, cookie): each head in the file. */
enum sr_error
checkpoint_heads_read(int fd, checkpoint_head_fn * fn, void * cookie)
{
	struct reader r = { .fn = fn, .cookie = cookie };
	enum sr_error err = SR_OK;
	char buf[16384];
	ssize_t n;

	do {
		while ((n = read(fd, buf, sizeof(buf))) == -1 &&
		    errno == EINTR)
			continue;
		if (n == -1)
			return (sr_fail(SR_E_INPUT_UNREADABLE,
			    log_const("input", "heads"),
			    log_i64("errno", errno)));
		err = take_bytes(&r, buf, (size_t)n);
	} while (n > 0 && err == SR_OK);
	/* A last line without its end. */
	return (err == SR_OK && r.len > 0 ? end_line(&r) : err);
}
