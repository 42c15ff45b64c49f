#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/store/backup_internal.h"

static void
put_hex(struct strbuf * out, const uint8_t * bytes, size_t len)
{

	for (size_t i = 0; i < len; i++)
		strbuf_printf(out, "%02x", bytes[i]);
}

/** backup_manifest_text(m, out): what is signed. */
void
backup_manifest_text(const struct backup_manifest * m, struct strbuf * out)
{
	char time[SR_TIME_STRLEN + 1];

	clock_format(m->made_at, time);
	backup_first_line(m->schema, out);
	strbuf_printf(out, "time %s\nkey ", time);
	put_hex(out, m->public_key, sizeof(m->public_key));
	strbuf_printf(out, "\nhead %" PRIu64 " ", m->tree_size);
	put_hex(out, m->root, sizeof(m->root));
	strbuf_puts(out, "\n");
	for (int i = 0; i < BACKUP__MAX; i++) {
		strbuf_printf(out, "table %s %" PRIu64 " ",
		    backup_table_name((enum backup_table)i), m->table[i].rows);
		put_hex(out, m->table[i].digest, MAC_LEN);
		strbuf_puts(out, "\n");
	}
}

static bool
hex(const char * p, uint8_t * out, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const char * d;

	memset(out, 0, size);
	for (size_t i = 0; i < 2 * size; i++) {
		if (p[i] == '\0' || (d = strchr(digits, p[i])) == NULL)
			return (false);
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (d - digits));
	}
	return (true);
}

/* What follows ${word}, which begins a line. */
static const char *
behind(const char * text, const char * word)
{
	const char * p = strstr(text, word);

	return (p == NULL ? NULL : p + strlen(word));
}

static bool
take(const char * text, struct backup_manifest * m)
{
	const char * time = behind(text, "\ntime ");
	const char * key = behind(text, "\nkey ");
	const char * head = behind(text, "\nhead ");
	char t[SR_TIME_STRLEN + 1];
	char * end;

	if (time == NULL || key == NULL || head == NULL ||
	    strlen(time) < SR_TIME_STRLEN)
		return (false);
	memcpy(t, time, SR_TIME_STRLEN);
	t[SR_TIME_STRLEN] = '\0';
	errno = 0;
	m->tree_size = strtoumax(head, &end, 10);
	return (clock_parse(t, &m->made_at) && errno == 0 && *end == ' ' &&
	    hex(end + 1, m->root, sizeof(m->root)) &&
	    hex(key, m->public_key, sizeof(m->public_key)));
}

/** backup_manifest_take(text, len, m): and whether it is that of ${m}. */
bool
backup_manifest_take(const char * text, size_t len, struct backup_manifest * m)
{
	struct strbuf own;
	bool same;

	if (strlen(text) != len || !take(text, m))
		return (false);
	strbuf_init(&own, BACKUP_TEXT_MAX);
	backup_manifest_text(m, &own);
	same = strbuf_status(&own) == SR_OK && own.len == len &&
	    strcmp(strbuf_str(&own), text) == 0;
	strbuf_free(&own);
	return (same);
}
