/* What kinds of artifacts there are, and how their bytes are to be read. */

#include <string.h>
#include <strings.h>

#include "core/runs/artifact_internal.h"

static const char * const names[ARTIFACT_KIND__MAX] = {
	[ARTIFACT_LOG] = "log", [ARTIFACT_DIFF] = "diff",
	[ARTIFACT_REPORT] = "report", [ARTIFACT_FILE] = "file",
};

const char *
artifact_kind_name(enum artifact_kind kind)
{

	must(kind < ARTIFACT_KIND__MAX);
	return (names[kind]);
}

bool
artifact_kind_parse(const char * text, enum artifact_kind * out)
{
	size_t i;

	for (i = 0; i < COUNTOF(names); i++)
		if (strcmp(names[i], text) == 0) {
			*out = (enum artifact_kind)i;
			return (true);
		}
	return (false);
}

/* RFC 6838, 4.2: a name of it. */
static size_t
restricted(const char * p)
{

	return (strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789!#$&^_.+-"));
}

/** artifact_media_good(type): whether it is type/subtype, without more. */
bool
artifact_media_good(const char * type)
{
	size_t n = restricted(type);

	if (n == 0 || type[n] != '/' || strlen(type) > ARTIFACT_MEDIA_MAX)
		return (false);
	type += n + 1;
	n = restricted(type);
	return (n > 0 && type[n] == '\0');
}

static bool
ends(const char * text, const char * end)
{
	size_t a = strlen(text), b = strlen(end);

	return (a >= b && strcasecmp(&text[a - b], end) == 0);
}

/* Types of application/ that are text. */
static bool
is_text(const char * subtype)
{
	static const char * const texts[] = { "xml", "x-ndjson", "jsonl",
	    "yaml", "x-yaml", "toml", "javascript", "x-sh", "x-diff",
	    "x-patch", "sql", "x-httpd-php", "x-tex" };
	size_t i;

	for (i = 0; i < COUNTOF(texts); i++)
		if (strcasecmp(texts[i], subtype) == 0)
			return (true);
	return (ends(subtype, "+xml") || ends(subtype, "+yaml"));
}

/** artifact_form_of(media_type): by its name alone. */
enum artifact_form
artifact_form_of(const char * media_type)
{
	static const char application[] = "application/";

	if (ends(media_type, "/json") || ends(media_type, "+json"))
		return (ARTIFACT_JSON);
	if (strncasecmp(media_type, "text/", 5) == 0 ||
	    ends(media_type, "+xml"))
		return (ARTIFACT_TEXT);
	if (strncasecmp(media_type, application, strlen(application)) == 0 &&
	    is_text(&media_type[strlen(application)]))
		return (ARTIFACT_TEXT);
	return (ARTIFACT_BINARY);
}

/** artifact_compressed(bytes, len): gzip, zip, zstd, xz, bzip2, 7z, … */
bool
artifact_compressed(const char * bytes, size_t len)
{
	static const struct {
		const char * bytes;
		size_t len;
	} begins[] = { { "\x1f\x8b", 2 }, { "\x1f\x9d", 2 }, { "PK\3\4", 4 },
	    { "PK\5\6", 4 }, { "\x28\xb5\x2f\xfd", 4 },
	    { "\xfd" "7zXZ", 5 }, { "7z\xbc\xaf", 4 }, { "Rar!\x1a", 5 },
	    { "\x04\x22\x4d\x18", 4 }, { "%PDF-", 5 } };
	size_t i;

	for (i = 0; i < COUNTOF(begins); i++)
		if (len >= begins[i].len && strncmp(bytes, begins[i].bytes,
		    begins[i].len) == 0)
			return (true);
	/* "BZh" alone would be a word; a digit and pi follow. */
	return (len >= 5 && strncmp(bytes, "BZh", 3) == 0 &&
	    bytes[3] >= '1' && bytes[3] <= '9' && bytes[4] == '1');
}
