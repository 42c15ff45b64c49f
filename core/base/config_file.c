#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/config_internal.h"
#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"

#define CONFIG_FILE_MAX	((size_t)128 * 1024)
#define LINE_MAX_LEN	4096
#define WHERE_MAX	512

/*
 * The file may hold a password, so its bytes come from a secbuf, line by
 * line. Complaints name the line by number: what stands in an unknown place
 * may be a value.
 */
struct reading {
	struct config_load * load;
	const char * path;
	const char * text;	/* What is left. */
	size_t len;
	unsigned line;
	const char * now;	/* The line that the parser works on. */
	size_t now_len;
	bool seen[CFG__MAX];
};

static bool
complain_line(struct reading * r, const char * what)
{

	return (config_complain(r->load, SR_E_CONFIG_INVALID, "%s:%u: %s",
	    r->path, r->line, what));
}

/* The parser cuts long lines in two and would take the rest for a setting. */
static char *
next_line(char * into, int room, void * cookie)
{
	struct reading * r = cookie;
	const char * newline;
	size_t len;

	if (r->len == 0 || r->load->err != SR_OK)
		return (NULL);
	newline = memchr(r->text, '\n', r->len);
	len = newline == NULL ? r->len : (size_t)(newline - r->text) + 1;
	r->line++;
	r->now = r->text;
	r->now_len = len;
	r->text += len;
	r->len -= len;
	if (len >= (size_t)room) {
		(void)complain_line(r, "the line is too long");
		return (NULL);
	}
	if (memchr(r->now, '\0', len) != NULL) {
		(void)complain_line(r, "the line is not text");
		return (NULL);
	}
	memcpy(into, r->now, len);
	into[len] = '\0';
	return (into);
}

/* Find the row of a key; for a secret also with _file added. */
static bool
find(const char * section, const char * key, struct config_found * found)
{
	const struct config_row * row;
	size_t i, len;

	for (i = 0; i < CFG__MAX; i++) {
		row = config_row((enum config_id)i);
		len = strlen(row->key);
		if (strcmp(section, row->section) != 0 ||
		    strncmp(key, row->key, len) != 0)
			continue;
		found->id = (enum config_id)i;
		found->is_file_form = row->type == CONFIG_SECRET &&
		    strcmp(&key[len], "_file") == 0;
		if (key[len] == '\0' || found->is_file_form)
			return (true);
	}
	return (false);
}

/* The parser drops what follows blank and semicolon: half a password. */
static bool
looks_cut(const struct reading * r)
{
	size_t i;

	for (i = 1; i < r->now_len; i++) {
		if (r->now[i] == ';' && isspace((unsigned char)r->now[i - 1]))
			return (true);
	}
	return (false);
}

static bool
take_line(struct reading * r, const char * section, const char * key,
    const char * value)
{
	struct config_found found = { .level = LEVEL_FILE, .value = value };
	char where[WHERE_MAX];
	const struct config_row * row;
	const char * name;

	(void)snprintf(where, sizeof(where), "%s:%u", r->path, r->line);
	if ((name = config_named_section(section)) != NULL)
		return (config_take_named(r->load, name, key, value, where));
	/* Keys before the first [section] are those of main. */
	if (!find(section[0] == '\0' ? "main" : section, key, &found))
		return (complain_line(r, "no setting has this name here"));
	row = config_row(found.id);
	(void)snprintf(where, sizeof(where), "%s:%u: %s%s", r->path, r->line,
	    row->key, found.is_file_form ? "_file" : "");
	found.where = where;
	if (r->seen[found.id] && row->type != CONFIG_SECRET)
		return (complain_line(r, "this setting was set above"));
	if (row->type == CONFIG_SECRET && !found.is_file_form && looks_cut(r))
		return (config_complain(r->load, SR_E_CONFIG_INVALID,
		    "%s holds a blank before a semicolon, which starts a "
		    "comment; use %s_file", where, row->key));
	r->seen[found.id] = true;
	return (config_take(r->load, &found));
}

static int
handle(void * cookie, const char * section, const char * key,
    const char * value)
{

	return (take_line(cookie, section, key, value) ? 1 : 0);
}

/*
 * Lines are parsed on the heap, where they are wiped when freed, and not on
 * the stack; and paths are longer than the library's 200 bytes.
 */
static void
set_up_parser(void)
{

	ini_use_stack = false;
	ini_allow_realloc = false;
	ini_max_line = LINE_MAX_LEN;
	ini_initial_alloc = LINE_MAX_LEN;
}

static bool
read_whole(struct config_load * load, const char * path, struct secbuf ** out)
{
	enum sr_error err;
	int fd;

	if ((fd = config_open(path)) == -1)
		return (config_complain(load, SR_E_CONFIG_INVALID,
		    errno == EINVAL ? "%s is not a regular file" :
		    "%s cannot be opened", path));
	err = secbuf_read_fd(fd, CONFIG_FILE_MAX, out);
	(void)close(fd);
	if (err == SR_E_LIMIT_EXCEEDED)
		return (config_complain(load, SR_E_CONFIG_INVALID,
		    "%s is too large for a configuration file", path));
	if (err == SR_E_INPUT_UNREADABLE)
		return (config_complain(load, SR_E_CONFIG_INVALID,
		    "%s cannot be read", path));
	if (err != SR_OK)
		return (config_complain(load, err, "%s: %s", path,
		    sr_error_row(err)->title));
	return (true);
}

/** config_read_file(load, path): take the settings of a file. */
void
config_read_file(struct config_load * load, const char * path)
{
	struct reading r = { .load = load, .path = path };
	struct secbuf * whole;
	int bad;

	if (!read_whole(load, path, &whole))
		return;
	r.text = (const char *)secbuf_bytes(whole);
	r.len = secbuf_len(whole);
	set_up_parser();
	bad = ini_parse_stream(next_line, &r, handle, &r);
	secbuf_free(&whole);
	/* Our own complaint, if there is one, came first and stays. */
	if (bad > 0)
		(void)config_complain(load, SR_E_CONFIG_INVALID,
		    "%s:%d: neither [section] nor key = value", path, bad);
	else if (bad < 0)
		(void)config_complain(load, SR_E_OUT_OF_MEMORY,
		    "%s: out of memory", path);
}
